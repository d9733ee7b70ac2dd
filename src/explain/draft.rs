//! Everything that may have been signed of a request, for schemes that join parts or have rules of
//! their own.

use std::borrow::Cow;

use super::mistake::Mistake;
use super::search::{Axis, Draft, Drafts};
use super::{body, template, url};
use crate::message::Head;
use crate::scheme::{
    Canonical, Messages, Part, Presented, Read, Scheme, SenderUrl, Signed, SignedRequest,
};

/// Bytes of a body that is tried with every millisecond of its second.
const EVERY_MILLISECOND: usize = 16 << 10;

/// What the signed bytes are made of.
pub(super) struct RequestDrafts<'d> {
    scheme: &'d Scheme,
    head: &'d Head<'d>,
    sender_url: Option<&'d SenderUrl>,
    id: &'d [u8],
    body: Axis<Cow<'d, [u8]>>,
    time: Axis<Vec<u8>>,
    template: Axis<Vec<Part>>,
    url: Axis<String>,
    method: Axis<String>,
}

impl<'d> RequestDrafts<'d> {
    pub(super) fn new(
        scheme: &'d Scheme,
        presented: &'d Presented<'_>,
        head: &'d Head<'d>,
        sender_url: Option<&'d SenderUrl>,
        body: &'d [u8],
    ) -> Self {
        let request = SignedRequest { sender_url, ..SignedRequest::new(head, body) };
        let mut method = Axis::new(head.method().to_owned());
        let parts = match scheme.signed {
            Signed::Parts(parts) => parts,
            _ => &[],
        };
        if scheme.signs_method() {
            for other in [head.method().to_ascii_lowercase(), head.method().to_ascii_uppercase()] {
                if other != head.method() {
                    method.push(Mistake::Method(other.clone()), other);
                }
            }
        }
        Self {
            scheme,
            head,
            sender_url,
            id: presented.id(),
            body: body::bodies(head, body),
            time: template::times(scheme, head, presented.timestamp_text()),
            template: template::templates(parts),
            url: url::urls(scheme, request),
            method,
        }
    }

    fn draft(&self, at: [usize; 5], time: Option<Vec<u8>>, key: &[u8]) -> Option<Draft> {
        let [body_at, time_at, template_at, url_at, method_at] = at;
        let (body_mistake, body) = self.body.get(body_at)?;
        let (time_mistake, own_time) = self.time.get(time_at)?;
        let (template_mistake, parts) = self.template.get(template_at)?;
        let (url_mistake, url) = self.url.get(url_at)?;
        let (method_mistake, method) = self.method.get(method_at)?;
        let time = time.as_ref().unwrap_or(own_time);
        let mistakes = [body_mistake, time_mistake, template_mistake, url_mistake, method_mistake];
        let mistakes = mistakes.into_iter().flatten().cloned().collect();
        let messages = match self.scheme.signed {
            Signed::Canonical(canonical) => {
                self.canonical(canonical, body, url_mistake.is_some().then_some(url), method)?
            }
            _ => {
                if time.is_empty() && parts.contains(&Part::Timestamp) {
                    return None;
                }
                let presented = Presented::to_sign(time, self.id);
                let parts = presented.signed_parts(parts, method, url, key, body);
                vec![parts.collect::<Vec<_>>().concat()]
            }
        };
        Some(Draft { mistakes, messages })
    }

    /// What the provider's own rules make of a changed request.
    fn canonical(
        &self,
        canonical: Canonical,
        body: &[u8],
        url: Option<&String>,
        method: &str,
    ) -> Option<Vec<Vec<u8>>> {
        let called = url.map_or(self.head.url(), String::as_str);
        let head = Head::new(method, called, self.head.fields().to_vec())?;
        let tried = url.map(|url| SenderUrl::new(url, true));
        let sender_url = self.sender_url.map(|own| tried.as_ref().unwrap_or(own));
        let read = canonical.read(&head, body)?;
        match &read {
            // Several signatures have several causes.
            Read::Messages(Messages::All(messages)) if messages.len() != 1 => None,
            read => Some(read.in_full(sender_url)).filter(|messages| !messages.is_empty()),
        }
    }
}

impl Drafts for RequestDrafts<'_> {
    fn each(&self, mistakes: usize, key: &[u8], try_draft: &mut dyn FnMut(Draft) -> bool) {
        let lengths = [
            self.body.len(),
            self.time.len(),
            self.template.len(),
            self.url.len(),
            self.method.len(),
        ];
        places(&lengths, mistakes, &mut |at| {
            self.draft(at, None, key).is_some_and(&mut *try_draft)
        });
    }

    fn each_of_many(&self, key: &[u8], try_draft: &mut dyn FnMut(Draft) -> bool) {
        let seconds = self.time.get(0).map(|(_, text)| text.as_slice()).unwrap_or_default();
        let length = self.body.get(0).map_or(usize::MAX, |(_, body)| body.len());
        if !template::is_seconds(seconds) || length > EVERY_MILLISECOND {
            return;
        }
        for millisecond in 1..1000 {
            let text = [seconds, format!("{millisecond:03}").as_bytes()].concat();
            if let Some(mut draft) = self.draft([0; 5], Some(text), key) {
                draft.mistakes.push(Mistake::Milliseconds);
                if try_draft(draft) {
                    return;
                }
            }
        }
    }
}

/// Visits every choice of one place on each axis of which exactly so many are not the first, until
/// one visit says to stop; says whether one did.
pub(super) fn places(
    lengths: &[usize; 5],
    others: usize,
    visit: &mut dyn FnMut([usize; 5]) -> bool,
) -> bool {
    fn go(
        lengths: &[usize],
        axis: usize,
        others: usize,
        at: [usize; 5],
        visit: &mut dyn FnMut([usize; 5]) -> bool,
    ) -> bool {
        if others == 0 {
            return visit(at);
        }
        let Some((length, rest)) = lengths.split_first() else { return false };
        let next = axis.saturating_add(1);
        for place in 1..*length {
            let mut chosen = at;
            if let Some(slot) = chosen.get_mut(axis) {
                *slot = place;
            }
            if go(rest, next, others.saturating_sub(1), chosen, visit) {
                return true;
            }
        }
        go(rest, next, others, at, visit)
    }
    go(lengths, 0, others, [0; 5], visit)
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn visited(others: usize) -> Vec<[usize; 5]> {
        let mut all = Vec::new();
        places(&[3, 1, 2, 1, 2], others, &mut |at| {
            all.push(at);
            false
        });
        all
    }

    #[test]
    fn every_choice_is_visited_once() {
        assert_eq!(visited(0), [[0; 5]]);
        assert_eq!(
            visited(1),
            [[1, 0, 0, 0, 0], [2, 0, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 0, 1]]
        );
        let pairs = visited(2);
        assert_eq!(pairs.len(), 5);
        assert!(pairs.iter().all(|at| at.iter().filter(|place| **place > 0).count() == 2));
    }
}

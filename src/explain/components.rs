//! What goes wrong with signatures that say themselves what they cover (RFC 9421).

use super::body;
use super::mistake::Mistake;
use super::search::{Axis, Draft, Drafts};
use super::signature::Reading;
use super::url;
use crate::algorithm::Algorithm;
use crate::message::{Content, Head};
use crate::message_signature::{
    self, BareItem, CONTENT_DIGEST, Components, Entry, InnerList, Item, Member, Parameter,
    Requirement, SIGNATURE, SIGNATURE_INPUT, Signature, content_digest, dictionary, in_origin,
    signature_base,
};
use crate::time::UnixSeconds;

/// What a look at the fields shows, without any key.
pub(super) fn findings(
    head: &Head<'_>,
    body: &[u8],
    algorithm: Algorithm,
    requirements: &[&Requirement],
    now: UnixSeconds,
) -> Vec<Mistake> {
    let mut found = Vec::new();
    let mut entries = Vec::new();
    for name in [SIGNATURE_INPUT, SIGNATURE] {
        match head.combined(name).map(|value| dictionary(&value)) {
            Some(None) => found.push(Mistake::InputUnreadable(name.to_owned())),
            Some(Some(read)) => entries.push(read),
            None => {}
        }
    }
    if let [inputs, signatures] = entries.as_slice() {
        let named = |list: &[Entry], name: &str| list.iter().any(|entry| entry.name == name);
        if inputs.len() != signatures.len()
            || inputs.iter().any(|input| !named(signatures, &input.name))
        {
            found.push(Mistake::LabelsDiffer);
        }
        for input in inputs {
            if let Member::InnerList(covered) = &input.member {
                parameters(covered, algorithm, &mut found);
                let mut components = Components::new(head);
                let absent = covered
                    .items
                    .iter()
                    .filter(|item| in_origin(item).is_none() && components.value(item).is_none());
                found.extend(absent.map(|item| Mistake::ComponentAbsent(item.to_string())));
            }
        }
        for signature in signatures {
            if let Member::Item(Item { value: BareItem::Bytes(bytes), .. }) = &signature.member
                && algorithm.fixed_tag(bytes).is_none()
            {
                let bytes = bytes.len();
                let (least, most) = algorithm.tag_bytes().into_inner();
                let wanted =
                    if least == most { least.to_string() } else { format!("{least} to {most}") };
                found.push(Mistake::SignatureLength { bytes, wanted });
            }
        }
    }
    let read = message_signature::read(head, algorithm, now, &mut |_| Ok(())).unwrap_or_default();
    for signature in &read {
        let lists = requirements.iter().map(|requirement| unmet(signature, requirement, body));
        // What one of several senders does not ask for is not what is missing.
        let common = lists.reduce(|one, other| {
            one.into_iter().filter(|mistake| other.contains(mistake)).collect()
        });
        found.extend(common.unwrap_or_default());
    }
    if let Some(field) = head.combined(CONTENT_DIGEST)
        && !content_digest::matches(&field, Content::Read(body))
    {
        let bodies = body::bodies(head, body);
        let made_of =
            (1..bodies.len()).filter_map(|at| bodies.get(at)).find_map(|(mistake, other)| {
                mistake.clone().filter(|_| content_digest::matches(&field, Content::Read(other)))
            });
        found.push(made_of.map_or(Mistake::DigestDiffers, |of| Mistake::DigestOf(Box::new(of))));
    }
    found
}

/// What is wrong with the parameters of one signature.
fn parameters(covered: &InnerList, algorithm: Algorithm, found: &mut Vec<Mistake>) {
    for name in ["created", "keyid"] {
        if !covered.parameters.iter().any(|parameter| parameter.name == name) {
            found.push(Mistake::ParameterMissing(name));
        }
    }
    for Parameter { name, value } in &covered.parameters {
        match (name.as_str(), value) {
            ("created" | "expires", BareItem::Integer(_))
            | ("nonce" | "keyid" | "tag", BareItem::String(_)) => {}
            ("alg", BareItem::String(sent)) => {
                let wanted = algorithm.registered_name().unwrap_or_default();
                if sent != wanted {
                    found.push(Mistake::AlgorithmParameter { sent: sent.clone(), wanted });
                }
            }
            _ => found.push(Mistake::ParameterUnknown(name.clone())),
        }
    }
}

/// What the policy asks of a signature and does not get.
fn unmet(signature: &Signature, requirement: &Requirement, body: &[u8]) -> Vec<Mistake> {
    let mut found = Vec::new();
    let (keyid, tag) = signature.keyid_and_tag();
    if let Some(wanted) = requirement.keyid.as_ref().filter(|wanted| *wanted != keyid) {
        found.push(Mistake::KeyidDiffers { sent: keyid.to_owned(), wanted: wanted.clone() });
    }
    if let Some(wanted) = requirement.tag.as_ref().filter(|wanted| Some(wanted.as_str()) != tag) {
        found.push(Mistake::TagDiffers { wanted: wanted.clone() });
    }
    for name in requirement.components.iter().filter(|name| !signature.covers(name)) {
        if name != CONTENT_DIGEST {
            found.push(Mistake::ComponentNotCovered(name.clone()));
        } else if !body.is_empty() {
            found.push(Mistake::DigestAbsent);
        }
    }
    found
}

/// The bytes of each signature.
pub(super) fn readings(head: &Head<'_>, algorithm: Algorithm) -> Vec<Reading> {
    let signatures = head.combined(SIGNATURE).and_then(|value| dictionary(&value));
    let read = |entry: Entry| match entry.member {
        Member::Item(Item { value: BareItem::Bytes(bytes), .. }) => {
            let fixed = algorithm.fixed_tag(&bytes).is_some();
            let is_der = !fixed && algorithm.tag(&bytes).is_some();
            let mistakes =
                is_der.then_some(Mistake::WrittenAs("ASN.1 DER, not as the two numbers"));
            Some(Reading { bytes, mistakes: mistakes.into_iter().collect() })
        }
        _ => None,
    };
    signatures.unwrap_or_default().into_iter().filter_map(read).collect()
}

/// The signature bases that may have been signed.
pub(super) struct ComponentDrafts<'d> {
    head: &'d Head<'d>,
    inputs: Vec<(InnerList, String)>,
    /// Scheme and authority; nothing for the received ones.
    origin: Axis<Option<String>>,
    url: Axis<String>,
    method: Axis<String>,
    form: Axis<Form>,
}

/// How the base is ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Canonical,
    ParametersAsSent,
    LineEnd,
}

impl<'d> ComponentDrafts<'d> {
    pub(super) fn new(head: &'d Head<'d>, own_origin: Option<&str>) -> Self {
        let value = head.combined(SIGNATURE_INPUT).unwrap_or_default();
        let text = String::from_utf8_lossy(&value);
        let as_sent = text.split_once('=').map_or("", |(_, rest)| rest.trim());
        let entries = dictionary(&value).unwrap_or_default();
        let input = |entry: Entry| match entry.member {
            Member::InnerList(covered) => Some((covered, as_sent.to_owned())),
            Member::Item(_) => None,
        };
        let inputs = entries.into_iter().filter_map(input).collect();
        let mut origin = Axis::new(own_origin.map(str::to_owned));
        for other in url::origins(head.url(), head) {
            if own_origin != Some(other.as_str()) {
                origin.push(Mistake::Url(other.clone()), Some(other));
            }
        }
        let mut method = Axis::new(head.method().to_owned());
        let lower = head.method().to_ascii_lowercase();
        method.push(Mistake::Method(lower.clone()), lower);
        let mut form = Axis::new(Form::Canonical);
        form.push(Mistake::ParametersAsSent, Form::ParametersAsSent);
        form.push(Mistake::BaseWithLineEnd, Form::LineEnd);
        Self { head, inputs, origin, url: url::targets(head), method, form }
    }

    fn draft(&self, at: [usize; 5]) -> Option<Draft> {
        let [origin_at, url_at, method_at, form_at, _] = at;
        let (origin_mistake, origin) = self.origin.get(origin_at)?;
        let (url_mistake, url) = self.url.get(url_at)?;
        let (method_mistake, method) = self.method.get(method_at)?;
        let (form_mistake, form) = self.form.get(form_at)?;
        let mistakes = [origin_mistake, url_mistake, method_mistake, form_mistake];
        let mistakes = mistakes.into_iter().flatten().cloned().collect();
        let head = Head::new(method, url, self.head.fields().to_vec())?;
        let base = |(covered, as_sent): &(InnerList, String)| {
            let mut base = signature_base(covered, &head, origin.as_deref())?;
            match form {
                Form::Canonical => {}
                Form::LineEnd => base.push(b'\n'),
                Form::ParametersAsSent => {
                    let canonical = covered.to_string();
                    if self.inputs.len() != 1 || canonical == *as_sent {
                        return None;
                    }
                    base.truncate(base.len().saturating_sub(canonical.len()));
                    base.extend_from_slice(as_sent.as_bytes());
                }
            }
            Some(base)
        };
        Some(Draft { mistakes, messages: self.inputs.iter().filter_map(base).collect() })
    }
}

impl Drafts for ComponentDrafts<'_> {
    fn each(&self, mistakes: usize, _key: &[u8], try_draft: &mut dyn FnMut(Draft) -> bool) {
        let lengths = [self.origin.len(), self.url.len(), self.method.len(), self.form.len(), 1];
        super::draft::places(&lengths, mistakes, &mut |at| {
            self.draft(at).is_some_and(&mut *try_draft)
        });
    }
}

//! The way of a request through the checks, and the search for causes at its end.

use super::compare::{self, Comparison};
use super::components::{self, ComponentDrafts};
use super::draft::RequestDrafts;
use super::mistake::Mistake;
use super::search::{Cause, Drafts, Effort, Search};
use super::signature;
use super::step::{self, Step};
use super::url::as_signed;
use super::visible::visible;
use super::{Explainer, body, key, template};
use crate::keyring::Sender;
use crate::message::{CONNECTION, Head, Method, Occurrence};
use crate::message_signature::Requirement;
use crate::rejection::Rejection;
use crate::scheme::{Messages, Presented, Read, Scheme, SenderUrl, Signed, SignedRequest};
use crate::time::UnixSeconds;
use crate::verifier::{Access, Route, check_connection, greet};

/// What is told of a request.
#[derive(Default)]
pub(super) struct Walked {
    pub(super) steps: Vec<Step>,
    pub(super) received: Vec<String>,
    pub(super) comparisons: Vec<Comparison>,
    pub(super) causes: Vec<Cause>,
    pub(super) effort: Effort,
}

/// Tells the checks up to the one that the request was refused by.
pub(super) fn walk(
    explainer: &Explainer,
    head: &Head<'_>,
    body: &[u8],
    now: UnixSeconds,
    refused: Option<Rejection>,
) -> Walked {
    let mut walked = Walked::default();
    let found = explainer.verifier.route(head);
    let paths: Vec<&str> = explainer.verifier.paths().collect();
    let has_path = !matches!(found, Err(Rejection::NoRoute));
    walked.step("route", has_path, visible(head.path().as_bytes()), paths.join(", "));
    let found = match found {
        Ok(found) => found,
        Err(Rejection::MethodNotAllowed { allow }) => {
            walked.step("method", false, visible(head.method().as_bytes()), allow.0.to_string());
            return walked;
        }
        Err(_) => return walked,
    };
    let route = found.route;
    walked.steps.push(step::framing(head, route));
    if walked.has_failed() {
        return walked;
    }
    let Access::Signed { scheme, senders } = &route.access else {
        walked.step("method", true, head.method(), route.methods.to_string());
        walked.steps.push(step::body(body, route, found.method));
        return walked;
    };
    let senders: Vec<&Sender> =
        senders.iter().filter_map(|index| explainer.verifier.sender(*index)).collect();
    match greet(route, senders.iter().copied(), head, found.method) {
        Ok(None) => {}
        Ok(Some(_)) => {
            walked.step("handshake", refused.is_none(), "an unsigned handshake", scheme.name());
            return walked;
        }
        Err(_) => {
            walked.step("handshake", false, "the token of the query", "verify_token");
            return walked;
        }
    }
    let allowed = route.methods.contains(found.method);
    walked.step("method", allowed, head.method(), route.methods.to_string());
    if allowed {
        let signed = Signing { explainer, head, body, now, scheme, senders, route };
        signed.walk(found.method, refused, &mut walked);
    }
    walked
}

impl Walked {
    fn step(
        &mut self,
        check: &'static str,
        passed: bool,
        read: impl Into<String>,
        compared: impl Into<String>,
    ) {
        self.steps.push(Step::new(check, passed, read, compared));
    }

    fn has_failed(&self) -> bool {
        self.steps.iter().any(|step| !step.passed)
    }

    fn cause(&mut self, mistakes: Vec<Mistake>) {
        self.causes.push(Cause { mistakes, sender: None, secret: None });
    }
}

/// A request to a route that asks for a signature.
struct Signing<'w> {
    explainer: &'w Explainer,
    head: &'w Head<'w>,
    body: &'w [u8],
    now: UnixSeconds,
    scheme: &'static Scheme,
    senders: Vec<&'w Sender>,
    route: &'w Route,
}

impl Signing<'_> {
    fn walk(&self, method: Method, refused: Option<Rejection>, walked: &mut Walked) {
        let Self { head, body, now, senders, .. } = self;
        let scheme = self.scheme_by_fields();
        let tolerance = senders.iter().map(|sender| sender.tolerance).max().unwrap_or_default();
        let mut skew = None;
        let mut timestamp = None;
        let outcome = scheme.present(head, Some(body), *now, &mut |signed| {
            (skew, timestamp) = (Some(now.seconds_since(signed)), Some(signed));
            if now.is_within(tolerance, signed) {
                Ok(())
            } else {
                Err(Rejection::StaleTimestamp { server_time: *now })
            }
        });
        let window = (*now, tolerance, skew);
        walked.steps.extend(step::presented(scheme, head, body, &outcome, window));
        let rests = outcome.as_ref().map(|presented| check_connection(head, scheme, presented));
        if let Ok(Err(_)) = rests {
            let named: Vec<String> = head.values(CONNECTION).map(visible).collect();
            walked.step("connection", false, named.join(", "), "no field that is verified");
            return;
        }
        let values = signature::received(scheme, head, body);
        walked.received = values.iter().map(|value| visible(value)).collect();
        if let (Some(Rejection::StaleTimestamp { .. }), Some(skew), Some(signed)) =
            (refused, skew, timestamp)
        {
            let then = self.explainer.code(head, body, signed);
            walked.cause(vec![Mistake::Clock { ahead: skew, then }]);
            if let Ok(presented) = scheme.present(head, Some(body), *now, &mut |_| Ok(())) {
                walked.comparisons = self.comparisons(&presented);
            }
            if outcome.is_err() && then != "invalid_signature" {
                return;
            }
        }
        let available = senders.iter().any(|sender| sender.is_available());
        if !walked.has_failed() && !available {
            walked.step("secrets", false, "none is fit", "the secrets of one of the senders");
        }
        if !walked.has_failed() {
            walked.steps.push(step::body(body, self.route, method));
        }
        let presented = outcome.unwrap_or_default();
        if !walked.has_failed() {
            self.compare(&presented, refused, walked);
        }
        match refused {
            Some(Rejection::InvalidTimestamp { .. }) => {
                let text = self.read_again(scheme, presented);
                if template::is_seconds_or_milliseconds(text.timestamp_text()) {
                    walked.cause(vec![Mistake::Milliseconds]);
                }
            }
            Some(
                refused @ (Rejection::InvalidSignature
                | Rejection::MissingSignature
                | Rejection::StaleTimestamp { .. }),
            ) => self.search(scheme, presented, values, refused, walked),
            _ => {}
        }
    }

    /// The scheme, or the one under whose older names the fields are.
    fn scheme_by_fields(&self) -> &'static Scheme {
        let has = |scheme: &Scheme| !signature::received(scheme, self.head, self.body).is_empty();
        match self.scheme.fallback {
            Some(other) if !has(self.scheme) && has(other) => other,
            _ => self.scheme,
        }
    }

    fn comparisons(&self, presented: &Presented<'_>) -> Vec<Comparison> {
        let Self { explainer, head, body, now, senders, .. } = self;
        let request = SignedRequest::new(head, body);
        compare::comparisons(senders, &explainer.secrets, presented, request, *now)
    }

    fn compare(&self, presented: &Presented<'_>, refused: Option<Rejection>, walked: &mut Walked) {
        let Self { body, senders, .. } = self;
        walked.comparisons = self.comparisons(presented);
        let fits = walked.comparisons.iter().any(|one| one.matches && one.valid_now);
        let keys: usize = senders.iter().map(|sender| sender.keys.len()).sum();
        walked.step(
            "signature",
            fits,
            walked.received.join(", "),
            format!("what the keys of the route's senders make, {keys} in all"),
        );
        if !fits {
            return;
        }
        if refused == Some(Rejection::InvalidSignature) && !self.scheme.signs_components() {
            return self.elsewhere(walked);
        }
        let (check, compared) = match refused {
            None => match senders.iter().find_map(|sender| sender.replay) {
                Some(_) => ("replay", "the store of claims, which only the gate has"),
                None => return,
            },
            Some(Rejection::StaleTimestamp { .. }) => ("window", "the sender's own tolerance"),
            Some(Rejection::BodyRequired) => ("content", "a body that is not empty"),
            Some(Rejection::MissingSignature) => ("content", "a nonce, since replay is on"),
            Some(_) => ("content", "a digest of the body that is covered and right"),
        };
        walked.step(check, refused.is_none(), format!("{} bytes of body", body.len()), compared);
    }

    /// Tells that a right signature is over another URL than the request came to.
    fn elsewhere(&self, walked: &mut Walked) {
        let right = walked.comparisons.iter().find(|one| one.matches && one.valid_now);
        let signer =
            right.and_then(|right| self.senders.iter().find(|one| *one.id == right.sender));
        let url = signer.and_then(|sender| sender.url.as_ref()).map(SenderUrl::as_str);
        let (received, url) = (self.head.target().to_owned(), url.unwrap_or_default().to_owned());
        walked.step("target", false, received.clone(), format!("path and query of {url}"));
        walked.cause(vec![Mistake::AnotherTarget { received, url }]);
    }

    /// Looks for what makes the signature received.
    fn search(
        &self,
        scheme: &'static Scheme,
        presented: Presented<'_>,
        values: Vec<Vec<u8>>,
        refused: Rejection,
        walked: &mut Walked,
    ) {
        let Self { explainer, head, body, now, senders, .. } = self;
        let absent = |name: &&str| head.single(name) == Occurrence::Absent;
        for name in
            scheme.fields().filter(|name| refused == Rejection::MissingSignature && absent(name))
        {
            if let Some(found) = renamed(head, name) {
                let wanted = name.to_owned();
                walked.cause(vec![Mistake::FieldRenamed { wanted, found }]);
            }
        }
        if body::was_decompressed(head, body) {
            walked.cause(vec![Mistake::Decompressed]);
        }
        let ids: Vec<&str> = senders.iter().map(|sender| &*sender.id).collect();
        let keys = key::keys(&explainer.secrets, scheme, &ids, *now);
        let sender_url = senders.iter().find_map(|sender| sender.url.as_ref()).map(as_signed);
        let (sender_url, origin) =
            (sender_url.as_ref(), sender_url.as_ref().map(SenderUrl::as_str));
        let presented = self.read_again(scheme, presented);
        let (drafts, readings): (Box<dyn Drafts + '_>, _) = if scheme.signs_components() {
            let requirements: Vec<&Requirement> =
                senders.iter().filter_map(|sender| sender.requirement.as_ref()).collect();
            let algorithm = scheme.algorithm;
            let found = components::findings(head, body, algorithm, &requirements, *now);
            found.into_iter().for_each(|mistake| walked.cause(vec![mistake]));
            let readings = components::readings(head, algorithm);
            (Box::new(ComponentDrafts::new(head, origin)), readings)
        } else {
            let readings = match self.beside(scheme) {
                Some(tags) => tags,
                None => signature::readings(scheme, &values),
            };
            (Box::new(RequestDrafts::new(scheme, &presented, head, sender_url, body)), readings)
        };
        let algorithm = scheme.algorithm;
        let search = Search { drafts: &*drafts, keys: &keys, algorithm, readings: &readings };
        let (causes, effort) = search.run();
        walked.causes.extend(causes);
        walked.effort = effort;
    }

    /// What the request presents, whatever its time; where it cannot be read, the time's text alone.
    fn read_again<'r>(&'r self, scheme: &Scheme, presented: Presented<'r>) -> Presented<'r> {
        if !presented.timestamp_text().is_empty() {
            return presented;
        }
        let text = |source| match scheme.value(&source, self.head, scheme.document(Some(self.body)))
        {
            crate::scheme::Value::Once(value) => value,
            _ => Default::default(),
        };
        let time = scheme.timestamp.map(|rule| text(rule.source)).unwrap_or_default();
        let id = scheme.id.map(|rule| text(rule.source)).unwrap_or_default();
        Presented::to_sign(&time, &id).into_owned()
    }

    /// The signatures that stand beside what they cover.
    fn beside(&self, scheme: &Scheme) -> Option<Vec<signature::Reading>> {
        let Signed::Canonical(canonical) = scheme.signed else { return None };
        match canonical.read(self.head, self.body) {
            Some(Read::Messages(Messages::All(messages))) => {
                let reading = |tag: &crate::algorithm::Tag| signature::Reading {
                    bytes: tag.as_bytes().to_vec(),
                    mistakes: Vec::new(),
                };
                Some(messages.iter().map(|(_, tag)| reading(tag)).collect())
            }
            _ => None,
        }
    }
}

/// A field that differs from a name only by how it is spelled.
fn renamed(head: &Head<'_>, name: &str) -> Option<String> {
    let plain = |name: &str| {
        let letters: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
        let letters = letters.to_ascii_lowercase();
        letters.strip_prefix('x').map(str::to_owned).unwrap_or(letters)
    };
    let wanted = plain(name);
    let found = head
        .fields()
        .iter()
        .find(|field| !field.name().eq_ignore_ascii_case(name) && plain(field.name()) == wanted);
    found.map(|field| field.name().to_owned())
}

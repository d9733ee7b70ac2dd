//! The second half of the checks: what takes the body.

use super::outcome::{Cleared, Verified};
use super::refusal::Refusal;
use super::{Route, Verifier};
use crate::decision::Decision;
use crate::keyring::{Sender, Signer, find_signer};
use crate::message::Head;
use crate::message_signature::{CONTENT_DIGEST, content_digest};
use crate::rejection::Rejection;
use crate::replay::{Claim, Expiry, MARGIN, ReplayRule};
use crate::route::Method;
use crate::scheme::{Presented, Scheme, SignedRequest};
use crate::time::UnixSeconds;

/// When a request counts as fresh.
#[derive(Clone, Copy)]
pub(super) struct Window {
    pub(super) now: UnixSeconds,
    /// Seconds, both ways.
    pub(super) tolerance: u32,
}

impl Window {
    pub(super) fn check(
        self,
        timestamp: UnixSeconds,
        decision: &mut Decision<'_>,
    ) -> Result<(), Rejection> {
        decision.skew_seconds = Some(self.now.seconds_since(timestamp));
        if self.now.is_within(self.tolerance, timestamp) {
            Ok(())
        } else {
            Err(Rejection::StaleTimestamp { server_time: self.now })
        }
    }
}

/// What the body's own bytes must keep to.
pub(crate) fn check_body(body: &[u8], route: &Route, method: Method) -> Result<(), Rejection> {
    let limit = route.max_body;
    if body.len() > limit {
        Err(Rejection::BodyTooLarge { limit })
    } else if !body.is_empty() && !method.may_have_body() {
        Err(Rejection::BodyNotAllowed)
    } else {
        Ok(())
    }
}

/// Bytes of the longest nonce that is remembered.
const MAX_NONCE: usize = 256;

/// A request with the right form and time, whose signature has yet to be compared.
#[must_use = "nothing is verified before `finish`"]
pub struct Pending<'v, 'h> {
    pub(super) verifier: &'v Verifier,
    pub(super) senders: Vec<&'v Sender>,
    pub(super) head: &'h Head<'h>,
    pub(super) route: &'v Route,
    pub(super) method: Method,
    pub(super) scheme: &'static Scheme,
    pub(super) presented: Presented<'h>,
    pub(super) window: Window,
    pub(super) decision: Decision<'v>,
    /// Set where the head alone has been verified.
    pub(super) by_head: Option<VerifiedHead<'v>>,
}

/// What a signature over the head has proven.
#[derive(Clone, Copy)]
pub(super) struct VerifiedHead<'v> {
    signer: Signer<'v>,
    /// Whether it covers the body's digest.
    covers_digest: bool,
}

impl<'v, 'h> Pending<'v, 'h> {
    /// Takes the whole body, raw, and compares the signature over it.
    pub fn finish<B: AsRef<[u8]>>(
        mut self,
        body: B,
    ) -> Result<Verified<'v, 'h, B>, Box<Refusal<'v>>> {
        match self.verify(body.as_ref()) {
            Ok((signer, claim)) => {
                let Self { verifier, head, route, window, decision, .. } = self;
                let (sender, now) = (Some(signer.sender), window.now);
                let cleared = Cleared { verifier, head, route, sender, now, decision, body };
                Ok(Verified { signer, claim, cleared })
            }
            Err(rejection) => Err(Refusal::new(rejection, self.decision)),
        }
    }

    fn verify(&mut self, body: &[u8]) -> Result<(Signer<'v>, Option<Claim<'v>>), Rejection> {
        self.decision.body_bytes = Some(body.len());
        check_body(body, self.route, self.method)?;
        let signer = match self.by_head {
            Some(verified) => self.verify_content(verified, body)?,
            None => self.verify_all(body)?,
        };
        if body.is_empty() && !self.route.allow_empty_body && !self.scheme.binds_bodyless_requests()
        {
            return Err(Rejection::BodyRequired);
        }
        let claim = match signer.sender.replay {
            Some(rule) => {
                let request = SignedRequest::new(self.head, body);
                Some(claim(signer.sender, rule, &self.presented, request)?)
            }
            None => None,
        };
        Ok((signer, claim))
    }

    /// Verifies a signature that covers parts of the head, and the body by its digest.
    pub(super) fn verify_head(&mut self) -> Result<(), Rejection> {
        let request = SignedRequest::new(self.head, &[]);
        let signer = self.find_signer(request)?;
        let key = signer.key().ok_or(Rejection::InternalError)?;
        let covers_digest = self.presented.choose(key, signer.sender.request(request));
        self.identify(signer)?;
        if signer.sender.needs_nonce() {
            match self.presented.id_length() {
                0 => return Err(Rejection::MissingSignature),
                1..=MAX_NONCE if self.presented.has_one_nonce(signer.sender.request(request)) => {}
                _ => return Err(Rejection::InvalidSignature),
            }
        }
        let verified = VerifiedHead { signer, covers_digest };
        if self.head.declares_body() {
            verified.check_coverage()?;
        }
        self.by_head = Some(verified);
        Ok(())
    }

    fn verify_content(
        &self,
        verified: VerifiedHead<'v>,
        body: &[u8],
    ) -> Result<Signer<'v>, Rejection> {
        if !body.is_empty() {
            verified.check_coverage()?;
        }
        let digest = self.head.combined(CONTENT_DIGEST).unwrap_or_default();
        if verified.covers_digest && !content_digest::matches(&digest, body) {
            return Err(Rejection::InvalidSignature);
        }
        Ok(verified.signer)
    }

    /// Verifies a signature that covers the body itself.
    fn verify_all(&mut self, body: &[u8]) -> Result<Signer<'v>, Rejection> {
        let Self { head, window, decision, .. } = self;
        if self.scheme.reads_body() {
            let window = *window;
            let within = &mut |timestamp| window.check(timestamp, decision);
            self.presented =
                self.scheme.present(head, Some(body), window.now, within)?.into_owned();
        }
        let signer = self.find_signer(SignedRequest::new(self.head, body))?;
        self.identify(signer)?;
        Ok(signer)
    }

    fn find_signer(&self, request: SignedRequest<'_>) -> Result<Signer<'v>, Rejection> {
        let senders = self.senders.iter().copied();
        let signer = find_signer(senders.clone(), &self.presented, request, self.window.now);
        // Whose request it is cannot be told while one of the senders has no key.
        signer.ok_or_else(|| {
            if senders.clone().all(Sender::is_available) {
                Rejection::InvalidSignature
            } else {
                Rejection::Misconfigured
            }
        })
    }

    /// Notes whose request it is, and holds it to the sender's own window.
    fn identify(&mut self, signer: Signer<'v>) -> Result<(), Rejection> {
        let Self { window, decision, presented, .. } = self;
        decision.sender = Some(&signer.sender.id);
        decision.secret_index = Some(signer.key_index);
        match presented.timestamp() {
            Some(timestamp) => {
                Window { tolerance: signer.sender.tolerance, ..*window }.check(timestamp, decision)
            }
            None => Ok(()),
        }
    }
}

impl VerifiedHead<'_> {
    /// A body must be covered, where the policy does not leave that open.
    fn check_coverage(self) -> Result<(), Rejection> {
        let requirement = self.signer.sender.requirement.as_ref();
        let required = requirement.is_none_or(|requirement| {
            requirement.components.iter().any(|name| name == CONTENT_DIGEST)
        });
        if required && !self.covers_digest { Err(Rejection::InvalidSignature) } else { Ok(()) }
    }
}

/// The claim of a verified request.
fn claim<'v>(
    sender: &'v Sender,
    rule: ReplayRule,
    presented: &Presented<'_>,
    request: SignedRequest<'_>,
) -> Result<Claim<'v>, Rejection> {
    let id = presented.claim_id(rule.key, sender.scheme, sender.request(request));
    let expires = match (presented.timestamp(), rule.retention) {
        (Some(signed), _) => {
            let life = u64::from(sender.tolerance).saturating_add(u64::from(MARGIN));
            Some(Expiry::At(UnixSeconds::new(signed.get().saturating_add(life))))
        }
        (None, retention) => retention.map(Expiry::After),
    };
    // The policy takes no rule under which either is missing.
    let (id, expires) = id.zip(expires).ok_or(Rejection::InternalError)?;
    Ok(Claim::new(&sender.id, rule, id, expires))
}

impl core::fmt::Debug for Pending<'_, '_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Pending").field("decision", &self.decision).finish_non_exhaustive()
    }
}

/// A request to a public route. It goes on unverified, and says nothing about its sender.
#[derive(Debug)]
pub struct Public<'v, 'h> {
    pub(super) verifier: &'v Verifier,
    pub(super) head: &'h Head<'h>,
    pub(super) route: &'v Route,
    pub(super) method: Method,
    pub(super) now: UnixSeconds,
    pub(super) decision: Decision<'v>,
}

impl<'v, 'h> Public<'v, 'h> {
    /// Takes the whole body, of which only the length is looked at.
    pub fn finish<B: AsRef<[u8]>>(
        mut self,
        body: B,
    ) -> Result<Cleared<'v, 'h, B>, Box<Refusal<'v>>> {
        self.decision.body_bytes = Some(body.as_ref().len());
        let Self { verifier, head, route, method, now, decision } = self;
        match check_body(body.as_ref(), route, method) {
            Ok(()) => Ok(Cleared { verifier, head, route, sender: None, now, decision, body }),
            Err(rejection) => Err(Refusal::new(rejection, decision)),
        }
    }
}

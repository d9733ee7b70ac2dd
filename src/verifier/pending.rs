//! The second half of the checks: what takes the body.

use std::borrow::Cow;

use super::decision::Decision;
use super::outcome::{Cleared, Verified};
use super::refusal::Refusal;
use super::{Route, Verifier};
use crate::algorithm::{Cryptography, Failure};
use crate::keyring::{Sender, Signer, find_signer};
use crate::message::{Body, Content, Head, Method};
use crate::message_signature::{CONTENT_DIGEST, content_digest};
use crate::rejection::Rejection;
use crate::replay::{Claim, ClaimId, Expiry, MARGIN, ReplayKey, ReplayRule};
use crate::scheme::{ByUrl, Presented, Scheme, SignedMessages, SignedRequest};
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
pub(crate) fn check_body(length: usize, route: &Route, method: Method) -> Result<(), Rejection> {
    let limit = route.max_body;
    if length > limit {
        Err(Rejection::BodyTooLarge { limit })
    } else if length > 0 && !method.may_have_body() {
        Err(Rejection::BodyNotAllowed)
    } else {
        Ok(())
    }
}

/// Bytes of the longest nonce that is remembered.
const MAX_NONCE: usize = 256;

/// A request with the right form and time, whose signature has yet to be compared.
#[derive(Clone)]
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
    /// Whether a [`HashedBody`](crate::HashedBody) will do; otherwise the bytes themselves are needed.
    pub fn takes_hashes(&self) -> bool {
        let verifies_by_hashes =
            |sender: &&Sender| self.by_head.is_some() || sender.verifies_by_hashes();
        self.senders.iter().all(verifies_by_hashes)
            && self.verifier.seal.as_ref().is_none_or(|seal| seal.takes_hashes())
    }

    /// Takes the whole body, raw, and the time at which it is there, and compares the signature over it.
    /// One that is hashed elsewhere is refused with [`Rejection::InternalError`] where it is not
    /// [taken](Self::takes_hashes).
    ///
    /// A request that was fresh when its head came may be a minute past its window here, and the key that
    /// signed it a minute past its last moment: whoever holds a request back cannot keep it in stock.
    pub fn finish<B: Body>(
        mut self,
        body: B,
        now: UnixSeconds,
    ) -> Result<Verified<'v, 'h, B>, Box<Refusal<'v>>> {
        match self.verify(body.content(), now) {
            Ok((signer, claim)) => {
                let Self { verifier, head, route, decision, .. } = self;
                let sender = Some(signer.sender);
                let cleared = Cleared { verifier, head, route, sender, now, decision, body };
                Ok(Verified { signer, claim, cleared })
            }
            Err(rejection) => Err(Refusal::new(rejection, self.decision)),
        }
    }

    fn verify(
        &mut self,
        body: Content<'_>,
        now: UnixSeconds,
    ) -> Result<(Signer<'v>, Option<Claim<'v>>), Rejection> {
        self.decision.body_bytes = Some(body.len());
        check_body(body.len(), self.route, self.method)?;
        if body.bytes().is_none() && !self.takes_hashes() {
            return Err(Rejection::InternalError);
        }
        let signer = match self.by_head {
            Some(verified) => self.verify_content(verified, body)?,
            None => self.verify_all(body)?,
        };
        self.check_end(signer, now)?;
        if body.len() == 0
            && !self.route.allow_empty_body
            && !signer.sender.binds_bodyless_requests()
        {
            return Err(Rejection::BodyRequired);
        }
        let claim = match signer.sender.replay {
            Some(rule) => {
                let id = match rule.key {
                    ReplayKey::Nonce => Some(self.presented.nonce_claim_id()),
                    ReplayKey::Signature => {
                        let signed = self.signed_body(body);
                        let messages = self.messages(&signed).over(body.elsewhere());
                        messages.of(signer.sender.url.as_ref()).claim_id()
                    }
                };
                Some(claim(signer.sender, rule, &self.presented, id)?)
            }
            None => None,
        };
        Ok((signer, claim))
    }

    /// Holds a verified request to its time once more, now that its body is there.
    fn check_end(&mut self, signer: Signer<'v>, now: UnixSeconds) -> Result<(), Rejection> {
        if self.presented.is_over(signer.sender.tolerance, now) {
            let signed = self.presented.timestamp();
            self.decision.skew_seconds = signed.map(|signed| now.seconds_since(signed));
            return Err(Rejection::StaleTimestamp { server_time: now });
        }
        match signer.not_after() {
            Some(last) if last.plus(MARGIN) < now => Err(Rejection::InvalidSignature),
            _ => Ok(()),
        }
    }

    fn content_digest(&self) -> Option<Cow<'h, [u8]>> {
        self.head.combined(CONTENT_DIGEST)
    }

    /// Verifies a signature that covers parts of the head, and the body by its digest.
    pub(super) fn verify_head(&mut self) -> Result<(), Rejection> {
        let messages = self.messages(&[]);
        let mut messages = messages.by_url();
        let signer = self.find_signer_of(&mut messages)?;
        let key = signer.key().ok_or(Rejection::InternalError)?;
        let requirement = signer.sender.requirement.as_ref();
        let chosen = messages.of(signer.sender.url.as_ref()).chosen(key, requirement);
        let covers_digest = self.presented.choose(chosen.ok_or(Rejection::InternalError)?);
        self.identify(signer)?;
        if signer.sender.needs_nonce() {
            match self.presented.id_length() {
                0 => return Err(Rejection::MissingSignature),
                1..=MAX_NONCE if self.presented.has_one_nonce(requirement) => {}
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
        body: Content<'_>,
    ) -> Result<Signer<'v>, Rejection> {
        if body.len() > 0 {
            verified.check_coverage()?;
        }
        if !verified.covers_digest {
            return Ok(verified.signer);
        }
        let field = self.content_digest().unwrap_or_default();
        match content_digest::matches(&field, body) {
            true => Ok(verified.signer),
            false if self.failure() == Some(Failure::Computation) => Err(Rejection::InternalError),
            false => Err(Rejection::InvalidSignature),
        }
    }

    /// Verifies a signature that covers the body itself.
    fn verify_all(&mut self, body: Content<'_>) -> Result<Signer<'v>, Rejection> {
        // What is read of the body may have to be proven first.
        let early = !self.scheme.signs_before_reading();
        if early {
            self.read_body(body)?;
        }
        let signer = self.find_signer(body)?;
        if !early {
            self.read_body(body)?;
        }
        self.identify(signer)?;
        Ok(signer)
    }

    /// Reads what stands in the body.
    fn read_body(&mut self, body: Content<'_>) -> Result<(), Rejection> {
        if self.scheme.reads_body() {
            let Self { head, decision, .. } = self;
            let window = self.window;
            let within = &mut |timestamp| window.check(timestamp, decision);
            let body = body.read();
            let presented = self.scheme.present(head, Some(&body), window.now, within)?;
            self.presented = presented.into_owned();
        }
        Ok(())
    }

    /// The signed bytes of a request with this body.
    fn messages<'p>(&'p self, body: &'p [u8]) -> SignedMessages<'p> {
        SignedMessages::new(self.scheme, &self.presented, SignedRequest::new(self.head, body))
            .asking(self.verifier.cryptography())
    }

    fn find_signer(&self, body: Content<'_>) -> Result<Signer<'v>, Rejection> {
        let signed = self.signed_body(body);
        let messages = self.messages(&signed).over(body.elsewhere());
        self.find_signer_of(&mut messages.by_url())
    }

    /// The body as the signed bytes are made of it. One that is elsewhere is not among them; but a
    /// signed URL is compared with what it meets.
    fn signed_body<'b>(&self, body: Content<'b>) -> Cow<'b, [u8]> {
        match body {
            Content::Hashed(_) if !self.scheme.signs_url() => Cow::default(),
            body => body.read(),
        }
    }

    fn find_signer_of<'m>(&self, messages: &mut ByUrl<'m>) -> Result<Signer<'v>, Rejection>
    where
        'v: 'm,
    {
        self.known(find_signer(self.senders.iter().copied(), self.window.now, |sender, key| {
            sender.has_signed(messages, key)
        }))
    }

    /// The signer that was found. Where none was, whose request it is cannot be told while one of the
    /// senders has no key.
    fn known(&self, signer: Option<Signer<'v>>) -> Result<Signer<'v>, Rejection> {
        signer.ok_or_else(|| match self.failure() {
            Some(Failure::Computation) => Rejection::InternalError,
            None if self.senders.iter().all(|sender| sender.is_available()) => {
                Rejection::InvalidSignature
            }
            None | Some(Failure::Key) => Rejection::Misconfigured,
        })
    }

    /// What kept the cryptography from an answer.
    fn failure(&self) -> Option<Failure> {
        self.verifier.cryptography().and_then(Cryptography::failure)
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
    id: Option<ClaimId>,
) -> Result<Claim<'v>, Rejection> {
    let expires = match (presented.timestamp(), rule.retention) {
        (Some(signed), _) => Some(Expiry::At(signed.plus(sender.tolerance).plus(MARGIN))),
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
#[derive(Clone, Debug)]
pub struct Public<'v, 'h> {
    pub(super) verifier: &'v Verifier,
    pub(super) head: &'h Head<'h>,
    pub(super) route: &'v Route,
    pub(super) method: Method,
    pub(super) decision: Decision<'v>,
}

impl<'v, 'h> Public<'v, 'h> {
    /// Takes the whole body, of which only the length is looked at, and the time at which it is there.
    pub fn finish<B: Body>(
        mut self,
        body: B,
        now: UnixSeconds,
    ) -> Result<Cleared<'v, 'h, B>, Box<Refusal<'v>>> {
        let length = body.content().len();
        self.decision.body_bytes = Some(length);
        let Self { verifier, head, route, method, decision } = self;
        match check_body(length, route, method) {
            Ok(()) => Ok(Cleared { verifier, head, route, sender: None, now, decision, body }),
            Err(rejection) => Err(Refusal::new(rejection, decision)),
        }
    }
}

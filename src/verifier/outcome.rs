//! What becomes of a request that was not refused.

use super::decision::Decision;
use super::greeted::Handshaken;
use super::refusal::Refusal;
use super::{Route, Verifier};
use crate::forward::ForwardPlan;
use crate::keyring::{Sender, Signer};
use crate::log_line::LogLine;
use crate::message::{Body, Head};
use crate::rejection::Rejection;
use crate::replay::{Claim, Verdict};
use crate::time::UnixSeconds;

/// What becomes of a request that was not refused.
#[derive(Debug)]
pub enum Outcome<'v, 'h, B> {
    /// It goes to the origin.
    Forward(Cleared<'v, 'h, B>),
    /// It goes to the origin if it is the first of its kind.
    Claim(Unclaimed<'v, 'h, B>),
    /// It was a handshake, which the gate answers; the origin does not see it.
    Answer(Handshaken<'v>),
}

impl<'v, B> Outcome<'v, '_, B> {
    /// The claim to make first, where there is one.
    pub fn claim(&self) -> Option<&Claim<'v>> {
        match self {
            Self::Claim(unclaimed) => Some(unclaimed.claim()),
            Self::Forward(_) | Self::Answer(_) => None,
        }
    }

    /// The code that is logged: `accepted`, `public` or `handshake`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Forward(cleared) | Self::Claim(Unclaimed { cleared, .. }) => cleared.code(),
            Self::Answer(_) => "handshake",
        }
    }

    /// What to log.
    pub fn log_line<'a>(&self, request_id: &'a str) -> LogLine<'a>
    where
        'v: 'a,
    {
        match self {
            Self::Forward(cleared) | Self::Claim(Unclaimed { cleared, .. }) => {
                cleared.log_line(request_id)
            }
            Self::Answer(handshaken) => handshaken.log_line(request_id),
        }
    }
}

/// A verified request that must be claimed first.
#[derive(Debug)]
pub struct Unclaimed<'v, 'h, B> {
    claim: Claim<'v>,
    cleared: Cleared<'v, 'h, B>,
}

impl<'v, 'h, B> Unclaimed<'v, 'h, B> {
    /// The claim to make.
    pub fn claim(&self) -> &Claim<'v> {
        &self.claim
    }

    /// Goes on with the store's verdict.
    pub fn settle(self, verdict: Verdict) -> Result<Cleared<'v, 'h, B>, Box<Refusal<'v>>> {
        let Self { cleared, .. } = self;
        match Rejection::of_verdict(verdict, cleared.now) {
            None => Ok(cleared),
            Some(rejection) => Err(Refusal::new(rejection, cleared.decision)),
        }
    }

    /// The request as it is forwarded once it is claimed, for an adapter whose other half claims.
    #[cfg(any(feature = "worker", feature = "browser"))]
    pub(crate) fn into_parts(self) -> (Claim<'v>, Cleared<'v, 'h, B>) {
        (self.claim, self.cleared)
    }
}

/// A request whose body was signed by a known sender within the window, with that body. Only
/// [`Pending::finish`](super::Pending::finish) makes one.
#[derive(Debug)]
pub struct Verified<'v, 'h, B> {
    pub(super) signer: Signer<'v>,
    pub(super) claim: Option<Claim<'v>>,
    pub(super) cleared: Cleared<'v, 'h, B>,
}

impl<'v, 'h, B: Body> Verified<'v, 'h, B> {
    /// The id of the sender whose key made the signature.
    pub fn sender(&self) -> &'v str {
        &self.signer.sender.id
    }

    /// What becomes of the request: it is forwarded, after its claim where it has one, unless the
    /// provider only tried the endpoint out and the sender asks the gate to answer that.
    pub fn into_outcome(self) -> Outcome<'v, 'h, B> {
        let Self { signer, claim, cleared } = self;
        let handshake =
            signer.sender.scheme.handshake.filter(|_| signer.sender.handshake.is_some());
        let answer = handshake
            .zip(signer.key())
            .and_then(|(handshake, key)| handshake.reply(key, &cleared.body.content().read()));
        match (answer, claim) {
            (Some(answer), _) => Outcome::Answer(Handshaken { answer, decision: cleared.decision }),
            (None, Some(claim)) => Outcome::Claim(Unclaimed { claim, cleared }),
            (None, None) => Outcome::Forward(cleared),
        }
    }
}

/// A request that goes to the origin: one that was verified, or one to a public route. Only the
/// verifier makes one, and nothing else can be turned into a [`ForwardPlan`].
#[derive(Debug)]
pub struct Cleared<'v, 'h, B> {
    pub(super) verifier: &'v Verifier,
    pub(super) head: &'h Head<'h>,
    pub(super) route: &'v Route,
    /// `None` on a public route.
    pub(super) sender: Option<&'v Sender>,
    pub(super) now: UnixSeconds,
    pub(super) decision: Decision<'v>,
    pub(super) body: B,
}

impl<'v, 'h, B> Cleared<'v, 'h, B> {
    /// How long to wait for the origin, in seconds.
    pub fn origin_timeout(&self) -> u32 {
        self.route.origin_timeout
    }

    /// What to log, once the origin has answered.
    pub fn log_line<'a>(&self, request_id: &'a str) -> LogLine<'a>
    where
        'v: 'a,
    {
        self.decision.log_line(self.code(), request_id)
    }

    fn code(&self) -> &'static str {
        if self.sender.is_some() { "accepted" } else { "public" }
    }

    /// The plan for the request's head, and the body that goes with it: sealed, where the policy
    /// has a seal and the request was verified. Refused where it should be sealed and cannot: the
    /// clock shows a time before September 2001, or a [`HashedBody`](crate::HashedBody) gives no
    /// digest. A claim has been made by then.
    pub fn into_forward(self, request_id: &str) -> Result<(ForwardPlan<'h>, B), Box<Refusal<'v>>>
    where
        B: Body,
    {
        let Self { verifier, head, sender, now, decision, body, .. } = self;
        let seal = verifier.seal.as_deref();
        let plan = ForwardPlan::new(
            head,
            verifier.destination.origin(),
            request_id,
            verifier.seal_fields(),
        );
        let Some(sender) = sender else { return Ok((plan, body)) };
        let plan = plan.signed_by(&sender.id, sender.scheme.name());
        let seal = seal.map(|seal| {
            seal.fields(head.method(), &plan, body.content(), now, verifier.cryptography())
        });
        let seal =
            seal.transpose().map_err(|_| Refusal::new(Rejection::InternalError, decision))?;
        let plan = plan.with(seal.unwrap_or_default());
        Ok((plan, body))
    }
}

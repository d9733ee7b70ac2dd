//! What the JavaScript side is told to do: answer, or forward; and what to log.

use super::to_json;
use crate::json_line::{JsonLine, member};
use crate::replay::{Claim, Expiry, Release};
use crate::{
    Answer, Body, Cleared, ForwardPlan, LogLine, Outcome, PolicyError, Refusal, Rejection, Verifier,
};

/// What to do with a request.
pub(super) enum Order<'a> {
    /// Answer it here.
    Answer { answer: Answer, log: Log<'a> },
    /// Send it on, after the claim where there is one. The log line has no status yet.
    Forward { plan: ForwardPlan<'a>, timeout_ms: u64, claim: Option<ClaimToMake>, log: Log<'a> },
}

/// The line for the log.
pub(super) struct Log<'a> {
    line: LogLine<'a>,
    /// What is wrong with the configuration, where that is why.
    errors: Vec<String>,
}

impl Log<'_> {
    /// Writes the line behind the text, without a line feed.
    pub(super) fn write_behind(&self, text: String) -> String {
        let line = self.line.members(JsonLine::behind(text));
        match &*self.errors {
            [] => line.end(),
            errors => line.json(member!("errors"), &to_json(&errors)).end(),
        }
    }
}

impl<'a> From<LogLine<'a>> for Log<'a> {
    fn from(line: LogLine<'a>) -> Self {
        Self { line, errors: Vec::new() }
    }
}

/// A claim for the replay store.
pub(super) struct ClaimToMake {
    /// The name of the object that decides.
    object: String,
    /// Hexadecimal digits.
    id: String,
    /// The last second at which the claim can be made and is kept; or how many seconds it is kept.
    expires: Option<u64>,
    retention: Option<u32>,
    capacity: u32,
    release: &'static str,
}

impl ClaimToMake {
    /// The claim, without a line feed. Without an expiry or a retention, it has no such member.
    pub(super) fn to_json(&self) -> String {
        let mut line = JsonLine::new()
            .text(member!("object"), &*self.object)
            .plain(member!("id"), &[&*self.id]);
        if self.expires.is_some() {
            line = line.number(member!("expires"), self.expires);
        }
        if self.retention.is_some() {
            line = line.number(member!("retention"), self.retention);
        }
        line.number(member!("capacity"), Some(self.capacity))
            .plain(member!("release"), &[self.release])
            .end()
    }
}

impl From<Claim<'_>> for ClaimToMake {
    fn from(claim: Claim<'_>) -> Self {
        let (expires, retention) = match claim.expires() {
            Expiry::At(moment) => (Some(moment.get()), None),
            Expiry::After(seconds) => (None, Some(seconds)),
        };
        Self {
            object: claim.object(),
            id: hex::encode(claim.id()),
            expires,
            retention,
            capacity: claim.capacity(),
            release: match claim.release() {
                Release::Never => "never",
                Release::Unreached => "unreached",
                Release::ServerError => "5xx",
            },
        }
    }
}

impl<'a> Order<'a> {
    /// What the verifier decided: to send the request on, or to answer.
    pub(super) fn decided<'v: 'a, 'h: 'a>(
        decision: Result<Outcome<'v, 'h, impl Body>, Box<Refusal<'v>>>,
        verifier: &Verifier,
        request_id: &'a str,
    ) -> Self {
        match decision {
            Ok(Outcome::Forward(cleared)) => Self::forward(cleared, None, verifier, request_id),
            Ok(Outcome::Claim(unclaimed)) => {
                let (claim, cleared) = unclaimed.into_parts();
                Self::forward(cleared, Some(claim), verifier, request_id)
            }
            Ok(Outcome::Answer(handshaken)) => {
                let log = handshaken.log_line(request_id).into();
                Self::Answer { answer: handshaken.answer().clone(), log }
            }
            Err(refusal) => Self::refused(&refusal, verifier, request_id),
        }
    }

    fn forward<'v: 'a, 'h: 'a>(
        cleared: Cleared<'v, 'h, impl Body>,
        claim: Option<Claim<'_>>,
        verifier: &Verifier,
        request_id: &'a str,
    ) -> Self {
        let timeout_ms = u64::from(cleared.origin_timeout()).saturating_mul(1000);
        let log = cleared.log_line(request_id).into();
        match cleared.into_forward(request_id) {
            Ok((plan, _body)) => {
                Self::Forward { plan, timeout_ms, claim: claim.map(ClaimToMake::from), log }
            }
            Err(refusal) => Self::refused(&refusal, verifier, request_id),
        }
    }

    /// The verifier's refusal.
    pub(super) fn refused<'v: 'a>(
        refusal: &Refusal<'v>,
        verifier: &Verifier,
        request_id: &'a str,
    ) -> Self {
        let broken = match refusal.rejection() {
            Rejection::Misconfigured => verifier.broken_secrets(),
            _ => &[],
        };
        let errors = broken.iter().map(PolicyError::to_string).collect();
        let log = Log { line: refusal.log_line(request_id), errors };
        Self::Answer { answer: refusal.problem(request_id), log }
    }

    /// The answer that the gate cannot decide, with the reasons for the log.
    pub(super) fn misconfigured(errors: &[String], request_id: &'a str) -> Self {
        let rejection = Rejection::Misconfigured;
        let log = Log { line: rejection.log_line(request_id), errors: errors.to_vec() };
        Self::Answer { answer: rejection.problem(request_id, None), log }
    }

    /// The answer to a rejection that says everything itself.
    pub(super) fn failed(rejection: Rejection, request_id: &'a str) -> Self {
        let log = rejection.log_line(request_id).into();
        Self::Answer { answer: rejection.problem(request_id, None), log }
    }
}

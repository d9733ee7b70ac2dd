//! What the JavaScript side is told to do, as JSON: answer, or forward; and what to log.

use serde::Serialize;

use crate::replay::{Claim, Expiry, Release};
use crate::{Body, Cleared, LogLine, Outcome, PolicyError, Refusal, Rejection, Verifier};

/// The JSON text of an outcome.
pub(super) type Json = String;

#[derive(Serialize)]
struct Answer<'a> {
    status: u16,
    fields: &'a [(&'static str, String)],
    body: &'a str,
    log: Log<'a>,
}

#[derive(Serialize)]
struct Forward<'a> {
    url: &'a str,
    /// Names of fields to remove.
    remove: &'a [&'a str],
    /// Fields to set afterwards.
    set: &'a [(&'static str, String)],
    timeout_ms: u64,
    /// To make first.
    #[serde(skip_serializing_if = "Option::is_none")]
    claim: Option<ClaimToMake>,
    log: Log<'a>,
}

#[derive(Serialize)]
struct ClaimToMake {
    /// The name of the object that decides.
    object: String,
    /// Hexadecimal digits.
    id: String,
    /// The last second at which the claim can be made and is kept; or how many seconds it is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retention: Option<u32>,
    capacity: u32,
    release: &'static str,
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

#[derive(Serialize)]
struct Log<'a> {
    #[serde(flatten)]
    line: LogLine<'a>,
    /// What is wrong with the configuration, where that is why.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [String],
}

/// To do what the verifier decided: send the request on, or answer.
pub(super) fn decided(
    decision: Result<Outcome<'_, '_, impl Body>, Box<Refusal<'_>>>,
    verifier: &Verifier,
    request_id: &str,
) -> Json {
    match decision {
        Ok(Outcome::Forward(cleared)) => forward(cleared, None, verifier, request_id),
        Ok(Outcome::Claim(unclaimed)) => {
            let (claim, cleared) = unclaimed.into_parts();
            forward(cleared, Some(claim), verifier, request_id)
        }
        Ok(Outcome::Answer(handshaken)) => {
            answer(handshaken.answer(), handshaken.log_line(request_id), &[])
        }
        Err(refusal) => refused(&refusal, verifier, request_id),
    }
}

fn forward(
    cleared: Cleared<'_, '_, impl Body>,
    claim: Option<Claim<'_>>,
    verifier: &Verifier,
    request_id: &str,
) -> Json {
    let timeout_ms = u64::from(cleared.origin_timeout()).saturating_mul(1000);
    let log = Log { line: cleared.log_line(request_id), errors: &[] };
    let plan = match cleared.into_forward(request_id) {
        Ok((plan, _body)) => plan,
        Err(refusal) => return refused(&refusal, verifier, request_id),
    };
    let claim = claim.map(ClaimToMake::from);
    let (url, remove, set) = (plan.url(), plan.remove(), plan.set());
    to_json(&Forward { url, remove, set, timeout_ms, claim, log })
}

/// To answer with the verifier's refusal.
pub(super) fn refused(refusal: &Refusal<'_>, verifier: &Verifier, request_id: &str) -> Json {
    let missing = match refusal.rejection() {
        Rejection::Misconfigured => verifier.missing_secrets(),
        _ => &[],
    };
    let errors: Vec<String> = missing.iter().map(PolicyError::to_string).collect();
    answer(&refusal.problem(request_id), refusal.log_line(request_id), &errors)
}

/// To answer that the gate cannot decide, with the reasons for the log.
pub(super) fn misconfigured(errors: &[String], request_id: &str) -> Json {
    let rejection = Rejection::Misconfigured;
    answer(&rejection.problem(request_id, None), rejection.log_line(request_id), errors)
}

/// To answer with a rejection that says everything itself.
pub(super) fn failed(rejection: Rejection, request_id: &str) -> Json {
    answer(&rejection.problem(request_id, None), rejection.log_line(request_id), &[])
}

fn answer(answer: &crate::Answer, line: LogLine<'_>, errors: &[String]) -> Json {
    let crate::Answer { status, fields, body } = answer;
    to_json(&Answer { status: *status, fields, body, log: Log { line, errors } })
}

/// Nothing in an outcome can fail to be written; the empty text would be answered with 500.
fn to_json(outcome: &impl Serialize) -> Json {
    serde_json::to_string(outcome).unwrap_or_default()
}

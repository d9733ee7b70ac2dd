//! One request through the verifier, told as JSON.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Json, to_json};
use crate::{
    Cleared, Head, LogLine, Policy, PolicyError, Problem, Refusal, Rejection, Secret, UnixSeconds,
    Verifier,
};

#[derive(Serialize)]
struct Forward<'a> {
    /// Names of fields to remove.
    remove: &'a [&'a str],
    /// Fields to set afterwards.
    set: &'a [(&'static str, String)],
    log: LogLine<'a>,
}

#[derive(Serialize)]
struct Answer<'a> {
    status: u16,
    fields: &'a [(&'static str, String)],
    body: &'a str,
    log: LogLine<'a>,
    /// What is wrong with the configuration, where that is why.
    errors: &'a [String],
}

/// Takes the way of every request: the policy, its keys, the head, the body.
pub(super) fn decide(
    policy: &str,
    secrets: &str,
    head: &str,
    body: &[u8],
    now: UnixSeconds,
    request_id: &str,
) -> Json {
    let verifier = match verifier(policy, secrets) {
        Ok(verifier) => verifier,
        Err(errors) => return failed(Rejection::Misconfigured, request_id, &errors),
    };
    // As in the Worker: a head that cannot be read has no route.
    let Some(head) = Head::from_lines(head) else {
        return failed(Rejection::NoRoute, request_id, &[]);
    };
    match verifier.begin(&head, now).and_then(|admission| admission.finish(body)) {
        Ok(cleared) => forward(cleared, request_id),
        Err(refusal) => refused(&refusal, &verifier, request_id),
    }
}

fn verifier(policy: &str, secrets: &str) -> Result<Verifier, Vec<String>> {
    let secrets: BTreeMap<String, String> = serde_json::from_str(secrets)
        .map_err(|_| vec!["secrets: must be a JSON object of texts".to_owned()])?;
    let secret = |name: &str| secrets.get(name).map(|text| Secret::new(text.clone().into_bytes()));
    Policy::parse(policy)
        .and_then(|policy| policy.into_verifier(secret))
        .map_err(|errors| errors.iter().map(ToString::to_string).collect())
}

fn forward(cleared: Cleared<'_, '_, &[u8]>, request_id: &str) -> Json {
    let log = cleared.log_line(request_id);
    let (plan, _body) = cleared.into_forward(request_id);
    to_json(&Forward { remove: plan.remove(), set: plan.set(), log })
}

fn refused(refusal: &Refusal<'_>, verifier: &Verifier, request_id: &str) -> Json {
    let missing = match refusal.rejection() {
        Rejection::Misconfigured => verifier.missing_secrets(),
        _ => &[],
    };
    let errors: Vec<String> = missing.iter().map(PolicyError::to_string).collect();
    answer(&refusal.problem(request_id), refusal.log_line(request_id), &errors)
}

fn failed(rejection: Rejection, request_id: &str, errors: &[String]) -> Json {
    answer(&rejection.problem(request_id, None), rejection.log_line(request_id), errors)
}

fn answer(problem: &Problem, log: LogLine<'_>, errors: &[String]) -> Json {
    let Problem { status, fields, body } = problem;
    to_json(&Answer { status: *status, fields, body, log, errors })
}

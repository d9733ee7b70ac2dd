//! A policy with its secrets, and what it decides, told as JSON.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::value::RawValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::{Json, Problem, to_json, unix_seconds};
use crate::adapter::order::{Log, Order};
use crate::replay::Verdict;
use crate::{
    Answer, Head, Policy, PolicyError, PolicyErrors, PolicyProblem, Rejection, Secret, Verifier,
};

/// What decides about requests; or, where the policy or the seal's secret is broken, why nothing is
/// let through.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Gate(Result<Verifier, PolicyErrors>);

/// What a gate says about itself.
#[derive(Serialize)]
struct Report {
    /// Why it lets nothing through.
    errors: Vec<Problem>,
    /// Secrets that were not given, or are broken. Their senders are refused, and no others.
    broken: Vec<Problem>,
}

#[derive(Serialize)]
struct Admitted {
    /// Bytes of body to read at the most.
    max_body: usize,
    /// Seconds that it may take to arrive.
    body_timeout: u32,
}

#[derive(Serialize)]
struct Answered<'a> {
    status: u16,
    fields: &'a [(&'static str, Cow<'static, str>)],
    body: &'a str,
    log: Option<Box<RawValue>>,
}

#[derive(Serialize)]
struct Forwarded<'a> {
    /// Names of fields to remove.
    remove: &'a [&'a str],
    /// Fields to set afterwards.
    set: &'a [(&'static str, String)],
    timeout_ms: u64,
    /// To make first.
    #[serde(skip_serializing_if = "Option::is_none")]
    claim: Option<Box<RawValue>>,
    log: Option<Box<RawValue>>,
}

#[wasm_bindgen]
impl Gate {
    /// `policy` is the policy's JSON text, `secrets` a JSON object of secret texts by their names.
    #[wasm_bindgen(constructor)]
    pub fn new(policy: &str, secrets: &str) -> Self {
        Self(verifier(policy, secrets))
    }

    /// `{"errors": [problem, …], "broken": [problem, …]}`, a problem as `{"code": …, "path": …, "text": …}`.
    pub fn report(&self) -> Json {
        let (errors, broken) = match &self.0 {
            Ok(verifier) => {
                (Vec::new(), verifier.broken_secrets().iter().map(Problem::from).collect())
            }
            Err(errors) => (errors.iter().map(Problem::from).collect(), Vec::new()),
        };
        to_json(&Report { errors, broken })
    }

    /// Looks at the head, `now` in unix seconds: `{"max_body": bytes, "body_timeout": seconds}`, or the
    /// refusal as [`Gate::finish`] tells it. `head` is what [`Head::from_lines`] reads.
    pub fn begin(&self, head: &str, now: f64, request_id: &str) -> Json {
        self.with(head, request_id, |verifier, head| {
            match verifier.begin(head, unix_seconds(now)) {
                Ok(admission) => to_json(&Admitted {
                    max_body: admission.max_body(),
                    body_timeout: admission.body_timeout(),
                }),
                Err(refusal) => told(Order::refused(&refusal, verifier, request_id)),
            }
        })
    }

    /// Decides about a request whose head came at the time `begun` and whose body was there at `now`, both
    /// in unix seconds, rounded down.
    ///
    /// Where it would be forwarded: `{"remove": [name, …], "set": [[name, value], …],
    /// "timeout_ms": …, "claim": …, "log": …}`, the claim where one has to be made first;
    /// otherwise `{"status": …, "fields": [[name, value], …], "body": …, "log": …}`. The log line
    /// has the code, and `errors`, a list of sentences, where the policy or a secret is broken.
    pub fn finish(&self, head: &str, body: &[u8], begun: f64, now: f64, request_id: &str) -> Json {
        self.with(head, request_id, |verifier, head| {
            let admission = verifier.begin(head, unix_seconds(begun));
            let decision =
                admission.and_then(|admission| admission.finish(body, unix_seconds(now)));
            told(Order::decided(decision, verifier, request_id))
        })
    }

    fn with(
        &self,
        head: &str,
        request_id: &str,
        decide: impl FnOnce(&Verifier, &Head<'_>) -> Json,
    ) -> Json {
        let verifier = match &self.0 {
            Ok(verifier) => verifier,
            Err(errors) => {
                let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
                return told(Order::misconfigured(&errors, request_id));
            }
        };
        match Head::from_lines(head) {
            Some(head) => decide(verifier, &head),
            // As in the Worker: a head that cannot be read has no route.
            None => told(Order::failed(Rejection::NoRoute, request_id)),
        }
    }
}

/// What a store's verdict about a claim leads to: `null` for `claimed`, otherwise the refusal as
/// [`Gate::finish`] tells it. Any other word than those of the store counts as its failure.
#[wasm_bindgen(js_name = refusedClaim)]
pub fn refused_claim(verdict: &str, now: f64, request_id: &str) -> Json {
    let verdict = match verdict {
        "claimed" => Verdict::Claimed,
        "replayed" => Verdict::Replayed,
        "expired" => Verdict::Expired,
        "full" => Verdict::Full,
        _ => Verdict::Unavailable,
    };
    match Rejection::of_verdict(verdict, unix_seconds(now)) {
        Some(rejection) => told(Order::failed(rejection, request_id)),
        None => "null".to_owned(),
    }
}

/// The refusal of a request whose body broke off before its end.
#[wasm_bindgen(js_name = incompleteBody)]
pub fn incomplete_body(request_id: &str) -> Json {
    told(Order::failed(Rejection::BodyIncomplete, request_id))
}

/// The refusal of a request whose body did not arrive in time.
#[wasm_bindgen(js_name = lateBody)]
pub fn late_body(request_id: &str) -> Json {
    told(Order::failed(Rejection::BodyTimeout, request_id))
}

/// An order as [`Gate::finish`] tells it.
fn told(order: Order<'_>) -> Json {
    match order {
        Order::Answer { answer: Answer { status, fields, body }, log } => {
            to_json(&Answered { status, fields: &fields, body: &body, log: line(&log) })
        }
        Order::Forward { plan, timeout_ms, claim, log } => {
            let (remove, set, log) = (plan.remove(), plan.set(), line(&log));
            let claim = claim.and_then(|claim| raw(claim.to_json()));
            to_json(&Forwarded { remove, set, timeout_ms, claim, log })
        }
    }
}

fn line(log: &Log<'_>) -> Option<Box<RawValue>> {
    raw(log.write_behind(String::new()))
}

/// What is JSON already.
fn raw(json: String) -> Option<Box<RawValue>> {
    RawValue::from_string(json).ok()
}

fn verifier(policy: &str, secrets: &str) -> Result<Verifier, PolicyErrors> {
    let secret = secret_of(secrets)?;
    Policy::parse(policy)?.into_verifier(secret)
}

/// Gives the secret with a name, of a JSON object of secret texts.
pub(super) fn secret_of(json: &str) -> Result<impl Fn(&str) -> Option<Secret>, PolicyErrors> {
    let secrets: BTreeMap<String, String> = serde_json::from_str(json).map_err(|_| {
        let problem = PolicyProblem::Expected("a JSON object of texts");
        PolicyErrors(vec![PolicyError::new("secrets".to_owned(), problem)])
    })?;
    Ok(move |name: &str| secrets.get(name).map(|text| Secret::new(text.clone().into_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: &str = r#"{
        "senders": [{"id": "a", "scheme": "x-hmac", "secrets": ["A"]}],
        "routes": [{"path": "/a", "methods": ["POST"], "senders": ["a"], "max_body": 64}]
    }"#;
    const SECRETS: &str = r#"{"A": "kP2vX9mQ4sT7wZ1cF6hJ3nR8bL5dG0yA"}"#;
    const HEAD: &str = "POST\nhttps://gate.test/a\nX-HMAC-Timestamp\n1760000000\nX-HMAC-Signature\n\
        0000000000000000000000000000000000000000000000000000000000000000";
    const NOW: f64 = 1_760_000_000.0;

    fn read(json: &str) -> serde_json::Value {
        serde_json::from_str(json).unwrap()
    }

    /// Status, code and errors.
    fn outcome(policy: &str, secrets: &str, head: &str) -> (u64, String, Vec<String>) {
        let outcome = read(&Gate::new(policy, secrets).finish(head, b"{}", NOW, NOW, "r-1"));
        let texts = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        (
            outcome["status"].as_u64().unwrap(),
            texts(&outcome["log"]["code"]),
            outcome["log"]["errors"].as_array().into_iter().flatten().map(texts).collect(),
        )
    }

    #[test]
    fn a_request_is_decided_about() {
        assert_eq!(outcome(POLICY, SECRETS, HEAD), (401, "invalid_signature".to_owned(), vec![]));
    }

    #[test]
    fn the_head_alone_says_how_much_body_to_read() {
        let gate = Gate::new(POLICY, SECRETS);
        assert_eq!(gate.begin(HEAD, NOW, "r-1"), r#"{"max_body":64,"body_timeout":30}"#);
        let stale = read(&gate.begin(HEAD, NOW + 61.0, "r-1"));
        assert_eq!(stale["log"]["code"], "stale_timestamp");
    }

    #[test]
    fn a_head_that_cannot_be_read_has_no_route() {
        assert_eq!(outcome(POLICY, SECRETS, "POST"), (404, "no_route".to_owned(), vec![]));
    }

    #[test]
    fn only_a_claim_that_was_made_lets_a_request_on() {
        assert_eq!(refused_claim("claimed", NOW, "r-1"), "null");
        for (verdict, code) in [
            ("replayed", "replayed"),
            ("expired", "stale_timestamp"),
            ("full", "replay_store_unavailable"),
            ("unavailable", "replay_store_unavailable"),
            ("", "replay_store_unavailable"),
            ("Claimed", "replay_store_unavailable"),
        ] {
            assert_eq!(read(&refused_claim(verdict, NOW, "r-1"))["log"]["code"], code, "{verdict}");
        }
    }

    #[test]
    fn what_is_wrong_with_the_configuration_is_told() {
        for (policy, secrets, code, path, error) in [
            ("{", SECRETS, "not-json", "", "policy: not JSON at line 1, column 1"),
            (POLICY, "[]", "expected", "secrets", "secrets: must be a JSON object of texts"),
        ] {
            let told = (503, "misconfigured".to_owned(), vec![error.to_owned()]);
            assert_eq!(outcome(policy, secrets, HEAD), told);
            let report = read(&Gate::new(policy, secrets).report());
            assert_eq!(
                report,
                serde_json::json!({"errors": [{"code": code, "path": path, "text": error}], "broken": []})
            );
        }
    }

    #[test]
    fn row_47_a_broken_secret_is_told_and_refuses_its_sender() {
        for (secrets, code, error) in [
            ("{}", "missing-secret", "is not set; its sender is refused with 503"),
            (r#"{"A": "short"}"#, "weak-secret", "the secret's key has fewer than 32 bytes"),
        ] {
            let error = format!("senders[0].secrets[0] of a: {error}");
            let told = (503, "misconfigured".to_owned(), vec![error.clone()]);
            assert_eq!(outcome(POLICY, secrets, HEAD), told);
            let report = read(&Gate::new(POLICY, secrets).report());
            let broken =
                serde_json::json!({"code": code, "path": "senders[0].secrets[0]", "text": error});
            assert_eq!(report, serde_json::json!({"errors": [], "broken": [broken]}));
        }
    }
}

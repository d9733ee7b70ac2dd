//! Why a request is refused, told as JSON to whoever holds the secrets.

use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;

use super::gate::secret_of;
use super::{Json, Problem, to_json, unix_seconds};
use crate::explain::{Explainer, policy_for};
use crate::{Head, Policy, PolicyErrors, Rejection};

#[derive(Serialize)]
struct Unexplained {
    /// What is wrong with the policy, its secrets or the head.
    errors: Vec<Problem>,
}

/// Decides about a request as [`Gate::finish`](super::gate::Gate::finish) does, and says why.
///
/// Gives an [`Explanation`](crate::explain::Explanation), or `{"errors": [problem, …]}`, as
/// [`Gate::report`](super::gate::Gate::report) has them, where there is no gate to ask, or a broken secret is why nothing can be told. Whoever reads it can have
/// the request accepted: it is not to be sent anywhere.
#[wasm_bindgen]
pub fn explain(policy: &str, secrets: &str, head: &str, body: &[u8], now: f64) -> Json {
    match explained(policy, secrets, head, body, now) {
        Ok(explanation) => explanation,
        Err(errors) => to_json(&Unexplained { errors }),
    }
}

fn explained(
    policy: &str,
    secrets: &str,
    head: &str,
    body: &[u8],
    now: f64,
) -> Result<Json, Vec<Problem>> {
    let told = |errors: PolicyErrors| errors.iter().map(Problem::from).collect::<Vec<_>>();
    let secret = secret_of(secrets).map_err(told)?;
    let policy = Policy::parse(policy).map_err(told)?;
    let named = policy.secret_names().count();
    let explainer = Explainer::new(policy, secret).map_err(told)?;
    let head = Head::from_lines(head).ok_or_else(|| {
        let text = "the head cannot be read".to_owned();
        vec![Problem { code: "unreadable-head", path: String::new(), text }]
    })?;
    let explanation = explainer.explain(&head, body, unix_seconds(now));
    let broken = explainer.broken_secrets();
    let is_why = broken.len() >= named || explanation.code == Rejection::Misconfigured.code();
    let faults = broken.iter().filter(|error| is_why && error.problem().is_fault());
    let faults: Vec<Problem> = faults.map(Problem::from).collect();
    if faults.is_empty() { Ok(to_json(&explanation)) } else { Err(faults) }
}

/// The policy's JSON text for whoever has no policy: one sender of this scheme, whose secret is
/// named `SECRET`, and the request's own route. `url` is the one that the sender was told to call,
/// where the scheme signs it and it is not the request's. Empty where the head cannot be read.
#[wasm_bindgen(js_name = policyFor)]
pub fn lone_policy(scheme: &str, head: &str, url: Option<String>) -> Json {
    let head = Head::from_lines(head);
    head.map(|head| policy_for(scheme, &head, url.as_deref())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "POST\nhttps://gate.test/hook\nX-Hub-Signature-256\n\
        sha256=d935c0f6bbd29aee5fde751fa6904ef7f636ec689bf78ba2ee3f6a4ee8102acd";
    const SECRETS: &str = r#"{"SECRET": "kP2vX9mQ4sT7wZ1cF6hJ3nR8bL5dG0yA"}"#;
    const NOW: f64 = 1_760_000_000.0;

    fn explained(secrets: &str, body: &[u8]) -> serde_json::Value {
        let policy = lone_policy("github", HEAD, None);
        serde_json::from_str(&explain(&policy, secrets, HEAD, body, NOW)).unwrap()
    }

    #[test]
    fn a_request_needs_no_policy_to_be_explained() {
        assert_eq!(explained(SECRETS, b"{}")["code"], "accepted");
        let refused = explained(SECRETS, b"{}\n");
        assert_eq!(refused["code"], "invalid_signature");
        assert_eq!(refused["causes"][0]["mistakes"][0]["code"], "newline_not_signed");
    }

    #[test]
    fn what_cannot_be_explained_has_its_reasons() {
        let secrets = &explained("7", b"")["errors"][0];
        assert_eq!(secrets["text"], "secrets: must be a JSON object of texts");
        assert_eq!((&secrets["code"], &secrets["path"]), (&"expected".into(), &"secrets".into()));
        let weak = explained(r#"{"SECRET": "short"}"#, b"");
        assert_eq!(weak["errors"].as_array().unwrap().len(), 1, "{weak}");
        assert_eq!(weak["errors"][0]["code"], "weak-secret");
        let policy = lone_policy("github", HEAD, None);
        let unsigned =
            explain(&policy, r#"{"SECRET": "short"}"#, "GET\nhttps://gate.test/", b"", NOW);
        let unsigned: serde_json::Value = serde_json::from_str(&unsigned).unwrap();
        assert_eq!(unsigned["errors"], weak["errors"]);
        let head: serde_json::Value =
            serde_json::from_str(&explain("{}", "{}", "POST", b"", NOW)).unwrap();
        assert!(head["errors"].is_array());
        assert_eq!(lone_policy("github", "POST", None), "");
    }
}

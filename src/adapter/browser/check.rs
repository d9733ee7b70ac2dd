//! One request through the verifier, told as JSON.

use std::collections::BTreeMap;

use crate::adapter::outcome::{self, Json};
use crate::{Head, Policy, Rejection, Secret, UnixSeconds, Verifier};

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
        Err(errors) => return outcome::misconfigured(&errors, request_id),
    };
    // As in the Worker: a head that cannot be read has no route.
    let Some(head) = Head::from_lines(head) else {
        return outcome::failed(Rejection::NoRoute, request_id);
    };
    let decision = verifier.begin(&head, now).and_then(|admission| admission.finish(body));
    outcome::decided(decision, &verifier, request_id)
}

fn verifier(policy: &str, secrets: &str) -> Result<Verifier, Vec<String>> {
    let secrets: BTreeMap<String, String> = serde_json::from_str(secrets)
        .map_err(|_| vec!["secrets: must be a JSON object of texts".to_owned()])?;
    let secret = |name: &str| secrets.get(name).map(|text| Secret::new(text.clone().into_bytes()));
    Policy::parse(policy)
        .and_then(|policy| policy.into_verifier(secret))
        .map_err(|errors| errors.iter().map(ToString::to_string).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: &str = r#"{
        "senders": [{"id": "a", "scheme": "x-hmac", "secrets": ["A"]}],
        "routes": [{"path": "/a", "methods": ["POST"], "senders": ["a"]}]
    }"#;
    const SECRETS: &str = r#"{"A": "kP2vX9mQ4sT7wZ1cF6hJ3nR8bL5dG0yA"}"#;
    const HEAD: &str = "POST\nhttps://gate.test/a\nX-HMAC-Timestamp\n1760000000\nX-HMAC-Signature\n\
        0000000000000000000000000000000000000000000000000000000000000000";

    /// Status, code and errors.
    fn outcome(policy: &str, secrets: &str, head: &str) -> (u64, String, Vec<String>) {
        let json = decide(policy, secrets, head, b"{}", UnixSeconds::new(1_760_000_000), "r-1");
        let outcome: serde_json::Value = serde_json::from_str(&json).unwrap();
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
    fn a_head_that_cannot_be_read_has_no_route() {
        assert_eq!(outcome(POLICY, SECRETS, "POST"), (404, "no_route".to_owned(), vec![]));
    }

    #[test]
    fn what_is_wrong_with_the_configuration_is_told() {
        for (policy, secrets, error) in [
            ("{", SECRETS, "policy: not JSON at line 1, column 1"),
            (POLICY, "[]", "secrets: must be a JSON object of texts"),
            (
                POLICY,
                r#"{"A": "short"}"#,
                "senders[0].secrets[0] of a: the secret has fewer than 32 bytes",
            ),
            (
                POLICY,
                "{}",
                "senders[0].secrets[0] of a: the Worker has no such secret; its sender is refused with 503",
            ),
        ] {
            let told = (503, "misconfigured".to_owned(), vec![error.to_owned()]);
            assert_eq!(outcome(policy, secrets, HEAD), told);
        }
    }
}

//! When a request is judged fresh: with its head, and once more when its body is there.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]

use countersign::scheme::Scheme;
use countersign::{Field, Head, Outcome, Policy, Secret, Signer, UnixSeconds, Unsigned, Verifier};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const NOW: u64 = 1_760_000_000;
const SECRET: &str = "kP2vX9mQ4sT7wZ1cF6hJ3nR8bL5dG0yA";
const SEAL: &str = "Wv5cE8xN2bQ7mA1zK4jT9gH6fS3dP0lR";
const URL: &str = "https://gate.test/in";
/// Seconds that a body may take behind the end of the window.
const MARGIN: u64 = 60;

type Line = (&'static str, String);

fn verifier(scheme: &str, sender: Value) -> Verifier {
    let mut table = json!({"id": "app", "scheme": scheme, "secrets": ["SECRET"]});
    table.as_object_mut().unwrap().extend(sender.as_object().unwrap().clone());
    let routes = json!([
        {"path": "/in", "methods": ["POST"], "senders": ["app"]},
        {"path": "/open", "methods": ["POST"], "access": "public"},
    ]);
    let seal = json!({"scheme": "x-hmac", "secret": "SEAL"});
    let policy = json!({"senders": [table], "routes": routes, "seal": seal});
    let secret = |name: &str| Some(Secret::new(if name == "SEAL" { SEAL } else { SECRET }.into()));
    Policy::parse(&policy.to_string()).unwrap().into_verifier(secret).unwrap()
}

/// What our signer makes of a body at a time.
fn signed(scheme: &str, body: &[u8], at: u64) -> Vec<Line> {
    let scheme = Scheme::preset(scheme).unwrap();
    let signer = Signer::new(scheme, &Secret::new(SECRET.into())).unwrap().with_keyid("key-1");
    let id = scheme.signs_id().then_some("0123456789abcdef");
    let now = UnixSeconds::new(at);
    signer.sign(&Unsigned { method: "POST", url: URL, body, now, id }).unwrap()
}

fn mac(text: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

/// The code for a request whose head comes at a time and whose body is there at another, and the skew in
/// the log.
fn decide(
    verifier: &Verifier,
    lines: &[Line],
    body: &[u8],
    head: u64,
    end: u64,
) -> (String, Option<i64>) {
    let fields = lines.iter().map(|(name, value)| Field::new(name, value.as_bytes())).collect();
    let received = Head::new("POST", URL, fields).unwrap();
    let admission = verifier.begin(&received, UnixSeconds::new(head));
    let outcome = admission.and_then(|admission| admission.finish(body, UnixSeconds::new(end)));
    let line = match &outcome {
        Ok(outcome) => outcome.log_line("r-1"),
        Err(refusal) => refusal.log_line("r-1"),
    };
    (line.code.to_owned(), line.skew_seconds)
}

const ACCEPTED: &str = "accepted";
const STALE: &str = "stale_timestamp";

#[test]
fn row_42_a_request_is_fresh_for_a_minute_behind_its_window_and_no_longer() {
    let body = br#"{"text":"hi"}"#;
    for (scheme, tolerance) in [
        ("x-hmac", 60),
        ("x-hmac-nonce", 60),
        ("stripe", 300),
        ("zoom", 300),
        ("slack", 300),
        ("rfc9421-hmac-sha256", 60),
    ] {
        for own in [tolerance, 1, 3600] {
            let verifier = verifier(scheme, json!({"tolerance": own}));
            let lines = signed(scheme, body, NOW);
            let last = NOW + own + MARGIN;
            // From the first moment of the window to its last, the end of the body is what counts.
            for head in [NOW - own, NOW, NOW + own] {
                for (end, code) in
                    [(head, ACCEPTED), (last, ACCEPTED), (last + 1, STALE), (last + 9999, STALE)]
                {
                    let got = decide(&verifier, &lines, body, head, end);
                    assert_eq!(got.0, code, "{scheme} {own} {head} {end}");
                    if code == STALE {
                        assert_eq!(
                            got.1,
                            Some(i64::try_from(end - NOW).unwrap()),
                            "the log has what was found"
                        );
                    }
                }
            }
            assert_eq!(decide(&verifier, &lines, body, NOW + own + 1, NOW).0, STALE, "by its head");
        }
    }
}

#[test]
fn row_42_a_time_in_the_body_is_held_to_the_same() {
    let body = format!(r#"{{"webhookTimestamp":{NOW}000}}"#);
    let lines = [("Linear-Signature", hex::encode(mac(body.as_bytes())))];
    let verifier = verifier("linear", json!({}));
    let last = NOW + 60 + MARGIN;
    for (end, code) in [(NOW, ACCEPTED), (last, ACCEPTED), (last + 1, STALE)] {
        assert_eq!(decide(&verifier, &lines, body.as_bytes(), NOW, end).0, code, "{end}");
    }
}

#[test]
fn row_42_the_end_that_a_signature_sets_itself_holds_too() {
    let expires = NOW + 10;
    let parameters = format!(
        r#"("@method" "@authority" "@path" "@query");created={NOW};expires={expires};keyid="key-1""#
    );
    let base = format!(
        "\"@method\": POST\n\"@authority\": gate.test\n\"@path\": /in\n\"@query\": ?\n\"@signature-params\": {parameters}"
    );
    let signature = base64(&mac(base.as_bytes()));
    let lines =
        [("Signature-Input", format!("a={parameters}")), ("Signature", format!("a=:{signature}:"))];
    let verifier = verifier("rfc9421-hmac-sha256", json!({"tolerance": 60}));
    for (end, code) in
        [(NOW, ACCEPTED), (expires + MARGIN, ACCEPTED), (expires + MARGIN + 1, STALE)]
    {
        assert_eq!(decide(&verifier, &lines, b"", NOW, end).0, code, "{end}");
    }
    assert_eq!(decide(&verifier, &lines, b"", expires + 1, NOW).0, STALE);
}

fn base64(bytes: &[u8]) -> String {
    use base64ct::Encoding;
    base64ct::Base64::encode_string(bytes)
}

#[test]
fn row_42_a_key_is_good_for_a_minute_behind_its_last_second_and_no_longer() {
    // 1760000010, in the middle of the window.
    let secrets = json!([{"name": "SECRET", "not_after": "2025-10-09T08:53:30Z"}]);
    let last = NOW + 10;
    for scheme in ["x-hmac", "rfc9421-hmac-sha256", "github"] {
        let verifier = verifier(scheme, json!({"secrets": secrets}));
        let lines = signed(scheme, b"{}", NOW);
        for (head, end, code) in [
            (last, last, ACCEPTED),
            (last, last + MARGIN, ACCEPTED),
            (last, last + MARGIN + 1, "invalid_signature"),
            (NOW, last + MARGIN + 1, "invalid_signature"),
            (last + 1, last + 1, "invalid_signature"),
        ] {
            assert_eq!(
                decide(&verifier, &lines, b"{}", head, end).0,
                code,
                "{scheme} {head} {end}"
            );
        }
    }
}

#[test]
fn what_has_no_time_can_take_its_time_and_a_seal_is_made_at_the_end() {
    let end = NOW + 40;
    let forwarded = |lines: Vec<Line>, scheme: &str, url: &str, end: u64| {
        let verifier = verifier(scheme, json!({}));
        let fields = lines.iter().map(|(name, value)| Field::new(name, value.as_bytes())).collect();
        let head = Head::new("POST", url, fields).unwrap();
        let admission = verifier.begin(&head, UnixSeconds::new(NOW)).unwrap();
        let Outcome::Forward(cleared) = admission.finish(b"{}", UnixSeconds::new(end)).unwrap()
        else {
            panic!("it is forwarded")
        };
        let (plan, _) = cleared.into_forward("r-1").unwrap();
        let is_time = |(name, _): &&(&'static str, String)| *name == "X-HMAC-Timestamp";
        plan.set().iter().find(is_time).map(|(_, value)| value.clone())
    };
    let github = signed("github", b"{}", NOW);
    assert_eq!(forwarded(github, "github", URL, NOW + 9999), Some((NOW + 9999).to_string()));
    assert_eq!(forwarded(Vec::new(), "github", "https://gate.test/open", NOW + 9999), None);
    let x_hmac = signed("x-hmac", b"{}", NOW);
    assert_eq!(forwarded(x_hmac, "x-hmac", URL, end), Some(end.to_string()));
}

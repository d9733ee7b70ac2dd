//! What the list of requests does not show: several senders on a route, and the plan for the
//! origin.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]

use countersign::scheme::X_HMAC;
use countersign::{
    Admission, Field, Head, Outcome, Policy, Rejection, Secret, Signer, UnixSeconds, Unsigned,
    Verifier,
};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const NOW: u64 = 1_760_000_000;
const STRICT: &str = "kP2vX9mQ4sT7wZ1cF6hJ3nR8bL5dG0yA";
const PATIENT: &str = "Wv5cE8xN2bQ7mA1zK4jT9gH6fS3dP0lR";

const POLICY: &str = r#"{
    "senders": [
        {"id": "strict", "scheme": "x-hmac", "secrets": ["STRICT"], "tolerance": 10},
        {"id": "patient", "scheme": "x-hmac", "secrets": ["PATIENT"], "tolerance": 600}
    ],
    "routes": [{"path": "/shared", "methods": ["POST"], "senders": ["strict", "patient"]}]
}"#;

fn verifier(missing: &str) -> Verifier {
    let secret = |name: &str| {
        let text = if name == "STRICT" { STRICT } else { PATIENT };
        (name != missing).then(|| Secret::new(text.into()))
    };
    Policy::parse(POLICY).unwrap().into_verifier(secret).unwrap()
}

/// The code for a request signed so many seconds ago, and the sender where there is one.
fn decide(verifier: &Verifier, secret: &str, age: u64) -> (String, Option<String>) {
    let signer = Signer::new(&X_HMAC, &Secret::new(secret.into())).unwrap();
    let now = UnixSeconds::new(NOW - age);
    let request =
        Unsigned { method: "POST", url: "https://gate.test/shared", body: b"{}", now, id: None };
    let signed = signer.sign(&request).unwrap();
    let fields = signed.iter().map(|(name, value)| Field::new(name, value.as_bytes())).collect();
    let head = Head::new("POST", "https://gate.test/shared", fields).unwrap();
    match verifier
        .begin(&head, UnixSeconds::new(NOW))
        .and_then(|admission| admission.finish(b"{}", UnixSeconds::new(NOW)))
    {
        Ok(cleared) => {
            let line = cleared.log_line("r-1");
            (line.code.to_owned(), line.sender.map(str::to_owned))
        }
        Err(refusal) => {
            let line = refusal.log_line("r-1");
            (line.code.to_owned(), line.sender.map(str::to_owned))
        }
    }
}

#[track_caller]
fn assert_decision(got: (String, Option<String>), code: &str, sender: Option<&str>) {
    assert_eq!((got.0.as_str(), got.1.as_deref()), (code, sender));
}

#[test]
fn each_sender_has_its_own_window() {
    let verifier = verifier("");
    assert_decision(decide(&verifier, STRICT, 10), "accepted", Some("strict"));
    assert_decision(decide(&verifier, STRICT, 11), "stale_timestamp", Some("strict"));
    assert_decision(decide(&verifier, PATIENT, 11), "accepted", Some("patient"));
    assert_decision(decide(&verifier, PATIENT, 600), "accepted", Some("patient"));
    assert_decision(decide(&verifier, PATIENT, 601), "stale_timestamp", None);
}

#[test]
fn row_20_a_sender_without_its_secret_is_never_skipped_in_silence() {
    let verifier = verifier("STRICT");
    assert_decision(decide(&verifier, PATIENT, 0), "accepted", Some("patient"));
    assert_decision(decide(&verifier, STRICT, 0), "misconfigured", None);
}

#[test]
fn row_21_without_any_secret_nothing_is_pending() {
    let verifier = Policy::parse(POLICY).unwrap().into_verifier(|_| None).unwrap();
    assert_decision(decide(&verifier, STRICT, 0), "misconfigured", None);
    let timestamp = NOW.to_string();
    let signature = "0".repeat(64);
    let fields = vec![
        Field::new("x-hmac-signature", signature.as_bytes()),
        Field::new("x-hmac-timestamp", timestamp.as_bytes()),
    ];
    let head = Head::new("POST", "https://gate.test/shared", fields).unwrap();
    let refusal = verifier.begin(&head, UnixSeconds::new(NOW)).err().unwrap();
    assert_eq!(refusal.rejection(), Rejection::Misconfigured);
}

/// A verifier whose route `/open` is public.
fn with_public_route() -> Verifier {
    let policy = r#"{"senders": [{"id": "app", "scheme": "x-hmac", "secrets": ["S"]}], "routes": [
        {"path": "/in", "methods": ["POST"], "senders": ["app"]},
        {"path": "/open", "methods": ["POST"], "access": "public"}]}"#;

    Policy::parse(policy).unwrap().into_verifier(|_| Some(Secret::new(STRICT.into()))).unwrap()
}

#[test]
fn row_26_the_plan_removes_what_speaks_for_the_gate_or_the_connection() {
    let names = [
        "Countersign-Sender",
        "countersign_sender",
        "COUNTERSIGN-anything",
        "countersign-",
        "Countersign",
        "X-Countersign-Sender",
        "Connection",
        "x-named",
        "X_Named",
        "Transfer-Encoding",
        "transfer_encoding",
        "TE",
        "Expect",
        "X-Original-URL",
        "x_http_method_override",
        "Host",
        "Content-Type",
        "Cookie",
    ];
    let verifier = with_public_route();
    let value =
        |name: &str| if name == "Connection" { b"close, X-Named ,,host2" } else { b"1".as_slice() };
    let fields = names.iter().map(|name| Field::new(name, value(name))).collect();
    let head = Head::new("POST", "https://gate.test/open", fields).unwrap();
    let Admission::Public(public) = verifier.begin(&head, UnixSeconds::new(NOW)).unwrap() else {
        panic!("the route is public");
    };
    let (plan, body) =
        public.finish(b"body", UnixSeconds::new(NOW)).unwrap().into_forward("r-1").unwrap();
    assert_eq!(body, b"body");
    assert_eq!(
        plan.remove(),
        [
            "Countersign-Sender",
            "countersign_sender",
            "COUNTERSIGN-anything",
            "countersign-",
            "Connection",
            "x-named",
            "X_Named",
            "Transfer-Encoding",
            "transfer_encoding",
            "TE",
            "Expect",
            "X-Original-URL",
            "x_http_method_override",
        ]
    );
    assert_eq!(plan.set(), [("countersign-request-id", "r-1".to_owned())]);
}

#[test]
fn row_26_every_hop_by_hop_field_stays_behind_and_every_connection_line_counts() {
    let dropped = [
        "connection",
        "expect",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "x-forwarded-uri",
        "x-http-method",
        "x-http-method-override",
        "x-method-override",
        "x-original-url",
        "x-rewrite-url",
        "x-second",
        "SCRIPT_NAME",
        "path_info",
        "Countersign.Sender",
        "Countersign!Sender",
        "x_hmac_signature",
    ];
    let verifier = with_public_route();
    let mut fields: Vec<Field> = dropped.iter().map(|name| Field::new(name, b"close")).collect();
    fields.push(Field::new("connection", b"x-second"));
    fields.push(Field::new("x-kept", b"1"));
    let head = Head::new("POST", "https://gate.test/open", fields).unwrap();
    let outcome = verifier
        .begin(&head, UnixSeconds::new(NOW))
        .unwrap()
        .finish(b"", UnixSeconds::new(NOW))
        .unwrap();
    let Outcome::Forward(cleared) = outcome else { panic!("it is forwarded") };
    assert_eq!(cleared.origin_timeout(), 30);
    let (plan, _body) = cleared.into_forward("r-1").unwrap();
    assert_eq!(plan.remove(), [dropped.as_slice(), &["connection"]].concat());
}

#[test]
fn row_07_a_length_that_cannot_be_read_is_too_large() {
    let verifier = verifier("");
    for length in ["-1", "+1", "1e3", "0x10", "5, 5", "99999999999999999999999", " 5", "five"] {
        let head = Head::new(
            "POST",
            "https://gate.test/shared",
            vec![Field::new("content-length", length.as_bytes())],
        );
        let head = head.unwrap();
        let refusal = verifier.begin(&head, UnixSeconds::new(NOW)).err().unwrap();
        assert_eq!(refusal.rejection(), Rejection::BodyTooLarge { limit: 1_048_576 }, "{length}");
    }
}

#[test]
fn row_20_a_sender_with_one_of_two_secrets_missing_is_refused() {
    let policy = POLICY.replace(r#"["STRICT"]"#, r#"["STRICT", "NEXT"]"#);
    let secret = |name: &str| match name {
        "STRICT" => Some(Secret::new(STRICT.into())),
        "PATIENT" => Some(Secret::new(PATIENT.into())),
        _ => None,
    };
    let verifier = Policy::parse(&policy).unwrap().into_verifier(secret).unwrap();
    assert_decision(decide(&verifier, STRICT, 0), "misconfigured", None);
    assert_decision(decide(&verifier, PATIENT, 0), "accepted", Some("patient"));
}

#[test]
fn a_head_is_read_from_lines() {
    let lines =
        "POST\nhttps://gate.example:8443/v1/infer?a=1?b\nhost\ngate.example\nx-empty\n\nx-last\n1";
    let head = Head::from_lines(lines).unwrap();
    assert_eq!(
        (head.method(), head.path(), head.target()),
        ("POST", "/v1/infer", "/v1/infer?a=1?b")
    );
    let fields: Vec<_> = head.fields().iter().map(|field| (field.name(), field.value())).collect();
    assert_eq!(fields, [("host", b"gate.example".as_slice()), ("x-empty", b""), ("x-last", b"1")]);

    assert!(Head::from_lines("GET\nhttp://a/").is_some());
    for broken in [
        "",
        "GET",
        "GET\n/path",
        "GET\nhttp://a",
        "GET\nhttp://a/\nname",
        "GET\nhttp://a/\nname\nvalue\nname",
    ] {
        assert!(Head::from_lines(broken).is_none(), "{broken:?}");
    }
    let many = |count: usize| format!("GET\nhttp://a/{}", "\nx\n1".repeat(count));
    assert!(Head::from_lines(&many(256)).is_some());
    assert!(Head::from_lines(&many(257)).is_none());
}

/// A sender with three secrets, of which the second has begun and ended.
#[test]
fn a_secret_counts_from_its_first_second_to_its_last() {
    let policy = r#"{
        "senders": [{"id": "app", "scheme": "x-hmac", "secrets": [
            "STRICT",
            {"name": "PATIENT", "not_before": "2025-10-09T08:53:20Z", "not_after": "2025-10-09T08:53:30Z"}
        ]}],
        "routes": [{"path": "/shared", "methods": ["POST"], "senders": ["app"]}]
    }"#;
    let secret =
        |name: &str| Some(Secret::new(if name == "STRICT" { STRICT } else { PATIENT }.into()));
    let verifier = Policy::parse(policy).unwrap().into_verifier(secret).unwrap();
    let decide = |text: &str, now: u64| {
        let signer = Signer::new(&X_HMAC, &Secret::new(text.into())).unwrap();
        let now = UnixSeconds::new(now);
        let url = "https://gate.test/shared";
        let request = Unsigned { method: "POST", url, body: b"{}", now, id: None };
        let signed = signer.sign(&request).unwrap();
        let fields =
            signed.iter().map(|(name, value)| Field::new(name, value.as_bytes())).collect();
        let head = Head::new("POST", url, fields).unwrap();
        match verifier.begin(&head, now).and_then(|admission| admission.finish(b"{}", now)) {
            Ok(outcome) => ("accepted", outcome.log_line("r-1").secret_index),
            Err(refusal) => (refusal.rejection().code(), refusal.log_line("r-1").secret_index),
        }
    };
    assert_eq!(decide(STRICT, NOW), ("accepted", Some(0)));
    assert_eq!(decide(PATIENT, NOW - 1), ("invalid_signature", None));
    assert_eq!(decide(PATIENT, NOW), ("accepted", Some(1)));
    assert_eq!(decide(PATIENT, NOW + 10), ("accepted", Some(1)));
    assert_eq!(decide(PATIENT, NOW + 11), ("invalid_signature", None));
    assert_eq!(decide(STRICT, NOW + 11), ("accepted", Some(0)));
}

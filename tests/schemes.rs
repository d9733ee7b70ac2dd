//! What the engine refuses whatever the signature says, natively and under wasm. That it reads
//! providers' requests rightly is shown by the published vectors and by `tests/presets`.
#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]
#![allow(clippy::indexing_slicing, clippy::string_slice)]

use countersign::scheme::Scheme;
use countersign::{Field, Head, Policy, Secret, Signer, UnixSeconds, Unsigned, Verifier};
use serde_json::json;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const NOW: u64 = 1_760_000_000;
const SECRET: &str = "whsec_kP2vX9mQ4sT7wZ1cF6hJ3nR8bL5dG0yA";
const URL: &str = "https://hooks.example/hook";
const BODY: &[u8] = b"{\"amount\":1250}";

/// Name and value.
type Line = (&'static str, String);

fn verifier(scheme: &str, url: Option<&str>) -> Verifier {
    let mut sender = json!({"id": "app", "scheme": scheme, "secrets": ["SECRET"]});
    if let Some(url) = url {
        sender["url"] = json!(url);
    }
    let route = json!({"path": "/{*rest}", "methods": ["POST"], "senders": ["app"]});
    Policy::parse(&json!({"senders": [sender], "routes": [route]}).to_string())
        .unwrap()
        .into_verifier(|_| Some(Secret::new(SECRET.into())))
        .unwrap()
}

fn code_at(verifier: &Verifier, url: &str, lines: &[Line], body: &[u8]) -> String {
    let fields = lines.iter().map(|(name, value)| Field::new(name, value.as_bytes())).collect();
    let head = Head::new("POST", url, fields).unwrap();
    match verifier
        .begin(&head, UnixSeconds::new(NOW))
        .and_then(|admission| admission.finish(body, UnixSeconds::new(NOW)))
    {
        Ok(outcome) => outcome.log_line("r-1").code.to_owned(),
        Err(refusal) => refusal.rejection().code().to_owned(),
    }
}

fn code(scheme: &str, lines: &[Line], body: &[u8]) -> String {
    code_at(&verifier(scheme, None), URL, lines, body)
}

/// The fields as the provider would send them.
fn signed(scheme: &str, url: &str, body: &[u8]) -> Vec<Line> {
    let scheme = Scheme::preset(scheme).unwrap();
    let signer = Signer::new(scheme, &Secret::new(SECRET.into())).unwrap();
    let id = scheme.signs_id().then_some("msg_0123456789abcdef");
    let now = UnixSeconds::new(NOW);
    signer.sign(&Unsigned { method: "POST", url, body, now, id }).unwrap()
}

/// One field with another value; an empty one takes the field away.
fn with(lines: &[Line], name: &str, value: String) -> Vec<Line> {
    let others = lines.iter().filter(|(key, _)| *key != name).cloned();
    let own = lines.iter().find(|(key, _)| *key == name).map(|(key, _)| (*key, value));
    others.chain(own.filter(|(_, value)| !value.is_empty())).collect()
}

fn value<'l>(lines: &'l [Line], name: &str) -> &'l str {
    &lines.iter().find(|(key, _)| *key == name).unwrap().1
}

#[test]
fn sixteen_signatures_are_tried_and_no_more() {
    let lines = signed("stripe", URL, BODY);
    let right = value(&lines, "Stripe-Signature").split("v1=").nth(1).unwrap();
    let list = |others: usize| {
        let wrong = format!(",v1={}", "0".repeat(64)).repeat(others);
        vec![("Stripe-Signature", format!("t={NOW}{wrong},v1={right}"))]
    };
    assert_eq!(code("stripe", &list(15), BODY), "accepted");
    assert_eq!(code("stripe", &list(16), BODY), "invalid_signature");
}

#[test]
fn a_signature_has_its_whole_length() {
    let lines = signed("github", URL, BODY);
    let name = "X-Hub-Signature-256";
    let text = value(&lines, name).to_owned();
    assert_eq!(code("github", &lines, BODY), "accepted");
    for cut in [2, 32, 62, 64] {
        let short = with(&lines, name, text[..text.len() - cut].to_owned());
        assert_eq!(code("github", &short, BODY), "invalid_signature", "{cut} characters fewer");
    }
    let longer = with(&lines, name, format!("{text}00"));
    assert_eq!(code("github", &longer, BODY), "invalid_signature");
}

#[test]
fn fields_that_are_required_must_have_their_value() {
    let lines = signed("box", URL, BODY);
    assert_eq!(code("box", &lines, BODY), "accepted");
    for (value, expected) in
        [("2", "invalid_signature"), ("1, 1", "invalid_signature"), ("", "missing_signature")]
    {
        let changed = with(&lines, "BOX-SIGNATURE-VERSION", value.to_owned());
        assert_eq!(code("box", &changed, BODY), expected, "{value:?}");
    }
    let weaker = with(&lines, "BOX-SIGNATURE-ALGORITHM", "HmacSHA1".to_owned());
    assert_eq!(code("box", &weaker, BODY), "invalid_signature");
}

#[test]
fn older_fields_count_only_where_there_are_no_newer_ones() {
    let older = signed("standard-webhooks", URL, BODY);
    let newer = signed("svix", URL, BODY);
    assert_eq!(code("svix", &older, BODY), "accepted");
    assert_eq!(code("svix", &newer, BODY), "accepted");
    let wrong = with(&newer, "svix-signature", format!("v1,{}=", "A".repeat(43)));
    assert_eq!(code("svix", &[older.clone(), wrong].concat(), BODY), "invalid_signature");
    let unstamped = with(&newer, "svix-timestamp", String::new());
    assert_eq!(code("svix", &[older, unstamped].concat(), BODY), "missing_signature");
}

#[test]
fn the_url_that_counts_is_the_one_of_the_policy() {
    let elsewhere = "https://other.example/hook";
    let lines = signed("square", URL, BODY);
    let fixed = verifier("square", Some(URL));
    assert_eq!(code_at(&fixed, elsewhere, &lines, BODY), "accepted");
    assert_eq!(
        code_at(&verifier("square", Some(elsewhere)), URL, &lines, BODY),
        "invalid_signature"
    );
    let origin = verifier("square", Some("https://hooks.example"));
    assert_eq!(code_at(&origin, URL, &lines, BODY), "accepted");
    assert_eq!(code_at(&origin, "https://hooks.example/other", &lines, BODY), "invalid_signature");
}

#[test]
fn no_part_of_a_varying_url_can_be_passed_off_as_body() {
    let origin = verifier("square", Some("https://hooks.example"));
    let called = "https://hooks.example/hook?a=1";
    let lines = signed("square", called, BODY);
    assert_eq!(code_at(&origin, called, &lines, BODY), "accepted");
    let longer = ["1".as_bytes(), BODY].concat();
    let shorter_url = "https://hooks.example/hook?a=";
    assert_eq!(code_at(&origin, shorter_url, &lines, &longer), "invalid_signature");
    let longer_url = format!("{called}{{\"amount\":125");
    assert_eq!(code_at(&origin, &longer_url, &lines, b"0}"), "invalid_signature");
}

#[test]
fn a_member_of_the_body_that_stands_twice_is_no_value() {
    // printf '%s' 1760000000abcdef | openssl dgst -sha256 -hmac whsec_kP2v…
    let signature = "6f89ff6510b11b6e9156363a2e2dae7446f092357fe47ffa4b921fecec5fc68e";
    let body = |extra: &str| {
        format!(
            r#"{{"signature":{{"timestamp":"{NOW}","token":"abcdef","signature":"{signature}"{extra}}}}}"#
        )
    };
    assert_eq!(code("mailgun", &[], body("").as_bytes()), "accepted");
    let twice = body(r#","token":"ghijkl""#);
    assert_eq!(code("mailgun", &[], twice.as_bytes()), "missing_signature");
}

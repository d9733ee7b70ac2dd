//! HTTP Message Signatures (RFC 9421) through the verifier: what must be covered, what is refused
//! before the body, and what binds the body. That signatures are read and made as others do is shown
//! by the RFC's vectors and by `tests/interop`.
#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]

mod hashing_runtime;

use countersign::scheme::Scheme;
use countersign::{
    Field, Head, Policy, Rejection, Secret, Signer, UnixSeconds, Unsigned, Verifier,
};
use serde_json::{Value, json};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const NOW: u64 = 1_760_000_000;
const SECRET: &str = "kP2vX9mQ4sT7wZ1cF6hJ3nR8bL5dG0yA";
const URL: &str = "https://gate.test/v1/infer?a=1&b=%20x";
const BODY: &[u8] = br#"{"text":"hi"}"#;

type Line = (String, String);

fn verifier(sender: Value) -> Verifier {
    let mut table = json!({"id": "app", "scheme": "rfc9421-hmac-sha256", "secrets": ["SECRET"]});
    table.as_object_mut().unwrap().extend(sender.as_object().unwrap().clone());
    let methods = ["GET", "POST", "PUT"];
    let mut route = json!({"path": "/v1/{name}", "methods": methods, "senders": ["app"]});
    if sender.get("message_signature").is_some() {
        route.as_object_mut().unwrap().insert("allow_empty_body".to_owned(), json!(true));
    }
    Policy::parse(&json!({"senders": [table], "routes": [route]}).to_string())
        .unwrap()
        .into_verifier(|_| Some(Secret::new(SECRET.into())))
        .unwrap()
}

fn strict() -> Verifier {
    verifier(json!({}))
}

fn signed_at(url: &str, method: &str, body: &[u8], seconds: u64) -> Vec<Line> {
    signed_with(url, method, body, seconds, Some("n-1"))
}

fn signed_with(url: &str, method: &str, body: &[u8], seconds: u64, id: Option<&str>) -> Vec<Line> {
    let scheme = Scheme::preset("rfc9421-hmac-sha256").unwrap();
    let signer = Signer::new(scheme, &Secret::new(SECRET.into())).unwrap().with_keyid("key-1");
    let now = UnixSeconds::new(seconds);
    let fields = signer.sign(&Unsigned { method, url, body, now, id }).unwrap();
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn signed(method: &str, body: &[u8]) -> Vec<Line> {
    signed_at(URL, method, body, NOW)
}

/// The code, and whether the body was asked for.
fn decide(
    verifier: &Verifier,
    (method, url): (&str, &str),
    lines: &[Line],
    body: &[u8],
) -> (String, bool) {
    let length = body.len().to_string();
    let mut fields: Vec<Field> =
        lines.iter().map(|(name, value)| Field::new(name, value.as_bytes())).collect();
    if !body.is_empty() {
        fields.push(Field::new("content-length", length.as_bytes()));
    }
    let head = Head::new(method, url, fields).unwrap();
    hashing_runtime::both_ways_agree(verifier, &head, UnixSeconds::new(NOW), body);
    let mut read = false;
    let decided = verifier.begin(&head, UnixSeconds::new(NOW)).and_then(|admission| {
        read = true;
        admission.finish(body, UnixSeconds::new(NOW))
    });
    let code = match decided {
        Ok(outcome) => outcome.log_line("r-1").code.to_owned(),
        Err(refusal) => refusal.rejection().code().to_owned(),
    };
    (code, read)
}

#[track_caller]
fn assert_decision(got: (String, bool), code: &str, read: bool) {
    assert_eq!((got.0.as_str(), got.1), (code, read));
}

const INVALID: &str = "invalid_signature";

#[test]
fn what_is_signed_is_taken_with_and_without_a_body() {
    let post = ("POST", URL);
    assert_decision(decide(&strict(), post, &signed("POST", BODY), BODY), "accepted", true);
    assert_decision(decide(&strict(), ("GET", URL), &signed("GET", b""), b""), "accepted", true);
}

#[test]
fn row_05_method_host_path_and_query_are_bound() {
    let lines = signed("POST", BODY);
    for (method, url) in [
        ("PUT", URL),
        ("POST", "https://other.test/v1/infer?a=1&b=%20x"),
        ("POST", "https://gate.test/v1/other?a=1&b=%20x"),
        ("POST", "https://gate.test/v1/infer?a=2&b=%20x"),
        ("POST", "https://gate.test/v1/infer?a=1&b=+x"),
        ("POST", "https://gate.test/v1/infer"),
    ] {
        // All of it shows before the body is read.
        assert_decision(decide(&strict(), (method, url), &lines, BODY), INVALID, false);
    }
    // A port that the scheme implies is none, and the scheme itself is not asked for.
    let url = "https://GATE.test:443/v1/infer?a=1&b=%20x";
    assert_decision(decide(&strict(), ("POST", url), &lines, BODY), "accepted", true);
}

#[test]
fn row_01_the_body_is_bound_by_a_digest_that_is_covered_and_right() {
    let lines = signed("POST", BODY);
    assert_decision(decide(&strict(), ("POST", URL), &lines, b"{}"), INVALID, true);
    assert_decision(decide(&strict(), ("POST", URL), &lines, b""), INVALID, true);
    // Signed without a body, and sent with one: refused before it is read.
    let bare = signed("POST", b"");
    assert_decision(decide(&strict(), ("POST", URL), &bare, BODY), INVALID, false);
    let digest = lines.iter().find(|(name, _)| name == "Content-Digest").unwrap().clone();
    let beside = [bare.clone(), vec![digest]].concat();
    assert_decision(decide(&strict(), ("POST", URL), &beside, BODY), INVALID, false);
    // One that is not covered does not count, right or wrong.
    let wrong = ("Content-Digest".to_owned(), "sha-256=:AAAA:".to_owned());
    let beside = [bare, vec![wrong]].concat();
    assert_decision(decide(&strict(), ("POST", URL), &beside, b""), "accepted", true);
}

/// Changes a field by a function of its value.
fn edited(lines: &[Line], name: &str, edit: impl Fn(&str) -> String) -> Vec<Line> {
    let line =
        |(key, value): &Line| (key.clone(), if key == name { edit(value) } else { value.clone() });
    lines.iter().map(line).collect()
}

#[test]
fn parameters_are_bound_and_needed() {
    let lines = signed("POST", BODY);
    let input =
        |from: &str, to: &str| edited(&lines, "Signature-Input", |value| value.replace(from, to));
    for (from, to, code) in [
        (";created=1760000000", "", "missing_signature"),
        (";keyid=\"key-1\"", "", "missing_signature"),
        ("created=1760000000", "created=1760000001", INVALID),
        ("created=1760000000", "created=\"1760000000\"", INVALID),
        ("created=1760000000", "created=1760000000000", "invalid_timestamp"),
        ("created=1760000000", "created=1759999939", "stale_timestamp"),
        ("created=1760000000", "created=1760000061", "stale_timestamp"),
        ("nonce=\"n-1\"", "nonce=\"n-2\"", INVALID),
        (";nonce=\"n-1\"", ";nonce=\"n-1\";expires=1759999999", "stale_timestamp"),
        (";nonce=\"n-1\"", ";nonce=\"n-1\";alg=\"ed25519\"", INVALID),
        (";nonce=\"n-1\"", ";nonce=\"n-1\";alg=\"hmac-sha256\"", INVALID),
        (";nonce=\"n-1\"", ";nonce=\"n-1\";x=1", INVALID),
        ("\"@query\" ", "", INVALID),
        ("\"@query\"", "\"@query\" \"@query\"", INVALID),
        ("\"@query\"", "\"@signature-params\"", INVALID),
        ("\"@query\"", "\"@status\"", INVALID),
        ("\"@query\"", "\"@query\";req", INVALID),
        ("\"content-digest\"", "\"Content-Digest\"", INVALID),
        ("sig1=", "sig2=", INVALID),
        ("sig1=(", "sig1=\"", INVALID),
    ] {
        assert_decision(decide(&strict(), ("POST", URL), &input(from, to), BODY), code, false);
    }
    for name in ["Signature", "Signature-Input"] {
        let without: Vec<Line> = lines.iter().filter(|(key, _)| key != name).cloned().collect();
        assert_decision(
            decide(&strict(), ("POST", URL), &without, BODY),
            "missing_signature",
            false,
        );
    }
    for (from, to) in [("=:", "=\""), (":", ""), ("sig1", "sig1=:AAAA:, sig1")] {
        let other = edited(&lines, "Signature", |value| value.replace(from, to));
        assert_decision(decide(&strict(), ("POST", URL), &other, BODY), INVALID, false);
    }
}

#[test]
fn of_several_signatures_one_must_do() {
    let lines = signed("POST", BODY);
    let other = "proxy=(\"@method\");created=1760000000;keyid=\"other\"";
    let junk = format!("proxy=:{}=:", "A".repeat(43));
    let both = |first: bool| {
        let join = |own: &str, other: &str| {
            if first { format!("{own}, {other}") } else { format!("{other}, {own}") }
        };
        let lines = edited(&lines, "Signature-Input", |value| join(value, other));
        edited(&lines, "Signature", |value| join(value, &junk))
    };
    for first in [true, false] {
        assert_decision(decide(&strict(), ("POST", URL), &both(first), BODY), "accepted", true);
    }
    // As several lines, which are one field.
    let mut apart = lines.clone();
    apart.push(("signature-input".to_owned(), other.to_owned()));
    apart.push(("signature".to_owned(), junk.clone()));
    assert_decision(decide(&strict(), ("POST", URL), &apart, BODY), "accepted", true);
    let five = |value: &str, of: &str| {
        (0..4).fold(value.to_owned(), |list, at| {
            format!("{list}, {}", of.replace("proxy", &format!("p{at}")))
        })
    };
    let many = edited(&lines, "Signature-Input", |value| five(value, other));
    let many = edited(&many, "Signature", |value| five(value, &junk));
    assert_decision(decide(&strict(), ("POST", URL), &many, BODY), INVALID, false);
}

#[test]
fn the_policy_says_what_must_be_covered() {
    let lines = signed("POST", BODY);
    let with = |rule: Value| verifier(json!({"message_signature": rule}));
    let post = ("POST", URL);
    let more = json!({"components": ["@method", "@target-uri", "content-digest"]});
    assert_decision(decide(&with(more), post, &lines, BODY), INVALID, false);
    let field = json!({"components": ["@method", "@authority", "@path", "@query", "content-type"]});
    assert_decision(decide(&with(field), post, &lines, BODY), INVALID, false);
    assert_decision(decide(&with(json!({"keyid": "key-1"})), post, &lines, BODY), "accepted", true);
    assert_decision(decide(&with(json!({"keyid": "key-2"})), post, &lines, BODY), INVALID, false);
    assert_decision(decide(&with(json!({"tag": "app"})), post, &lines, BODY), INVALID, false);
    // Without content-digest among them, nothing binds the body: the operator said so.
    let loose = with(json!({"components": ["@method", "@path"]}));
    assert_decision(decide(&loose, post, &signed("POST", b""), BODY), "accepted", true);
}

#[test]
fn the_host_a_signer_saw_is_a_setting() {
    let url = "https://api.example/v1/infer?a=1&b=%20x";
    let lines = signed_at(url, "POST", BODY, NOW);
    assert_decision(decide(&strict(), ("POST", URL), &lines, BODY), INVALID, false);
    let named = verifier(json!({"url": "https://api.example"}));
    assert_decision(decide(&named, ("POST", URL), &lines, BODY), "accepted", true);
}

#[test]
fn a_nonce_is_needed_where_replay_is_kept_out_by_it() {
    let once = verifier(json!({"replay": "nonce"}));
    let lines = signed("POST", BODY);
    assert_decision(decide(&once, ("POST", URL), &lines, BODY), "accepted", true);
    let without = signed_with(URL, "POST", BODY, NOW, None);
    assert_decision(decide(&once, ("POST", URL), &without, BODY), "missing_signature", false);
    assert_decision(decide(&strict(), ("POST", URL), &without, BODY), "accepted", true);
}

#[test]
fn a_public_key_does_not_sign() {
    let key = "MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=";
    for text in
        [key.to_owned(), format!("-----BEGIN PUBLIC KEY-----\n{key}\n-----END PUBLIC KEY-----")]
    {
        let scheme = Scheme::preset("rfc9421-ed25519").unwrap();
        assert!(Signer::new(scheme, &Secret::new(text.into())).is_none());
    }
}

#[test]
fn refusals_name_the_sender_once_it_is_known() {
    let head_of = |lines: &[Line]| {
        let fields: Vec<(String, String)> = lines.to_vec();
        fields
    };
    let lines = head_of(&signed("POST", BODY));
    let fields = lines.iter().map(|(name, value)| Field::new(name, value.as_bytes())).collect();
    let head = Head::new("POST", URL, fields).unwrap();
    let verifier = strict();
    let refusal = verifier
        .begin(&head, UnixSeconds::new(NOW))
        .unwrap()
        .finish(b"{}", UnixSeconds::new(NOW))
        .err()
        .unwrap();
    assert_eq!(refusal.rejection(), Rejection::InvalidSignature);
    assert_eq!(refusal.log_line("r-1").sender, Some("app"));
}

/// What the policy does not demand to be covered is not bound, whatever a request covers.
#[test]
fn row_46_an_empty_body_is_bound_by_what_the_policy_demands() {
    let with_components = |components: Value| {
        let policy = |route: Value| {
            let sender = json!({
                "id": "app", "scheme": "rfc9421-hmac-sha256", "secrets": ["SECRET"],
                "message_signature": {"components": components},
            });
            let mut table =
                json!({"path": "/v1/{name}", "methods": ["GET", "POST"], "senders": ["app"]});
            table.as_object_mut().unwrap().extend(route.as_object().unwrap().clone());
            Policy::parse(&json!({"senders": [sender], "routes": [table]}).to_string())
        };
        let errors = policy(json!({})).err().map(|errors| errors.to_string());
        let verifier = policy(json!({"methods": ["POST"]})).unwrap();
        let verifier = verifier.into_verifier(|_| Some(Secret::new(SECRET.into()))).unwrap();
        (errors, decide(&verifier, ("POST", URL), &signed("POST", b""), b"").0)
    };
    let (errors, code) = with_components(json!(["@method", "@path", "@query"]));
    assert_eq!((errors, code.as_str()), (None, "accepted"));
    // Our signer covers neither of these by its own name.
    for bound in [json!(["@method", "@target-uri"]), json!(["@method", "@request-target"])] {
        assert_eq!(with_components(bound), (None, INVALID.to_owned()));
    }
    for open in [
        json!(["@authority"]),
        json!(["@method", "@path"]),
        json!(["@method", "@query"]),
        json!(["@path", "@query"]),
    ] {
        let (errors, code) = with_components(open.clone());
        assert!(
            errors.unwrap().starts_with("routes[0].methods: GET and HEAD have no body"),
            "{open}"
        );
        assert_eq!(code, "body_required", "{open}");
    }
}

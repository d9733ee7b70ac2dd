//! A head with the fields that a verifier says it reads is decided like the whole one, whatever else the
//! request has, under every preset that can be signed here.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use countersign::scheme::{PRESETS, Scheme};
use countersign::{Field, Head, Policy, Refusal, Secret, Signer, UnixSeconds, Unsigned, Verifier};
use serde_json::json;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const NOW: UnixSeconds = UnixSeconds::new(1_760_000_000);
const SECRET: &str = "kP2vX9mQ4sT7wZ1cF6hJ3nR8bL5dG0yAWv5cE8xN2bQ7mA1zK4jT9gH6fS3dP0lR";
const ORIGIN: &str = "https://hooks.example";
const BODY: &[u8] = b"{\"amount\":1250}";

const TOKEN: &str = "q8Zt-3u-Bk5-Hw-mR";

type Line = (&'static str, String);

/// Fields of a real request, and some that look like those of a signature.
const USUAL: [(&str, &str); 10] = [
    ("Host", "hooks.example"),
    ("Content-Type", "application/json"),
    ("Content-Length", "15"),
    ("Content-Encoding", "identity"),
    ("Connection", "close, x-named"),
    ("Transfer-Encoding", "chunked"),
    ("X_Hmac_Signature", "0"),
    ("X-Hmac-Signatures", "0"),
    ("Countersign-Sender", "first"),
    ("User-Agent", "test"),
];

fn verifier(scheme: &Scheme, more: &serde_json::Value) -> Option<Verifier> {
    let mut sender = json!({"id": "app", "scheme": scheme.name(), "secrets": ["SECRET"]});
    if scheme.signs_url() {
        sender["url"] = json!(ORIGIN);
    }
    sender.as_object_mut()?.extend(more.as_object()?.clone());
    let route = json!({"path": "/in", "methods": ["POST"], "senders": ["app"]});
    let policy = json!({"senders": [sender], "routes": [route]}).to_string();
    let secret =
        |name: &str| Some(Secret::new(if name == "TOKEN" { TOKEN.into() } else { SECRET.into() }));
    Policy::parse(&policy).ok()?.into_verifier(secret).ok()
}

fn signed(scheme: &'static Scheme) -> Option<Vec<Line>> {
    let signer = Signer::new(scheme, &Secret::new(SECRET.into()))?.with_keyid("k");
    let id = scheme.signs_id().then_some("0123456789abcdef");
    let url = &[ORIGIN, "/in"].concat();
    signer.sign(&Unsigned { method: "POST", url, body: BODY, now: NOW, id }).ok()
}

/// What was logged and answered.
fn decided(verifier: &Verifier, lines: &[Line], read: impl Fn(&str) -> bool) -> (String, String) {
    let lines = lines.iter().filter(|(name, _)| read(name));
    let fields = lines.map(|(name, value)| Field::new(name, value.as_bytes())).collect();
    let url = [ORIGIN, "/in"].concat();
    let head = Head::new("POST", &url, fields).unwrap();
    let answer = |refusal: &Refusal<'_>| format!("{:?}", refusal.problem("r-1"));
    match verifier.begin(&head, NOW).and_then(|admission| admission.finish(BODY, NOW)) {
        Ok(outcome) => (outcome.log_line("r-1").to_json(), String::new()),
        Err(refusal) => (refusal.log_line("r-1").to_json(), answer(&refusal)),
    }
}

/// The request, and it without each field, with each field twice, emptied and changed, and with a
/// list in place of each field.
fn variants(lines: &[Line]) -> Vec<Vec<Line>> {
    let mut variants = vec![lines.to_vec()];
    for place in 0..lines.len() {
        let changed = |change: &dyn Fn(&mut String)| {
            let mut lines = lines.to_vec();
            lines.iter_mut().skip(place).take(1).for_each(|(_, value)| change(value));
            lines
        };
        variants.push(changed(&String::clear));
        variants.push(changed(&|value| value.push('0')));
        variants.push(changed(&|value| value.push_str(", 0")));
        let (before, behind) = lines.split_at(place);
        let (own, behind) = behind.split_first().unwrap();
        variants.push([before, behind].concat());
        variants.push([before, &[own.clone(), own.clone()], behind].concat());
    }
    variants
}

#[test]
fn a_head_of_the_fields_that_are_read_is_decided_alike() {
    let mut tried = Vec::new();
    let schemes = PRESETS.iter().map(|preset| preset.scheme);
    let settings = [json!({}), json!({"handshake": true, "verify_token": "TOKEN"})];
    for (scheme, more) in schemes.flat_map(|scheme| settings.iter().map(move |more| (scheme, more)))
    {
        let Some((verifier, signed)) = verifier(scheme, more).zip(signed(scheme)) else { continue };
        let Some(read) = verifier.fields_read() else { continue };
        let usual = USUAL.iter().map(|(name, value)| (*name, (*value).to_owned()));
        let whole: Vec<Line> = signed.into_iter().chain(usual).collect();
        let all = decided(&verifier, &whole, |_| true);
        assert!(all.0.contains("\"accepted\""), "{}: {all:?}", scheme.name());
        for lines in variants(&whole) {
            let is_read = |name: &str| read.iter().any(|own| own.eq_ignore_ascii_case(name));
            let whole = decided(&verifier, &lines, |_| true);
            assert_eq!(decided(&verifier, &lines, is_read), whole, "{}", scheme.name());
        }
        tried.push(scheme.name());
    }
    for name in ["x-hmac", "x-hmac-nonce", "github", "slack", "stripe", "square", "hubspot-v3"] {
        assert!(tried.contains(&name), "{name} in {tried:?}");
    }
}

#[test]
fn no_more_is_read_than_framing_connection_and_the_scheme_s_own() {
    let read =
        |scheme, more| verifier(Scheme::preset(scheme).unwrap(), &more).unwrap().fields_read();
    let framing = ["content-length", "content-encoding", "connection"];
    let own = ["X-HMAC-Signature", "X-HMAC-Timestamp"];
    assert_eq!(read("x-hmac", json!({})).unwrap(), [&framing[..], &own].concat());
    // What these sign or are asked may stand in any field.
    assert_eq!(read("contentful", json!({})), None);
    assert_eq!(read("twilio", json!({})), None);
    assert_eq!(read("rfc9421-hmac-sha256", json!({})), None);
    assert_eq!(read("woocommerce", json!({"handshake": true})), None);
}

#[test]
fn what_stays_behind_is_found_by_all_names() {
    let verifier = verifier(Scheme::preset("x-hmac").unwrap(), &json!({})).unwrap();
    let more = ["x_hmac_nonce", "X-Hmac-Nonce"];
    let names: Vec<&str> = USUAL.iter().map(|(name, _)| *name).chain(more).collect();
    assert_eq!(
        verifier.left_behind("close, x-hmac-nonce", &names).unwrap(),
        [
            "Connection",
            "Transfer-Encoding",
            "X_Hmac_Signature",
            "Countersign-Sender",
            "x_hmac_nonce",
            "X-Hmac-Nonce"
        ]
    );
    assert_eq!(verifier.left_behind("", &["accept", "x-named"]).unwrap(), [""; 0]);
    assert!(verifier.left_behind("", &["a"; 256]).is_some());
    assert!(verifier.left_behind("", &["a"; 257]).is_none());
}

//! Message signatures (RFC 9421) by the package `httpsig`, verified here, and what `Signer` makes,
//! verified by it. Its text of the signature base is its own; of its primitives, Ed25519 is.
#![cfg(all(not(target_arch = "wasm32"), feature = "public-keys",))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use base64ct::{Base64, Encoding};
use countersign::scheme::Scheme;
use countersign::{Field, Head, Policy, Secret, Signer, UnixSeconds, Unsigned, Verifier};
use httpsig::prelude::message_component::{HttpMessageComponent, HttpMessageComponentId};
use httpsig::prelude::{
    AlgorithmName, HttpSignatureBase, HttpSignatureHeaders, HttpSignatureParams, SecretKey,
    SharedKey, SigningKey, VerifyingKey,
};
use p256::elliptic_curve::sec1::ToSec1Point;
use serde_json::json;
use sha2::{Digest, Sha256};

const NOW: u64 = 1_760_000_000;
const URL: &str = "https://gate.test/v1/infer?a=1&b=%20x";
const BODY: &[u8] = br#"{"text":"hi"}"#;
/// The bytes of every key.
const KEY: [u8; 32] = *b"kP2vX9mQ4sT7wZ1cF6hJ3nR8bL5dG0yA";

type Line = (&'static str, String);

/// Each component that is covered, with the values that stand for it.
const COMPONENTS: [(&str, &str); 8] = [
    ("\"@method\"", "POST"),
    ("\"@authority\"", "gate.test"),
    ("\"@path\"", "/v1/infer"),
    ("\"@query\"", "?a=1&b=%20x"),
    ("\"content-digest\"", ""),
    ("\"example-dict\"", DICTIONARY),
    ("\"example-dict\";key=\"b\"", DICTIONARY),
    ("\"example-dict\";sf", DICTIONARY),
];
const DICTIONARY: &str = "a=1,    b=2;x=1;y=2,   c=(a   b   c), d";

fn digest() -> String {
    format!("sha-256=:{}:", Base64::encode_string(&Sha256::digest(BODY)))
}

/// The lines of the base, of the first components.
fn lines(count: usize) -> Vec<HttpMessageComponent> {
    let line = |(id, value): &(&str, &str)| {
        let id = HttpMessageComponentId::try_from(*id).unwrap();
        let value = if value.is_empty() { digest() } else { (*value).to_owned() };
        HttpMessageComponent::try_from((&id, [value].as_slice())).unwrap()
    };
    COMPONENTS.iter().take(count).map(line).collect()
}

/// The fields of a request that `httpsig` signs.
fn signed(key: &impl SigningKey, change: impl Fn(&mut HttpSignatureParams)) -> Vec<Line> {
    let lines = lines(COMPONENTS.len());
    let ids: Vec<_> = lines.iter().map(|line| line.id.clone()).collect();
    let mut params = HttpSignatureParams::try_new(&ids).unwrap();
    params.set_created(NOW).set_keyid("key-1");
    change(&mut params);
    let base = HttpSignatureBase::try_new(&lines, &params).unwrap();
    let headers = base.build_signature_headers(key, Some("theirs")).unwrap();
    vec![
        ("signature-input", headers.signature_input_header_value()),
        ("signature", headers.signature_header_value()),
        ("content-digest", digest()),
        ("example-dict", DICTIONARY.to_owned()),
    ]
}

fn verifier(preset: &str, secret: &str) -> Verifier {
    let sender = json!({"id": "app", "scheme": preset, "secrets": ["SECRET"]});
    let route = json!({"path": "/v1/{name}", "methods": ["POST"], "senders": ["app"]});
    Policy::parse(&json!({"senders": [sender], "routes": [route]}).to_string())
        .unwrap()
        .into_verifier(|_| Some(Secret::new(secret.into())))
        .unwrap()
}

fn decide(verifier: &Verifier, lines: &[Line], body: &[u8]) -> String {
    let length = body.len().to_string();
    let mut fields: Vec<Field> =
        lines.iter().map(|(name, value)| Field::new(name, value.as_bytes())).collect();
    fields.push(Field::new("content-length", length.as_bytes()));
    let head = Head::new("POST", URL, fields).unwrap();
    let decided = verifier.begin(&head, UnixSeconds::new(NOW));
    match decided.and_then(|admission| admission.finish(body, UnixSeconds::new(NOW))) {
        Ok(outcome) => outcome.log_line("r-1").code.to_owned(),
        Err(refusal) => refusal.rejection().code().to_owned(),
    }
}

/// With a field changed.
fn edited(lines: &[Line], name: &str, from: &str, to: &str) -> Vec<Line> {
    let edit = |(key, value): &Line| {
        let value = if *key == name { value.replacen(from, to, 1) } else { value.clone() };
        (*key, value)
    };
    let edited = lines.iter().map(edit).collect();
    assert_ne!(edited, lines, "{from} stands in {name}");
    edited
}

#[track_caller]
fn assert_verified(preset: &str, secret: &str, key: &impl SigningKey) {
    let verifier = verifier(preset, secret);
    let plain = signed(key, |_| {});
    let full = signed(key, |params| {
        params.set_alg(&key.alg()).set_nonce("n-1").set_tag("orders").set_expires(NOW + 30);
    });
    for lines in [&plain, &full] {
        assert_eq!(decide(&verifier, lines, BODY), "accepted", "{preset}");
        assert_eq!(decide(&verifier, lines, b"{}"), "invalid_signature", "{preset}");
        for (name, from, to) in [
            ("example-dict", "x=1", "x=2"),
            ("example-dict", ",    b", ", b"),
            ("signature-input", "key-1", "key-2"),
            ("signature-input", " \"example-dict\";sf", ""),
            ("signature-input", "theirs", "ours"),
        ] {
            let changed = edited(lines, name, from, to);
            assert_eq!(decide(&verifier, &changed, BODY), "invalid_signature", "{preset} {to}");
        }
    }
    let late = signed(key, |params| {
        params.set_expires(NOW - 1);
    });
    assert_eq!(decide(&verifier, &late, BODY), "stale_timestamp");
}

/// The public key of a private one on P-256 or P-384, behind what stands before it in a
/// `SubjectPublicKeyInfo`.
fn spki(head: &str, point: &[u8]) -> String {
    Base64::encode_string(&[hex::decode(head).unwrap().as_slice(), point].concat())
}

#[test]
fn what_httpsig_signs_is_verified() {
    let text = Base64::encode_string(&KEY);
    let shared = SharedKey::from_base64(&AlgorithmName::HmacSha256, &text).unwrap();
    assert_verified("rfc9421-hmac-sha256-base64", &text, &shared);

    let pair = |name, bytes: &[u8]| SecretKey::from_bytes(&name, bytes).unwrap();
    let public = ed25519_dalek::SigningKey::from_bytes(&KEY).verifying_key();
    let public = Base64::encode_string(public.as_bytes());
    assert_verified("rfc9421-ed25519", &public, &pair(AlgorithmName::Ed25519, &KEY));

    let public = p256::SecretKey::from_slice(&KEY).unwrap().public_key();
    let head = "3059301306072a8648ce3d020106082a8648ce3d030107034200";
    let public = spki(head, public.to_sec1_point(false).as_bytes());
    let key = pair(AlgorithmName::EcdsaP256Sha256, &KEY);
    assert_verified("rfc9421-ecdsa-p256-sha256", &public, &key);

    let scalar = [KEY.as_slice(), &[7; 16]].concat();
    let public = p384::SecretKey::from_slice(&scalar).unwrap().public_key();
    let head = "3076301006072a8648ce3d020106052b81040022036200";
    let public = spki(head, public.to_sec1_point(false).as_bytes());
    let key = pair(AlgorithmName::EcdsaP384Sha384, &scalar);
    assert_verified("rfc9421-ecdsa-p384-sha384", &public, &key);
}

/// The fields that `Signer` makes, verified by `httpsig`.
fn is_verified(key: &impl VerifyingKey, fields: &[Line], lines: &[HttpMessageComponent]) -> bool {
    let field = |name: &str| &fields.iter().find(|(own, _)| *own == name).unwrap().1;
    let all =
        HttpSignatureHeaders::try_parse(field("Signature"), field("Signature-Input")).unwrap();
    let headers = all.values().next().unwrap();
    assert_eq!(all.len(), 1);
    let base = HttpSignatureBase::try_new(lines, headers.signature_params()).unwrap();
    base.verify_signature_headers(key, headers).is_ok()
}

#[track_caller]
fn assert_signed(preset: &str, secret: &str, key: &impl VerifyingKey) {
    let scheme = Scheme::preset(preset).unwrap();
    let signer = Signer::new(scheme, &Secret::new(secret.into())).unwrap().with_keyid("key-1");
    let sign = |id| {
        let now = UnixSeconds::new(NOW);
        signer.sign(&Unsigned { method: "POST", url: URL, body: BODY, now, id }).unwrap()
    };
    let own = lines(5);
    assert!(is_verified(key, &sign(None), &own), "{preset}");
    for (at, value) in
        ["PUT", "other.test", "/v1/other", "?a=2", "sha-256=:AAAA:"].iter().enumerate()
    {
        let mut changed = own.clone();
        let id = changed[at].id.clone();
        changed[at] =
            HttpMessageComponent::try_from((&id, [value.to_string()].as_slice())).unwrap();
        assert!(!is_verified(key, &sign(None), &changed), "{preset} {value}");
    }
    // It writes the parameters in an order of its own, nonce before keyid, where section 3.2 takes
    // the field as it was received.
    assert!(!is_verified(key, &sign(Some("n-1")), &own), "{preset}");
}

#[test]
fn httpsig_verifies_what_is_signed() {
    let text = Base64::encode_string(&KEY);
    let shared = SharedKey::from_base64(&AlgorithmName::HmacSha256, &text).unwrap();
    assert_signed("rfc9421-hmac-sha256-base64", &text, &shared);

    let scalar = [KEY.as_slice(), &[7; 16]].concat();
    for (preset, name, key, head) in [
        ("rfc9421-ed25519", AlgorithmName::Ed25519, &KEY[..], "302e020100300506032b657004220420"),
        // RFC 5915, with no more than it asks for.
        (
            "rfc9421-ecdsa-p256-sha256",
            AlgorithmName::EcdsaP256Sha256,
            &KEY,
            "304102010030130607 2a8648ce3d0201 06082a8648ce3d030107 0427 30250201010420",
        ),
        (
            "rfc9421-ecdsa-p384-sha384",
            AlgorithmName::EcdsaP384Sha384,
            &scalar,
            "304e020100301006072a8648ce3d020106052b81040022 0437 30350201010430",
        ),
    ] {
        let head = hex::decode(head.replace(' ', "")).unwrap();
        let pkcs8 = Base64::encode_string(&[&head, key].concat());
        let pair = SecretKey::from_bytes(&name, key).unwrap();
        assert_signed(preset, &pkcs8, &pair.public_key());
    }
}

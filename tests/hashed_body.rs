//! Bodies that somebody else hashed: the same decisions, and nothing gets through with a digest that
//! is missing or wrong. More requests are decided both ways in `requests` and `message_signature`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod hashing_runtime;

use countersign::scheme::{PRESETS, Scheme};
use countersign::{
    Admission, Field, HashedBody, Head, Outcome, Policy, Rejection, Secret, Signer, UnixSeconds,
    Unsigned, Verifier,
};
use hashing_runtime::{both_ways_agree, hashed};
use serde_json::{Value, json};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const NOW: UnixSeconds = UnixSeconds::new(1_760_000_000);
const SECRETS: [&str; 3] = [
    "kP2vX9mQ4sT7wZ1cF6hJ3nR8bL5dG0yA",
    "Wv5cE8xN2bQ7mA1zK4jT9gH6fS3dP0lR",
    "qJ8rT2yU6iO0pA4sD7fG1hK5lZ9xC3vB",
];
const URL: &str = "https://gate.test/in";
const BODY: &[u8] = b"{\"text\":\"a body\"}";

/// The secrets that the policies call A, B and C.
fn secret(name: &str) -> Option<Secret> {
    let place = ["A", "B", "C"].iter().position(|known| *known == name)?;
    Some(Secret::new(SECRETS[place].into()))
}

/// A route of one sender with two secrets and one with the third; `more` goes into both.
fn verifier(scheme: &str, more: &Value) -> Verifier {
    let sender = |id: &str, secrets: &[&str]| {
        let mut table = json!({"id": id, "scheme": scheme, "secrets": secrets});
        table.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        table
    };
    let policy = json!({
        "senders": [sender("first", &["A", "B"]), sender("second", &["C"])],
        "routes": [{"path": "/in", "methods": ["POST"], "senders": ["first", "second"]}],
    });
    Policy::parse(&policy.to_string()).unwrap().into_verifier(secret).unwrap()
}

fn signed(scheme: &str, secret: &str, body: &[u8]) -> Vec<(&'static str, String)> {
    let scheme = Scheme::preset(scheme).unwrap();
    let signer = Signer::new(scheme, &Secret::new(secret.into())).unwrap().with_keyid("k");
    let id = scheme.signs_id().then_some("0123456789abcdef");
    signer.sign(&Unsigned { method: "POST", url: URL, body, now: NOW, id }).unwrap()
}

fn head<'f>(fields: &'f [(&'static str, String)]) -> Head<'f> {
    let field = |(name, value)| Field::new(name, str::as_bytes(value));
    Head::new("POST", URL, fields.iter().map(|(name, value)| field((name, value))).collect())
        .unwrap()
}

fn code(admission: Admission<'_, '_>, body: HashedBody) -> &'static str {
    match admission.finish(body) {
        Ok(outcome) => {
            assert_eq!(outcome.log_line("r-1").code, "accepted");
            "accepted"
        }
        Err(refusal) => refusal.rejection().code(),
    }
}

/// Every secret of every sender, a wrong one, and another body, under each preset that can be tried
/// this way.
#[test]
fn every_preset_decides_alike_both_ways() {
    let mut by_hashes = Vec::new();
    for preset in PRESETS {
        let scheme = preset.scheme;
        let senders_state_a_url = scheme.signs_url();
        let tells_by_text =
            ["HMAC-SHA1", "HMAC-SHA256", "HMAC-SHA512"].contains(&scheme.algorithm());
        let secret = Secret::new(SECRETS[0].into());
        let signer = Signer::new(scheme, &secret);
        if senders_state_a_url || !tells_by_text || signer.is_none() {
            continue;
        }
        let id = scheme.signs_id().then_some("0123456789abcdef");
        let unsigned = Unsigned { method: "POST", url: URL, body: BODY, now: NOW, id };
        if signer.unwrap().with_keyid("k").sign(&unsigned).is_err() {
            continue;
        }
        let verifier = verifier(scheme.name(), &json!({}));
        let mut told = false;
        for secret in [SECRETS[0], SECRETS[1], SECRETS[2], "xB7nM3kL9qW5eR1tY6uI0oP4aS8dF2gH"] {
            let fields = signed(scheme.name(), secret, BODY);
            told |= both_ways_agree(&verifier, &head(&fields), NOW, BODY);
            both_ways_agree(&verifier, &head(&fields), NOW, b"{\"text\":\"another\"}");
            both_ways_agree(&verifier, &head(&fields), NOW, b"");
        }
        if told {
            by_hashes.push(scheme.name());
        }
    }
    for name in ["x-hmac", "x-hmac-nonce", "github", "slack", "stripe", "rfc9421-hmac-sha256"] {
        assert!(by_hashes.contains(&name), "{name} in {by_hashes:?}");
    }
}

#[test]
fn claims_are_the_same() {
    for replay in ["nonce", "signature"] {
        let verifier = verifier("x-hmac-nonce", &json!({"replay": replay}));
        for secret in SECRETS {
            assert!(both_ways_agree(
                &verifier,
                &head(&signed("x-hmac-nonce", secret, BODY)),
                NOW,
                BODY
            ));
        }
    }
}

#[test]
fn row_01_a_digest_of_anything_else_is_refused() {
    let verifier = verifier("x-hmac", &json!({}));
    let fields = signed("x-hmac", SECRETS[1], BODY);
    let head = head(&fields);
    let begin = || verifier.begin(&head, NOW).unwrap();
    let right = hashed(&begin(), BODY).unwrap();
    assert_eq!(code(begin(), right.clone()), "accepted");
    // The second secret's digest decides; each of its bits does.
    for bit in 0..256 {
        let mut wrong = right.clone();
        wrong.digests[1][bit / 8] ^= 1 << (bit % 8);
        assert_eq!(code(begin(), wrong), "invalid_signature");
    }
    // A digest counts in its own place only.
    let mut swapped = right.clone();
    swapped.digests.swap(1, 2);
    assert_eq!(code(begin(), swapped), "invalid_signature");
    // The signature itself is no digest.
    let mut reflected = right;
    reflected.digests[1] = hex::decode(&fields[0].1).unwrap();
    assert_eq!(code(begin(), reflected), "invalid_signature");
}

#[test]
fn what_does_not_answer_the_question_is_refused() {
    let verifier = verifier("x-hmac", &json!({}));
    let fields = signed("x-hmac", SECRETS[0], BODY);
    let head = head(&fields);
    let begin = || verifier.begin(&head, NOW).unwrap();
    let right = hashed(&begin(), BODY).unwrap();
    let with = |change: &dyn Fn(&mut Vec<Vec<u8>>)| {
        let mut digests = right.digests.clone();
        change(&mut digests);
        code(begin(), HashedBody { length: BODY.len(), digests })
    };
    assert_eq!(with(&|digests| digests.clear()), "internal_error");
    assert_eq!(with(&|digests| drop(digests.pop())), "internal_error");
    assert_eq!(with(&|digests| digests.push(vec![0; 32])), "internal_error");
    assert_eq!(with(&|digests| digests[0].truncate(31)), "internal_error");
    assert_eq!(with(&|digests| digests[0].push(0)), "internal_error");
}

#[test]
fn the_length_is_held_to_the_routes_limits() {
    let verifier = verifier("x-hmac", &json!({}));
    let fields = signed("x-hmac", SECRETS[0], b"");
    let head = head(&fields);
    let begin = || verifier.begin(&head, NOW).unwrap();
    let empty = hashed(&begin(), b"").unwrap();
    assert_eq!(code(begin(), empty.clone()), "body_required");
    assert_eq!(code(begin(), HashedBody { length: (1 << 20) + 1, ..empty }), "body_too_large");
}

/// A handshake's answer is made of the bytes.
#[test]
fn where_the_bytes_are_needed_hashes_are_neither_asked_for_nor_taken() {
    let open = verifier("slack", &json!({}));
    let answering = verifier("slack", &json!({"handshake": true}));
    let fields = signed("slack", SECRETS[0], BODY);
    let head = head(&fields);
    let answer = hashed(&open.begin(&head, NOW).unwrap(), BODY).unwrap();
    let admission = answering.begin(&head, NOW).unwrap();
    assert!(admission.body_hashes().is_none());
    let refusal = admission.finish(answer).unwrap_err();
    assert_eq!(refusal.rejection(), Rejection::InternalError);
}

#[test]
fn a_seal_is_the_same_both_ways() {
    let ed25519 = "MC4CAQAwBQYDK2VwBCIEICC5V+BvXi7oTPx27/b4CgDUOt1gsuqcu0jLOS0kWIj9";
    for (seal, key) in
        [("x-hmac", SECRETS[2]), ("rfc9421-hmac-sha256", SECRETS[2]), ("rfc9421-ed25519", ed25519)]
    {
        for scheme in ["x-hmac", "rfc9421-hmac-sha256", "github"] {
            let policy = json!({
                "senders": [{"id": "a", "scheme": scheme, "secrets": ["A"]}],
                "routes": [{"path": "/in", "methods": ["POST"], "senders": ["a"]}],
                "seal": {"scheme": seal, "secret": "SEAL"},
            });
            let verifier = Policy::parse(&policy.to_string()).unwrap().into_verifier(|name| {
                if name == "SEAL" { Some(Secret::new(key.into())) } else { secret(name) }
            });
            let verifier = verifier.unwrap();
            let fields = signed(scheme, SECRETS[0], BODY);
            let head = head(&fields);
            let begin = || verifier.begin(&head, NOW).unwrap();
            let answer = hashed(&begin(), BODY).unwrap();
            let Outcome::Forward(by_hashes) = begin().finish(answer.clone()).unwrap() else {
                panic!("it is forwarded")
            };
            let Outcome::Forward(by_body) = begin().finish(BODY).unwrap() else {
                panic!("it is forwarded")
            };
            let (by_hashes, _) = by_hashes.into_forward("r-1").unwrap();
            let (by_body, _) = by_body.into_forward("r-1").unwrap();
            assert_eq!(by_hashes, by_body, "{seal} {scheme}");

            let mut short = answer;
            short.digests.pop();
            assert_eq!(code(begin(), short), "internal_error", "{seal} {scheme}");
        }
    }
}

#[test]
fn key_material_is_not_printed() {
    let verifier = verifier("x-hmac", &json!({}));
    let fields = signed("x-hmac", SECRETS[0], BODY);
    let hashes = verifier.begin(&head(&fields), NOW).unwrap().body_hashes().unwrap();
    assert_eq!(format!("{:?}", hashes[0]), "BodyHash { algorithm: Sha256, .. }");
}

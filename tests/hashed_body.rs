//! Bodies that somebody else hashes: the same decisions, and nothing gets through with a digest that
//! is wrong or none. More requests are decided both ways in `requests` and `message_signature`.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod hashing_runtime;

use std::sync::{Arc, Mutex};

use countersign::scheme::{PRESETS, Scheme};
use countersign::{
    Admission, Check, Cryptography, Field, Head, Message, Outcome, Policy, PrivateKey, Rejection,
    Secret, Signer, UnixSeconds, Unsigned, Verifier,
};
use hashing_runtime::{Elsewhere, both_ways_agree};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::{Digest, Sha256, Sha384};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const NOW: UnixSeconds = UnixSeconds::new(1_760_000_000);
const SECRETS: [&str; 3] = [
    "kP2vX9mQ4sT7wZ1cF6hJ3nR8bL5dG0yAkP9dOw2xR7vB",
    "Wv5cE8xN2bQ7mA1zK4jT9gH6fS3dP0lRgP9dOw2xR7vB",
    "qJ8rT2yU6iO0pA4sD7fG1hK5lZ9xC3vBhP9dOw2xR7vB",
];
const URL: &str = "https://gate.test/in";
const BODY: &[u8] = b"{\"text\":\"a body\"}";

/// The secrets that the policies call A, B and C.
fn secret(name: &str) -> Option<Secret> {
    let place = ["A", "B", "C"].iter().position(|known| *known == name)?;
    Some(Secret::new(SECRETS[place].into()))
}

/// A sender; `more` goes into its table.
fn sender(id: &str, scheme: &Value, secrets: &[&str], more: &Value) -> Value {
    let mut table = json!({"id": id, "scheme": scheme, "secrets": secrets});
    table.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    table
}

/// A route of one sender with two secrets and one with the third; `more` goes into both.
fn verifier(scheme: &str, more: &Value) -> Verifier {
    let sender = |id, secrets| sender(id, &json!(scheme), secrets, more);
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

fn code(admission: Admission<'_, '_>, body: &Elsewhere<'_>) -> &'static str {
    match admission.finish(body, NOW) {
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
        let more = if scheme.signs_url() { json!({"url": "https://gate.test"}) } else { json!({}) };
        let tells_by_text =
            ["HMAC-SHA1", "HMAC-SHA256", "HMAC-SHA512"].contains(&scheme.algorithm());
        let secret = Secret::new(SECRETS[0].into());
        let signer = Signer::new(scheme, &secret);
        if !tells_by_text || signer.is_none() {
            continue;
        }
        let id = scheme.signs_id().then_some("0123456789abcdef");
        let unsigned = Unsigned { method: "POST", url: URL, body: BODY, now: NOW, id };
        if signer.unwrap().with_keyid("k").sign(&unsigned).is_err() {
            continue;
        }
        let verifier = verifier(scheme.name(), &more);
        let mut told = false;
        for secret in
            [SECRETS[0], SECRETS[1], SECRETS[2], "xB7nM3kL9qW5eR1tY6uI0oP4aS8dF2gHiP9dOw2xR7vB"]
        {
            let fields = signed(scheme.name(), secret, BODY);
            told |= both_ways_agree(&verifier, &head(&fields), NOW, BODY);
            both_ways_agree(&verifier, &head(&fields), NOW, b"{\"text\":\"another\"}");
            both_ways_agree(&verifier, &head(&fields), NOW, b"");
            // What a signed URL could be continued with.
            both_ways_agree(&verifier, &head(&fields), NOW, b"/text");
        }
        if told {
            by_hashes.push(scheme.name());
        }
    }
    by_hashes.sort_unstable();
    let expected = "asana bitbucket box calendly coinbase-commerce customer-io docusign dropbox github \
         hubspot-v3 intercom jira launchdarkly meta mux paddle pagerduty paystack razorpay \
         rfc9421-hmac-sha256 rfc9421-hmac-sha256-base64 sentry shopify slack square \
         standard-webhooks stripe svix trello typeform vercel woocommerce x-hmac x-hmac-nonce xero \
         zendesk zoom";
    assert_eq!(by_hashes.join(" "), expected);
}

/// A route of one sender with one secret.
fn of_one(scheme: &Value, secret: &str, more: &Value) -> Verifier {
    let policy = json!({
        "senders": [sender("a", scheme, &["A"], more)],
        "routes": [{"path": "/in", "methods": ["POST"], "senders": ["a"]}],
    });
    let secret = |_: &str| Some(Secret::new(secret.into()));
    Policy::parse(&policy.to_string()).unwrap().into_verifier(secret).unwrap()
}

/// Where the signed bytes are not the body between parts of the head, or no hash is compared.
#[test]
fn schemes_that_need_the_bytes() {
    for (scheme, fields) in
        [("gitlab", vec![("X-Gitlab-Token", SECRETS[1].to_owned())]), ("mailgun", vec![])]
    {
        let verifier = of_one(&json!(scheme), SECRETS[0], &json!({}));
        let head = head(&fields);
        let admission = verifier.begin(&head, NOW).unwrap();
        assert!(!admission.takes_hashes(), "{scheme}");
        assert_eq!(code(admission, &Elsewhere::new(BODY)), "internal_error", "{scheme}");
    }
}

/// The algorithm, the message and the signature.
type Question = (&'static str, Message, Vec<u8>);

/// Who answers about public keys, and what is asked.
#[derive(Clone, Debug, Default)]
struct Runtime {
    says: bool,
    asked: Arc<Mutex<Vec<Question>>>,
}

impl Cryptography for Runtime {
    fn verify(&self, check: &Check<'_>) -> bool {
        let question = (check.key().algorithm(), check.message().clone(), check.signature().into());
        self.asked.lock().unwrap().push(question);
        self.says
    }

    fn sign(&self, _: &PrivateKey, _: &[u8]) -> Option<Vec<u8>> {
        None
    }
}

/// Whoever computes with the keys has the body as well.
#[test]
fn a_public_key_needs_the_bytes_where_it_is_computed_with() {
    let public_key = "4b12d12cf8d4d0c535f304c1bb279ed466c51696abcd7f202361889b68520ffa";
    let signature = [[1; 32], [2; 32]].concat();
    let fields = [
        ("X-Signature-Ed25519", hex::encode(&signature)),
        ("X-Signature-Timestamp", "1760000000".to_owned()),
    ];
    let head = head(&fields);
    let elsewhere = Elsewhere::new(BODY);
    let verifier = of_one(&json!("discord"), public_key, &json!({}));
    assert_eq!(code(verifier.begin(&head, NOW).unwrap(), &elsewhere), "invalid_signature");
    assert!(elsewhere.was_read());
    for (says, expected) in [(true, "accepted"), (false, "invalid_signature")] {
        let (runtime, elsewhere) = (Runtime { says, ..Runtime::default() }, Elsewhere::new(BODY));
        let verifier = of_one(&json!("discord"), public_key, &json!({}))
            .with_cryptography(Box::new(runtime.clone()));
        assert_eq!(code(verifier.begin(&head, NOW).unwrap(), &elsewhere), expected);
        assert!(!elsewhere.was_read() && elsewhere.asked.borrow().is_empty());
        let asked = runtime.asked.lock().unwrap();
        let [(algorithm, message, asked_about)] = &asked[..] else { panic!("{asked:?}") };
        assert_eq!((*algorithm, asked_about), ("ed25519", &signature));
        assert!(message.has_body());
        assert_eq!([message.before(), message.after()], [&b"1760000000"[..], b""]);
    }
}

/// A scheme of one's own with what few presets have: signed bytes behind the body, or the secret there.
#[test]
fn what_stands_behind_the_body_is_hashed_too() {
    let secret_behind = [b"1760000000.", BODY, b".", SECRETS[0].as_bytes()].concat();
    let mut mac = Hmac::<Sha384>::new_from_slice(SECRETS[0].as_bytes()).unwrap();
    mac.update(&[b"1760000000.", BODY, b".end"].concat());
    for (algorithm, signed, signature) in [
        (
            "sha256",
            json!(["{timestamp}", ".", "{body}", ".", "{secret}"]),
            Sha256::digest(secret_behind).to_vec(),
        ),
        (
            "hmac-sha384",
            json!(["{timestamp}", ".", "{body}", ".end"]),
            mac.finalize().into_bytes().to_vec(),
        ),
    ] {
        let scheme = json!({
            "name": "own", "algorithm": algorithm, "signature": "X-Signature",
            "timestamp": {"field": "X-Time"}, "signed": signed,
        });
        let verifier = of_one(&scheme, SECRETS[0], &json!({}));
        let fields = [("X-Signature", hex::encode(signature)), ("X-Time", "1760000000".to_owned())];
        let head = head(&fields);
        let elsewhere = Elsewhere::new(BODY);
        assert_eq!(code(verifier.begin(&head, NOW).unwrap(), &elsewhere), "accepted");
        assert!(both_ways_agree(&verifier, &head, NOW, BODY), "{algorithm}");
        assert!(both_ways_agree(&verifier, &head, NOW, b"another"), "{algorithm}");
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

/// Its signed bytes are the body behind what was made of the head.
#[test]
fn row_44_contentful_bodies_are_hashed_elsewhere() {
    let right = [SECRETS[0], SECRETS[1]].concat();
    let verifier = of_one(&json!("contentful"), &right, &json!({"replay": "signature"}));
    let (list, time) = ("x-contentful-signed-headers,x-contentful-timestamp", "1760000000000");
    let start =
        format!("POST\n/in\nx-contentful-signed-headers:{list};x-contentful-timestamp:{time}\n");
    for (secret, expected) in [(right.as_str(), "accepted"), (SECRETS[2], "invalid_signature")] {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(start.as_bytes());
        mac.update(BODY);
        let fields = [
            ("x-contentful-signature", hex::encode(mac.finalize().into_bytes())),
            ("x-contentful-signed-headers", list.to_owned()),
            ("x-contentful-timestamp", time.to_owned()),
        ];
        let head = head(&fields);
        let elsewhere = Elsewhere::new(BODY);
        assert_eq!(code(verifier.begin(&head, NOW).unwrap(), &elsewhere), expected);
        assert!(!elsewhere.was_read());
        assert!(both_ways_agree(&verifier, &head, NOW, BODY));
        assert!(both_ways_agree(&verifier, &head, NOW, b"another"));
        assert!(both_ways_agree(&verifier, &head, NOW, b""));
    }
}

#[test]
fn row_01_a_digest_of_anything_else_is_refused() {
    let verifier = verifier("x-hmac", &json!({}));
    let fields = signed("x-hmac", SECRETS[1], BODY);
    let head = head(&fields);
    let changed = |change: &dyn Fn(usize, &mut Vec<u8>)| {
        code(verifier.begin(&head, NOW).unwrap(), &Elsewhere::changing(BODY, change))
    };
    assert_eq!(changed(&|_, _| {}), "accepted");
    // The second secret's digest decides; each of its bits does.
    for bit in 0..256 {
        let flip = |digest: &mut Vec<u8>| digest[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(
            changed(&|at, digest| if at == 1 {
                flip(digest)
            }),
            "invalid_signature"
        );
        assert_eq!(
            changed(&|at, digest| if at != 1 {
                flip(digest)
            }),
            "accepted"
        );
    }
    // The signature itself is no digest.
    let signature = hex::decode(&fields[0].1).unwrap();
    assert_eq!(changed(&|_, digest| digest.clone_from(&signature)), "invalid_signature");
}

/// Only a digest's length makes it one. Where a scheme hashes the secret with the body, its digest is
/// the signature: an empty one must not pass for it.
#[test]
fn row_01_what_is_no_digest_verifies_nothing() {
    for scheme in ["x-hmac", "x-hmac-nonce", "rfc9421-hmac-sha256", "hubspot-v1"] {
        let verifier = verifier(scheme, &json!({}));
        let fields = signed(scheme, SECRETS[0], BODY);
        let head = head(&fields);
        let changed = |change: &dyn Fn(&mut Vec<u8>)| {
            let elsewhere = Elsewhere::changing(BODY, |_, digest| change(digest));
            code(verifier.begin(&head, NOW).unwrap(), &elsewhere)
        };
        assert_eq!(changed(&|_| {}), "accepted", "{scheme}");
        assert_eq!(changed(&Vec::clear), "invalid_signature", "{scheme}");
        assert_eq!(changed(&|digest| digest.truncate(31)), "invalid_signature", "{scheme}");
        assert_eq!(changed(&|digest| digest.push(0)), "invalid_signature", "{scheme}");
    }
}

#[test]
fn the_length_is_held_to_the_routes_limits() {
    let verifier = verifier("x-hmac", &json!({}));
    let fields = signed("x-hmac", SECRETS[0], b"");
    let head = head(&fields);
    let begin = || verifier.begin(&head, NOW).unwrap();
    assert_eq!(code(begin(), &Elsewhere::new(b"")), "body_required");
    let mut long = Elsewhere::new(b"");
    long.length = (1 << 20) + 1;
    assert_eq!(code(begin(), &long), "body_too_large");
    assert_eq!(long.asked.into_inner().len(), 0);
}

/// A handshake's answer is made of the bytes, which are asked for behind the signature.
#[test]
fn a_handshake_is_answered_whoever_hashes() {
    let verifier = verifier("slack", &json!({"handshake": true}));
    let body = br#"{"type":"url_verification","challenge":"c"}"#;
    let fields = signed("slack", SECRETS[0], body);
    let head = head(&fields);
    let begin = || verifier.begin(&head, NOW).unwrap();
    assert!(begin().takes_hashes());
    let elsewhere = Elsewhere::new(body);
    let Outcome::Answer(one) = begin().finish(&elsewhere, NOW).unwrap() else {
        panic!("not answered")
    };
    let Outcome::Answer(other) = begin().finish(body, NOW).unwrap() else { panic!("not answered") };
    assert_eq!(one.answer(), other.answer());
    assert_eq!(one.answer().body, r#"{"challenge":"c"}"#);
    assert!(elsewhere.was_read());
    let other = br#"{"type":"url_verification","challenge":"d"}"#;
    let forged = Elsewhere::new(other);
    assert_eq!(code(begin(), &forged), "invalid_signature");
    assert!(!forged.was_read(), "nothing is read of what is not proven");
}

/// The time in a signed body is read behind the signature.
#[test]
fn row_44_a_body_that_has_its_time_is_hashed_before_it_is_read() {
    let verifier = of_one(&json!("linear"), SECRETS[0], &json!({}));
    let body = format!("{{\"webhookTimestamp\":{}000}}", NOW.get());
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRETS[0].as_bytes()).unwrap();
    mac.update(body.as_bytes());
    let fields = [("Linear-Signature", hex::encode(mac.finalize().into_bytes()))];
    let head = head(&fields);
    assert!(both_ways_agree(&verifier, &head, NOW, body.as_bytes()));
    assert!(both_ways_agree(&verifier, &head, UnixSeconds::new(NOW.get() + 61), body.as_bytes()));
    let right = Elsewhere::new(body.as_bytes());
    assert_eq!(code(verifier.begin(&head, NOW).unwrap(), &right), "accepted");
    let forged = Elsewhere::new(b"{\"webhookTimestamp\":1}");
    assert_eq!(code(verifier.begin(&head, NOW).unwrap(), &forged), "invalid_signature");
    assert_eq!([right.was_read(), forged.was_read()], [true, false]);
}

/// What a refusal costs in hashes: one for each key, and none for what only an accepted request has.
#[test]
fn a_forged_body_is_hashed_once_for_each_key() {
    let asked = |scheme: &str, secret: &str| {
        let verifier = verifier(scheme, &json!({"replay": {"by": "signature", "retention": 60}}));
        let fields = signed(scheme, secret, BODY);
        let elsewhere = Elsewhere::new(BODY);
        let code = code(verifier.begin(&head(&fields), NOW).unwrap(), &elsewhere);
        (code, elsewhere.asked.into_inner().len())
    };
    assert_eq!(asked("github", SECRETS[2]), ("accepted", 4));
    assert_eq!(
        asked("github", "xB7nM3kL9qW5eR1tY6uI0oP4aS8dF2gHiP9dOw2xR7vB"),
        ("invalid_signature", 3)
    );
}

/// The start of a digest would do for a claim's id.
#[test]
fn a_claim_is_made_with_a_whole_digest_only() {
    let verifier = verifier("github", &json!({"replay": {"by": "signature", "retention": 60}}));
    let fields = signed("github", SECRETS[0], BODY);
    let claiming = |length: usize| {
        let cut = |at: usize, digest: &mut Vec<u8>| {
            if at == 3 {
                digest.resize(length, 0)
            }
        };
        let elsewhere = Elsewhere::changing(BODY, cut);
        code(verifier.begin(&head(&fields), NOW).unwrap(), &elsewhere)
    };
    assert_eq!(claiming(32), "accepted");
    assert_eq!(claiming(31), "internal_error");
    assert_eq!(claiming(33), "internal_error");
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
            assert!(begin().takes_hashes(), "{seal} {scheme}");
            let elsewhere = Elsewhere::new(BODY);
            let Outcome::Forward(by_hashes) = begin().finish(&elsewhere, NOW).unwrap() else {
                panic!("it is forwarded")
            };
            let Outcome::Forward(by_body) = begin().finish(BODY, NOW).unwrap() else {
                panic!("it is forwarded")
            };
            let (by_hashes, _) = by_hashes.into_forward("r-1").unwrap();
            let (by_body, _) = by_body.into_forward("r-1").unwrap();
            assert_eq!(by_hashes, by_body, "{seal} {scheme}");

            // The last digest is the seal's.
            let last = elsewhere.asked.into_inner().len() - 1;
            let clear = |at, digest: &mut Vec<u8>| {
                if at == last {
                    digest.clear()
                }
            };
            let unsealed = Elsewhere::changing(BODY, clear);
            let Outcome::Forward(cleared) = begin().finish(&unsealed, NOW).unwrap() else {
                panic!("it is forwarded")
            };
            let refusal = cleared.into_forward("r-1").unwrap_err();
            assert_eq!(refusal.rejection(), Rejection::InternalError, "{seal} {scheme}");
        }
    }
}

#[test]
fn key_material_is_not_printed() {
    let verifier = verifier("x-hmac", &json!({}));
    let fields = signed("x-hmac", SECRETS[0], BODY);
    let elsewhere = Elsewhere::new(BODY);
    assert_eq!(code(verifier.begin(&head(&fields), NOW).unwrap(), &elsewhere), "accepted");
    let asked = elsewhere.asked.into_inner();
    assert_eq!(format!("{:?}", asked[0]), "BodyHash { algorithm: Sha256, .. }");
}

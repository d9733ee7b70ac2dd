//! The seal: what the policy may say of it, and what the origin gets.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use countersign::scheme::{X_HMAC, X_HMAC_NONCE};
use countersign::{
    Field, ForwardPlan, Head, Origin, Outcome, Policy, PolicyErrors, PolicyProblem, Rejection,
    Secret, Signer, UnixSeconds, Unsigned, Verifier, WeakSecret, scheme::Scheme,
};
use serde_json::{Value, json};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const NOW: UnixSeconds = UnixSeconds::new(1_760_000_000);
const SIGNED_AT: UnixSeconds = UnixSeconds::new(1_759_999_970);
const APP: &str = "kP2vX9mQ4sT7wZ1cF6hJ3nR8bL5dG0yA";
const SEAL: &str = "Wv5cE8xN2bQ7mA1zK4jT9gH6fS3dP0lR";
const BODY: &[u8] = b"{\"text\":\"\x00\xff\"}";
/// Python: `hmac.new(SEAL, b"1760000000." + BODY, "sha256").hexdigest()`.
const SEAL_OF_BODY: &str = "c36230e34d9a95698e6c9ead2cf2d4022c51167bf10c7b26257063c2f9fac1ed";

fn policy(scheme: &str, seal: &Value) -> String {
    json!({
        "senders": [{"id": "app", "scheme": scheme, "secrets": ["APP_SECRET"]}],
        "routes": [
            {"path": "/in", "methods": ["POST"], "senders": ["app"]},
            {"path": "/open", "methods": ["POST"], "access": "public"},
        ],
        "seal": seal,
    })
    .to_string()
}

fn x_hmac_seal() -> Value {
    json!({"scheme": "x-hmac", "secret": "SEAL_SECRET"})
}

const SCHEMES: [&str; 5] = [
    "x-hmac",
    "rfc9421-hmac-sha256",
    "rfc9421-hmac-sha256-base64",
    "rfc9421-ed25519",
    "rfc9421-ecdsa-p256-sha256",
];

fn list(errors: &PolicyErrors) -> Vec<(&str, PolicyProblem)> {
    errors.iter().map(|error| (error.path(), error.problem().clone())).collect()
}

fn verifier(scheme: &str, seal: Option<&str>) -> Result<Verifier, PolicyErrors> {
    Policy::parse(&policy(scheme, &x_hmac_seal())).unwrap().into_verifier(|name| match name {
        "SEAL_SECRET" => seal.map(|text| Secret::new(text.into())),
        _ => Some(Secret::new(APP.into())),
    })
}

#[track_caller]
fn refused(seal: &Value, expected: &[(&str, PolicyProblem)]) {
    assert_eq!(list(&Policy::parse(&policy("x-hmac", seal)).err().unwrap()), expected, "{seal}");
}

#[track_caller]
fn secret_refused(secret: Option<&str>, problem: PolicyProblem) {
    let errors = verifier("x-hmac", secret).err().unwrap();
    assert_eq!(list(&errors), [("seal.secret", problem)]);
    assert!(secret.is_none_or(|text| text.is_empty() || !errors.to_string().contains(text)));
}

/// The fields of a request to `/in`, behind those given.
fn signed(scheme: &'static Scheme, first: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    let id = scheme.signs_id().then_some("0123456789abcdef");
    let url = "https://gate.test/in";
    let request = Unsigned { method: "POST", url, body: BODY, now: SIGNED_AT, id };
    let signer = Signer::new(scheme, &Secret::new(APP.into())).unwrap();
    let first = first.iter().map(|(name, value)| (*name, (*value).to_owned()));
    first.chain(signer.sign(&request).unwrap()).collect()
}

/// What becomes of a request's fields: the names that go, and the fields that are set.
fn plan(
    verifier: &Verifier,
    url: &str,
    fields: &[(&'static str, String)],
) -> (Vec<String>, Vec<(&'static str, String)>) {
    let fields = fields.iter().map(|(name, value)| Field::new(name, value.as_bytes())).collect();
    let head = Head::new("POST", url, fields).unwrap();
    let outcome = verifier.begin(&head, NOW).unwrap().finish(BODY, NOW).unwrap();
    let Outcome::Forward(cleared) = outcome else { panic!("it is forwarded") };
    let (plan, body): (ForwardPlan<'_>, _) = cleared.into_forward("r-1").unwrap();
    assert_eq!(body, BODY);
    (plan.remove().iter().map(|name| (*name).to_owned()).collect(), plan.set().to_vec())
}

fn sealed(sender_scheme: &str) -> Vec<(&'static str, String)> {
    [
        ("countersign-request-id", "r-1"),
        ("countersign-sender", "app"),
        ("countersign-scheme", sender_scheme),
        ("X-HMAC-Signature", SEAL_OF_BODY),
        ("X-HMAC-Timestamp", "1760000000"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .to_vec()
}

#[test]
fn row_36_a_seal_is_read_strictly() {
    use PolicyProblem::{
        Expected, InvalidId, MissingField, NoComponentsInScheme, NotOneOf, SecretAsName,
        UnknownField,
    };
    let parsed = Policy::parse(&policy("x-hmac", &x_hmac_seal())).unwrap();
    assert_eq!(parsed.secret_names().collect::<Vec<_>>(), ["APP_SECRET", "SEAL_SECRET"]);
    refused(&json!({}), &[("seal.scheme", MissingField), ("seal.secret", MissingField)]);
    refused(&json!("x-hmac"), &[("seal", Expected("a table"))]);
    refused(&json!(null), &[("seal", Expected("a table"))]);
    refused(&json!(false), &[("seal", Expected("a table"))]);
    for scheme in ["x-hmac-nonce", "stripe", "X-HMAC", "none", ""] {
        let seal = json!({"scheme": scheme, "secret": "SEAL_SECRET"});
        refused(&seal, &[("seal.scheme", NotOneOf(SCHEMES.to_vec()))]);
    }
    refused(
        &json!({"scheme": {"name": "own"}, "secret": ["SEAL_SECRET"]}),
        &[("seal.scheme", Expected("a string")), ("seal.secret", Expected("a string"))],
    );
    refused(
        &json!({"scheme": "x-hmac", "secret": "SEAL_SECRET", "secrets": ["B"], "tolerance": 60}),
        &[("seal.secrets", UnknownField), ("seal.tolerance", UnknownField)],
    );
    refused(
        &json!({"scheme": "x-hmac", "secret": "SEAL_SECRET", "keyid": "gate"}),
        &[("seal.keyid", NoComponentsInScheme)],
    );
    refused(
        &json!({"scheme": "rfc9421-hmac-sha256", "secret": "SEAL_SECRET", "keyid": "a \"b\""}),
        &[("seal.keyid", InvalidId)],
    );
    refused(
        &json!({"scheme": "x-hmac", "secret": SEAL.replace('W', "-")}),
        &[("seal.secret", SecretAsName)],
    );
}

#[test]
fn row_04_a_seal_shares_its_secret_with_nobody() {
    let of_a_sender = json!({"scheme": "x-hmac", "secret": "APP_SECRET"});
    refused(&of_a_sender, &[("seal.secret", PolicyProblem::SharedSecret)]);
    secret_refused(Some(APP), PolicyProblem::SharedSecret);

    let token = json!({
        "senders": [{"id": "meta", "scheme": "meta", "secrets": ["META_SECRET"], "handshake": true,
            "verify_token": "META_TOKEN"}],
        "routes": [{"path": "/in", "methods": ["POST"], "senders": ["meta"]}],
        "seal": {"scheme": "x-hmac", "secret": "META_TOKEN"},
    });
    let errors = Policy::parse(&token.to_string()).err().unwrap();
    assert_eq!(list(&errors), [("seal.secret", PolicyProblem::SharedSecret)]);
}

#[test]
fn row_20_a_seal_has_a_strong_secret() {
    let short = SEAL.get(..31).unwrap();
    for (text, weakness) in [
        ("", WeakSecret::Empty),
        (short, WeakSecret::TooShort { min_bytes: 32 }),
        ("Wv5cE8xN2bQ7mA1zK4jT9gH6fS3dP0lR\n", WeakSecret::SurroundedBySpace),
        ("abababababababababababababababababab", WeakSecret::Repetitive),
        ("your-secret-7f3a9c1b5d2e8f4a6b0c1d3e5f", WeakSecret::Sample),
    ] {
        secret_refused(Some(text), PolicyProblem::WeakSecret(weakness));
    }
}

#[test]
fn row_20_without_the_secret_of_the_seal_there_is_no_verifier() {
    secret_refused(None, PolicyProblem::MissingSeal);
    assert_eq!(
        verifier("x-hmac", None).err().unwrap().to_string(),
        "seal.secret: is not set; without it nothing can be sealed, \
         and everything is refused with 503"
    );
}

#[test]
fn row_33_what_is_forwarded_carries_one_seal_in_place_of_the_senders_fields() {
    let verifier = verifier("x-hmac", Some(SEAL)).unwrap();
    let fields = signed(&X_HMAC, &[("X-Kept", "1"), ("x_hmac_signature", "1")]);
    let (removed, set) = plan(&verifier, "https://gate.test/in", &fields);
    assert_eq!(removed, ["x_hmac_signature", "X-HMAC-Signature", "X-HMAC-Timestamp"]);
    assert_eq!(set, sealed("x-hmac"));
}

#[test]
fn row_33_fields_of_the_seal_are_nobody_elses_whatever_the_senders_scheme() {
    let verifier = verifier("x-hmac-nonce", Some(SEAL)).unwrap();
    let (removed, set) = plan(&verifier, "https://gate.test/in", &signed(&X_HMAC_NONCE, &[]));
    assert_eq!(removed, ["X-HMAC-Signature", "X-HMAC-Timestamp"]);
    assert_eq!(set, sealed("x-hmac-nonce"));
}

#[test]
fn row_33_a_public_route_is_not_sealed_and_cannot_be_made_to_look_so() {
    let verifier = verifier("x-hmac", Some(SEAL)).unwrap();
    let forged = [("x-HMAC-signature", SEAL_OF_BODY), ("X-Hmac-Timestamp", "1760000000")];
    let fields = forged.map(|(name, value)| (name, value.to_owned()));
    let (removed, set) = plan(&verifier, "https://gate.test/open", &fields);
    assert_eq!(removed, ["x-HMAC-signature", "X-Hmac-Timestamp"]);
    assert_eq!(set, [("countersign-request-id", "r-1".to_owned())]);
}

#[test]
fn without_a_seal_the_senders_fields_go_on() {
    let text = policy("x-hmac", &x_hmac_seal());
    let mut unsealed: Value = serde_json::from_str(&text).unwrap();
    unsealed.as_object_mut().unwrap().remove("seal");
    let policy = Policy::parse(&unsealed.to_string()).unwrap();
    let verifier = policy.into_verifier(|_| Some(Secret::new(APP.into()))).unwrap();
    let (removed, set) = plan(&verifier, "https://gate.test/in", &signed(&X_HMAC, &[]));
    assert!(removed.is_empty());
    assert!(set.iter().all(|(name, _)| name.starts_with("countersign-")));
}

/// A sender whose scheme has no time verifies at any; a seal has ten digits or is none.
#[test]
fn what_cannot_be_sealed_is_not_forwarded() {
    let verifier = verifier("github", Some(SEAL)).unwrap();
    let signer = Signer::new(Scheme::preset("github").unwrap(), &Secret::new(APP.into())).unwrap();
    let url = "https://gate.test/in";
    let unsigned = Unsigned { method: "POST", url, body: BODY, now: NOW, id: None };
    let fields = signer.sign(&unsigned).unwrap();
    let fields = fields.iter().map(|(name, value)| Field::new(name, value.as_bytes())).collect();
    let head = Head::new("POST", url, fields).unwrap();
    let early = UnixSeconds::new(999_999_999);
    let admission = verifier.begin(&head, early).unwrap();
    let Outcome::Forward(cleared) = admission.finish(BODY, early).unwrap() else {
        panic!("it is verified")
    };
    let refusal = cleared.into_forward("r-1").err().unwrap();
    assert_eq!(refusal.rejection(), Rejection::InternalError);
    assert_eq!(refusal.log_line("r-1").sender, Some("app"));
}

/// A gate whose seal is a message signature, in front of an origin.
fn sealing(seal: &Value, secret: &str) -> Result<Verifier, PolicyErrors> {
    let verifier = Policy::parse(&policy("x-hmac", seal)).unwrap().into_verifier(|name| {
        Some(Secret::new(if name == "SEAL_SECRET" { secret.into() } else { APP.into() }))
    })?;
    let origin = Origin::parse("https://origin.example:8443").unwrap();
    Ok(verifier.with_destination(Some(origin).into()))
}

const MESSAGE_PARAMETERS: &str = r#"("@method" "@authority" "@path" "@query" "content-digest" "countersign-request-id" "countersign-sender" "countersign-scheme");created=1760000000;keyid="countersign";tag="countersign-seal""#;
const DIGEST_OF_BODY: &str = "sha-256=:s28kkHLWXM8TfcN4rdhKaAA/EuilyJvjEox/vR7Bs0E=:";

/// Signed by Python's `hmac` over a base that was written by hand from RFC 9421 section 2.5.
#[test]
fn row_05_a_message_signature_seals_what_the_origin_sees_and_who_sent_it() {
    let seal = json!({"scheme": "rfc9421-hmac-sha256", "secret": "SEAL_SECRET"});
    let verifier = sealing(&seal, SEAL).unwrap();
    let sent = [
        ("Signature-Input", "countersign=()"),
        ("Signature", "countersign=:AAAA:"),
        ("Content-Digest", "sha-256=:AAAA:"),
    ];
    for (url, at_origin, signature) in [
        ("/in", "/in", "TsUUHvBfGhs5aXWo8w9ikHfTugO7JykEHRTq6M9Wjkk="),
        (
            "/in?a=' \"&b=é+~#c",
            "/in?a=%27%20%22&b=%C3%A9+~",
            "OAqQJoY2clNXWDLKjrjSVkFEbKXjJmLFAgGymOHuSQg=",
        ),
    ] {
        let url = ["https://gate.test", url].concat();
        let fields = signed(&X_HMAC, &sent);
        let fields: Vec<Field> =
            fields.iter().map(|(name, value)| Field::new(name, value.as_bytes())).collect();
        let head = Head::new("POST", &url, fields).unwrap();
        let outcome = verifier.begin(&head, NOW).unwrap().finish(BODY, NOW).unwrap();
        let Outcome::Forward(cleared) = outcome else { panic!("it is forwarded") };
        let (plan, _) = cleared.into_forward("r-1").unwrap();
        assert_eq!(plan.url(), ["https://origin.example:8443", at_origin].concat());
        assert_eq!(plan.remove(), ["Signature-Input", "Signature"]);
        let seal = [
            ("countersign-request-id", "r-1".to_owned()),
            ("countersign-sender", "app".to_owned()),
            ("countersign-scheme", "x-hmac".to_owned()),
            ("Content-Digest", DIGEST_OF_BODY.to_owned()),
            ("Signature-Input", format!("countersign={MESSAGE_PARAMETERS}")),
            ("Signature", format!("countersign=:{signature}:")),
        ];
        assert_eq!(plan.set(), seal);
    }
}

#[test]
fn a_seals_key_has_a_name_and_can_be_a_private_one() {
    let url = "https://gate.test/in";
    for (scheme, key) in
        [("rfc9421-ed25519", ED25519_PRIVATE), ("rfc9421-ecdsa-p256-sha256", P256_PRIVATE)]
    {
        let seal = json!({"scheme": scheme, "secret": "SEAL_SECRET", "keyid": "gate-2026"});
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{key}\n-----END PRIVATE KEY-----\n");
        for key in [key, &pem] {
            let (_, set) = plan(&sealing(&seal, key).unwrap(), url, &signed(&X_HMAC, &[]));
            let (name, input) = &set[4];
            assert_eq!(*name, "Signature-Input");
            let named = MESSAGE_PARAMETERS.replace("\"countersign\"", "\"gate-2026\"");
            assert_eq!(*input, format!("countersign={named}"));
        }
        let public = "MCowBQYDK2VwAyEAQmO0XMywr6R1tQ3KZgzrcxupaEtF50xby7i9JF1wm/8=";
        let errors = sealing(&seal, public).err().unwrap();
        let form = "a private key for the scheme: PEM, or its base64 alone";
        assert_eq!(list(&errors), [("seal.secret", PolicyProblem::UndecodableSecret(form))]);
    }
}

const ED25519_PRIVATE: &str = "MC4CAQAwBQYDK2VwBCIEICC5V+BvXi7oTPx27/b4CgDUOt1gsuqcu0jLOS0kWIj9";
const P256_PRIVATE: &str = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQglfl/grhrIwhjqyEfBDjKXweTH/dHUsQAuwDMVxoF\
    WUGhRANCAASbSlLUICoeSFQZ9/KK5J0XePpqsL6P4NxR9Bdwib+GOb8Da2DPHyclvQTUxnAvjyqnlvJjxENXOXPq\
    JkEgeG61";

/// The gate would take its own seals for requests of that sender. The public keys were made of the
/// private ones by Python's `cryptography`.
#[test]
fn row_47_the_seals_key_is_no_senders_in_any_spelling() {
    let hex_of = |text: &str| text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    let ed25519 = "4263b45cccb0afa475b50dca660ceb731ba9684b45e74c5bcbb8bd245d709bff";
    let spki = "MCowBQYDK2VwAyEAQmO0XMywr6R1tQ3KZgzrcxupaEtF50xby7i9JF1wm/8=";
    let p256 = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEm0pS1CAqHkhUGffyiuSdF3j6arC+j+DcUfQXcIm/hjm/A2tgzx8nJb0E1MZwL48qp5byY8RDVzlz6iZBIHhutQ==";
    for (seal, secret, sender, text) in [
        ("x-hmac", SEAL, "adyen-platforms", hex_of(SEAL)),
        ("x-hmac", SEAL, "x-hmac", SEAL.to_owned()),
        (
            "rfc9421-hmac-sha256-base64",
            "fzqcG10uj0prDB0+X3CBkiOktcbX6PkKGyw9Tl9gcYI=",
            "svix",
            "whsec_fzqcG10uj0prDB0+X3CBkiOktcbX6PkKGyw9Tl9gcYI".to_owned(),
        ),
        ("rfc9421-ed25519", ED25519_PRIVATE, "rfc9421-ed25519", spki.to_owned()),
        ("rfc9421-ed25519", ED25519_PRIVATE, "discord", ed25519.to_owned()),
        ("rfc9421-ed25519", ED25519_PRIVATE, "x-hmac", ed25519.to_uppercase()),
        ("rfc9421-ed25519", ED25519_PRIVATE, "x-hmac", ED25519_PRIVATE.to_owned()),
        ("rfc9421-ecdsa-p256-sha256", P256_PRIVATE, "sendgrid", p256.to_owned()),
    ] {
        let table = json!({"scheme": seal, "secret": "SEAL_SECRET"});
        let policy = Policy::parse(&policy(sender, &table)).unwrap();
        let errors = policy.into_verifier(|name| {
            Some(Secret::new(if name == "SEAL_SECRET" {
                secret.into()
            } else {
                text.clone().into()
            }))
        });
        let errors = errors.err().unwrap();
        assert_eq!(
            list(&errors),
            [("seal.secret", PolicyProblem::SharedSecret)],
            "{seal} {sender}"
        );
    }
}

/// RFC 9421 appendix B.1.4 and B.1.3, and one of RFC 8032 section 7.1.
#[test]
fn row_47_a_published_private_key_seals_nothing() {
    for (scheme, key) in [
        ("rfc9421-ed25519", "MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF"),
        ("rfc9421-ed25519", "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g"),
        (
            "rfc9421-ecdsa-p256-sha256",
            "MHcCAQEEIFKbhfNZfpDsW43+0+JjUr9K+bTeuxopu653+hBaXGA7oAoGCCqGSM49\
             AwEHoUQDQgAEqIVYZVLCrPZHGHjP17CTW0/+D9Lfw0EkjqF7xB4FivAxzic30tMM\
             4GF+hR6Dxh71Z50VGGdldkkDXZCnTNnoXQ==",
        ),
    ] {
        let seal = json!({"scheme": scheme, "secret": "SEAL_SECRET"});
        let errors = sealing(&seal, key).err().unwrap();
        let sample = PolicyProblem::WeakSecret(WeakSecret::Sample);
        assert_eq!(list(&errors), [("seal.secret", sample)], "{scheme}");
    }
}

//! The sender in Rust makes the very fields that Python makes.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod resolved;

use countersign::scheme::{PRESETS, Scheme, X_HMAC, X_HMAC_NONCE};
use countersign::{Secret, SignError, Signer, UnixSeconds, Unsigned};
use resolved::RESOLVED;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const NOW: UnixSeconds = UnixSeconds::new(1_760_000_000);
const NONCE: &str = "b2Nlbm5vbmNlbm9uY2U1_-";

fn signer(scheme: &'static Scheme) -> Signer {
    Signer::new(scheme, &Secret::new(b"kP2vX9mQ4sT7wZ1cF6hJ3nR8bL5dG0yA".to_vec())).unwrap()
}

fn request<'a>(body: &'a [u8], now: UnixSeconds, id: Option<&'a str>) -> Unsigned<'a> {
    Unsigned { method: "POST", url: "https://api.example.com/v1/infer", body, now, id }
}

/// Over the accepted requests of `cases/resolved.json`, which Python's `hmac` signed.
#[test]
fn the_fields_are_those_of_pythons_hmac() {
    let file = &*RESOLVED;
    let mut compared = 0;
    for case in file["cases"].as_array().unwrap() {
        if case["expect"]["code"] != "accepted" {
            continue;
        }
        let sent = |name: &str| {
            let pairs = case["headers"].as_array().unwrap();
            let pair =
                pairs.iter().find(|pair| pair[0].as_str().unwrap().eq_ignore_ascii_case(name));
            pair.map(|pair| pair[1].as_str().unwrap().to_owned())
        };
        let body = hex::decode(case["body_hex"].as_str().unwrap()).unwrap();
        let time = UnixSeconds::new(sent("x-hmac-timestamp").unwrap().parse().unwrap());
        let is_nonce_scheme = case["expect"]["sender"] == "nonce-app";
        let scheme = if is_nonce_scheme { &X_HMAC_NONCE } else { &X_HMAC };
        let nonce = sent("x-hmac-nonce").filter(|_| is_nonce_scheme);
        // The case does not say which secret it was signed with: one of them fits.
        let fits = file["secrets"].as_object().unwrap().values().any(|secret| {
            let signer =
                Signer::new(scheme, &Secret::new(secret.as_str().unwrap().into())).unwrap();
            let fields = signer.sign(&request(&body, time, nonce.as_deref())).unwrap();
            fields.iter().all(|(name, value)| sent(name).as_ref() == Some(value))
        });
        assert!(fits, "{}", case["name"]);
        compared += 1;
    }
    assert!(compared >= 15, "{compared}");
}

#[test]
fn fields_stand_in_their_usual_order_and_spelling() {
    let fields = signer(&X_HMAC_NONCE).sign(&request(b"{}", NOW, Some(NONCE))).unwrap();
    let names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["X-HMAC-Signature", "X-HMAC-Timestamp", "X-HMAC-Nonce"]);
    assert_eq!(fields[1].1, "1760000000");
    assert_eq!(fields[2].1, NONCE);
}

#[test]
fn what_would_not_verify_is_not_signed() {
    let sign = |scheme, seconds, nonce| {
        signer(scheme).sign(&request(b"{}", UnixSeconds::new(seconds), nonce)).err()
    };
    assert_eq!(sign(&X_HMAC, 999_999_999, None), Some(SignError::TimeOutOfRange));
    assert_eq!(sign(&X_HMAC, 10_000_000_000, None), Some(SignError::TimeOutOfRange));
    assert_eq!(sign(&X_HMAC, 1_760_000_000, Some(NONCE)), Some(SignError::IdNotSigned));
    assert_eq!(sign(&X_HMAC_NONCE, 1_760_000_000, None), Some(SignError::IdRequired));
    for nonce in [
        "",
        "fifteen-letters",
        "has.a.dot.in.it.somewhere",
        "has a space in it",
        "ümlaut-ümlaut-ümlaut",
    ] {
        assert_eq!(
            sign(&X_HMAC_NONCE, 1_760_000_000, Some(nonce)),
            Some(SignError::InvalidId("16 to 64 characters of A-Za-z0-9_-"))
        );
    }
}

#[test]
fn presets_are_found_by_name() {
    for preset in PRESETS {
        assert_eq!(Scheme::preset(preset.scheme.name()), Some(preset.scheme));
    }
    assert_eq!(Scheme::preset("X-HMAC"), None);
}

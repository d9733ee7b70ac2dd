//! ECDSA (FIPS 186-5).

use ecdsa::elliptic_curve::SecretKey;
use ecdsa::elliptic_curve::pkcs8::{AssociatedOid, DecodePrivateKey, SubjectPublicKeyInfoRef};
use ecdsa::elliptic_curve::sec1::{FromSec1Point, ModulusSize, ToSec1Point};
use ecdsa::elliptic_curve::{self, CurveArithmetic};
use ecdsa::signature::hazmat::{PrehashSigner, PrehashVerifier};
use ecdsa::{DigestAlgorithm, Signature, SigningKey, VerifyingKey};
use sha2::Digest;

use super::{Message, Tag};

/// A curve, with the hash that goes with it.
pub(crate) trait Curve:
    elliptic_curve::Curve<FieldBytesSize: ModulusSize>
    + CurveArithmetic<AffinePoint: FromSec1Point<Self> + ToSec1Point<Self>>
    + DigestAlgorithm
    + AssociatedOid
{
}

impl Curve for p256::NistP256 {}
impl Curve for p384::NistP384 {}

fn hash<C: Curve>(message: &[u8]) -> Vec<u8> {
    C::Digest::digest(message).to_vec()
}

#[derive(Clone)]
pub(crate) struct PublicKey<C: Curve>(VerifyingKey<C>);

impl<C: Curve> PublicKey<C> {
    /// A key from a `SubjectPublicKeyInfo` in DER. Returns `None` if its point is not on the curve.
    pub(super) fn new(spki: &[u8]) -> Option<Self> {
        let spki = SubjectPublicKeyInfoRef::try_from(spki).ok()?;
        let point = spki.subject_public_key.as_bytes()?;
        VerifyingKey::from_sec1_bytes(point).ok().map(Self)
    }

    pub(super) fn verifies(&self, message: &Message, tag: &Tag) -> bool {
        let signature = Signature::<C>::from_slice(tag.as_bytes()).ok();
        let hash = message.hash(hash::<C>);
        hash.zip(signature)
            .is_some_and(|(hash, signature)| self.0.verify_prehash(hash, &signature).is_ok())
    }
}

pub(crate) struct PrivateKey<C: Curve>(SecretKey<C>);

impl<C: Curve> PrivateKey<C>
where
    SecretKey<C>: DecodePrivateKey,
    SigningKey<C>: PrehashSigner<Signature<C>> + for<'k> From<&'k SecretKey<C>>,
{
    /// A key in PKCS #8, in DER.
    pub(super) fn new(pkcs8: &[u8]) -> Option<Self> {
        SecretKey::from_pkcs8_der(pkcs8).ok().map(Self)
    }

    /// The two numbers of the public key's point.
    pub(super) fn public(&self) -> Vec<u8> {
        let point = self.0.public_key().to_sec1_point(false);
        point.as_bytes().iter().skip(1).copied().collect()
    }

    /// The signature over a message, as two numbers, with the random number that RFC 6979 derives from
    /// key and hash: no source of randomness can fail here.
    pub(super) fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        let key = SigningKey::from(&self.0);
        let signature: Signature<C> = key.sign_prehash(&hash::<C>(message)).ok()?;
        Some(signature.to_bytes().to_vec())
    }
}

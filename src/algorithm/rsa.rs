//! RSA signatures (RFC 8017), verified.
//!
//! The advisory on this package, RUSTSEC-2023-0071 ("Marvin"), is about the time of operations with a
//! private key. There is none here: all that is computed on is public.

use core::ops::RangeInclusive;

use rsa::pkcs1::RsaPublicKeyRef;
use rsa::pkcs8::der::Decode;
use rsa::pkcs8::{ObjectIdentifier, SubjectPublicKeyInfoRef};
use rsa::{BoxedUint, Pkcs1v15Sign, Pss, RsaPublicKey};
use sha2::{Digest, Sha256, Sha512};

use super::Tag;

/// `rsaEncryption` (RFC 3279 section 2.3.1): a key for any padding.
const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// `id-RSASSA-PSS` (RFC 4055 section 3.1): a key for that padding only.
const RSASSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");

/// Bits of the modulus. Fewer than 2048 are too weak (NIST SP 800-131A), and the time of a
/// verification grows with the square.
const MODULUS_BITS: RangeInclusive<usize> = 2048..=4096;
/// The smallest public exponent (FIPS 186-5 section 5.1). The package takes none of more than 33 bits.
const MIN_EXPONENT: u32 = 65537;
/// Bytes of the salt (RFC 9421 section 3.3.1).
const SALT_BYTES: usize = 64;

/// How a hash fills the modulus.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Padding {
    /// RSASSA-PSS with SHA-512.
    Pss,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Pkcs1,
}

/// A public key.
#[derive(Clone)]
pub(crate) struct Key {
    key: RsaPublicKey,
    padding: Padding,
}

impl Key {
    /// A key from a `SubjectPublicKeyInfo` in DER: with `rsaEncryption`, whose parameters are NULL, or
    /// for RSASSA-PSS with that padding's own identifier, without parameters. Its modulus has 2048 to
    /// 4096 bits, its exponent is odd, and no less than 65537.
    pub(super) fn new(padding: Padding, spki: &[u8]) -> Option<Self> {
        let spki = SubjectPublicKeyInfoRef::from_der(spki).ok()?;
        let is_of_padding = match spki.algorithm.oid {
            RSA_ENCRYPTION => spki.algorithm.parameters.is_some_and(|any| any.is_null()),
            RSASSA_PSS => padding == Padding::Pss && spki.algorithm.parameters.is_none(),
            _ => false,
        };
        let bits = spki.subject_public_key.as_bytes().filter(|_| is_of_padding)?;
        let parts = RsaPublicKeyRef::from_der(bits).ok()?;
        let modulus = BoxedUint::from_be_slice_vartime(parts.modulus.as_bytes());
        let exponent = BoxedUint::from_be_slice_vartime(parts.public_exponent.as_bytes());
        if exponent < BoxedUint::from(MIN_EXPONENT) {
            return None;
        }
        let key = RsaPublicKey::new_with_size_limits(modulus, exponent, MODULUS_BITS).ok()?;
        Some(Self { key, padding })
    }

    /// Whether it made this signature, which is as long as its modulus and is a smaller number, over a
    /// message with this hash.
    pub(super) fn verifies(&self, hash: &[u8], tag: &Tag) -> bool {
        let (key, signature) = (&self.key, tag.as_bytes());
        let verified = match self.padding {
            Padding::Pss => key.verify(Pss::<Sha512>::new_with_salt(SALT_BYTES), hash, signature),
            Padding::Pkcs1 => key.verify(Pkcs1v15Sign::new::<Sha256>(), hash, signature),
        };
        verified.is_ok()
    }
}

/// The hash of the message that these parts make, one behind the other.
pub(super) fn hash<'a>(padding: Padding, parts: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    match padding {
        Padding::Pss => digest::<Sha512>(parts),
        Padding::Pkcs1 => digest::<Sha256>(parts),
    }
}

fn digest<'a, D: Digest>(parts: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut state = D::new();
    parts.into_iter().for_each(|part| state.update(part));
    state.finalize().to_vec()
}

#[cfg(test)]
mod tests;

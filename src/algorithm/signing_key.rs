//! Keys that sign: shared ones, which verify as well, and private ones.

use core::fmt;

#[cfg(any(feature = "ecdsa-p256", feature = "ecdsa-p384"))]
use super::ecdsa;
#[cfg(feature = "ed25519")]
use super::ed25519;
use super::{Algorithm, Key, Tag};

/// A key that signs, prepared once. It is wiped when dropped, and never printed.
pub(crate) enum SigningKey {
    /// The secret of a MAC.
    Shared(Key),
    #[cfg(feature = "ed25519")]
    Ed25519(ed25519::PrivateKey),
    #[cfg(feature = "ecdsa-p256")]
    EcdsaP256(ecdsa::PrivateKey<p256::NistP256>),
    #[cfg(feature = "ecdsa-p384")]
    EcdsaP384(ecdsa::PrivateKey<p384::NistP384>),
}

impl SigningKey {
    /// A private key in DER: PKCS #8 (RFC 5958), for ECDSA also RFC 5915 alone. Nothing where it is
    /// none of this algorithm, or this build is without it.
    #[allow(unused_variables, reason = "a build without private keys")]
    pub(crate) fn from_der(algorithm: Algorithm, der: &[u8]) -> Option<Self> {
        match algorithm {
            #[cfg(feature = "ed25519")]
            Algorithm::Ed25519 => ed25519::PrivateKey::from_der(der).map(Self::Ed25519),
            #[cfg(feature = "ecdsa-p256")]
            Algorithm::EcdsaP256 => ecdsa::PrivateKey::from_der(der).map(Self::EcdsaP256),
            #[cfg(feature = "ecdsa-p384")]
            Algorithm::EcdsaP384 => ecdsa::PrivateKey::from_der(der).map(Self::EcdsaP384),
            _ => None,
        }
    }

    /// The key that verifies as well; nothing for a private one.
    pub(crate) fn shared(&self) -> Option<&Key> {
        match self {
            Self::Shared(key) => Some(key),
            #[allow(unreachable_patterns, reason = "a build without private keys")]
            _ => None,
        }
    }

    /// The numbers of the public key that verifies what a private one signs, as
    /// [`Algorithm::public_key_of`] has them. Returns `None` for a shared one.
    pub(crate) fn public(&self) -> Option<Vec<u8>> {
        match self {
            Self::Shared(_) => None,
            #[cfg(feature = "ed25519")]
            Self::Ed25519(key) => Some(key.public()),
            #[cfg(feature = "ecdsa-p256")]
            Self::EcdsaP256(key) => Some(key.public()),
            #[cfg(feature = "ecdsa-p384")]
            Self::EcdsaP384(key) => Some(key.public()),
        }
    }

    /// The secret, where the signed bytes hold it.
    pub(crate) fn secret(&self) -> &[u8] {
        self.shared().map_or(&[], Key::secret)
    }

    /// The signature of the message that these parts make, one behind the other.
    pub(crate) fn sign<'a>(&self, parts: impl IntoIterator<Item = &'a [u8]>) -> Option<Tag> {
        match self {
            Self::Shared(key) => key.tag(parts),
            #[cfg(feature = "ed25519")]
            Self::Ed25519(key) => Some(key.sign(&parts.into_iter().collect::<Vec<_>>().concat())),
            #[cfg(feature = "ecdsa-p256")]
            Self::EcdsaP256(key) => key.sign(parts),
            #[cfg(feature = "ecdsa-p384")]
            Self::EcdsaP384(key) => key.sign(parts),
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(REDACTED)")
    }
}

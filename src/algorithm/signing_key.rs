//! Keys that sign: shared ones, which verify as well, and private ones.

use core::fmt;

use super::{Algorithm, Cryptography, Key, Message, PrivateKey, Tag};

/// A key that signs, prepared once. It is wiped when dropped, and never printed.
#[allow(clippy::large_enum_variant, reason = "a signer has one")]
pub(crate) enum SigningKey {
    /// The secret of a MAC.
    Shared(Key),
    Private(PrivateKey),
}

impl SigningKey {
    /// A private key in DER: PKCS #8 (RFC 5958), for ECDSA also RFC 5915 alone. Returns `None` if it is
    /// none of this algorithm, or that one only verifies.
    pub(crate) fn from_der(algorithm: Algorithm, der: &[u8]) -> Option<Self> {
        PrivateKey::from_der(algorithm, der).map(Self::Private)
    }

    /// The key that verifies as well. Returns `None` for a private one.
    pub(crate) fn shared(&self) -> Option<&Key> {
        match self {
            Self::Shared(key) => Some(key),
            Self::Private(_) => None,
        }
    }

    /// The private key. Returns `None` for a shared one.
    pub(crate) fn private(&self) -> Option<&PrivateKey> {
        match self {
            Self::Shared(_) => None,
            Self::Private(key) => Some(key),
        }
    }

    /// The numbers of the public key that verifies what a private one signs, as
    /// [`Algorithm::public_key_of`] has them. Returns `None` for a shared one, and where they do not
    /// stand beside the private ones and are not computed here.
    pub(crate) fn public(&self) -> Option<Vec<u8>> {
        match self {
            Self::Shared(_) => None,
            Self::Private(key) => key.public(),
        }
    }

    /// The secret, where the signed bytes hold it.
    pub(crate) fn secret(&self) -> &[u8] {
        self.shared().map_or(&[], Key::secret)
    }

    /// The signature of the message that these parts make, one behind the other. Returns `None` if
    /// whoever has the cryptography gives none.
    pub(crate) fn sign<'a>(
        &self,
        parts: impl IntoIterator<Item = &'a [u8]>,
        cryptography: Option<&dyn Cryptography>,
    ) -> Option<Tag> {
        match self {
            Self::Shared(key) => key.tag(parts),
            Self::Private(key) => key.sign(&Message::new(parts), cryptography),
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(REDACTED)")
    }
}

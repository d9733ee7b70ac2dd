//! Private keys, which sign.

use core::fmt;

use zeroize::Zeroizing;

use super::der::{self, Der};
use super::{Algorithm, Cryptography, Message, Tag, ecdsa, ed25519};

/// A private key, wiped when dropped and never printed.
///
/// What it signs is computed by whoever has the [cryptography](Cryptography).
pub struct PrivateKey {
    algorithm: Algorithm,
    pkcs8: Zeroizing<Vec<u8>>,
    #[cfg(feature = "public-keys")]
    computing: super::rustcrypto::PrivateKey,
}

impl PrivateKey {
    /// A private key in DER: PKCS #8 (RFC 5958), for ECDSA also the structure of RFC 5915 alone, as
    /// OpenSSL writes one. Returns `None` if it is none of this algorithm, or that one only verifies.
    pub(super) fn from_der(algorithm: Algorithm, der: &[u8]) -> Option<Self> {
        let identifier = match algorithm {
            Algorithm::Ed25519 => ed25519::IDENTIFIER,
            Algorithm::EcdsaP256 => ecdsa::P256.identifier,
            Algorithm::EcdsaP384 => ecdsa::P384.identifier,
            _ => return None,
        };
        let pkcs8 = match is_pkcs8(der, identifier) {
            Some(true) => der.to_vec(),
            Some(false) if algorithm != Algorithm::Ed25519 => der::pkcs8(identifier, der)?,
            _ => return None,
        };
        let pkcs8 = Zeroizing::new(pkcs8);
        Some(Self {
            algorithm,
            #[cfg(feature = "public-keys")]
            computing: super::rustcrypto::PrivateKey::new(algorithm, &pkcs8)?,
            pkcs8,
        })
    }

    /// The key in PKCS #8 (RFC 5958), in DER.
    pub fn pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    /// The algorithm by its name in the registry of HTTP signature algorithms (RFC 9421 section 6.2).
    pub fn algorithm(&self) -> &'static str {
        self.algorithm.registered_name().unwrap_or_default()
    }

    /// The numbers of the public key, as [`Algorithm::public_key_of`] has them. Returns `None` if they
    /// do not stand beside the private ones and are not computed here.
    pub(super) fn public(&self) -> Option<Vec<u8>> {
        #[cfg(feature = "public-keys")]
        return Some(self.computing.public());
        #[cfg(not(feature = "public-keys"))]
        None
    }

    /// The signature over a message that is here: as `cryptography` says, or else as is computed here.
    pub(super) fn sign(
        &self,
        message: &Message,
        cryptography: Option<&dyn Cryptography>,
    ) -> Option<Tag> {
        let signature = match cryptography {
            Some(cryptography) => cryptography.sign(self, message.before()),
            #[cfg(feature = "public-keys")]
            None => self.computing.sign(message.before()),
            #[cfg(not(feature = "public-keys"))]
            None => None,
        };
        self.algorithm.fixed_tag(&signature?)
    }
}

/// Whether these bytes are PKCS #8 with this algorithm's identifier. Returns `None` if they are PKCS #8
/// with another, or no sequence at all.
fn is_pkcs8(der: &[u8], identifier: &[u8]) -> Option<bool> {
    let mut outer = Der::new(der);
    let mut key = outer.sequence()?;
    outer.end()?;
    let version = key.version()?;
    match { key }.sequence() {
        // An ECPrivateKey has its digits there.
        None => (version == 1).then_some(false),
        Some(_) => key.rest().starts_with(identifier).then_some(true),
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey(REDACTED)")
    }
}

//! Public keys: their one encoding, and whether one made a signature.

use core::fmt;

use subtle::Choice;

use super::{Algorithm, Tag, ecdsa, ed25519, rsa};
use super::{Check, Cryptography, Message};

/// A public key that a policy's secret holds, checked for its form.
///
/// What it verifies is computed by whoever has the [cryptography](Cryptography).
#[derive(Clone)]
pub struct PublicKey {
    pub(super) algorithm: Algorithm,
    bytes: Box<[u8]>,
    /// Bytes of a signature.
    signature_bytes: usize,
    number: u32,
    #[cfg(feature = "public-keys")]
    computing: super::rustcrypto::PublicKey,
}

impl PublicKey {
    /// A key from the bytes that a secret is decoded to. Returns `None` if they are none of the
    /// algorithm, in another encoding than its own, weak, or no point of the curve where the curve is
    /// computed here.
    pub(super) fn new(algorithm: Algorithm, bytes: &[u8]) -> Option<Self> {
        let mut signature_bytes = *algorithm.tag_bytes().start();
        let bytes: Box<[u8]> = match algorithm {
            Algorithm::Ed25519 => ed25519::key(bytes)?.into(),
            Algorithm::EcdsaP256 => ecdsa::P256.key(bytes)?.into(),
            Algorithm::EcdsaP384 => ecdsa::P384.key(bytes)?.into(),
            Algorithm::RsaPss | Algorithm::RsaPkcs1 => {
                let key = rsa::key(algorithm, bytes)?;
                signature_bytes = key.modulus_bytes;
                key.spki.into()
            }
            _ => return None,
        };
        Some(Self {
            algorithm,
            #[cfg(feature = "public-keys")]
            computing: super::rustcrypto::PublicKey::new(algorithm, &bytes)?,
            bytes,
            signature_bytes,
            number: 0,
        })
    }

    /// The key's bytes: 32 for Ed25519 (RFC 8032 section 5.1.2), else a `SubjectPublicKeyInfo` in DER
    /// (RFC 5280 section 4.1.2.7), for RSA with `rsaEncryption`.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The algorithm by its name in the registry of HTTP signature algorithms (RFC 9421 section 6.2).
    pub fn algorithm(&self) -> &'static str {
        self.algorithm.registered_name().unwrap_or_default()
    }

    /// Its place among the public keys of its policy.
    pub fn number(&self) -> u32 {
        self.number
    }

    pub(crate) fn set_number(&mut self, number: u32) {
        self.number = number;
    }

    /// Whether it made a signature over the message: as `cryptography` says, or else as is computed
    /// here. What has not the one encoding of a signature is not asked about.
    pub(super) fn verifies(
        &self,
        message: &Message,
        tag: &Tag,
        cryptography: Option<&dyn Cryptography>,
    ) -> Choice {
        let verified = self.may_have_made(tag)
            && match cryptography {
                Some(cryptography) => {
                    cryptography.verify(&Check { key: self, message, signature: tag.as_bytes() })
                }
                None => self.computes(message, tag),
            };
        u8::from(verified).into()
    }

    /// Whether it made a signature, as is computed here. Without the feature nothing is.
    #[cfg(feature = "public-keys")]
    fn computes(&self, message: &Message, tag: &Tag) -> bool {
        let verified = self.computing.verifies(message, tag);
        #[cfg(all(test, not(target_arch = "wasm32")))]
        verdicts::write(self, message, tag, verified);
        verified
    }

    #[cfg(not(feature = "public-keys"))]
    fn computes(&self, _: &Message, _: &Tag) -> bool {
        false
    }

    /// Whether a tag is in the one encoding of this key's signatures.
    fn may_have_made(&self, tag: &Tag) -> bool {
        tag.as_bytes().len() == self.signature_bytes
            && match self.algorithm {
                Algorithm::Ed25519 => ed25519::is_sound(tag),
                Algorithm::EcdsaP256 => ecdsa::P256.is_sound(tag),
                Algorithm::EcdsaP384 => ecdsa::P384.is_sound(tag),
                _ => true,
            }
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublicKey").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

#[cfg(all(test, feature = "public-keys"))]
#[allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used)]
mod tests;

#[cfg(all(test, feature = "public-keys"))]
#[allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used)]
mod rsa_tests;

#[cfg(all(test, feature = "public-keys", not(target_arch = "wasm32")))]
mod verdicts;

//! Secrets as the schemes want them written.

use super::{KeyForm, Scheme};
use crate::algorithm::Algorithm;
use crate::encoding;

/// Bytes of randomness that a secret is made of.
pub const RANDOM_BYTES: usize = 48;

impl Scheme {
    /// A secret in this scheme's form, made of random bytes; nothing where the key is a public one.
    pub fn secret_of(&self, random: &[u8; RANDOM_BYTES]) -> Option<String> {
        let key: &[u8] = random.first_chunk::<32>()?;
        match self.key {
            _ if self.algorithm.has_key_pair() => None,
            KeyForm::Utf8 => Some(encoding::to_base64_url(random)),
            KeyForm::Hex => Some(hex::encode(key)),
            KeyForm::Base64 { prefix } => Some([prefix, &encoding::to_base64(key)].concat()),
            KeyForm::Pem => None,
        }
    }

    /// Whether the key that verifies is a public one, and the algorithm is this, `Ed25519` or
    /// `ECDSA P-256`.
    pub fn verifies_with_public(&self, algorithm: &str) -> bool {
        let own = matches!(self.algorithm, Algorithm::Ed25519 | Algorithm::EcdsaP256);
        own && self.algorithm.name() == algorithm
    }

    /// A public key, given as the algorithm's own bytes and as a `SubjectPublicKeyInfo` in DER (RFC
    /// 5280 section 4.1.2.7), written as this scheme's secrets are.
    pub fn public_key_text(&self, bytes: &[u8], der: &[u8]) -> Option<String> {
        let bytes = if self.algorithm == Algorithm::EcdsaP256 { der } else { bytes };
        match self.key {
            KeyForm::Hex => Some(hex::encode(bytes)),
            KeyForm::Base64 { prefix } => Some([prefix, &encoding::to_base64(bytes)].concat()),
            KeyForm::Pem => Some(encoding::to_base64(der)),
            KeyForm::Utf8 => None,
        }
    }
}

//! How a scheme's secrets are written, read and made.

use zeroize::Zeroizing;

use super::Scheme;
use crate::algorithm::{Algorithm, Key, SigningKey};
use crate::encoding;
use crate::secret::{KeyForm, Secret};

/// Bytes of randomness that a secret is made of.
pub const RANDOM_BYTES: usize = 48;

impl Scheme {
    /// The key that verifies, of a secret. Returns `None` if it is not written as this scheme's are.
    pub(crate) fn key_of(&self, secret: &Secret) -> Option<Key> {
        let decoded = match self.key {
            KeyForm::Utf8 => return Key::new(self.algorithm, secret.as_bytes()),
            form => Zeroizing::new(form.decode(secret.as_bytes())?),
        };
        if decoded.is_empty() { None } else { Key::new(self.algorithm, &decoded) }
    }

    /// The key that signs, of a secret: the one that verifies, or, where the algorithm has a key pair,
    /// a private key as PEM (RFC 7468) or its base64 alone. Returns `None` if it is not so written.
    pub(crate) fn signing_key_of(&self, secret: &Secret) -> Option<SigningKey> {
        if !self.algorithm.has_key_pair() {
            return self.key_of(secret).map(SigningKey::Shared);
        }
        let der = Zeroizing::new(KeyForm::Pem.decode(secret.as_bytes())?);
        SigningKey::from_der(self.algorithm, &der)
    }

    /// A secret without the line end behind a public key, as every tool writes one; any other as it
    /// is.
    pub(crate) fn without_line_end(&self, secret: Secret) -> Secret {
        if self.key == KeyForm::Pem {
            Secret::new(secret.as_bytes().trim_ascii().to_vec())
        } else {
            secret
        }
    }

    /// The fewest bytes that a shared key may have once it is decoded. Returns `None` where the
    /// secret is a public key, whose length is given.
    pub fn min_key_bytes(&self) -> Option<usize> {
        (!self.algorithm.has_key_pair()).then_some(self.min_secret)
    }

    /// How a secret is written, in a word or two for the table of schemes.
    pub fn secret_form(&self) -> &'static str {
        match self.key {
            _ if self.algorithm.has_key_pair() => "public key",
            KeyForm::Utf8 | KeyForm::Pem => "text",
            KeyForm::Hex => "hex",
            KeyForm::Base64 { .. } => "base64",
        }
    }

    /// How a secret must be written, for an error.
    pub(crate) fn key_description(&self) -> &'static str {
        match self.algorithm {
            Algorithm::Ed25519 => "an Ed25519 public key of 32 bytes, as the provider shows it",
            Algorithm::EcdsaP256 => "a P-256 public key in base64, as the provider shows it",
            Algorithm::EcdsaP384 => "a P-384 public key, PEM or its base64 alone",
            Algorithm::RsaPss | Algorithm::RsaPkcs1 => {
                "an RSA public key of 2048 to 4096 bits, PEM or its base64 alone"
            }
            _ => self.key.description(),
        }
    }

    /// How the secret that signs must be written, for an error.
    pub fn signing_key_description(&self) -> &'static str {
        match self.algorithm {
            Algorithm::RsaPss | Algorithm::RsaPkcs1 => {
                "that of another scheme: RSA is verified here, not signed"
            }
            algorithm if algorithm.has_key_pair() => {
                "a private key for the scheme: PEM, or its base64 alone"
            }
            _ => self.key.description(),
        }
    }

    /// A secret in this scheme's form, made of random bytes. Returns `None` if the key is a public one.
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

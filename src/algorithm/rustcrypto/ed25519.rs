//! Ed25519 (RFC 8032), verified strictly.

use ed25519_dalek::pkcs8::DecodePrivateKey;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

use super::Tag;

#[derive(Clone)]
pub(crate) struct PublicKey(VerifyingKey);

impl PublicKey {
    /// A key of 32 bytes. Returns `None` if they are no point.
    pub(super) fn new(bytes: &[u8]) -> Option<Self> {
        VerifyingKey::from_bytes(bytes.try_into().ok()?).ok().map(Self)
    }

    /// Whether it made this signature (RFC 8032 section 5.1.7), without the factor 8.
    pub(super) fn verifies(&self, message: &[u8], tag: &Tag) -> bool {
        let signature = Signature::from_slice(tag.as_bytes());
        signature.is_ok_and(|signature| self.0.verify_strict(message, &signature).is_ok())
    }
}

pub(crate) struct PrivateKey(SigningKey);

impl PrivateKey {
    /// A key in PKCS #8 (RFC 8410 section 7); where the public one stands beside it, they must belong
    /// together.
    pub(super) fn new(pkcs8: &[u8]) -> Option<Self> {
        SigningKey::from_pkcs8_der(pkcs8).ok().map(Self)
    }

    pub(super) fn public(&self) -> Vec<u8> {
        self.0.verifying_key().to_bytes().to_vec()
    }

    /// The signature over a message (RFC 8032 section 5.1.6).
    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(message).to_bytes().to_vec()
    }
}

//! Public-key signatures computed by RustCrypto's crates. The Worker asks its runtime instead.

mod ecdsa;
mod ed25519;
mod rsa;

use super::{Algorithm, Message, Tag};

/// A public key with what is computed from it once.
#[derive(Clone)]
pub(super) enum PublicKey {
    Ed25519(ed25519::PublicKey),
    EcdsaP256(ecdsa::PublicKey<p256::NistP256>),
    EcdsaP384(ecdsa::PublicKey<p384::NistP384>),
    Rsa(rsa::PublicKey),
}

impl PublicKey {
    /// A key whose form was checked. Returns `None` if its point is not on the curve.
    pub(super) fn new(algorithm: Algorithm, bytes: &[u8]) -> Option<Self> {
        match algorithm {
            Algorithm::Ed25519 => ed25519::PublicKey::new(bytes).map(Self::Ed25519),
            Algorithm::EcdsaP256 => ecdsa::PublicKey::new(bytes).map(Self::EcdsaP256),
            Algorithm::EcdsaP384 => ecdsa::PublicKey::new(bytes).map(Self::EcdsaP384),
            _ => rsa::PublicKey::new(algorithm, bytes).map(Self::Rsa),
        }
    }

    /// Whether it made this signature over a message that is here.
    pub(super) fn verifies(&self, message: &Message, tag: &Tag) -> bool {
        match self {
            Self::Ed25519(key) => !message.has_body() && key.verifies(message.before(), tag),
            Self::EcdsaP256(key) => key.verifies(message, tag),
            Self::EcdsaP384(key) => key.verifies(message, tag),
            Self::Rsa(key) => key.verifies(message, tag),
        }
    }
}

/// A private key, wiped when dropped. There is none for RSA, whose signing leaks time in the crate
/// (RUSTSEC-2023-0071, "Marvin"); verifying computes on what is public only.
pub(super) enum PrivateKey {
    Ed25519(ed25519::PrivateKey),
    EcdsaP256(ecdsa::PrivateKey<p256::NistP256>),
    EcdsaP384(ecdsa::PrivateKey<p384::NistP384>),
}

impl PrivateKey {
    /// A key in PKCS #8 (RFC 5958), in DER.
    pub(super) fn new(algorithm: Algorithm, pkcs8: &[u8]) -> Option<Self> {
        match algorithm {
            Algorithm::Ed25519 => ed25519::PrivateKey::new(pkcs8).map(Self::Ed25519),
            Algorithm::EcdsaP256 => ecdsa::PrivateKey::new(pkcs8).map(Self::EcdsaP256),
            Algorithm::EcdsaP384 => ecdsa::PrivateKey::new(pkcs8).map(Self::EcdsaP384),
            _ => None,
        }
    }

    /// The numbers of the public key.
    pub(super) fn public(&self) -> Vec<u8> {
        match self {
            Self::Ed25519(key) => key.public(),
            Self::EcdsaP256(key) => key.public(),
            Self::EcdsaP384(key) => key.public(),
        }
    }

    /// The signature over a message.
    pub(super) fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Ed25519(key) => Some(key.sign(message)),
            Self::EcdsaP256(key) => key.sign(message),
            Self::EcdsaP384(key) => key.sign(message),
        }
    }
}

//! What is asked of whoever has the cryptography of public keys.

use core::fmt;
#[cfg(feature = "public-keys")]
use std::cell::OnceCell;

use super::{PrivateKey, PublicKey};

/// Whoever computes with public and private keys in place of this code: a runtime, by WebCrypto.
///
/// This code decides what is asked, in whose name, and what follows from the answer. Where an answer
/// cannot be given, `false` or nothing is one that lets no request through.
pub trait Cryptography: fmt::Debug {
    /// Whether the key made this signature over this message.
    fn verify(&self, check: &Check<'_>) -> bool;

    /// The signature of this key over these bytes, in the form that [`Check::signature`] has. Returns
    /// `None` if there is none.
    fn sign(&self, key: &PrivateKey, message: &[u8]) -> Option<Vec<u8>>;

    /// What kept it from an answer about the request that is being decided. A signature that nothing
    /// then shows to be right is not called wrong.
    fn failure(&self) -> Option<Failure> {
        None
    }
}

/// What kept somebody from an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// A key is none, such as a point that is not on its curve.
    Key,
    /// Anything else.
    Computation,
}

/// One question: did this key make this signature over this message?
#[derive(Clone, Copy, Debug)]
pub struct Check<'c> {
    pub(super) key: &'c PublicKey,
    pub(super) message: &'c Message,
    pub(super) signature: &'c [u8],
}

impl<'c> Check<'c> {
    /// The key.
    pub fn key(&self) -> &'c PublicKey {
        self.key
    }

    /// What was signed.
    pub fn message(&self) -> &'c Message {
        self.message
    }

    /// The signature: for Ed25519 its 64 bytes (RFC 8032 section 5.1.6), for ECDSA two numbers of 32 or
    /// 48 bytes (RFC 9421 sections 3.3.4 and 3.3.5), for RSA as many bytes as the modulus has. An
    /// Ed25519 signature is in its one encoding, and an ECDSA number is neither zero nor too large.
    pub fn signature(&self) -> &'c [u8] {
        self.signature
    }
}

/// The bytes that a public key's signature covers. The body may be among them and be elsewhere.
#[derive(Clone, Debug)]
pub struct Message {
    before: Vec<u8>,
    has_body: bool,
    after: Vec<u8>,
    /// Their hash, made once for all keys.
    #[cfg(feature = "public-keys")]
    hash: OnceCell<Vec<u8>>,
}

impl Message {
    /// A message that is here.
    pub(crate) fn new<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        Self::of(parts.into_iter().collect::<Vec<_>>().concat(), false, Vec::new())
    }

    /// One with the body, which is elsewhere, between these bytes.
    pub(crate) fn around_body(before: Vec<u8>, after: Vec<u8>) -> Self {
        Self::of(before, true, after)
    }

    fn of(before: Vec<u8>, has_body: bool, after: Vec<u8>) -> Self {
        Self {
            before,
            has_body,
            after,
            #[cfg(feature = "public-keys")]
            hash: OnceCell::new(),
        }
    }

    /// The bytes before the body; all of them, where the body is not elsewhere.
    pub fn before(&self) -> &[u8] {
        &self.before
    }

    /// Whether the whole body follows, which is elsewhere.
    pub fn has_body(&self) -> bool {
        self.has_body
    }

    /// The bytes behind the body.
    pub fn after(&self) -> &[u8] {
        &self.after
    }

    /// Its hash, as this function makes it of the bytes. Returns `None` if the body is elsewhere.
    #[cfg(feature = "public-keys")]
    pub(super) fn hash(&self, hash: impl Fn(&[u8]) -> Vec<u8>) -> Option<&[u8]> {
        (!self.has_body).then(|| &**self.hash.get_or_init(|| hash(&self.before)))
    }
}

//! The primitives: what makes the bytes that a signature covers into the signature itself.
//!
//! A MAC is computed again and compared; a signature by a private key is verified with the public
//! one, by whoever has the [cryptography](Cryptography) for it.

mod cryptography;
mod der;
mod ecdsa;
mod ed25519;
mod hash;
mod mac;
mod private_key;
mod public_key;
mod rsa;
#[cfg(feature = "public-keys")]
mod rustcrypto;
mod signing_key;
mod tag;

pub use cryptography::{Check, Cryptography, Failure, Message};
pub use hash::HashAlgorithm;
pub use private_key::PrivateKey;
pub use public_key::PublicKey;
pub(crate) use signing_key::SigningKey;
pub(crate) use tag::Tag;

use core::fmt;
use core::ops::RangeInclusive;

use subtle::{Choice, ConstantTimeEq};
use zeroize::Zeroizing;

/// The most signatures of one request that are compared with a MAC: each costs a comparison of some
/// bytes for each key. A sender has one for each secret that it still counts.
const MOST_FOR_MACS: usize = 16;
/// The most that are verified with a public key: each costs a verification for each key. A sender that
/// changes its key signs with the old one and the new one.
pub(crate) const MOST_FOR_PUBLIC_KEYS: usize = 2;

/// How the bytes that a signature covers become the signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    /// HMAC-SHA1. Sound as a MAC, though SHA-1 is broken as a hash; some providers have no other.
    HmacSha1,
    /// HMAC-SHA256.
    HmacSha256,
    /// HMAC-SHA384.
    HmacSha384,
    /// HMAC-SHA512.
    HmacSha512,
    /// SHA-256 over bytes that hold the secret.
    Sha256,
    /// No MAC: the secret itself is sent.
    Token,
    /// Ed25519 (RFC 8032 section 5.1). The key has 32 bytes.
    Ed25519,
    /// ECDSA over P-256 with SHA-256 (FIPS 186-5), its signature in ASN.1 DER (RFC 3279 section
    /// 2.2.3). The key is a `SubjectPublicKeyInfo` in DER (RFC 5480 section 2).
    EcdsaP256,
    /// ECDSA over P-384 with SHA-384, its signature as two numbers (RFC 9421 section 3.3.5). The key
    /// is a `SubjectPublicKeyInfo` in DER.
    EcdsaP384,
    /// RSASSA-PSS (RFC 8017 section 8.1) with SHA-512, its mask too, and a salt of 64 bytes (RFC 9421
    /// section 3.3.1). The key is a `SubjectPublicKeyInfo` in DER (RFC 3279 section 2.3.1).
    RsaPss,
    /// RSASSA-PKCS1-v1_5 (RFC 8017 section 8.2) with SHA-256 (RFC 9421 section 3.3.2). The key is as
    /// for [`Algorithm::RsaPss`].
    RsaPkcs1,
}

impl Algorithm {
    /// Its usual name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::HmacSha1 => "HMAC-SHA1",
            Self::HmacSha256 => "HMAC-SHA256",
            Self::HmacSha384 => "HMAC-SHA384",
            Self::HmacSha512 => "HMAC-SHA512",
            Self::Sha256 => "SHA-256 with the secret",
            Self::Token => "the secret itself",
            Self::Ed25519 => "Ed25519",
            Self::EcdsaP256 => "ECDSA P-256",
            Self::EcdsaP384 => "ECDSA P-384",
            Self::RsaPss => "RSA-PSS",
            Self::RsaPkcs1 => "RSA PKCS #1 v1.5",
        }
    }

    /// Its name in the registry of HTTP signature algorithms (RFC 9421 section 6.2), where it is there.
    pub(crate) const fn registered_name(self) -> Option<&'static str> {
        match self {
            Self::HmacSha256 => Some("hmac-sha256"),
            Self::Ed25519 => Some("ed25519"),
            Self::EcdsaP256 => Some("ecdsa-p256-sha256"),
            Self::EcdsaP384 => Some("ecdsa-p384-sha384"),
            Self::RsaPss => Some("rsa-pss-sha512"),
            Self::RsaPkcs1 => Some("rsa-v1_5-sha256"),
            _ => None,
        }
    }

    /// Whether one key signs and another verifies.
    pub(crate) const fn has_key_pair(self) -> bool {
        matches!(
            self,
            Self::Ed25519 | Self::EcdsaP256 | Self::EcdsaP384 | Self::RsaPss | Self::RsaPkcs1
        )
    }

    /// The part of a public key in DER, or of its bytes alone, by which it is recognised: the numbers
    /// at its end, whatever stands in front of them. Returns `None` for an algorithm that has none.
    pub(crate) fn public_key_of(self, key: &[u8]) -> Option<&[u8]> {
        let bytes = match self {
            Self::Ed25519 => 32,
            Self::EcdsaP256 => 64,
            Self::EcdsaP384 => 96,
            // The end of the modulus, and the exponent.
            Self::RsaPss | Self::RsaPkcs1 => 128,
            _ => return None,
        };
        key.get(key.len().checked_sub(bytes)?..)
    }

    /// How many bytes a tag may have. A token is compared by its SHA-256, an ECDSA signature is kept
    /// as its two numbers, and one by RSA is as long as its key.
    pub(crate) const fn tag_bytes(self) -> RangeInclusive<usize> {
        let bytes = match self {
            Self::HmacSha1 => 20,
            Self::HmacSha256 | Self::Sha256 | Self::Token => 32,
            Self::HmacSha384 => 48,
            Self::HmacSha512 | Self::Ed25519 | Self::EcdsaP256 => 64,
            Self::EcdsaP384 => 96,
            Self::RsaPss | Self::RsaPkcs1 => return 256..=512,
        };
        bytes..=bytes
    }

    /// The tag that these bytes, decoded from a request, stand for; nothing where they have not
    /// the algorithm's form.
    pub(crate) fn tag(self, bytes: &[u8]) -> Option<Tag> {
        match self {
            Self::Token => (!bytes.is_empty()).then(|| mac::token_tag(bytes)),
            Self::EcdsaP256 => ecdsa::P256.tag_of_der(bytes),
            _ => self.fixed_tag(bytes),
        }
    }

    /// The most signatures of one request that are tried.
    pub(crate) const fn most_signatures(self) -> usize {
        if self.has_key_pair() { MOST_FOR_PUBLIC_KEYS } else { MOST_FOR_MACS }
    }

    /// The bytes that a provider sends for a tag: what [`Algorithm::tag`] reads.
    pub(crate) fn written(self, tag: &Tag) -> Vec<u8> {
        match self {
            Self::EcdsaP256 => ecdsa::P256.der_of_tag(tag).unwrap_or_default(),
            _ => tag.as_bytes().to_vec(),
        }
    }

    /// The tag that these bytes are, as RFC 9421 sends signatures: one by ECDSA as its two numbers
    /// (sections 3.3.4 and 3.3.5).
    pub(crate) fn fixed_tag(self, bytes: &[u8]) -> Option<Tag> {
        self.tag_bytes().contains(&bytes.len()).then(|| Tag::new(bytes))
    }
}

/// A key that verifies, prepared once. Secret ones are wiped when dropped, and none is printed.
#[derive(Clone)]
#[allow(clippy::large_enum_variant, reason = "a MAC's state is used for every request, in place")]
pub(crate) enum Key {
    Mac(mac::Key),
    Public(PublicKey),
}

impl Key {
    /// Prepares a key; nothing where the bytes are none. How long a MAC's secret must be is policy.
    pub(crate) fn new(algorithm: Algorithm, bytes: &[u8]) -> Option<Self> {
        if algorithm.has_key_pair() {
            PublicKey::new(algorithm, bytes).map(Self::Public)
        } else {
            mac::Key::new(algorithm, bytes).map(Self::Mac)
        }
    }

    /// The key of a MAC; nothing for a public one.
    fn mac(&self) -> Option<&mac::Key> {
        match self {
            Self::Mac(key) => Some(key),
            Self::Public(_) => None,
        }
    }

    /// The public key. Returns `None` for a MAC's.
    pub(crate) fn public(&self) -> Option<&PublicKey> {
        match self {
            Self::Mac(_) => None,
            Self::Public(key) => Some(key),
        }
    }

    /// Numbers a public key.
    pub(crate) fn set_number(&mut self, number: u32) {
        if let Self::Public(key) = self {
            key.set_number(number);
        }
    }

    /// The block that a secret becomes in an HMAC. Returns `None` for any other key.
    pub(crate) fn block(&self) -> Option<&[u8]> {
        self.mac()?.block()
    }

    /// The secret, where the signed bytes hold it.
    pub(crate) fn secret(&self) -> &[u8] {
        self.mac().map_or(&[], mac::Key::secret)
    }

    /// The tag of the message that these parts make, one behind the other; nothing for a public
    /// key, which makes none.
    pub(crate) fn tag<'a>(&self, parts: impl IntoIterator<Item = &'a [u8]>) -> Option<Tag> {
        Some(self.mac()?.tag(&mut parts.into_iter()))
    }

    /// Whether it verifies a message that holds a body which is elsewhere.
    pub(crate) fn takes_body_elsewhere(&self) -> bool {
        self.mac().is_none_or(mac::Key::takes_digests)
    }

    /// The hash that reads the message, and the bytes it reads before it; nothing where it has none.
    pub(crate) fn message_hash(&self) -> Option<(HashAlgorithm, Zeroizing<Vec<u8>>)> {
        self.mac()?.message_hash()
    }

    /// The tag of a message with this digest, by [`message_hash`](Self::message_hash); nothing where
    /// it cannot be one.
    pub(crate) fn tag_of_digest(&self, digest: &[u8]) -> Option<Tag> {
        self.mac()?.tag_of_digest(digest)
    }

    /// Whether one of the tags is that of a message with this digest, by
    /// [`message_hash`](Self::message_hash). All are compared, in constant time.
    pub(crate) fn verifies_digest(&self, digest: &[u8], candidates: &[Tag]) -> Choice {
        match self.tag_of_digest(digest) {
            Some(tag) => any(candidates, |candidate| tag.ct_eq(candidate)),
            None => Choice::from(0),
        }
    }

    /// Whether one of the tags is that of the message, by a MAC. All are compared, in a time that says
    /// nothing about which one fits or where another differs.
    pub(crate) fn verifies<'a>(
        &self,
        parts: impl IntoIterator<Item = &'a [u8]>,
        candidates: &[Tag],
    ) -> Choice {
        match self.tag(parts) {
            Some(tag) => any(candidates, |candidate| tag.ct_eq(candidate)),
            None => Choice::from(0),
        }
    }

    /// Whether one of the tags is that of the message, by a public key. All are tried.
    pub(crate) fn verifies_message(
        &self,
        message: &Message,
        candidates: &[Tag],
        cryptography: Option<&dyn Cryptography>,
    ) -> Choice {
        match self {
            Self::Mac(_) => Choice::from(0),
            Self::Public(key) => {
                any(candidates, |candidate| key.verifies(message, candidate, cryptography))
            }
        }
    }
}

fn any(candidates: &[Tag], matches: impl Fn(&Tag) -> Choice) -> Choice {
    candidates.iter().fold(Choice::from(0), |found, candidate| found | matches(candidate))
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(REDACTED)")
    }
}

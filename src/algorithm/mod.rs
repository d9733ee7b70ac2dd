//! The primitives: what makes the bytes that a signature covers into the signature itself.
//!
//! A MAC is computed again and compared; a signature by a private key is verified with the public
//! one. The latter two are features of the package, for a Worker links only what its policy needs.

#[cfg(feature = "ecdsa-p256")]
mod ecdsa_p256;
#[cfg(feature = "ed25519")]
mod ed25519;
mod hash;
mod mac;
mod tag;

pub use hash::HashAlgorithm;
pub(crate) use tag::Tag;

use core::fmt;

use subtle::{Choice, ConstantTimeEq};
use zeroize::Zeroizing;

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
        }
    }

    /// Its name in the registry of HTTP signature algorithms (RFC 9421 section 6.2), where it is there.
    pub(crate) const fn registered_name(self) -> Option<&'static str> {
        match self {
            Self::HmacSha256 => Some("hmac-sha256"),
            Self::Ed25519 => Some("ed25519"),
            Self::EcdsaP256 => Some("ecdsa-p256-sha256"),
            _ => None,
        }
    }

    /// The feature that this build was made without; nothing where it has the algorithm.
    pub(crate) const fn missing_feature(self) -> Option<&'static str> {
        match self {
            Self::Ed25519 if !cfg!(feature = "ed25519") => Some("ed25519"),
            Self::EcdsaP256 if !cfg!(feature = "ecdsa-p256") => Some("ecdsa-p256"),
            _ => None,
        }
    }

    /// Bytes of a tag. A token is compared by its SHA-256, and an ECDSA signature is kept as its
    /// two numbers.
    const fn tag_bytes(self) -> usize {
        match self {
            Self::HmacSha1 => 20,
            Self::HmacSha256 | Self::Sha256 | Self::Token => 32,
            Self::HmacSha384 => 48,
            Self::HmacSha512 | Self::Ed25519 | Self::EcdsaP256 => tag::MAX_BYTES,
        }
    }

    /// The tag that these bytes, decoded from a request, stand for; nothing where they have not
    /// the algorithm's form.
    pub(crate) fn tag(self, bytes: &[u8]) -> Option<Tag> {
        match self {
            Self::Token => (!bytes.is_empty()).then(|| mac::token_tag(bytes)),
            #[cfg(feature = "ecdsa-p256")]
            Self::EcdsaP256 => ecdsa_p256::tag(bytes),
            _ => self.fixed_tag(bytes),
        }
    }

    /// The tag that these bytes stand for where they have one length always: an ECDSA signature as
    /// its two numbers (RFC 9421 section 3.3.4).
    pub(crate) fn fixed_tag(self, bytes: &[u8]) -> Option<Tag> {
        Tag::new(bytes).filter(|_| bytes.len() == self.tag_bytes())
    }
}

/// A key that verifies, prepared once. Secret ones are wiped when dropped, and none is printed.
#[derive(Clone)]
pub(crate) enum Key {
    Mac(mac::Key),
    #[cfg(feature = "ed25519")]
    Ed25519(ed25519::Key),
    #[cfg(feature = "ecdsa-p256")]
    EcdsaP256(ecdsa_p256::Key),
}

impl Key {
    /// Prepares a key; nothing where the bytes are none. How long a MAC's secret must be is policy.
    pub(crate) fn new(algorithm: Algorithm, bytes: &[u8]) -> Option<Self> {
        match algorithm {
            #[cfg(feature = "ed25519")]
            Algorithm::Ed25519 => ed25519::Key::new(bytes).map(Self::Ed25519),
            #[cfg(feature = "ecdsa-p256")]
            Algorithm::EcdsaP256 => ecdsa_p256::Key::new(bytes).map(Self::EcdsaP256),
            _ => mac::Key::new(algorithm, bytes).map(Self::Mac),
        }
    }

    /// The secret, where the signed bytes hold it.
    pub(crate) fn secret(&self) -> &[u8] {
        match self {
            Self::Mac(key) => key.secret(),
            #[cfg(any(feature = "ed25519", feature = "ecdsa-p256"))]
            _ => &[],
        }
    }

    /// The tag of the message that these parts make, one behind the other; nothing for a public
    /// key, which makes none.
    pub(crate) fn tag<'a>(&self, parts: impl IntoIterator<Item = &'a [u8]>) -> Option<Tag> {
        match self {
            Self::Mac(key) => Some(key.tag(parts)),
            #[cfg(any(feature = "ed25519", feature = "ecdsa-p256"))]
            _ => None,
        }
    }

    /// The hash that reads the message, and the bytes it reads before it, where a digest by somebody
    /// else can stand for the message.
    pub(crate) fn message_hash(&self) -> Option<(HashAlgorithm, Zeroizing<Vec<u8>>)> {
        match self {
            Self::Mac(key) => key.message_hash(),
            #[cfg(any(feature = "ed25519", feature = "ecdsa-p256"))]
            _ => None,
        }
    }

    /// Whether one of the tags is that of a message with this digest, by
    /// [`message_hash`](Self::message_hash). All are compared, in constant time.
    pub(crate) fn verifies_digest(&self, digest: &[u8], candidates: &[Tag]) -> Choice {
        let tag = match self {
            Self::Mac(key) => key.tag_of_digest(digest),
            #[cfg(any(feature = "ed25519", feature = "ecdsa-p256"))]
            _ => None,
        };
        match tag {
            Some(tag) => any(candidates, |candidate| tag.ct_eq(candidate)),
            None => Choice::from(0),
        }
    }

    /// Whether one of the tags is that of the message. All are tried; for a MAC, in a time that
    /// says nothing about which one fits or where another differs.
    pub(crate) fn verifies<'a>(
        &self,
        parts: impl IntoIterator<Item = &'a [u8]>,
        candidates: &[Tag],
    ) -> Choice {
        match self {
            Self::Mac(key) => {
                let tag = key.tag(parts);
                any(candidates, |candidate| tag.ct_eq(candidate))
            }
            #[cfg(feature = "ed25519")]
            Self::Ed25519(key) => {
                let message = parts.into_iter().collect::<Vec<_>>().concat();
                any(candidates, |candidate| u8::from(key.verifies(&message, candidate)).into())
            }
            #[cfg(feature = "ecdsa-p256")]
            Self::EcdsaP256(key) => {
                let hash = ecdsa_p256::hash(parts);
                any(candidates, |candidate| u8::from(key.verifies(&hash, candidate)).into())
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

//! The primitives: HMAC (RFC 2104) over SHA-1 and SHA-2 (FIPS 180-4), the plain hash and the token.
//! The only file that names one.

use core::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};
use subtle::{Choice, ConstantTimeEq};
use zeroize::Zeroizing;

/// How the bytes that a signature covers become the tag it carries.
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
        }
    }

    /// Bytes of a tag. A token is compared by its SHA-256.
    pub(crate) const fn tag_bytes(self) -> usize {
        match self {
            Self::HmacSha1 => 20,
            Self::HmacSha256 | Self::Sha256 | Self::Token => 32,
            Self::HmacSha384 => 48,
            Self::HmacSha512 => MAX_TAG_BYTES,
        }
    }
}

/// Bytes of the longest tag, that of HMAC-SHA512.
const MAX_TAG_BYTES: usize = 64;

/// What an algorithm gives for a key and a message. Two tags are compared in a time that does
/// not depend on where they differ.
#[derive(Clone, Copy)]
pub(crate) struct Tag {
    bytes: [u8; MAX_TAG_BYTES],
    length: usize,
}

impl Tag {
    /// A tag with these bytes; nothing for more than any algorithm gives.
    pub(crate) fn new(bytes: &[u8]) -> Option<Self> {
        let mut tag = Self { bytes: [0; MAX_TAG_BYTES], length: bytes.len() };
        tag.bytes.get_mut(..bytes.len())?.copy_from_slice(bytes);
        Some(tag)
    }

    /// What stands for a token, so that tokens of any length are compared in constant time.
    pub(crate) fn of_token(token: &[u8]) -> Self {
        Self::computed(&Sha256::digest(token))
    }

    /// An algorithm's own output, which always fits.
    fn computed(output: &[u8]) -> Self {
        Self::new(output).unwrap_or(Self { bytes: [0; MAX_TAG_BYTES], length: 0 })
    }

    /// The tag's bytes.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

impl ConstantTimeEq for Tag {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.bytes.ct_eq(&other.bytes) & self.length.ct_eq(&other.length)
    }
}

/// A key whose two padded blocks have been hashed, so that a request pays for its message only.
/// Wiped when dropped.
#[derive(Clone)]
pub(crate) enum Key {
    HmacSha1(Hmac<Sha1>),
    HmacSha256(Hmac<Sha256>),
    HmacSha384(Hmac<Sha384>),

    HmacSha512(Hmac<Sha512>),
    /// The secret, which the template puts among the hashed bytes.
    Sha256(Zeroizing<Vec<u8>>),
    /// What stands for the secret.
    Token(Tag),
}

impl Key {
    /// Prepares a key. Any length is a key to HMAC; how long a secret must be is policy.
    pub(crate) fn new(algorithm: Algorithm, secret: &[u8]) -> Self {
        match algorithm {
            Algorithm::HmacSha1 => {
                Self::HmacSha1(Hmac::new((&*key_block::<Sha1, 64>(secret)).into()))
            }
            Algorithm::HmacSha256 => {
                Self::HmacSha256(Hmac::new((&*key_block::<Sha256, 64>(secret)).into()))
            }
            Algorithm::HmacSha384 => {
                Self::HmacSha384(Hmac::new((&*key_block::<Sha384, 128>(secret)).into()))
            }
            Algorithm::HmacSha512 => {
                Self::HmacSha512(Hmac::new((&*key_block::<Sha512, 128>(secret)).into()))
            }
            Algorithm::Sha256 => Self::Sha256(Zeroizing::new(secret.to_vec())),
            Algorithm::Token => Self::Token(Tag::of_token(secret)),
        }
    }

    /// The secret, where the signed bytes hold it.
    pub(crate) fn secret(&self) -> &[u8] {
        match self {
            Self::Sha256(secret) => secret,
            _ => &[],
        }
    }

    /// The tag of the message that these parts make, one behind the other.
    pub(crate) fn tag<'a>(&self, parts: impl IntoIterator<Item = &'a [u8]>) -> Tag {
        match self {
            Self::HmacSha1(state) => hmac_tag(state, parts),
            Self::HmacSha256(state) => hmac_tag(state, parts),
            Self::HmacSha384(state) => hmac_tag(state, parts),
            Self::HmacSha512(state) => hmac_tag(state, parts),
            Self::Sha256(_) => {
                let mut state = Sha256::new();
                parts.into_iter().for_each(|part| state.update(part));
                Tag::computed(&state.finalize())
            }
            Self::Token(tag) => *tag,
        }
    }
}

fn hmac_tag<'a, M: Mac + Clone>(state: &M, parts: impl IntoIterator<Item = &'a [u8]>) -> Tag {
    let mut state = state.clone();
    parts.into_iter().for_each(|part| state.update(part));
    Tag::computed(&state.finalize().into_bytes())
}

/// A secret as a block of its hash (RFC 2104 section 2): hashed first where it is longer, filled
/// up with zeros where it is shorter.
fn key_block<D: Digest, const BLOCK_BYTES: usize>(secret: &[u8]) -> Zeroizing<[u8; BLOCK_BYTES]> {
    let hashed;
    let short = if secret.len() > BLOCK_BYTES {
        hashed = Zeroizing::new(D::digest(secret).to_vec());
        hashed.as_slice()
    } else {
        secret
    };
    let mut block = Zeroizing::new([0; BLOCK_BYTES]);
    for (to, from) in block.iter_mut().zip(short) {
        *to = *from;
    }
    block
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(REDACTED)")
    }
}

#[cfg(test)]
mod tests;

//! HMAC-SHA256 (RFC 2104 over FIPS 180-4): the only file that names a primitive.

use core::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};
use zeroize::Zeroizing;

/// Bytes of an HMAC-SHA256 tag.
pub(crate) const TAG_BYTES: usize = 32;
/// Bytes of a SHA-256 block.
const BLOCK_BYTES: usize = 64;

/// A tag: what HMAC-SHA256 gives for a key and a message. Two tags are compared in a time that
/// does not depend on where they differ.
#[derive(Clone, Copy)]
pub(crate) struct Tag([u8; TAG_BYTES]);

impl Tag {
    /// A tag with these bytes.
    pub(crate) fn new(bytes: [u8; TAG_BYTES]) -> Self {
        Self(bytes)
    }

    /// The tag in lower-case hexadecimal digits.
    pub(crate) fn to_lower_hex(self) -> String {
        hex::encode(self.0)
    }
}

impl ConstantTimeEq for Tag {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.0.ct_eq(&other.0)
    }
}

/// A key whose two padded blocks have been hashed, so that a request pays for its message only.
/// Wiped when dropped.
#[derive(Clone)]
pub(crate) struct Key(Hmac<Sha256>);

impl Key {
    /// Prepares a key. Any length is a key to HMAC; how long a secret must be is policy.
    pub(crate) fn new(secret: &[u8]) -> Self {
        // RFC 2104 section 2: a key longer than the block is hashed, a shorter one padded with zeros.
        let hashed;
        let short = if secret.len() > BLOCK_BYTES {
            hashed = Zeroizing::new(<[u8; TAG_BYTES]>::from(Sha256::digest(secret)));
            hashed.as_slice()
        } else {
            secret
        };
        let mut block = Zeroizing::new([0; BLOCK_BYTES]);
        for (to, from) in block.iter_mut().zip(short) {
            *to = *from;
        }
        Self(Hmac::new((&*block).into()))
    }

    /// The tag of the message that these parts make, one behind the other.
    pub(crate) fn tag<'a>(&self, parts: impl IntoIterator<Item = &'a [u8]>) -> Tag {
        let mut state = self.0.clone();
        for part in parts {
            state.update(part);
        }
        Tag(state.finalize().into_bytes().into())
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(REDACTED)")
    }
}

#[cfg(test)]
mod tests;

//! The value of a MAC or a signature.

use core::fmt;

use subtle::{Choice, ConstantTimeEq};

/// Bytes of the longest: HMAC-SHA512, Ed25519, and the two numbers of ECDSA over P-256.
pub(super) const MAX_BYTES: usize = 64;

/// What an algorithm gives for a key and a message. Two tags are compared in a time that does
/// not depend on where they differ.
#[derive(Clone, Copy)]
pub(crate) struct Tag {
    bytes: [u8; MAX_BYTES],
    length: usize,
}

impl Tag {
    /// A tag with these bytes; nothing for more than any algorithm gives.
    pub(super) fn new(bytes: &[u8]) -> Option<Self> {
        let mut tag = Self { bytes: [0; MAX_BYTES], length: bytes.len() };
        tag.bytes.get_mut(..bytes.len())?.copy_from_slice(bytes);
        Some(tag)
    }

    /// An algorithm's own output, which always fits.
    pub(super) fn computed(output: &[u8]) -> Self {
        Self::new(output).unwrap_or(Self { bytes: [0; MAX_BYTES], length: 0 })
    }

    /// The tag's bytes.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tag(REDACTED)")
    }
}

impl ConstantTimeEq for Tag {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.bytes.ct_eq(&other.bytes) & self.length.ct_eq(&other.length)
    }
}

//! The value of a MAC or a signature.

use core::fmt;

use subtle::{Choice, ConstantTimeEq};

/// Bytes of the longest that is kept in place: HMAC-SHA512, Ed25519, and the two numbers of ECDSA
/// over P-256.
pub(super) const IN_PLACE: usize = 64;

/// What an algorithm gives for a key and a message. Two tags are compared in a time that does
/// not depend on where they differ.
#[derive(Clone)]
pub(crate) struct Tag(Bytes);

/// A MAC is computed for every request, and needs no heap.
#[derive(Clone)]
enum Bytes {
    InPlace { bytes: [u8; IN_PLACE], length: usize },
    Boxed(Box<[u8]>),
}

impl Tag {
    /// A tag with these bytes.
    pub(super) fn new(tag: &[u8]) -> Self {
        let mut bytes = [0; IN_PLACE];
        match bytes.get_mut(..tag.len()) {
            Some(start) => {
                start.copy_from_slice(tag);
                Self(Bytes::InPlace { bytes, length: tag.len() })
            }
            None => Self(Bytes::Boxed(tag.into())),
        }
    }

    /// The tag's bytes.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Bytes::InPlace { bytes, length } => bytes.get(..*length).unwrap_or_default(),
            Bytes::Boxed(bytes) => bytes,
        }
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tag(REDACTED)")
    }
}

impl ConstantTimeEq for Tag {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.as_bytes().ct_eq(other.as_bytes())
    }
}

//! The body of a request: its bytes, or what somebody else has found out about them.

use core::fmt;

use zeroize::Zeroizing;

use crate::algorithm::HashAlgorithm;

/// A hash over the body, for a runtime that has the body and hashes faster than this code.
///
/// `before` may hold key material: who has it can sign.
#[derive(Clone)]
pub struct BodyHash {
    pub(crate) algorithm: HashAlgorithm,
    pub(crate) before: Zeroizing<Vec<u8>>,
    pub(crate) after: Vec<u8>,
}

impl BodyHash {
    /// A hash over the body alone.
    pub(crate) fn of_body(algorithm: HashAlgorithm) -> Self {
        Self { algorithm, before: Zeroizing::default(), after: Vec::new() }
    }

    /// The hash.
    pub fn algorithm(&self) -> HashAlgorithm {
        self.algorithm
    }

    /// The bytes to hash before the body.
    pub fn before(&self) -> &[u8] {
        &self.before
    }

    /// The bytes to hash behind the body.
    pub fn after(&self) -> &[u8] {
        &self.after
    }
}

impl fmt::Debug for BodyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BodyHash").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

/// A body that stays elsewhere.
#[derive(Clone, Debug)]
pub struct HashedBody {
    /// Bytes of the body.
    pub length: usize,
    /// The digest for each of [`Pending::body_hashes`](crate::Pending::body_hashes), in that order.
    pub digests: Vec<Vec<u8>>,
}

impl HashedBody {
    /// Whether these are digests for those hashes.
    pub(super) fn answers(&self, hashes: &[BodyHash]) -> bool {
        let lengths = hashes.iter().map(|hash| hash.algorithm.digest_bytes());
        lengths.eq(self.digests.iter().map(Vec::len))
    }
}

/// What the verifier has of a body.
#[derive(Clone, Copy, Debug)]
pub enum Content<'b> {
    /// Its bytes.
    Read(&'b [u8]),
    /// Its hashes.
    Hashed(&'b HashedBody),
}

impl<'b> Content<'b> {
    /// Bytes of the body.
    pub(super) fn len(self) -> usize {
        match self {
            Self::Read(bytes) => bytes.len(),
            Self::Hashed(body) => body.length,
        }
    }

    /// The bytes, where they are here.
    pub(super) fn bytes(self) -> Option<&'b [u8]> {
        match self {
            Self::Read(bytes) => Some(bytes),
            Self::Hashed(_) => None,
        }
    }
}

/// A whole, raw body: everything that is bytes, and [`HashedBody`].
pub trait Body {
    /// What there is of it.
    fn content(&self) -> Content<'_>;
}

impl<T: AsRef<[u8]>> Body for T {
    fn content(&self) -> Content<'_> {
        Content::Read(self.as_ref())
    }
}

impl Body for HashedBody {
    fn content(&self) -> Content<'_> {
        Content::Hashed(self)
    }
}

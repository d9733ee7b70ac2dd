//! The body of a request: its bytes, or somebody who has them and hashes.

use core::fmt;
use std::borrow::Cow;

use zeroize::Zeroizing;

use crate::algorithm::HashAlgorithm;

/// A hash over the body, for a runtime that has the body and hashes faster than this code.
///
/// `before` and `after` may hold key material: who has it can sign.
#[derive(Clone)]
pub struct BodyHash {
    pub(crate) algorithm: HashAlgorithm,
    pub(crate) before: Zeroizing<Vec<u8>>,
    pub(crate) after: Zeroizing<Vec<u8>>,
}

impl BodyHash {
    /// A hash over the body alone.
    pub(crate) fn of_body(algorithm: HashAlgorithm) -> Self {
        Self { algorithm, before: Zeroizing::default(), after: Zeroizing::default() }
    }

    /// The digest over a body that is elsewhere; nothing where what comes back has another length.
    pub(crate) fn digest_of(&self, body: &dyn HashedBody) -> Option<Vec<u8>> {
        Some(body.hash(self)).filter(|digest| digest.len() == self.algorithm.digest_bytes())
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

/// A whole, raw body that stays elsewhere, and is hashed there when a digest is asked for: once for
/// each key that may have made the signature, then for the claim and for the seal.
pub trait HashedBody: fmt::Debug {
    /// Bytes of the body.
    fn length(&self) -> usize;

    /// All of it. Asked for where a scheme signs a URL beside the body, to see that they leave no doubt
    /// where one ends; where a public key is computed with here; and of a verified request whose body may be
    /// a handshake, or has the time.
    fn bytes(&self) -> Vec<u8>;

    /// The digest over the bytes before the body, the body, and those behind it, which must not be
    /// kept. What is not as long as a digest verifies nothing; any other bytes are taken for the
    /// digest, on which everything rests.
    fn hash(&self, hash: &BodyHash) -> Vec<u8>;
}

/// What the verifier has of a body.
#[derive(Clone, Copy, Debug)]
pub enum Content<'b> {
    /// Its bytes.
    Read(&'b [u8]),
    /// Somebody who hashes it.
    Hashed(&'b dyn HashedBody),
}

impl<'b> Content<'b> {
    /// Bytes of the body.
    pub(crate) fn len(self) -> usize {
        match self {
            Self::Read(bytes) => bytes.len(),
            Self::Hashed(body) => body.length(),
        }
    }

    /// The bytes, where they are here.
    pub(crate) fn bytes(self) -> Option<&'b [u8]> {
        match self {
            Self::Read(bytes) => Some(bytes),
            Self::Hashed(_) => None,
        }
    }

    /// Who has it, where it is not here.
    pub(crate) fn elsewhere(self) -> Option<&'b dyn HashedBody> {
        match self {
            Self::Read(_) => None,
            Self::Hashed(body) => Some(body),
        }
    }

    /// All of it, wherever it is.
    pub(crate) fn read(self) -> Cow<'b, [u8]> {
        match self {
            Self::Read(bytes) => bytes.into(),
            Self::Hashed(body) => body.bytes().into(),
        }
    }

    /// The digest over all of it; nothing where somebody else gives something of another length.
    pub(crate) fn digest(self, algorithm: HashAlgorithm) -> Option<Vec<u8>> {
        match self {
            Self::Read(bytes) => Some(algorithm.digest(bytes)),
            Self::Hashed(body) => BodyHash::of_body(algorithm).digest_of(body),
        }
    }
}

/// A whole, raw body: everything that is bytes, and a type that gives itself as
/// [`Content::Hashed`].
pub trait Body {
    /// What there is of it.
    fn content(&self) -> Content<'_>;
}

impl<T: AsRef<[u8]>> Body for T {
    fn content(&self) -> Content<'_> {
        Content::Read(self.as_ref())
    }
}

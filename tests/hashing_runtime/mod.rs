//! What a runtime does that hashes bodies itself.
#![allow(clippy::panic, dead_code, reason = "each test uses some of it")]

use core::cell::{Cell, RefCell};
use core::fmt;

use countersign::{
    Body, BodyHash, Content, HashAlgorithm, HashedBody, Head, UnixSeconds, Verifier,
};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

/// What becomes of a digest, by its place among those that are asked for.
type Change<'b> = Box<dyn Fn(usize, &mut Vec<u8>) + 'b>;

/// A body that is hashed when a digest is asked for.
pub(crate) struct Elsewhere<'b> {
    /// The length that is stated.
    pub(crate) length: usize,
    body: &'b [u8],
    change: Change<'b>,
    /// The hashes that were asked for.
    pub(crate) asked: RefCell<Vec<BodyHash>>,
    read: Cell<bool>,
}

impl<'b> Elsewhere<'b> {
    pub(crate) fn new(body: &'b [u8]) -> Self {
        Self::changing(body, |_, _| {})
    }

    pub(crate) fn changing(body: &'b [u8], change: impl Fn(usize, &mut Vec<u8>) + 'b) -> Self {
        Self {
            length: body.len(),
            body,
            change: Box::new(change),
            asked: RefCell::default(),
            read: Cell::default(),
        }
    }
}

impl Elsewhere<'_> {
    /// Whether the bytes were asked for.
    pub(crate) fn was_read(&self) -> bool {
        self.read.get()
    }
}

impl fmt::Debug for Elsewhere<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Elsewhere").finish_non_exhaustive()
    }
}

impl HashedBody for Elsewhere<'_> {
    fn length(&self) -> usize {
        self.length
    }

    fn bytes(&self) -> Vec<u8> {
        self.read.set(true);
        self.body.to_vec()
    }

    fn hash(&self, hash: &BodyHash) -> Vec<u8> {
        let bytes = [hash.before(), self.body, hash.after()].concat();
        let mut digest = match hash.algorithm() {
            HashAlgorithm::Sha1 => Sha1::digest(bytes).to_vec(),
            HashAlgorithm::Sha256 => Sha256::digest(bytes).to_vec(),
            HashAlgorithm::Sha384 => Sha384::digest(bytes).to_vec(),
            HashAlgorithm::Sha512 => Sha512::digest(bytes).to_vec(),
        };
        (self.change)(self.asked.borrow().len(), &mut digest);
        self.asked.borrow_mut().push(hash.clone());
        digest
    }
}

impl Body for &Elsewhere<'_> {
    fn content(&self) -> Content<'_> {
        Content::Hashed(*self)
    }
}

/// Decides once by the body and once by its hashes, and checks that the two agree. Gives whether
/// hashes would do.
#[track_caller]
pub(crate) fn both_ways_agree(
    verifier: &Verifier,
    head: &Head<'_>,
    now: UnixSeconds,
    body: &[u8],
) -> bool {
    let Ok(admission) = verifier.begin(head, now) else { return false };
    if !admission.takes_hashes() {
        return false;
    }
    let elsewhere = Elsewhere::new(body);
    let by_hashes = admission.finish(&elsewhere, now);
    let by_body = verifier.begin(head, now).and_then(|admission| admission.finish(body, now));
    match (by_hashes, by_body) {
        (Ok(one), Ok(other)) => {
            assert_eq!(
                format!("{:?}", one.log_line("r-1")),
                format!("{:?}", other.log_line("r-1"))
            );
            assert_eq!(one.claim(), other.claim());
        }
        (Err(one), Err(other)) => assert_eq!(one, other),
        (one, other) => panic!("{one:?} by the hashes, {other:?} by the body"),
    }
    true
}

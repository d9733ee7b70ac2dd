//! A request is accepted once: what it is remembered by, for how long, and where.
//!
//! A request that was verified is claimed before it goes to the origin, in a store where one call
//! is one decision. The claim outlives the request: the store takes none after the moment at which
//! it forgets, by its own clock, so a request that was claimed once can never be claimed again.

mod store;

pub use store::{ClaimStore, ClaimTable, Claimant, MOST_RELEASES, Row};

use sha2::{Digest, Sha256};

use crate::time::UnixSeconds;

/// What a sender's requests are remembered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReplayKey {
    /// The id or nonce that is signed.
    Nonce,
    /// The signed bytes, whichever key and encoding the signature over them has.
    Signature,
}

/// How a sender's requests are kept from being accepted twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ReplayRule {
    pub(crate) key: ReplayKey,
    /// Objects that the claims are spread over.
    pub(crate) shards: u32,
    /// Most claims of the sender at a time, over all shards.
    pub(crate) capacity: u32,
    /// Seconds to remember a request of a scheme that signs no time.
    pub(crate) retention: Option<u32>,
    pub(crate) release: Release,
}

/// When a claim is given up again, so that an honest sender may send the request once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Release {
    /// Never: whatever the origin did with the request, it sees it once.
    Never,
    /// When the origin was not reached, or broke off before it answered.
    Unreached,
    /// Also when it answered with a 5xx.
    ServerError,
}

/// Seconds after the end of its window until which a request may still be accepted, if it was fresh when
/// its head came: its body may be on the way so long. A claim lives to the end of it, so that nothing is
/// forgotten that could be accepted.
///
/// A minute is twice the time that a route gives a body where it does not say, and no more than the
/// usual window itself.
pub(crate) const MARGIN: u32 = 60;

/// What a request is remembered by: 16 bytes of a SHA-256, within one sender.
pub type ClaimId = [u8; 16];

/// The claim that a verified request must make before it may be forwarded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim<'v> {
    sender: &'v str,
    rule: ReplayRule,
    id: ClaimId,
    expires: Expiry,
}

/// When a claim is forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// After this moment: the last one at which the request may be claimed at all.
    At(UnixSeconds),
    /// So many seconds after it was made, since the request has no time.
    After(u32),
}

impl<'v> Claim<'v> {
    pub(crate) fn new(sender: &'v str, rule: ReplayRule, id: ClaimId, expires: Expiry) -> Self {
        Self { sender, rule, id, expires }
    }

    /// The name of the object that decides: the sender's id and, behind a `/`, the shard.
    pub fn object(&self) -> String {
        let [first, second, third, fourth, ..] = self.id;
        let hash = u32::from_be_bytes([first, second, third, fourth]);
        let shard = hash.checked_rem(self.rule.shards).unwrap_or_default();
        format!("{}/{shard}", self.sender)
    }

    /// What the request is remembered by.
    pub fn id(&self) -> &ClaimId {
        &self.id
    }

    /// When the claim is forgotten.
    pub fn expires(&self) -> Expiry {
        self.expires
    }

    /// Most claims that the object may hold.
    pub fn capacity(&self) -> u32 {
        self.rule.capacity.div_ceil(self.rule.shards.max(1))
    }

    /// When it is given up again.
    pub fn release(&self) -> Release {
        self.rule.release
    }
}

/// What the store says to a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is the first: the request may go on.
    Claimed,
    /// The request, or another with its nonce, was claimed before.
    Replayed,
    /// The request is too old to be remembered.
    Expired,
    /// The object holds as many claims as it may.
    Full,
    /// The store did not answer.
    Unavailable,
}

impl ReplayKey {
    /// What its claim ids hash first, so that those of one kind are none of the other.
    pub(crate) const fn prefix(self) -> &'static [u8] {
        match self {
            Self::Nonce => b"nonce\0",
            Self::Signature => b"bytes\0",
        }
    }
}

/// The claim id of these bytes: the start of their SHA-256.
pub(crate) fn claim_id<'p>(key: ReplayKey, parts: impl IntoIterator<Item = &'p [u8]>) -> ClaimId {
    let mut hash = Sha256::new();
    hash.update(key.prefix());
    parts.into_iter().for_each(|part| hash.update(part));
    let mut id = ClaimId::default();
    id.iter_mut().zip(hash.finalize()).for_each(|(to, from)| *to = from);
    id
}

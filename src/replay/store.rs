//! One object's claims, and the decision about one more. Time is an argument.

use super::{ClaimId, Verdict};
use crate::time::UnixSeconds;

/// Who made a claim: the bytes of the request's id. Only it may release the claim.
pub type Claimant = [u8; 16];

/// The claimant of a claim that was given up: no request has this id.
const NOBODY: Claimant = [0; 16];

/// How often one claim may be given up after its request was forwarded. From then on it stays, and the
/// request is a replay.
///
/// Whoever holds a captured request may be able to make its claim be given up, time after time, by a path
/// at which the origin fails; each time the origin sees the request. An honest sender meets the bound only
/// if it sends the very same bytes more often than this: Shopify, which repeats them, tries 8 times, and
/// tried 19 times until 2024.
pub const MOST_RELEASES: u32 = 20;

/// A claim as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// What the request is remembered by.
    pub id: ClaimId,
    /// The last moment of the claim's life.
    pub expires: UnixSeconds,
    /// Who made it; all zeros where it was given up.
    pub claimant: Claimant,
    /// How often it was given up after its request was forwarded.
    pub releases: u32,
}

/// Where claims lie. Nothing else may change them between two calls.
pub trait ClaimTable {
    /// Why it failed.
    type Error;

    /// The claim with this id, if there is one.
    fn find(&self, id: &ClaimId) -> Result<Option<Row>, Self::Error>;

    /// Stores a claim, in place of one with its id.
    fn put(&mut self, row: &Row) -> Result<(), Self::Error>;

    /// Removes a claim.
    fn remove(&mut self, id: &ClaimId) -> Result<(), Self::Error>;

    /// Removes claims that ended before a moment, so many at the most; how many it removed.
    fn remove_ended(&mut self, before: UnixSeconds, most: u32) -> Result<u32, Self::Error>;

    /// How many claims there are.
    fn count(&self) -> Result<u32, Self::Error>;
}

/// Claims removed at a time, so that no call waits long for it.
const BATCH: u32 = 1000;
/// Seconds that a claim stays after its end, for a clock that is set back.
const SLACK: u64 = 60;

/// The claims of one object.
#[derive(Debug)]
pub struct ClaimStore<T> {
    table: T,
    count: u32,
    /// The second in which a purge last found nothing more: looking through the table costs time.
    purged_at: Option<UnixSeconds>,
}

impl<T: ClaimTable> ClaimStore<T> {
    /// Takes up the claims of a table.
    pub fn new(table: T) -> Result<Self, T::Error> {
        let count = table.count()?;
        Ok(Self { table, count, purged_at: None })
    }

    /// Decides about a claim, with at most `capacity` of them at a time. A claim that lives is never
    /// given up for another; the one who made it may make it again, where the answer was lost. How often
    /// the row says it was given up does not count: the store knows.
    pub fn claim(
        &mut self,
        row: &Row,
        now: UnixSeconds,
        capacity: u32,
    ) -> Result<Verdict, T::Error> {
        if row.expires < now {
            return Ok(Verdict::Expired);
        }
        let earlier = self.table.find(&row.id)?;
        let living = earlier.filter(|earlier| now <= earlier.expires);
        match living {
            Some(earlier) if earlier.claimant == row.claimant => return Ok(Verdict::Claimed),
            Some(earlier) if earlier.claimant != NOBODY => return Ok(Verdict::Replayed),
            _ => {}
        }
        if earlier.is_none() {
            if self.count >= capacity && self.purged_at != Some(now) {
                self.purge(now)?;
            }
            if self.count >= capacity {
                return Ok(Verdict::Full);
            }
        }
        let releases = living.map_or(0, |earlier| earlier.releases);
        self.table.put(&Row { releases, ..*row })?;
        if earlier.is_none() {
            self.count = self.count.saturating_add(1);
        }
        Ok(Verdict::Claimed)
    }

    /// Gives a claim up, if this claimant made it, so that the request may be sent again. One whose request
    /// was forwarded can be given up [`MOST_RELEASES`] times.
    pub fn release(
        &mut self,
        id: &ClaimId,
        claimant: &Claimant,
        forwarded: bool,
    ) -> Result<(), T::Error> {
        let Some(row) = self.table.find(id)?.filter(|row| row.claimant == *claimant) else {
            return Ok(());
        };
        let releases = row.releases.saturating_add(forwarded.into());
        if releases == 0 {
            self.table.remove(id)?;
            self.count = self.count.saturating_sub(1);
        } else if releases <= MOST_RELEASES {
            self.table.put(&Row { claimant: NOBODY, releases, ..row })?;
        }
        Ok(())
    }

    /// Removes a batch of claims that have ended. Gives whether there may be more.
    pub fn purge(&mut self, now: UnixSeconds) -> Result<bool, T::Error> {
        let before = UnixSeconds::new(now.get().saturating_sub(SLACK));
        let removed = self.table.remove_ended(before, BATCH)?;
        self.count = self.count.saturating_sub(removed);
        let more = removed >= BATCH;
        self.purged_at = (!more).then_some(now);
        Ok(more)
    }

    /// How many claims there are, ended ones that still lie there included.
    pub fn count(&self) -> u32 {
        self.count
    }
}

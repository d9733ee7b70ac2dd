//! Requests that wait: for their bodies, or for what the runtime was asked.
//!
//! The runtime may drop a request without a word. So what is kept here is bounded: the oldest is
//! forgotten first, and one that comes back after that is decided by its head once more.

use std::collections::VecDeque;

use self_cell::self_cell;

use crate::adapter::asking::Asking;
use crate::message::next_line;
use crate::{Admission, Head, Refusal, UnixSeconds, Verifier};

/// Bytes that all parked requests may take.
const MOST_BYTES: usize = 4 << 20;
/// Bytes that one takes beside the text of its head, and rather more.
const OVERHEAD: usize = 2048;

/// A head with the id that the adapter gave its request.
pub(super) struct Received<'a> {
    pub(super) request_id: &'a str,
    pub(super) head: Head<'a>,
}

/// What was admitted by a head.
type Admitted<'h> = Admission<'static, 'h>;

self_cell!(
    struct ReceivedLines {
        owner: String,
        #[covariant]
        dependent: Received,
    }
);

self_cell!(
    /// A request whose head has passed.
    pub(super) struct ParkedRequest {
        owner: ReceivedLines,
        #[covariant]
        dependent: Admitted,
    }
);

/// A request that waits.
pub(super) enum Waiting {
    /// For what was asked about its head, whose lines these are.
    Head { lines: String, begun: UnixSeconds, asking: Asking },
    /// For its body.
    Body(ParkedRequest),
    /// For what was asked about all of it. The body was there at `now`.
    Answers { request: ParkedRequest, now: UnixSeconds, asking: Asking },
}

impl Waiting {
    fn bytes(&self) -> usize {
        let (lines, asked) = match self {
            Self::Head { lines, asking, .. } => (lines.len(), asking.bytes()),
            Self::Body(request) => (request.lines(), 0),
            Self::Answers { request, asking, .. } => (request.lines(), asking.bytes()),
        };
        lines.saturating_add(asked).saturating_add(OVERHEAD)
    }
}

/// The waiting requests with their tickets, each of which is higher than those before.
#[derive(Default)]
pub(super) struct Parked {
    requests: VecDeque<(u64, Waiting)>,
    bytes: usize,
}

impl ParkedRequest {
    /// Reads a request's id and head from lines and begins to decide. Where it is refused, the lines
    /// come back with the refusal; without one where they cannot be read.
    pub(super) fn begin(
        lines: String,
        verifier: &'static Verifier,
        now: UnixSeconds,
    ) -> Result<Self, (String, Option<Box<Refusal<'static>>>)> {
        let lines = ReceivedLines::try_new_or_recover(lines, |lines| received(lines).ok_or(()))
            .map_err(|(lines, ())| (lines, None))?;
        Self::try_new_or_recover(lines, |lines| verifier.begin(&lines.borrow_dependent().head, now))
            .map_err(|(lines, refusal)| (lines.into_owner(), Some(refusal)))
    }

    /// What was admitted.
    pub(super) fn admission(&self) -> &Admitted<'_> {
        self.borrow_dependent()
    }

    /// Decides with what was received and what was admitted.
    pub(super) fn decide<T>(&self, decide: impl FnOnce(&Received<'_>, &Admitted<'_>) -> T) -> T {
        self.with_dependent(|lines, admission| decide(lines.borrow_dependent(), admission))
    }

    /// Bytes of its lines.
    fn lines(&self) -> usize {
        self.borrow_owner().borrow_owner().len()
    }
}

impl Parked {
    /// Keeps a request; the oldest make room.
    pub(super) fn put(&mut self, ticket: u64, request: Waiting) {
        self.bytes = self.bytes.saturating_add(request.bytes());
        let place = self.requests.partition_point(|(own, _)| *own < ticket);
        self.requests.insert(place, (ticket, request));
        while self.bytes > MOST_BYTES
            && let Some((_, oldest)) = self.requests.pop_front()
        {
            self.bytes = self.bytes.saturating_sub(oldest.bytes());
        }
    }

    fn find(&self, ticket: u64) -> Option<usize> {
        self.requests.binary_search_by_key(&ticket, |(own, _)| *own).ok()
    }

    /// A request that is still here.
    pub(super) fn get(&self, ticket: u64) -> Option<&Waiting> {
        self.requests.get(self.find(ticket)?).map(|(_, request)| request)
    }

    /// A request that is still here, and is not any more.
    pub(super) fn take(&mut self, ticket: u64) -> Option<Waiting> {
        let (_, request) = self.requests.remove(self.find(ticket)?)?;
        self.bytes = self.bytes.saturating_sub(request.bytes());
        Some(request)
    }
}

/// The id stands in the first line, the head in those behind it.
fn received(lines: &str) -> Option<Received<'_>> {
    let rest = &mut Some(lines);
    let request_id = next_line(rest)?;
    Some(Received { request_id, head: Head::from_lines((*rest)?)? })
}

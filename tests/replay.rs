//! The store of claims against a model, over sequences of calls that proptest thinks up, with time
//! as a value; and what a verified request is remembered by.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::rc::Rc;

use countersign::UnixSeconds;
use countersign::replay::{ClaimId, ClaimStore, ClaimTable, MOST_RELEASES, Row, Verdict};
use proptest::prelude::*;

/// What SQLite is to the Worker: it is still there when the store is opened anew.
#[derive(Clone, Debug, Default)]
struct Table(Rc<RefCell<BTreeMap<ClaimId, Row>>>);

impl ClaimTable for Table {
    type Error = Infallible;

    fn find(&self, id: &ClaimId) -> Result<Option<Row>, Infallible> {
        Ok(self.0.borrow().get(id).copied())
    }

    fn put(&mut self, row: &Row) -> Result<(), Infallible> {
        self.0.borrow_mut().insert(row.id, *row);
        Ok(())
    }

    fn remove(&mut self, id: &ClaimId) -> Result<(), Infallible> {
        self.0.borrow_mut().remove(id);
        Ok(())
    }

    fn remove_ended(&mut self, before: UnixSeconds, most: u32) -> Result<u32, Infallible> {
        let size = self.0.borrow().len();
        let mut left = most;
        self.0.borrow_mut().retain(|_, row| {
            let goes = left > 0 && row.expires < before;
            left -= u32::from(goes);
            !goes
        });
        Ok(u32::try_from(size - self.0.borrow().len()).unwrap())
    }

    fn count(&self) -> Result<u32, Infallible> {
        Ok(u32::try_from(self.0.borrow().len()).unwrap())
    }
}

/// Seconds for which a signed request can be claimed: tolerance and margin.
const LIFE: u64 = 120;
const START: u64 = 1_760_000_000;
const CAPACITY: u32 = 12;

/// A call. A request is known by its number; its time of signing belongs to it.
#[derive(Clone, Debug)]
enum Call {
    Claim {
        request: u8,
        claimant: u8,
    },
    Release {
        request: u8,
        claimant: u8,
        forwarded: bool,
    },
    Purge,
    Restart,
    /// The clock goes on, or back by no more than the slack.
    Wait {
        seconds: i64,
    },
}

fn call() -> impl Strategy<Value = Call> {
    prop_oneof![
        8 => (0_u8..24, 1_u8..5).prop_map(|(request, claimant)| Call::Claim { request, claimant }),
        2 => (0_u8..24, 1_u8..5, any::<bool>())
            .prop_map(|(request, claimant, forwarded)| Call::Release { request, claimant, forwarded }),
        1 => Just(Call::Purge),
        1 => Just(Call::Restart),
        3 => (-30_i64..90).prop_map(|seconds| Call::Wait { seconds }),
    ]
}

/// A request's last moment, the same whoever sends it and whenever.
fn row(request: u8, claimant: u8) -> Row {
    let signed = START + u64::from(request) * 11;
    let expires = UnixSeconds::new(signed + LIFE);
    Row { id: [request; 16], expires, claimant: [claimant; 16], releases: 0 }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    /// A request is claimed once; an honest one is claimed while there is room; a claim goes only by
    /// its claimant or by its end.
    #[test]
    fn row_15_a_request_is_claimed_once(calls in prop::collection::vec(call(), 1..150)) {
        let table = Table::default();
        let mut store = ClaimStore::new(table.clone()).unwrap();
        let mut holders: BTreeMap<u8, u8> = BTreeMap::new();
        let (mut now, mut latest) = (START, START);
        for call in calls {
            match call {
                Call::Claim { request, claimant } => {
                    let row = row(request, claimant);
                    let ended = row.expires.get() < now;
                    let held = holders.get(&request);
                    let verdict = store.claim(&row, UnixSeconds::new(now), CAPACITY).unwrap();
                    match verdict {
                        Verdict::Claimed => {
                            prop_assert!(!ended && held.is_none_or(|holder| *holder == claimant));
                            holders.insert(request, claimant);
                        }
                        Verdict::Replayed => {
                            prop_assert!(!ended && held.is_some_and(|holder| *holder != claimant));
                        }
                        Verdict::Expired => prop_assert!(ended),
                        Verdict::Full => {
                            prop_assert!(held.is_none() && !ended);
                            let lying = table.0.borrow();
                            prop_assert!(lying.len() >= usize::try_from(CAPACITY).unwrap());
                            let kept = |row: &Row| row.expires.get() + 60 >= now;
                            prop_assert!(lying.values().all(kept), "there was room to make");
                        }
                        Verdict::Unavailable => prop_assert!(false),
                    }
                }
                Call::Release { request, claimant, forwarded } => {
                    let row = row(request, claimant);
                    store.release(&row.id, &row.claimant, forwarded).unwrap();
                    if holders.get(&request) == Some(&claimant) {
                        holders.remove(&request);
                    }
                }
                Call::Purge => drop(store.purge(UnixSeconds::new(now)).unwrap()),
                Call::Restart => store = ClaimStore::new(table.clone()).unwrap(),
                Call::Wait { seconds } => {
                    now = now.saturating_add_signed(seconds).max(latest - 60);
                    latest = latest.max(now);
                }
            }
            prop_assert_eq!(store.count(), table.count().unwrap());
            prop_assert!(store.count() <= CAPACITY);
            for request in holders.keys().filter(|request| row(**request, 0).expires.get() >= now) {
                prop_assert!(table.0.borrow().contains_key(&[*request; 16]), "a live claim is kept");
            }
        }
    }
}

#[test]
fn row_16_a_claim_lives_to_its_last_second_and_the_request_no_longer() {
    let mut store = ClaimStore::new(Table::default()).unwrap();
    let (first, second) = (row(0, 1), row(0, 2));
    let at = |seconds: u64| UnixSeconds::new(START + seconds);
    assert_eq!(store.claim(&first, at(0), CAPACITY), Ok(Verdict::Claimed));
    assert_eq!(store.claim(&second, at(LIFE), CAPACITY), Ok(Verdict::Replayed));
    assert_eq!(store.claim(&second, at(LIFE + 1), CAPACITY), Ok(Verdict::Expired));
    // The claim itself lies there a minute longer, for a clock that is set back.
    assert_eq!(store.purge(at(LIFE + 60)), Ok(false));
    assert_eq!(store.claim(&second, at(LIFE), CAPACITY), Ok(Verdict::Replayed));
    assert_eq!(store.purge(at(LIFE + 61)), Ok(false));
    assert_eq!(store.count(), 0);
}

#[test]
fn a_nonce_can_be_used_again_once_its_claim_has_ended() {
    let mut store = ClaimStore::new(Table::default()).unwrap();
    let old = row(0, 1);
    let new = Row { expires: UnixSeconds::new(START + 10 * LIFE), ..row(0, 2) };
    assert_eq!(store.claim(&old, UnixSeconds::new(START), CAPACITY), Ok(Verdict::Claimed));
    assert_eq!(store.claim(&new, UnixSeconds::new(START + LIFE), CAPACITY), Ok(Verdict::Replayed));
    let later = UnixSeconds::new(START + LIFE + 1);
    assert_eq!(store.claim(&new, later, CAPACITY), Ok(Verdict::Claimed));
    store.release(&old.id, &old.claimant, true).unwrap();
    let third = Row { claimant: [3; 16], ..new };
    assert_eq!(
        store.claim(&third, later, CAPACITY),
        Ok(Verdict::Replayed),
        "it was another's to release"
    );
}

#[test]
fn a_claim_whose_answer_was_lost_may_be_made_again_by_its_claimant() {
    let mut store = ClaimStore::new(Table::default()).unwrap();
    let now = UnixSeconds::new(START);
    for _ in 0..2 {
        assert_eq!(store.claim(&row(0, 1), now, CAPACITY), Ok(Verdict::Claimed));
    }
    assert_eq!(store.count(), 1);
    assert_eq!(store.claim(&row(0, 2), now, CAPACITY), Ok(Verdict::Replayed));
}

#[test]
fn row_16_a_full_store_gives_up_nothing_that_lives() {
    let mut store = ClaimStore::new(Table::default()).unwrap();
    let now = UnixSeconds::new(START);
    for request in 0..3 {
        assert_eq!(store.claim(&row(request, 1), now, 3), Ok(Verdict::Claimed));
    }
    assert_eq!(store.claim(&row(3, 1), now, 3), Ok(Verdict::Full));
    assert_eq!(store.claim(&row(3, 1), now, 3), Ok(Verdict::Full), "without another look at all");
    assert_eq!(store.claim(&row(0, 2), now, 3), Ok(Verdict::Replayed));
    store.release(&row(0, 1).id, &[1; 16], false).unwrap();
    assert_eq!(store.claim(&row(3, 1), now, 3), Ok(Verdict::Claimed));
}

#[test]
fn row_51_a_claim_is_given_up_so_often_and_no_more() {
    let table = Table::default();
    let mut store = ClaimStore::new(table.clone()).unwrap();
    let now = UnixSeconds::new(START);
    let mut claimant = 1;
    let mut claim = |store: &mut ClaimStore<Table>| {
        claimant += 1;
        (row(0, claimant), store.claim(&row(0, claimant), now, 1).unwrap())
    };
    for _ in 0..MOST_RELEASES {
        let (own, verdict) = claim(&mut store);
        assert_eq!(verdict, Verdict::Claimed);
        // One that was not forwarded does not count, nor one that is somebody else's or told twice.
        store.release(&own.id, &own.claimant, false).unwrap();
        assert_eq!(store.claim(&own, now, 1), Ok(Verdict::Claimed));
        store.release(&own.id, &[255; 16], true).unwrap();
        for _ in 0..2 {
            store.release(&own.id, &own.claimant, true).unwrap();
        }
        assert_eq!(store.count(), 1, "it is remembered");
        store = ClaimStore::new(table.clone()).unwrap();
    }
    let (last, verdict) = claim(&mut store);
    assert_eq!(verdict, Verdict::Claimed);
    store.release(&last.id, &last.claimant, true).unwrap();
    assert_eq!(claim(&mut store).1, Verdict::Replayed);
    let after = UnixSeconds::new(START + LIFE + 61);
    assert_eq!((store.purge(after), store.count()), (Ok(false), 0));
}

#[test]
fn a_claim_that_was_not_forwarded_leaves_nothing_when_it_is_given_up() {
    let mut store = ClaimStore::new(Table::default()).unwrap();
    let now = UnixSeconds::new(START);
    assert_eq!(store.claim(&row(0, 1), now, 1), Ok(Verdict::Claimed));
    store.release(&row(0, 1).id, &[1; 16], false).unwrap();
    assert_eq!(store.count(), 0);
    assert_eq!(store.claim(&row(1, 1), now, 1), Ok(Verdict::Claimed));
}

#[test]
fn ended_claims_go_in_batches() {
    let table = Table::default();
    for number in 0..2500_u32 {
        let mut id = [0; 16];
        id.iter_mut().zip(number.to_be_bytes()).for_each(|(to, from)| *to = from);
        let expires = UnixSeconds::new(START);
        table.0.borrow_mut().insert(id, Row { id, expires, claimant: [1; 16], releases: 0 });
    }
    let mut store = ClaimStore::new(table).unwrap();
    let later = UnixSeconds::new(START + 61);
    assert_eq!(store.purge(later), Ok(true));
    assert_eq!(store.count(), 1500);
    assert_eq!(store.purge(later), Ok(true));
    assert_eq!(store.purge(later), Ok(false));
    assert_eq!(store.count(), 0);
}

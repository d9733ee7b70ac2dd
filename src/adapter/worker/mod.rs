//! The Cloudflare Worker's half in Rust. The other half is `js/`, which receives the
//! request, asks here, and carries out the answer.
//!
//! A request crosses from JavaScript twice, as bytes, numbers and short strings: [`begin`] with the
//! head, then [`finish`] with the body. Between the two its head waits here under a ticket, a number
//! higher than any before; it may be forgotten, and then begins anew with another.
//!
//! A head may have the [`fields_read`] only. Of a request that is let through, [`left_behind`] then takes
//! the names of all fields.
//!
//! A long body need not cross: the runtime hashes it faster. [`finish_hashed`] asks it to.

mod gate;
mod held_body;
mod order_lines;
mod parked;
mod replay_store;

use core::cell::RefCell;
use std::sync::OnceLock;

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::order::Order;
use crate::{Admission, Rejection, UnixSeconds};
use gate::Gate;
use held_body::{HashedByRuntime, HeldBody};
use order_lines::{OrderLines, lines_of};
use parked::{Parked, ParkedRequest};

static GATE: OnceLock<Gate> = OnceLock::new();

thread_local! {
    static PARKED: RefCell<Parked> = RefCell::default();
}

/// Reads the policy and prepares the keys, once for the life of the instance.
#[wasm_bindgen]
pub fn start(env: JsValue) {
    GATE.get_or_init(|| Gate::from_environment(&env));
}

/// The names of the header fields that a head needs to have here, one a line; nothing where it needs
/// all that were sent.
///
/// To ask for a field takes the runtime about half as long as to list one, and Cloudflare adds about
/// ten of its own.
#[wasm_bindgen]
pub fn fields_read() -> Option<String> {
    let names = GATE.get()?.fields_read().filter(|names| names.len() <= MOST_BY_NAME)?;
    Some(names.join("\n"))
}

/// The most fields that are asked for one by one.
const MOST_BY_NAME: usize = 16;

/// The names of the fields that the origin does not get, before it gets the gate's, one a line. The
/// lines are the value of `Connection`, and then the names of all fields.
#[wasm_bindgen]
pub fn left_behind(lines: Vec<u8>) -> Option<String> {
    GATE.get()?.left_behind(&String::from_utf8(lines).ok()?)
}

/// Decides by the head of a request alone, at a time in milliseconds. The lines are the request's id
/// and then the head as [`Head::from_lines`](crate::Head::from_lines) reads it, in UTF-8.
///
/// Gives the order to refuse the request where it is refused; otherwise nothing, and the request
/// waits for its body.
#[wasm_bindgen]
pub fn begin(ticket: f64, lines: Vec<u8>, now: f64) -> Option<OrderLines> {
    let (Some(gate), Ok(lines)) = (GATE.get(), String::from_utf8(lines)) else {
        return Some(lines_of(Order::failed(Rejection::InternalError, "")));
    };
    match gate.begin(lines, unix_seconds(now)) {
        Ok(request) => {
            PARKED.with_borrow_mut(|parked| parked.put(number(ticket), request));
            None
        }
        Err(refused) => Some(refused),
    }
}

/// The bytes of body to read at the most of a request; nothing where it does not wait here.
#[wasm_bindgen]
pub fn max_body(ticket: f64) -> Option<u32> {
    waiting(ticket, |admission| u32::try_from(admission.max_body()).ok())
}

/// The seconds that the body of a request may take to arrive; nothing where it does not wait here.
#[wasm_bindgen]
pub fn body_timeout(ticket: f64) -> Option<u32> {
    waiting(ticket, |admission| Some(admission.body_timeout()))
}

/// Decides by the body and the time at which it is there, in milliseconds: the order; nothing where the
/// request does not wait here.
#[wasm_bindgen]
pub fn finish(ticket: f64, body: &[u8], now: f64) -> Option<OrderLines> {
    GATE.get()?.finish(take(ticket)?, body, unix_seconds(now))
}

/// The same with a body of this many bytes that JavaScript holds on to: it is asked for its hashes, and
/// for its bytes only where they are needed.
#[wasm_bindgen]
pub fn finish_hashed(ticket: f64, length: u32, body: HeldBody, now: f64) -> Option<OrderLines> {
    let (request, gate, now) = (take(ticket)?, GATE.get()?, unix_seconds(now));
    if request.admission()?.takes_hashes() {
        gate.finish(request, HashedByRuntime::new(length, body), now)
    } else {
        gate.finish(request, body.bytes().as_slice(), now)
    }
}

/// Forgets a request whose body does not come.
#[wasm_bindgen]
pub fn give_up(ticket: f64) {
    take(ticket);
}

fn waiting<T>(ticket: f64, ask: impl FnOnce(&Admission<'_, '_>) -> Option<T>) -> Option<T> {
    PARKED.with_borrow(|parked| ask(parked.get(number(ticket))?.admission()?))
}

fn take(ticket: f64) -> Option<ParkedRequest> {
    PARKED.with_borrow_mut(|parked| parked.take(number(ticket)))
}

/// A ticket, which JavaScript counts up from 1.
fn number(ticket: f64) -> u64 {
    ticket as u64
}

/// The order where something went wrong outside the verifier. A code that is not one of
/// those named here counts as an internal error.
#[wasm_bindgen]
pub fn failure(code: &str, request_id: &str) -> OrderLines {
    let named = [
        Rejection::NoRoute,
        Rejection::OriginUnreachable,
        Rejection::OriginTimeout,
        Rejection::BodyIncomplete,
        Rejection::BodyTimeout,
        Rejection::ReplayStoreUnavailable,
    ];
    let rejection = named.into_iter().find(|rejection| rejection.code() == code);
    lines_of(Order::failed(rejection.unwrap_or(Rejection::InternalError), request_id))
}

/// The order where the replay store gave a verdict other than that the request is the first, as
/// [`ReplayStore::claim`](replay_store::ReplayStore::claim) gives it.
#[wasm_bindgen]
pub fn refused_claim(verdict: u8, request_id: &str, now: f64) -> OrderLines {
    let rejection = Rejection::of_verdict(replay_store::verdict(verdict), unix_seconds(now));
    lines_of(Order::failed(rejection.unwrap_or(Rejection::InternalError), request_id))
}

/// JavaScript's clock, in milliseconds. `as` saturates, and makes 1970 of what is no number: nothing is fresh then.
fn unix_seconds(millis: f64) -> UnixSeconds {
    UnixSeconds::from_millis(millis as u64)
}

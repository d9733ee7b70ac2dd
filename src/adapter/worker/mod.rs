//! The Cloudflare Worker's half in Rust. The other half is `js/`, which receives the
//! request, asks here, and carries out the answer.
//!
//! A request crosses from JavaScript twice, as bytes, numbers and short strings: [`begin`] with the
//! head, then [`finish`] with the body. Between the two its head waits here under a ticket, a number
//! higher than any before; it may be forgotten, and then begins anew with another.
//!
//! Either may say [`ASKS`] in place of an order: then JavaScript gets the [`questions`] about
//! cryptography that are for the runtime, and comes back with its answers.
//!
//! A head may have the [`fields_read`] only. Of a request that is let through, [`left_behind`] then takes
//! the names of all fields.
//!
//! A long body need not cross: of one that [`finish_held`] gets, the runtime is asked for the hashes.

mod gate;
mod held_body;
mod order_lines;
mod parked;
mod replay_store;

use core::cell::RefCell;
use std::sync::OnceLock;

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::asking::{Asking, key_bytes};
use super::order::Order;
use crate::{Admission, Rejection, UnixSeconds};
use gate::Gate;
use held_body::{HeldBody, ReceivedBody};
use order_lines::{OrderLines, lines_of};
use parked::{Parked, ParkedRequest, Waiting};

static GATE: OnceLock<Gate> = OnceLock::new();

/// What stands for an order where the runtime is asked first.
const ASKS: &str = "?";

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
    match String::from_utf8(lines) {
        Ok(lines) => decide_head(ticket, lines, unix_seconds(now), Asking::default()),
        Err(_) => Some(lines_of(Order::failed(Rejection::InternalError, ""))),
    }
}

/// The same once more, with the runtime's answers. Gives an internal error where the request does not
/// wait here.
#[wasm_bindgen]
pub fn begin_answered(ticket: f64, answers: &[u8]) -> Option<OrderLines> {
    match take(ticket) {
        Some(Waiting::Head { lines, begun, mut asking }) => {
            asking.answer(answers);
            decide_head(ticket, lines, begun, asking)
        }
        _ => Some(lines_of(Order::failed(Rejection::InternalError, ""))),
    }
}

fn decide_head(
    ticket: f64,
    lines: String,
    begun: UnixSeconds,
    asking: Asking,
) -> Option<OrderLines> {
    let Some(gate) = GATE.get() else {
        return Some(lines_of(Order::failed(Rejection::InternalError, "")));
    };
    let (admitted, asking) = asking.during(|| gate.begin(lines, begun));
    match admitted {
        Ok(request) => {
            park(ticket, Waiting::Body(request));
            None
        }
        Err(refused) if asking.is_waiting() => {
            park(ticket, Waiting::Head { lines: refused.lines, begun, asking });
            Some(ASKS.to_owned())
        }
        Err(refused) => Some(refused.order(gate)),
    }
}

/// What the runtime is asked about a request; nothing where it does not wait for answers.
#[wasm_bindgen]
pub fn questions(ticket: f64) -> Option<Vec<u8>> {
    waiting(ticket, |request| match request {
        Waiting::Head { asking, .. } | Waiting::Answers { asking, .. } => Some(asking.questions()),
        Waiting::Body(_) => None,
    })
}

/// The public key with this number: its algorithm's place, and its bytes.
#[wasm_bindgen]
pub fn public_key(number: u32) -> Option<Vec<u8>> {
    let key = GATE.get()?.verifier()?.public_key(number)?;
    Some(key_bytes(key.algorithm(), key.bytes()))
}

/// The private key that seals: its algorithm's place, and its PKCS #8.
#[wasm_bindgen]
pub fn sealing_key() -> Option<Vec<u8>> {
    let key = GATE.get()?.verifier()?.sealing_key()?;
    Some(key_bytes(key.algorithm(), key.pkcs8()))
}

/// The bytes of body to read at the most of a request; nothing where it does not wait here.
#[wasm_bindgen]
pub fn max_body(ticket: f64) -> Option<u32> {
    admitted(ticket, |admission| u32::try_from(admission.max_body()).ok())
}

/// The seconds that the body of a request may take to arrive; nothing where it does not wait here.
#[wasm_bindgen]
pub fn body_timeout(ticket: f64) -> Option<u32> {
    admitted(ticket, |admission| Some(admission.body_timeout()))
}

/// Decides by the body and the time at which it is there, in milliseconds: the order; nothing where the
/// request does not wait here.
#[wasm_bindgen]
pub fn finish(ticket: f64, body: &[u8], now: f64) -> Option<OrderLines> {
    finish_with(ticket, ReceivedBody::Here(body), now)
}

/// The same with a body of this many bytes that JavaScript holds on to: the runtime is asked for its
/// hashes, and JavaScript for its bytes only where they are needed.
#[wasm_bindgen]
pub fn finish_held(ticket: f64, length: u32, body: &HeldBody, now: f64) -> Option<OrderLines> {
    finish_with(ticket, ReceivedBody::held(length, body), now)
}

fn finish_with(ticket: f64, body: ReceivedBody<'_>, now: f64) -> Option<OrderLines> {
    match take(ticket)? {
        Waiting::Body(request) => {
            decide_all(ticket, request, body, unix_seconds(now), Asking::default())
        }
        Waiting::Head { .. } | Waiting::Answers { .. } => None,
    }
}

/// As [`finish`], once more with the runtime's answers.
#[wasm_bindgen]
pub fn finish_answered(ticket: f64, body: &[u8], answers: &[u8]) -> Option<OrderLines> {
    answered_with(ticket, ReceivedBody::Here(body), answers)
}

/// As [`finish_held`], once more with the runtime's answers.
#[wasm_bindgen]
pub fn finish_held_answered(
    ticket: f64,
    length: u32,
    body: &HeldBody,
    answers: &[u8],
) -> Option<OrderLines> {
    answered_with(ticket, ReceivedBody::held(length, body), answers)
}

fn answered_with(ticket: f64, body: ReceivedBody<'_>, answers: &[u8]) -> Option<OrderLines> {
    match take(ticket)? {
        Waiting::Answers { request, now, mut asking } => {
            asking.answer(answers);
            decide_all(ticket, request, body, now, asking)
        }
        Waiting::Head { .. } | Waiting::Body(_) => None,
    }
}

fn decide_all(
    ticket: f64,
    request: ParkedRequest,
    body: ReceivedBody<'_>,
    now: UnixSeconds,
    asking: Asking,
) -> Option<OrderLines> {
    let gate = GATE.get()?;
    let (order, asking) = asking.during(|| gate.finish(&request, body, now));
    if asking.is_waiting() {
        park(ticket, Waiting::Answers { request, now, asking });
        return Some(ASKS.to_owned());
    }
    order
}

/// Forgets a request whose body does not come.
#[wasm_bindgen]
pub fn give_up(ticket: f64) {
    take(ticket);
}

fn waiting<T>(ticket: f64, ask: impl FnOnce(&Waiting) -> Option<T>) -> Option<T> {
    PARKED.with_borrow(|parked| ask(parked.get(number(ticket))?))
}

fn admitted<T>(ticket: f64, ask: impl FnOnce(&Admission<'_, '_>) -> Option<T>) -> Option<T> {
    waiting(ticket, |request| match request {
        Waiting::Body(request) => ask(request.admission()),
        Waiting::Head { .. } | Waiting::Answers { .. } => None,
    })
}

fn park(ticket: f64, request: Waiting) {
    PARKED.with_borrow_mut(|parked| parked.put(number(ticket), request));
}

fn take(ticket: f64) -> Option<Waiting> {
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

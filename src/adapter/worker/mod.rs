//! The Cloudflare Worker's half in Rust. The other half is `entry.js`, which receives the
//! request, asks here, and carries out the answer.
//!
//! A request crosses from JavaScript twice, and only as bytes, numbers and short strings: [`begin`]
//! with the head, then [`finish`] with head and body, or [`refusal`]. Nothing of a request is
//! kept here while its body is on the way, so one that is given up leaves nothing behind.

mod gate;
mod replay_store;

use core::cell::{Cell, OnceCell};

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::outcome::{self, Json};
use crate::{Rejection, UnixSeconds};
use gate::Gate;

thread_local! {
    static GATE: OnceCell<Gate> = const { OnceCell::new() };
    static REFUSAL: Cell<Json> = const { Cell::new(Json::new()) };
}

/// Reads the policy and prepares the keys, once for the life of the instance.
#[wasm_bindgen]
pub fn start(env: JsValue) {
    GATE.with(|gate| {
        gate.get_or_init(|| Gate::from_environment(&env));
    });
}

/// Decides by the head of a request alone, given as [`Head::from_lines`](crate::Head::from_lines)
/// reads it, with the time in milliseconds.
///
/// Gives the number of bytes of body to read at the most, or -1 where the request is refused;
/// [`refusal`] then has the outcome.
#[wasm_bindgen]
pub fn begin(head: &[u8], request_id: &str, now: f64) -> i32 {
    match with_gate(request_id, |gate| gate.begin(head, request_id, unix_seconds(now))) {
        Ok(max_body) => i32::try_from(max_body).unwrap_or(i32::MAX),
        Err(refused) => {
            REFUSAL.set(refused);
            -1
        }
    }
}

/// The outcome for the request that [`begin`] has just refused.
#[wasm_bindgen]
pub fn refusal() -> Json {
    REFUSAL.take()
}

/// Decides by head and body, with the same arguments as [`begin`]: the outcome.
#[wasm_bindgen]
pub fn finish(head: &[u8], request_id: &str, now: f64, body: &[u8]) -> Json {
    with_gate(request_id, |gate| gate.finish(head, request_id, unix_seconds(now), body))
        .unwrap_or_else(|refused| refused)
}

/// The outcome where something went wrong outside the verifier. A code that is not one of
/// those named here counts as an internal error.
#[wasm_bindgen]
pub fn failure(code: &str, request_id: &str) -> Json {
    let named = [
        Rejection::OriginUnreachable,
        Rejection::OriginTimeout,
        Rejection::BodyIncomplete,
        Rejection::ReplayStoreUnavailable,
    ];
    let rejection = named.into_iter().find(|rejection| rejection.code() == code);
    outcome::failed(rejection.unwrap_or(Rejection::InternalError), request_id)
}

/// The outcome where the replay store gave a verdict other than that the request is the first, as
/// [`ReplayStore::claim`](replay_store::ReplayStore::claim) gives it.
#[wasm_bindgen]
pub fn refused_claim(verdict: u8, request_id: &str, now: f64) -> Json {
    let rejection = Rejection::of_verdict(replay_store::verdict(verdict), unix_seconds(now));
    outcome::failed(rejection.unwrap_or(Rejection::InternalError), request_id)
}

/// Runs with the gate. Before [`start`] there is none, and every request is refused.
fn with_gate<T>(request_id: &str, run: impl FnOnce(&Gate) -> Result<T, Json>) -> Result<T, Json> {
    GATE.with(|gate| match gate.get() {
        Some(gate) => run(gate),
        None => Err(outcome::failed(Rejection::InternalError, request_id)),
    })
}

/// JavaScript's clock, in milliseconds. `as` saturates, and makes 1970 of what is no number: nothing is fresh then.
fn unix_seconds(millis: f64) -> UnixSeconds {
    UnixSeconds::from_millis(millis as u64)
}

//! The two places the core is compiled to WebAssembly for. Only here are there JavaScript values.
#![allow(unsafe_code, unreachable_pub, reason = "wasm-bindgen's macros write both")]

#[cfg(feature = "worker")]
mod asking;
#[cfg(feature = "browser")]
mod browser;
mod order;
#[cfg(feature = "worker")]
mod worker;

use serde::Serialize;

/// JSON text. Nothing that is written here can fail to be.
fn to_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

//! The two places the core is compiled to WebAssembly for. Only here are there JavaScript values.
#![allow(unsafe_code, unreachable_pub, reason = "wasm-bindgen's macros write both")]

#[cfg(feature = "browser")]
mod browser;
mod outcome;
#[cfg(feature = "worker")]
mod worker;

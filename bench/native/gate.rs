//! What the core costs natively. `make bench-native` runs it beside OpenSSL and Python.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]

#[cfg(not(target_arch = "wasm32"))]
mod cases;
#[cfg(not(target_arch = "wasm32"))]
mod request;

fn main() {
    #[cfg(not(target_arch = "wasm32"))]
    divan::main();
}

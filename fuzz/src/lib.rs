//! What must hold for every input: one property a parser, each a function of arbitrary bytes that
//! panics where it does not hold.
//!
//! `fuzz_targets` hands them to libFuzzer; `tests/smoke.rs` runs them on stable Rust over the seeds
//! and mutations of them. A new one needs a line in [`TARGETS`], a file in `fuzz_targets` with its
//! section in `Cargo.toml`, and a folder in `seeds`.

mod gate;
mod head;
mod origin;
mod path;
mod policy;
mod python_json;
mod request;
mod signed;
mod structured_field;

pub use gate::route_names;
pub use head::head;
pub use origin::origin;
pub use path::path;
pub use policy::policy;
pub use python_json::python_json;
pub use request::request;
pub use signed::signed;
pub use structured_field::structured_field;

/// A property, by the name of its target.
pub type Target = (&'static str, fn(&[u8]));

/// Every property.
pub const TARGETS: [Target; 8] = [
    ("head", head),
    ("origin", origin),
    ("path", path),
    ("policy", policy),
    ("python_json", python_json),
    ("request", request),
    ("signed", signed),
    ("structured_field", structured_field),
];

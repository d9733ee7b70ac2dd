//! The presets, told as JSON.

use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;

use super::{Json, to_json};
use crate::scheme::PRESETS;

#[derive(Serialize)]
struct Row {
    name: &'static str,
    /// Whose requests these are.
    provider: &'static str,
    /// The page that describes them.
    documentation: &'static str,
    algorithm: &'static str,
    /// The fewest bytes of the secret's key, decoded; nothing where it is a public key.
    min_key_bytes: Option<usize>,
    /// The header fields that make a request a signed one.
    fields: Vec<&'static str>,
    /// Seconds a timestamp may lie before or after now; nothing where no time is signed.
    tolerance: Option<u32>,
    /// Whether an id or nonce must be given to sign.
    id: bool,
    body: bool,
    url: bool,
    method: bool,
    target: bool,
    /// Whether a signature says itself what it covers (RFC 9421).
    components: bool,
    /// What else a signature leaves open.
    caveat: Option<&'static str>,
    handshake: bool,
}

/// Every preset, in the order of their names: `[{"name": …, "provider": …, …}, …]`.
#[wasm_bindgen]
pub fn presets() -> Json {
    let rows = PRESETS.iter().map(|preset| {
        let scheme = preset.scheme;
        Row {
            name: scheme.name(),
            provider: preset.provider,
            documentation: preset.documentation,
            algorithm: scheme.algorithm(),
            min_key_bytes: scheme.min_key_bytes(),
            fields: scheme.fields().collect(),
            tolerance: scheme.signs_time().then(|| scheme.tolerance()),
            id: scheme.signs_id() && !scheme.signs_components(),
            body: scheme.signs_body(),
            url: scheme.signs_url(),
            method: scheme.signs_method(),
            target: scheme.signs_target(),
            components: scheme.signs_components(),
            caveat: scheme.caveat(),
            handshake: scheme.has_handshake(),
        }
    });
    to_json(&rows.collect::<Vec<_>>())
}

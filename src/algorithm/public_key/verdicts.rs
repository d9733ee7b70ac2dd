//! What the crates said of each signature that a test asked about, for tests/cryptography, which asks
//! WebCrypto about the same.
#![allow(clippy::disallowed_methods, clippy::expect_used, reason = "it writes a file for a test")]

use std::fs::OpenOptions;
use std::io::Write;

use serde_json::json;

use super::PublicKey;
use crate::algorithm::{Message, Tag};

/// Adds a line to the file that the environment names, if it does.
pub(super) fn write(key: &PublicKey, message: &Message, tag: &Tag, verified: bool) {
    let Some(file) = std::env::var_os("COUNTERSIGN_VERDICTS") else { return };
    let line = json!({
        "algorithm": key.algorithm(),
        "key": hex::encode(key.bytes()),
        "message": hex::encode(message.before()),
        "signature": hex::encode(tag.as_bytes()),
        "verified": verified,
    });
    let mut file = OpenOptions::new().append(true).create(true).open(file).expect("the file opens");
    // In one write, for tests run side by side.
    file.write_all(format!("{line}\n").as_bytes()).expect("the line is written");
}

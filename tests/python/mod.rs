//! Python as somebody else's opinion, and values to ask it about.
#![allow(clippy::arithmetic_side_effects, clippy::unwrap_used)]

use std::ffi::OsStr;
use std::io::{ErrorKind, Write, stderr};
use std::process::{Command, Stdio};
use std::thread;

/// Unlike `eprintln!`, not hidden when the test passes.
pub(crate) fn say(message: &str) {
    stderr().write_all(format!("{message}\n").as_bytes()).unwrap();
}

/// What a program prints, or none where Python or a module is not installed.
pub(crate) fn run_python(python: &OsStr, program: &str, input: String) -> Option<String> {
    let spawned = Command::new(python)
        .args(["-c", program])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut python = match spawned {
        Err(error) if error.kind() == ErrorKind::NotFound => return None,
        spawned => spawned.unwrap(),
    };
    let mut stdin = python.stdin.take().unwrap();
    // All pipes are finite, so one side writes while the other reads.
    let writer = thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = python.wait_with_output().unwrap();
    let written = writer.join().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    if errors.contains("ModuleNotFoundError") {
        return None;
    }
    assert!(output.status.success(), "{errors}");
    written.unwrap();
    Some(String::from_utf8(output.stdout).unwrap())
}

/// The SplitMix64 generator: small, and the same values on every run.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }
}

//! What this crate writes for many values against what the installed `python3` writes.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used)]
#![allow(clippy::disallowed_methods, reason = "a test may look at its environment")]

mod python;

use std::env;
use std::ffi::OsStr;

use countersign::python_json::to_vec;
use python::{Random, run_python, say};
use serde_json::{Number, Value};

const SEED: u64 = 0x5eed;
const RANDOM_VALUES: usize = 50_000;

/// Rewrites each line of standard input. Old versions have no limit to lift.
const PROGRAM: &str = r#"
import json, sys
getattr(sys, "set_int_max_str_digits", id)(0)
for line in sys.stdin.buffer:
    print(json.dumps(json.loads(line), sort_keys=True, separators=(",", ":")))
"#;

#[test]
fn same_bytes_as_python() {
    let mut values = edge_floats();
    values.extend(every_character());
    values.push(number("7".repeat(5000)));
    let mut random = Random(SEED);
    values.extend((0..RANDOM_VALUES).map(|_| random.value(4)));

    let input: String = values.iter().map(|value| format!("{value}\n")).collect();
    let Some(output) = run_python(OsStr::new("python3"), PROGRAM, input) else {
        assert!(env::var_os("CI").is_none(), "CI must have python3");
        say("SKIPPED same_bytes_as_python: no python3 on this machine to compare with");
        return;
    };
    let expected: Vec<&str> = output.lines().collect();
    assert_eq!(expected.len(), values.len());
    for (value, expected) in values.iter().zip(expected) {
        let written = String::from_utf8(to_vec(value).unwrap()).unwrap();
        assert_eq!(written, expected, "for {value}");
    }
    say(&format!("{} values compared with python3", values.len()));
}

fn number(text: String) -> Value {
    Value::Number(text.parse::<Number>().unwrap())
}

fn float(float: f64) -> Value {
    number(format!("{float:e}"))
}

/// Every power of ten and of two with its neighbours: where layouts change and where
/// the spacing of floats does.
fn edge_floats() -> Vec<Value> {
    let tens = (-323..=308).map(|exponent| format!("1e{exponent}").parse().unwrap());
    let twos = (-1074..=1023).map(|exponent| 2f64.powi(exponent));
    tens.chain(twos)
        .flat_map(|edge: f64| [edge.next_down(), edge, edge.next_up()])
        .flat_map(|edge| [float(edge), float(-edge)])
        .collect()
}

/// Every character, 4096 to a string.
fn every_character() -> Vec<Value> {
    let starts = (0..=0x10_ffff).step_by(4096);
    starts
        .map(|start| (start..start + 4096).filter_map(char::from_u32).collect())
        .map(Value::String)
        .collect()
}

impl Random {
    fn value(&mut self, depth: u32) -> Value {
        match self.below(if depth == 0 { 8 } else { 10 }) {
            0 => [Value::Null, true.into(), false.into()][self.below(3) as usize].clone(),
            1 => self.float(u64::MAX),
            2 => self.float(0x800f_ffff_ffff_ffff),
            3 => self.tie(),
            4 => self.decimal(),
            5 => self.integer(),
            6 | 7 => self.string().into(),
            8 => (0..self.below(6)).map(|_| self.value(depth - 1)).collect(),
            _ => (0..self.below(6)).map(|_| (self.string(), self.value(depth - 1))).collect(),
        }
    }

    /// Any finite float with no bits outside `mask`; without exponent bits, a subnormal.
    fn float(&mut self, mask: u64) -> Value {
        loop {
            let candidate = f64::from_bits(self.next() & mask);
            if candidate.is_finite() {
                return float(candidate);
            }
        }
    }

    /// A fraction whose digits end in a 5 that, in many cases, the shortest form drops.
    fn tie(&mut self) -> Value {
        let bits = 1 + self.below(53);
        let halvings = self.below(30) as i32;
        float(self.below(1 << bits) as f64 / 2f64.powi(halvings))
    }

    /// A float as a person or another language may write it.
    fn decimal(&mut self) -> Value {
        let (whole, fraction) = (self.below(1 << 20), self.below(1 << 40));
        let text = format!("-{whole}.{fraction:012}");
        match self.below(3) {
            0 => number(text),
            1 => number(format!("{text}E{}", self.below(300))),
            _ => number(format!("{text}e-{}", self.below(30))),
        }
    }

    /// An integer of up to 60 digits.
    fn integer(&mut self) -> Value {
        let sign = ["", "-"][self.below(2) as usize];
        let digits: String = (0..self.below(60)).map(|_| self.below(10).to_string()).collect();
        let digits = match digits.trim_start_matches('0') {
            "" => "0",
            digits => digits,
        };
        number(format!("{sign}{digits}"))
    }

    /// Controls, ASCII, Latin-1, or any plane.
    fn string(&mut self) -> String {
        (0..self.below(12))
            .filter_map(|_| {
                let limit = [0x20, 0x80, 0x100, 0x1_0000, 0x11_0000][self.below(5) as usize];
                char::from_u32(self.below(limit) as u32)
            })
            .collect()
    }
}

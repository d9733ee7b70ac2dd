//! One request again and again, for a counter of instructions: `instructions CASE TIMES`.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]

mod request;

use std::hint::black_box;

use request::{Request, verifier, verifier_of};

const WRONG: &str = "00000000000000000000000000000000000000000000000000000000000000ff";

/// Every case, and what it does with a request.
type Case = (&'static str, fn() -> Box<dyn Fn() -> usize>);

const CASES: [Case; 8] = [
    ("valid_200B", || {
        let (verifier, request) = (verifier(), Request::signed(200));
        Box::new(move || request.forward(&verifier))
    }),
    ("valid_10KB", || {
        let (verifier, request) = (verifier(), Request::signed(10_000));
        Box::new(move || request.forward(&verifier))
    }),
    ("valid_200B_of_1000_routes", || {
        let (verifier, request) = (verifier_of(1000, 1, 1), Request::signed(200));
        Box::new(move || request.forward(&verifier))
    }),
    ("valid_200B_of_8_senders", || {
        let (verifier, request) = (verifier_of(1, 8, 1), Request::signed(200));
        Box::new(move || request.forward(&verifier))
    }),
    ("valid_200B_of_8_secrets", || {
        let (verifier, request) = (verifier_of(1, 1, 8), Request::signed(200));
        Box::new(move || request.forward(&verifier))
    }),
    ("forged_200B", || {
        let request = Request::signed(200).with("x-hmac-signature", Some(WRONG));
        let verifier = verifier();
        Box::new(move || request.refuse(&verifier))
    }),
    ("stale", || {
        let request = Request::signed(200).with("x-hmac-timestamp", Some("1700000000"));
        let verifier = verifier();
        Box::new(move || request.refuse(&verifier))
    }),
    ("unsigned", || {
        let (verifier, request) = (verifier(), Request::signed(200).with("x-hmac-signature", None));
        Box::new(move || request.refuse(&verifier))
    }),
];

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let Some(name) = arguments.next() else {
        CASES.iter().for_each(|(name, _)| println!("{name}"));
        return;
    };
    let times: usize = arguments.next().and_then(|times| times.parse().ok()).unwrap_or(1);
    let Some((_, prepare)) = CASES.iter().find(|(case, _)| *case == name) else {
        panic!("no case {name}");
    };
    let request = prepare();
    for _ in 0..times {
        black_box(request());
    }
}

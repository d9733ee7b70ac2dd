//! The cases that divan finds and runs.

use crate::request::{Request, policy, verifier, verifier_of, verifier_with};
use countersign::{Head, Policy, Verifier, python_json};
use divan::counter::BytesCount;
use divan::{Bencher, black_box};

/// Bytes of body.
const SIZES: [usize; 5] = [200, 10_000, 100_000, 1_000_000, 10_000_000];

/// The head and the body of a valid request, to the plan for the origin.
#[divan::bench(args = SIZES)]
fn verify(bencher: Bencher<'_, '_>, bytes: usize) {
    let (verifier, request) = (verifier(), Request::signed(bytes));
    bencher.counter(BytesCount::new(bytes)).bench_local(|| request.forward(black_box(&verifier)));
}

/// A body of 200 B beside so many routes.
#[divan::bench(args = [1, 10, 100, 1000])]
fn routes(bencher: Bencher<'_, '_>, routes: usize) {
    let (verifier, request) = (verifier_of(routes, 1, 1), Request::signed(200));
    bencher.bench_local(|| request.forward(black_box(&verifier)));
}

/// A body of 200 B on a route of so many senders; the last one signed.
#[divan::bench(args = [1, 2, 4, 8, 16])]
fn senders(bencher: Bencher<'_, '_>, senders: usize) {
    let (verifier, request) = (verifier_of(1, senders, 1), Request::signed(200));
    bencher.bench_local(|| request.forward(black_box(&verifier)));
}

/// A body of 200 B of a sender with so many secrets; it signed with the last one.
#[divan::bench(args = [1, 2, 4, 8])]
fn secrets(bencher: Bencher<'_, '_>, secrets: usize) {
    let (verifier, request) = (verifier_of(1, 1, secrets), Request::signed(200));
    bencher.bench_local(|| request.forward(black_box(&verifier)));
}

/// A policy's JSON text, without its keys.
#[divan::bench(args = [1, 10, 100])]
fn parse_policy(bencher: Bencher<'_, '_>, routes: usize) {
    let text = policy(routes, 1, 1);
    bencher.bench_local(|| Policy::parse(black_box(&text)).unwrap());
}

/// The lines of a head, as the Worker hands them over.
#[divan::bench]
fn parse_head(bencher: Bencher<'_, '_>) {
    let lines = Request::signed(200).lines();
    bencher.bench_local(|| Head::from_lines(black_box(&lines)).map(|head| head.fields().len()));
}

/// A body as Python writes it.
#[divan::bench(args = [200, 10_000])]
fn python_json(bencher: Bencher<'_, '_>, bytes: usize) {
    let body = Request::signed(bytes).body;
    let value: serde_json::Value = serde_json::from_slice(&body).unwrap();
    bencher
        .counter(BytesCount::new(bytes))
        .bench_local(|| python_json::to_vec(black_box(&value)).unwrap());
}

/// What a scheme's head is read with: the fields, the time and the signature's list.
#[divan::bench(args = ["x-hmac", "github", "slack", "stripe", "standard-webhooks", "rfc9421-hmac-sha256"])]
fn parse_signature(bencher: Bencher<'_, '_>, scheme: &str) {
    let verifier: Verifier = verifier_with(scheme);
    let request = Request::signed_with(scheme, 200);
    bencher.bench_local(|| request.begin(black_box(&verifier)));
}

//! The core for a page: it signs a request, writes a body as Python does, and decides about a
//! request as the Worker would.
//!
//! Every function takes strings, numbers and bytes and gives JSON text. The page brings the time
//! and the randomness, and nothing of a call is kept.

mod check;
mod python_body;

use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::scheme::Scheme;
use crate::{PolicyProblem, Secret, Signer, UnixSeconds, Unsigned};

/// The text of a JSON object.
type Json = String;

#[derive(Serialize)]
struct Signed {
    /// Name and value of each field to send with the body.
    fields: Vec<(&'static str, String)>,
}

#[derive(Serialize)]
struct Written {
    /// The JSON text, all of it ASCII.
    text: String,
}

#[derive(Serialize)]
struct Failed {
    /// What is wrong, in one sentence.
    error: String,
}

/// Signs `body` under the preset named `scheme`, at `now` in unix seconds, rounded down.
///
/// The secret's UTF-8 bytes are the key. `nonce` is given exactly where the scheme signs one.
/// Gives `{"fields": [[name, value], …]}`, or `{"error": sentence}` where there is no such
/// scheme, the time has no ten-digit form, or the nonce is not what the scheme asks for.
#[wasm_bindgen]
pub fn sign(scheme: &str, secret: String, body: &[u8], now: f64, nonce: Option<String>) -> Json {
    let secret = Secret::new(secret.into_bytes());
    let Some(scheme) = Scheme::preset(scheme) else {
        return failed(&PolicyProblem::UnknownScheme);
    };
    let Some(signer) = Signer::new(scheme, &secret) else {
        return failed(&"the secret is not written as the scheme's are");
    };
    let (method, url, id) = ("POST", "https://api.example.com/", nonce.as_deref());
    match signer.sign(&Unsigned { method, url, body, now: unix_seconds(now), id }) {
        Ok(fields) => to_json(&Signed { fields }),
        Err(error) => failed(&error),
    }
}

/// Writes a JSON text anew, byte for byte as a Python sender signs it: see
/// [`python_json`](crate::python_json).
///
/// Gives `{"text": …}`, or `{"error": sentence}`, with the line and the column where the text
/// stops being JSON.
#[wasm_bindgen(js_name = writeAsPython)]
pub fn write_as_python(text: &str) -> Json {
    match python_body::write(text) {
        Ok(text) => to_json(&Written { text }),
        Err(error) => failed(&error),
    }
}

/// Decides about one request, as a Worker with this policy and these secrets would.
///
/// `policy` is the policy's JSON text, `secrets` a JSON object of secret texts by their names,
/// `head` what [`Head::from_lines`](crate::Head::from_lines) reads, and `now` the gate's clock
/// in unix seconds, rounded down.
///
/// Where the request would be forwarded it gives `{"remove": [name, …], "set": [[name, value],
/// …], "timeout_ms": …, "log": …}`; otherwise `{"status": …, "fields": [[name, value], …], "body": …,
/// "log": …}`. The log line has the code, and `errors`, a list of sentences, where something is
/// wrong with the policy or the secrets.
#[wasm_bindgen]
pub fn check(
    policy: &str,
    secrets: &str,
    head: &str,
    body: &[u8],
    now: f64,
    request_id: &str,
) -> Json {
    check::decide(policy, secrets, head, body, unix_seconds(now), request_id)
}

/// `as` saturates, and makes 1970 of what is no number: neither signed nor fresh.
fn unix_seconds(seconds: f64) -> UnixSeconds {
    UnixSeconds::new(seconds as u64)
}

fn failed(error: &impl ToString) -> Json {
    to_json(&Failed { error: error.to_string() })
}

/// Nothing that is written here can fail to be.
fn to_json(value: &impl Serialize) -> Json {
    serde_json::to_string(value).unwrap_or_default()
}

//! The core for JavaScript, in a page or in the npm package: it signs a request, writes a body as
//! Python does, reads a policy, decides about a request as the Worker would, and says why.
//!
//! Every function takes strings, numbers and bytes and gives JSON text. The caller brings the time
//! and the randomness, and nothing of a call is kept.

mod explain;
mod gate;
#[cfg(feature = "check")]
mod policy;
mod presets;
mod python_body;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::wasm_bindgen;

use super::to_json;
use crate::scheme::Scheme;
use crate::{PolicyError, PolicyProblem, Secret, Signer, UnixSeconds, Unsigned};

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
    code: &'static str,
}

/// What is wrong with a policy or a secret.
#[derive(Serialize)]
struct Problem {
    code: &'static str,
    /// The field; empty for the policy as a whole.
    path: String,
    /// A sentence that names the field.
    text: String,
}

impl From<&PolicyError> for Problem {
    fn from(error: &PolicyError) -> Self {
        let (code, path) = (error.problem().code(), error.path().to_owned());
        Self { code, path, text: error.to_string() }
    }
}

/// A request to be signed, as JavaScript describes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ToSign<'a> {
    /// The name of a preset.
    #[serde(borrow)]
    scheme: Cow<'a, str>,
    #[serde(borrow)]
    method: Cow<'a, str>,
    #[serde(borrow)]
    url: Cow<'a, str>,
    /// Unix seconds, rounded down.
    now: f64,
    /// Given exactly where the scheme signs an id or nonce.
    id: Option<String>,
    /// The key's name, which message signatures (RFC 9421) carry.
    keyid: Option<String>,
}

/// Signs `body`. `request` is the JSON text of `{"scheme": preset, "method": …, "url": …, "now":
/// unix seconds, "id": …, "keyid": …}`, the last two where they are called for.
///
/// The secret is written as the scheme's secrets are. Gives `{"fields": [[name, value], …]}`, or
/// `{"error": sentence, "code": …}` where there is no such scheme, the secret is written in another way,
/// or the scheme cannot sign this.
#[wasm_bindgen]
pub fn sign(request: &str, secret: String, body: &[u8]) -> Json {
    let secret = Secret::new(secret.into_bytes());
    let request: ToSign<'_> = match serde_json::from_str(request) {
        Ok(request) => request,
        Err(error) => return failed("invalid-request", &error),
    };
    let Some(scheme) = Scheme::preset(&request.scheme) else {
        let problem = PolicyProblem::UnknownScheme;
        return failed(problem.code(), &problem);
    };
    let Some(signer) = Signer::new(scheme, &secret) else {
        let problem = PolicyProblem::UndecodableSecret(scheme.signing_key_description());
        return failed(problem.code(), &problem);
    };
    let signer = match &request.keyid {
        Some(keyid) => signer.with_keyid(keyid),
        None => signer,
    };
    let ToSign { method, url, id, .. } = &request;
    let now = unix_seconds(request.now);
    match signer.sign(&Unsigned { method, url, body, now, id: id.as_deref() }) {
        Ok(fields) => to_json(&Signed { fields }),
        Err(error) => failed(error.code(), &error),
    }
}

/// Writes a JSON text anew, byte for byte as a Python sender signs it: see
/// [`python_json`](crate::python_json).
///
/// Gives `{"text": …}`, or `{"error": sentence, "code": …}`, with the line and the column where the text
/// stops being JSON.
#[wasm_bindgen(js_name = writeAsPython)]
pub fn write_as_python(text: &str) -> Json {
    match python_body::write(text) {
        Ok(text) => to_json(&Written { text }),
        Err(error) => failed(error.code(), &error),
    }
}

/// `as` saturates, and makes 1970 of what is no number: neither signed nor fresh.
fn unix_seconds(seconds: f64) -> UnixSeconds {
    UnixSeconds::new(seconds as u64)
}

fn failed(code: &'static str, error: &impl ToString) -> Json {
    to_json(&Failed { error: error.to_string(), code })
}

//! What `Signer` makes of many requests under RFC 9421, verified by Python: HMAC by its standard
//! library, from the RFC's text, and every algorithm by the package `http-message-signatures` where
//! `$PYTHON` has it.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used)]
#![allow(clippy::disallowed_methods, reason = "a test may look at its environment")]

mod python;

use std::env;
use std::ffi::OsStr;

use countersign::scheme::Scheme;
use countersign::{Secret, Signer, UnixSeconds, Unsigned};
use python::{Random, run_python, say};
use serde_json::{Value, json};

const SEED: u64 = 0x9421;
const REQUESTS: usize = 800;
/// In the past, which is all the same to a signer; the package takes none of the future.
const NOW: u64 = 1_760_000_000;

/// Keys of this test, private and public.
const ED25519: (&str, &str) = (
    "MC4CAQAwBQYDK2VwBCIEICC5V+BvXi7oTPx27/b4CgDUOt1gsuqcu0jLOS0kWIj9",
    "-----BEGIN PUBLIC KEY-----\n\
    MCowBQYDK2VwAyEAQmO0XMywr6R1tQ3KZgzrcxupaEtF50xby7i9JF1wm/8=\n\
    -----END PUBLIC KEY-----\n",
);
const ECDSA_P256: (&str, &str) = (
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQglfl/grhrIwhjqyEfBDjKXweTH/dHUsQAuwDMVxoFWUGh\
    RANCAASbSlLUICoeSFQZ9/KK5J0XePpqsL6P4NxR9Bdwib+GOb8Da2DPHyclvQTUxnAvjyqnlvJjxENXOXPqJkEgeG61",
    "-----BEGIN PUBLIC KEY-----\n\
    MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEm0pS1CAqHkhUGffyiuSdF3j6arC+\n\
    j+DcUfQXcIm/hjm/A2tgzx8nJb0E1MZwL48qp5byY8RDVzlz6iZBIHhutQ==\n\
    -----END PUBLIC KEY-----\n",
);
const ECDSA_P384: (&str, &str) = (
    "MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDAuMcnVgu2pDY2eKm8lJr53R2pc5s/WxRa+DF8J0FY+hB6n\
    CmdWYJQS3Qix7d/wfLuhZANiAATZdmaYTioabUE/JKNfQyUbTL5wmXUr7D9SbtdesS7DjthhqTshibXrXvro8kKjGOqa\
    idcy96HMxlOwk6opnkYBXoV15MfPDHgEI1i0EaH5ua8N9w/ehpA/FoiLbBkUIjE=",
    "-----BEGIN PUBLIC KEY-----\n\
    MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAE2XZmmE4qGm1BPySjX0MlG0y+cJl1K+w/\n\
    Um7XXrEuw47YYak7IYm161766PJCoxjqmonXMvehzMZTsJOqKZ5GAV6FdeTHzwx4\n\
    BCNYtBGh+bmvDfcP3oaQPxaIi2wZFCIx\n\
    -----END PUBLIC KEY-----\n",
);

/// Prints for each request `ok`, or what is wrong with it.
const BY_STANDARD_LIBRARY: &str = r#"
import base64, hashlib, hmac, json, re, sys
from urllib.parse import urlsplit

def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

def value(name, one, fields):
    url = urlsplit(one["url"])
    if name == "@method":
        return one["method"]
    if name == "@authority":
        implied = {"http": ":80", "https": ":443"}[url.scheme]
        return url.netloc.lower().removesuffix(implied)
    if name == "@path":
        return url.path or "/"
    if name == "@query":
        return "?" + url.query
    return fields[name].strip()

def wrong(one):
    fields = {name.lower(): value for name, value in one["fields"]}
    body = bytes.fromhex(one["body"])
    names = ["@method", "@authority", "@path", "@query"] + ["content-digest"] * bool(body)
    if set(fields) != {"signature", "signature-input"} | set(names[4:]):
        return "fields"
    if body:
        digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
        if fields["content-digest"] != f"sha-256=:{digest}:":
            return "digest"
    params = f"({' '.join(map(quoted, names))});created={one['now']};keyid={quoted(one['keyid'])}"
    if one["nonce"] is not None:
        params += f";nonce={quoted(one['nonce'])}"
    if fields["signature-input"] != f"sig1={params}":
        return "input"
    lines = [f"{quoted(name)}: {value(name, one, fields)}" for name in names]
    base = "\n".join([*lines, f'"@signature-params": {params}'])
    tag = hmac.digest(bytes.fromhex(one["key"]), base.encode("ascii"), "sha256")
    found = re.fullmatch(r"sig1=:([A-Za-z0-9+/=]+):", fields["signature"])
    return None if found and hmac.compare_digest(base64.b64decode(found[1]), tag) else "signature"

for line in sys.stdin:
    print(wrong(json.loads(line)) or "ok")
"#;

const BY_PACKAGE: &str = r#"
import json, sys
from http_message_signatures import HTTPMessageVerifier, InvalidSignature, MappingKeyResolver
from http_message_signatures.algorithms import (
    ECDSA_P256_SHA256, ECDSA_P384_SHA384, ED25519, HMAC_SHA256,
)
from types import SimpleNamespace

ALGORITHMS = {
    "rfc9421-ecdsa-p256-sha256": ECDSA_P256_SHA256,
    "rfc9421-ecdsa-p384-sha384": ECDSA_P384_SHA384,
    "rfc9421-ed25519": ED25519,
    "rfc9421-hmac-sha256": HMAC_SHA256,
    "rfc9421-hmac-sha256-base64": HMAC_SHA256,
}

def verify(one, body):
    key = {one["keyid"]: bytes.fromhex(one["key"])}
    message = SimpleNamespace(method=one["method"], url=one["url"], headers=dict(one["fields"]))
    names = ("@method", "@authority", "@path", "@query") + ("content-digest",) * bool(body)
    return HTTPMessageVerifier(
        signature_algorithm=ALGORITHMS[one["scheme"]],
        key_resolver=MappingKeyResolver(public_keys=key, private_keys={}),
    ).verify(message, max_age=None, require_components=names, body=body)

def wrong(one):
    body = bytes.fromhex(one["body"])
    try:
        [result] = verify(one, body)
    except InvalidSignature as error:
        return repr(error)
    if result.nonce != one["nonce"]:
        return "nonce"
    try:
        verify(one, body + b" ")
    except InvalidSignature:
        return None
    return "another body passes"

for line in sys.stdin:
    print(wrong(json.loads(line)) or "ok")
"#;

#[test]
fn python_verifies_what_is_signed() {
    let mut random = Random(SEED);
    let requests: Vec<Value> = (0..REQUESTS).map(|_| random.request()).collect();
    let lines = |all: &[Value]| all.iter().map(|one| format!("{one}\n")).collect::<String>();
    let has_hmac = |one: &&Value| one["scheme"].as_str().unwrap().starts_with("rfc9421-hmac");
    let with_hmac: Vec<Value> = requests.iter().filter(has_hmac).cloned().collect();

    let Some(output) = run_python(OsStr::new("python3"), BY_STANDARD_LIBRARY, lines(&with_hmac))
    else {
        assert!(env::var_os("CI").is_none(), "CI must have python3");
        say("SKIPPED python_verifies_what_is_signed: no python3 on this machine");
        return;
    };
    assert_all_ok(&with_hmac, &output);
    say(&format!("{} signed requests verified by python3", with_hmac.len()));

    let python = env::var_os("PYTHON").filter(|python| !python.is_empty()).filter(|python| {
        run_python(python, "import http_message_signatures", String::new()).is_some()
    });
    let Some(python) = python else {
        say("SKIPPED python_verifies_what_is_signed: $PYTHON has no http-message-signatures");
        return;
    };
    assert_all_ok(&requests, &run_python(&python, BY_PACKAGE, lines(&requests)).unwrap());
    say(&format!("{REQUESTS} signed requests verified by http-message-signatures"));
}

#[track_caller]
fn assert_all_ok(requests: &[Value], output: &str) {
    let verdicts: Vec<&str> = output.lines().collect();
    assert_eq!(verdicts.len(), requests.len());
    for (request, verdict) in requests.iter().zip(verdicts) {
        assert_eq!(verdict, "ok", "for {request}");
    }
}

impl Random {
    /// A place in a list of this length.
    fn place(&mut self, length: usize) -> usize {
        usize::try_from(self.below(u64::try_from(length).unwrap())).unwrap()
    }

    fn one_of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.place(all.len())]
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.next().to_le_bytes()[0]).collect()
    }

    /// Up to so many of these characters.
    fn text(&mut self, length: usize, characters: &str) -> String {
        let characters: Vec<char> = characters.chars().collect();
        let length = self.place(length + 1);
        (0..length).map(|_| characters[self.place(characters.len())]).collect()
    }

    fn url(&mut self) -> String {
        // RFC 3986 section 3.3: what a segment may hold.
        const SEGMENT: &str = "abcXYZ019-._~!$&'()*+,;=:@";
        let mut url = self.one_of(&["https://", "http://"]).to_owned();
        url += self.one_of(&[
            "gate.test",
            "Gate.Test",
            "10.0.0.1",
            "[2001:db8::1]",
            "xn--bcher-kva.example",
        ]);
        url += self.one_of(&["", "", ":80", ":443", ":8080", ":8443"]);
        url += "/";
        for _ in 0..self.place(4) {
            url += &self.text(8, SEGMENT);
            url += self.one_of(&["/", "%20", "%C3%A9", "%2F", ""]);
        }
        if self.place(3) > 0 {
            url += "?";
            for _ in 0..self.place(4) {
                url += &self.text(8, &[SEGMENT, "/?"].concat());
                url += self.one_of(&["&", "%20", "+", "%FF", ""]);
            }
        }
        url
    }

    /// A request with the fields that `Signer` makes for it.
    fn request(&mut self) -> Value {
        // Visible ASCII, of which two are escaped.
        const VISIBLE: &str = "aZ09\"\\!#;=:,()@~\"\\";
        let bytes = self.bytes(32);
        let text = hex(&bytes);
        let (preset, secret, key) = match self.place(16) {
            0..6 => ("rfc9421-hmac-sha256", text.clone(), text.into_bytes()),
            6..11 => ("rfc9421-hmac-sha256-base64", base64(&bytes), bytes),
            11..14 => ("rfc9421-ed25519", ED25519.0.to_owned(), ED25519.1.into()),
            14 => ("rfc9421-ecdsa-p256-sha256", ECDSA_P256.0.to_owned(), ECDSA_P256.1.into()),
            _ => ("rfc9421-ecdsa-p384-sha384", ECDSA_P384.0.to_owned(), ECDSA_P384.1.into()),
        };
        let method = self.one_of(&["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]);
        let url = self.url();
        let length = self.place(200);
        let body = if self.place(3) == 0 { Vec::new() } else { self.bytes(length) };
        let now = UnixSeconds::new(NOW - self.next() % 700_000_000);
        let nonce = (self.place(2) == 0).then(|| self.text(40, VISIBLE));
        let keyid = ["k", &self.text(20, VISIBLE)].concat();

        let scheme = Scheme::preset(preset).unwrap();
        let signer = Signer::new(scheme, &Secret::new(secret.into_bytes())).unwrap();
        let id = nonce.as_deref();
        let unsigned = Unsigned { method, url: &url, body: &body, now, id };
        let fields = signer.with_keyid(&keyid).sign(&unsigned).unwrap();
        json!({
            "scheme": preset,
            "key": hex(&key),
            "method": method,
            "url": url,
            "body": hex(&body),
            "now": now.get(),
            "nonce": nonce,
            "keyid": keyid,
            "fields": fields,
        })
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// RFC 4648 section 4.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0, |bits, byte| bits << 8 | usize::from(*byte));
        let bits = bits << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let digit = ALPHABET[bits >> (18 - 6 * place) & 63];
            text.push(if place <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

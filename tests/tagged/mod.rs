//! Requests that are signed by hand: an HMAC over text that the test itself writes.
#![allow(dead_code, clippy::unwrap_used, clippy::arithmetic_side_effects)]

use countersign::{Field, Head, Outcome, Policy, Secret, UnixSeconds, Verifier};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

pub(crate) const NOW: u64 = 1_760_000_000;
pub(crate) const SECRET: &str = "kP2vX9mQ4sT7wZ1cF6hJ3nR8bL5dG0yAWv5cE8xN2bQ7mA1zK4jT9gH6fS3dP0lR";
pub(crate) const BODY: &[u8] = br#"{"text":"hi"}"#;

pub(crate) type Line = (String, Vec<u8>);

pub(crate) fn line(name: &str, value: impl AsRef<[u8]>) -> Line {
    (name.to_owned(), value.as_ref().to_vec())
}

pub(crate) fn tag(signed: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(signed);
    mac.finalize().into_bytes().to_vec()
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |three: &[u8]| {
        let bits = three.iter().fold(0_u32, |bits, byte| (bits << 8) | u32::from(*byte));
        let bits = bits << (8 * 3_usize.saturating_sub(three.len()));
        (0..4_usize)
            .map(|place| match place > three.len() {
                true => '=',
                false => {
                    let digit = (bits >> (18_usize.saturating_sub(6 * place))) & 63;
                    char::from(*DIGITS.get(digit as usize).unwrap())
                }
            })
            .collect::<String>()
    };
    bytes.chunks(3).map(group).collect()
}

/// The two fields of RFC 9421 over these lines of a base, as identifiers with their values.
pub(crate) fn message_signature(label: &str, covered: &[(&str, &str)]) -> [Line; 2] {
    let names: Vec<&str> = covered.iter().map(|(name, _)| *name).collect();
    let input = format!("({});created={NOW};keyid=\"k\"", names.join(" "));
    let mut base: String =
        covered.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
    base.push_str(&format!("\"@signature-params\": {input}"));
    let signature = base64(&tag(base.as_bytes()));
    [
        line("Signature-Input", format!("{label}={input}")),
        line("Signature", format!("{label}=:{signature}:")),
    ]
}

/// The fields of `x-hmac`.
pub(crate) fn x_hmac(body: &[u8]) -> Vec<Line> {
    let signature = hex::encode(tag(&[format!("{NOW}.").as_bytes(), body].concat()));
    vec![line("X-HMAC-Signature", signature), line("X-HMAC-Timestamp", NOW.to_string())]
}

pub(crate) fn verifier(policy: &Value) -> Verifier {
    let secret = |_: &str| Some(Secret::new(SECRET.into()));
    Policy::parse(&policy.to_string()).unwrap().into_verifier(secret).unwrap()
}

/// What the verifier says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Decided {
    pub(crate) code: String,
    /// Whether the body was asked for.
    pub(crate) read: bool,
    /// The names of the fields that stay behind, where the request goes on.
    pub(crate) remove: Vec<String>,
}

pub(crate) fn decide(
    verifier: &Verifier,
    (method, url): (&str, &str),
    lines: &[Line],
    body: &[u8],
) -> Decided {
    let fields = lines.iter().map(|(name, value)| Field::new(name, value)).collect();
    let head = Head::new(method, url, fields).unwrap();
    let mut read = false;
    let decided = verifier.begin(&head, UnixSeconds::new(NOW)).and_then(|admission| {
        read = true;
        admission.finish(body, UnixSeconds::new(NOW))
    });
    match decided {
        Ok(Outcome::Forward(cleared)) => {
            let code = cleared.log_line("r-1").code.to_owned();
            let (plan, _) = cleared.into_forward("r-1").unwrap();
            let remove = plan.remove().iter().map(|name| (*name).to_owned()).collect();
            Decided { code, read, remove }
        }
        Ok(outcome) => {
            Decided { code: outcome.log_line("r-1").code.to_owned(), read, remove: Vec::new() }
        }
        Err(refusal) => {
            Decided { code: refusal.rejection().code().to_owned(), read, remove: Vec::new() }
        }
    }
}

#[track_caller]
pub(crate) fn assert_refused_by_its_head(decided: &Decided) {
    let wanted = Decided { code: "invalid_signature".to_owned(), read: false, remove: Vec::new() };
    assert_eq!(*decided, wanted);
}

#[track_caller]
pub(crate) fn assert_accepted(decided: &Decided, remove: &[&str]) {
    assert_eq!((decided.code.as_str(), decided.read), ("accepted", true));
    assert_eq!(decided.remove, remove);
}

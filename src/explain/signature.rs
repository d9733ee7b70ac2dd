//! The signatures of a request, in every way they may be read.

use super::mistake::Mistake;
use crate::encoding;
use crate::message::Head;
use crate::scheme::{Encoding, Format, Scheme, Value};

/// The most texts that are read.
const MAX_TEXTS: usize = 16;

/// Prefixes that some scheme has.
const PREFIXES: [&str; 14] = [
    "sha256=",
    "sha1=",
    "sha512=",
    "sha384=",
    "v0=",
    "v1=",
    "v1,",
    "v2=",
    "hmac-sha256=",
    "hmac ",
    "HMAC ",
    "Bearer ",
    "hmac=",
    "signature=",
];

/// The bytes of a signature, and what is wrong with how it is written.
#[derive(Clone)]
pub(super) struct Reading {
    pub(super) bytes: Vec<u8>,
    pub(super) mistakes: Vec<Mistake>,
}

/// The values of the scheme's signature fields.
pub(super) fn received(scheme: &Scheme, head: &Head<'_>, body: &[u8]) -> Vec<Vec<u8>> {
    let value = |source| match scheme.value(source, head, scheme.document(Some(body))) {
        Value::Once(value) => Some(value.into_owned()),
        _ => None,
    };
    scheme.signature.sources.iter().filter_map(value).collect()
}

/// Every reading of these values, the scheme's own first.
pub(super) fn readings(scheme: &Scheme, values: &[Vec<u8>]) -> Vec<Reading> {
    let format = &scheme.signature.format;
    let mut texts: Vec<(Vec<u8>, Vec<Mistake>)> = Vec::new();
    for value in values {
        texts.extend(format.signatures(value).map(|text| (text.to_vec(), Vec::new())));
        for (key, text) in format.members(value) {
            let key = String::from_utf8_lossy(key).into_owned();
            texts.push((text.to_vec(), vec![Mistake::AnotherMember(key)]));
        }
        let bare = value.trim_ascii();
        let stripped = PREFIXES.iter().find_map(|prefix| bare.strip_prefix(prefix.as_bytes()));
        if let Some(rest) = stripped {
            texts.push((rest.trim_ascii().to_vec(), vec![Mistake::PrefixAdded]));
        }
        let has_prefix = !matches!(format, Format::Raw { prefix: "" });
        let mistake = if has_prefix { vec![Mistake::PrefixMissing] } else { Vec::new() };
        texts.push((bare.to_vec(), mistake));
    }
    texts.truncate(MAX_TEXTS);
    let mut readings: Vec<Reading> = Vec::new();
    for (text, mistakes) in texts {
        for (name, bytes) in decoded(scheme.signature.encoding, &text) {
            let mut mistakes = mistakes.clone();
            mistakes.extend(name.map(Mistake::WrittenAs));
            if !readings
                .iter()
                .any(|other| other.bytes == bytes && other.mistakes.len() <= mistakes.len())
            {
                readings.push(Reading { bytes, mistakes });
            }
        }
    }
    readings
}

/// What a text stands for, with the name of the encoding where it is not the scheme's.
fn decoded(wanted: Encoding, text: &[u8]) -> Vec<(Option<&'static str>, Vec<u8>)> {
    let mut found = Vec::new();
    let Ok(text) = str::from_utf8(text) else { return found };
    let hex_wanted = matches!(wanted, Encoding::LowerHex | Encoding::Hex);
    if let Ok(bytes) = hex::decode(text) {
        let upper = text.bytes().any(|byte| byte.is_ascii_uppercase());
        let name = match wanted {
            Encoding::Hex => None,
            Encoding::LowerHex => upper.then_some("hexadecimal digits in capitals"),
            _ => Some("hexadecimal digits"),
        };
        found.push((name, bytes));
    }
    let url_safe = text.contains(['-', '_']);
    let padded = text.ends_with('=');
    let standard = text.replace('-', "+").replace('_', "/");
    if let Some(bytes) = encoding::base64_secret(&standard) {
        if let Ok(inner) = hex::decode(&bytes) {
            found.push((Some("base64 of hexadecimal digits"), inner));
        }
        let name = match wanted {
            Encoding::AnyBase64 => None,
            Encoding::Base64 if url_safe => Some("URL-safe base64"),
            Encoding::Base64 if !padded && bytes.len() % 3 != 0 => Some("base64 without padding"),
            Encoding::Base64Url if !url_safe && padded => Some("base64 with padding"),
            Encoding::Base64Url if text.contains(['+', '/']) => Some("base64 that is not URL-safe"),
            Encoding::Base64 | Encoding::Base64Url => None,
            _ if url_safe => Some("URL-safe base64"),
            _ => Some("base64"),
        };
        if !hex_wanted || hex::decode(text).is_err() {
            found.push((name, bytes));
        }
    }
    if wanted == Encoding::Plain {
        found.insert(0, (None, text.as_bytes().to_vec()));
    }
    found
}

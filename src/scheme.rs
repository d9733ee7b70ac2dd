//! Signature schemes as data: which fields a request is signed with, and over which bytes.

use crate::encoding::tag_from_lower_hex;
use crate::mac::Tag;
use crate::message::{Head, Occurrence};
use crate::rejection::Rejection;
use crate::time::{TimestampError, UnixSeconds, parse_timestamp};

/// One part of the bytes a signature covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Literal(&'static [u8]),
    /// The timestamp field's bytes as received.
    Timestamp,
    /// The nonce field's bytes as received.
    Nonce,
    /// The raw body.
    Body,
}

/// A signature scheme: HMAC-SHA256 in lower-case hexadecimal digits over a sequence of parts.
///
/// Fixed-format parts come first and the body last, so that no two requests are signed over the
/// same bytes within a scheme. Between schemes that does not hold: `x-hmac-nonce`'s bytes for a
/// body are `x-hmac`'s for another, which is why a secret belongs to one scheme.
#[derive(Debug, PartialEq, Eq)]
pub struct Scheme {
    name: &'static str,
    signature: &'static str,
    timestamp: &'static str,
    nonce: Option<&'static str>,
    signed: &'static [Part],
}

/// `X-HMAC-Signature` over `timestamp "." body`. It binds the time and the body; no method,
/// path, query or other field.
pub static X_HMAC: Scheme = Scheme {
    name: "x-hmac",
    signature: "X-HMAC-Signature",
    timestamp: "X-HMAC-Timestamp",
    nonce: None,
    signed: &[Part::Timestamp, Part::Literal(b"."), Part::Body],
};

/// [`X_HMAC`] with `X-HMAC-Nonce` in the signed bytes: `timestamp "." nonce "." body`.
pub static X_HMAC_NONCE: Scheme = Scheme {
    name: "x-hmac-nonce",
    signature: "X-HMAC-Signature",
    timestamp: "X-HMAC-Timestamp",
    nonce: Some("X-HMAC-Nonce"),
    signed: &[Part::Timestamp, Part::Literal(b"."), Part::Nonce, Part::Literal(b"."), Part::Body],
};

/// Every preset, in the order the documents list them.
pub static PRESETS: [&Scheme; 2] = [&X_HMAC, &X_HMAC_NONCE];

/// Shortest and longest nonce of `x-hmac-nonce`, in characters.
const NONCE_LENGTHS: core::ops::RangeInclusive<usize> = 16..=64;

/// Whether these bytes are a nonce: 16 to 64 of `A-Za-z0-9_-`. It holds no `.`, which keeps the
/// signed bytes unambiguous.
pub(crate) fn is_nonce(text: &[u8]) -> bool {
    NONCE_LENGTHS.contains(&text.len())
        && text.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
}

impl Scheme {
    /// The preset with this name.
    pub fn preset(name: &str) -> Option<&'static Self> {
        PRESETS.into_iter().find(|scheme| scheme.name == name)
    }

    /// The name a policy uses.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The name of the field that holds the signature.
    pub fn signature_field(&self) -> &'static str {
        self.signature
    }

    /// The name of the field that holds the timestamp.
    pub fn timestamp_field(&self) -> &'static str {
        self.timestamp
    }

    /// The name of the field that holds the nonce, where the scheme signs one.
    pub fn nonce_field(&self) -> Option<&'static str> {
        self.nonce
    }

    /// Reads what a request presents, in the order in which the articles' receiver checks it.
    ///
    /// `within` says whether a moment is inside the window. Nothing has been proven yet: the
    /// result only has the right shape and time.
    pub(crate) fn present<'h>(
        &self,
        head: &Head<'h>,
        within: impl FnOnce(UnixSeconds) -> Result<(), Rejection>,
    ) -> Result<Presented<'h>, Rejection> {
        let signature = head.single(self.signature);
        let timestamp = head.single(self.timestamp);
        let nonce = self.nonce.map(|name| head.single(name));
        if [Some(signature), Some(timestamp), nonce].contains(&Some(Occurrence::Absent)) {
            return Err(Rejection::MissingSignature);
        }
        let timestamp_text = once(timestamp)?;
        let timestamp = parse_timestamp(timestamp_text).map_err(|error| {
            let milliseconds = error == TimestampError::LooksLikeMilliseconds;
            Rejection::InvalidTimestamp { milliseconds }
        })?;
        within(timestamp)?;
        let tag = tag_from_lower_hex(once(signature)?).ok_or(Rejection::InvalidSignature)?;
        let nonce = match nonce.map(once).transpose()? {
            Some(text) if !is_nonce(text) => return Err(Rejection::InvalidSignature),
            Some(text) => text,
            None => &[],
        };
        Ok(Presented { tag, timestamp, timestamp_text, nonce })
    }

    /// The signed bytes, part by part.
    pub(crate) fn signed_parts<'p>(
        &self,
        timestamp: &'p [u8],
        nonce: &'p [u8],
        body: &'p [u8],
    ) -> impl Iterator<Item = &'p [u8]> {
        self.signed.iter().map(move |part| match part {
            Part::Literal(bytes) => bytes,
            Part::Timestamp => timestamp,
            Part::Nonce => nonce,
            Part::Body => body,
        })
    }
}

/// A field that stands once. What stands twice is answered like a wrong signature.
fn once(occurrence: Occurrence<'_>) -> Result<&[u8], Rejection> {
    match occurrence {
        Occurrence::Once(value) => Ok(value),
        Occurrence::Absent => Err(Rejection::MissingSignature),
        Occurrence::Repeated => Err(Rejection::InvalidSignature),
    }
}

/// What a request presents to be verified.
#[derive(Clone, Copy)]
pub(crate) struct Presented<'h> {
    pub(crate) tag: Tag,
    pub(crate) timestamp: UnixSeconds,
    pub(crate) timestamp_text: &'h [u8],
    /// Empty where the scheme has none.
    pub(crate) nonce: &'h [u8],
}

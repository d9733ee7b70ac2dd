//! Strict decoding of what a peer sends (RFC 4648): one text for each value, exact lengths.

use base64ct::{Base64, Base64UrlUnpadded, Encoding};

/// Bytes of the longest value that is decoded into a buffer: a signature.
pub(crate) const LONGEST: usize = 128;

/// Hexadecimal digits of either case (section 8).
pub(crate) fn hex<'b>(text: &[u8], buffer: &'b mut [u8; LONGEST]) -> Option<&'b [u8]> {
    let bytes = buffer.get_mut(..text.len() / 2)?;
    hex::decode_to_slice(text, bytes).ok()?;
    Some(bytes)
}

/// Base64 with its padding (section 4).
pub(crate) fn base64<'b>(text: &[u8], buffer: &'b mut [u8; LONGEST]) -> Option<&'b [u8]> {
    Base64::decode(text, buffer).ok()
}

/// URL-safe base64 without padding (section 5).
pub(crate) fn base64_url<'b>(text: &[u8], buffer: &'b mut [u8; LONGEST]) -> Option<&'b [u8]> {
    Base64UrlUnpadded::decode(text, buffer).ok()
}

/// Base64 with its padding.
pub(crate) fn to_base64(bytes: &[u8]) -> String {
    Base64::encode_string(bytes)
}

/// URL-safe base64 without padding.
pub(crate) fn to_base64_url(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

/// The bytes of a secret written in base64, with or without padding.
pub(crate) fn base64_secret(text: &str) -> Option<Vec<u8>> {
    base64ct::Base64Unpadded::decode_vec(text.trim_end_matches('=')).ok()
}

/// Bytes of any length in base64 with its padding (section 4).
pub(crate) fn base64_bytes(text: &[u8]) -> Option<Vec<u8>> {
    Base64::decode_vec(str::from_utf8(text).ok()?).ok()
}

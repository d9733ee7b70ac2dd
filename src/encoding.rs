//! Strict decoding of what a peer sends (RFC 4648): one text for each value, exact lengths.

use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use zeroize::Zeroizing;

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
    let text = text.trim_end_matches('=');
    let missing = text.len().next_multiple_of(4).saturating_sub(text.len());
    let padded = Zeroizing::new([text, "===".get(..missing)?].concat());
    Base64::decode_vec(&padded).ok()
}

/// Bytes of any length in base64 with its padding (section 4).
pub(crate) fn base64_bytes(text: &[u8]) -> Option<Vec<u8>> {
    Base64::decode_vec(str::from_utf8(text).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use base64ct::Base64Unpadded;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn a_secret_is_read_with_its_padding_or_without() {
        for text in ["", "A", "AA", "AAA", "AAAA", "AB", "Q", "Qg", "Qk0", "Qk1", "Qk0_", "Qk+/Qk0"]
        {
            let expected = Base64Unpadded::decode_vec(text).ok();
            for padding in ["", "=", "==", "==="] {
                assert_eq!(base64_secret(&format!("{text}{padding}")), expected, "{text}{padding}");
            }
        }
        assert_eq!(base64_secret("Qk0=Qk0="), None);
        assert_eq!(base64_secret("é"), None);
    }
}

//! Strict decoding of what a peer sends.

use crate::mac::{TAG_BYTES, Tag};

/// Reads a tag written as exactly 64 lower-case hexadecimal digits (RFC 4648 section 8, in the
/// one case that the `x-hmac` wire contract names).
pub(crate) fn tag_from_lower_hex(text: &[u8]) -> Option<Tag> {
    if text.iter().any(u8::is_ascii_uppercase) {
        return None;
    }
    let mut bytes = [0; TAG_BYTES];
    hex::decode_to_slice(text, &mut bytes).ok()?;
    Some(Tag::new(bytes))
}

//! Parsers that nobody else needs to call, for the targets in `fuzz/`.

use crate::message_signature::structured_field::{self, join};

/// A text read as a dictionary (RFC 9651 section 4.2.2), in its canonical form; nothing where it is
/// not read.
pub fn dictionary(text: &[u8]) -> Option<String> {
    structured_field::dictionary(text).map(|entries| join(&entries))
}

/// The same for a list (RFC 9651 section 4.2.1).
pub fn list(text: &[u8]) -> Option<String> {
    structured_field::list(text).map(|members| join(&members))
}

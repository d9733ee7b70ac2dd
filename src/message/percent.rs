//! Percent-encoding (RFC 3986 section 2.1), of bytes.
//!
//! The crate `percent-encoding` does not serve: it decodes all escapes, and some providers sign a URL in
//! which certain ones are decoded. What it could do, to encode, is a loop.

/// Decodes the percent-escapes of those bytes that are `wanted`; what is no escape stays.
pub(crate) fn decode(text: &[u8], wanted: &dyn Fn(u8) -> bool) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, behind)) = rest.split_first() {
        let escaped = match rest {
            [b'%', high, low, ..] => hex_value(*high).zip(hex_value(*low)),
            _ => None,
        };
        match escaped.map(|(high, low)| (high << 4) | low).filter(|byte| wanted(*byte)) {
            Some(byte) => {
                decoded.push(byte);
                rest = rest.get(3..).unwrap_or_default();
            }
            None => {
                decoded.push(*first);
                rest = behind;
            }
        }
    }
    decoded
}

/// Percent-escapes every byte but letters, digits and these marks, the hexadecimal digits in capitals
/// (RFC 3986 section 2.1).
pub(crate) fn percent_encode(text: &[u8], marks: &[u8]) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text {
        if byte.is_ascii_alphanumeric() || marks.contains(byte) {
            escaped.push(char::from(*byte));
        } else {
            escaped.push('%');
            escaped.extend([byte >> 4, byte & 0xf].into_iter().filter_map(hex_digit));
        }
    }
    escaped
}

/// A digit, a letter as a capital.
fn hex_digit(value: u8) -> Option<char> {
    char::from_digit(value.into(), 16).map(|digit| digit.to_ascii_uppercase())
}

fn hex_value(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

//! JSON, byte for byte as CPython's
//! `json.dumps(payload, sort_keys=True, separators=(",", ":"))` writes it.
//!
//! ```
//! let body = serde_json::from_str(r#"{"café": 1e16, "a": [true, -0]}"#)?;
//! let bytes = countersign::python_json::to_vec(&body)?;
//! assert_eq!(bytes, br#"{"a":[true,0],"caf\u00e9":1e+16}"#);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The value stands for what `json.loads` makes of the same text. A number with a
//! fraction or an exponent is a float, any other is an int, written with all its
//! digits. CPython by default refuses ints of more than 4300 digits, a limit that
//! can be lifted; there is none here.
//!
//! serde_json must have `arbitrary_precision`, to keep each number's text, and must
//! not have `preserve_order`. Beware that with the former it reads the object
//! `{"$serde_json::private::Number":"1"}` as the number 1, and with `raw_value` another such
//! object as the JSON in it, which no longer shows here: whoever checks a signature over these
//! bytes must refuse every key that starts with `$serde_json::private::` beforehand.
//!
//! Sources: the [json module](https://docs.python.org/3/library/json.html),
//! [`repr` of a float](https://docs.python.org/3/tutorial/floatingpoint.html) and
//! [RFC 8259](https://www.rfc-editor.org/rfc/rfc8259).

use core::fmt;

use serde_json::{Map, Number, Value};

/// How many lists and objects may be open within each other, which bounds the stack
/// used: as many as `serde_json` reads from text.
pub const MAX_DEPTH: usize = 127;

/// Why a value has no such JSON text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// A float too large for 64 bits: Python reads infinity, which RFC 8259 cannot write.
    NumberTooLarge,
    /// Lists and objects are nested more than [`MAX_DEPTH`] deep.
    TooDeep,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NumberTooLarge => f.write_str("a number is too large for a 64-bit float"),
            Self::TooDeep => write!(f, "the value is nested more than {MAX_DEPTH} deep"),
        }
    }
}

impl core::error::Error for Error {}

/// Writes `value` as ASCII JSON: keys sorted by code point, no white space, and every
/// character outside printable ASCII escaped.
///
/// # Errors
///
/// [`Error::NumberTooLarge`] for a float that overflows, [`Error::TooDeep`] for
/// nesting past [`MAX_DEPTH`].
pub fn to_vec(value: &Value) -> Result<Vec<u8>, Error> {
    let mut out = String::new();
    write_value(&mut out, value, MAX_DEPTH)?;
    Ok(out.into_bytes())
}

fn write_value(out: &mut String, value: &Value, depth_left: usize) -> Result<(), Error> {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => write_number(out, number)?,
        Value::String(text) => write_string(out, text),
        Value::Array(items) => write_array(out, items, deeper(depth_left)?)?,
        Value::Object(members) => write_object(out, members, deeper(depth_left)?)?,
    }
    Ok(())
}

fn deeper(depth_left: usize) -> Result<usize, Error> {
    depth_left.checked_sub(1).ok_or(Error::TooDeep)
}

fn write_array(out: &mut String, items: &[Value], depth_left: usize) -> Result<(), Error> {
    out.push('[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write_value(out, item, depth_left)?;
    }
    out.push(']');
    Ok(())
}

fn write_object(
    out: &mut String,
    members: &Map<String, Value>,
    depth_left: usize,
) -> Result<(), Error> {
    out.push('{');
    // The map is sorted by UTF-8 bytes, whose order is that of the code points.
    for (index, (key, value)) in members.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write_string(out, key);
        out.push(':');
        write_value(out, value, depth_left)?;
    }
    out.push('}');
    Ok(())
}

fn write_number(out: &mut String, number: &Number) -> Result<(), Error> {
    match number.as_str() {
        // Python's ints have no negative zero.
        "-0" => out.push('0'),
        text if text.contains(['.', 'e', 'E']) => match text.parse() {
            Ok(float) if f64::is_finite(float) => out.push_str(&repr(float)),
            _ => return Err(Error::NumberTooLarge),
        },
        text => out.push_str(text),
    }
    Ok(())
}

/// Python's `repr`: the fewest digits that read back as the same float.
///
/// Where two such texts are equally near, Rust's shortest form takes the greater one
/// and Python the even one, as Rust does once it is told how many digits to print.
fn repr(float: f64) -> String {
    match float.abs() {
        0.0 | 1e-4..1e16 => plain(float),
        1e16.. => scientific(float).replace('e', "e+"),
        1e-9.. => scientific(float).replace("e-", "e-0"),
        _ => scientific(float),
    }
}

/// Powers of two in this range print in full, so the check in [`scientific`] is not needed.
fn plain(float: f64) -> String {
    let places = decimals(&float.to_string()).max(1);
    format!("{float:.places$}")
}

fn scientific(float: f64) -> String {
    let shortest = format!("{float:e}");
    let even = format!("{float:.*e}", decimals(&shortest));
    // Below a power of two floats lie closer, so there `even` may be another float's text.
    if even.parse() == Ok(float) { even } else { shortest }
}

/// How many digits follow the decimal point.
fn decimals(text: &str) -> usize {
    let fraction = text.split_once('.').map_or("", |(_, fraction)| fraction);
    fraction.bytes().take_while(u8::is_ascii_digit).count()
}

fn write_string(out: &mut String, text: &str) {
    out.push('"');
    text.chars().for_each(|character| write_character(out, character));
    out.push('"');
}

/// A character within a string: printable ASCII as it is, everything else escaped.
pub(crate) fn write_character(out: &mut String, character: char) {
    match character {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\u{8}' => out.push_str("\\b"),
        '\u{c}' => out.push_str("\\f"),
        ' '..='~' => out.push(character),
        _ => write_escaped(out, character),
    }
}

/// As `\uXXXX`, or past U+FFFF as two of them, a surrogate pair.
fn write_escaped(out: &mut String, character: char) {
    for unit in character.encode_utf16(&mut [0; 2]) {
        out.push_str("\\u");
        for byte in unit.to_be_bytes() {
            out.extend(char::from_digit(u32::from(byte >> 4), 16));
            out.extend(char::from_digit(u32::from(byte & 0xf), 16));
        }
    }
}

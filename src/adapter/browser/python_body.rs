//! A JSON text as a Python sender writes it.

use serde::de::IgnoredAny;
use serde_json::Value;

use crate::problems::problems;
use crate::python_json;

/// How the keys start that `serde_json` takes for its own: an object with one is read as
/// something else, and the text written would not be the one that was meant.
const RESERVED: &str = "$serde_json::private::";

problems! {
    /// Why a text was not written anew.
    #[derive(Debug, PartialEq, Eq)]
    pub(super) enum Unwritable;

    /// It is not JSON, or is nested too deep.
    NotJson {
        /// Line, from 1.
        line: usize,
        /// Column in characters, from 1.
        column: usize,
        /// What `serde_json` says of the place.
        reason: String,
    } => "not-json", "not JSON at line {line}, column {column}: {reason}";
    /// A key of an object starts with [`RESERVED`].
    ReservedKey => "reserved-key",
        "a key starts with \"{RESERVED}\", which the JSON reader keeps for itself";
    /// Its value has no such text.
    Value(error: python_json::Error) => "unwritable-value", "{error}";
}

/// Reads a JSON text and writes its value in Python's way.
pub(super) fn write(text: &str) -> Result<String, Unwritable> {
    let not_json = |error| not_json(text, &error);
    let IgnoredAny = serde_json::from_str(text).map_err(not_json)?;
    if has_reserved_key(text) {
        return Err(Unwritable::ReservedKey);
    }
    let value: Value = serde_json::from_str(text).map_err(not_json)?;
    let bytes = python_json::to_vec(&value).map_err(Unwritable::Value)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Whether a key of some object, unescaped, starts with [`RESERVED`].
///
/// `json` is well-formed, so a string is a key exactly where a colon follows. What cannot be
/// unescaped is left to the reader, which refuses it.
fn has_reserved_key(json: &str) -> bool {
    let mut rest = json;
    while let Some((string, behind)) = next_string(rest) {
        if behind.trim_start().starts_with(':')
            && serde_json::from_str::<String>(&format!("\"{string}\""))
                .is_ok_and(|key| key.starts_with(RESERVED))
        {
            return true;
        }
        rest = behind;
    }
    false
}

/// The first string of a JSON text, still escaped, and the text behind it.
fn next_string(json: &str) -> Option<(&str, &str)> {
    let (_, start) = json.split_once('"')?;
    let mut escaped = false;
    let end = start.bytes().position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    })?;
    let (string, behind) = start.split_at_checked(end)?;
    Some((string, behind.strip_prefix('"')?))
}

/// The error with its place. `serde_json` counts a line's bytes, a person its characters.
fn not_json(text: &str, error: &serde_json::Error) -> Unwritable {
    let line = error.line();
    let bytes = text.split('\n').nth(line.saturating_sub(1)).unwrap_or_default().bytes();
    let starts_character = |byte: &u8| byte & 0b1100_0000 != 0b1000_0000;
    let column = bytes.take(error.column()).filter(starts_character).count().max(1);
    let message = error.to_string();
    let reason = message.split(" at line ").next().unwrap_or_default().to_owned();
    Unwritable::NotJson { line, column, reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn not_json_at(text: &str) -> Option<(usize, usize)> {
        match write(text) {
            Err(Unwritable::NotJson { line, column, .. }) => Some((line, column)),
            _ => None,
        }
    }

    #[test]
    fn a_value_is_written_as_python_writes_it() {
        let text = "{ \"z\": [1.0, 1E2, -0],\n  \"é\": \"a:\\\"b\" , \"a\" : null }";
        let written = r#"{"a":null,"z":[1.0,100.0,0],"\u00e9":"a:\"b"}"#;
        assert_eq!(write(text), Ok(written.to_owned()));
    }

    #[test]
    fn a_reserved_key_is_refused_however_it_is_spelled() {
        for text in [
            r#"{"$serde_json::private::Number":"1"}"#,
            r#"{"$serde_json::private::RawValue":"[1]"}"#,
            r#"{"$serde_json::private::":1}"#,
            r#"{"\u0024serde_json::private::Number":"1"}"#,
            r#"{"$serde_json\u003a:private::Number" : "1"}"#,
            r#"[{"a":"\\\""},{"b":[{"$\u0073erde_json::private::Number":true}]}]"#,
            r#"{"a":{"$serde_json::private::Number":"1"},"a":2}"#,
            "{\"\\\\\":1,\"$serde_json::private::x\"\n\t:1}",
        ] {
            assert_eq!(write(text), Err(Unwritable::ReservedKey), "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_a_reserved_key_is_written() {
        for text in [
            r#""$serde_json::private::Number""#,
            r#"{"a":"$serde_json::private::Number"}"#,
            r#"["\"$serde_json::private::Number\":"]"#,
            r#"{"\"$serde_json::private::Number\":1":2}"#,
            r#"{"\\$serde_json::private::Number":1}"#,
            r#"{" $serde_json::private::Number":1}"#,
        ] {
            assert_eq!(write(text), Ok(text.to_owned()));
        }
    }

    #[test]
    fn an_error_has_its_line_and_its_column_in_characters() {
        assert_eq!(not_json_at(""), Some((1, 1)));
        assert_eq!(not_json_at("{\"a\":1,}"), Some((1, 8)));
        assert_eq!(not_json_at("{\"a\":\"\u{1f600}é\",}"), Some((1, 11)));
        assert_eq!(not_json_at("{\n  \"a\": nope\n}"), Some((2, 9)));
        assert_eq!(not_json_at(r#"{"a":"\ud800"}"#), Some((1, 13)));
    }

    #[test]
    fn the_sentence_names_the_place() {
        let sentence = write("[1 2]").map_err(|error| error.to_string());
        assert_eq!(sentence, Err("not JSON at line 1, column 4: expected `,` or `]`".to_owned()));
    }

    #[test]
    fn deep_nesting_is_refused_and_uses_no_stack() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert_eq!(write(&nested(127)), Ok(nested(127)));
        assert_eq!(not_json_at(&nested(128)), Some((1, 128)));
        assert_eq!(not_json_at(&nested(1_000_000)), Some((1, 128)));
    }
}

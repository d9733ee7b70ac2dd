//! What else may have been the time, and in which order and how joined the parts may have been.

use super::mistake::Mistake;
use super::search::Axis;
use crate::message::Head;
use crate::scheme::{Part, Scheme, Source};

/// Seconds by which two readings of a clock may differ.
const BETWEEN_READINGS: [i64; 10] = [1, -1, 2, -2, 3, -3, 4, -4, 5, -5];
/// Bytes of the longest value that is taken for a time.
const LONGEST_TIME: usize = 40;

const SEPARATORS: [(&str, &str); 10] = [
    ("nothing between them", ""),
    ("\".\" between them", "."),
    ("\":\" between them", ":"),
    ("a line end between them", "\n"),
    ("\"|\" between them", "|"),
    ("\",\" between them", ","),
    ("\";\" between them", ";"),
    ("\"-\" between them", "-"),
    ("\"&\" between them", "&"),
    ("a space between them", " "),
];

/// Whether a text is a time in seconds, as the schemes write it.
pub(super) fn is_seconds(text: &[u8]) -> bool {
    text.len() == 10 && text.iter().all(u8::is_ascii_digit)
}

/// Whether a text is a time in seconds or in milliseconds.
pub(super) fn is_seconds_or_milliseconds(text: &[u8]) -> bool {
    [10, 13].contains(&text.len()) && text.iter().all(u8::is_ascii_digit)
}

/// The timestamp received, and what it may have been.
pub(super) fn times(scheme: &Scheme, head: &Head<'_>, received: &[u8]) -> Axis<Vec<u8>> {
    let mut axis = Axis::new(received.to_vec());
    if is_seconds(received) {
        axis.push(Mistake::Milliseconds, [received, b"000"].concat());
    } else if received.len() == 13 && received.iter().all(u8::is_ascii_digit) {
        axis.push(Mistake::Milliseconds, received.iter().copied().take(10).collect());
    }
    let own = |name: &str| {
        matches!(scheme.timestamp.map(|rule| rule.source),
            Some(Source::Field(own)) if own.eq_ignore_ascii_case(name))
    };
    for field in head.fields().iter().filter(|field| !own(field.name())) {
        let name = field.name().to_ascii_lowercase();
        let is_time = name.contains("time") || name.contains("date");
        let value = field.value();
        if is_time && (1..=LONGEST_TIME).contains(&value.len()) && value != received {
            axis.push(Mistake::TimeOfField(field.name().to_owned()), value.to_vec());
        }
    }
    let seconds: Option<i64> =
        str::from_utf8(received).ok().filter(|_| is_seconds(received)).and_then(|t| t.parse().ok());
    for offset in BETWEEN_READINGS {
        if let Some(moved) = seconds.and_then(|seconds| seconds.checked_add(offset)) {
            axis.push(Mistake::SecondsOfAnotherMoment(offset), moved.to_string().into_bytes());
        }
    }
    axis
}

/// The scheme's parts, and how else they may have been joined.
pub(super) fn templates(parts: &[Part]) -> Axis<Vec<Part>> {
    let mut axis = Axis::new(parts.to_vec());
    let is_literal = |part: &Part| matches!(part, Part::Literal(_));
    let values: Vec<Part> = parts.iter().copied().filter(|part| !is_literal(part)).collect();
    let version: Vec<Part> = parts.iter().copied().take(1).filter(is_literal).collect();
    let inner = parts.iter().skip(version.len()).find_map(|part| match part {
        Part::Literal(text) => Some(*text),
        _ => None,
    });
    let separator = inner.unwrap_or_default();
    let mut add = |mistake, version: &[Part], values: &[Part], separator: &'static str| {
        let template = [version, &joined(values, separator)].concat();
        if !axis.values().any(|other| *other == template) {
            axis.push(mistake, template);
        }
    };
    if values.len() > 1 {
        for (name, other) in SEPARATORS {
            add(Mistake::Separator(name), &version, &values, other);
        }
        let reversed: Vec<Part> = values.iter().rev().copied().collect();
        add(Mistake::OrderReversed, &version, &reversed, separator);
    }
    let without =
        |gone: Part| values.iter().copied().filter(|part| *part != gone).collect::<Vec<_>>();
    if values.contains(&Part::Timestamp) {
        add(Mistake::TimestampNotSigned, &version, &without(Part::Timestamp), separator);
        add(Mistake::TimestampNotSigned, &[], &without(Part::Timestamp), separator);
    } else if !values.is_empty() {
        add(Mistake::TimestampSigned, &version, &[&[Part::Timestamp], &*values].concat(), ".");
    }
    if values.contains(&Part::Id) {
        add(Mistake::IdNotSigned, &version, &without(Part::Id), separator);
    }
    if !version.is_empty() {
        add(Mistake::VersionNotSigned, &[], &values, separator);
    }
    axis
}

fn joined(values: &[Part], separator: &'static str) -> Vec<Part> {
    let mut parts = Vec::new();
    for (place, value) in values.iter().enumerate() {
        if place > 0 && !separator.is_empty() {
            parts.push(Part::Literal(separator));
        }
        parts.push(*value);
    }
    parts
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use Part::{Body, Id, Literal, Timestamp};

    fn codes(parts: &[Part]) -> Vec<(&'static str, Vec<Part>)> {
        let axis = templates(parts);
        let other = |at| {
            axis.get(at)
                .map(|(mistake, parts)| (mistake.as_ref().map_or("", Mistake::code), parts.clone()))
        };
        (1..axis.len()).filter_map(other).collect()
    }

    #[test]
    fn parts_are_joined_otherwise_and_left_out() {
        let slack = codes(&[Literal("v0:"), Timestamp, Literal(":"), Body]);
        for (code, parts) in [
            ("separator", vec![Literal("v0:"), Timestamp, Body]),
            ("separator", vec![Literal("v0:"), Timestamp, Literal("\n"), Body]),
            ("order", vec![Literal("v0:"), Body, Literal(":"), Timestamp]),
            ("timestamp_not_signed", vec![Body]),
            ("version_not_signed", vec![Timestamp, Literal(":"), Body]),
        ] {
            assert!(slack.contains(&(code, parts.clone())), "{code} {parts:?}");
        }
        let with_id = codes(&[Id, Literal("."), Timestamp, Literal("."), Body]);
        assert!(with_id.contains(&("id_not_signed", vec![Timestamp, Literal("."), Body])));
        assert_eq!(codes(&[Body]), [("timestamp_signed", vec![Timestamp, Literal("."), Body])]);
    }
}

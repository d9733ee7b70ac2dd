//! What else the body may have been when it was signed.

use std::borrow::Cow;

use super::inflate::inflate;
use super::json_style::JsonStyle;
use super::mistake::Mistake;
use super::search::Axis;
use crate::message::{FORM, FORM_MARKS, Head, Occurrence, form_pairs, percent_encode};

/// Bytes of a body that is tried in every form.
pub(super) const LARGEST: usize = 1 << 20;
/// Bytes of a body whose JSON is written in every style; a longer one, in the usual ones.
const MANY_STYLES: usize = 64 << 10;
/// Bytes of a compressed body's content.
const LARGEST_CONTENT: usize = 4 << 20;

const MARK: &[u8] = "\u{feff}".as_bytes();

/// The body as received, and what it may have been; each text once, with the simplest reason.
pub(super) fn bodies<'b>(head: &Head<'_>, body: &'b [u8]) -> Axis<Cow<'b, [u8]>> {
    let mut axis = Axis::new(Cow::Borrowed(body));
    if body.len() > LARGEST {
        return axis;
    }
    let mut add = |mistake: Mistake, value: Cow<'b, [u8]>| {
        if !axis.values().any(|other| *other == value) {
            axis.push(mistake, value);
        }
    };
    add(Mistake::EmptyBodySigned, Cow::Borrowed(&[]));
    for line_end in [&b"\r\n"[..], b"\n"] {
        if let Some(shorter) = body.strip_suffix(line_end) {
            add(Mistake::NewlineRemoved, shorter.into());
        }
        add(Mistake::NewlineAdded, [body, line_end].concat().into());
    }
    add(Mistake::BlanksTrimmed, body.trim_ascii().into());
    let lf = replaced(body, b"\r\n", b"\n");
    add(Mistake::CrlfSigned, replaced(&lf, b"\n", b"\r\n").into());
    add(Mistake::LfSigned, lf.into());
    add(
        Mistake::ByteOrderMark,
        match body.strip_prefix(MARK) {
            Some(rest) => rest.into(),
            None => [MARK, body].concat().into(),
        },
    );
    if let Some(content) = inflate(body, LARGEST_CONTENT) {
        add(Mistake::DecompressedSigned, content.into());
    }
    let few = body.len() > MANY_STYLES;
    for style in JsonStyle::all().filter(|style| !few || style.is_usual()) {
        let Some(text) = style.write(body) else { break };
        add(Mistake::JsonRewritten(style), text.into());
    }
    if head.has_media_type(FORM) || looks_like_a_form(body) {
        for (how, text) in forms(body) {
            add(Mistake::FormRewritten(how), text.into());
        }
    }
    axis
}

/// Whether a field says that the body is compressed and its first bytes say otherwise.
pub(super) fn was_decompressed(head: &Head<'_>, body: &[u8]) -> bool {
    match head.single("content-encoding") {
        Occurrence::Once(coding) if coding.eq_ignore_ascii_case(b"gzip") => {
            !body.is_empty() && !body.starts_with(&[0x1f, 0x8b])
        }
        _ => false,
    }
}

fn replaced(text: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, behind)) = rest.split_first() {
        match rest.strip_prefix(from) {
            Some(behind) => {
                out.extend_from_slice(to);
                rest = behind;
            }
            None => {
                out.push(*first);
                rest = behind;
            }
        }
    }
    out
}

fn looks_like_a_form(body: &[u8]) -> bool {
    body.contains(&b'=') && body.iter().all(|byte| byte.is_ascii_graphic())
}

/// A form as the usual libraries write it.
fn forms(body: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let pairs: Vec<(Vec<u8>, Vec<u8>)> = form_pairs(body).collect();
    let mut sorted = pairs.clone();
    sorted.sort();
    let write = |pairs: &[(Vec<u8>, Vec<u8>)], escape: fn(&[u8]) -> String| {
        let pair =
            |(name, value): &(Vec<u8>, Vec<u8>)| format!("{}={}", escape(name), escape(value));
        pairs.iter().map(pair).collect::<Vec<_>>().join("&").into_bytes()
    };
    let plus = |text: &[u8]| percent_encode(text, FORM_MARKS).replace("%20", "+");
    let twenty = |text: &[u8]| percent_encode(text, FORM_MARKS);
    let tilde = |text: &[u8]| percent_encode(text, b"-._~").replace("%20", "+");
    let component = |text: &[u8]| percent_encode(text, b"-_.!~*'()");
    let lower = |text: &[u8]| {
        let escaped = percent_encode(text, FORM_MARKS).replace("%20", "+");
        lower_escapes(&escaped)
    };
    let plain = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
    vec![
        ("spaces as +", write(&pairs, plus)),
        ("spaces as %20", write(&pairs, twenty)),
        ("spaces as + and ~ unescaped", write(&pairs, tilde)),
        ("the escapes of encodeURIComponent", write(&pairs, component)),
        ("escapes in lower case", write(&pairs, lower)),
        ("no escapes", write(&pairs, plain)),
        ("sorted names, spaces as +", write(&sorted, plus)),
        ("sorted names, spaces as %20", write(&sorted, twenty)),
        ("sorted names and no escapes", write(&sorted, plain)),
    ]
}

fn lower_escapes(text: &str) -> String {
    let mut digits = 0_u8;
    text.chars()
        .map(|character| {
            if character == '%' {
                digits = 2;
                return character;
            }
            let escaped = digits > 0;
            digits = digits.saturating_sub(1);
            if escaped { character.to_ascii_lowercase() } else { character }
        })
        .collect()
}

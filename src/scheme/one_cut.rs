//! Whether signed bytes can be cut into their parts in one way only.
//!
//! A signature covers bytes, and the gate takes them for an id, a time, a body. Where the same bytes
//! are the parts of two requests, whoever has one of them signed can send the other: `id-1` before
//! the body `7{}` is `id-17` before `{}`. So a scheme is sound if no bytes have two cuts.
//!
//! Each part has a [`Language`]: every text that the gate takes for it, and perhaps more. A cut says
//! of each byte which part it belongs to, so two cuts of the same bytes differ at some byte.
//! [`doubt`] reads all byte strings at once, a byte at a time, each in two ways: a pair is how far
//! the two have come, and whether they have given a byte to different parts. There are finitely many
//! pairs, and the search visits every one that some bytes lead to. Bytes have two cuts exactly where
//! a pair that has differed stands at the end of the parts on both sides. This is the usual test of
//! whether an automaton is ambiguous; `docs/one-cut.md` has the proof.

use super::{IdForm, Part, SenderUrl, Unit};
use crate::message::{Method, is_url_byte};

/// Pairs that are visited at the most; a scheme of a dozen parts takes a few hundred.
const MAX_PAIRS: usize = 1 << 13;

/// The texts of one part, as an automaton: its states are numbers, and it starts at 0.
#[derive(Clone, Copy)]
enum Language<'p> {
    /// This text alone.
    Text(&'p [u8]),
    /// So many digits, the first of them not zero.
    Digits(usize),
    /// Of the form of RFC 3339, whether or not there is such a day.
    Moment,
    Id(IdForm),
    Method,
    /// Any bytes, or none.
    Any,
    /// No bytes, or bytes that start and end with one that no URL holds: a body beside a URL that
    /// varies (see [`UrlForm::signed_url`](super::UrlForm)).
    Enclosed,
    /// This origin, with a path and perhaps a query behind it.
    Under(&'p [u8]),
}

/// Where digits stand in a moment, up to the fraction and in the offset.
const MOMENT: &[u8] = b"0000-00-00T00:00:00";
const OFFSET: &[u8] = b"00:00";
/// States of a moment: behind the seconds, behind the fraction's mark and its last digit, behind the
/// offset's sign and its end, behind `Z`.
const SECONDS: usize = 19;
const FRACTION: usize = 20;
const LAST_DIGIT: usize = 29;
const SIGN: usize = 30;
const OFFSET_END: usize = 35;
const ZULU: usize = 36;

impl<'p> Language<'p> {
    /// The state behind this byte. `None` if no text goes on with it.
    fn step(self, at: usize, byte: u8) -> Option<usize> {
        let next = at.saturating_add(1);
        let goes_on = match self {
            Self::Text(text) => text.get(at) == Some(&byte),
            Self::Digits(count) => at < count && byte.is_ascii_digit() && (at > 0 || byte != b'0'),
            Self::Moment => return step_moment(at, byte),
            Self::Id(form) => return form.allows(byte).then_some(1),
            Self::Method => return step_method(at, byte),
            Self::Any => return Some(0),
            Self::Enclosed => {
                return match (at, is_url_byte(byte)) {
                    (0, true) => None,
                    (_, true) => Some(2),
                    (_, false) => Some(1),
                };
            }
            Self::Under(origin) => match origin.get(at) {
                Some(own) => *own == byte,
                None if at == origin.len() => byte == b'/',
                None => return is_url_byte(byte).then_some(at),
            },
        };
        goes_on.then_some(next)
    }

    /// Whether a text may end in this state.
    fn ends(self, at: usize) -> bool {
        match self {
            Self::Text(text) => at == text.len(),
            Self::Digits(count) => at == count,
            Self::Moment => matches!(at, OFFSET_END | ZULU),
            Self::Id(_) => at == 1,
            Self::Method => method_of(at).is_some_and(|(name, length)| name.len() == length),
            Self::Any => true,
            Self::Enclosed => at != 2,
            Self::Under(origin) => at > origin.len(),
        }
    }
}

fn step_moment(at: usize, byte: u8) -> Option<usize> {
    let fits = |shape: &u8| if *shape == b'0' { byte.is_ascii_digit() } else { *shape == byte };
    let next = at.saturating_add(1);
    match (at, byte) {
        (SECONDS, b'.') => Some(FRACTION),
        (SECONDS | 21..=LAST_DIGIT, b'Z') => Some(ZULU),
        (SECONDS | 21..=LAST_DIGIT, b'+' | b'-') => Some(SIGN),
        (FRACTION..LAST_DIGIT, b'0'..=b'9') => Some(next),
        (SIGN..OFFSET_END, _) => {
            OFFSET.get(at.saturating_sub(SIGN)).is_some_and(fits).then_some(next)
        }
        _ => MOMENT.get(at).is_some_and(fits).then_some(next),
    }
}

/// The state of a method says which is the first with these letters, and how many there are.
fn method_of(at: usize) -> Option<(&'static str, usize)> {
    Method::ALL.get(at % 8).map(|method| (method.name(), at / 8))
}

fn step_method(at: usize, byte: u8) -> Option<usize> {
    let (name, length) = method_of(at)?;
    let start = name.as_bytes().get(..length)?;
    let goes_on = |method: &Method| {
        method.name().as_bytes().strip_prefix(start).is_some_and(|rest| rest.starts_with(&[byte]))
    };
    let index = Method::ALL.iter().position(goes_on)?;
    Some(length.saturating_add(1).saturating_mul(8).saturating_add(index))
}

/// The first two parts of which it cannot be told where one ends and the other begins. `None` if
/// whatever is signed has one cut.
///
/// `unit` is that of the timestamp, `form` that of the id, and `url` the sender's, which a scheme
/// that signs the URL has.
///
/// A secret among the parts always is the same text, of which nothing is known. It leaves no doubt if
/// what stands before it has one cut whatever follows, or what stands behind it whatever goes before:
/// then that is the same in both cuts, so the secret stands at the same place, and the rest is the
/// same bytes.
pub(crate) fn doubt(
    parts: &[Part],
    unit: Option<Unit>,
    form: IdForm,
    url: Option<&SenderUrl>,
) -> Option<(Part, Part)> {
    let languages = languages(parts, unit, form, url);
    let within = |from: usize, to: usize| {
        let ((one, other), _) = parted(languages.get(from..to)?, &mut |_, _| {})?;
        Some((from.saturating_add(one), from.saturating_add(other)))
    };
    let end = parts.len();
    let found = match parts.iter().position(|part| *part == Part::Secret) {
        None => within(0, end),
        Some(at) => {
            let behind = at.saturating_add(1);
            let before = within(0, behind).or_else(|| within(behind, end));
            before.and_then(|_| within(0, at).or_else(|| within(at, end)))
        }
    };
    found.and_then(|(one, other)| parts.get(one).copied().zip(parts.get(other).copied()))
}

/// The language of each part.
fn languages<'p>(
    parts: &[Part],
    unit: Option<Unit>,
    form: IdForm,
    url: Option<&'p SenderUrl>,
) -> Vec<Language<'p>> {
    let varies = url.is_some_and(SenderUrl::is_origin) && parts.contains(&Part::Url);
    let url = url.map_or("", SenderUrl::as_str).as_bytes();
    let language = |part: &Part| match part {
        Part::Literal(text) => Language::Text(text.as_bytes()),
        Part::Timestamp => match unit {
            Some(Unit::Milliseconds) => Language::Digits(13),
            Some(Unit::Rfc3339) => Language::Moment,
            Some(Unit::Seconds) | None => Language::Digits(10),
        },
        Part::Id => Language::Id(form),
        Part::Body if varies => Language::Enclosed,
        Part::Body | Part::Secret => Language::Any,
        Part::Method => Language::Method,
        Part::Url if varies => Language::Under(url),
        Part::Url => Language::Text(url),
    };
    parts.iter().map(language).collect()
}

/// How far a reading has come: a part, and the state of its language.
type Place = (usize, usize);

/// Two readings of the same bytes.
#[derive(Clone, Copy)]
struct Pair {
    one: Place,
    other: Place,
    /// The parts to which they gave a byte when they first differed.
    parted: Option<(usize, usize)>,
}

/// The parts at which two readings of some bytes part that both come to the end, and the number of
/// the pair in which they do. `note` is told of each pair but the first, in order: the number of the
/// pair before it, and the byte between them.
fn parted(
    parts: &[Language<'_>],
    note: &mut dyn FnMut(usize, u8),
) -> Option<((usize, usize), usize)> {
    let mut pairs = vec![Pair { one: (0, 0), other: (0, 0), parted: None }];
    let mut seen: Vec<(Place, Place, bool)> = Vec::new();
    let mut at = 0;
    while let Some(pair) = pairs.get(at).copied() {
        if let Some(parts_in_doubt) = pair.parted
            && (pairs.len() > MAX_PAIRS || (is_end(parts, pair.one) && is_end(parts, pair.other)))
        {
            return Some((parts_in_doubt, at));
        }
        for byte in 0..=u8::MAX {
            each_next(parts, pair.one, byte, &mut |one| {
                each_next(parts, pair.other, byte, &mut |other| {
                    let (one, other) = (one.min(other), one.max(other));
                    let differ = (one.0 != other.0).then_some((one.0, other.0));
                    let parted = pair.parted.or(differ);
                    let key = (one, other, parted.is_some());
                    if let Err(place) = seen.binary_search(&key) {
                        seen.insert(place, key);
                        pairs.push(Pair { one, other, parted });
                        note(at, byte);
                    }
                });
            });
        }
        at = at.saturating_add(1);
    }
    None
}

/// Every place behind this byte: in the same part, or in a later one where those before may end.
fn each_next(
    parts: &[Language<'_>],
    (mut part, mut at): Place,
    byte: u8,
    found: &mut dyn FnMut(Place),
) {
    while let Some(language) = parts.get(part) {
        if let Some(next) = language.step(at, byte) {
            found((part, next));
        }
        if !language.ends(at) {
            return;
        }
        (part, at) = (part.saturating_add(1), 0);
    }
}

/// Whether nothing need follow.
fn is_end(parts: &[Language<'_>], (part, at): Place) -> bool {
    parts.get(part).is_none_or(|language| language.ends(at))
        && parts.iter().skip(part.saturating_add(1)).all(|language| language.ends(0))
}

#[cfg(test)]
mod tests;

#![allow(clippy::arithmetic_side_effects)]

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;
use crate::scheme::{PRESETS, Signed};
use Part::{Body, Id, Literal, Secret, Timestamp, Url};
use Unit::{Milliseconds, Rfc3339, Seconds};

const ORIGIN: &str = "https://h.example";
const WHOLE: &str = "https://h.example/a?b=1";

fn without(bytes: &'static [u8]) -> IdForm {
    IdForm::Without(bytes)
}

fn url(text: &str) -> SenderUrl {
    SenderUrl::new(text, false)
}

#[test]
fn row_40_what_has_one_cut_is_taken() {
    let (origin, whole) = (url(ORIGIN), url(WHOLE));
    let dot = Literal(".");
    let colon = Literal(":");
    for (parts, unit, form, url) in [
        (&[Timestamp, dot, Body][..], Seconds, without(b""), None),
        // A time has a fixed length, or an end of its own.
        (&[Timestamp, Body], Seconds, without(b""), None),
        (&[Timestamp, Body], Rfc3339, without(b""), None),
        (&[Body, Timestamp], Rfc3339, without(b""), None),
        (&[Body, Timestamp], Milliseconds, without(b""), None),
        (&[Timestamp, Id, dot, Body], Milliseconds, without(b"."), None),
        // The text that ends the id need not touch it.
        (&[Id, Timestamp, dot, Body], Seconds, without(b"."), None),
        (&[Id, Timestamp, dot, Body], Rfc3339, without(b"."), None),
        (&[Id, Timestamp, colon, Body], Rfc3339, without(b":"), None),
        (&[Id, colon, Timestamp, Body], Rfc3339, without(b":"), None),
        // The first colon is the time's, behind its hour.
        (&[Id, Timestamp, Body], Rfc3339, without(b":"), None),
        (&[Id, Timestamp, Literal("\n"), Body], Seconds, without(b""), None),
        (&[Timestamp, dot, Body, dot, Id], Seconds, without(b"."), None),
        (&[Id, dot, Body, dot, Timestamp], Seconds, without(b"."), None),
        (&[Body, Literal("--"), Id], Seconds, without(b"-"), None),
        (&[Body, dot, Id, colon, Timestamp], Seconds, without(b":."), None),
        (&[Part::Method, Body], Seconds, without(b""), None),
        (&[Body, Part::Method], Seconds, without(b""), None),
        // A whole URL is one text; one that varies holds no line end, no blank and no braces.
        (&[Id, Url, Literal("\n"), Body], Seconds, without(b""), Some(&whole)),
        (&[Url, Body], Seconds, without(b""), Some(&whole)),
        (&[Url, Body], Seconds, without(b""), Some(&origin)),
        (&[Body, Url], Seconds, without(b""), Some(&origin)),
        (&[Url, Timestamp, Body], Seconds, without(b""), Some(&origin)),
        (&[Part::Method, Url, Body, Timestamp], Milliseconds, without(b""), Some(&origin)),
        (&[Id, Literal(" "), Url, Body], Seconds, without(b""), Some(&origin)),
        (&[Url, Literal("\n"), Id, Literal("\n"), Body], Seconds, without(b""), Some(&origin)),
        (&[Url, Part::Method, Body], Seconds, without(b""), Some(&origin)),
        (
            &[Url, Timestamp, Literal("{"), Id, Literal("\n"), Body],
            Seconds,
            without(b""),
            Some(&origin),
        ),
        // What is before a secret, or behind it, has one cut by itself.
        (&[Secret, Body], Seconds, without(b""), None),
        (&[Body, Secret], Seconds, without(b""), None),
        (&[Timestamp, Secret, Body], Seconds, without(b""), None),
        (&[Body, Secret, Timestamp], Rfc3339, without(b""), None),
        (&[Id, dot, Secret, Body], Seconds, without(b"."), None),
        (&[Id, dot, Secret, Body, Timestamp], Seconds, without(b"."), None),
        (&[Secret, Part::Method, Url, Body], Seconds, without(b""), Some(&origin)),
    ] {
        assert_eq!(doubt(parts, Some(unit), form, url), None, "{parts:?} {unit:?} {url:?}");
    }
}

#[test]
fn row_40_what_has_two_cuts_is_refused_with_the_parts_in_doubt() {
    let (origin, whole) = (url(ORIGIN), url(WHOLE));
    let dot = Literal(".");
    let colon = Literal(":");
    for (parts, unit, form, url, expected) in [
        // Nothing between two parts that vary.
        (&[Id, Body][..], Seconds, without(b""), None, (Id, Body)),
        (&[Timestamp, dot, Body, Id], Seconds, without(b"."), None, (Body, Id)),
        (&[Id, Timestamp, Body], Seconds, without(b""), None, (Id, Timestamp)),
        (&[Id, Part::Method, Body], Seconds, without(b""), None, (Id, Part::Method)),
        // Text that the id or the body may hold.
        (&[Id, dot, Timestamp, dot, Body], Seconds, without(b":"), None, (Id, dot)),
        (&[Body, colon, Id], Seconds, without(b"."), None, (Body, colon)),
        (&[Body, dot, Id, colon, Timestamp], Seconds, without(b":"), None, (Body, dot)),
        (&[Id, Timestamp, Literal("1"), Body], Seconds, without(b""), None, (Id, Timestamp)),
        // Text that begins or repeats as what is beside it does.
        (&[Body, dot, Timestamp, dot, Body], Seconds, without(b""), None, (Body, dot)),
        (
            &[Literal("a"), Id, Literal("aa"), Body],
            Seconds,
            without(b""),
            None,
            (Id, Literal("aa")),
        ),
        (&[Body, Literal(".."), Id], Seconds, without(b""), None, (Body, Literal(".."))),
        // A URL beside what may hold it, or that may hold it.
        (&[Id, Url, Body], Seconds, without(b""), Some(&origin), (Id, Url)),
        (&[Url, Id, Body], Seconds, without(b""), Some(&origin), (Url, Id)),
        (&[Id, dot, Url, Body], Seconds, without(b""), Some(&origin), (Id, dot)),
        (&[Url, dot, Id, Literal("\n"), Body], Seconds, without(b""), Some(&origin), (Url, dot)),
        (&[Id, Url, Body], Seconds, without(b""), Some(&whole), (Id, Url)),
        // What stands on both sides of a secret varies in length.
        (&[Id, Secret, Body], Seconds, without(b""), None, (Secret, Body)),
    ] {
        let found = doubt(parts, Some(unit), form, url);
        assert_eq!(found, Some(expected), "{parts:?} {unit:?} {url:?}");
    }
}

/// Beside a URL that varies, the body of HubSpot, Square and Trello is enclosed.
#[test]
fn row_40_every_preset_that_joins_parts_has_one_cut() {
    let mut count = 0;
    for scheme in PRESETS.iter().map(|preset| preset.scheme) {
        let Signed::Parts(parts) = scheme.signed else { continue };
        let unit = scheme.timestamp.map(|rule| rule.unit);
        let form = scheme.id.map_or(without(b""), |rule| rule.form);
        for url in [url(ORIGIN), url(WHOLE), SenderUrl::new(WHOLE, true)] {
            assert_eq!(doubt(parts, unit, form, Some(&url)), None, "{}", scheme.name);
        }
        count += 1;
    }
    assert_eq!(count, 44);
}

#[test]
fn too_many_pairs_are_a_doubt() {
    let long: &'static str = String::leak("a".repeat(300));
    let parts = [Id, Literal(long), Literal("."), Body];
    assert_eq!(doubt(&parts, None, without(b"."), None), Some((Id, Literal(long))));
}

/// How many pairs the check visits for a scheme of every kind of part.
#[test]
fn a_scheme_of_all_parts_takes_few_pairs() {
    let dot = Literal(".");
    let parts = [Part::Method, dot, Id, dot, Url, Literal("\n"), Timestamp, dot, Body];
    let origin = url(ORIGIN);
    let languages = languages(&parts, Some(Rfc3339), without(b"."), Some(&origin));
    let mut pairs = 1;
    assert_eq!(parted(&languages, &mut |_, _| pairs += 1), None);
    assert!(pairs < 400, "{pairs}");
}

#[cfg(not(target_arch = "wasm32"))]
mod property {
    use proptest::prelude::*;
    use proptest::sample::{select, subsequence};

    use super::*;
    use crate::message::Head;
    use crate::scheme::UrlForm;
    use crate::time::parse_rfc3339;

    /// What literals are made of: what other parts hold, begin or end with.
    const LITERALS: [&str; 20] = [
        ".", ":", "-", "--", "..", "1", "0", "20", "17", "T", "Z", "/", "?", "\n", " ", "{", "}",
        "a", "PO", "ST",
    ];
    /// What ids and bodies are made of.
    const PIECES: [&str; 27] = [
        "1",
        "0",
        "17",
        "1760000000",
        "1760000000123",
        "2025-10-09T08:53:20Z",
        "2025-10-09T08:53:20.5+01:00",
        "T08:53:20",
        ".",
        "..",
        ":",
        "-",
        "--",
        "T",
        "Z",
        "a",
        "POST",
        "PUT",
        "https://h",
        "https://h/a",
        "/",
        "?",
        "{",
        "}",
        "\n",
        " ",
        "\u{ff}",
    ];
    const MOMENTS: [&str; 4] = [
        "2025-10-09T08:53:20Z",
        "2025-10-09T08:53:20.5Z",
        "2025-10-09T08:53:20+01:00",
        "2025-10-09T08:53:20.123456789-11:30",
    ];

    /// A scheme to try, and values of its parts.
    #[derive(Clone, Debug)]
    struct Case {
        parts: Vec<Part>,
        unit: Unit,
        form: IdForm,
        url: SenderUrl,
        /// For each part that varies.
        id: Vec<u8>,
        body: Vec<u8>,
        time: &'static str,
        method: Method,
        target: &'static str,
        secret: &'static str,
    }

    fn text() -> impl Strategy<Value = Vec<u8>> {
        let pieces = prop::collection::vec(select(&PIECES[..]), 0..4);
        pieces.prop_map(|pieces| pieces.concat().into_bytes())
    }

    fn case() -> impl Strategy<Value = Case> {
        let named = subsequence(vec![Timestamp, Id, Part::Method, Url, Secret], 0..=4);
        let literals = prop::collection::vec(select(&LITERALS[..]), 0..4);
        let parts = (named, literals).prop_flat_map(|(mut parts, literals)| {
            parts.push(Body);
            parts.extend(literals.into_iter().map(Literal));
            Just(parts).prop_shuffle()
        });
        let forms = [without(b""), without(b"."), without(b":"), without(b".:"), IdForm::Nonce];
        let scheme = (
            parts,
            select(&[Seconds, Milliseconds, Rfc3339][..]),
            select(forms.to_vec()),
            select(&["https://h", "https://h/a"][..]).prop_map(|text| SenderUrl::new(text, false)),
        );
        let values = (
            text(),
            text(),
            select(&MOMENTS[..]),
            select(&Method::ALL[..]),
            select(&["/", "/a", "/a?b=1", "/1760000000", "/?https://h/"][..]),
            select(&["a", "aaaa", "abab", "1.1.1", "kP2v"][..]),
        );
        (scheme, values).prop_map(|((parts, unit, form, url), values)| {
            let (id, body, moment, method, target, secret) = values;
            let id: Vec<u8> = id.into_iter().filter(|byte| form.allows(*byte)).collect();
            let id = if id.is_empty() { b"x".to_vec() } else { id };
            let varies = url.is_origin() && parts.contains(&Url) && !body.is_empty();
            let body = if varies { [b"{", &body[..], b"}"].concat() } else { body };
            let time = match unit {
                Seconds => "1760000000",
                Milliseconds => "1760000000123",
                Rfc3339 => moment,
            };
            let target = if url.is_origin() { target } else { "" };
            Case { parts, unit, form, url, id, body, time, method, target, secret }
        })
    }

    impl Case {
        fn bytes(&self) -> Vec<u8> {
            let called = [self.url.as_str(), self.target].concat();
            let value = |part: &Part| match part {
                Literal(text) => text.as_bytes().to_vec(),
                Timestamp => self.time.into(),
                Id => self.id.clone(),
                Body => self.body.clone(),
                Part::Method => self.method.name().into(),
                Url => called.clone().into_bytes(),
                Secret => self.secret.into(),
            };
            self.parts.iter().flat_map(value).collect()
        }

        /// How many ways there are to cut the bytes, by the parts' own readers: every end of every
        /// part is tried.
        fn cuts(&self, bytes: &[u8]) -> usize {
            let (mut count, mut taken) = (0, Vec::new());
            self.cut(bytes, &mut taken, &mut count);
            count
        }

        fn cut<'b>(&self, left: &'b [u8], taken: &mut Vec<&'b [u8]>, count: &mut usize) {
            let Some(part) = self.parts.get(taken.len()) else {
                *count += usize::from(left.is_empty() && self.is_one_request(taken));
                return;
            };
            for end in 0..=left.len() {
                let (text, rest) = left.split_at(end);
                if self.fits(*part, text) {
                    taken.push(text);
                    self.cut(rest, taken, count);
                    taken.pop();
                }
            }
        }

        fn fits(&self, part: Part, text: &[u8]) -> bool {
            let name = str::from_utf8(text);
            match part {
                Literal(own) => own.as_bytes() == text,
                Timestamp if self.unit == Rfc3339 => has_form_of_moment(text),
                Timestamp => self.unit.parse(text).is_ok(),
                // Of any length: fewer are taken.
                Id => !text.is_empty() && text.iter().all(|byte| self.form.allows(*byte)),
                Body => true,
                Part::Method => name.ok().and_then(Method::from_name).is_some(),
                Url => name.is_ok_and(|url| Head::new("POST", url, Vec::new()).is_some()),
                Secret => self.secret.as_bytes() == text,
            }
        }

        /// Whether the gate signs this URL beside this body.
        fn is_one_request(&self, taken: &[&[u8]]) -> bool {
            let value = |wanted| {
                let at = self.parts.iter().position(|part| *part == wanted)?;
                str::from_utf8(taken[at]).ok().map(|text| (text, taken[at]))
            };
            let Some((called, _)) = value(Url) else { return !self.parts.contains(&Url) };
            let body = taken[self.parts.iter().position(|part| *part == Body).unwrap()];
            let head = Head::new("POST", called, Vec::new()).unwrap();
            UrlForm::AsCalled.signed_url(&self.url, &head, body).as_deref() == Some(called)
        }
    }

    /// `0000-00-00T00:00:00`, a fraction of one to nine digits or none, `Z` or an offset.
    fn has_form_of_moment(text: &[u8]) -> bool {
        let shape: String = String::from_utf8_lossy(text)
            .chars()
            .map(|letter| if letter.is_ascii_digit() { '0' } else { letter })
            .collect();
        let Some(rest) = shape.strip_prefix("0000-00-00T00:00:00") else { return false };
        let rest = match rest.strip_prefix('.') {
            Some(fraction) => {
                let behind = fraction.trim_start_matches('0');
                let offset = behind.is_empty();
                let digits = fraction.len() - behind.len();
                if offset || !(1..=9).contains(&digits) {
                    return false;
                }
                behind
            }
            None => rest,
        };
        ["Z", "+00:00", "-00:00"].contains(&rest)
    }

    /// Bytes that the search came to the end of in two ways.
    fn witness(case: &Case) -> Option<Vec<u8>> {
        let languages = languages(&case.parts, Some(case.unit), case.form, Some(&case.url));
        let mut steps = vec![(0, 0)];
        let (_, mut at) = parted(&languages, &mut |from, byte| steps.push((from, byte)))?;
        assert!(steps.len() <= MAX_PAIRS, "{}", steps.len());
        let mut bytes = Vec::new();
        while at > 0 {
            bytes.push(steps[at].1);
            at = steps[at].0;
        }
        bytes.reverse();
        Some(bytes)
    }

    fn is_refused(case: &Case) -> bool {
        doubt(&case.parts, Some(case.unit), case.form, Some(&case.url)).is_some()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn row_40_nothing_moves_between_the_parts_of_a_scheme_that_is_taken(case in case()) {
            let bytes = case.bytes();
            let cuts = case.cuts(&bytes);
            prop_assert!(cuts >= 1, "{:?} is not what was joined", String::from_utf8_lossy(&bytes));
            if !is_refused(&case) {
                prop_assert_eq!(cuts, 1, "{:?}", String::from_utf8_lossy(&bytes));
            }
        }

        #[test]
        fn row_40_what_is_refused_has_bytes_with_two_cuts(case in case()) {
            // Of what a secret is, nothing is known, so more is refused than could be shown.
            if !case.parts.contains(&Secret) && is_refused(&case) {
                let bytes = witness(&case).unwrap();
                let cuts = case.cuts(&bytes);
                prop_assert!(cuts > 1, "{:?} has {cuts}", String::from_utf8_lossy(&bytes));
            }
        }

        #[test]
        fn a_language_holds_what_the_gate_reads(
            second in 0..253_402_300_799_u64,
            fraction in "(\\.[0-9]{1,9})?",
            offset in "Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9]",
        ) {
            let text = UnixSeconds::new(second).to_rfc3339();
            let text = format!("{}{fraction}{offset}", text.trim_end_matches('Z'));
            // Before 1970 by its offset, it is none.
            prop_assume!(parse_rfc3339(text.as_bytes()).is_ok());
            prop_assert!(has_form_of_moment(text.as_bytes()));
            let mut at = 0;
            for byte in text.bytes() {
                at = Language::Moment.step(at, byte).unwrap();
            }
            prop_assert!(Language::Moment.ends(at));
        }
    }

    use crate::time::UnixSeconds;

    #[test]
    fn methods_are_read_letter_by_letter() {
        for method in Method::ALL {
            let mut at = 0;
            for byte in method.name().bytes() {
                assert!(!Language::Method.ends(at));
                at = Language::Method.step(at, byte).unwrap();
            }
            assert!(Language::Method.ends(at));
            assert!((0..=u8::MAX).all(|byte| Language::Method.step(at, byte).is_none()));
        }
        assert_eq!(Language::Method.step(0, b'T'), None);
    }
}

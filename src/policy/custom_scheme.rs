//! A scheme that the policy describes itself, in the words of [`crate::scheme`].

use super::name::{is_id, is_token};
use super::reader::{Table, Value, word};
use crate::algorithm::Algorithm;
use crate::policy_error::PolicyProblem;
use crate::scheme::{
    Encoding, Format, IdForm, IdRule, OPERATORS_SECRET, Part, Scheme, SenderUrl, SignatureRule,
    Signed, Source, TimestampRule, Unit, UrlForm, doubt,
};
use crate::secret::KeyForm;

/// Seconds a timestamp may lie before or after now, where neither scheme nor sender says.
const DEFAULT_TOLERANCE: u32 = 60;

/// Reads the table behind `scheme`. The scheme lives as long as the program: a policy is read
/// once, and everything it describes is small. `url` is that of the sender.
pub(super) fn read(table: &mut Table<'_, '_>, url: Option<&SenderUrl>) -> Option<&'static Scheme> {
    let name = table.required("name", |value| value.string_where(is_id, PolicyProblem::InvalidId));
    let sources = table.required("signature", |value| {
        value.string_where(is_token, PolicyProblem::InvalidFieldName)
    });
    let prefix = table.optional("prefix", |value| value.string());
    let list = table.optional_table("list", read_list);
    let encoding = word(table, "encoding", &ENCODINGS, Encoding::Hex);
    let algorithm = word(table, "algorithm", &ALGORITHMS, Algorithm::HmacSha256);
    let key = word(table, "key", &KEYS, KeyForm::Utf8);
    let timestamp = table.optional_table("timestamp", read_timestamp);
    let id =
        table.optional("id", |value| value.string_where(is_token, PolicyProblem::InvalidFieldName));
    let signed = table.required("signed", |value| value.list(read_part));
    if prefix.is_some() && list.is_some() {
        table.report("prefix", PolicyProblem::PrefixInList);
    }
    let form = signed.as_ref().and_then(|signed| {
        check_signed(table, signed, timestamp.is_some(), id.is_some(), algorithm)?;
        id_form(table, signed, timestamp.map(|rule| rule.unit), url)
    });
    table.end();
    let format = list.unwrap_or(Format::Raw { prefix: keep(prefix.unwrap_or_default()) });
    let (signed, form) = (signed?, form?);
    Some(Box::leak(Box::new(Scheme {
        name: keep(name?),
        signature: SignatureRule {
            sources: Box::leak(Box::new([Source::Field(keep(sources?))])),
            format,
            encoding: encoding?,
        },
        timestamp,
        id: id.map(|field| IdRule { source: Source::Field(keep(field)), form }),
        required: &[],
        signed: Signed::Parts(Vec::leak(signed)),
        url_form: UrlForm::AsCalled,
        algorithm: algorithm?,
        key: key?,
        min_secret: OPERATORS_SECRET,
        tolerance: DEFAULT_TOLERANCE,
        fallback: None,
        handshake: None,
    })))
}

fn keep(text: String) -> &'static str {
    String::leak(text)
}

const ENCODINGS: [(&str, Encoding); 3] =
    [("hex", Encoding::Hex), ("base64", Encoding::Base64), ("base64url", Encoding::Base64Url)];
const ALGORITHMS: [(&str, Algorithm); 7] = [
    ("hmac-sha1", Algorithm::HmacSha1),
    ("hmac-sha256", Algorithm::HmacSha256),
    ("hmac-sha384", Algorithm::HmacSha384),
    ("hmac-sha512", Algorithm::HmacSha512),
    ("sha256", Algorithm::Sha256),
    ("ed25519", Algorithm::Ed25519),
    ("ecdsa-p256", Algorithm::EcdsaP256),
];
const KEYS: [(&str, KeyForm); 3] =
    [("utf8", KeyForm::Utf8), ("hex", KeyForm::Hex), ("base64", KeyForm::Base64 { prefix: "" })];
const UNITS: [(&str, Unit); 3] =
    [("s", Unit::Seconds), ("ms", Unit::Milliseconds), ("rfc3339", Unit::Rfc3339)];

/// `{ separator = ",", joiner = "=", key = "v1" }`
fn read_list(table: &mut Table<'_, '_>) -> Option<Format> {
    let byte = |value: &mut Value<'_, '_>| {
        let text = value.string()?;
        let single = match text.as_bytes() {
            [byte] if byte.is_ascii_punctuation() || *byte == b' ' => Some(*byte),
            _ => None,
        };
        value.or_report(single, PolicyProblem::Expected("one ASCII punctuation mark or a space"))
    };
    let separator = table.required("separator", byte);
    let joiner = table.required("joiner", byte);
    let key = table
        .required("key", |value| value.string_where(is_token, PolicyProblem::InvalidFieldName));
    table.end();
    Some(Format::Members { separator: separator?, joiner: joiner?, key: keep(key?) })
}

/// `{ field = "X-Time", unit = "s" }`, or with `parameter` in place of `field`.
fn read_timestamp(table: &mut Table<'_, '_>) -> Option<TimestampRule> {
    let parameter = table.optional("parameter", |value| {
        value.string_where(is_token, PolicyProblem::InvalidFieldName)
    });
    let source = match parameter {
        Some(name) => Some(Source::Parameter(keep(name))),
        None => table
            .required("field", |value| {
                value.string_where(is_token, PolicyProblem::InvalidFieldName)
            })
            .map(|name| Source::Field(keep(name))),
    };
    let unit = word(table, "unit", &UNITS, Unit::Seconds);
    table.end();
    Some(TimestampRule { source: source?, unit: unit? })
}

/// The parts that have a name.
const NAMED: [Part; 6] =
    [Part::Timestamp, Part::Id, Part::Body, Part::Method, Part::Url, Part::Secret];

/// `{name}` of a part, or literal text without braces.
fn read_part(value: &mut Value<'_, '_>) -> Option<Part> {
    let text = value.string()?;
    let part = match NAMED.into_iter().find(|part| written(*part) == text) {
        Some(part) => Some(part),
        None if text.is_empty() || text.contains(['{', '}']) => None,
        None => Some(Part::Literal(keep(text))),
    };
    value.or_report(part, PolicyProblem::UnknownPart)
}

/// Refuses signed bytes that protect less than they seem to. `None` if it did.
fn check_signed(
    table: &mut Table<'_, '_>,
    signed: &[Part],
    has_time: bool,
    has_id: bool,
    algorithm: Option<Algorithm>,
) -> Option<()> {
    let count = |part: Part| signed.iter().filter(|other| **other == part).count();
    let needs = |there: bool, part| count(part) == usize::from(there);
    let keyed = algorithm.is_none_or(|it| needs(it == Algorithm::Sha256, Part::Secret));
    let mut sound = true;
    for (holds, problem) in [
        (count(Part::Body) == 1, PolicyProblem::BodyNotSigned),
        (needs(has_time, Part::Timestamp), PolicyProblem::TimestampNotSigned),
        (needs(has_id, Part::Id), PolicyProblem::IdNotSigned),
        (keyed, PolicyProblem::SecretInMac),
    ] {
        if !holds {
            table.report("signed", problem);
            sound = false;
        }
    }
    sound.then_some(())
}

/// What an id may be under which the signed bytes have one cut; a report where they have more.
///
/// It may not hold the first character of the text that follows it. Where that leaves a doubt, or
/// none follows, it may not hold the last character of the text before it either.
fn id_form(
    table: &mut Table<'_, '_>,
    signed: &[Part],
    unit: Option<Unit>,
    url: Option<&SenderUrl>,
) -> Option<IdForm> {
    let mut sides = signed.split(|part| *part == Part::Id);
    let (before, behind) = (sides.next().unwrap_or_default(), sides.next().unwrap_or_default());
    let next = behind.iter().find_map(|part| literal(part).first());
    let last = before.iter().rev().find_map(|part| literal(part).last());
    let both: Vec<u8> = next.into_iter().chain(last).copied().collect();
    let both: &'static [u8] = Vec::leak(both);
    let forms = [both.get(..1).unwrap_or_default(), both].map(IdForm::Without);
    let mut left = None;
    for form in forms {
        // A URL that is missing is reported with the sender.
        let unknown = url.is_none() && signed.contains(&Part::Url);
        left = if unknown { None } else { doubt(signed, unit, form, url) };
        if left.is_none() {
            return Some(form);
        }
    }
    if let Some((ends, begins)) = left {
        let (ends, begins) = (written(ends), written(begins));
        table.report("signed", PolicyProblem::AmbiguousParts { ends, begins });
    }
    None
}

/// The bytes of a literal part; none of any other.
fn literal(part: &Part) -> &'static [u8] {
    match part {
        Part::Literal(text) => text.as_bytes(),
        _ => &[],
    }
}

/// A part as the policy writes it.
fn written(part: Part) -> &'static str {
    match part {
        Part::Literal(text) => text,
        Part::Timestamp => "{timestamp}",
        Part::Id => "{id}",
        Part::Body => "{body}",
        Part::Method => "{method}",
        Part::Url => "{url}",
        Part::Secret => "{secret}",
    }
}

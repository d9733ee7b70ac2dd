//! The checks one by one: what each read and what it compared that with.
//!
//! Each step asks the verifier's own functions. What they say is what a step has failed by; the
//! texts beside it only tell what was looked at.

use serde::Serialize;

use super::visible::visible;
use crate::message::{Head, Method, Occurrence};
use crate::message_signature::{SIGNATURE, SIGNATURE_INPUT};
use crate::rejection::Rejection;
use crate::scheme::{Encoding, Format, Presented, Scheme, Source, Unit, Value};
use crate::time::UnixSeconds;
use crate::verifier::{Route, check_body, check_framing};

/// One check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// Its name: `route`, `method`, `framing`, `handshake`, `fields`, `timestamp`, `window`, `form`,
    /// `secrets`, `body`, `signature`, `target`, `content`, `replay`.
    pub check: &'static str,
    /// Whether the request passed it.
    pub passed: bool,
    /// What was read of the request, invisible characters written out.
    pub read: String,
    /// What it was compared with.
    pub compared: String,
}

impl Step {
    pub(super) fn new(
        check: &'static str,
        passed: bool,
        read: impl Into<String>,
        compared: impl Into<String>,
    ) -> Self {
        Self { check, passed, read: read.into(), compared: compared.into() }
    }
}

/// What the head says of the body.
pub(super) fn framing(head: &Head<'_>, route: &Route) -> Step {
    let field = |name: &str| match head.single(name) {
        Occurrence::Absent => "absent".to_owned(),
        Occurrence::Once(value) => visible(value),
        Occurrence::Repeated => "twice".to_owned(),
    };
    let coding = if route.allow_content_encoding { "any coding" } else { "no coding" };
    Step::new(
        "framing",
        check_framing(head, route).is_ok(),
        format!(
            "Content-Length {}, Content-Encoding {}",
            field("content-length"),
            field("content-encoding")
        ),
        format!("at most {} bytes, {coding}", route.max_body),
    )
}

/// The body's own length.
pub(super) fn body(body: &[u8], route: &Route, method: Method) -> Step {
    let may = if method.may_have_body() { "may have a body" } else { "has no body" };
    Step::new(
        "body",
        check_body(body.len(), route, method).is_ok(),
        format!("{} bytes", body.len()),
        format!("at most {} bytes; {} {may}", route.max_body, method.name()),
    )
}

/// The values that the scheme reads, in the order of its checks, up to the one that `outcome`, what
/// [`Scheme::present`] gave, was refused by.
pub(super) fn presented(
    scheme: &Scheme,
    head: &Head<'_>,
    body: &[u8],
    outcome: &Result<Presented<'_>, Rejection>,
    window: (UnixSeconds, u32, Option<i64>),
) -> Vec<Step> {
    let refused = outcome.as_ref().err();
    let fields = field_texts(scheme, head, body);
    let repeated = fields.iter().any(|(_, value)| value.is_none());
    let missing = matches!(refused, Some(Rejection::MissingSignature))
        || (repeated && matches!(refused, Some(Rejection::InvalidSignature)));
    let shown = fields.iter().map(|(name, value)| match value {
        Some(text) if text.is_empty() => format!("{name} absent"),
        Some(text) => format!("{name}: {text}"),
        None => format!("{name} twice"),
    });
    let mut steps = vec![Step::new(
        "fields",
        !missing,
        shown.collect::<Vec<_>>().join("; "),
        "each once and not empty; of several signature fields, one",
    )];
    if missing {
        return steps;
    }
    if let Some(rule) = scheme.timestamp {
        let readable = !matches!(refused, Some(Rejection::InvalidTimestamp { .. }));
        let text = text_of(scheme, &rule.source, head, body).flatten().unwrap_or_default();
        let form = match rule.unit {
            Unit::Seconds => "Unix seconds, exactly ten digits",
            Unit::Milliseconds => "Unix milliseconds, exactly thirteen digits",
            Unit::Rfc3339 => "a moment as RFC 3339 writes it",
        };
        steps.push(Step::new("timestamp", readable, text, form));
    } else if matches!(refused, Some(Rejection::InvalidTimestamp { .. })) {
        steps.push(Step::new("timestamp", false, "created or expires", "ten digits"));
    }
    if matches!(refused, Some(Rejection::InvalidTimestamp { .. })) {
        return steps;
    }
    let (now, tolerance, skew) = window;
    let stale = matches!(refused, Some(Rejection::StaleTimestamp { .. }));
    if let Some(skew) = skew {
        let apart = if skew >= 0 { "behind" } else { "ahead of" };
        steps.push(Step::new(
            "window",
            !stale,
            format!("{} s {apart} the gate's clock", skew.unsigned_abs()),
            format!("{} ± {tolerance} s", now.to_rfc3339()),
        ));
    }
    if stale {
        return steps;
    }
    let id = scheme.id.map(|rule| format!("; an id of {}", rule.form.description()));
    let form = format!("{}{}", signature_form(scheme), id.unwrap_or_default());
    let sent = fields.first().and_then(|(_, text)| text.clone()).unwrap_or_default();
    steps.push(Step::new("form", refused.is_none(), sent, form));
    steps
}

fn signature_form(scheme: &Scheme) -> String {
    if scheme.signs_components() {
        return "two dictionaries (RFC 9651) with the same labels, created and keyid".to_owned();
    }
    let encoding = match scheme.signature.encoding {
        Encoding::LowerHex => "hexadecimal digits in lower case",
        Encoding::Hex => "hexadecimal digits",
        Encoding::Base64 => "base64 with padding",
        Encoding::Base64Url => "URL-safe base64 without padding",
        Encoding::AnyBase64 => "base64, either alphabet",
        Encoding::Plain => "the secret as it is",
    };
    match scheme.signature.format {
        Format::Raw { prefix: "" } => encoding.to_owned(),
        Format::Raw { prefix } => format!("{prefix:?} and {encoding}"),
        Format::Stamped => format!("the time, \"-\" and {encoding}"),
        Format::Members { separator, joiner, key } => format!(
            "members parted by {:?}, of which {key}{} has {encoding}",
            char::from(separator),
            char::from(joiner)
        ),
    }
}

/// The fields and parameters that the scheme reads, with the text of each: empty where it is absent,
/// nothing where it stands twice.
fn field_texts(scheme: &Scheme, head: &Head<'_>, body: &[u8]) -> Vec<(String, Option<String>)> {
    if scheme.signs_components() {
        let text =
            |name: &str| head.combined(name).map(|value| visible(&value)).unwrap_or_default();
        return [SIGNATURE_INPUT, SIGNATURE].map(|name| (name.to_owned(), Some(text(name)))).into();
    }
    let sources = scheme.signature.sources.iter().copied();
    let time = scheme.timestamp.map(|rule| rule.source);
    let id = scheme.id.map(|rule| rule.source);
    let read = |source: Source| {
        let text = text_of(scheme, &source, head, body)?;
        Some((name_of(&source), text))
    };
    let mut found: Vec<_> = sources.chain(time).chain(id).filter_map(read).collect();
    for (name, _) in scheme.required {
        let text = match head.single(name) {
            Occurrence::Absent => Some(String::new()),
            Occurrence::Once(value) => Some(visible(value)),
            Occurrence::Repeated => None,
        };
        found.push(((*name).to_owned(), text));
    }
    found
}

/// A value's text; an inner nothing where it stands twice.
fn text_of(
    scheme: &Scheme,
    source: &Source,
    head: &Head<'_>,
    body: &[u8],
) -> Option<Option<String>> {
    match scheme.value(source, head, scheme.document(Some(body))) {
        Value::Absent => Some(Some(String::new())),
        Value::Once(value) => Some(Some(visible(&value))),
        Value::Repeated => Some(None),
        Value::Later => None,
    }
}

/// How a source is called.
pub(super) fn name_of(source: &Source) -> String {
    match source {
        Source::Field(name) => (*name).to_owned(),
        Source::Parameter(name) => format!("member {name:?} of the signature"),
        Source::Query(name) => format!("query parameter {name}"),
        Source::Json(path) => format!("{} of the body", path.join(".")),
    }
}

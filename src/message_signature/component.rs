//! The components of a request that a signature covers (RFC 9421 section 2).

use super::structured_field::{BareItem, Item, Parameter, dictionary, join, list};
use crate::encoding;
use crate::message::Head;
use crate::scheme::{FORM_MARKS, form_pairs, percent_encode, split_scheme};

/// What of a request is known otherwise than from its head.
#[derive(Clone, Copy)]
pub(crate) struct Target<'p> {
    /// Scheme and authority by which the signer called the request; the received ones where there
    /// is none.
    pub(crate) origin: Option<&'p str>,
}

/// The value of a component; nothing where the identifier is malformed, unknown, or of a response,
/// or where the request has no such component.
pub(crate) fn value(identifier: &Item, head: &Head<'_>, target: Target<'_>) -> Option<String> {
    let BareItem::String(name) = &identifier.value else { return None };
    let parameters = &identifier.parameters;
    if let Some(derived) = name.strip_prefix('@') {
        return match parameters.as_slice() {
            [] => derived_value(derived, head, target),
            [only] if derived == "query-param" && only.name == "name" => match &only.value {
                BareItem::String(name) => query_parameter(head.query(), name),
                _ => None,
            },
            _ => None,
        };
    }
    if name.is_empty() || name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    // `sf` says nothing beside `key`, which implies it.
    let has_key = parameters.iter().any(|parameter| parameter.name == "key");
    let redundant = |parameter: &&Parameter| {
        has_key && parameter.name == "sf" && parameter.value == BareItem::Boolean(true)
    };
    let parameters: Vec<&Parameter> =
        parameters.iter().filter(|parameter| !redundant(parameter)).collect();
    let value = match parameters.as_slice() {
        [] => {
            let value = head.combined(name)?;
            String::from_utf8(value.to_vec()).ok()?
        }
        [only] => match (only.name.as_str(), &only.value) {
            ("sf", BareItem::Boolean(true)) => structured(&head.combined(name)?)?,
            ("bs", BareItem::Boolean(true)) => {
                let lines: Vec<String> = head.values(name).map(wrapped).collect();
                (!lines.is_empty()).then(|| lines.join(", "))?
            }
            ("key", BareItem::String(key)) => dictionary_member(&head.combined(name)?, key)?,
            _ => return None,
        },
        _ => return None,
    };
    value.is_ascii().then_some(value)
}

/// Section 2.2.
fn derived_value(name: &str, head: &Head<'_>, target: Target<'_>) -> Option<String> {
    let url = head.url();
    let (received, rest) = url.split_at_checked(url.len().checked_sub(head.target().len())?)?;
    let origin = target.origin.unwrap_or(received);
    let (scheme, authority) = split_scheme(origin)?;
    Some(match name {
        "method" => head.method().to_owned(),
        "target-uri" => format!("{scheme}://{}{rest}", authority_of(scheme, authority)),
        "authority" => authority_of(scheme, authority),
        "scheme" => scheme.to_ascii_lowercase(),
        "request-target" => head.target().to_owned(),
        "path" => head.path().to_owned(),
        "query" => format!("?{}", head.query()),
        _ => return None,
    })
}

/// In lower case, without the port that the scheme implies (section 2.2.3).
fn authority_of(scheme: &str, authority: &str) -> String {
    let implied = if scheme == "https" { ":443" } else { ":80" };
    authority.strip_suffix(implied).unwrap_or(authority).to_ascii_lowercase()
}

/// Section 2.2.8: the one parameter with this name, which is itself escaped.
fn query_parameter(query: &str, name: &str) -> Option<String> {
    let mut values = form_pairs(query.as_bytes())
        .filter(|(key, _)| escaped(key) == name)
        .map(|(_, value)| escaped(&value));
    match (values.next(), values.next()) {
        (Some(value), None) => Some(value),
        _ => None,
    }
}

/// As the URL Standard writes a component in a form, a space as `%20`; what is not UTF-8 is read as
/// U+FFFD.
fn escaped(text: &[u8]) -> String {
    percent_encode(String::from_utf8_lossy(text).as_bytes(), FORM_MARKS)
}

/// Section 2.1.1. A text that can be read as more than one type prints back alike as each.
fn structured(value: &[u8]) -> Option<String> {
    dictionary(value)
        .map(|entries| join(&entries))
        .or_else(|| list(value).map(|members| join(&members)))
}

/// Section 2.1.2.
fn dictionary_member(value: &[u8], key: &str) -> Option<String> {
    let entry = dictionary(value)?.into_iter().find(|entry| entry.name == key)?;
    Some(entry.member.to_string())
}

/// Section 2.1.3.
fn wrapped(line: &[u8]) -> String {
    format!(":{}:", encoding::to_base64(line.trim_ascii()))
}

//! Contentful's app requests: method, path, the header fields that one of them names, body.
//!
//! <https://www.contentful.com/developers/docs/extensibility/app-framework/request-verification/>

use super::Message;
use crate::message::{Head, each_named, has_replacement, percent_encode};

/// The field that names the signed ones.
const SIGNED_HEADERS: &str = "x-contentful-signed-headers";
/// Fields that must be among them; the first is the list itself.
const REQUIRED: [&str; 2] = [SIGNED_HEADERS, "x-contentful-timestamp"];

/// The most signed fields. Contentful signs up to a dozen of its own, and those that an app function
/// adds.
const MAX_NAMES: usize = 64;
/// Bytes of all that is signed before the body: a target of 16 KB, escaped, and some fields.
const MAX_HEAD: usize = 32 << 10;

/// Whether the list has this name.
pub(in crate::scheme) fn names_as_signed(head: &Head<'_>, name: &[u8]) -> bool {
    let mut found = false;
    for list in head.values(SIGNED_HEADERS) {
        each_named(list, &mut |own| found |= own.eq_ignore_ascii_case(name));
    }
    found
}

/// Four lines. Nothing where the list leaves out a field that must be signed, is not in order, or
/// names a field that is not there; or where a value could be read as two fields
/// or may not be what was sent.
pub(super) fn message<'p>(head: &Head<'p>, body: &'p [u8]) -> Option<Message<'p>> {
    let list = head.combined(SIGNED_HEADERS)?;
    let names: Vec<&str> =
        str::from_utf8(&list).ok()?.split(',').take(MAX_NAMES.saturating_add(1)).collect();
    let in_order = names.is_sorted_by(|one, next| one < next);
    if names.len() > MAX_NAMES || !in_order || !REQUIRED.iter().all(|name| names.contains(name)) {
        return None;
    }
    let mut text = format!("{}\n{}\n", head.method(), path(head.target())?).into_bytes();
    for (place, name) in names.iter().enumerate() {
        if place > 0 {
            text.push(b';');
        }
        let value = head.combined(name).filter(|value| !has_replacement(value))?;
        if text.len().saturating_add(value.len()) > MAX_HEAD || name.contains(':') {
            return None;
        }
        if value.split(|byte| *byte == b';').skip(1).any(|part| starts_a_field(part, &names)) {
            return None;
        }
        text.extend_from_slice(name.as_bytes());
        text.push(b':');
        text.extend_from_slice(&value);
    }
    text.push(b'\n');
    Some(Message { made: text, received: body })
}

/// Whether a text starts as one of these fields would be written; they are in order, and have no colon.
fn starts_a_field(text: &[u8], names: &[&str]) -> bool {
    let Some(end) = text.iter().position(|byte| *byte == b':') else { return false };
    let start = text.get(..end).unwrap_or_default();
    names.binary_search_by(|name| name.as_bytes().cmp(start)).is_ok()
}

/// Marks that Node's `querystring.escape` leaves, and those that `encodeURI` does.
const QUERY_MARKS: &[u8] = b"-_.!~*'()";
const URI_MARKS: &[u8] = b"-_.!~*'();,/?:@&=+$#";

/// Path and query as they are signed: the query escaped as a whole, as `encodeURIComponent` does
/// but for a few marks, then all of it as `encodeURI` does, which escapes the percent signs again.
/// Nothing for a second `?`: Contentful's own reader drops what follows it.
fn path(target: &str) -> Option<String> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    if query.contains('?') {
        return None;
    }
    let mut signed = percent_encode(path.as_bytes(), URI_MARKS);
    if !query.is_empty() {
        signed.push('?');
        let query = percent_encode(query.as_bytes(), QUERY_MARKS);
        signed.push_str(&percent_encode(query.as_bytes(), URI_MARKS));
    }
    Some(signed)
}

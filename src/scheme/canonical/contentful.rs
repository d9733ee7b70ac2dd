//! Contentful's app requests: method, path, the header fields that one of them names, body.
//!
//! <https://www.contentful.com/developers/docs/extensibility/app-framework/request-verification/>

use super::Message;
use crate::message::Head;
use crate::scheme::percent_encode;

/// The field that names the signed ones.
const SIGNED_HEADERS: &str = "x-contentful-signed-headers";
/// Fields that must be among them; the first is the list itself.
const REQUIRED: [&str; 2] = [SIGNED_HEADERS, "x-contentful-timestamp"];

/// Four lines. Nothing where the list leaves out a field that must be signed, is not in order, or
/// names a field that is not there; or where a value could be read as two fields.
pub(super) fn message<'p>(head: &Head<'p>, body: &'p [u8]) -> Option<Message<'p>> {
    let list = head.combined(SIGNED_HEADERS)?;
    let names: Vec<&str> = str::from_utf8(&list).ok()?.split(',').collect();
    let in_order = names.is_sorted_by(|one, next| one < next);
    if !in_order || !REQUIRED.iter().all(|name| names.contains(name)) {
        return None;
    }
    let mut text = format!("{}\n{}\n", head.method(), path(head.target())?).into_bytes();
    for (place, name) in names.iter().enumerate() {
        if place > 0 {
            text.push(b';');
        }
        let value = head.combined(name)?;
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

/// Whether a text starts as one of these fields would be written.
fn starts_a_field(text: &[u8], names: &[&str]) -> bool {
    names.iter().any(|name| {
        text.strip_prefix(name.as_bytes()).is_some_and(|behind| behind.starts_with(b":"))
    })
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

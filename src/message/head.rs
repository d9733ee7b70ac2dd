//! The head of an HTTP request, as the verifier reads it (RFC 9110).

use std::borrow::Cow;

use super::origin::Origin;
use super::url::split_scheme;

/// The largest number of field lines a head may have; a request with more is not looked at.
///
/// Cloudflare limits all request fields together to 128 KB, and real requests carry a few dozen.
pub(crate) const MAX_FIELDS: usize = 256;

/// One field line: a name and its value (RFC 9110 section 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    name: &'a str,
    value: &'a [u8],
}

impl<'a> Field<'a> {
    /// A field line. The name is compared without regard to case; the value is the bytes as
    /// received, without the white space around them.
    pub fn new(name: &'a str, value: &'a [u8]) -> Self {
        Self { name, value }
    }

    /// The name, in the case it arrived in.
    pub fn name(&self) -> &'a str {
        self.name
    }

    /// The value's bytes.
    pub fn value(&self) -> &'a [u8] {
        self.value
    }
}

/// How often a field that must stand alone was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Occurrence<'a> {
    /// Not at all, or with an empty value.
    Absent,
    /// Once, with these bytes.
    Once(&'a [u8]),
    /// More than once, be it on several lines or joined on one with a comma.
    Repeated,
}

/// Method, target and fields of a request, borrowed from the adapter that received it.
#[derive(Clone, Debug)]
pub struct Head<'a> {
    method: &'a str,
    url: &'a str,
    target: &'a str,
    fields: Vec<Field<'a>>,
}

impl<'a> Head<'a> {
    /// A head with the method, the absolute URL and the field lines in the order received.
    /// Nothing where the URL is not `http` or `https`, a host, perhaps a port, and a path, or there
    /// are more than 256 fields.
    pub fn new(method: &'a str, url: &'a str, fields: Vec<Field<'a>>) -> Option<Self> {
        let target = origin_form(url)?;
        (fields.len() <= MAX_FIELDS).then_some(Self { method, url, target, fields })
    }

    /// Reads a head from lines separated by LF: method, absolute URL, then a name and a value
    /// in turn. No part of a head can hold an LF, so the form is not ambiguous.
    ///
    /// Gives nothing where a line is missing, the URL is not absolute, or there are more than
    /// 256 fields.
    pub fn from_lines(lines: &'a str) -> Option<Self> {
        let rest = &mut Some(lines);
        let (method, url) = (next_line(rest)?, next_line(rest)?);
        let mut fields = Vec::with_capacity(32);
        while let Some(name) = next_line(rest) {
            fields.push(Field::new(name, next_line(rest)?.as_bytes()));
        }
        Self::new(method, url, fields)
    }

    /// The request method, case-sensitive (RFC 9110 section 9.1).
    pub fn method(&self) -> &'a str {
        self.method
    }

    /// The absolute URL that was called.
    pub fn url(&self) -> &'a str {
        self.url
    }

    /// Host and port that were called; without the port where it is the scheme's own.
    pub(crate) fn authority(&self) -> &'a str {
        let origin = self.url.strip_suffix(self.target).unwrap_or_default();
        split_scheme(origin).map_or("", |(_scheme, authority)| authority)
    }

    /// Path and query as received. The path that matches a route has no character that `fetch`
    /// would write otherwise; of the query it may still escape some, such as `'`.
    pub fn target(&self) -> &'a str {
        self.target
    }

    /// The path, without the query.
    pub fn path(&self) -> &'a str {
        self.target.split_once('?').map_or(self.target, |(path, _query)| path)
    }

    /// The query, without its `?`; empty where there is none.
    pub(crate) fn query(&self) -> &'a str {
        self.target.split_once('?').map_or("", |(_path, query)| query)
    }

    /// The field lines in the order received.
    pub fn fields(&self) -> &[Field<'a>] {
        &self.fields
    }

    /// The values of every line with this name.
    pub(crate) fn values(&self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        self.fields
            .iter()
            .filter(move |field| is_same_name(field.name, name.as_bytes()))
            .map(|field| field.value)
    }

    /// All values of a field that is a list, joined as one line (RFC 9110 section 5.3).
    pub(crate) fn combined(&self, name: &str) -> Option<Cow<'a, [u8]>> {
        let mut values = self.values(name);
        let mut list = Cow::Borrowed(values.next()?);
        for value in values {
            let list = list.to_mut();
            list.extend_from_slice(b", ");
            list.extend_from_slice(value);
        }
        Some(list)
    }

    /// Whether the head says that a body follows (RFC 9112 section 6).
    pub(crate) fn declares_body(&self) -> bool {
        match self.single("content-length") {
            Occurrence::Absent => self.values("transfer-encoding").next().is_some(),
            Occurrence::Once(length) => length != b"0",
            Occurrence::Repeated => true,
        }
    }

    /// Whether the content is of this media type, parameters aside (RFC 9110 section 8.3.1).
    pub(crate) fn has_media_type(&self, media_type: &str) -> bool {
        let Occurrence::Once(value) = self.single("content-type") else { return false };
        let essence = value.split(|byte| *byte == b';').next().unwrap_or_default();
        essence.trim_ascii().eq_ignore_ascii_case(media_type.as_bytes())
    }

    /// The value of a field that may stand only once and holds no comma.
    ///
    /// Lines of one name may arrive joined with a comma (RFC 9110 section 5.3), as the Workers
    /// runtime hands them over, so a comma counts as a repeat.
    pub(crate) fn single(&self, name: &str) -> Occurrence<'a> {
        let mut values = self.values(name);
        let Some(value) = values.next() else { return Occurrence::Absent };
        if values.next().is_some() || memchr::memchr(b',', value).is_some() {
            return Occurrence::Repeated;
        }
        if value.is_empty() { Occurrence::Absent } else { Occurrence::Once(value) }
    }
}

/// Whether two names of fields are one (RFC 9110 section 5.1). Most are told apart by their lengths:
/// comparing is a call.
pub(crate) fn is_same_name(name: &str, other: &[u8]) -> bool {
    name.len() == other.len() && name.as_bytes().eq_ignore_ascii_case(other)
}

/// The field that names others, which speak of one connection only (RFC 9110 section 7.6.1).
pub(crate) const CONNECTION: &str = "connection";

/// Calls `found` with each name in a value that is a list of names, such as that of `Connection`.
pub(crate) fn each_named<'c>(value: &'c [u8], found: &mut dyn FnMut(&'c [u8])) {
    value.split(|byte| *byte == b',').for_each(|name| found(name.trim_ascii()));
}

/// Whether a value has U+FFFD. Runtimes that give values as text put it in place of bytes that are not
/// UTF-8, and send the bytes on: what is verified over it says nothing about what the origin gets.
pub(crate) fn has_replacement(value: &[u8]) -> bool {
    let replacement = "\u{fffd}".as_bytes();
    value.windows(replacement.len()).any(|bytes| bytes == replacement)
}

/// The next of the lines, and what is behind it.
pub(crate) fn next_line<'a>(rest: &mut Option<&'a str>) -> Option<&'a str> {
    let lines = (*rest)?;
    let end = memchr::memchr(b'\n', lines.as_bytes()).unwrap_or(lines.len());
    *rest = lines.get(end.saturating_add(1)..);
    lines.get(..end)
}

/// The origin form of an absolute URL: what follows the authority, from the `/` on. Nothing where
/// the authority is more than a host and a port: another reader could see another path behind it.
fn origin_form(url: &str) -> Option<&str> {
    let scheme = ["https://", "http://"].into_iter().find(|scheme| url.starts_with(scheme))?;
    let slash = url.bytes().skip(scheme.len()).position(|byte| byte == b'/')?;
    let (origin, target) = url.split_at_checked(slash.checked_add(scheme.len())?)?;
    Origin::check(origin).ok()?;
    Some(target)
}

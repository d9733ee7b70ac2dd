//! The components of a request that a signature covers (RFC 9421 section 2).

use super::MAX_BASE;
use super::structured_field::{BareItem, Entry, Item, Parameter, dictionary, join, list};
use crate::encoding;
use crate::message::{
    FORM_MARKS, Head, Parameters, by_name, form_pairs, has_replacement, percent_encode,
    split_scheme, values_of,
};

/// The most parameters of a query of which single ones are covered. Who signs the parameters one by
/// one has a handful; who has more covers `@query`.
const MAX_QUERY_PARAMETERS: usize = 256;

/// A part of the origin by which a request was called.
#[derive(Clone, Copy, Debug)]
pub(super) enum OriginPart {
    Scheme,
    Authority,
}

/// The origin by which a request was called, as signature bases have it.
#[derive(Debug)]
pub(crate) struct Target {
    scheme: String,
    authority: String,
}

impl Target {
    /// Of the origin by which the signer called the request, or the received one where there is none.
    pub(crate) fn new(head: &Head<'_>, origin: Option<&str>) -> Option<Self> {
        let url = head.url();
        let received = url.get(..url.len().checked_sub(head.target().len())?)?;
        let (scheme, authority) = split_scheme(origin.unwrap_or(received))?;
        let authority = authority_of(scheme, authority);
        Some(Self { scheme: scheme.to_ascii_lowercase(), authority })
    }

    pub(super) fn part(&self, part: OriginPart) -> &str {
        match part {
            OriginPart::Scheme => &self.scheme,
            OriginPart::Authority => &self.authority,
        }
    }
}

/// The name of a derived component that has the origin in it: `authority`, `scheme` or `target-uri`.
pub(crate) fn in_origin(identifier: &Item) -> Option<&str> {
    let BareItem::String(name) = &identifier.value else { return None };
    let derived = name.strip_prefix('@').filter(|_| identifier.parameters.is_empty());
    derived.filter(|name| matches!(*name, "authority" | "scheme" | "target-uri"))
}

/// The components of one request. What is read to find one is kept for the others: a request may name
/// the same query or field in each of them.
pub(crate) struct Components<'h> {
    pub(super) head: &'h Head<'h>,
    /// The parameters of the query, escaped.
    query: Option<Parameters>,
    /// Fields by their names.
    structured: Vec<(String, Structured)>,
}

/// A field read as a Structured Field; a text that can be read as more than one type prints back
/// alike as each.
struct Structured {
    /// Its members, where it is a dictionary.
    entries: Vec<Entry>,
    /// As it prints back (RFC 9421 section 2.1.1).
    text: Option<String>,
}

impl<'h> Components<'h> {
    pub(crate) fn new(head: &'h Head<'h>) -> Self {
        Self { head, query: None, structured: Vec::new() }
    }

    /// The value of a component without an origin in it; nothing where the identifier is malformed,
    /// unknown, or of a response, or where the request has no such component.
    pub(crate) fn value(&mut self, identifier: &Item) -> Option<String> {
        let BareItem::String(name) = &identifier.value else { return None };
        let parameters = &identifier.parameters;
        if let Some(derived) = name.strip_prefix('@') {
            return match parameters.as_slice() {
                [] => derived_value(derived, self.head),
                [only] if derived == "query-param" && only.name == "name" => match &only.value {
                    BareItem::String(name) => self.query_parameter(name),
                    _ => None,
                },
                _ => None,
            };
        }
        if name.is_empty() || name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return None;
        }
        if self.head.values(name).map(<[u8]>::len).sum::<usize>() > MAX_BASE {
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
                let value = self.head.combined(name)?;
                String::from_utf8(value.to_vec()).ok()?
            }
            [only] => match (only.name.as_str(), &only.value) {
                ("sf", BareItem::Boolean(true)) => self.structured(name)?.text.clone()?,
                ("bs", BareItem::Boolean(true)) => {
                    if has_replacement(&self.head.combined(name)?) {
                        return None;
                    }
                    let lines: Vec<String> = self.head.values(name).map(wrapped).collect();
                    lines.join(", ")
                }
                ("key", BareItem::String(key)) => self.structured(name)?.member(key)?,
                _ => return None,
            },
            _ => return None,
        };
        value.is_ascii().then_some(value)
    }

    /// Section 2.2.8: the one parameter with this name, which is itself escaped.
    fn query_parameter(&mut self, name: &str) -> Option<String> {
        let query = self.head.query();
        let parameters = self.query.get_or_insert_with(|| escaped_parameters(query));
        match values_of(parameters, name.as_bytes()) {
            [value] => escaped(value),
            _ => None,
        }
    }

    fn structured(&mut self, name: &str) -> Option<&Structured> {
        let known = self.structured.iter().position(|(known, _)| known == name);
        let place = known.unwrap_or(self.structured.len());
        if known.is_none() {
            let read = Structured::read(&self.head.combined(name)?);
            self.structured.push((name.to_owned(), read));
        }
        self.structured.get(place).map(|(_, read)| read)
    }
}

impl Structured {
    fn read(value: &[u8]) -> Self {
        match dictionary(value) {
            Some(entries) => Self { text: Some(join(&entries)), entries },
            None => Self { text: list(value).map(|members| join(&members)), entries: Vec::new() },
        }
    }

    /// Section 2.1.2.
    fn member(&self, key: &str) -> Option<String> {
        let entry = self.entries.iter().find(|entry| entry.name == key)?;
        Some(entry.member.to_string())
    }
}

/// Section 2.2, but for those with the [origin](in_origin) in it.
fn derived_value(name: &str, head: &Head<'_>) -> Option<String> {
    Some(match name {
        "method" => head.method().to_owned(),
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

/// The parameters of a query by their names as signatures have them; none where there are too many.
fn escaped_parameters(query: &str) -> Parameters {
    if query.split('&').count() > MAX_QUERY_PARAMETERS {
        return Parameters::new();
    }
    let pairs = form_pairs(query.as_bytes());
    by_name(pairs.filter_map(|(name, value)| Some((escaped(&name)?.into_bytes(), value))))
}

/// As the URL Standard writes a component in a form, a space as `%20`. Nothing for U+FFFD and for what
/// is not UTF-8: the standard reads the one for the other, so a signature would fit either.
fn escaped(text: &[u8]) -> Option<String> {
    let text = str::from_utf8(text).ok().filter(|text| !has_replacement(text.as_bytes()))?;
    Some(percent_encode(text.as_bytes(), FORM_MARKS))
}

/// Section 2.1.3.
fn wrapped(line: &[u8]) -> String {
    format!(":{}:", encoding::to_base64(line.trim_ascii()))
}

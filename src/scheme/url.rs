//! URLs as signatures cover them (RFC 3986).

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::present::Value;
use crate::message::Head;

/// How a provider writes the URL it signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UrlForm {
    /// As it calls it.
    AsCalled,
    /// With the percent-escapes of these characters decoded.
    Decoded(&'static [u8]),
}

impl UrlForm {
    /// The URL that a signature covers, which a body stands beside without a separator.
    ///
    /// A sender's `url` that has a path is that URL. One that is an origin alone stands before the
    /// path and query received; nothing then where the signed bytes could be cut into URL and body
    /// at another place. They cannot where the URL holds only characters that a URL may, and the
    /// body starts and ends with others, as the provider's JSON does with its brackets.
    pub(super) fn signed_url<'p>(
        self,
        sender_url: &'p str,
        head: &Head<'p>,
        body: &[u8],
    ) -> Option<Cow<'p, str>> {
        let url = if is_origin(sender_url) {
            let ends = [body.first(), body.last()];
            let apart = ends.into_iter().flatten().all(|byte| !is_url_byte(*byte));
            // Else `/a?b` could be called as `/a%3Fb`.
            let one_path = matches!(self.write(head.path().into()), Cow::Borrowed(_));
            if !apart || !one_path || !head.target().bytes().all(is_url_byte) {
                return None;
            }
            Cow::Owned([sender_url, head.target()].concat())
        } else {
            Cow::Borrowed(sender_url)
        };
        Some(self.write(url))
    }

    /// A URL in this form.
    pub(crate) fn write(self, url: Cow<'_, str>) -> Cow<'_, str> {
        let Self::Decoded(characters) = self else { return url };
        if !url.contains('%') {
            return url;
        }
        let decoded = decode(url.as_bytes(), &|byte| characters.contains(&byte));
        match String::from_utf8(decoded) {
            Ok(decoded) if decoded != *url => Cow::Owned(decoded),
            _ => url,
        }
    }
}

/// Whether a URL ends behind its authority.
pub(crate) fn is_origin(url: &str) -> bool {
    split_scheme(url).is_some_and(|(_scheme, rest)| !rest.contains(['/', '?', '#']))
}

/// The scheme of an absolute URL, and what is behind its `://`.
pub(crate) fn split_scheme(url: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = url.split_once(':')?;
    Some((scheme, rest.strip_prefix("//")?))
}

/// What is before the last place with this text, and behind it. `str::rsplit_once` links a search for
/// long texts, which would be the larger part of it.
pub(super) fn split_at_last<'t>(text: &'t str, mark: &str) -> Option<(&'t str, &'t str)> {
    let at = text.as_bytes().windows(mark.len()).rposition(|bytes| bytes == mark.as_bytes())?;
    let (before, rest) = text.split_at_checked(at)?;
    Some((before, rest.strip_prefix(mark)?))
}

/// Whether a URL may hold this byte (RFC 3986 section 2), the brackets of IPv6 addresses left out.
fn is_url_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~:/?#@!$&'()*+,;=%".contains(&byte)
}

/// Decodes the percent-escapes of those bytes that are `wanted`; what is no escape stays.
pub(crate) fn decode(text: &[u8], wanted: &dyn Fn(u8) -> bool) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, behind)) = rest.split_first() {
        let escaped = match rest {
            [b'%', high, low, ..] => hex_value(*high).zip(hex_value(*low)),
            _ => None,
        };
        match escaped.map(|(high, low)| (high << 4) | low).filter(|byte| wanted(*byte)) {
            Some(byte) => {
                decoded.push(byte);
                rest = rest.get(3..).unwrap_or_default();
            }
            None => {
                decoded.push(*first);
                rest = behind;
            }
        }
    }
    decoded
}

/// Percent-escapes every byte but letters, digits and these marks, the hexadecimal digits in capitals
/// (RFC 3986 section 2.1).
pub(crate) fn percent_encode(text: &[u8], marks: &[u8]) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text {
        if byte.is_ascii_alphanumeric() || marks.contains(byte) {
            escaped.push(char::from(*byte));
        } else {
            escaped.push('%');
            escaped.extend([byte >> 4, byte & 0xf].into_iter().filter_map(hex_digit));
        }
    }
    escaped
}

/// Marks that the URL Standard leaves as they are in a form.
pub(crate) const FORM_MARKS: &[u8] = b"*-._";

/// A digit, a letter as a capital.
fn hex_digit(value: u8) -> Option<char> {
    char::from_digit(value.into(), 16).map(|digit| digit.to_ascii_uppercase())
}

fn hex_value(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// The media type of a form.
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

/// The names and values of a query or a form (the URL Standard's `application/x-www-form-urlencoded`
/// parser), decoded.
pub(crate) fn form_pairs(text: &[u8]) -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> {
    text.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()).map(|pair| {
        let mut halves = pair.splitn(2, |byte| *byte == b'=');
        let mut decoded = || {
            let spaced: Vec<u8> = halves
                .next()
                .unwrap_or_default()
                .iter()
                .map(|byte| if *byte == b'+' { b' ' } else { *byte })
                .collect();
            decode(&spaced, &|_| true)
        };
        (decoded(), decoded())
    })
}

/// The parameters of a query or a form: the names in the order of their bytes, and the values of
/// each in the order received.
pub(crate) type Parameters = BTreeMap<Vec<u8>, Vec<Vec<u8>>>;

/// Reads a query or a form; nothing where it has more than so many parameters.
pub(super) fn parameters(text: &[u8], most: usize) -> Option<Parameters> {
    if text.split(|byte| *byte == b'&').count() > most {
        return None;
    }
    let mut parameters = Parameters::new();
    for (name, value) in form_pairs(text) {
        parameters.entry(name).or_default().push(value);
    }
    Some(parameters)
}

/// The value of a parameter, its escapes decoded and its plus signs kept.
pub(super) fn query_value<'r>(query: &str, name: &str) -> Value<'r> {
    let mut values = query
        .split('&')
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .filter(|(key, _)| decode(key.as_bytes(), &|_| true) == name.as_bytes());
    match (values.next(), values.next()) {
        (None, _) | (Some((_, "")), None) => Value::Absent,
        (Some((_, value)), None) => Value::Once(decode(value.as_bytes(), &|_| true).into()),
        (Some(_), Some(_)) => Value::Repeated,
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    const ORIGIN: &str = "https://h.example";

    fn signed(sender_url: &str, target: &str, body: &[u8]) -> Option<String> {
        let url = [ORIGIN, target].concat();
        let head = Head::new("POST", &url, Vec::new()).unwrap();
        UrlForm::AsCalled.signed_url(sender_url, &head, body).map(Cow::into_owned)
    }

    #[test]
    fn a_url_with_a_path_is_taken_as_it_is() {
        let fixed = "https://h.example/a?b=1";
        assert_eq!(signed(fixed, "/other", b"text").unwrap(), fixed);
    }

    #[test]
    fn an_origin_takes_the_target_where_url_and_body_can_be_cut_in_one_way() {
        assert_eq!(
            signed(ORIGIN, "/a?b=%7B'1'", b"[{}]\r\n").unwrap(),
            "https://h.example/a?b=%7B'1'"
        );
        assert_eq!(signed(ORIGIN, "/a", b"").unwrap(), "https://h.example/a");
        for (target, body) in [
            ("/a", &b"1{}"[..]),
            ("/a", b"{}1"),
            ("/a", b"x=1"),
            ("/a?b={}", b""),
            ("/a?b=[1]", b"{}"),
            ("/a?\"", b"{}"),
        ] {
            assert_eq!(signed(ORIGIN, target, body), None, "{target} {body:?}");
        }
        assert!(is_origin("https://h.example:8443"));
        assert!(!is_origin("https://h.example/"));
        assert!(!is_origin("https://h.example?x"));
    }

    #[test]
    fn a_path_has_one_spelling_even_where_escapes_are_decoded() {
        let form = UrlForm::Decoded(b"/?:");
        for (target, taken) in
            [("/a?b=%3A%2F%3F", true), ("/a%20b", true), ("/a%3Fb", false), ("/a%3ab", false)]
        {
            let url = [ORIGIN, target].concat();
            let head = Head::new("GET", &url, Vec::new()).unwrap();
            assert_eq!(form.signed_url(ORIGIN, &head, b"").is_some(), taken, "{target}");
        }
    }

    #[test]
    fn only_the_escapes_that_are_named_are_decoded() {
        let form = UrlForm::Decoded(b"/?:");
        let write = |url| form.write(Cow::Borrowed(url)).into_owned();
        assert_eq!(write("https://h/a%2fb%3Fc%3A%20%25%2"), "https://h/a/b?c:%20%25%2");
        assert_eq!(write("https://h/a%C3%A9%zz%"), "https://h/a%C3%A9%zz%");
    }

    #[test]
    fn forms_and_queries() {
        let pairs: Vec<_> = form_pairs(b"a=1+2&b&&%63=%3D%26=x&=").collect();
        let expected: [(&[u8], &[u8]); 4] =
            [(b"a", b"1 2"), (b"b", b""), (b"c", b"=&=x"), (b"", b"")];
        assert!(pairs.iter().map(|(k, v)| (&k[..], &v[..])).eq(expected));
        let value = |query, name| match query_value(query, name) {
            Value::Once(value) => String::from_utf8(value.into_owned()).unwrap(),
            Value::Repeated => "repeated".to_owned(),
            _ => "absent".to_owned(),
        };
        assert_eq!(value("a=1&h=x%2B+%3d", "h"), "x++=");
        assert_eq!(value("h=1&%68=2", "h"), "repeated");
        assert_eq!(value("h=&a", "h"), "absent");
        assert_eq!(value("", ""), "absent");
    }
}

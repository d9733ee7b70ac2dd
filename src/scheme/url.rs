//! URLs as signatures cover them (RFC 3986).

use std::borrow::Cow;

use super::present::Value;
use crate::message::{
    Head, decode, is_origin, is_url_byte, path_and_query, percent_encode, query_as_sent,
    split_scheme,
};

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
    /// A whole URL is signed as the policy has it. `None` if the request did not come there.
    ///
    /// An origin stands before the path and query received. `None` if the signed bytes could be cut
    /// into URL and body at another place. They cannot where the URL holds only characters that a
    /// URL may, and the body starts and ends with others, as the provider's JSON does with its
    /// brackets.
    pub(super) fn signed_url<'p>(
        self,
        sender_url: &'p SenderUrl,
        head: &Head<'p>,
        body: &[u8],
    ) -> Option<Cow<'p, str>> {
        let url = match sender_url {
            SenderUrl::Origin(origin) => {
                let ends = [body.first(), body.last()];
                let apart = ends.into_iter().flatten().all(|byte| !is_url_byte(*byte));
                // Else `/a?b` could be called as `/a%3Fb`.
                let one_path = matches!(self.write(head.path().into()), Cow::Borrowed(_));
                if !apart || !one_path || !head.target().bytes().all(is_url_byte) {
                    return None;
                }
                Cow::Owned([origin, head.target()].concat())
            }
            SenderUrl::Whole { url, .. } => {
                if !sender_url.is_called_at(head.target(), self) {
                    return None;
                }
                Cow::Borrowed(&**url)
            }
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

/// The URL that a sender calls, as the policy has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SenderUrl {
    /// Scheme and host; the path and query received count as the rest.
    Origin(Box<str>),
    /// Always the same URL. `target` is where it leads; `None` behind a rewrite, where the gate
    /// sees another path or query than the sender calls.
    Whole { url: Box<str>, target: Option<CalledTarget> },
}

/// The path and query that a URL leads to, in the spelling that `fetch` gives them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CalledTarget {
    path: Box<str>,
    query: Option<Box<str>>,
}

impl SenderUrl {
    /// Reads an absolute URL.
    pub(crate) fn new(url: &str, behind_rewrite: bool) -> Self {
        if is_origin(url) {
            return Self::Origin(url.into());
        }
        let target = (!behind_rewrite).then(|| CalledTarget::of(url));
        Self::Whole { url: url.into(), target }
    }

    /// The URL as the policy has it.
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Origin(url) | Self::Whole { url, .. } => url,
        }
    }

    /// Whether it is scheme and host alone.
    pub(crate) fn is_origin(&self) -> bool {
        matches!(self, Self::Origin(_))
    }

    /// Whether a signature over it binds the path and query received.
    pub(crate) fn binds_target(&self) -> bool {
        !matches!(self, Self::Whole { target: None, .. })
    }

    /// The one path that a request under it may have. `None` if there are others.
    pub(crate) fn path(&self) -> Option<&str> {
        match self {
            Self::Whole { target: Some(target), .. } => Some(&target.path),
            _ => None,
        }
    }

    /// Whether a request with this path and query came to this URL. What `fetch` would spell alike
    /// is one target, for the origin sees no difference; so are queries that `form` writes alike,
    /// for the signature sees none. Of a URL that ends with `?`, clients may leave that out.
    pub(super) fn is_called_at(&self, target: &str, form: UrlForm) -> bool {
        let Self::Whole { target: Some(own), .. } = self else { return true };
        let (path, query) = path_and_query(target);
        let same_query = match (query, own.query.as_deref()) {
            (Some(query), Some(own)) => form.write(query_as_sent(query)) == form.write(own.into()),
            (None, own) => own.is_none_or(str::is_empty),
            (Some(_), None) => false,
        };
        *path == *own.path && same_query
    }
}

impl CalledTarget {
    fn of(url: &str) -> Self {
        let rest = split_scheme(url).map_or(url, |(_scheme, rest)| rest);
        let at = rest.bytes().position(|byte| b"/?#\\".contains(&byte));
        let (path, query) =
            path_and_query(rest.get(at.unwrap_or(rest.len())..).unwrap_or_default());
        let path = if path.is_empty() { "/" } else { path };
        Self {
            path: percent_encode(path.as_bytes(), PATH).into(),
            query: query.map(|query| query_as_sent(query).into()),
        }
    }
}

/// What a path may hold that has a route (RFC 3986 section 3.3).
const PATH: &[u8] = b"/%-._~:@!$&'()*+,;=";

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
        let sender_url = SenderUrl::new(sender_url, false);
        UrlForm::AsCalled.signed_url(&sender_url, &head, body).map(Cow::into_owned)
    }

    #[test]
    fn a_url_with_a_path_is_taken_as_it_is() {
        let fixed = "https://h.example/a?b=1";
        assert_eq!(signed(fixed, "/a?b=1", b"text").unwrap(), fixed);
        let head = Head::new("POST", "https://h.example/other", Vec::new()).unwrap();
        let rewritten = SenderUrl::new(fixed, true);
        assert_eq!(UrlForm::AsCalled.signed_url(&rewritten, &head, b"text").unwrap(), fixed);
        assert!(!rewritten.binds_target());
    }

    #[test]
    fn row_41_a_whole_url_is_called_at_its_own_target_alone() {
        for (own, target, taken) in [
            ("https://h.example/a?b=1", "/a?b=1", true),
            ("https://h.example/a?b=1", "/a?b=1#c", true),
            ("https://h.example/a?b=1", "/a", false),
            ("https://h.example/a?b=1", "/a?", false),
            ("https://h.example/a?b=1", "/a?b=1&c", false),
            ("https://h.example/a?b=1", "/a?b=%31", false),
            ("https://h.example/a?b=1", "/admin/export?all=1", false),
            ("https://h.example/a", "/a", true),
            ("https://h.example/a", "/a/", false),
            ("https://h.example/a", "/%61", false),
            ("https://h.example/a", "/A", false),
            ("https://h.example/a", "/a?b", false),
            ("https://h.example/a", "/a?", false),
            // A client may leave out the mark before nothing.
            ("https://h.example/a?", "/a", true),
            ("https://h.example/a?", "/a?", true),
            ("https://h.example/a?", "/a?b", false),
            // A fragment stays with the client.
            ("https://h.example/a#b?c", "/a", true),
            ("https://h.example/a?b#c", "/a?b", true),
            ("https://h.example/a?b#c", "/a?b%23c", false),
            ("https://h.example#b", "/", true),
            // What has no path is called at the root.
            ("https://h.example?b", "/?b", true),
            ("https://h.example?b", "/", false),
            ("https://h.example/", "/", true),
            ("https://u:p@h.example:1/a", "/a", true),
            // As the URL Standard spells it, or as it is.
            ("https://h.example/a'{}?b='\"<>{}|^`\\", "/a'%7B%7D?b=%27%22%3C%3E{}|^`\\", true),
            ("https://h.example/a?b='\"<>", "/a?b='\"<>", true),
            ("https://h.example/a?b=%27", "/a?b='", true),
            ("https://h.example/a'", "/a%27", false),
            ("https://h.example/a?b=(", "/a?b=%28", false),
            ("https://h.example/a%C3%A9", "/a%C3%A9", true),
            ("https://h.example/a%C3%A9", "/a%c3%a9", false),
        ] {
            let url = [ORIGIN, target].concat();
            let head = Head::new("POST", &url, Vec::new()).unwrap();
            let sender_url = SenderUrl::new(own, false);
            assert!(sender_url.binds_target());
            let found = UrlForm::AsCalled.signed_url(&sender_url, &head, b"{}");
            assert_eq!(found.as_deref(), taken.then_some(own), "{own} {target}");
        }
    }

    #[test]
    fn row_41_escapes_that_a_provider_decodes_are_one_query_and_two_paths() {
        let form = UrlForm::Decoded(b":/?");
        let is_called_at = |own, target| SenderUrl::new(own, false).is_called_at(target, form);
        assert!(is_called_at("https://h.example/a?b=:", "/a?b=%3A"));
        assert!(is_called_at("https://h.example/a?b=%3A", "/a?b=:"));
        assert!(!is_called_at("https://h.example/a?b=%20", "/a?b=+"));
        assert!(!is_called_at("https://h.example/a?b", "/a%3Fb"));
        assert!(!is_called_at("https://h.example/a:", "/a%3A"));
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
    }

    #[test]
    fn a_path_has_one_spelling_even_where_escapes_are_decoded() {
        let form = UrlForm::Decoded(b"/?:");
        for (target, taken) in
            [("/a?b=%3A%2F%3F", true), ("/a%20b", true), ("/a%3Fb", false), ("/a%3ab", false)]
        {
            let url = [ORIGIN, target].concat();
            let head = Head::new("GET", &url, Vec::new()).unwrap();
            let origin = SenderUrl::new(ORIGIN, false);
            assert_eq!(form.signed_url(&origin, &head, b"").is_some(), taken, "{target}");
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
    fn a_parameter_of_a_query_stands_once() {
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

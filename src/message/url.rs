//! The parts of a URL (RFC 3986 section 3).

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
pub(crate) fn split_at_last<'t>(text: &'t str, mark: &str) -> Option<(&'t str, &'t str)> {
    let at = text.as_bytes().windows(mark.len()).rposition(|bytes| bytes == mark.as_bytes())?;
    let (before, rest) = text.split_at_checked(at)?;
    Some((before, rest.strip_prefix(mark)?))
}

/// Whether a URL may hold this byte (RFC 3986 section 2), the brackets of IPv6 addresses left out.
pub(crate) fn is_url_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~:/?#@!$&'()*+,;=%".contains(&byte)
}

/// Path and query of a target, without the fragment, which is not sent.
pub(crate) fn path_and_query(target: &str) -> (&str, Option<&str>) {
    let target = target.split('#').next().unwrap_or_default();
    target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)))
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn an_origin_ends_behind_its_authority() {
        assert!(is_origin("https://h.example:8443"));
        assert!(!is_origin("https://h.example/"));
        assert!(!is_origin("https://h.example?x"));
        assert!(!is_origin("h.example"));
    }
}

//! The server behind the gate.

use core::fmt;

/// Where verified requests go: a scheme, a host and perhaps a port (RFC 6454 section 6.2),
/// such as `https://origin.example.com`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(Box<str>);

/// The text is not an origin: `http://` or `https://`, a host, perhaps `:` and a port, and
/// nothing behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidOrigin;

impl Origin {
    /// Reads an origin. A path, even a lone `/`, a query or user information is an error: the
    /// path that was matched is the path that is requested.
    pub fn parse(text: &str) -> Result<Self, InvalidOrigin> {
        Self::check(text).map(|()| Self(text.into()))
    }

    /// Whether [`parse`](Self::parse) would read the text.
    pub(crate) fn check(text: &str) -> Result<(), InvalidOrigin> {
        let authority = text
            .strip_prefix("https://")
            .or_else(|| text.strip_prefix("http://"))
            .ok_or(InvalidOrigin)?;
        let (host, port) = split_port(authority)?;
        let port_fits = port.is_none_or(|digits| {
            digits.bytes().all(|b| b.is_ascii_digit()) && digits.parse::<u16>().is_ok_and(|p| p > 0)
        });
        if host.is_empty() || !port_fits { Err(InvalidOrigin) } else { Ok(()) }
    }

    /// The origin as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Takes a host (a name, an IPv4 address, or an IPv6 address in brackets) from its port.
fn split_port(authority: &str) -> Result<(&str, Option<&str>), InvalidOrigin> {
    if let Some(rest) = authority.strip_prefix('[') {
        let (address, behind) = rest.split_once(']').ok_or(InvalidOrigin)?;
        address.parse::<core::net::Ipv6Addr>().map_err(|_| InvalidOrigin)?;
        return match behind.strip_prefix(':') {
            Some(port) => Ok((address, Some(port))),
            None if behind.is_empty() => Ok((address, None)),
            None => Err(InvalidOrigin),
        };
    }
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    };
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_');
    if host.bytes().all(plain) { Ok((host, port)) } else { Err(InvalidOrigin) }
}

impl fmt::Display for InvalidOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("must be http:// or https://, a host, perhaps a port, and nothing behind it")
    }
}

impl core::error::Error for InvalidOrigin {}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn an_origin_has_no_path() {
        for text in [
            "https://origin.example.com",
            "http://127.0.0.1:8788",
            "http://[::1]:8788",
            "https://[2001:db8::1]",
            "https://a_b.internal:65535",
        ] {
            assert_eq!(
                Origin::parse(text).map(|origin| origin.as_str().to_owned()),
                Ok(text.to_owned())
            );
        }
        for text in [
            "",
            "origin.example.com",
            "ftp://a",
            "https://",
            "https://a/",
            "https://a/b",
            "https://a?b",
            "https://a#b",
            "https://u@a",
            "https://u:p@a",
            "https://a:",
            "https://a:0",
            "https://a:65536",
            "https://a:+1",
            "https://a:1:2",
            "https://[::1",
            "https://[::1]x",
            "https://[a]",
            "https://a b",
            "https://ä",
            "https://a,b",
            "HTTPS://a",
            " https://a",
        ] {
            assert_eq!(Origin::parse(text), Err(InvalidOrigin), "{text:?}");
        }
    }
}

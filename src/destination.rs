//! Where a deployment sends what is let through, and for which hosts: the Worker's variables `ORIGIN`
//! and `HOSTS`.

use core::fmt;

use crate::message::{Head, InvalidOrigin, Origin};

/// The value of `ORIGIN` under which a request goes on to the origin of the Cloudflare route it came by.
const OWN_ROUTE: &str = "route";

/// Where requests go, and the hosts for which they may come.
///
/// Without an origin they go to the host that was called. Outside of a Cloudflare route the client chooses
/// that, by its `Host` field, so a deployment must say that it means it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Destination {
    origin: Option<Origin>,
    hosts: Vec<String>,
}

/// What is wrong with one of the variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidDestination {
    /// Neither is there.
    Missing,
    /// `ORIGIN` is neither an origin nor `route`.
    Origin,
    /// `HOSTS` is no list of at least one host, each perhaps with a port.
    Hosts,
}

impl Destination {
    /// Reads `ORIGIN`, an [origin](Origin::parse) or `route`; and `HOSTS`, hosts as they stand in a URL, such
    /// as `api.example.com` or `api.example.com:8443`. With hosts, `ORIGIN` may be left out and then is
    /// `route`.
    pub fn read(
        origin: Option<&str>,
        hosts: Option<&[String]>,
    ) -> Result<Self, InvalidDestination> {
        let is_host = |host: &String| Origin::check(&["https://", host].concat()).is_ok();
        if hosts.is_some_and(|hosts| hosts.is_empty() || !hosts.iter().all(is_host)) {
            return Err(InvalidDestination::Hosts);
        }
        let origin = match origin {
            Some(OWN_ROUTE) => None,
            Some(text) => {
                Some(Origin::parse(text).map_err(|InvalidOrigin| InvalidDestination::Origin)?)
            }
            None if hosts.is_some() => None,
            None => return Err(InvalidDestination::Missing),
        };
        Ok(Self { origin, hosts: hosts.unwrap_or_default().to_vec() })
    }

    /// The origin; nothing where requests go to the host that was called.
    pub fn origin(&self) -> Option<&Origin> {
        self.origin.as_ref()
    }

    /// Whether a request was for one of the hosts; any will do where none are named.
    pub(crate) fn serves(&self, head: &Head<'_>) -> bool {
        self.hosts.is_empty()
            || self.hosts.iter().any(|host| host.eq_ignore_ascii_case(head.authority()))
    }
}

impl From<Option<Origin>> for Destination {
    fn from(origin: Option<Origin>) -> Self {
        Self { origin, hosts: Vec::new() }
    }
}

impl InvalidDestination {
    /// The variable.
    pub const fn variable(self) -> &'static str {
        self.entry().0
    }

    /// A word that stays the same, to be looked up and compared.
    pub const fn code(self) -> &'static str {
        self.entry().1
    }

    /// What is wrong with it.
    pub const fn problem(self) -> &'static str {
        self.entry().2
    }

    /// Variable, code and words.
    const fn entry(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Missing => (
                "ORIGIN",
                "missing-origin",
                "is required: where verified requests go, or \"route\" for the origin of the Cloudflare route that they came by",
            ),
            Self::Origin => (
                "ORIGIN",
                "invalid-origin",
                "must be http:// or https://, a host, perhaps a port, and nothing behind it; or \"route\"",
            ),
            Self::Hosts => {
                ("HOSTS", "invalid-hosts", "must be a list of hosts, such as [\"api.example.com\"]")
            }
        }
    }
}

impl fmt::Display for InvalidDestination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.variable())?;
        f.write_str(": ")?;
        f.write_str(self.problem())
    }
}

impl core::error::Error for InvalidDestination {}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn read(
        origin: Option<&str>,
        hosts: Option<&[&str]>,
    ) -> Result<Destination, InvalidDestination> {
        let hosts: Option<Vec<String>> =
            hosts.map(|hosts| hosts.iter().map(|host| (*host).to_owned()).collect());
        Destination::read(origin, hosts.as_deref())
    }

    fn serves(destination: &Destination, url: &str) -> bool {
        destination.serves(&Head::new("GET", url, Vec::new()).unwrap())
    }

    #[test]
    fn row_49_nobody_but_the_deployment_chooses_where_requests_go() {
        assert_eq!(read(None, None), Err(InvalidDestination::Missing));
        for origin in ["", "Route", "route ", "https://a/", "a.example"] {
            assert_eq!(read(Some(origin), None), Err(InvalidDestination::Origin), "{origin}");
            assert_eq!(read(Some(origin), Some(&["a.example"])), Err(InvalidDestination::Origin));
        }
        for hosts in
            [&[][..], &[""], &["a.example", "b/"], &["https://a"], &["a:0"], &["u@a"], &["*"]]
        {
            assert_eq!(
                read(Some("route"), Some(hosts)),
                Err(InvalidDestination::Hosts),
                "{hosts:?}"
            );
        }
        let own = read(Some("route"), None).unwrap();
        assert!(own.origin().is_none() && serves(&own, "https://any.example/"));
    }

    #[test]
    fn row_49_only_the_hosts_that_are_named_are_served() {
        for origin in [None, Some("route"), Some("https://origin.example")] {
            let named =
                read(origin, Some(&["Api.example", "b.example:8443", "[::1]:8787"])).unwrap();
            assert_eq!(named.origin().is_some(), origin == Some("https://origin.example"));
            for url in [
                "https://api.example/a",
                "https://API.example/",
                "http://b.example:8443/",
                "http://[::1]:8787/",
            ] {
                assert!(serves(&named, url), "{url}");
            }
            for url in [
                "https://b.example/",
                "https://api.example:8443/",
                "https://x.api.example/",
                "https://evil.example/api.example",
            ] {
                assert!(!serves(&named, url), "{url}");
            }
        }
    }
}

//! What the origin gets: which fields of the request go, and which are set.
//!
//! A name with other characters than letters, digits and `-` stays behind. CGI and WSGI write `-`
//! as `_`, so `Countersign_Sender` would be read as the gate's own field, and some servers take
//! `SCRIPT_NAME` and `PATH_INFO` for the path itself.

mod seal;

pub(crate) use seal::Seal;

use std::borrow::Cow;

use crate::message::{CONNECTION, Field, Head, Origin, each_named, is_same_name, query_as_sent};

/// Start of the names that speak for the gate. A peer may not send one.
const OURS: &str = "countersign-";

/// Fields that speak of one connection only (RFC 9110 section 7.6.1), and `Expect`, which the
/// gate has met by reading the body.
const HOP_BY_HOP: [&str; 10] = [
    "connection",
    "expect",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Fields that some servers and frameworks read in place of the request line or `Host`: as the path or
/// what the path starts with, the method, the host, or a file to send. The route was granted for what
/// the gate saw, so they stay behind.
const TARGET_OVERRIDES: [&str; 26] = [
    "base-url",
    "forwarded",
    "request-uri",
    "x-accel-mapping",
    "x-envoy-original-dst-host",
    "x-envoy-original-path",
    "x-host",
    "x-http-host-override",
    "x-http-method",
    "x-http-method-override",
    "x-http-path-override",
    "x-method-override",
    "x-original-host",
    "x-original-method",
    "x-original-path",
    "x-original-uri",
    "x-original-url",
    "x-override-url",
    "x-proxycontextpath",
    "x-proxyhost",
    "x-proxyport",
    "x-rewrite-uri",
    "x-rewrite-url",
    "x-script-name",
    "x-sendfile-type",
    "x-traversal-path",
];

/// Start of the fields in which a proxy says what it was asked for. In front of the origin are the gate
/// and Cloudflare, which sets [two of them](SET_BY_CLOUDFLARE); nobody else
/// speaks as its proxy. By some of them servers change path, host or port.
const PROXYS: &str = "x-forwarded-";
const SET_BY_CLOUDFLARE: [&str; 2] = ["x-forwarded-for", "x-forwarded-proto"];

/// The changes between the request as received and the request the origin gets. Method, path, query
/// and body stay as they are.
///
/// Only a request that the verifier let through has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForwardPlan<'h> {
    url: Cow<'h, str>,
    remove: Vec<&'h str>,
    set: Vec<(&'static str, String)>,
}

impl<'h> ForwardPlan<'h> {
    /// The plan for a request of which nothing is known. The fields of the seal go, whether or not
    /// the request is sealed then.
    pub(crate) fn new(
        head: &Head<'h>,
        origin: Option<&Origin>,
        request_id: &str,
        seal: &[&str],
    ) -> Self {
        let connection: Vec<&[u8]> = head.values(CONNECTION).collect();
        let names: Vec<&str> = head.fields().iter().map(Field::name).collect();
        let remove = left_behind(&connection, &names, seal);
        let set = vec![("countersign-request-id", request_id.to_owned())];
        Self { url: destination(head, origin), remove, set }
    }

    /// Says who signed the request, and how.
    pub(crate) fn signed_by(mut self, sender: &str, scheme: &str) -> Self {
        self.set.push(("countersign-sender", sender.to_owned()));
        self.set.push(("countersign-scheme", scheme.to_owned()));
        self
    }

    /// Sets these fields as well.
    pub(crate) fn with(mut self, fields: Vec<(&'static str, String)>) -> Self {
        self.set.extend(fields);
        self
    }

    /// The absolute URL that the request goes to.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Names of the fields to remove first, as they were received. Of a head that has only the fields
    /// of [`Verifier::fields_read`](crate::Verifier::fields_read), it leaves out those that were left
    /// out there: [`Verifier::left_behind`](crate::Verifier::left_behind) finds them all.
    pub fn remove(&self) -> &[&'h str] {
        &self.remove
    }

    /// Fields to set afterwards.
    pub fn set(&self) -> &[(&'static str, String)] {
        &self.set
    }
}

/// Those of the names whose fields stay behind. `connection` has the values of `Connection`, which
/// name more of them.
#[inline(never)]
pub(crate) fn left_behind<'n>(
    connection: &[&[u8]],
    names: &[&'n str],
    seal: &[&str],
) -> Vec<&'n str> {
    let mut named = Vec::new();
    for value in connection {
        each_named(value, &mut |name| named.push(name));
    }
    let stays_behind = |field: &&str| {
        is_dropped_by_name(field)
            || seal.iter().any(|own| is_same_name(field, own.as_bytes()))
            || named.iter().any(|name| is_same_name(field, name))
    };
    names.iter().copied().filter(stays_behind).collect()
}

/// The URL in the spelling that `fetch` gives it, which is what the origin sees: some characters of the
/// query are escaped, and a fragment goes (the URL Standard's special-query percent-encode set). A path
/// that has a route has one spelling.
fn destination<'h>(head: &Head<'h>, origin: Option<&Origin>) -> Cow<'h, str> {
    let url = match origin {
        Some(origin) => Cow::Owned([origin.as_str(), head.target()].concat()),
        None => Cow::Borrowed(head.url()),
    };
    let query = head.query().split('#').next().unwrap_or_default();
    let sent = query_as_sent(query);
    if *sent == *head.query() {
        return url;
    }
    let (path, _query) = url.split_once('?').unwrap_or((&url, ""));
    Cow::Owned([path, "?", &sent].concat())
}

#[inline(never)]
fn is_dropped_by_name(name: &str) -> bool {
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let is_one_of = |names: &[&str]| names.iter().any(|own| is_same_name(name, own.as_bytes()));
    let starts_as =
        |own: &str| name.get(..own.len()).is_some_and(|start| start.eq_ignore_ascii_case(own));
    let speaks_as_proxy = starts_as(PROXYS) && !is_one_of(&SET_BY_CLOUDFLARE);
    !plain
        || starts_as(OURS)
        || speaks_as_proxy
        || is_one_of(&HOP_BY_HOP)
        || is_one_of(&TARGET_OVERRIDES)
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn a_query_is_spelled_as_fetch_does_and_a_path_is_left() {
        let origin = Origin::parse("http://127.0.0.1:8788").unwrap();
        for (target, sent) in [
            ("/a'b", "/a'b"),
            ("/a'b?", "/a'b?"),
            ("/a'b?c='d\"&e", "/a'b?c=%27d%22&e"),
            ("/a'b?c?d'#'", "/a'b?c?d%27"),
            ("/a?b=%27|{}[]^`\\", "/a?b=%27|{}[]^`\\"),
        ] {
            let url = ["https://gate.test", target].concat();
            let head = Head::new("GET", &url, Vec::new()).unwrap();
            assert_eq!(destination(&head, None), ["https://gate.test", sent].concat());
            let behind = ["http://127.0.0.1:8788", sent].concat();
            assert_eq!(destination(&head, Some(&origin)), behind);
        }
    }
}

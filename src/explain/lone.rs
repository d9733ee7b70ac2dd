//! A policy for whoever has a scheme and a secret, and no policy.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::message::Head;
use crate::scheme::{Scheme, SenderUrl};

/// The name of the one secret of [`policy_for`].
pub const LONE_SECRET: &str = "SECRET";

/// Bytes of body that a policy allows at the most.
const MAX_BODY: u32 = 32 << 20;

#[derive(Serialize)]
struct LonePolicy<'a> {
    senders: [Sender<'a>; 1],
    routes: [Route<'a>; 1],
}

#[derive(Serialize)]
struct Sender<'a> {
    id: &'a str,
    scheme: &'a RawValue,
    secrets: [&'a str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
}

#[derive(Serialize)]
struct Route<'a> {
    path: &'a str,
    methods: [&'a str; 1],
    senders: [&'a str; 1],
    max_body: u32,
    allow_empty_body: bool,
    allow_content_encoding: bool,
    allow_ambiguous_escapes: bool,
}

/// The JSON of a policy with one sender, `sender`, of this scheme, whose secret is named
/// [`LONE_SECRET`], and one route, that of this request and of `url`. Nothing is refused by it that
/// the scheme itself does not refuse.
///
/// `scheme` is a preset's name, or the JSON of a scheme's description. `url` is the one that the
/// sender calls; where the scheme signs it and none is given, it is the request's.
pub fn policy_for(scheme: &str, head: &Head<'_>, url: Option<&str>) -> String {
    let signs_url = Scheme::preset(scheme).is_some_and(Scheme::signs_url)
        || (scheme.trim_start().starts_with('{') && scheme.contains("{url}"));
    let described = serde_json::from_str::<&RawValue>(scheme)
        .ok()
        .filter(|json| json.get().starts_with('{'))
        .map(ToOwned::to_owned);
    let scheme = described.or_else(|| serde_json::value::to_raw_value(scheme).ok());
    let Some(scheme) = scheme else { return String::new() };
    // A route that the sender's URL does not lead to would be an error of the policy.
    let called = url.map(|url| SenderUrl::new(url, false));
    let is_path_of_url = called.is_none_or(|url| url.path().is_none_or(|path| path == head.path()));
    let policy = LonePolicy {
        senders: [Sender {
            id: "sender",
            scheme: &scheme,
            secrets: [LONE_SECRET],
            url: url.or_else(|| signs_url.then_some(head.url())),
        }],
        routes: [Route {
            path: if is_path_of_url { head.path() } else { "/{*rest}" },
            methods: [head.method()],
            senders: ["sender"],
            max_body: MAX_BODY,
            allow_empty_body: true,
            allow_content_encoding: true,
            allow_ambiguous_escapes: true,
        }],
    };
    serde_json::to_string(&policy).unwrap_or_default()
}

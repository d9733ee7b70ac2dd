//! What the policy says of a sender.

use super::custom_scheme;
use super::name::{is_id, is_token, is_url, secret_name};
use super::open::Open;
use super::reader::{Table, Value};
use super::replay;
use crate::handshake::Handshake;
use crate::keyring::Validity;
use crate::message_signature::Requirement;
use crate::policy_error::PolicyProblem;
use crate::replay::ReplayRule;
use crate::scheme::{Bound, Scheme, SenderUrl};
use crate::time::parse_rfc3339;

/// Seconds a timestamp may lie before or after now, where a sender does not say: the articles'.
const DEFAULT_TOLERANCE: u64 = 60;
/// The widest window, in seconds. Whoever copies a signed request may use it that long.
const LARGEST_TOLERANCE: u64 = 3600;

/// A sender as far as it could be read: a route that names one with an error elsewhere has none
/// of its own.
pub(super) struct NamedSender {
    pub(super) id: String,
    pub(super) policy: Option<SenderPolicy>,
}

#[derive(Debug)]
pub(super) struct SenderPolicy {
    pub(super) id: String,
    pub(super) scheme: &'static Scheme,
    pub(super) secrets: Vec<SecretPolicy>,
    pub(super) tolerance: u32,
    pub(super) url: Option<SenderUrl>,
    pub(super) handshake: Option<HandshakePolicy>,
    pub(super) requirement: Option<Requirement>,
    pub(super) replay: Option<ReplayRule>,
}

impl SenderPolicy {
    /// What its signatures bind.
    pub(super) fn bound(&self) -> Bound {
        Bound::by(self.scheme, self.url.as_ref(), self.requirement.as_ref())
    }

    /// What a valid signature of it leaves open.
    pub(super) fn open(&self) -> Vec<Open> {
        let Bound { body, method, target, host } = self.bound();
        let for_ever = !self.scheme.signs_time();
        let found = [
            (!body).then_some(Open::Body),
            (!method).then_some(Open::Method),
            (!target).then_some(Open::Target),
            (target && !host).then_some(Open::Host),
            self.replay.is_none().then_some(Open::Replay { for_ever }),
            self.scheme.caveat().map(Open::Other),
        ];
        found.into_iter().flatten().collect()
    }
}

/// A secret's name, and when its key counts.
#[derive(Debug)]
pub(super) struct SecretPolicy {
    pub(super) name: String,
    pub(super) valid: Validity,
}

/// That the gate answers the provider's handshake, and the name of the token it asks for.
#[derive(Debug)]
pub(super) struct HandshakePolicy {
    pub(super) verify_token: Option<String>,
}

pub(super) fn read(table: &mut Table<'_, '_>) -> Option<NamedSender> {
    let id = table.required("id", |value| value.string_where(is_id, PolicyProblem::InvalidId));
    let url = read_url(table);
    let scheme = table.required("scheme", |value| {
        if value.is_table() {
            return value
                .again()
                .into_table()
                .and_then(|mut table| custom_scheme::read(&mut table, url.as_ref()));
        }
        let name = value.string()?;
        value.or_report(Scheme::preset(&name), PolicyProblem::UnknownScheme)
    });
    let secrets = table.required("secrets", |value| value.list(read_secret));
    let tolerance = match scheme {
        Some(scheme) if !scheme.signs_time() => {
            table.forbid(&["tolerance"], PolicyProblem::NoTimeInScheme);
            Some(0)
        }
        _ => {
            let usual = scheme.map_or(DEFAULT_TOLERANCE, |scheme| scheme.tolerance.into());
            table.integer("tolerance", 1..=LARGEST_TOLERANCE, usual)
        }
    };
    if url.is_none() && scheme.is_some_and(Scheme::signs_url) {
        table.report("url", PolicyProblem::UrlRequired);
    }
    if url.as_ref().is_some_and(|url| !url.binds_target())
        && scheme.is_some_and(|scheme| !scheme.signs_url())
    {
        table.report("behind_rewrite", PolicyProblem::RewriteWithoutUrl);
    }
    let handshake = read_handshake(table, scheme);
    let signs_components = scheme.is_some_and(Scheme::signs_components);
    if signs_components && url.as_ref().is_some_and(|url| !url.is_origin()) {
        table.report(
            "url",
            PolicyProblem::Expected("scheme and host only, as the signer calls them"),
        );
    }
    let requirement = if signs_components {
        let read = table.optional_table("message_signature", read_requirement);
        Some(read.unwrap_or_default())
    } else if scheme.is_some() {
        table.forbid(&["message_signature"], PolicyProblem::NoComponentsInScheme);
        None
    } else {
        table.ignore("message_signature");
        None
    };
    let replay = table.optional("replay", |value| replay::read(value, scheme)).flatten();
    table.end();
    let id = id?;
    let policy = scheme.zip(secrets).zip(tolerance.and_then(|seconds| u32::try_from(seconds).ok()));
    let policy = policy.map(|((scheme, secrets), tolerance)| SenderPolicy {
        id: id.clone(),
        scheme,
        secrets,
        tolerance,
        url,
        handshake,
        requirement,
        replay,
    });
    Some(NamedSender { id, policy })
}

/// `url`, and `behind_rewrite` beside it, which only a whole URL may have.
fn read_url(table: &mut Table<'_, '_>) -> Option<SenderUrl> {
    let url = table.optional("url", |value| value.string_where(is_url, PolicyProblem::InvalidUrl));
    let behind_rewrite = table.boolean("behind_rewrite").unwrap_or_default();
    let url = url.map(|url| SenderUrl::new(&url, behind_rewrite));
    if behind_rewrite && url.as_ref().is_none_or(SenderUrl::is_origin) {
        table.report("behind_rewrite", PolicyProblem::RewriteWithoutUrl);
    }
    url
}

/// A secret's name, or a table with the name and the time in which its key counts.
fn read_secret(value: &mut Value<'_, '_>) -> Option<SecretPolicy> {
    if !value.is_table() {
        let name = secret_name(value)?;
        return Some(SecretPolicy { name, valid: Validity::default() });
    }
    let mut table = value.again().into_table()?;
    let name = table.required("name", |value| secret_name(value));
    let mut moment = |name: &str| {
        table.optional(name, |value| {
            let text = value.string()?;
            let moment = parse_rfc3339(text.as_bytes()).ok();
            value
                .or_report(moment, PolicyProblem::Expected("a moment such as 2026-11-22T08:30:00Z"))
        })
    };
    let valid = Validity { not_before: moment("not_before"), not_after: moment("not_after") };
    if let Validity { not_before: Some(first), not_after: Some(last) } = valid
        && last < first
    {
        table.report("not_after", PolicyProblem::NeverValid);
    }
    table.end();
    Some(SecretPolicy { name: name?, valid })
}

/// `{ components = ["@method", …], tag = "…", keyid = "…" }`
fn read_requirement(table: &mut Table<'_, '_>) -> Option<Requirement> {
    let components = table.optional("components", |value| {
        value.list(|item| item.string_where(is_component, PolicyProblem::InvalidComponent))
    });
    let mut text = |name: &str| {
        table.optional(name, |value| {
            value.string_where(is_visible, PolicyProblem::Expected("visible ASCII characters"))
        })
    };
    let (tag, keyid) = (text("tag"), text("keyid"));
    table.end();
    let components = components.unwrap_or_else(|| Requirement::default().components);
    Some(Requirement { components, tag, keyid })
}

/// The name of a field in lower case, or of a derived component of a request (RFC 9421 section 2.2).
fn is_component(text: &str) -> bool {
    match text.strip_prefix('@') {
        Some(derived) => {
            ["method", "target-uri", "authority", "scheme", "request-target", "path", "query"]
                .contains(&derived)
        }
        None => is_token(text) && !text.bytes().any(|byte| byte.is_ascii_uppercase()),
    }
}

fn is_visible(text: &str) -> bool {
    (1..=256).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn read_handshake(
    table: &mut Table<'_, '_>,
    scheme: Option<&'static Scheme>,
) -> Option<HandshakePolicy> {
    let asked = table.boolean("handshake");
    let Some((scheme, asked)) = scheme.zip(asked) else {
        table.ignore("verify_token");
        return None;
    };
    if asked && scheme.handshake.is_none() {
        table.report("handshake", PolicyProblem::NoHandshake);
    }
    if !asked || !scheme.handshake.is_some_and(Handshake::has_verify_token) {
        table.forbid(&["verify_token"], PolicyProblem::NoVerifyToken);
        return asked.then_some(HandshakePolicy { verify_token: None });
    }
    let verify_token = table.required("verify_token", |value| secret_name(value));
    Some(HandshakePolicy { verify_token })
}

//! The policy: JSON read once into a [`Verifier`].
//!
//! Reading is strict and complete. Every field has a type and a range, unknown and repeated
//! fields are errors, each reported with the path of its field: first all that the fields show by
//! themselves; once there are none, all that the lists show together; then those of the secrets.

mod custom_scheme;
mod error;
mod reader;

pub use error::{PolicyError, PolicyErrors, PolicyProblem};

use crate::keyring::{Secret, Sender};
use crate::route::{Method, Methods, PathPattern};
use crate::scheme::Scheme;
use crate::verifier::{Access, Route, Verifier};
use reader::{Reader, Table};

/// Bytes of body a route takes where it does not say.
const DEFAULT_MAX_BODY: u64 = 1 << 20;
/// Bytes of body a route may be set to take. An isolate has 128 MB for all its requests, and a
/// body being verified is there up to three times: in the chunks it came in, joined, and where the
/// verifier reads it.
const LARGEST_MAX_BODY: u64 = 32 << 20;
/// Seconds a timestamp may lie before or after now, where a sender does not say: the articles'.
const DEFAULT_TOLERANCE: u64 = 60;
/// The widest window, in seconds. Whoever copies a signed request may use it that long.
const LARGEST_TOLERANCE: u64 = 3600;
/// Seconds to wait for the origin's answer, where a route does not say.
const DEFAULT_ORIGIN_TIMEOUT: u64 = 30;
/// The longest wait, in seconds. Cloudflare itself gives up on an origin after 100.
const LARGEST_ORIGIN_TIMEOUT: u64 = 100;
/// Keys that one route may try. A request costs one MAC over its body for each.
const MAX_KEYS_PER_ROUTE: usize = 16;
/// Characters of a sender's id.
const MAX_ID_LENGTH: usize = 64;

/// A policy whose every field has been checked; the secrets it names have not been seen yet.
#[derive(Debug)]
pub struct Policy {
    senders: Vec<SenderPolicy>,
    routes: Vec<Route>,
}

/// A sender as far as it could be read: a route that names one with an error elsewhere has none
/// of its own.
struct NamedSender {
    id: String,
    policy: Option<SenderPolicy>,
}

#[derive(Debug)]
struct SenderPolicy {
    id: String,
    scheme: &'static Scheme,
    secrets: Vec<String>,
    tolerance: u32,
    url: Option<String>,
}

impl Policy {
    /// Reads a policy from its JSON text.
    pub fn parse(json: &str) -> Result<Self, PolicyErrors> {
        let mut reader = Reader::new();
        let policy = reader.root(json).map(|mut root| {
            let senders = root.tables("senders", read_sender);
            let routes = root.tables("routes", |table| read_route(table, &senders));
            root.end();
            Self { senders: senders.into_iter().filter_map(|named| named.policy).collect(), routes }
        });
        if let Some(policy) = &policy
            && reader.is_clean()
        {
            policy.check(&mut reader);
        }
        reader.finish(policy)
    }

    /// Checks what only the lists as a whole can show.
    fn check(&self, reader: &mut Reader) {
        for (index, sender) in self.senders.iter().enumerate() {
            let earlier = self.senders.iter().take(index);
            if earlier.clone().any(|other| other.id == sender.id) {
                reader.report(format!("senders[{index}].id"), PolicyProblem::RepeatedId);
            }
            for (at, name) in sender.secrets.iter().enumerate() {
                let own = sender.secrets.iter().take(at);
                if earlier
                    .clone()
                    .flat_map(|other| &other.secrets)
                    .chain(own)
                    .any(|other| other == name)
                {
                    reader.report(
                        format!("senders[{index}].secrets[{at}]"),
                        PolicyProblem::SharedSecret,
                    );
                }
            }
            let uses = |route: &Route| matches!(&route.access, Access::Signed { senders, .. } if senders.contains(&index));
            if !self.routes.iter().any(uses) {
                reader.report(format!("senders[{index}]"), PolicyProblem::UnusedSender);
            }
        }
        for (index, route) in self.routes.iter().enumerate() {
            let clashes = |other: &Route| {
                other.methods.intersects(route.methods) && other.path.overlaps(&route.path)
            };
            if let Some(with) = self.routes.iter().take(index).position(clashes) {
                reader.report(format!("routes[{index}].path"), PolicyProblem::Overlap { with });
            }
        }
    }

    /// The names of all secrets, in the order the policy gives them.
    pub fn secret_names(&self) -> impl Iterator<Item = &str> {
        self.senders.iter().flat_map(|sender| &sender.secrets).map(String::as_str)
    }

    /// Prepares the keys. `secret` gives the secret with a name, or nothing where there is none.
    ///
    /// A sender with a missing secret is kept, but nothing of its own verifies; such secrets are
    /// listed by [`Verifier::missing_secrets`]. A weak secret, or one that two names hold, is an
    /// error: with it the policy would let through what it must not.
    pub fn into_verifier(
        self,
        secret: impl Fn(&str) -> Option<Secret>,
    ) -> Result<Verifier, PolicyErrors> {
        let mut reader = Reader::new();
        let mut seen: Vec<Secret> = Vec::new();
        let mut missing = Vec::new();
        let mut senders = Vec::new();
        for (index, policy) in self.senders.into_iter().enumerate() {
            let mut keys = Vec::new();
            let mut complete = true;
            for (at, name) in policy.secrets.iter().enumerate() {
                let path = format!("senders[{index}].secrets[{at}]");
                let Some(secret) = secret(name) else {
                    complete = false;
                    missing.push(PolicyError::new(path, PolicyProblem::MissingSecret));
                    continue;
                };
                if let Err(weakness) = secret.check_strength(policy.scheme.min_secret) {
                    reader.report(path.clone(), PolicyProblem::WeakSecret(weakness));
                } else if seen.iter().any(|other| other.is_same_as(&secret)) {
                    reader.report(path.clone(), PolicyProblem::SharedSecret);
                }
                match secret.key(policy.scheme) {
                    Some(key) => keys.push(key),
                    None => reader.report(
                        path,
                        PolicyProblem::UndecodableSecret(policy.scheme.key.description()),
                    ),
                }
                seen.push(secret);
            }
            if !complete {
                keys.clear();
            }
            senders.push(Sender {
                id: policy.id.into(),
                scheme: policy.scheme,
                tolerance: policy.tolerance,
                keys,
                url: policy.url.map(String::into_boxed_str),
            });
        }
        reader.finish(Some(Verifier::new(senders, self.routes, missing)))
    }
}

fn read_sender(table: &mut Table<'_, '_>) -> Option<NamedSender> {
    let id = table.required("id", |value| value.string_where(is_id, PolicyProblem::InvalidId));
    let scheme = table.required("scheme", |value| {
        if value.is_table() {
            return value
                .again()
                .into_table()
                .and_then(|mut table| custom_scheme::read(&mut table));
        }
        let name = value.string()?;
        value.or_report(Scheme::preset(&name), PolicyProblem::UnknownScheme)
    });
    let secrets = table.required("secrets", |value| {
        value.list(|item| item.string_where(is_secret_name, PolicyProblem::InvalidSecretName))
    });
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
    let url = table.optional("url", |value| value.string_where(is_url, PolicyProblem::InvalidUrl));
    if url.is_none() && scheme.is_some_and(Scheme::signs_url) {
        table.report("url", PolicyProblem::UrlRequired);
    }
    table.optional("replay", |value| match value.string()?.as_str() {
        "off" => Some(()),
        "nonce" | "signature" => value.or_report(None, PolicyProblem::ReplayNotAvailable),
        _ => value.or_report(None, PolicyProblem::Expected("\"off\"")),
    });
    table.end();
    let id = id?;
    let policy = scheme.zip(secrets).zip(tolerance.and_then(|seconds| u32::try_from(seconds).ok()));
    let policy = policy.map(|((scheme, secrets), tolerance)| SenderPolicy {
        id: id.clone(),
        scheme,
        secrets,
        tolerance,
        url,
    });
    Some(NamedSender { id, policy })
}

fn read_route(table: &mut Table<'_, '_>, senders: &[NamedSender]) -> Option<Route> {
    let path = table.required("path", |value| {
        let text = value.string()?;
        value.or_report(PathPattern::parse(&text), PolicyProblem::InvalidPath)
    });
    let methods = table.required("methods", |value| {
        let names = value.list(|item| {
            let name = item.string()?;
            item.or_report(Method::from_name(&name), PolicyProblem::UnknownMethod)
        })?;
        let mut methods = Methods::default();
        names.into_iter().for_each(|method| methods.insert(method));
        Some(methods)
    });
    let public = table.optional("access", |value| match value.string()?.as_str() {
        "public" => Some(true),
        "signed" => Some(false),
        _ => value.or_report(None, PolicyProblem::Expected("\"signed\" or \"public\"")),
    });
    let (access, allow_empty_body) = if public == Some(true) {
        table.forbid(&["senders", "allow_empty_body"], PolicyProblem::NotOnPublicRoute);
        (Some(Access::Public), Some(true))
    } else {
        let allow_empty_body = table.boolean("allow_empty_body");
        let bodyless = [Method::Get, Method::Head];
        if allow_empty_body == Some(false)
            && methods
                .is_some_and(|methods| bodyless.into_iter().any(|method| methods.contains(method)))
        {
            table.report("methods", PolicyProblem::BodylessMethod);
        }
        (table.required("senders", |value| read_access(value, senders)), allow_empty_body)
    };
    let max_body = table.integer("max_body", 0..=LARGEST_MAX_BODY, DEFAULT_MAX_BODY);
    let allow_content_encoding = table.boolean("allow_content_encoding");
    let origin_timeout =
        table.integer("origin_timeout", 1..=LARGEST_ORIGIN_TIMEOUT, DEFAULT_ORIGIN_TIMEOUT);
    table.end();
    Some(Route {
        path: path?,
        methods: methods?,
        access: access?,
        max_body: usize::try_from(max_body?).ok()?,
        allow_empty_body: allow_empty_body?,
        allow_content_encoding: allow_content_encoding?,
        origin_timeout: u32::try_from(origin_timeout?).ok()?,
    })
}

fn read_access(value: &mut reader::Value<'_, '_>, senders: &[NamedSender]) -> Option<Access> {
    let indices = value.list(|item| {
        let id = item.string()?;
        item.or_report(
            senders.iter().position(|sender| sender.id == id),
            PolicyProblem::UnknownSender,
        )
    })?;
    let named: Option<Vec<&SenderPolicy>> =
        indices.iter().map(|index| senders.get(*index)?.policy.as_ref()).collect();
    let named = named?;
    let scheme = named.first()?.scheme;
    if named.iter().any(|sender| sender.scheme != scheme) {
        return value.or_report(None, PolicyProblem::MixedSchemes);
    }
    let distinct = (1..indices.len()).all(|end| {
        let (earlier, this) = (indices.get(..end), indices.get(end));
        earlier.zip(this).is_some_and(|(earlier, this)| !earlier.contains(this))
    });
    if !distinct {
        return value.or_report(None, PolicyProblem::RepeatedId);
    }
    if named.iter().map(|sender| sender.secrets.len()).sum::<usize>() > MAX_KEYS_PER_ROUTE {
        return value.or_report(None, PolicyProblem::TooManyKeys { limit: MAX_KEYS_PER_ROUTE });
    }
    Some(Access::Signed { scheme, senders: indices })
}

/// It stands in a header field and in log lines, and later in storage names.
fn is_id(text: &str) -> bool {
    (1..=MAX_ID_LENGTH).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
}

/// The name of a header field or of a list's member: letters, digits and what names are usually
/// joined with.
fn is_token(text: &str) -> bool {
    (1..=MAX_ID_LENGTH).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

/// An absolute URL, as a sender may have been told it.
fn is_url(text: &str) -> bool {
    let behind = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    behind.is_some_and(|behind| !behind.is_empty() && behind.bytes().all(|b| b.is_ascii_graphic()))
}

/// The names a Worker's bindings can have, less those of the gate's own variables.
fn is_secret_name(text: &str) -> bool {
    text != "POLICY"
        && text != "ORIGIN"
        && text.bytes().next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

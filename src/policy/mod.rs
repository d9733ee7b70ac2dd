//! The policy: JSON read once into a [`Verifier`].
//!
//! Reading is strict and complete. Every field has a type and a range, unknown and repeated
//! fields are errors, each reported with the path of its field: first all that the fields show by
//! themselves; once there are none, all that the lists show together; then those of the secrets.

mod custom_scheme;
mod error;
mod reader;
mod replay;
mod seal;
mod summary;

pub use error::{PolicyError, PolicyErrors, PolicyProblem};
pub use summary::RouteSummary;

use crate::handshake::Handshake;
use crate::keyring::{HandshakeSettings, Sender, SenderKey, Validity};
use crate::message_signature::Requirement;
use crate::replay::ReplayRule;
use crate::route::{Method, Methods, PathPattern};
use crate::scheme::{Scheme, is_origin};
use crate::secret::Secret;
use crate::time::parse_rfc3339;
use crate::verifier::{Access, Route, Verifier};
use reader::{Reader, Table};
use seal::SealPolicy;

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
/// Characters of the token that Meta's handshake is tried with.
const MIN_VERIFY_TOKEN: usize = 16;
/// Characters of a sender's id.
const MAX_ID_LENGTH: usize = 64;

/// A policy whose every field has been checked; the secrets it names have not been seen yet.
#[derive(Debug)]
pub struct Policy {
    senders: Vec<SenderPolicy>,
    routes: Vec<Route>,
    seal: Option<SealPolicy>,
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
    secrets: Vec<SecretPolicy>,
    tolerance: u32,
    url: Option<String>,
    handshake: Option<HandshakePolicy>,
    requirement: Option<Requirement>,
    replay: Option<ReplayRule>,
}

/// A secret's name, and when its key counts.
#[derive(Debug)]
struct SecretPolicy {
    name: String,
    valid: Validity,
}

/// That the gate answers the provider's handshake, and the name of the token it asks for.
#[derive(Debug)]
struct HandshakePolicy {
    verify_token: Option<String>,
}

impl Policy {
    /// Reads a policy from its JSON text.
    pub fn parse(json: &str) -> Result<Self, PolicyErrors> {
        let mut reader = Reader::new();
        let policy = reader.root(json).map(|mut root| {
            let senders = root.tables("senders", read_sender);
            let routes = root.tables("routes", |table| read_route(table, &senders));
            let seal = root.optional_table("seal", SealPolicy::read);
            root.end();
            let senders = senders.into_iter().filter_map(|named| named.policy).collect();
            Self { senders, routes, seal }
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
            for (at, secret) in sender.secrets.iter().enumerate() {
                let own = sender.secrets.iter().take(at);
                let mut others = earlier.clone().flat_map(|other| &other.secrets).chain(own);
                if others.any(|other| other.name == secret.name) {
                    reader.report_of(
                        &sender.id,
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
            let all_methods = |route: &Route| {
                let mut methods = route.methods;
                methods.extend(route.handshake_methods());
                methods
            };
            let clashes = |other: &Route| {
                all_methods(other).intersects(all_methods(route))
                    && other.path.overlaps(&route.path)
            };
            if let Some(with) = self.routes.iter().take(index).position(clashes) {
                reader.report(format!("routes[{index}].path"), PolicyProblem::Overlap { with });
            }
            if self.is_ambiguous_beside_others(route) {
                reader.report(format!("routes[{index}].path"), PolicyProblem::AmbiguousPath);
            }
        }
        if let Some(seal) = &self.seal {
            seal.check(self.sender_secret_names(), reader);
        }
    }

    /// Whether a request to this path could be signed over the same bytes as one to another path:
    /// where a form follows the path without a separator, unless all paths are fixed and none starts
    /// with another.
    fn is_ambiguous_beside_others(&self, route: &Route) -> bool {
        let Access::Signed { senders, .. } = &route.access else { return false };
        let open = senders.iter().filter(|index| {
            self.senders.get(**index).is_some_and(|sender| {
                sender.scheme.needs_distinct_paths() && sender.url.as_deref().is_some_and(is_origin)
            })
        });
        open.into_iter().any(|index| {
            self.routes.iter().any(|other| {
                let shared = matches!(&other.access,
                    Access::Signed { senders, .. } if senders.contains(index));
                let (path, start) = (route.path.as_str(), other.path.as_str());
                let is_start = !core::ptr::eq(route, other) && path.starts_with(start);
                shared && (path.contains('{') || is_start)
            })
        })
    }

    /// The names of all secrets, in the order the policy gives them.
    pub fn secret_names(&self) -> impl Iterator<Item = &str> {
        self.sender_secret_names().chain(self.seal.as_ref().map(SealPolicy::secret_name))
    }

    /// For each secret of a sender: the sender's id, the secret's name, its place in the sender's
    /// list, and when it counts.
    pub(crate) fn sender_secrets(&self) -> impl Iterator<Item = (&str, &str, usize, Validity)> {
        self.senders.iter().flat_map(|sender| {
            sender.secrets.iter().enumerate().map(|(place, secret)| {
                (sender.id.as_str(), secret.name.as_str(), place, secret.valid)
            })
        })
    }

    fn sender_secret_names(&self) -> impl Iterator<Item = &str> {
        self.senders.iter().flat_map(|sender| {
            let token =
                sender.handshake.as_ref().and_then(|handshake| handshake.verify_token.as_deref());
            sender.secrets.iter().map(|secret| secret.name.as_str()).chain(token)
        })
    }

    /// Prepares the keys. `secret` gives the secret with a name, or nothing where there is none.
    ///
    /// A sender with a missing secret is kept, but nothing of its own verifies; such secrets are
    /// listed by [`Verifier::missing_secrets`]. A weak secret, or one that two names hold, is an
    /// error: with it the policy would let through what it must not. So is a seal without its
    /// secret.
    pub fn into_verifier(
        self,
        secret: impl Fn(&str) -> Option<Secret>,
    ) -> Result<Verifier, PolicyErrors> {
        let mut reader = Reader::new();
        let mut seen: Vec<Secret> = Vec::new();
        let mut missing = Vec::new();
        let mut senders = Vec::new();
        for (index, policy) in self.senders.into_iter().enumerate() {
            let SenderPolicy {
                id,
                scheme,
                secrets,
                tolerance,
                url,
                handshake,
                requirement,
                replay,
            } = policy;
            let mut keys = Vec::new();
            let mut complete = true;
            for (at, SecretPolicy { name, valid }) in secrets.into_iter().enumerate() {
                let path = format!("senders[{index}].secrets[{at}]");
                let Some(secret) = secret(&name).map(|secret| secret.for_scheme(scheme)) else {
                    complete = false;
                    missing.push(PolicyError::of(&id, path, PolicyProblem::MissingSecret));
                    continue;
                };
                if let Err(weakness) = secret.check_strength(scheme.min_secret) {
                    reader.report_of(&id, path.clone(), PolicyProblem::WeakSecret(weakness));
                } else if seen.iter().any(|other| other.is_same_as(&secret)) {
                    reader.report_of(&id, path.clone(), PolicyProblem::SharedSecret);
                }
                match secret.key(scheme) {
                    Some(key) => keys.push(SenderKey { key, valid }),
                    None => {
                        let form = scheme.key_description();
                        reader.report_of(&id, path, PolicyProblem::UndecodableSecret(form));
                    }
                }
                seen.push(secret);
            }
            if !complete {
                keys.clear();
            }
            let handshake = handshake.map(|HandshakePolicy { verify_token }| {
                let path = || format!("senders[{index}].verify_token");
                let token = verify_token.as_deref().map(&secret);
                match &token {
                    Some(None) => {
                        missing.push(PolicyError::of(&id, path(), PolicyProblem::MissingToken));
                    }
                    Some(Some(token)) => {
                        if let Err(weakness) = token.check_strength(MIN_VERIFY_TOKEN) {
                            reader.report_of(&id, path(), PolicyProblem::WeakSecret(weakness));
                        } else if seen.iter().any(|other| other.is_same_as(token)) {
                            reader.report_of(&id, path(), PolicyProblem::SharedSecret);
                        }
                    }
                    None => {}
                }
                seen.extend(token.clone().flatten());
                HandshakeSettings { verify_token: token.flatten() }
            });
            senders.push(Sender {
                id: id.into(),
                scheme,
                tolerance,
                keys,
                url: url.map(String::into_boxed_str),
                handshake,
                requirement,
                replay,
            });
        }
        let seal = self.seal.and_then(|seal| seal.into_seal(secret, &seen, &mut reader));
        reader.finish(Some(Verifier::new(senders, self.routes, seal, missing)))
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
    if let Some(feature) = scheme.and_then(|scheme| scheme.algorithm.missing_feature()) {
        table.report("scheme", PolicyProblem::NotBuiltIn { feature });
    }
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
    let url = table.optional("url", |value| value.string_where(is_url, PolicyProblem::InvalidUrl));
    if url.is_none() && scheme.is_some_and(Scheme::signs_url) {
        table.report("url", PolicyProblem::UrlRequired);
    }
    let handshake = read_handshake(table, scheme);
    let signs_components = scheme.is_some_and(Scheme::signs_components);
    if signs_components && url.as_deref().is_some_and(|url| !is_origin(url)) {
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

/// A secret's name, or a table with the name and the time in which its key counts.
fn read_secret(value: &mut reader::Value<'_, '_>) -> Option<SecretPolicy> {
    if !value.is_table() {
        let name = value.string_where(is_secret_name, PolicyProblem::InvalidSecretName)?;
        return Some(SecretPolicy { name, valid: Validity::default() });
    }
    let mut table = value.again().into_table()?;
    let name = table.required("name", |value| {
        value.string_where(is_secret_name, PolicyProblem::InvalidSecretName)
    });
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
    let verify_token = table.required("verify_token", |value| {
        value.string_where(is_secret_name, PolicyProblem::InvalidSecretName)
    });
    Some(HandshakePolicy { verify_token })
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
        let access = table.required("senders", |value| read_access(value, senders));
        let bodyless = [Method::Get, Method::Head];
        let is_bound = matches!(&access,
            Some(Access::Signed { scheme, .. }) if scheme.binds_bodyless_requests());
        if allow_empty_body == Some(false)
            && !is_bound
            && methods
                .is_some_and(|methods| bodyless.into_iter().any(|method| methods.contains(method)))
        {
            table.report("methods", PolicyProblem::BodylessMethod);
        }
        (access, allow_empty_body)
    };
    let max_body = table.integer("max_body", 0..=LARGEST_MAX_BODY, DEFAULT_MAX_BODY);
    let allow_content_encoding = table.boolean("allow_content_encoding");
    let origin_timeout =
        table.integer("origin_timeout", 1..=LARGEST_ORIGIN_TIMEOUT, DEFAULT_ORIGIN_TIMEOUT);
    table.end();
    let access = access?;
    let handshake = match &access {
        Access::Public => None,
        Access::Signed { scheme, senders: indices } => scheme.handshake.filter(|_| {
            let named = indices.iter().filter_map(|index| senders.get(*index)?.policy.as_ref());
            named.into_iter().any(|sender| sender.handshake.is_some())
        }),
    };
    Some(Route {
        path: path?,
        methods: methods?,
        access,
        handshake,
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

//! What the policy says of a route.

use super::open::{ACCEPTED, Open};
use super::reader::{Table, Value};
use super::sender::{NamedSender, SenderPolicy};
use crate::message::{Method, Methods};
use crate::path::{PathPattern, has_ambiguous_escapes};
use crate::policy_error::PolicyProblem;
use crate::verifier::{Access, Route};

/// Bytes of body a route takes where it does not say.
const DEFAULT_MAX_BODY: u64 = 1 << 20;
/// Bytes of body a route may be set to take. An isolate has 128 MB for all its requests, and a body
/// is there up to three times: while the buffer it is read into grows, and where the verifier reads it.
const LARGEST_MAX_BODY: u64 = 32 << 20;
/// Seconds that a body may take to arrive, where a route does not say. The largest body a route takes
/// by default comes in this time over a line of 300 kbit/s.
const DEFAULT_BODY_TIMEOUT: u64 = 30;
/// The longest time for a body, in seconds: 32 MiB over 900 kbit/s. Until it ends, whoever sends slowly
/// holds the memory of what has arrived.
const LARGEST_BODY_TIMEOUT: u64 = 300;
/// Seconds to wait for the origin's answer, where a route does not say.
const DEFAULT_ORIGIN_TIMEOUT: u64 = 30;
/// The longest wait, in seconds. Cloudflare itself gives up on an origin after 100.
const LARGEST_ORIGIN_TIMEOUT: u64 = 100;
/// Keys that one route may try. A request costs one MAC over its body for each.
const MAX_KEYS_PER_ROUTE: usize = 16;

/// The route, and what it accepts open.
pub(super) fn read(
    table: &mut Table<'_, '_>,
    senders: &[NamedSender],
) -> Option<(Route, Vec<Open>)> {
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
        table.forbid(
            &["senders", "allow_empty_body", "accept_open"],
            PolicyProblem::NotOnPublicRoute,
        );
        (Some(Access::Public), Some(true))
    } else {
        let allow_empty_body = table.boolean("allow_empty_body");
        let access = table.required("senders", |value| read_access(value, senders));
        let bodyless = [Method::Get, Method::Head];
        let is_bound = access.as_ref().is_some_and(|access| {
            named(access, senders).all(|sender| sender.bound().without_body())
        });
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
    let body_timeout =
        table.integer("body_timeout", 1..=LARGEST_BODY_TIMEOUT, DEFAULT_BODY_TIMEOUT);
    let allow_content_encoding = table.boolean("allow_content_encoding");
    let allow_ambiguous_escapes = table.boolean("allow_ambiguous_escapes");
    if allow_ambiguous_escapes == Some(false)
        && path.as_ref().is_some_and(|path| has_ambiguous_escapes(path.as_str()))
    {
        table.report("path", PolicyProblem::AmbiguousEscapes);
    }
    let accept_open = table.optional("accept_open", |value| {
        value.list(|item| {
            let word = item.string()?;
            let open = ACCEPTED.into_iter().find(|open| open.word() == word);
            let words = ACCEPTED.map(Open::word).to_vec();
            item.or_report(open, PolicyProblem::NotOneOf(words))
        })
    });
    let origin_timeout =
        table.integer("origin_timeout", 1..=LARGEST_ORIGIN_TIMEOUT, DEFAULT_ORIGIN_TIMEOUT);
    table.end();
    let access = access?;
    let handshake = match &access {
        Access::Public => None,
        Access::Signed { scheme, .. } => scheme
            .handshake
            .filter(|_| named(&access, senders).any(|sender| sender.handshake.is_some())),
    };
    let route = Route {
        path: path?,
        methods: methods?,
        access,
        handshake,
        max_body: usize::try_from(max_body?).ok()?,
        body_timeout: u32::try_from(body_timeout?).ok()?,
        allow_empty_body: allow_empty_body?,
        allow_content_encoding: allow_content_encoding?,
        allow_ambiguous_escapes: allow_ambiguous_escapes?,
        origin_timeout: u32::try_from(origin_timeout?).ok()?,
    };
    Some((route, accept_open.unwrap_or_default()))
}

/// The senders that may use a route.
fn named<'s>(
    access: &Access,
    senders: &'s [NamedSender],
) -> impl Iterator<Item = &'s SenderPolicy> {
    let indices = match access {
        Access::Public => &[],
        Access::Signed { senders, .. } => senders.as_slice(),
    };
    indices.iter().filter_map(|index| senders.get(*index)?.policy.as_ref())
}

fn read_access(value: &mut Value<'_, '_>, senders: &[NamedSender]) -> Option<Access> {
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

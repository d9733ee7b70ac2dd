//! What else may have been the URL that was signed.

use super::mistake::Mistake;
use super::search::Axis;
use crate::message::Head;
use crate::scheme::{Scheme, SenderUrl, Signed, SignedRequest};

/// Fields that name a host by which the request may have been called.
const HOSTS: [&str; 3] = ["host", "x-forwarded-host", "x-original-host"];

/// A sender's URL as its signatures cover it, wherever the request came.
pub(super) fn as_signed(url: &SenderUrl) -> SenderUrl {
    SenderUrl::new(url.as_str(), true)
}

/// The URL that the gate takes for the signed one, and what it may have been.
pub(super) fn urls(scheme: &Scheme, request: SignedRequest<'_>) -> Axis<String> {
    let head = request.head;
    let received = head.url().to_owned();
    let taken = match scheme.signed {
        Signed::Canonical(_) => request.sender_url.map(|url| url.as_str().to_owned()),
        _ => scheme.url_of(request).map(|url| url.into_owned()),
    };
    let mut axis = Axis::new(taken.clone().unwrap_or_else(|| received.clone()));
    if scheme.signs_target() {
        let bases = [taken, Some(received)];
        let bases: Vec<String> = bases.into_iter().flatten().collect();
        let others = bases.iter().cloned().chain(bases.iter().flat_map(|url| variants(url, head)));
        for url in others {
            if !axis.values().any(|other| *other == url) {
                axis.push(Mistake::Url(url.clone()), url);
            }
        }
    }
    axis
}

/// Origins by which the request may have been called: scheme, host and port.
pub(super) fn origins(url: &str, head: &Head<'_>) -> Vec<String> {
    let Some((scheme, rest)) = url.split_once("://") else { return Vec::new() };
    let authority = rest.split_once(['/', '?']).map_or(rest, |(authority, _)| authority);
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    let named = HOSTS.iter().flat_map(|name| head.values(name));
    let named = named.filter_map(|value| str::from_utf8(value).ok());
    let mut hosts = vec![authority.to_owned(), host.to_owned()];
    hosts.extend(["443", "80", "8000", "8080", "8443"].map(|port| format!("{host}:{port}")));
    match host.strip_prefix("www.") {
        Some(bare) => hosts.push(bare.to_owned()),
        None => hosts.push(format!("www.{host}")),
    }
    hosts.extend(["localhost", "127.0.0.1", "localhost:8000", "127.0.0.1:8000"].map(str::to_owned));
    hosts.extend(named.map(str::to_owned));
    let other = if scheme == "https" { "http" } else { "https" };
    let both = [scheme, other];
    both.iter()
        .flat_map(|scheme| hosts.iter().map(move |host| format!("{scheme}://{host}")))
        .collect()
}

/// The URL received, and those with another path or query at the same host.
pub(super) fn targets(head: &Head<'_>) -> Axis<String> {
    let mut axis = Axis::new(head.url().to_owned());
    let target_at = head.url().len().saturating_sub(head.target().len());
    let origin = head.url().get(..target_at).unwrap_or_default();
    for url in variants(head.url(), head) {
        if url.starts_with(&format!("{origin}/")) && !axis.values().any(|other| *other == url) {
            axis.push(Mistake::Url(url.clone()), url);
        }
    }
    axis
}

fn variants(url: &str, head: &Head<'_>) -> Vec<String> {
    let Some(authority_at) = url.find("://").and_then(|at| at.checked_add(3)) else {
        return Vec::new();
    };
    let target_at = url
        .get(authority_at..)
        .and_then(|rest| rest.find(['/', '?']))
        .and_then(|at| at.checked_add(authority_at));
    let (origin, target) =
        url.split_at_checked(target_at.unwrap_or(url.len())).unwrap_or((url, ""));
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (target, None),
    };
    let with = |path: &str, query: Option<&str>| match query {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    let mut found: Vec<String> =
        origins(url, head).into_iter().map(|origin| [&origin, target].concat()).collect();
    let slashed = match path.strip_suffix('/') {
        Some(path) => path.to_owned(),
        None => format!("{path}/"),
    };
    found.push([origin, &with(&slashed, query)].concat());
    if let Some(query) = query {
        let mut pairs: Vec<&str> = query.split('&').collect();
        pairs.sort_unstable();
        found.push([origin, path].concat());
        found.push([origin, &with(path, Some(&pairs.join("&")))].concat());
    }
    if target.is_empty() {
        found.push([origin, head.target()].concat());
    }
    found.push([origin, head.path()].concat());
    found
}

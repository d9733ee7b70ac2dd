//! What a policy may be meant to do and often is not.

use super::located::{Located, Node};
use crate::Policy;

/// Cloudflare's limit for one variable, in bytes.
const LARGEST_VARIABLE: usize = 5 * 1024;

/// Each warning with its place and path.
pub(super) fn warnings<'s>(
    settings: &'s Located,
    root: &'s Located,
    vars: Option<&'s Located>,
    policy: &Policy,
) -> Vec<(&'s Located, String, String)> {
    let mut found = Vec::new();
    for door in ["workers_dev", "preview_urls"] {
        let setting = settings.member(door).or_else(|| root.member(door));
        let is_off =
            matches!(setting.map(|value| &value.node), Some(Node::Scalar(json)) if json == "false");
        if !is_off {
            let what = "should be false: else the gate has a second address beside its route";
            found.push((setting.unwrap_or(settings), door.to_owned(), what.to_owned()));
        }
    }
    let Some(vars) = vars else { return found };
    match vars.member("ORIGIN") {
        Some(origin) if origin.text().is_some_and(is_plain_http) => {
            let what = "is http: bodies and secrets in them cross the network unencrypted";
            found.push((origin, "vars.ORIGIN".to_owned(), what.to_owned()));
        }
        _ => {}
    }
    for name in policy.secret_names() {
        // A public key may stand there, and a secret must not: they cannot be told apart by name.
        if let Some(value) =
            vars.member(name).filter(|value| !value.text().is_some_and(is_public_key))
        {
            let what = "stands in the settings in plain text: use `npx wrangler secret put`, unless it is a public key";
            found.push((value, format!("vars.{name}"), what.to_owned()));
        }
    }
    let size = vars.member("POLICY").map_or(0, |policy| policy.to_json().len());
    if size > LARGEST_VARIABLE
        && let Some(policy) = vars.member("POLICY")
    {
        let what = format!("has {size} bytes; Cloudflare takes {LARGEST_VARIABLE} in one variable");
        found.push((policy, "vars.POLICY".to_owned(), what));
    }
    found
}

fn is_plain_http(origin: &str) -> bool {
    let local = ["http://127.0.0.1", "http://localhost", "http://[::1]"];
    origin.starts_with("http://") && !local.iter().any(|local| origin.starts_with(local))
}

fn is_public_key(text: &str) -> bool {
    text.contains("PUBLIC KEY") || text.starts_with("whpk_")
}

/// Whether the store of claims is bound.
pub(super) fn binds_store(settings: &Located) -> bool {
    let bindings =
        settings.member("durable_objects").and_then(|objects| objects.member("bindings"));
    match bindings.map(|bindings| &bindings.node) {
        Some(Node::List(items)) => items.iter().any(|binding| {
            let is = |name, wanted| binding.member(name).and_then(Located::text) == Some(wanted);
            is("name", "REPLAY") && is("class_name", "ReplayStore")
        }),
        _ => false,
    }
}

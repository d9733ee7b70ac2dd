//! What Cloudflare would do with a request before the gate sees it.

use super::located::{Located, Node};

/// Each setting under which requests are answered without the gate: where it stands, its name, the
/// error's code, and why it is one. Both settings are inherited by an environment that has none of its own.
pub(super) fn answered_in_front<'s>(
    settings: &'s Located,
    root: &'s Located,
) -> impl Iterator<Item = (&'s Located, &'static str, &'static str, &'static str)> {
    let setting = |name| settings.member(name).or_else(|| root.member(name));
    let is = |table: &Located, name, wanted| matches!(table.member(name).map(|value| &value.node), Some(Node::Scalar(json)) if json == wanted);
    let cache = setting("cache").filter(|cache| !is(cache, "enabled", "false")).map(|cache| {
        let what = "must not be enabled: whoever asks for a URL would get what another was sent, unverified";
        (cache, "cache", "cache-in-front", what)
    });
    let assets =
        setting("assets").filter(|assets| !is(assets, "run_worker_first", "true")).map(|assets| {
            let what = "are served before the gate runs: set run_worker_first = true, or serve them elsewhere";
            (assets, "assets", "assets-in-front", what)
        });
    cache.into_iter().chain(assets)
}

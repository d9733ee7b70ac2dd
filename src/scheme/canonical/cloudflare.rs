//! The tokens of Cloudflare's `is_timed_hmac_valid_v0`: `?verify=<time>-<signature>` at the end of
//! a URL, over the path and query before it and the time.
//!
//! <https://developers.cloudflare.com/waf/custom-rules/use-cases/configure-token-authentication/>

use super::Message;
use crate::message::{Head, split_at_last};

/// What stands between the signed path and the token, after its `?` or `&`.
const NAME: &str = "verify=";

/// Path, query and time; the separator and the parameter's name are not signed. Nothing where the
/// token is not the last parameter: what followed would not be signed.
pub(super) fn message<'p>(head: &Head<'_>) -> Option<Message<'p>> {
    let (before, token) = split_at_last(head.target(), NAME)?;
    let path = before.strip_suffix(['?', '&'])?;
    let (time, signature) = token.split_once('-')?;
    (!signature.contains('&')).then(|| Message::new([path, time].concat().into_bytes()))
}

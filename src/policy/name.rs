//! What names in a policy may be.

use super::misplaced::looks_like_a_secret;
use super::reader::Value;
use crate::policy_error::PolicyProblem;

/// Characters of a sender's id.
const MAX_ID_LENGTH: usize = 64;

/// It stands in a header field and in log lines, and later in storage names.
pub(super) fn is_id(text: &str) -> bool {
    (1..=MAX_ID_LENGTH).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
}

/// The name of a header field or of a list's member: letters, digits and what names are usually
/// joined with.
pub(super) fn is_token(text: &str) -> bool {
    (1..=MAX_ID_LENGTH).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

/// An absolute URL, as a sender may have been told it.
pub(super) fn is_url(text: &str) -> bool {
    let behind = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    behind.is_some_and(|behind| !behind.is_empty() && behind.bytes().all(|b| b.is_ascii_graphic()))
}

/// The name of a secret.
pub(super) fn secret_name(value: &mut Value<'_, '_>) -> Option<String> {
    let name = value.string()?;
    if looks_like_a_secret(&name) {
        return value.or_report(None, PolicyProblem::SecretAsName);
    }
    value
        .or_report(Some(name).filter(|name| is_secret_name(name)), PolicyProblem::InvalidSecretName)
}

/// The names a Worker's bindings can have, less those of the gate's own variables.
fn is_secret_name(text: &str) -> bool {
    !["POLICY", "ORIGIN", "HOSTS", "REPLAY"].contains(&text)
        && text.bytes().next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

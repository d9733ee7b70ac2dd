//! Twilio's webhooks: the URL that was configured, with the parameters of a form behind it, or with
//! the hash of any other body in its query.
//!
//! <https://www.twilio.com/docs/usage/security>

use sha2::{Digest, Sha256};

use super::{Message, Messages};
use crate::message::{FORM, Head, by_name, parameters, split_at_last, split_scheme};
use crate::scheme::{SenderUrl, UrlForm};

/// The parameter that Twilio adds to the query for a body that is no form.
const BODY_HASH: &str = "bodySHA256=";

/// The most parameters of a form: more than Twilio sends, and a bound for what is held of a
/// stranger's body.
const MAX_PARAMETERS: usize = 1000;
/// The most values of one name.
const MAX_VALUES: usize = 64;
/// Bytes of the longest form, and of all its names and values. Twilio's longest text is a message of
/// 1,600 characters, which has 19 KB when all are emoji, escaped; each byte is hashed twice for each
/// key.
const MAX_FORM: usize = 32 << 10;

/// What follows the URL in the signed bytes.
pub(crate) struct Read<'p> {
    head: &'p Head<'p>,
    /// The query less the body's hash, and that hash.
    query: &'p str,
    hash: Option<&'p str>,
    /// Whether the query may be signed: no form follows.
    query_may_vary: bool,
    parameters: Vec<u8>,
}

/// Reads a request. Nothing where the body would not be signed, or the URL could be cut from the form
/// at another place.
pub(super) fn read<'p>(head: &'p Head<'p>, body: &[u8]) -> Option<Read<'p>> {
    let (query, hash) = split_hash(head.query());
    let parameters = match hash {
        Some(hash) if hex::encode(Sha256::digest(body)) != hash => return None,
        Some(_) => Vec::new(),
        None if body.is_empty() => Vec::new(),
        None if head.has_media_type(FORM) => joined_parameters(body)?,
        None => return None,
    };
    // Else a signed URL could be sent again as a form with one parameter of the rest of it.
    if parameters.starts_with(b"?") || parameters.starts_with(b"&") {
        return None;
    }
    let query_may_vary = body.is_empty() || hash.is_some();
    Some(Read { head, query, hash, query_may_vary, parameters })
}

impl Read<'_> {
    /// The signed bytes of a request to a sender's URL, without a port and with it.
    pub(crate) fn messages(&self, sender_url: &SenderUrl) -> Option<Messages<'_>> {
        let mut url = self.configured_url(sender_url)?;
        if let Some(hash) = self.hash {
            let mark = if url.contains('?') { "&" } else { "?" };
            url.extend([mark, BODY_HASH, hash]);
        }
        let message = |url: String| Message { made: url.into_bytes(), received: &self.parameters };
        Some(Messages::OneOf(port_variants(&url)?.map(message).into()))
    }

    /// The URL that was configured at Twilio. `None` if the request did not come there. Where the
    /// sender's `url` is an origin alone, it is made of the path received, and of the query where no form
    /// follows.
    fn configured_url(&self, sender_url: &SenderUrl) -> Option<String> {
        let Self { head, query, hash, query_may_vary, .. } = self;
        let origin = match sender_url {
            SenderUrl::Origin(origin) => origin,
            SenderUrl::Whole { url, .. } => {
                let called = without_hash(head.target(), *hash);
                let is_called = sender_url.is_called_at(called, UrlForm::AsCalled);
                return is_called.then(|| url.to_string());
            }
        };
        let url = [origin, head.path()].concat();
        if query.is_empty() {
            Some(url)
        } else {
            query_may_vary.then(|| [&url, "?", query].concat())
        }
    }
}

/// The query without the body's hash, and the hash, which is the last parameter.
fn split_hash(query: &str) -> (&str, Option<&str>) {
    match split_at_last(query, BODY_HASH) {
        Some(("", hash)) => ("", Some(hash)),
        Some((before, hash)) if before.ends_with('&') => {
            (before.strip_suffix('&').unwrap_or(before), Some(hash))
        }
        _ => (query, None),
    }
}

/// The target without the body's hash and the mark before that.
fn without_hash<'t>(target: &'t str, hash: Option<&str>) -> &'t str {
    let Some(hash) = hash else { return target };
    let added = BODY_HASH.len().saturating_add(hash.len()).saturating_add(1);
    target.get(..target.len().saturating_sub(added)).unwrap_or_default()
}

/// Name and value of each parameter, sorted, each pair once, with nothing between them. Twilio
/// sends a name once; of one with more values than it has reason to, nothing is made.
fn joined_parameters(form: &[u8]) -> Option<Vec<u8>> {
    if form.len() > MAX_FORM {
        return None;
    }
    let mut text = Vec::new();
    for (name, values) in parameters(form, MAX_PARAMETERS)? {
        if values.len() > MAX_VALUES {
            return None;
        }
        for (value, _) in by_name(values.into_iter().map(|value| (value, Vec::new()))) {
            text.extend_from_slice(&name);
            text.extend_from_slice(&value);
        }
    }
    Some(text)
}

/// The URL without a port, and with its own or the one that its scheme implies: Twilio signs either.
fn port_variants(url: &str) -> Option<[String; 2]> {
    let (scheme, rest) = split_scheme(url)?;
    let (authority, target) = rest.split_at_checked(rest.find(['/', '?']).unwrap_or(rest.len()))?;
    let implied = if scheme == "https" { "443" } else { "80" };
    let (host, port) = authority.split_once(':').unwrap_or((authority, implied));
    Some([format!("{scheme}://{host}{target}"), format!("{scheme}://{host}:{port}{target}")])
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn row_08_a_form_of_very_many_parameters_is_not_read() {
        let form = |count: usize| vec!["a=1"; count].join("&").replace("a=1&", "a=&").into_bytes();
        let distinct = |count: usize| -> Vec<u8> {
            let pairs: Vec<String> = (0..count).map(|at| format!("p{at:04}=")).collect();
            pairs.join("&").into_bytes()
        };
        assert_eq!(joined_parameters(&distinct(1000)).unwrap().len(), 5000);
        assert!(joined_parameters(&distinct(1001)).is_none());
        assert_eq!(joined_parameters(&form(64)).unwrap(), b"aa1");
        assert!(joined_parameters(&form(65)).is_none());
    }

    #[test]
    fn values_are_sorted_and_stand_once() {
        assert_eq!(joined_parameters(b"b=2&a=2&b=10&b=2&b=&a=").unwrap(), b"aa2bb10b2");
    }
}

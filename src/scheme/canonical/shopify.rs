//! Shopify's signed queries: the links it opens an app with, and the requests of its app proxy.
//! The query is the message; neither path nor body is signed.
//!
//! <https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/authorization-code-grant>,
//! <https://shopify.dev/docs/apps/build/online-store/app-proxies/authenticate-app-proxies>

use super::Message;
use crate::message::{FORM_MARKS, Parameters, by_name, parameters, percent_encode, values_of};

/// Bytes of the longest query, and its most parameters. Escaped, it grows to three times as much, and
/// is hashed twice for each key. Shopify's own links have some hundred bytes; through its proxy comes
/// what a shop's pages send, of which URLs over 8 KB already get lost between browser and shop.
const MAX_QUERY: usize = 8 << 10;
const MAX_PARAMETERS: usize = 256;

/// The two ways in which Shopify's libraries write the parameters of a link, sorted and joined with
/// `&`: percent-escaped like a form and sorted by name (Ruby, JavaScript), or with no more escapes
/// than it takes to tell the pairs apart, sorted as they are written, and lists in JSON's form
/// (Python). No text can be both for two queries.
pub(super) fn link<'p>(query: &str) -> Option<Vec<Message<'p>>> {
    let parameters = unsigned_parameters(query, &["hmac", "signature"])?;
    let as_form = written(&parameters, form_escape).map(|pairs| pairs.join(&b'&'));
    let minimal = with_lists(parameters).and_then(|parameters| {
        let pairs = written(&parameters, minimal_escape)?.into_iter();
        let sorted = by_name(pairs.map(|pair| (pair, Vec::new()))).into_iter();
        Some(sorted.map(|(pair, _)| pair).collect::<Vec<_>>().join(&b'&'))
    });
    Some(as_form.into_iter().chain(minimal).map(Message::new).collect())
}

/// Parameters of the app proxy that may stand once only.
const SINGLE: [&[u8]; 2] = [b"shop", b"timestamp"];

/// The parameters of a proxied request, sorted and joined with nothing; the values of a repeated
/// one are joined with commas.
pub(super) fn proxy<'p>(query: &str) -> Option<Message<'p>> {
    let mut text = Vec::new();
    for (name, values) in unsigned_parameters(query, &["signature", "hmac"])? {
        if values.len() > 1 && SINGLE.contains(&name.as_slice()) {
            return None;
        }
        text.extend_from_slice(&name);
        text.push(b'=');
        text.extend_from_slice(&values.join(&b','));
    }
    Some(Message::new(text))
}

/// The parameters less the signature, which must stand once. A signature of the other kind beside
/// it is not signed by either, so there must be none.
fn unsigned_parameters(query: &str, signatures: &[&str; 2]) -> Option<Parameters> {
    let [own, other] = signatures.map(str::as_bytes);
    if query.len() > MAX_QUERY {
        return None;
    }
    let mut parameters = parameters(query.as_bytes(), MAX_PARAMETERS)?;
    if values_of(&parameters, own).len() != 1 || !values_of(&parameters, other).is_empty() {
        return None;
    }
    parameters.retain(|(name, _)| name != own);
    Some(parameters)
}

/// Writes `ids[]=1&ids[]=2` as `ids=["1", "2"]`; nothing where another query would look the same.
fn with_lists(parameters: Parameters) -> Option<Parameters> {
    let mut written = Vec::new();
    for (name, values) in parameters {
        let (name, value) = match name.strip_suffix(b"[]") {
            Some(list) if !values.iter().any(|value| value.contains(&b'"')) => {
                (list.to_vec(), [b"[\"", values.join(&b"\", \""[..]).as_slice(), b"\"]"].concat())
            }
            None if !values.iter().any(|value| value.starts_with(b"[\"")) => {
                written.extend(values.into_iter().map(|value| (name.clone(), value)));
                continue;
            }
            _ => return None,
        };
        written.push((name, value));
    }
    Some(by_name(written.into_iter()))
}

/// Each name with its value; nothing where a name stands twice.
fn written(parameters: &Parameters, escape: fn(&[u8], bool) -> Vec<u8>) -> Option<Vec<Vec<u8>>> {
    let pair = |(name, values): &(Vec<u8>, Vec<Vec<u8>>)| {
        let [value] = values.as_slice() else { return None };
        Some([escape(name, true), escape(value, false)].join(&b'='))
    };
    parameters.iter().map(pair).collect()
}

/// As the URL Standard writes a form, a space as `%20`.
fn form_escape(text: &[u8], _is_name: bool) -> Vec<u8> {
    percent_encode(text, FORM_MARKS).into_bytes()
}

fn minimal_escape(text: &[u8], is_name: bool) -> Vec<u8> {
    let mut escaped = Vec::with_capacity(text.len());
    for byte in text {
        match byte {
            b'%' => escaped.extend_from_slice(b"%25"),
            b'&' => escaped.extend_from_slice(b"%26"),
            b'=' if is_name => escaped.extend_from_slice(b"%3D"),
            byte => escaped.push(*byte),
        }
    }
    escaped
}

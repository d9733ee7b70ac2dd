//! What each key signs, and what it makes of it.

use serde::Serialize;

use super::KnownSecret;
use super::url::as_signed;
use super::visible::visible;
use crate::keyring::Sender;
use crate::scheme::{Presented, SenderUrl, SignedMessages, SignedRequest};
use crate::time::UnixSeconds;

/// One key against one message.
///
/// `expected` is a valid signature: it is shown to the holder of the secret, and to nobody else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// The sender's id.
    pub sender: String,
    /// The name of its secret.
    pub secret: String,
    /// Whether the secret counts now, by its `not_before` and `not_after`.
    pub valid_now: bool,
    /// The signed bytes, invisible characters written out. A secret among them is `{secret}`.
    pub signed_bytes: String,
    /// How many bytes were signed.
    pub signed_length: usize,
    /// The signature that this key makes of them, as the scheme writes it; nothing for a public key,
    /// which makes none, and for a secret that is sent itself.
    pub expected: Option<String>,
    /// Whether a signature of the request is this key's.
    pub matches: bool,
}

/// Every key of these senders against the request, as if it had come to the sender's URL.
pub(super) fn comparisons(
    senders: &[&Sender],
    secrets: &[KnownSecret],
    presented: &Presented<'_>,
    request: SignedRequest<'_>,
    now: UnixSeconds,
) -> Vec<Comparison> {
    let mut found = Vec::new();
    for sender in senders {
        let messages = SignedMessages::new(sender.scheme, presented, request);
        let url = sender.scheme.called_url(sender.url.as_ref()).map(as_signed);
        let own = messages.of(url.as_ref());
        for (place, key) in sender.keys.iter().enumerate() {
            let secret = secrets.iter().find(|one| one.sender == *sender.id && one.place == place);
            let matches = own.is_signed_with(&key.key, sender.requirement.as_ref()).into();
            let name = secret.map(|secret| secret.name.clone()).unwrap_or_default();
            for (shown, message) in twice(url.as_ref(), &messages, key.key.secret()) {
                let tag = key.key.tag([message.as_slice()]).filter(|_| sender.scheme.signs_bytes());
                let encoding = sender.scheme.signature.encoding;
                found.push(Comparison {
                    sender: sender.id.to_string(),
                    secret: name.clone(),
                    valid_now: key.valid.includes(now),
                    signed_bytes: visible(&shown),
                    signed_length: message.len(),
                    expected: tag.map(|tag| encoding.encode(tag.as_bytes())),
                    matches,
                });
            }
        }
    }
    found
}

/// The messages that the scheme makes of a request, as they may be shown and as they are.
fn twice(
    url: Option<&SenderUrl>,
    messages: &SignedMessages<'_>,
    secret: &[u8],
) -> Vec<(Vec<u8>, Vec<u8>)> {
    messages.in_full(url, b"{secret}").into_iter().zip(messages.in_full(url, secret)).collect()
}

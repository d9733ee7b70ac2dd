//! Adyen's payment notifications: each item of the body's list has a signature of its own over
//! eight of its fields.
//!
//! <https://docs.adyen.com/development-resources/webhooks/secure-webhooks/verify-hmac-signatures/>

use std::borrow::Cow;

use super::Message;
use crate::algorithm::{Algorithm, Tag};
use crate::json::{Json, Named};
use crate::scheme::Encoding;

/// The most items that are looked at; Adyen sends one, or a handful. Each costs a MAC for each key.
const MAX_ITEMS: usize = 16;
/// Bytes of the longest signed message of an item: references of up to 80 characters, and short
/// words. With all items and keys, half a megabyte is hashed.
const MAX_MESSAGE: usize = 2048;

/// The signed bytes and the signature of every item; nothing where there is no item, or one of
/// them has no signature.
pub(super) fn messages(body: &[u8]) -> Option<Vec<(Message<'_>, Tag)>> {
    let items = Json::of_unproven_body(body)?.member("notificationItems")?.items()?;
    let items: Vec<Json<'_>> = items.take(MAX_ITEMS.saturating_add(1)).collect();
    if items.is_empty() || items.len() > MAX_ITEMS {
        return None;
    }
    items.iter().map(message).collect()
}

fn message<'p>(item: &Json<'_>) -> Option<(Message<'p>, Tag)> {
    let [psp, original, account, merchant, amount, event, success, additional] =
        item.member("NotificationRequestItem")?.named([
            "pspReference",
            "originalReference",
            "merchantAccountCode",
            "merchantReference",
            "amount",
            "eventCode",
            "success",
            "additionalData",
        ])?;
    let signature = additional.once()?.member("hmacSignature")?.string()?;
    let tag = Encoding::Base64.decode(signature.as_bytes(), Algorithm::HmacSha256)?;
    let [value, currency] = match amount {
        Named::Once(amount) if !is_null(amount) => amount.named(["value", "currency"])?,
        other => [other; 2],
    };
    let fields = [psp, original, account, merchant, value, currency, event, success];
    let fields: Vec<Cow<'_, str>> = fields.into_iter().map(field).collect::<Option<_>>()?;
    let message = fields.join(":").into_bytes();
    (message.len() <= MAX_MESSAGE).then(|| (Message::new(message), tag))
}

fn is_null(value: Json<'_>) -> bool {
    value.as_written() == "null"
}

/// The text of a field, empty where it is missing or null. Nothing where another reader could take
/// another member for it, or where it is no text.
fn field(value: Named<'_>) -> Option<Cow<'_, str>> {
    match value {
        Named::Absent => Some("".into()),
        Named::Once(value) => match value.as_written() {
            "null" => Some("".into()),
            boolean @ ("true" | "false") => Some(boolean.into()),
            _ => value.text().map(Cow::Owned),
        },
        Named::Doubtful => None,
    }
}

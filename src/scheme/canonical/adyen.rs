//! Adyen's payment notifications: each item of the body's list has a signature of its own over
//! eight of its fields.
//!
//! <https://docs.adyen.com/development-resources/webhooks/secure-webhooks/verify-hmac-signatures/>

use super::Message;
use crate::algorithm::{Algorithm, Tag};
use crate::json::Json;
use crate::scheme::Encoding;

/// The signed fields in their order, as paths.
const FIELDS: [&[&str]; 8] = [
    &["pspReference"],
    &["originalReference"],
    &["merchantAccountCode"],
    &["merchantReference"],
    &["amount", "value"],
    &["amount", "currency"],
    &["eventCode"],
    &["success"],
];

/// The most items that are looked at; Adyen sends one, or a handful. Each costs a MAC for each key.
const MAX_ITEMS: usize = 16;

/// The signed bytes and the signature of every item; nothing where there is no item, or one of
/// them has no signature.
pub(super) fn messages(body: &[u8]) -> Option<Vec<(Message<'_>, Tag)>> {
    let items = Json::parse(body).ok()?.member("notificationItems")?.items()?;
    let items: Vec<Json<'_>> = items.take(MAX_ITEMS.saturating_add(1)).collect();
    if items.is_empty() || items.len() > MAX_ITEMS {
        return None;
    }
    items.iter().map(message).collect()
}

fn message<'p>(item: &Json<'_>) -> Option<(Message<'p>, Tag)> {
    let item = item.member("NotificationRequestItem")?;
    let signature = item.at(&["additionalData", "hmacSignature"])?.string()?;
    let tag = Encoding::Base64.decode(signature.as_bytes(), Algorithm::HmacSha256)?;
    let fields: Option<Vec<String>> = FIELDS.iter().map(|path| field(item, path)).collect();
    Some((Message::new(fields?.join(":").into_bytes()), tag))
}

/// The text of a field, empty where it is missing or null. Nothing where a name on its path stands
/// twice, for another reader could take the other one, or where it is no text.
fn field(item: Json<'_>, path: &[&str]) -> Option<String> {
    let Some((name, rest)) = path.split_first() else { return text(item) };
    match item.named(name)? {
        [None, _] => Some(String::new()),
        [Some(value), None] if value.as_written() == "null" => Some(String::new()),
        [Some(value), None] => field(value, rest),
        [Some(_), Some(_)] => None,
    }
}

fn text(value: Json<'_>) -> Option<String> {
    match value.as_written() {
        boolean @ ("true" | "false") => Some(boolean.to_owned()),
        _ => value.text(),
    }
}

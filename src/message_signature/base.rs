//! The signature base: what is signed of a request (RFC 9421 section 2.5).

use super::component::{Target, value};
use super::structured_field::{InnerList, Item};
use crate::message::Head;

/// The signature base of a request for the covered components and parameters; nothing where one of
/// them cannot be had, or stands twice.
pub(crate) fn signature_base(
    covered: &InnerList,
    head: &Head<'_>,
    target: Target<'_>,
) -> Option<Vec<u8>> {
    let mut base = String::new();
    for (place, identifier) in covered.items.iter().enumerate() {
        if covered.items.iter().take(place).any(|other| is_same(other, identifier)) {
            return None;
        }
        base.push_str(&format!("{identifier}: {}\n", value(identifier, head, target)?));
    }
    base.push_str(&format!("\"@signature-params\": {covered}"));
    Some(base.into_bytes())
}

/// Whether two identifiers name one component: the order of their parameters does not count
/// (section 2).
fn is_same(one: &Item, other: &Item) -> bool {
    one.value == other.value
        && one.parameters.len() == other.parameters.len()
        && one.parameters.iter().all(|parameter| other.parameters.contains(parameter))
}

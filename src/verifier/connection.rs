//! What `Connection` may not name: a field that a verified request rests on. The fields it names do
//! not reach the origin (RFC 9110 section 7.6.1), so a peer could take one away that was verified.

use super::{CONTENT_ENCODING, CONTENT_LENGTH};
use crate::message::{CONNECTION, Head, MAX_FIELDS, each_named, is_same_name};
use crate::message_signature::{CONTENT_DIGEST, SIGNATURE};
use crate::rejection::Rejection;
use crate::scheme::{Presented, Scheme};

/// What says how a body is read, and by which name the gate was called.
const DECISIVE: [&str; 4] = [CONTENT_LENGTH, CONTENT_ENCODING, "content-type", "host"];

/// Refuses a request that names a field which was, or is to be, verified.
pub(crate) fn check_connection(
    head: &Head<'_>,
    scheme: &Scheme,
    presented: &Presented<'_>,
) -> Result<(), Rejection> {
    let mut relied_on = false;
    let within_bounds = each_named_of(head, &mut |name| {
        relied_on |= DECISIVE.iter().any(|own| is_same_name(own, name))
            || scheme.rests_on(head, name)
            || presented.covers_field(name);
    });
    if within_bounds && !relied_on { Ok(()) } else { Err(Rejection::InvalidSignature) }
}

/// Whether no more fields are named than a head may have. Each is compared with each field.
pub(super) fn names_few(head: &Head<'_>) -> bool {
    each_named_of(head, &mut |_| {})
}

/// Calls `found` with the names, and gives whether there are no more than a head may have fields.
fn each_named_of(head: &Head<'_>, found: &mut dyn FnMut(&[u8])) -> bool {
    let mut left = MAX_FIELDS;
    let mut within_bounds = true;
    for value in head.values(CONNECTION) {
        each_named(value, &mut |name| match left.checked_sub(1) {
            Some(fewer) => {
                left = fewer;
                found(name);
            }
            None => within_bounds = false,
        });
    }
    within_bounds
}

impl Scheme {
    /// Whether a field is one of the scheme's, or of those that it lets the request name.
    fn rests_on(&self, head: &Head<'_>, name: &[u8]) -> bool {
        let mut own = false;
        self.tell_fields_read(&mut |field| own |= is_same_name(field, name));
        let start = name.get(..SIGNATURE.len());
        let signature = || start.is_some_and(|start| is_same_name(SIGNATURE, start));
        own || self.names_as_signed(head, name)
            || (self.signs_components() && (is_same_name(CONTENT_DIGEST, name) || signature()))
    }
}

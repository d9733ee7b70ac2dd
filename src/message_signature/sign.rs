//! Making signatures (RFC 9421 section 3.1).

use super::structured_field::{BareItem, InnerList};
use super::{SIGNATURE, SIGNATURE_INPUT, signature_base};
use crate::algorithm::{Cryptography, SigningKey};
use crate::message::Head;

/// The two fields of a signature under this label; nothing where the request lacks a component.
pub(crate) fn sign(
    key: &SigningKey,
    label: &str,
    covered: &InnerList,
    head: &Head<'_>,
    cryptography: Option<&dyn Cryptography>,
) -> Option<[(&'static str, String); 2]> {
    let base = signature_base(covered, head, None)?;
    let tag = key.sign([base.as_slice()], cryptography)?;
    let signature = BareItem::Bytes(tag.as_bytes().to_vec());
    Some([
        (SIGNATURE_INPUT, format!("{label}={covered}")),
        (SIGNATURE, format!("{label}={signature}")),
    ])
}

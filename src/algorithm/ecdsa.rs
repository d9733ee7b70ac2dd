//! ECDSA (FIPS 186-5) over P-256 with SHA-256 and over P-384 with SHA-384: its keys and signatures in
//! the one encoding that DER has for them.
//!
//! With each signature a second one is valid, by nature: the one whose `s` is negated. It says the
//! same about the same bytes. What a signature is remembered by must not be the signature.

use super::Tag;
use super::der::{self, Der};

/// How an uncompressed point begins (RFC 5480 section 2.2).
const UNCOMPRESSED: u8 = 0x04;

/// A curve, with the hash that goes with it.
pub(super) struct Curve {
    /// The identifier in DER of the algorithm with this curve (RFC 5480 section 2.1.1).
    pub(super) identifier: &'static [u8],
    /// The order of the group, which no number of a signature reaches.
    order: &'static [u8],
}

pub(super) const P256: Curve = Curve {
    identifier: &[
        0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
        0x48, 0xce, 0x3d, 0x03, 0x01, 0x07,
    ],
    order: &[
        0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63,
        0x25, 0x51,
    ],
};

pub(super) const P384: Curve = Curve {
    identifier: &[
        0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b, 0x81,
        0x04, 0x00, 0x22,
    ],
    order: &[
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xc7, 0x63, 0x4d, 0x81, 0xf4, 0x37,
        0x2d, 0xdf, 0x58, 0x1a, 0x0d, 0xb2, 0x48, 0xb0, 0xa7, 0x7a, 0xec, 0xec, 0x19, 0x6a, 0xcc,
        0xc5, 0x29, 0x73,
    ],
};

impl Curve {
    /// A key: a `SubjectPublicKeyInfo` in DER with an uncompressed point. Returns `None` if it is
    /// another thing. Whether the point is on the curve, who computes with it finds out.
    pub(super) fn key<'k>(&self, spki: &'k [u8]) -> Option<&'k [u8]> {
        let mut outer = Der::new(spki);
        let info = outer.sequence()?;
        outer.end()?;
        let mut key = Der::new(info.rest().strip_prefix(self.identifier)?);
        let numbers = key.bit_string()?.rest().strip_prefix(&[UNCOMPRESSED])?;
        key.end()?;
        (numbers.len() == self.order.len().saturating_mul(2)).then_some(spki)
    }

    /// Whether a tag is two numbers from 1 to below the order (FIPS 186-5 section 6.4.2).
    pub(super) fn is_sound(&self, tag: &Tag) -> bool {
        match tag.as_bytes().split_at_checked(self.order.len()) {
            Some((r, s)) => {
                let is_sound = |number: &[u8]| {
                    number.len() == self.order.len()
                        && number < self.order
                        && number.iter().any(|byte| *byte != 0)
                };
                is_sound(r) && is_sound(s)
            }
            None => false,
        }
    }

    /// The tag of a signature in DER (RFC 3279 section 2.2.3). Returns `None` if it is in BER, or a
    /// number is zero or too long.
    pub(super) fn tag_of_der(&self, signature: &[u8]) -> Option<Tag> {
        let mut outer = Der::new(signature);
        let mut numbers = outer.sequence()?;
        outer.end()?;
        let (r, s) = (numbers.positive_integer()?, numbers.positive_integer()?);
        numbers.end()?;
        let mut fixed = Vec::with_capacity(self.order.len().saturating_mul(2));
        for number in [r, s] {
            let zeros = self.order.len().checked_sub(number.len())?;
            fixed.extend(core::iter::repeat_n(0, zeros));
            fixed.extend_from_slice(number);
        }
        Some(Tag::new(&fixed))
    }

    /// A signature in DER. Returns `None` if the tag is not two numbers above zero.
    pub(super) fn der_of_tag(&self, tag: &Tag) -> Option<Vec<u8>> {
        let (r, s) = tag.as_bytes().split_at_checked(self.order.len())?;
        der::sequence(&[&der::positive_integer(r)?, &der::positive_integer(s)?])
    }
}

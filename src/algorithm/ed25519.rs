//! Ed25519 (RFC 8032 section 5.1), taken strictly: of the signatures that some libraries take and
//! others do not, none is taken here, so that one signature stays one.

use super::Tag;

/// The algorithm's identifier in DER (RFC 8410 section 3).
pub(super) const IDENTIFIER: &[u8] = &[0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70];

/// What stands in front of a key in a `SubjectPublicKeyInfo` (section 4).
const SPKI_PREFIX: [u8; 12] =
    [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// The order of the group, the last byte first.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// The prime of the field, the last byte first.
const PRIME: [u8; 32] = {
    let mut prime = [0xff; 32];
    prime[0] = 0xed;
    prime[31] = 0x7f;
    prime
};

/// The `y` of the eight points of small order, for which anybody can make signatures. Two points that
/// differ only in the sign of `x` have one.
const SMALL_ORDER: [[u8; 32]; 5] = [
    [0; 32],
    {
        let mut one = [0; 32];
        one[0] = 1;
        one
    },
    {
        let mut minus_one = PRIME;
        minus_one[0] = 0xec;
        minus_one
    },
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ],
];

/// The 32 bytes of a key, bare or in a `SubjectPublicKeyInfo`. Returns `None` if they are no point's
/// one encoding (RFC 8032 section 5.1.2), or its order is small.
pub(super) fn key(bytes: &[u8]) -> Option<&[u8]> {
    let bytes = bytes.strip_prefix(&SPKI_PREFIX).unwrap_or(bytes);
    is_sound_point(bytes.try_into().ok()?).then_some(bytes)
}

/// Whether a signature is in its one encoding: a sound point, and a reduced number (section 5.1.7).
pub(super) fn is_sound(tag: &Tag) -> bool {
    match tag.as_bytes().split_first_chunk::<32>() {
        Some((point, number)) => is_sound_point(point) && is_below(number, &ORDER),
        None => false,
    }
}

/// Whether 32 bytes encode a `y` below the prime that is not of a point of small order. Whether there
/// is a point with it, the verification finds out.
fn is_sound_point(bytes: &[u8; 32]) -> bool {
    let mut y = *bytes;
    if let Some(last) = y.last_mut() {
        *last &= 0x7f;
    }
    is_below(&y, &PRIME) && !SMALL_ORDER.contains(&y)
}

/// Whether a number is below another, both with the last byte first and of one length.
fn is_below(number: &[u8], bound: &[u8; 32]) -> bool {
    number.len() == bound.len() && number.iter().rev().lt(bound.iter().rev())
}

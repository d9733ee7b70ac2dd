//! RSA (RFC 8017) with RSASSA-PSS and RSASSA-PKCS1-v1_5: its public keys.

use core::ops::RangeInclusive;

use super::Algorithm;
use super::der::{self, Der, NULL};

/// `rsaEncryption` (RFC 3279 section 2.3.1): a key for any padding.
const RSA_ENCRYPTION: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
/// The same in DER, with its parameters.
const RSA_ENCRYPTION_ALGORITHM: &[u8] =
    &[0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];
/// `id-RSASSA-PSS` (RFC 4055 section 3.1): a key for that padding only.
const RSASSA_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a];

/// Bits of the modulus. Fewer than 2048 are too weak (NIST SP 800-131A), and the time of a
/// verification grows with the square.
const MODULUS_BITS: RangeInclusive<u32> = 2048..=4096;
/// The smallest public exponent (FIPS 186-5 section 5.1), and the largest: one of 33 bits, for the time
/// of a verification grows with it.
const EXPONENT: RangeInclusive<u64> = 65_537..=(1 << 33) - 1;

/// A key, and the bytes of its modulus, which are those of its signatures.
pub(super) struct Key {
    /// A `SubjectPublicKeyInfo` with `rsaEncryption`, whichever identifier it came with.
    pub(super) spki: Vec<u8>,
    pub(super) modulus_bytes: usize,
}

/// A key from a `SubjectPublicKeyInfo` in DER: with `rsaEncryption`, whose parameters are NULL, or for
/// RSASSA-PSS with that padding's own identifier, without parameters. Returns `None` unless its modulus
/// is odd and has 2048 to 4096 bits, and its exponent is odd and from 65537 to 2^33.
pub(super) fn key(algorithm: Algorithm, spki: &[u8]) -> Option<Key> {
    let mut outer = Der::new(spki);
    let mut info = outer.sequence()?;
    outer.end()?;
    let mut identifier = info.sequence()?;
    let is_of_padding = match (identifier.object_identifier()?, identifier.rest()) {
        (RSA_ENCRYPTION, parameters) => parameters == NULL,
        (RSASSA_PSS, parameters) => algorithm == Algorithm::RsaPss && parameters.is_empty(),
        _ => false,
    };
    let key = info.bit_string().filter(|_| is_of_padding)?;
    info.end()?;
    let mut outer = key;
    let mut numbers = outer.sequence()?;
    outer.end()?;
    let (modulus, exponent) = (numbers.positive_integer()?, numbers.positive_integer()?);
    numbers.end()?;
    let is_odd = |number: &[u8]| number.last().is_some_and(|byte| byte % 2 == 1);
    let fits = is_odd(modulus)
        && MODULUS_BITS.contains(&bits(modulus)?)
        && is_odd(exponent)
        && EXPONENT.contains(&small(exponent)?);
    if !fits {
        return None;
    }
    let spki = der::sequence(&[RSA_ENCRYPTION_ALGORITHM, &der::bit_string(key.rest())?])?;
    Some(Key { spki, modulus_bytes: modulus.len() })
}

/// The bits of a number.
fn bits(number: &[u8]) -> Option<u32> {
    let bytes = u32::try_from(number.len()).ok()?;
    bytes.checked_mul(8)?.checked_sub(number.first()?.leading_zeros())
}

/// A number of eight bytes at the most.
fn small(number: &[u8]) -> Option<u64> {
    let bytes = number.len() <= 8;
    bytes.then(|| number.iter().fold(0, |sum, byte| (sum << 8) | u64::from(*byte)))
}

//! DER (X.690 section 10), as far as public keys and ECDSA signatures are written in it.
//!
//! By hand, since a decoder for any ASN.1 is larger than all that is read here: sequences, positive
//! integers, object identifiers and bit strings, each in the one encoding that DER has for it.

/// `INTEGER`
const INTEGER: u8 = 0x02;
/// `BIT STRING`
const BIT_STRING: u8 = 0x03;
/// `OCTET STRING`
const OCTET_STRING: u8 = 0x04;
/// `OBJECT IDENTIFIER`
const OBJECT_IDENTIFIER: u8 = 0x06;
/// `SEQUENCE`
const SEQUENCE: u8 = 0x30;
/// `NULL`, which holds nothing.
pub(super) const NULL: [u8; 2] = [0x05, 0x00];

/// The values that follow one another in some bytes.
#[derive(Clone, Copy)]
pub(super) struct Der<'d>(&'d [u8]);

impl<'d> Der<'d> {
    pub(super) fn new(bytes: &'d [u8]) -> Self {
        Self(bytes)
    }

    /// The content of the next value. Returns `None` if that has another tag, or its length is not
    /// written in the fewest bytes.
    fn next(&mut self, tag: u8) -> Option<&'d [u8]> {
        let [own, length, rest @ ..] = self.0 else { return None };
        let (length, rest) = match (*length, rest) {
            (0..=0x7f, rest) => (usize::from(*length), rest),
            (0x81, [length @ 0x80..=0xff, rest @ ..]) => (usize::from(*length), rest),
            (0x82, [high @ 1..=0xff, low, rest @ ..]) => {
                (usize::from(u16::from_be_bytes([*high, *low])), rest)
            }
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(length).filter(|_| *own == tag)?;
        self.0 = rest;
        Some(content)
    }

    /// The values in the next one.
    pub(super) fn sequence(&mut self) -> Option<Self> {
        self.next(SEQUENCE).map(Self)
    }

    /// The identifier's bytes.
    pub(super) fn object_identifier(&mut self) -> Option<&'d [u8]> {
        self.next(OBJECT_IDENTIFIER)
    }

    /// The whole bytes of a bit string.
    pub(super) fn bit_string(&mut self) -> Option<Self> {
        self.next(BIT_STRING)?.strip_prefix(&[0]).map(Self)
    }

    /// The digits of a number above zero, the first of which is none.
    pub(super) fn positive_integer(&mut self) -> Option<&'d [u8]> {
        let number = self.next(INTEGER)?;
        match number {
            [0, 0x80..=0xff, ..] => number.get(1..),
            [1..=0x7f, ..] => Some(number),
            _ => None,
        }
    }

    /// The number of a version, 0 or 1.
    pub(super) fn version(&mut self) -> Option<u8> {
        match self.next(INTEGER)? {
            [version @ 0..=1] => Some(*version),
            _ => None,
        }
    }

    /// What is left.
    pub(super) fn rest(self) -> &'d [u8] {
        self.0
    }

    /// Returns `None` if something is left.
    pub(super) fn end(self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}

/// A sequence of these values. Returns `None` if it is longer than 65,535 bytes.
pub(super) fn sequence(values: &[&[u8]]) -> Option<Vec<u8>> {
    value(SEQUENCE, values)
}

/// A bit string of these bytes.
pub(super) fn bit_string(bytes: &[u8]) -> Option<Vec<u8>> {
    value(BIT_STRING, &[&[0], bytes])
}

/// A private key in PKCS #8 (RFC 5958 section 2): this algorithm's identifier, and the key as that has it.
pub(super) fn pkcs8(identifier: &[u8], key: &[u8]) -> Option<Vec<u8>> {
    sequence(&[&[INTEGER, 1, 0], identifier, &value(OCTET_STRING, &[key])?])
}

/// A number by its digits, which may begin with zeros.
pub(super) fn positive_integer(digits: &[u8]) -> Option<Vec<u8>> {
    let first = digits.iter().position(|digit| *digit != 0)?;
    let digits = digits.get(first..)?;
    let sign: &[u8] = if *digits.first()? < 0x80 { &[] } else { &[0] };
    value(INTEGER, &[sign, digits])
}

fn value(tag: u8, parts: &[&[u8]]) -> Option<Vec<u8>> {
    let content = parts.concat();
    let [high, low] = u16::try_from(content.len()).ok()?.to_be_bytes();
    let head: &[u8] = match (high, low) {
        (0, 0..=0x7f) => &[tag, low],
        (0, _) => &[tag, 0x81, low],
        _ => &[tag, 0x82, high, low],
    };
    Some([head, &content].concat())
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn a_length_has_one_encoding() {
        for (bytes, length) in [
            (&[0x30, 0x00][..], Some(0)),
            (&[0x30, 0x01, 7], Some(1)),
            (&[0x30, 0x81, 0x01, 7], None),
            (&[0x30, 0x82, 0x00, 0x01, 7], None),
            (&[0x30, 0x80, 0, 0], None),
            (&[0x30, 0x02, 7], None),
            (&[0x30], None),
            (&[0x31, 0x00], None),
            (&[], None),
        ] {
            let content = Der::new(bytes).sequence().map(|content| content.rest().len());
            assert_eq!(content, length, "{bytes:?}");
        }
        for length in [0, 1, 127, 128, 255, 256, 4000] {
            let made = sequence(&[&vec![7; length]]).unwrap();
            let mut read = Der::new(&made);
            assert_eq!(read.sequence().unwrap().rest().len(), length);
            assert!(read.end().is_some());
        }
        assert!(sequence(&[&vec![7; 1 << 16]]).is_none());
    }

    #[test]
    fn a_number_is_above_zero_and_has_one_encoding() {
        for (bytes, digits) in [
            (&[0x02, 0x01, 0x01][..], Some(&[1_u8][..])),
            (&[0x02, 0x02, 0x00, 0x80], Some(&[0x80])),
            (&[0x02, 0x01, 0x00], None),
            (&[0x02, 0x02, 0x00, 0x7f], None),
            (&[0x02, 0x01, 0x80], None),
            (&[0x02, 0x00], None),
        ] {
            assert_eq!(Der::new(bytes).positive_integer(), digits, "{bytes:?}");
            if let Some(digits) = digits {
                assert_eq!(positive_integer(&[&[0, 0], digits].concat()).unwrap(), bytes);
            }
        }
        assert!(positive_integer(&[0, 0]).is_none());
    }
}

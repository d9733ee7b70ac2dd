//! Queries and forms: how they are written, and the parameters in them.
//!
//! The crate `form_urlencoded` does not serve: it puts U+FFFD for bytes that are no UTF-8, so that
//! different forms would be read alike, and signed alike.

use std::borrow::Cow;
use std::collections::BinaryHeap;

use super::percent::{decode, percent_encode};

/// The media type of a form.
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

/// The names and values of a query or a form (the URL Standard's `application/x-www-form-urlencoded`
/// parser), decoded.
pub(crate) fn form_pairs(text: &[u8]) -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> {
    text.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()).map(|pair| {
        let mut halves = pair.splitn(2, |byte| *byte == b'=');
        let mut decoded = || {
            let spaced: Vec<u8> = halves
                .next()
                .unwrap_or_default()
                .iter()
                .map(|byte| if *byte == b'+' { b' ' } else { *byte })
                .collect();
            decode(&spaced, &|_| true)
        };
        (decoded(), decoded())
    })
}

/// Marks that the URL Standard leaves as they are in a form.
pub(crate) const FORM_MARKS: &[u8] = b"*-._";

/// A query in the spelling that `fetch` gives it, which is what the origin sees: some characters are
/// escaped (the URL Standard's special-query percent-encode set).
pub(crate) fn query_as_sent(query: &str) -> Cow<'_, str> {
    if query.bytes().any(is_escaped) {
        percent_encode(query.as_bytes(), QUERY).into()
    } else {
        query.into()
    }
}

/// Whether `fetch` escapes this byte in a query.
fn is_escaped(byte: u8) -> bool {
    !matches!(byte, b'!'..=b'~') || matches!(byte, b'"' | b'#' | b'<' | b'>' | b'\'')
}

/// Marks that `fetch` leaves as they are in a query.
const QUERY: &[u8] = b"!$%&()*+,-./:;=?@[\\]^_`{|}~";

/// Names in the order of their bytes, each once, and its values in the order received.
pub(crate) type Parameters = Vec<(Vec<u8>, Vec<Vec<u8>>)>;

/// Reads a query or a form; nothing where it has more than so many parameters.
pub(crate) fn parameters(text: &[u8], most: usize) -> Option<Parameters> {
    let count = text.split(|byte| *byte == b'&').count();
    (count <= most).then(|| by_name(form_pairs(text)))
}

/// Puts together what has one name.
pub(crate) fn by_name(pairs: impl Iterator<Item = (Vec<u8>, Vec<u8>)>) -> Parameters {
    let pairs = pairs.enumerate().map(|(place, (name, value))| (name, place, value));
    let mut parameters = Parameters::new();
    // A heap sorts with a tenth of the code of a list or a tree.
    for (name, _, value) in pairs.collect::<BinaryHeap<_>>().into_sorted_vec() {
        match parameters.last_mut() {
            Some((last, values)) if *last == name => values.push(value),
            _ => parameters.push((name, vec![value])),
        }
    }
    parameters
}

/// The values of a name; none where it is not there.
pub(crate) fn values_of<'p>(parameters: &'p Parameters, name: &[u8]) -> &'p [Vec<u8>] {
    let place = parameters.binary_search_by(|(known, _)| known.as_slice().cmp(name));
    place.ok().and_then(|place| parameters.get(place)).map_or(&[], |(_, values)| values)
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn names_are_sorted_and_values_stay_in_their_order() {
        let read = parameters(b"b=2&a=9&b=1&%62=3&a&aa=&&b=2", 8).unwrap();
        let expected: [(&[u8], &[&[u8]]); 3] =
            [(b"a", &[b"9", b""]), (b"aa", &[b""]), (b"b", &[b"2", b"1", b"3", b"2"])];
        assert_eq!(read.len(), expected.len());
        for (name, values) in expected {
            assert_eq!(values_of(&read, name), values);
        }
        assert!(read.is_sorted_by(|(one, _), (next, _)| one < next));
        assert!(values_of(&read, b"c").is_empty());
        assert!(parameters(b"b=2&a=9&b=1&%62=3&a&aa=&&b=2", 7).is_none());
    }

    #[test]
    fn a_form_is_pairs_of_names_and_values() {
        let pairs: Vec<_> = form_pairs(b"a=1+2&b&&%63=%3D%26=x&=").collect();
        let expected: [(&[u8], &[u8]); 4] =
            [(b"a", b"1 2"), (b"b", b""), (b"c", b"=&=x"), (b"", b"")];
        assert!(pairs.iter().map(|(k, v)| (&k[..], &v[..])).eq(expected));
    }

    #[test]
    fn every_byte_is_escaped_or_kept() {
        for byte in 0..=255_u8 {
            let kept = byte.is_ascii_alphanumeric() || QUERY.contains(&byte);
            assert_eq!(is_escaped(byte), !kept, "{byte}");
        }
    }
}

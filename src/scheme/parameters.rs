//! The parameters of a query or a form, by their names.

use std::collections::BinaryHeap;

use super::url::form_pairs;

/// Names in the order of their bytes, each once, and its values in the order received.
pub(crate) type Parameters = Vec<(Vec<u8>, Vec<Vec<u8>>)>;

/// Reads a query or a form; nothing where it has more than so many parameters.
pub(super) fn parameters(text: &[u8], most: usize) -> Option<Parameters> {
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
}

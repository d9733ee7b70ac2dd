use countersign::python_json::{Error, MAX_DEPTH, to_vec};
use serde_json::Value;

/// What is written is one line of printable ASCII, reads back as the same value, and is written
/// the same again; an error has its reason in the value.
pub fn python_json(data: &[u8]) {
    let Ok(value) = serde_json::from_slice::<Value>(data) else { return };
    let written = match to_vec(&value) {
        Ok(written) => written,
        Err(error) => {
            let found = match error {
                Error::TooDeep => depth(&value) > MAX_DEPTH,
                _ => any_number(&value, &|text| is_infinite(text)),
            };
            return assert!(found, "{error}: {value}");
        }
    };
    assert!(written.iter().all(|byte| matches!(byte, b' '..=b'~')));
    let read: Value = serde_json::from_slice(&written).expect("it is JSON");
    assert!(is_same(&value, &read), "{value} became {read}");
    assert_eq!(to_vec(&read).as_ref(), Ok(&written));
}

/// Lists and objects within each other. A raw value, which `serde_json` reads out of a string, can
/// be deeper than a text.
fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or_default(),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or_default(),
        _ => 0,
    }
}

/// Python reads a number with a fraction or an exponent as a float.
fn is_float(number: &str) -> bool {
    number.contains(['.', 'e', 'E'])
}

fn is_infinite(number: &str) -> bool {
    is_float(number) && number.parse().is_ok_and(f64::is_infinite)
}

fn any_number(value: &Value, is: &dyn Fn(&str) -> bool) -> bool {
    match value {
        Value::Number(number) => is(number.as_str()),
        Value::Array(items) => items.iter().any(|item| any_number(item, is)),
        Value::Object(members) => members.values().any(|member| any_number(member, is)),
        _ => false,
    }
}

/// Equal, where floats may be written in two ways and an int has no negative zero.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => match (one.as_str(), other.as_str()) {
            ("-0", other) => other == "0",
            (one, other) if is_float(one) => {
                let bits = |text: &str| text.parse().map(f64::to_bits);
                is_float(other) && bits(one) == bits(other)
            }
            (one, other) => one == other,
        },
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len()
                && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .zip(other)
                    .all(|(one, other)| one.0 == other.0 && is_same(one.1, other.1))
        }
        _ => one == other,
    }
}

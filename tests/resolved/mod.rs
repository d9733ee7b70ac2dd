//! The requests of `cases/resolved.json`, which Python signed.
#![allow(clippy::unwrap_used)]

use std::sync::LazyLock;

use serde_json::Value;

/// The whole file, with `{"repeat": "x", "times": 3}` as the text "xxx".
pub(crate) static RESOLVED: LazyLock<Value> = LazyLock::new(|| {
    let mut file = serde_json::from_str(include_str!("../cases/resolved.json")).unwrap();
    repeat(&mut file);
    file
});

fn repeat(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(repeat),
        Value::Object(fields) => match (fields.get("repeat"), fields.get("times")) {
            (Some(Value::String(text)), Some(times)) => {
                let times = usize::try_from(times.as_u64().unwrap()).unwrap();
                *value = text.repeat(times).into();
            }
            _ => fields.values_mut().for_each(repeat),
        },
        _ => {}
    }
}

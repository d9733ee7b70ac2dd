//! Tables of a policy, as JSON.
#![allow(clippy::unwrap_used)]

use serde_json::Value;

/// A table with one field changed; `null` takes it away.
pub(crate) fn with(mut table: Value, key: &str, value: Value) -> Value {
    let fields = table.as_object_mut().unwrap();
    if value.is_null() {
        fields.remove(key);
    } else {
        fields.insert(key.to_owned(), value);
    }
    table
}

//! JSON (RFC 8259) read one object at a time, with nothing decided for the caller: repeated
//! members are kept, and values stay as they are written until they are asked for.

use core::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The members of a JSON object in their order, repeated ones kept.
pub(crate) struct Members<'j>(pub(crate) Vec<(String, &'j RawValue)>);

impl<'j> Members<'j> {
    /// The one member with this name; nothing where there is none, or more than one.
    pub(crate) fn single(&self, name: &str) -> Option<&'j RawValue> {
        let mut values = self.0.iter().filter(|(key, _)| key == name).map(|(_, value)| *value);
        match (values.next(), values.next()) {
            (Some(value), None) => Some(value),
            _ => None,
        }
    }
}

impl<'j> Deserialize<'j> for Members<'j> {
    fn deserialize<D: Deserializer<'j>>(deserializer: D) -> Result<Self, D::Error> {
        struct MembersVisitor;

        impl<'j> Visitor<'j> for MembersVisitor {
            type Value = Members<'j>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'j>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(MembersVisitor)
    }
}

/// The string or number at a path of member names in a JSON text: a string's characters, a
/// number as it is written. Nothing where a name on the way is missing or repeated, or the value
/// is of another type.
pub(crate) fn text_at(json: &[u8], path: &[impl AsRef<str>]) -> Option<String> {
    let mut value = serde_json::from_slice::<&RawValue>(json).ok()?;
    for name in path {
        value = serde_json::from_str::<Members>(value.get()).ok()?.single(name.as_ref())?;
    }
    let text = value.get();
    if text.starts_with(|first: char| first == '-' || first.is_ascii_digit()) {
        return Some(text.to_owned());
    }
    serde_json::from_str(text).ok()
}

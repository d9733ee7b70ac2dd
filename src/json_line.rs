//! A JSON object (RFC 8259) written in one line, for what every request has: its line in the log and
//! the document that refuses it.
//!
//! In WebAssembly a copy is a call out of it, however short. So a name is copied with the marks around
//! it, see [`member!`], and objects are written one behind the other into one text. `serde_json`, which
//! copies the marks one by one, writes only what needs escapes.

/// The name of a member as it is written, of a name that needs no escapes.
macro_rules! member {
    ($name:literal) => {
        concat!(",\"", $name, "\":")
    };
}
pub(crate) use member;

/// An object, member by member. Names are written by [`member!`].
pub(crate) struct JsonLine {
    text: String,
    /// Bytes of the text up to the first member.
    start: usize,
}

impl JsonLine {
    /// An object by itself.
    pub(crate) fn new() -> Self {
        Self::behind(String::with_capacity(512))
    }

    /// An object behind the text.
    pub(crate) fn behind(mut text: String) -> Self {
        text.push('{');
        Self { start: text.len(), text }
    }

    /// A text, or `null`.
    pub(crate) fn text<'t>(self, name: &'static str, value: impl Into<Option<&'t str>>) -> Self {
        match value.into() {
            Some(value) if needs_escapes(value) => {
                self.json(name, &serde_json::to_string(value).unwrap_or_default())
            }
            Some(value) => self.plain(name, &[value]),
            None => self.json(name, "null"),
        }
    }

    /// A text in parts that need no escapes.
    pub(crate) fn plain(mut self, name: &'static str, parts: &[&str]) -> Self {
        self.name(name);
        self.text.push('"');
        for part in parts {
            self.text.push_str(part);
        }
        self.text.push('"');
        self
    }

    /// A whole number, or `null`.
    pub(crate) fn number<N: itoa::Integer>(self, name: &'static str, value: Option<N>) -> Self {
        match value {
            Some(value) => self.json(name, itoa::Buffer::new().format(value)),
            None => self.json(name, "null"),
        }
    }

    /// A value that is JSON text in one line already.
    pub(crate) fn json(mut self, name: &'static str, value: &str) -> Self {
        self.name(name);
        self.text.push_str(value);
        self
    }

    fn name(&mut self, name: &'static str) {
        let first = self.text.len() == self.start;
        self.text.push_str(name.get(usize::from(first)..).unwrap_or_default());
    }

    /// The text with the object at its end, which has no line feed.
    pub(crate) fn end(mut self) -> String {
        self.text.push('}');
        self.text
    }
}

/// Whether a byte may not stand in a JSON string as it is. It looks at all of them: that is faster than
/// to stop at one.
fn needs_escapes(text: &str) -> bool {
    text.bytes().fold(false, |found, byte| found | matches!(byte, 0..b' ' | b'"' | b'\\'))
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn every_text_is_read_back_as_it_was() {
        let every: String = ('\0'..='\u{2ff}').chain(['\u{2028}', '\u{10ffff}']).collect();
        for text in ["", "plain", "\"", "\\", "a\nb", &every] {
            let line =
                JsonLine::new().text(member!("before"), "x").text(member!("text"), text).end();
            assert!(!line.contains('\n'), "{line}");
            let read: serde_json::Value = serde_json::from_str(&line).unwrap();
            assert_eq!(read, serde_json::json!({"before": "x", "text": text}));
        }
    }

    #[test]
    fn what_is_not_there_is_null() {
        let line = JsonLine::behind("a\n".to_owned())
            .text(member!("a"), None)
            .number(member!("b"), None::<u8>)
            .number(member!("c"), Some(-1))
            .plain(member!("d"), &["e", "f"]);
        assert_eq!(line.end(), "a\n{\"a\":null,\"b\":null,\"c\":-1,\"d\":\"ef\"}");
        assert_eq!(JsonLine::new().end(), "{}");
    }
}

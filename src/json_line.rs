//! A JSON object (RFC 8259) written in one line, for what every request has: its line in the log and
//! the document that refuses it.
//!
//! Most texts there need no escapes, and are copied whole.

/// An object, member by member. Names are ours and need no escapes.
pub(crate) struct JsonLine(String);

impl JsonLine {
    pub(crate) fn new() -> Self {
        let mut line = String::with_capacity(512);
        line.push('{');
        Self(line)
    }

    /// A text, or `null`.
    pub(crate) fn text<'t>(self, name: &'static str, value: impl Into<Option<&'t str>>) -> Self {
        let Some(value) = value.into() else { return self.json(name, "null") };
        if value.bytes().any(|byte| byte < b' ' || byte == b'"' || byte == b'\\') {
            return self.json(name, &serde_json::to_string(value).unwrap_or_default());
        }
        let mut line = self.json(name, "\"");
        line.0.push_str(value);
        line.0.push('"');
        line
    }

    /// A whole number, or `null`.
    pub(crate) fn number<N: ToString>(self, name: &'static str, value: Option<N>) -> Self {
        match value {
            Some(value) => self.json(name, &value.to_string()),
            None => self.json(name, "null"),
        }
    }

    /// A value that is JSON text in one line already.
    pub(crate) fn json(mut self, name: &'static str, value: &str) -> Self {
        let comma = if self.0.len() > 1 { "," } else { "" };
        for part in [comma, "\"", name, "\":", value] {
            self.0.push_str(part);
        }
        self
    }

    /// The line, without a line feed.
    pub(crate) fn end(mut self) -> String {
        self.0.push('}');
        self.0
    }
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
            let line = JsonLine::new().text("before", "x").text("text", text).end();
            assert!(!line.contains('\n'), "{line}");
            let read: serde_json::Value = serde_json::from_str(&line).unwrap();
            assert_eq!(read, serde_json::json!({"before": "x", "text": text}));
        }
    }

    #[test]
    fn what_is_not_there_is_null() {
        let line =
            JsonLine::new().text("a", None).number("b", None::<u8>).number("c", Some(-1)).end();
        assert_eq!(line, r#"{"a":null,"b":null,"c":-1}"#);
        assert_eq!(JsonLine::new().end(), "{}");
    }
}

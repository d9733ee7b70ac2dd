//! JSON written anew as the usual libraries write it.

use core::fmt;

use crate::json::Json;
use crate::python_json;

/// The deepest nesting that is written anew.
const MAX_DEPTH: usize = 64;

/// White space between the tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spacing {
    None,
    /// Behind `,` and `:`, as Python has it by default.
    Spaces,
    /// One token a line, so many spaces deeper each level.
    Indent(usize),
}

/// How characters outside ASCII are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Characters {
    /// As they were sent; in names, as they are.
    AsSent,
    Raw,
    Escaped,
    /// And `/` as `\/`, as PHP has it by default.
    EscapedWithSlash,
}

/// How numbers are spelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Numbers {
    AsSent,
    /// `1.0` as `1`.
    WholeAsInteger,
    /// `1` as `1.0`.
    WholeAsFloat,
    /// As Python's `repr`.
    Python,
}

/// A way to write JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JsonStyle {
    pub(super) spacing: Spacing,
    pub(super) sorted: bool,
    pub(super) characters: Characters,
    pub(super) numbers: Numbers,
}

impl JsonStyle {
    /// Every style, the usual ones first.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        let numbers =
            [Numbers::AsSent, Numbers::WholeAsInteger, Numbers::WholeAsFloat, Numbers::Python];
        let spacings = [Spacing::None, Spacing::Spaces, Spacing::Indent(2), Spacing::Indent(4)];
        let characters = [
            Characters::AsSent,
            Characters::Raw,
            Characters::Escaped,
            Characters::EscapedWithSlash,
        ];
        numbers.into_iter().flat_map(move |numbers| {
            spacings.into_iter().flat_map(move |spacing| {
                [false, true].into_iter().flat_map(move |sorted| {
                    characters.into_iter().map(move |characters| Self {
                        spacing,
                        sorted,
                        characters,
                        numbers,
                    })
                })
            })
        })
    }

    /// Whether it is what a library writes where it is told nothing.
    pub(super) fn is_usual(self) -> bool {
        !matches!(self.spacing, Spacing::Indent(_))
            && matches!(self.characters, Characters::AsSent | Characters::Escaped)
            && self.numbers == Numbers::AsSent
    }

    /// The text in this style; nothing where it is not JSON, or nested too deep.
    pub(super) fn write(self, text: &[u8]) -> Option<Vec<u8>> {
        let mut out = String::with_capacity(text.len());
        self.value(&mut out, Json::of_body(text)?, 0)?;
        Some(out.into_bytes())
    }

    fn value(self, out: &mut String, json: Json<'_>, depth: usize) -> Option<()> {
        let inner = depth.checked_add(1).filter(|depth| *depth <= MAX_DEPTH)?;
        if let Some(members) = json.members() {
            let mut members = members.collect::<Option<Vec<_>>>()?;
            if self.sorted {
                members.sort_by(|(one, _), (other, _)| one.cmp(other));
            }
            return self.list(out, ['{', '}'], members, depth, |out, (name, value)| {
                self.string(out, &name);
                out.push_str(if self.spacing == Spacing::None { ":" } else { ": " });
                self.value(out, value, inner)
            });
        }
        if let Some(items) = json.items() {
            let items = items.collect();
            return self
                .list(out, ['[', ']'], items, depth, |out, item| self.value(out, item, inner));
        }
        match json.string() {
            Some(_) if self.characters == Characters::AsSent => out.push_str(json.as_written()),
            Some(text) => self.string(out, &text),
            None => out.push_str(&self.scalar(json.as_written())?),
        }
        Some(())
    }

    fn list<T>(
        self,
        out: &mut String,
        [open, close]: [char; 2],
        items: Vec<T>,
        depth: usize,
        mut write: impl FnMut(&mut String, T) -> Option<()>,
    ) -> Option<()> {
        out.push(open);
        let some = !items.is_empty();
        for (place, item) in items.into_iter().enumerate() {
            if place > 0 {
                out.push_str(if self.spacing == Spacing::Spaces { ", " } else { "," });
            }
            self.line(out, depth.checked_add(1)?);
            write(out, item)?;
        }
        if some {
            self.line(out, depth);
        }
        out.push(close);
        Some(())
    }

    fn line(self, out: &mut String, depth: usize) {
        if let Spacing::Indent(width) = self.spacing {
            out.push('\n');
            out.extend(core::iter::repeat_n(' ', width.saturating_mul(depth)));
        }
    }

    /// A number, `true`, `false` or `null`.
    fn scalar(self, text: &str) -> Option<String> {
        let is_number = text.starts_with(|first: char| first == '-' || first.is_ascii_digit());
        let is_float = text.contains(['.', 'e', 'E']);
        match self.numbers {
            Numbers::WholeAsInteger if is_number && is_float => {
                let float: f64 = text.parse().ok()?;
                Some(float.to_string())
            }
            Numbers::WholeAsFloat if is_number && !is_float => Some(format!("{text}.0")),
            Numbers::Python if is_number => {
                let value = serde_json::from_str(text).ok()?;
                String::from_utf8(python_json::to_vec(&value).ok()?).ok()
            }
            _ => Some(text.to_owned()),
        }
    }

    fn string(self, out: &mut String, text: &str) {
        let ascii = !matches!(self.characters, Characters::AsSent | Characters::Raw);
        out.push('"');
        for character in text.chars() {
            match character {
                '/' if self.characters == Characters::EscapedWithSlash => out.push_str("\\/"),
                '\u{7f}'.. if !ascii => out.push(character),
                _ => python_json::write_character(out, character),
            }
        }
        out.push('"');
    }
}

impl fmt::Display for JsonStyle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.spacing {
            Spacing::None => f.write_str("no white space")?,
            Spacing::Spaces => f.write_str("a space behind each comma and colon")?,
            Spacing::Indent(width) => write!(f, "lines indented by {width}")?,
        }
        f.write_str(if self.sorted { ", sorted keys" } else { "" })?;
        f.write_str(match self.characters {
            Characters::AsSent => "",
            Characters::Raw => ", characters outside ASCII as they are",
            Characters::Escaped => ", characters outside ASCII as \\uXXXX",
            Characters::EscapedWithSlash => ", characters outside ASCII as \\uXXXX and / as \\/",
        })?;
        f.write_str(match self.numbers {
            Numbers::AsSent => "",
            Numbers::WholeAsInteger => ", 1.0 as 1",
            Numbers::WholeAsFloat => ", 1 as 1.0",
            Numbers::Python => ", numbers as Python writes them",
        })
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn written(spacing: Spacing, sorted: bool, characters: Characters, numbers: Numbers) -> String {
        let text = r#"{"b" :[1.0, 2,{}],"a":"\u00e9\/\ud83d\ude00\u007f"}"#.as_bytes();
        let style = JsonStyle { spacing, sorted, characters, numbers };
        String::from_utf8(style.write(text).unwrap()).unwrap()
    }

    /// What json.dumps, JSON.stringify and json_encode print.
    #[test]
    fn styles_are_those_of_the_usual_libraries() {
        use Characters::{Escaped, EscapedWithSlash, Raw};
        use Numbers::{AsSent, WholeAsFloat, WholeAsInteger};
        assert_eq!(
            written(Spacing::Spaces, true, Escaped, AsSent),
            "{\"a\": \"\\u00e9/\\ud83d\\ude00\\u007f\", \"b\": [1.0, 2, {}]}"
        );
        assert_eq!(
            written(Spacing::Indent(2), false, Escaped, WholeAsInteger),
            "{\n  \"b\": [\n    1,\n    2,\n    {}\n  ],\n  \"a\": \"\\u00e9/\\ud83d\\ude00\\u007f\"\n}"
        );
        assert!(
            written(Spacing::None, false, Raw, WholeAsFloat).starts_with("{\"b\":[1.0,2.0,{}]")
        );
        assert!(written(Spacing::None, false, EscapedWithSlash, AsSent).contains("\\u00e9\\/"));
        assert!(JsonStyle::all().all(|style| style.write(b"{\"a\"").is_none()));
    }

    #[test]
    fn depth_is_bounded() {
        let deep = "[".repeat(65) + &"]".repeat(65);
        assert!(JsonStyle::all().all(|style| style.write(deep.as_bytes()).is_none()));
    }
}

//! JSON (RFC 8259) read one level at a time, with nothing decided for the caller: repeated members
//! are kept, numbers stay as they are written, and what is not asked for is not unescaped.
//!
//! `serde_json` checks the whole text; the ends of values are found and strings unescaped here, in what
//! it has checked. The rest of it does not serve: its `Value` keeps the last of two members with one name,
//! and the texts of its typed readers' errors bring the printing of floats along, a fifth of the Worker's
//! size.

use std::borrow::Cow;

use core::iter;
use core::str::Chars;

use serde::de::IgnoredAny;

/// Bytes of the longest text that is taken apart before a signature over it has been compared, so that
/// it takes less than 5 ms however it is written, with what Adyen signs of 16 items and 16 keys to try.
/// Providers that put signatures into the body send a few thousand bytes; of Adyen's items, which have
/// 2,000 with all that is optional, 16 fit twice.
const MAX_UNPROVEN: usize = 64 << 10;

/// A well-formed JSON value, as it is written.
#[derive(Clone, Copy)]
pub(crate) struct Json<'j>(&'j str);

/// What an object has under a name.
#[derive(Clone, Copy)]
pub(crate) enum Named<'j> {
    Absent,
    Once(Json<'j>),
    /// It stands twice, or in other capitals: readers differ on which one counts, and some take the
    /// one for the other.
    Doubtful,
}

impl<'j> Named<'j> {
    /// The value that stands once.
    pub(crate) fn once(self) -> Option<Json<'j>> {
        match self {
            Self::Once(value) => Some(value),
            Self::Absent | Self::Doubtful => None,
        }
    }
}

impl<'j> Json<'j> {
    /// Reads a whole text, however deep it is nested.
    pub(crate) fn parse(text: &'j str) -> Result<Self, serde_json::Error> {
        let IgnoredAny = serde_json::from_str(text)?;
        Ok(Self(text.trim_ascii()))
    }

    /// Reads a body; nothing where it is not JSON.
    pub(crate) fn of_body(body: &'j [u8]) -> Option<Self> {
        Self::parse(str::from_utf8(body).ok()?).ok()
    }

    /// Reads a body of which nothing is proven yet; nothing where it is not JSON, or too long.
    pub(crate) fn of_unproven_body(body: &'j [u8]) -> Option<Self> {
        (body.len() <= MAX_UNPROVEN).then(|| Self::of_body(body))?
    }

    /// The value as it is written, without white space around it.
    pub(crate) fn as_written(&self) -> &'j str {
        self.0
    }

    /// Whether it is an object.
    pub(crate) fn is_object(&self) -> bool {
        self.as_written().starts_with('{')
    }

    /// A string's characters. Nothing for another type, or where half a surrogate pair is escaped.
    pub(crate) fn string(&self) -> Option<String> {
        self.characters().map(Cow::into_owned)
    }

    /// A string's characters, or a number as it is written.
    pub(crate) fn text(&self) -> Option<String> {
        let text = self.as_written();
        if text.starts_with(|first: char| first == '-' || first.is_ascii_digit()) {
            return Some(text.to_owned());
        }
        self.string()
    }

    /// The items of an array, one at a time; nothing for another type.
    pub(crate) fn items(&self) -> Option<impl Iterator<Item = Self> + use<'j>> {
        let mut rest = self.as_written().strip_prefix('[')?;
        Some(iter::from_fn(move || {
            let (item, behind) = next_value(rest)?;
            rest = behind.strip_prefix(',').unwrap_or_default();
            Some(item)
        }))
    }

    /// The members of an object in their order, one at a time and repeated ones kept; nothing for
    /// another type, and in place of a member whose name is no text.
    pub(crate) fn members(&self) -> Option<impl Iterator<Item = Option<(String, Self)>> + use<'j>> {
        let mut rest = self.as_written().strip_prefix('{')?;
        Some(iter::from_fn(move || {
            let (name, behind) = next_value(rest)?;
            let (value, behind) = next_value(behind.strip_prefix(':')?)?;
            rest = behind.strip_prefix(',').unwrap_or_default();
            Some(name.string().map(|name| (name, value)))
        }))
    }

    /// What an object has under each of these names, found in one pass: nothing is kept of the other
    /// members, which may be many. Nothing for another type, or where a name is no text.
    pub(crate) fn named<const N: usize>(&self, names: [&str; N]) -> Option<[Named<'j>; N]> {
        let mut found = [Named::Absent; N];
        let mut rest = self.as_written().strip_prefix('{')?;
        while let Some((name, behind)) = next_value(rest) {
            let (value, behind) = next_value(behind.strip_prefix(':')?)?;
            rest = behind.strip_prefix(',').unwrap_or_default();
            let name = name.characters()?;
            for (place, wanted) in found.iter_mut().zip(names) {
                if is_read_as(&name, wanted) {
                    *place = match place {
                        Named::Absent if name == wanted => Named::Once(value),
                        _ => Named::Doubtful,
                    };
                }
            }
        }
        Some(found)
    }

    /// The one member with this name; nothing where there is none, or more than one, be it in other
    /// capitals.
    pub(crate) fn member(&self, name: &str) -> Option<Self> {
        let [found] = self.named([name])?;
        found.once()
    }

    /// The value at a path of member names, each of which stands once.
    pub(crate) fn at(&self, path: &[&str]) -> Option<Self> {
        path.iter().try_fold(*self, |value, name| value.member(name))
    }

    /// The same, without a copy where none is escaped.
    fn characters(&self) -> Option<Cow<'j, str>> {
        let text = self.0.strip_prefix('"')?.strip_suffix('"')?;
        if text.contains('\\') { unescaped(text).map(Cow::Owned) } else { Some(text.into()) }
    }
}

/// Whether a reader that does not mind capitals takes a name for another, which is ASCII.
///
/// .NET and Java have such readers, and Go's `encoding/json` is one. What they fold differs; together
/// they take four letters that are not ASCII for one that is.
fn is_read_as(name: &str, wanted: &str) -> bool {
    let folded = |letter: char| match letter {
        '\u{130}' | '\u{131}' => 'i',
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        other => other.to_ascii_lowercase(),
    };
    // Each of the four has more bytes than the letter it is taken for.
    name.len() >= wanted.len() && name.chars().map(folded).eq(wanted.chars().map(folded))
}

/// The value that starts a text that is part of a well-formed one, and what follows behind white
/// space; nothing at a closing bracket.
fn next_value(text: &str) -> Option<(Json<'_>, &str)> {
    let text = text.trim_ascii_start();
    let (value, behind) = text.split_at_checked(end_of_value(text.as_bytes())?)?;
    (!value.is_empty()).then(|| (Json(value), behind.trim_ascii_start()))
}

/// Where the value that starts a text ends.
fn end_of_value(text: &[u8]) -> Option<usize> {
    let mut depth = 0_usize;
    let mut bytes = text.iter().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => {
                let mut end = None;
                while let Some((at, byte)) = bytes.next() {
                    match byte {
                        b'\\' => drop(bytes.next()),
                        b'"' => {
                            end = Some(at.saturating_add(1));
                            break;
                        }
                        _ => {}
                    }
                }
                if depth == 0 {
                    return end;
                }
            }
            b'{' | b'[' => depth = depth.saturating_add(1),
            b'}' | b']' if depth == 0 => return Some(at),
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(at.saturating_add(1));
                }
            }
            b',' | b':' | b' ' | b'\t' | b'\r' | b'\n' if depth == 0 => return Some(at),
            _ => {}
        }
    }
    Some(text.len()).filter(|_| depth == 0)
}

/// The characters of a string with escapes (section 7); nothing where half a surrogate pair is one.
fn unescaped(text: &str) -> Option<String> {
    let mut characters = text.chars();
    let mut plain = String::with_capacity(text.len());
    while let Some(character) = characters.next() {
        plain.push(if character == '\\' { escaped(&mut characters)? } else { character });
    }
    Some(plain)
}

/// The character that an escape stands for, read behind its backslash.
fn escaped(text: &mut Chars<'_>) -> Option<char> {
    Some(match text.next()? {
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => {
            let first = code_unit(text)?;
            if let Some(alone) = char::from_u32(first.into()) {
                return Some(alone);
            }
            let is_escaped = text.next() == Some('\\') && text.next() == Some('u');
            let second = code_unit(text).filter(|_| is_escaped)?;
            char::decode_utf16([first, second]).next()?.ok()?
        }
        itself => itself,
    })
}

/// Four hexadecimal digits.
fn code_unit(text: &mut Chars<'_>) -> Option<u16> {
    let unit = (0..4).try_fold(0, |unit, _| Some(unit << 4 | text.next()?.to_digit(16)?))?;
    unit.try_into().ok()
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn texts<'j>(values: impl Iterator<Item = Json<'j>>) -> Vec<String> {
        values.map(|value| value.as_written().to_owned()).collect()
    }

    #[test]
    fn one_level_is_read_as_it_is_written() {
        let json =
            Json::parse(r#" [ 1 ,"a,]" , [2,[3]] ,{ "x" : [] }, -0.10e5,null,true ] "#).unwrap();
        let items = [r#"1"#, r#""a,]""#, "[2,[3]]", r#"{ "x" : [] }"#, "-0.10e5", "null", "true"];
        assert_eq!(texts(json.items().unwrap()), items);
        assert!(json.members().is_none());
        assert!(Json::parse("[ ]").unwrap().items().unwrap().next().is_none());
        assert!(Json::parse("{ }").unwrap().members().unwrap().next().is_none());
    }

    #[test]
    fn members_are_unescaped_and_repeats_are_kept() {
        let json = Json::parse(r#"{"\u0061" : 1 , "b":{"c":"\u2603\n"},"b2":[],"a":2}"#).unwrap();
        let names: Vec<String> = json.members().unwrap().map(|member| member.unwrap().0).collect();
        assert_eq!(names, ["a", "b", "b2", "a"]);
        assert!(json.member("a").is_none(), "it stands twice");
        assert!(json.member("c").is_none());
        assert_eq!(json.at(&["b", "c"]).unwrap().string().unwrap(), "\u{2603}\n");
        assert!(json.at(&["b2", "c"]).is_none());
    }

    #[test]
    fn text_is_that_of_strings_and_numbers() {
        let json =
            Json::parse(r#"{"n":-1.50,"s":"1.50","t":true,"u":null,"h":"\ud800","o":{}}"#).unwrap();
        let text = |name| json.member(name).unwrap().text();
        assert_eq!(text("n").unwrap(), "-1.50");
        assert_eq!(text("s").unwrap(), "1.50");
        for name in ["t", "u", "h", "o"] {
            assert_eq!(text(name), None, "{name}");
        }
        assert_eq!(json.member("n").unwrap().string(), None);
    }

    #[test]
    fn what_is_not_json_is_not_read() {
        for text in
            [&b"{"[..], b"{\"a\":1,}", b"[1 2]", b"{} {}", b"", b"\"\x01\"", b"\"\xff\"", b"01"]
        {
            assert!(Json::of_body(text).is_none(), "{text:?}");
        }
    }

    #[test]
    fn depth_costs_no_stack() {
        let deep = "[".repeat(1 << 20) + &"]".repeat(1 << 20);
        let json = Json::parse(&deep).unwrap();
        assert_eq!(json.items().unwrap().count(), 1);
        assert!(json.string().is_none());
    }

    /// Strings as `serde_json` reads them, which refuses the same ones.
    #[test]
    fn strings_are_those_that_another_reader_sees() {
        let units = (0..=0xffff_u32).map(|unit| format!("a\\u{unit:04x}b"));
        let edges = ["0041", "d7ff", "d800", "DBFF", "dc00", "dfFF", "e000", "fffd"];
        let pairs = edges.into_iter().flat_map(|first| {
            let then = |behind: &str| format!("\\u{first}{behind}");
            let second = edges.map(|second| then(&format!("\\u{second}")));
            second
                .into_iter()
                .chain(["", "x", "xu", "\\n", "\\nu", "\\\\u", "\u{1f600}", "dc00"].map(then))
        });
        let others =
            [r#"\"\\\/\b\f\n\r\t"#, "", "é\u{1f600}\\n\u{7f}", r"\\u0041", r"\u00e9\u0301"];
        for text in units.chain(pairs).chain(others.map(str::to_owned)) {
            let text = format!("\"{text}\"");
            let expected = serde_json::from_str::<String>(&text).ok();
            assert_eq!(Json::parse(&text).unwrap().string(), expected, "{text}");
        }
    }
}

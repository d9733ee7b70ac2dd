//! Structured Fields (RFC 9651), read strictly: what is accepted prints back in its one form.
//!
//! No crate is used: signatures need the order of members and parameters, and the text of each as
//! it was sent; and what this reads comes from strangers, so sizes and counts are bounded here.

use core::fmt;

use crate::encoding;

/// Bytes of the longest field that is read.
const MAX_LENGTH: usize = 8192;
/// The most members of a list or dictionary, items of an inner list, and parameters of each.
const MAX_MEMBERS: usize = 64;

/// A bare item (section 3.3).
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum BareItem {
    Integer(i64),
    /// Thousandths.
    Decimal(i64),
    String(String),
    Token(String),
    Bytes(Vec<u8>),
    Boolean(bool),
    /// Unix seconds.
    Date(i64),
}

/// A name with a value (section 3.1.2).
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) value: BareItem,
}

/// A value with parameters (section 3.3).
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Item {
    pub(crate) value: BareItem,
    pub(crate) parameters: Vec<Parameter>,
}

/// A list within a list or dictionary (section 3.1.1).
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct InnerList {
    pub(crate) items: Vec<Item>,
    pub(crate) parameters: Vec<Parameter>,
}

impl InnerList {
    /// What a signature over these components, made at this moment, says of itself (RFC 9421 section
    /// 2.3), with further parameters that are texts. Nothing where a text holds other than visible
    /// ASCII characters.
    pub(crate) fn covering(
        components: &[&str],
        created: i64,
        texts: &[(&str, &str)],
    ) -> Option<Self> {
        let text = |text: &str| {
            text.bytes()
                .all(|byte| byte.is_ascii_graphic())
                .then(|| BareItem::String(text.to_owned()))
        };
        let item = |name: &&str| Some(Item { value: text(name)?, parameters: Vec::new() });
        let items = components.iter().map(item).collect::<Option<_>>()?;
        let created = Parameter { name: "created".to_owned(), value: BareItem::Integer(created) };
        let mut parameters = vec![created];
        for (name, value) in texts {
            parameters.push(Parameter { name: (*name).to_owned(), value: text(value)? });
        }
        Some(Self { items, parameters })
    }
}

/// A member of a list or dictionary.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Member {
    Item(Item),
    InnerList(InnerList),
}

/// A member of a dictionary (section 3.2).
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) member: Member,
}

/// Reads a dictionary. Nothing where it is malformed, too large, or has a name twice: other readers
/// would take the last.
pub(crate) fn dictionary(text: &[u8]) -> Option<Vec<Entry>> {
    let entries = Reader::new(text)?.members(|reader| {
        let name = reader.key()?;
        let member = if reader.eat(b'=') {
            reader.member()?
        } else {
            let parameters = reader.parameters()?;
            Member::Item(Item { value: BareItem::Boolean(true), parameters })
        };
        Some(Entry { name, member })
    })?;
    let distinct = |(at, entry): (usize, &Entry)| {
        !entries.iter().take(at).any(|other| other.name == entry.name)
    };
    entries.iter().enumerate().all(distinct).then_some(entries)
}

/// Reads a list.
pub(crate) fn list(text: &[u8]) -> Option<Vec<Member>> {
    Reader::new(text)?.members(Reader::member)
}

/// What is left of a field to read.
struct Reader<'t>(&'t [u8]);

impl<'t> Reader<'t> {
    fn new(text: &'t [u8]) -> Option<Self> {
        (text.len() <= MAX_LENGTH).then(|| Self(text.trim_ascii()))
    }

    fn peek(&self) -> Option<u8> {
        self.0.first().copied()
    }

    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        if found {
            self.next();
        }
        found
    }

    fn take_while(&mut self, fits: impl Fn(u8) -> bool) -> &'t [u8] {
        let length = self.0.iter().take_while(|byte| fits(**byte)).count();
        let (taken, rest) = self.0.split_at_checked(length).unwrap_or((self.0, &[]));
        self.0 = rest;
        taken
    }

    /// Members separated by commas, to the end (sections 4.2.1 and 4.2.2); at least one.
    fn members<T>(mut self, read: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let mut members = Vec::new();
        loop {
            members.push(read(&mut self)?);
            self.take_while(|byte| matches!(byte, b' ' | b'\t'));
            if self.0.is_empty() {
                return Some(members);
            }
            if !self.eat(b',') || members.len() >= MAX_MEMBERS {
                return None;
            }
            self.take_while(|byte| matches!(byte, b' ' | b'\t'));
        }
    }

    fn member(&mut self) -> Option<Member> {
        if self.peek() == Some(b'(') {
            self.inner_list().map(Member::InnerList)
        } else {
            self.item().map(Member::Item)
        }
    }

    /// Section 4.2.1.2.
    fn inner_list(&mut self) -> Option<InnerList> {
        self.next();
        let mut items = Vec::new();
        loop {
            self.take_while(|byte| byte == b' ');
            if self.eat(b')') {
                return Some(InnerList { items, parameters: self.parameters()? });
            }
            if items.len() >= MAX_MEMBERS {
                return None;
            }
            items.push(self.item()?);
            if !matches!(self.peek(), Some(b' ' | b')')) {
                return None;
            }
        }
    }

    fn item(&mut self) -> Option<Item> {
        Some(Item { value: self.bare_item()?, parameters: self.parameters()? })
    }

    /// Section 4.2.3.2; a name that stands twice is refused.
    fn parameters(&mut self) -> Option<Vec<Parameter>> {
        let mut parameters: Vec<Parameter> = Vec::new();
        while self.eat(b';') {
            self.take_while(|byte| byte == b' ');
            let name = self.key()?;
            let value = if self.eat(b'=') { self.bare_item()? } else { BareItem::Boolean(true) };
            let repeated = parameters.iter().any(|other| other.name == name);
            if repeated || parameters.len() >= MAX_MEMBERS {
                return None;
            }
            parameters.push(Parameter { name, value });
        }
        Some(parameters)
    }

    /// Section 4.2.3.3.
    fn key(&mut self) -> Option<String> {
        let starts = |byte: u8| byte.is_ascii_lowercase() || byte == b'*';
        if !self.peek().is_some_and(starts) {
            return None;
        }
        let key = self.take_while(|byte| {
            starts(byte) || byte.is_ascii_digit() || matches!(byte, b'_' | b'-' | b'.')
        });
        String::from_utf8(key.to_vec()).ok()
    }

    fn bare_item(&mut self) -> Option<BareItem> {
        match self.peek()? {
            b'"' => self.string().map(BareItem::String),
            b':' => self.bytes().map(BareItem::Bytes),
            b'?' => self.boolean().map(BareItem::Boolean),
            b'@' => {
                self.next();
                match self.number()? {
                    BareItem::Integer(seconds) => Some(BareItem::Date(seconds)),
                    _ => None,
                }
            }
            b'-' | b'0'..=b'9' => self.number(),
            first if first.is_ascii_alphabetic() || first == b'*' => {
                let token = self.take_while(|byte| {
                    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~:/".contains(&byte)
                });
                String::from_utf8(token.to_vec()).ok().map(BareItem::Token)
            }
            _ => None,
        }
    }

    /// Section 4.2.4: an integer of up to 15 digits, or a decimal of up to 12 and 3.
    fn number(&mut self) -> Option<BareItem> {
        let negative = self.eat(b'-');
        let sign = |number: i64| if negative { number.saturating_neg() } else { number };
        let whole = self.take_while(|byte| byte.is_ascii_digit());
        let parse = |digits: &[u8]| str::from_utf8(digits).ok()?.parse::<i64>().ok();
        if !self.eat(b'.') {
            return (1..=15)
                .contains(&whole.len())
                .then(|| parse(whole).map(sign))?
                .map(BareItem::Integer);
        }
        let fraction = self.take_while(|byte| byte.is_ascii_digit());
        if !(1..=12).contains(&whole.len()) || !(1..=3).contains(&fraction.len()) {
            return None;
        }
        let scale = [100, 10, 1].get(fraction.len().checked_sub(1)?).copied()?;
        let thousandths =
            parse(whole)?.checked_mul(1000)?.checked_add(parse(fraction)?.checked_mul(scale)?)?;
        Some(BareItem::Decimal(sign(thousandths)))
    }

    /// Section 4.2.5.
    fn string(&mut self) -> Option<String> {
        self.next();
        let mut text = String::new();
        loop {
            match self.next()? {
                b'"' => return Some(text),
                b'\\' => match self.next()? {
                    escaped @ (b'"' | b'\\') => text.push(char::from(escaped)),
                    _ => return None,
                },
                byte @ b' '..=b'~' => text.push(char::from(byte)),
                _ => return None,
            }
        }
    }

    /// Section 4.2.7, with the padding that a sender has to write.
    fn bytes(&mut self) -> Option<Vec<u8>> {
        self.next();
        let text = self.take_while(|byte| byte != b':');
        self.eat(b':').then(|| encoding::base64_bytes(text))?
    }

    fn boolean(&mut self) -> Option<bool> {
        self.next();
        match self.next()? {
            b'1' => Some(true),
            b'0' => Some(false),
            _ => None,
        }
    }
}

impl fmt::Display for BareItem {
    /// Section 4.1.3.1.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(number) => write!(f, "{number}"),
            Self::Decimal(thousandths) => {
                let (whole, fraction) = (thousandths / 1000, (thousandths % 1000).unsigned_abs());
                let sign = if *thousandths < 0 && whole == 0 { "-" } else { "" };
                let digits = format!("{fraction:03}");
                let digits = digits.trim_end_matches('0');
                write!(f, "{sign}{whole}.{}", if digits.is_empty() { "0" } else { digits })
            }
            Self::String(text) => {
                f.write_str("\"")?;
                for character in text.chars() {
                    if matches!(character, '"' | '\\') {
                        f.write_str("\\")?;
                    }
                    write!(f, "{character}")?;
                }
                f.write_str("\"")
            }
            Self::Token(token) => f.write_str(token),
            Self::Bytes(bytes) => write!(f, ":{}:", encoding::to_base64(bytes)),
            Self::Boolean(value) => f.write_str(if *value { "?1" } else { "?0" }),
            Self::Date(seconds) => write!(f, "@{seconds}"),
        }
    }
}

fn write_parameters(f: &mut fmt::Formatter<'_>, parameters: &[Parameter]) -> fmt::Result {
    for Parameter { name, value } in parameters {
        match value {
            BareItem::Boolean(true) => write!(f, ";{name}")?,
            value => write!(f, ";{name}={value}")?,
        }
    }
    Ok(())
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)?;
        write_parameters(f, &self.parameters)
    }
}

impl fmt::Display for InnerList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(")?;
        for (place, item) in self.items.iter().enumerate() {
            if place > 0 {
                f.write_str(" ")?;
            }
            item.fmt(f)?;
        }
        f.write_str(")")?;
        write_parameters(f, &self.parameters)
    }
}

impl fmt::Display for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Item(item) => item.fmt(f),
            Self::InnerList(list) => list.fmt(f),
        }
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.member {
            Member::Item(Item { value: BareItem::Boolean(true), parameters }) => {
                f.write_str(&self.name)?;
                write_parameters(f, parameters)
            }
            member => write!(f, "{}={member}", self.name),
        }
    }
}

/// Members as one line (sections 4.1.1 and 4.1.2).
pub(crate) fn join(members: &[impl fmt::Display]) -> String {
    let members: Vec<String> = members.iter().map(ToString::to_string).collect();
    members.join(", ")
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    /// What a text prints back as, read as a dictionary and as a list.
    fn both(text: &str) -> (Option<String>, Option<String>) {
        let bytes = text.as_bytes();
        (dictionary(bytes).map(|read| join(&read)), list(bytes).map(|read| join(&read)))
    }

    #[test]
    fn canonical_texts_print_back() {
        for text in [
            r#"a=(1 2);x, b=:AQID:, c;d="e \"\\", f=?0"#,
            r#"sig1=("@method" "@query-param";name="Pet" "a;b";sf);created=1618884475;keyid="k""#,
            "a=1.5, b=-0.125, c=@1659578233, d=tok/en:1",
        ] {
            assert_eq!(both(text).0.as_deref(), Some(text));
        }
        for text in ["1, 2", r#"("a" b;c=1);d"#, "-999999999999999", "123456789012.125"] {
            assert_eq!(both(text).1.as_deref(), Some(text));
        }
    }

    #[test]
    fn other_spellings_print_in_the_canonical_one() {
        assert_eq!(both("a=?1,b=( 1  2 );x=?1 ,\tc").0.as_deref(), Some("a, b=(1 2);x, c"));
        assert_eq!(both("001, -0, 1.500, -0.0").1.as_deref(), Some("1, 0, 1.5, 0.0"));
        assert_eq!(both("a; b=1").0.as_deref(), Some("a;b=1"));
    }

    #[test]
    fn malformed_texts_are_not_read() {
        for text in [
            "",
            ",",
            "a,",
            "a=",
            "a=1,,b",
            "A=1",
            "a=(1",
            "a=(1 2",
            "a=(1,2)",
            "a=\"x",
            "a=\"\\x\"",
            "a=:A:",
            "a=:AQ:",
            "a=:AQI",
            "a=?2",
            "a=1.",
            "a=.5",
            "a=1.2345",
            "a=1234567890123456",
            "a=-",
            "a;A=1",
            "a;=1",
            "a=\"\u{fc}\"",
            "a=%",
            "a=1 b=2",
            "a=(\"b\"\"c\")",
            "a=@1.5",
            "a=1, a=2",
            "a=1;b;b",
            "a=(1)2",
        ] {
            assert_eq!(dictionary(text.as_bytes()), None, "{text}");
        }
        assert_eq!(list(b"()x"), None);
    }

    #[test]
    fn sizes_are_bounded() {
        let members = |count: usize| vec!["1"; count].join(",");
        assert!(list(members(64).as_bytes()).is_some());
        assert!(list(members(65).as_bytes()).is_none());
        let items = |count: usize| format!("({})", vec!["1"; count].join(" "));
        assert!(list(items(64).as_bytes()).is_some());
        assert!(list(items(65).as_bytes()).is_none());
        let string = |length: usize| format!("\"{}\"", "a".repeat(length));
        assert!(list(string(8190).as_bytes()).is_some());
        assert!(list(string(8191).as_bytes()).is_none());
    }
}

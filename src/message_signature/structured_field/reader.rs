//! Reading (RFC 9651 section 4.2).

use super::{BareItem, Entry, InnerList, Item, Member, Parameter};
use crate::encoding;

/// Bytes of the longest field that is read.
const MAX_LENGTH: usize = 8192;
/// The most members of a list or dictionary, items of an inner list, and parameters of each.
const MAX_MEMBERS: usize = 64;

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
            b'%' => self.display_string().map(BareItem::DisplayString),
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

    /// Section 4.2.10: what is not printable ASCII is escaped, in lower case.
    fn display_string(&mut self) -> Option<String> {
        self.next();
        if !self.eat(b'"') {
            return None;
        }
        let mut text = Vec::new();
        loop {
            match self.next()? {
                b'"' => return String::from_utf8(text).ok(),
                b'%' => {
                    let digits = [self.next()?, self.next()?];
                    if digits.iter().any(u8::is_ascii_uppercase) {
                        return None;
                    }
                    let mut byte = [0];
                    hex::decode_to_slice(digits, &mut byte).ok()?;
                    text.extend(byte);
                }
                byte @ b' '..=b'~' => text.push(byte),
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

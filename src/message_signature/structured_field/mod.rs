//! Structured Fields (RFC 9651), read strictly: what is accepted prints back in its one form.
//!
//! The types of the crate `sfv` do not serve: of a name that stands twice, on which readers differ, they
//! keep the last value, and they bound neither length nor counts, though this comes from strangers. Its
//! visitors can refuse and bound; but types, rules and bounds would remain here, and only the reading of
//! single values be gone.

mod reader;

use core::fmt;

pub(crate) use reader::{dictionary, list};

use crate::encoding;

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
    /// Any Unicode text (RFC 9651 section 3.3.8).
    DisplayString(String),
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
            Self::DisplayString(text) => {
                f.write_str("%\"")?;
                for byte in text.bytes() {
                    match byte {
                        b'%' | b'"' | ..b' ' | 0x7f.. => write!(f, "%{byte:02x}")?,
                        _ => write!(f, "{}", char::from(byte))?,
                    }
                }
                f.write_str("\"")
            }
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
mod tests;

//! A settings file as values with their places, whichever language it is written in.

use std::borrow::Cow;

use jsonc_parser::ast;
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A value, and the byte at which it starts.
pub(super) struct Located {
    pub(super) at: usize,
    pub(super) node: Node,
}

/// What a value is.
pub(super) enum Node {
    /// Its JSON.
    Scalar(String),
    Text(String),
    List(Vec<Located>),
    Table(Vec<(String, Located)>),
}

impl Located {
    /// The member of a table.
    pub(super) fn member(&self, name: &str) -> Option<&Self> {
        match &self.node {
            Node::Table(members) => {
                members.iter().find(|(key, _)| key == name).map(|(_, value)| value)
            }
            _ => None,
        }
    }

    /// Its text, where it is one.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.node {
            Node::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The value at a path such as `senders[0].tolerance`, or the innermost one around it.
    pub(super) fn nearest(&self, path: &str) -> &Self {
        let mut here = self;
        for step in path.split(['.', '[']).filter(|step| !step.is_empty()) {
            let next = match (&here.node, step.strip_suffix(']')) {
                (Node::List(items), Some(index)) => {
                    index.parse::<usize>().ok().and_then(|index| items.get(index))
                }
                _ => here.member(step),
            };
            match next {
                Some(next) => here = next,
                None => break,
            }
        }
        here
    }

    /// The value as JSON, members in their order.
    pub(super) fn to_json(&self) -> String {
        let quoted = |text: &str| serde_json::to_string(text).unwrap_or_default();
        match &self.node {
            Node::Scalar(json) => json.clone(),
            Node::Text(text) => quoted(text),
            Node::List(items) => {
                format!("[{}]", items.iter().map(Self::to_json).collect::<Vec<_>>().join(","))
            }
            Node::Table(members) => {
                let member =
                    |(key, value): &(String, Self)| format!("{}:{}", quoted(key), value.to_json());
                format!("{{{}}}", members.iter().map(member).collect::<Vec<_>>().join(","))
            }
        }
    }
}

/// Reads `wrangler.toml`. The error is a byte and what is wrong there.
pub(super) fn from_toml(text: &str) -> Result<Located, (usize, String)> {
    let table = DeTable::parse(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        (at, error.message().to_owned())
    })?;
    let at = table.span().start;
    Ok(Located { at, node: toml_table(table.get_ref()) })
}

fn toml_table(table: &DeTable<'_>) -> Node {
    let mut members: Vec<(String, Located)> = table
        .iter()
        .map(|(key, value)| {
            let mut value = toml_value(value);
            // Where a table has its name.
            if matches!(value.node, Node::Table(_) | Node::List(_)) {
                value.at = value.at.min(key.span().start);
            }
            (key.get_ref().to_string(), value)
        })
        .collect();
    members.sort_by_key(|(_, value)| value.at);
    Node::Table(members)
}

fn toml_value(value: &Spanned<DeValue<'_>>) -> Located {
    let node = match value.get_ref() {
        DeValue::String(text) => Node::Text(text.to_string()),
        DeValue::Integer(number) => {
            let digits = number.as_str().replace('_', "");
            let read = i128::from_str_radix(&digits, number.radix());
            Node::Scalar(read.map_or_else(|_| "null".to_owned(), |number| number.to_string()))
        }
        DeValue::Float(number) => Node::Scalar(number.as_str().replace('_', "")),
        DeValue::Boolean(value) => Node::Scalar(value.to_string()),
        // wrangler hands a moment over as text.
        DeValue::Datetime(moment) => Node::Text(moment.to_string()),
        DeValue::Array(items) => Node::List(items.iter().map(toml_value).collect()),
        DeValue::Table(table) => toml_table(table),
    };
    Located { at: value.span().start, node }
}

/// Reads `wrangler.jsonc` or `wrangler.json`.
pub(super) fn from_jsonc(text: &str) -> Result<Located, (usize, String)> {
    let read = parse_to_ast(text, &CollectOptions::default(), &ParseOptions::default());
    let read = read.map_err(|error| (error.range().start, error.kind().to_string()))?;
    read.value.as_ref().map(json_value).ok_or((0, "the file is empty".to_owned()))
}

fn json_value(value: &ast::Value<'_>) -> Located {
    let node = match value {
        ast::Value::StringLit(text) => Node::Text(Cow::to_string(&text.value)),
        ast::Value::NumberLit(number) => Node::Scalar(number.value.to_owned()),
        ast::Value::BooleanLit(value) => Node::Scalar(value.value.to_string()),
        ast::Value::NullKeyword(_) => Node::Scalar("null".to_owned()),
        ast::Value::Array(array) => Node::List(array.elements.iter().map(json_value).collect()),
        ast::Value::Object(object) => Node::Table(
            object
                .properties
                .iter()
                .map(|member| (member.name.as_str().to_owned(), json_value(&member.value)))
                .collect(),
        ),
    };
    Located { at: value.range().start, node }
}

//! Reads JSON field by field, and collects every error with its path.

use core::ops::RangeInclusive;

use crate::json::Json;
use crate::policy_error::{PolicyError, PolicyErrors, PolicyProblem};

/// Collects errors.
pub(super) struct Reader {
    pub(super) errors: Vec<PolicyError>,
}

impl Reader {
    pub(super) fn new() -> Self {
        Self { errors: Vec::new() }
    }

    pub(super) fn report(&mut self, path: String, problem: PolicyProblem) {
        self.errors.push(PolicyError::new(path, problem));
    }

    /// Reports what concerns a sender.
    pub(super) fn report_of(&mut self, sender: &str, path: String, problem: PolicyProblem) {
        self.errors.push(PolicyError::of(sender, path, problem));
    }

    pub(super) fn is_clean(&self) -> bool {
        self.errors.is_empty()
    }

    /// The outcome: what was read, if there was no error on the way.
    pub(super) fn finish<T>(self, read: Option<T>) -> Result<T, PolicyErrors> {
        read.filter(|_| self.errors.is_empty()).ok_or(PolicyErrors(self.errors))
    }

    /// The table that the whole text is.
    pub(super) fn root<'r, 'j>(&'r mut self, json: &'j str) -> Option<Table<'r, 'j>> {
        match Json::parse(json) {
            Ok(json) => Value { path: String::new(), json, reader: self }.into_table(),
            Err(error) => {
                let (line, column) = (error.line(), error.column());
                self.report(String::new(), PolicyProblem::NotJson { line, column });
                None
            }
        }
    }
}

/// A value and where it stands.
pub(super) struct Value<'r, 'j> {
    path: String,
    json: Json<'j>,
    reader: &'r mut Reader,
}

impl<'r, 'j> Value<'r, 'j> {
    /// What was found, or a report that it was not.
    pub(super) fn or_report<T>(&mut self, found: Option<T>, problem: PolicyProblem) -> Option<T> {
        if found.is_none() {
            self.reader.report(self.path.clone(), problem);
        }
        found
    }

    pub(super) fn string(&mut self) -> Option<String> {
        self.or_report(self.json.string(), PolicyProblem::Expected("a string"))
    }

    pub(super) fn string_where(
        &mut self,
        fits: fn(&str) -> bool,
        problem: PolicyProblem,
    ) -> Option<String> {
        let text = self.string()?;
        self.or_report(Some(text).filter(|text| fits(text)), problem)
    }

    /// A whole number in a range.
    pub(super) fn integer(&mut self, range: RangeInclusive<u64>) -> Option<u64> {
        let number = self.json.as_written().parse().ok().filter(|number| range.contains(number));
        self.or_report(number, PolicyProblem::OutOfRange(*range.start(), *range.end()))
    }

    /// A list of at least one item; nothing where one of them could not be read.
    pub(super) fn list<T>(
        &mut self,
        mut item: impl FnMut(&mut Value<'_, 'j>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let items = self.json.items().map(Iterator::collect::<Vec<_>>);
        let items = self.or_report(items, PolicyProblem::Expected("a list"))?;
        if items.is_empty() {
            return self.or_report(None, PolicyProblem::EmptyList);
        }
        let count = items.len();
        let read: Vec<T> = items
            .into_iter()
            .enumerate()
            .filter_map(|(index, json)| {
                let path = format!("{}[{index}]", self.path);
                item(&mut Value { path, json, reader: self.reader })
            })
            .collect();
        (read.len() == count).then_some(read)
    }

    /// Whether it is a table.
    pub(super) fn is_table(&self) -> bool {
        self.json.is_object()
    }

    /// The same value, for a reader that takes it.
    pub(super) fn again(&mut self) -> Value<'_, 'j> {
        Value { path: self.path.clone(), json: self.json, reader: self.reader }
    }

    pub(super) fn into_table(mut self) -> Option<Table<'r, 'j>> {
        let entries = self.json.members().and_then(Iterator::collect);
        let entries = self.or_report(entries, PolicyProblem::Expected("a table"))?;
        Some(Table { path: self.path, entries, reader: self.reader })
    }
}

/// A table, from which fields are taken one by one.
pub(super) struct Table<'r, 'j> {
    path: String,
    entries: Vec<(String, Json<'j>)>,
    reader: &'r mut Reader,
}

impl<'j> Table<'_, 'j> {
    fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    pub(super) fn report(&mut self, name: &str, problem: PolicyProblem) {
        self.reader.report(self.path_of(name), problem);
    }

    fn take(&mut self, name: &str) -> Option<Value<'_, 'j>> {
        let path = self.path_of(name);
        let at = self.entries.iter().position(|(key, _)| key == name)?;
        let (_, json) = self.entries.remove(at);
        if self.entries.iter().any(|(key, _)| key == name) {
            self.entries.retain(|(key, _)| key != name);
            self.reader.report(path.clone(), PolicyProblem::RepeatedField);
        }
        Some(Value { path, json, reader: self.reader })
    }

    /// A field that may be left out.
    pub(super) fn optional<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut Value<'_, 'j>) -> Option<T>,
    ) -> Option<T> {
        read(&mut self.take(name)?)
    }

    /// A field that may not be left out.
    pub(super) fn required<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut Value<'_, 'j>) -> Option<T>,
    ) -> Option<T> {
        if let Some(mut value) = self.take(name) {
            return read(&mut value);
        }
        self.report(name, PolicyProblem::MissingField);
        None
    }

    /// A whole number in a range, or what stands for it where it is left out.
    pub(super) fn integer(
        &mut self,
        name: &str,
        range: RangeInclusive<u64>,
        default: u64,
    ) -> Option<u64> {
        let Some(mut value) = self.take(name) else { return Some(default) };
        value.integer(range)
    }

    /// A truth value; `false` where it is left out.
    pub(super) fn boolean(&mut self, name: &str) -> Option<bool> {
        let Some(mut value) = self.take(name) else { return Some(false) };
        let read = match value.json.as_written() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        };
        value.or_report(read, PolicyProblem::Expected("true or false, not a string"))
    }

    /// A table that may be left out.
    pub(super) fn optional_table<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut Table<'_, 'j>) -> Option<T>,
    ) -> Option<T> {
        self.optional(name, |value| {
            value.again().into_table().and_then(|mut table| read(&mut table))
        })
    }

    /// A list of tables. Those that could not be read are left out, with a report.
    pub(super) fn tables<T>(
        &mut self,
        name: &str,
        mut read: impl FnMut(&mut Table<'_, 'j>) -> Option<T>,
    ) -> Vec<T> {
        let tables = self.required(name, |value| {
            value
                .list(|item| Some(item.again().into_table().and_then(|mut table| read(&mut table))))
        });
        tables.unwrap_or_default().into_iter().flatten().collect()
    }

    /// Passes over a field that could not be judged.
    pub(super) fn ignore(&mut self, name: &str) {
        self.entries.retain(|(key, _)| key != name);
    }

    /// Reports these fields where they stand.
    pub(super) fn forbid(&mut self, names: &[&str], problem: PolicyProblem) {
        for name in names {
            if let Some(mut value) = self.take(name) {
                value.or_report(None::<()>, problem.clone());
            }
        }
    }

    /// Reports every field that was not taken.
    pub(super) fn end(&mut self) {
        for (name, _) in core::mem::take(&mut self.entries) {
            self.report(&name, PolicyProblem::UnknownField);
        }
    }
}

/// One of these words, or what stands for it where the field is left out.
pub(super) fn word<T: Copy>(
    table: &mut Table<'_, '_>,
    name: &str,
    words: &'static [(&'static str, T)],
    default: T,
) -> Option<T> {
    let mut given = false;
    let value = table.optional(name, |value| {
        given = true;
        let text = value.string()?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        value.or_report(
            found,
            PolicyProblem::NotOneOf(words.iter().map(|(word, _)| *word).collect()),
        )
    });
    if given { value } else { Some(default) }
}

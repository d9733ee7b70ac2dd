//! What was found, and how it is printed.

use core::fmt;

use serde::Serialize;

use crate::RouteSummary;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The gate would refuse everything with 503.
    Error,
    /// It would do something that is seldom meant.
    Warning,
}

/// One thing that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub level: Level,
    /// The line, from 1.
    pub line: usize,
    /// The field, such as `vars.POLICY.senders[0].tolerance`.
    pub path: String,
    /// What is wrong.
    pub text: String,
    /// A word that stays the same, to be looked up and compared: of an error, and of a warning that a
    /// policy can answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<&'static str>,
}

impl Finding {
    /// One line, `file:line: level: field: what`, as compilers print them; behind the level of a warning
    /// with a code stands the code, `warning[open-body]`. `paint` may colour the level.
    pub fn line(&self, file: &str, paint: impl Fn(Level, &str) -> String) -> String {
        let Self { level, line, path, text, code } = self;
        let (level, code) = match level {
            Level::Error => (paint(*level, "error"), None),
            Level::Warning => (paint(*level, "warning"), *code),
        };
        let code = code.map(|code| format!("[{code}]")).unwrap_or_default();
        let separator = if path.is_empty() { "" } else { ": " };
        format!("{file}:{line}: {level}{code}: {path}{separator}{text}")
    }
}

/// The settings of one environment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Environment {
    /// Its name; nothing for the top level.
    pub name: Option<String>,
    /// What was found, errors and warnings.
    pub findings: Vec<Finding>,
    /// What each route accepts; none where the policy has an error.
    pub routes: Vec<RouteSummary>,
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The top level, then the environments with variables of their own.
    pub environments: Vec<Environment>,
}

impl Report {
    /// Whether there is an error.
    pub fn has_errors(&self) -> bool {
        self.findings().any(|finding| finding.level == Level::Error)
    }

    /// Everything that was found, in all environments.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.environments.iter().flat_map(|environment| &environment.findings)
    }

    /// Whether there is a warning.
    pub fn has_warnings(&self) -> bool {
        self.findings().any(|finding| finding.level == Level::Warning)
    }

    /// A [line](Finding::line) for each finding, without colours.
    pub fn lines(&self, file: &str) -> Vec<String> {
        self.findings().map(|finding| finding.line(file, |_, level| level.to_owned())).collect()
    }
}

/// The table of routes, a line each, in columns.
impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = ["METHODS", "PATH", "SCHEME", "SENDERS", "WINDOW", "ONCE", "BODY", "OPEN"];
        let mut rows = vec![head.map(str::to_owned)];
        rows.extend(self.routes.iter().map(row));
        let width = |column: usize| {
            rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max()
        };
        for row in &rows {
            let cells = row.iter().enumerate();
            let padded: Vec<String> = cells
                .map(|(column, cell)| format!("{cell:<width$}", width = width(column).unwrap_or(0)))
                .collect();
            writeln!(f, "{}", padded.join("  ").trim_end())?;
        }
        Ok(())
    }
}

fn row(route: &RouteSummary) -> [String; 8] {
    let open = route.gaps.iter().map(|gap| gap.open.word());
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    [
        route.methods.clone(),
        route.path.clone(),
        route.scheme.unwrap_or("public").to_owned(),
        or_dash(Some(route.senders.join(", ")).filter(|senders| !senders.is_empty())),
        or_dash(route.tolerance.map(|seconds| format!("{seconds} s"))),
        or_dash(route.replay.map(|by| format!("by {by}"))),
        format!("{} B", route.max_body),
        or_dash(Some(open.collect::<Vec<_>>().join(", ")).filter(|open| !open.is_empty())),
    ]
}

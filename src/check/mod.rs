//! Checks the policy in a Worker's settings, `wrangler.toml` or `wrangler.jsonc`, before it ships.
//!
//! The errors are those with which the deployed gate would answer every request 503, each with its
//! field and line; warnings are what it would do and was perhaps not meant to.

mod front;
mod located;
mod report;
mod warnings;

pub use report::{Environment, Finding, Level, Report};

use crate::{Destination, InvalidDestination, Open, Policy};
use located::{Located, Node, from_jsonc, from_toml};

/// The language of a settings file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `wrangler.toml`.
    Toml,
    /// `wrangler.jsonc` and `wrangler.json`.
    Jsonc,
}

impl Format {
    /// By the end of a file's name: `.json` and `.jsonc`, and TOML for any other.
    pub fn of_name(name: &str) -> Self {
        if name.ends_with(".json") || name.ends_with(".jsonc") { Self::Jsonc } else { Self::Toml }
    }
}

/// The JSON of the policy in settings, or in a file that is a policy itself; or what is wrong with
/// the file.
pub fn policy_json(text: &str, format: Format) -> Result<String, String> {
    let root = match format {
        Format::Toml => from_toml(text),
        Format::Jsonc => from_jsonc(text),
    };
    let root = root.map_err(|(at, what)| format!("line {}: {what}", line_of(text, at)))?;
    if root.member("senders").is_some() {
        return Ok(root.to_json());
    }
    let policy = root.member("vars").and_then(|vars| vars.member("POLICY"));
    let policy = policy.ok_or("it has no vars.POLICY")?;
    Ok(policy.text().map_or_else(|| policy.to_json(), str::to_owned))
}

/// Checks the settings: the top level, and each environment that has variables of its own.
pub fn check(text: &str, format: Format) -> Report {
    let read = match format {
        Format::Toml => from_toml(text),
        Format::Jsonc => from_jsonc(text),
    };
    let root = match read {
        Ok(root) => root,
        Err((at, what)) => {
            let finding = Finding {
                level: Level::Error,
                line: line_of(text, at),
                path: String::new(),
                text: what,
                code: Some("unreadable-settings"),
            };
            let environment = Environment { findings: vec![finding], ..Environment::default() };
            return Report { environments: vec![environment] };
        }
    };
    let mut environments = vec![environment(text, &root, &root, None)];
    if let Some(Node::Table(named)) = root.member("env").map(|env| &env.node) {
        // Variables and bindings are not inherited; the rest is.
        let own = named.iter().filter(|(_, settings)| settings.member("vars").is_some());
        environments
            .extend(own.map(|(name, settings)| environment(text, settings, &root, Some(name))));
    }
    Report { environments }
}

fn environment(text: &str, settings: &Located, root: &Located, name: Option<&str>) -> Environment {
    let prefix = name.map(|name| format!("env.{name}.")).unwrap_or_default();
    let mut found = Environment { name: name.map(str::to_owned), ..Environment::default() };
    let findings = &mut found.findings;
    let mut add = |level, code, place: &Located, path: &str, what: String| {
        let (line, path) = (line_of(text, place.at), format!("{prefix}{path}"));
        findings.push(Finding { level, line, path, text: what, code });
    };
    let vars = settings.member("vars");
    let Some(policy_value) = vars.and_then(|vars| vars.member("POLICY")) else {
        let what = "is not here: unless it is set elsewhere, the gate answers everything 503";
        add(Level::Warning, None, vars.unwrap_or(settings), "vars.POLICY", what.to_owned());
        return found;
    };
    let json = policy_value.text().map_or_else(|| policy_value.to_json(), str::to_owned);
    let policy = match Policy::parse(&json) {
        Ok(policy) => policy,
        Err(errors) => {
            for error in errors.iter() {
                let path = match error.path() {
                    "" => "vars.POLICY".to_owned(),
                    path => format!("vars.POLICY.{path}"),
                };
                let (problem, place) = (error.problem(), policy_value.nearest(error.path()));
                add(Level::Error, Some(problem.code()), place, &path, problem.to_string());
            }
            return found;
        }
    };
    if let Err(error) = destination(vars) {
        let variable = error.variable();
        let place = vars.and_then(|vars| vars.member(variable)).or(vars).unwrap_or(settings);
        let (path, what) = (format!("vars.{variable}"), error.problem().to_owned());
        add(Level::Error, Some(error.code()), place, &path, what);
    }
    for (place, path, code, what) in front::answered_in_front(settings, root) {
        add(Level::Error, Some(code), place, path, what.to_owned());
    }
    if policy.needs_replay_store() && !warnings::binds_store(settings) {
        let what = "is required for replay: bind the Durable Object ReplayStore as REPLAY";
        let code = Some("missing-replay-store");
        add(Level::Error, code, policy_value, "durable_objects", what.to_owned());
    }
    for (place, path, what) in warnings::warnings(settings, root, vars, &policy) {
        add(Level::Warning, None, place, &path, what);
    }
    found.routes = policy.routes().collect();
    for (index, route) in found.routes.iter().enumerate() {
        let place = policy_value.nearest(&format!("routes[{index}]"));
        let path = format!("vars.POLICY.routes[{index}]");
        let mut warn = |code, what| add(Level::Warning, code, place, &path, what);
        for gap in &route.gaps {
            let for_ever = gap.open == Open::Replay { for_ever: true };
            let of = match gap.senders.as_slice() {
                [] => String::new(),
                senders => format!(" (of {})", senders.join(", ")),
            };
            if for_ever {
                warn(None, format!("{}{of}", gap.text));
            } else if gap.is_unsaid() {
                let (text, word) = (&gap.text, gap.open.word());
                let what =
                    format!("{text}{of}; accept_open = [\"{word}\"] says that this is meant");
                warn(Some(gap.code), what);
            }
        }
        for open in &route.accepted_in_vain {
            let what = format!("accept_open has \"{}\", which every signature binds", open.word());
            warn(Some("not-open"), what);
        }
    }
    found
}

/// `ORIGIN` and `HOSTS`, as the Worker reads them.
fn destination(vars: Option<&Located>) -> Result<Destination, InvalidDestination> {
    let text = |value: &Located| value.text().unwrap_or_default().to_owned();
    let variable = |name| vars.and_then(|vars| vars.member(name));
    let origin = variable("ORIGIN").map(text);
    let hosts: Option<Vec<String>> = variable("HOSTS").map(|hosts| match &hosts.node {
        Node::List(hosts) => hosts.iter().map(text).collect(),
        _ => Vec::new(),
    });
    Destination::read(origin.as_deref(), hosts.as_deref())
}

/// The line, from 1, of a byte.
fn line_of(text: &str, at: usize) -> usize {
    let before = text.as_bytes().iter().take(at);
    before.filter(|byte| **byte == b'\n').count().saturating_add(1)
}

//! A policy read without its secrets, told as JSON.

use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;

use super::{Json, to_json};
use crate::check::{Finding, Format, Level, check, policy_json};
use crate::{InvalidDestination, Policy, PolicyError, RouteSummary};

/// Where the policy stands in the settings; it may stand alone here.
const PLACE: &str = "vars.POLICY";

#[derive(Default, Serialize)]
struct Read {
    /// Errors and warnings, in the order of their kind.
    findings: Vec<Finding>,
    /// What each route accepts.
    routes: Vec<RouteSummary>,
    /// The names of the secrets that it asks for.
    secrets: Vec<String>,
    /// The policy's JSON text.
    policy: Option<String>,
}

/// Reads a policy: `wrangler.toml` or its part with the policy, `wrangler.jsonc`, or the JSON of the
/// policy itself.
///
/// Gives `{"findings": [{"level": "error", "line": …, "path": …, "text": …, "code": …}, …], "routes": [row, …],
/// "secrets": [name, …], "policy": JSON text}`, a row as [`RouteSummary`] has it; the last three
/// where there is no error.
#[wasm_bindgen(js_name = readPolicy)]
pub fn read_policy(text: &str) -> Json {
    to_json(&read(text))
}

fn read(text: &str) -> Read {
    let is_json = text.trim_start().starts_with('{');
    let format = if is_json { Format::Jsonc } else { Format::Toml };
    // Put where it stands in the settings, a policy keeps its lines.
    let alone = is_json && serde_json::from_str(text).is_ok_and(|json| is_policy(&json));
    let settings =
        if alone { format!(r#"{{"vars":{{"POLICY":{text}}}}}"#) } else { text.to_owned() };
    let findings = findings(&settings, format);
    let has_error = findings.iter().any(|finding| finding.level == Level::Error);
    match policy_json(&settings, format) {
        Ok(json) if !has_error => match Policy::parse(&json) {
            Ok(policy) => Read {
                findings,
                routes: policy.routes().collect(),
                secrets: policy.secret_names().map(str::to_owned).collect(),
                policy: Some(json),
            },
            Err(errors) => {
                Read { findings: errors.iter().map(finding).collect(), ..Read::default() }
            }
        },
        Err(error) if !has_error => {
            let finding = Finding {
                level: Level::Error,
                line: 1,
                path: String::new(),
                text: error,
                code: Some("unreadable-settings"),
            };
            Read { findings: vec![finding], ..Read::default() }
        }
        _ => Read { findings, ..Read::default() },
    }
}

/// What is found about the policy; the rest of the settings may be left out of what is read.
fn findings(settings: &str, format: Format) -> Vec<Finding> {
    let told = |finding: &&Finding| match finding.path.as_str() {
        "" => true,
        _ if finding.code == Some(InvalidDestination::Missing.code()) => false,
        path => path.starts_with("vars.") && path != PLACE,
    };
    check(settings, format).findings().filter(told).cloned().collect()
}

/// Of a policy alone in TOML, which has no place among settings.
fn finding(error: &PolicyError) -> Finding {
    let (path, problem) = (error.path().to_owned(), error.problem());
    let (text, code) = (problem.to_string(), Some(problem.code()));
    Finding { level: Level::Error, line: 1, path, text, code }
}

fn is_policy(json: &serde_json::Value) -> bool {
    ["senders", "routes"].iter().any(|list| json.get(list).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOML: &str = r#"
[[vars.POLICY.senders]]
id = "a"
scheme = "x-hmac"
secrets = ["A"]

[[vars.POLICY.routes]]
path = "/a"
methods = ["POST"]
senders = ["a"]
"#;

    fn errors(text: &str) -> Vec<(usize, String)> {
        let findings = read(text).findings.into_iter();
        let errors = findings.filter(|finding| finding.level == Level::Error);
        errors.map(|finding| (finding.line, finding.path)).collect()
    }

    #[test]
    fn a_policy_is_told_whichever_way_it_is_written() {
        let json = r#"{"senders": [{"id": "a", "scheme": "x-hmac", "secrets": ["A"]}],
            "routes": [{"path": "/a", "methods": ["POST"], "senders": ["a"]}]}"#;
        let alone = TOML.replace("vars.POLICY.", "");
        let settings = format!(r#"{{"vars": {{"POLICY": {json}}}}}"#);
        for text in [TOML, json, &alone, &settings] {
            let read = read(text);
            assert_eq!(errors(text), [], "{text}");
            assert_eq!(read.secrets, ["A"]);
            let [route] = read.routes.as_slice() else { panic!("{text}") };
            assert_eq!((route.path.as_str(), route.scheme), ("/a", Some("x-hmac")));
            let policy = Policy::parse(&read.policy.unwrap()).unwrap();
            assert_eq!(policy.secret_names().collect::<Vec<_>>(), ["A"]);
        }
    }

    #[test]
    fn a_secret_among_the_variables_is_told_and_left_behind() {
        let read = read(&format!("[vars]\nA = \"kP2vX9mQ4sT7wZ1cF6hJ3nR8bL5dG0yA\"\n{TOML}"));
        let told: Vec<_> = read.findings.iter().map(|one| (one.line, one.path.as_str())).collect();
        assert!(told.contains(&(2, "vars.A")), "{told:?}");
        assert!(!read.policy.unwrap().contains("kP2v"));
    }

    #[test]
    fn an_error_has_its_line_and_the_path_of_its_field() {
        let one = |line, path: &str| vec![(line, path.to_owned())];
        let broken = TOML.replace("\"POST\"", "\"POTS\"");
        assert_eq!(errors(&broken), one(9, "vars.POLICY.routes[0].methods[0]"));
        let json = "{\"senders\": [],\n \"routes\": 7}";
        assert!(errors(json).contains(&(2, "vars.POLICY.routes".to_owned())), "{:?}", errors(json));
        assert_eq!(errors("[[vars.POLICY.senders]\n"), one(1, ""));
        assert_eq!(errors("{"), one(1, ""));
        assert_eq!(errors("name = \"gate\""), one(1, ""));
        let alone = broken.replace("vars.POLICY.", "");
        assert_eq!(errors(&alone), one(1, "routes[0].methods[0]"));
    }
}

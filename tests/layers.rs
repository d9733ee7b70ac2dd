//! The house has floors: a module of `src/` uses those below it and none above or beside it, so that
//! nothing goes round in a circle. The rule is read off the paths in the code.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "the test reads the code"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The modules from the top floor down. Those on one floor do not know each other.
const FLOORS: [&[&str]; 13] = [
    &["adapter", "fuzz"],
    &["check", "explain"],
    &["policy"],
    &["verifier"],
    &["forward"],
    &["signer", "keyring"],
    &["scheme"],
    &["message_signature", "handshake"],
    &["rejection", "policy_error", "path"],
    &["log_line", "destination"],
    &["message", "secret", "replay"],
    &["algorithm", "time", "json", "json_line", "python_json"],
    &["encoding", "problems"],
];

/// A module by its path, `verifier::pending`, and the modules whose items its code names.
type Graph = BTreeMap<String, BTreeSet<String>>;

/// Every module under a folder with the text of its file, less its tests.
fn modules(folder: &Path, inside: &str, found: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let module = if inside.is_empty() { name.clone() } else { format!("{inside}::{name}") };
        if path.is_dir() {
            if name != "bin" && name != "tests" {
                modules(&path, &module, found);
            }
        } else if path.extension().is_some_and(|end| end == "rs")
            && !["lib", "tests"].contains(&&*name)
        {
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap().to_owned();
            found.insert(if name == "mod" { inside.to_owned() } else { module }, code);
        }
    }
}

/// The paths that a text names behind a prefix such as `crate::`, braces written out.
fn paths(code: &str, prefix: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = code;
    while let Some((before, path)) = rest.split_once(prefix) {
        rest = path;
        let is_whole = |c: char| !(c.is_alphanumeric() || c == '_' || c == ':');
        if before.chars().next_back().is_none_or(is_whole) {
            write_out(path, "", &mut found);
        }
    }
    found
}

/// Writes out what begins here: `a::{b, c::d}` is `a::b` and `a::c::d`. Gives what is behind it.
fn write_out<'c>(code: &'c str, start: &str, found: &mut Vec<String>) -> &'c str {
    let name_ends = code.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(code.len());
    let (name, behind) = code.split_at(name_ends);
    let path = if start.is_empty() { name.to_owned() } else { format!("{start}::{name}") };
    let Some(rest) = behind.strip_prefix("::") else {
        found.push(path);
        return behind;
    };
    let Some(mut list) = rest.strip_prefix('{') else { return write_out(rest, &path, found) };
    loop {
        list = list.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
        match list.strip_prefix('}') {
            Some(behind) => return behind,
            None => list = after_new_name(write_out(list, &path, found)),
        }
    }
}

/// What is behind ` as name`, where that follows.
fn after_new_name(code: &str) -> &str {
    let Some(name) = code.strip_prefix(" as ") else { return code };
    name.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_')
}

/// The module that a path leads into: the longest part of it that is one.
fn module_of(path: &str, modules: &BTreeMap<String, String>) -> Option<String> {
    let mut part = path;
    loop {
        if modules.contains_key(part) {
            return Some(part.to_owned());
        }
        part = part.rsplit_once("::")?.0;
    }
}

fn graph() -> Graph {
    let mut all = BTreeMap::new();
    modules(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "", &mut all);
    let uses = |module: &String, code: &String| {
        let mut used = paths(code, "crate::");
        // `super` of a file is its folder, that of a folder's own file the folder above.
        let above = module.rsplit_once("::").map_or("", |(above, _)| above);
        used.extend(paths(code, "super::").into_iter().map(|path| format!("{above}::{path}")));
        let used = used.iter().filter_map(|path| module_of(path, &all));
        (module.clone(), used.filter(|other| other != module).collect())
    };
    all.iter().map(|(module, code)| uses(module, code)).collect()
}

/// The room on a floor that a module is in.
fn room(module: &str) -> &str {
    module.split("::").next().unwrap()
}

fn floor(module: &str) -> usize {
    FLOORS
        .iter()
        .position(|rooms| rooms.contains(&room(module)))
        .expect("every room is on one of the FLOORS")
}

#[test]
fn every_arrow_between_rooms_leads_down() {
    let graph = graph();
    let arrows = graph.iter().flat_map(|(from, to)| to.iter().map(move |to| (from, to)));
    let between: Vec<_> = arrows.filter(|(from, to)| room(from) != room(to)).collect();
    println!(
        "{} modules, {} floors, {} arrows between rooms",
        graph.len(),
        FLOORS.len(),
        between.len()
    );
    let upward: Vec<String> = between
        .iter()
        .filter(|(from, to)| floor(from) >= floor(to))
        .map(|(from, to)| format!("{from} -> {to}"))
        .collect();
    assert!(upward.is_empty(), "these lead up, or beside:\n{}", upward.join("\n"));
}

#[test]
fn no_module_is_reached_from_itself() {
    let mut graph = graph();
    // A folder's own file and the files in it may know each other.
    for (module, used) in &mut graph {
        let is_family = |other: &str| {
            other.rsplit_once("::").is_some_and(|(folder, _)| folder == module)
                || module.rsplit_once("::").is_some_and(|(folder, _)| folder == other)
        };
        used.retain(|other| !is_family(other));
    }
    // What uses nothing that is left is in no circle; what stays to the end is.
    loop {
        let done: BTreeSet<String> = graph
            .iter()
            .filter(|(_, used)| used.iter().all(|other| !graph.contains_key(other)))
            .map(|(module, _)| module.clone())
            .collect();
        if done.is_empty() {
            break;
        }
        graph.retain(|module, _| !done.contains(module));
    }
    let stuck: Vec<String> =
        graph.iter().map(|(module, used)| format!("{module} -> {used:?}")).collect();
    assert!(stuck.is_empty(), "these are in a circle, or use one:\n{}", stuck.join("\n"));
}

#[test]
fn paths_are_read_whole() {
    let code = "use crate::a::{b, c::{D, e as f}, self};\nfn x(y: crate::g::H) { not_crate::z; crate::i!() }";
    assert_eq!(paths(code, "crate::"), ["a::b", "a::c::D", "a::c::e", "a::self", "g::H", "i"]);
}

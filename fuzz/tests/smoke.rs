//! Every property on stable Rust: over the seeds, over mutations of them that are the same in each
//! run, and over the requests of `../shared/vectors` where that folder stands beside the checkout.
#![allow(clippy::disallowed_methods, reason = "a test may look at its files")]

use std::io::{Write, stderr};
use std::path::{Path, PathBuf};
use std::{fs, thread};

use countersign_fuzz::{TARGETS, route_names};
use serde_json::Value;

const HERE: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn head() {
    run("head", 100_000);
}

#[test]
fn origin() {
    run("origin", 100_000);
}

#[test]
fn path() {
    run("path", 10_000);
}

#[test]
fn policy() {
    run("policy", 40_000);
}

#[test]
fn python_json() {
    run("python_json", 100_000);
}

#[test]
fn request() {
    run("request", 60_000);
}

#[test]
fn signed() {
    run("signed", 30_000);
}

#[test]
fn structured_field() {
    run("structured_field", 200_000);
}

#[test]
fn every_target_has_its_files() {
    let mut names: Vec<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    names.sort();
    for folder in ["fuzz_targets", "seeds"] {
        let stem = |path: PathBuf| path.file_stem().unwrap().to_str().unwrap().to_owned();
        let found: Vec<String> =
            files(&Path::new(HERE).join(folder)).into_iter().map(stem).collect();
        assert_eq!(found, names, "{folder}");
    }
}

#[test]
fn every_route_has_a_seed() {
    let seeds = files(&Path::new(HERE).join("seeds/request"));
    for name in route_names() {
        assert!(seeds.iter().any(|seed| seed.ends_with(name)), "{name}");
    }
}

#[test]
fn vectors() {
    let folder = Path::new(HERE).join("../../shared/vectors");
    if !folder.is_dir() {
        say("SKIPPED vectors: there is no ../shared/vectors beside this checkout");
        return;
    }
    let mut requests = 0;
    for file in
        files(&folder).into_iter().filter(|file| file.extension().is_some_and(|e| e == "json"))
    {
        let json: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        for vector in json["vectors"].as_array().unwrap() {
            let scheme = json["scheme"].as_str().or_else(|| vector["scheme"].as_str()).unwrap();
            requests += usize::from(check_vector(scheme, vector));
        }
    }
    assert!(requests > 0);
    say(&format!("{requests} requests of ../shared/vectors"));
}

/// Sends a vector's request to each route of its scheme, where other keys are known than the
/// vector's, and its body to what reads bodies. Whether it is a request.
fn check_vector(scheme: &str, vector: &Value) -> bool {
    let (Some(url), Some(fields)) = (vector["url"].as_str(), vector["headers"].as_array()) else {
        return false;
    };
    let method = vector["method"].as_str().unwrap_or("POST");
    let pairs: Vec<[&str; 2]> =
        fields.iter().map(|pair| [0, 1].map(|at| pair[at].as_str().unwrap())).collect();
    let body = vector["body"].as_str().unwrap_or_default();
    let mut lines = vec![method, url];
    lines.extend(pairs.iter().flatten());
    check("head", lines.join("\n").as_bytes());
    check("python_json", body.as_bytes());

    let now = vector["now"].as_u64().unwrap_or_default();
    let query = url.split_once('?').map(|(_, query)| format!("?{query}")).unwrap_or_default();
    let fields: String = pairs.iter().map(|[name, value]| format!("{name}:{value}\n")).collect();
    for route in route_names().filter(|route| route.starts_with(scheme)) {
        let rest = if route == "twilio-origin" { "" } else { "/in" };
        let text = format!("{route}\n{method} {now}\n{rest}{query}\n{fields}\n{body}");
        check("request", text.as_bytes());
    }
    true
}

/// Runs a property over its seeds and so many mutations of them.
fn run(target: &str, mutations: usize) {
    let seeds: Vec<Vec<u8>> = files(&Path::new(HERE).join("seeds").join(target))
        .into_iter()
        .map(|file| fs::read(file).unwrap())
        .collect();
    seeds.iter().for_each(|seed| check(target, seed));
    let mut random = Random(target.bytes().map(u64::from).sum());
    for _ in 0..mutations {
        let mut input = random.one_of(&seeds).clone();
        for _ in 0..=random.below(4) {
            mutate(&mut input, &seeds, &mut random);
        }
        check(target, &input);
    }
    say(&format!("{target}: {} seeds, {mutations} mutations", seeds.len()));
}

/// Runs a property; where it panics, the input is shown.
fn check(target: &str, input: &[u8]) {
    struct Shown<'a>(&'a [u8]);
    impl Drop for Shown<'_> {
        fn drop(&mut self) {
            if thread::panicking() {
                say(&format!("input: b\"{}\"", self.0.escape_ascii()));
            }
        }
    }
    let (_, property) = TARGETS.iter().find(|(name, _)| *name == target).unwrap();
    let _shown = Shown(input);
    property(input);
}

/// What parsers trip over.
const PIECES: [&[u8]; 26] = [
    b"\n",
    b"\r",
    b"\0",
    b" ",
    b",",
    b";",
    b"=",
    b":",
    b"/",
    b"?",
    b"#",
    b"%",
    b"%2f",
    b"..",
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b"\\u0000",
    b"-",
    b"0",
    b"9999999999",
    b"1e400",
    b"\xff",
    b"\xc3\xa9",
];

fn mutate(input: &mut Vec<u8>, seeds: &[Vec<u8>], random: &mut Random) {
    let from = random.below(input.len() + 1);
    let to = (from + random.below(16)).min(input.len());
    match random.below(7) {
        0 if from < to => input[from] ^= 1 << random.below(8),
        1 if from < to => input[from] = u8::try_from(random.below(256)).unwrap(),
        2 => drop(input.drain(from..to)),
        3 => drop(input.splice(from..from, input[from..to].to_vec())),
        4 => drop(input.splice(from..to, random.one_of(&PIECES).to_vec())),
        5 => drop(input.splice(from..from, random.one_of(&PIECES).to_vec())),
        _ => {
            let other = random.one_of(seeds);
            let from_other = random.below(other.len() + 1);
            let to_other = (from_other + random.below(64)).min(other.len());
            input.splice(from..to, other[from_other..to_other].iter().copied());
        }
    }
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(limit).unwrap()).unwrap()
    }

    fn one_of<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

/// What a folder holds, in the order of the names.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// Unlike `eprintln!`, not hidden when the test passes.
fn say(message: &str) {
    stderr().write_all(format!("{message}\n").as_bytes()).unwrap();
}

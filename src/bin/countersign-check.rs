//! Checks the policy of a settings file, for the deploy build: `countersign check` without the rest
//! of the command, so that it is compiled in seconds.
#![allow(clippy::disallowed_methods, reason = "a command reads its file")]

use std::process::ExitCode;

use countersign::check::{Format, check};

fn main() -> ExitCode {
    let (options, files): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|argument| argument.starts_with("--"));
    let is_set = |name| options.iter().any(|option| option == name);
    let file = files.into_iter().next().unwrap_or_else(|| "wrangler.toml".to_owned());
    let text = match std::fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) => {
            eprintln!("{file}: {error}");
            return ExitCode::from(2);
        }
    };
    let report = check(&text, Format::of_name(&file));
    report.lines(&file).iter().for_each(|line| eprintln!("{line}"));
    let refused = report.has_errors() || (is_set("--deny-warnings") && report.has_warnings());
    ExitCode::from(u8::from(refused))
}

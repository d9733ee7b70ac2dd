//! `check`: the policy's errors by line, and what each route accepts.

use clap::Args;
use countersign::check::{Format as Language, Level, check};

use crate::failure::{Done, Failure};
use crate::terminal::{Format, Tone, paint, print_json};

#[derive(Args)]
#[command(after_help = "Examples:
  countersign check
  countersign check wrangler.jsonc --format json
  countersign check --deny-warnings

The exit status is 1 where there is an error, with which the gate would answer everything 503. The
deploy build runs the same check. Whether the secrets exist is not looked at.")]
pub(crate) struct Check {
    /// The settings: TOML, or JSON where the name ends with .json or .jsonc
    #[arg(default_value = "wrangler.toml")]
    file: String,
    /// Exit with status 1 where there is a warning, too
    #[arg(long)]
    deny_warnings: bool,
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

impl Check {
    pub(crate) fn run(self) -> Done {
        let Self { file, deny_warnings, format } = self;
        let text = std::fs::read_to_string(&file)
            .map_err(|error| Failure::usage(format!("{file}: {error}")))?;
        let report = check(&text, Language::of_name(&file));
        let sound = !(report.has_errors() || deny_warnings && report.has_warnings());
        if format == Format::Json {
            print_json(&report);
            return Ok(sound);
        }
        let coloured = |level, text: &str| match level {
            Level::Error => paint(Tone::Bad, text),
            Level::Warning => paint(Tone::Doubtful, text),
        };
        report.findings().for_each(|finding| println!("{}", finding.line(&file, coloured)));
        for environment in report.environments.iter().filter(|one| !one.routes.is_empty()) {
            match &environment.name {
                Some(name) => println!("\nenvironment {name}:"),
                None => println!(),
            }
            print!("{environment}");
        }
        Ok(sound)
    }
}

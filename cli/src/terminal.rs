//! Colours, where a person looks on.

use std::io::{IsTerminal, Write, stderr, stdout};

use anstream::{AutoStream, ColorChoice};
use clap::ValueEnum;
use clap::builder::styling::{AnsiColor, Style};

/// How results are printed.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For a person
    Text,
    /// One JSON document
    Json,
}

/// What a word stands for.
#[derive(Clone, Copy)]
pub(crate) enum Tone {
    Good,
    Bad,
    Doubtful,
    Strong,
}

/// A text, coloured where standard output is a terminal that has colours, unless the environment turns
/// them off (`NO_COLOR`, `CLICOLOR`).
pub(crate) fn paint(tone: Tone, text: &str) -> String {
    let style = match tone {
        _ if AutoStream::choice(&stdout()) == ColorChoice::Never => Style::new(),
        Tone::Good => AnsiColor::Green.on_default(),
        Tone::Bad => AnsiColor::Red.on_default(),
        Tone::Doubtful => AnsiColor::Yellow.on_default(),
        Tone::Strong => Style::new().bold(),
    };
    format!("{style}{text}{style:#}")
}

/// Says what is being done, on one line of the terminal that the next one replaces.
pub(crate) fn progress(text: &str) {
    if stderr().is_terminal() {
        let mut stderr = stderr();
        // Nothing is lost where it cannot be written.
        let _ = write!(stderr, "\r\x1b[K{text}");
        let _ = stderr.flush();
    }
}

/// Prints a JSON document.
pub(crate) fn print_json(document: &impl serde::Serialize) {
    println!("{}", serde_json::to_string_pretty(document).unwrap_or_default());
}

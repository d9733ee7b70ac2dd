//! Colours, where a person looks on.

use std::io::{IsTerminal, Write, stderr, stdout};

use clap::ValueEnum;

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

/// A text, coloured where standard output is a terminal and NO_COLOR is not set.
pub(crate) fn paint(tone: Tone, text: &str) -> String {
    let wanted =
        stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
    if !wanted {
        return text.to_owned();
    }
    let code = match tone {
        Tone::Good => "32",
        Tone::Bad => "31",
        Tone::Doubtful => "33",
        Tone::Strong => "1",
    };
    format!("\x1b[{code}m{text}\x1b[0m")
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

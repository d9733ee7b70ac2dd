//! Completions and the manual page.

use std::io::stdout;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::Cli;
use crate::failure::{Done, Failure};

#[derive(Args)]
#[command(after_help = "Example:
  countersign completions bash > ~/.local/share/bash-completion/completions/countersign")]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(self) -> Done {
        clap_complete::generate(self.shell, &mut Cli::command(), "countersign", &mut stdout());
        Ok(true)
    }
}

/// Prints the manual page in roff.
pub(crate) fn man() -> Done {
    let page = clap_mangen::Man::new(Cli::command());
    page.render(&mut stdout()).map_err(|error| Failure::usage(error.to_string()))?;
    Ok(true)
}

//! The command: makes keys, signs and sends requests, explains refusals, checks policies and probes
//! deployments.
#![allow(
    clippy::disallowed_methods,
    reason = "a command reads files, the environment and the clock"
)]

mod check;
mod doctor;
mod explain;
mod failure;
mod har;
mod http;
mod inputs;
mod keygen;
mod pages;
mod probe;
mod request;
mod send;
mod sign;
mod snippet;
mod terminal;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use failure::Failure;

const EXIT_CODES: &str = "\
Exit status:
  0  done; the request was accepted, the policy is right, the deployment is sound
  1  refused, an error in the policy, or a probe that failed
  2  the arguments or a file could not be used
  3  the other side could not be reached

Secrets come from the environment or a file, never from an argument. NO_COLOR turns colours off.";

/// Signs server-to-server requests, and says why one is refused.
#[derive(Parser)]
#[command(name = "countersign", version, after_help = EXIT_CODES, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a secret, or a key pair, in the form of a scheme
    Keygen(keygen::Keygen),
    /// Sign a request: prints its header fields, or a command that sends it
    Sign(sign::Sign),
    /// Sign a request, send it and show the answer
    Send(send::Send),
    /// Say whether a received request would be accepted
    Verify(explain::Verify),
    /// Say why a received request is accepted or refused, check by check
    Explain(explain::Explain),
    /// Check the policy in wrangler.toml or wrangler.jsonc
    Check(check::Check),
    /// Probe a deployment with requests that it must refuse, and one that it must not
    Doctor(doctor::Doctor),
    /// Print the completions for a shell
    Completions(pages::Completions),
    /// Print the manual page
    Man,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.command {
        Command::Keygen(keygen) => keygen.run(),
        Command::Sign(sign) => sign.run(),
        Command::Send(send) => send.run(),
        Command::Verify(verify) => verify.run(),
        Command::Explain(explain) => explain.run(),
        Command::Check(check) => check.run(),
        Command::Doctor(doctor) => doctor.run(),
        Command::Completions(completions) => completions.run(),
        Command::Man => pages::man(),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(Failure { exit, text }) => {
            eprintln!("countersign: {text}");
            ExitCode::from(exit)
        }
    }
}

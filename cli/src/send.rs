//! `send`: signs, sends and shows the answer.

use std::time::Duration;

use clap::Args;
use serde::Serialize;

use crate::failure::{Done, Failure};
use crate::http;
use crate::inputs::Signing;
use crate::terminal::{Format, Tone, paint, print_json, progress};

#[derive(Args)]
#[command(after_help = "Example:
  countersign send https://api.example.com/v1/infer --scheme x-hmac \\
    --secret-env APP_SECRET --json '{\"text\":\"hi\"}'

The exit status is 0 for an answer below 400 and 1 for any other.")]
pub(crate) struct Send {
    #[command(flatten)]
    signing: Signing,
    /// Seconds to wait for the whole answer
    #[arg(long, default_value_t = 30)]
    timeout: u64,
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

#[derive(Serialize)]
struct Document<'a> {
    status: u16,
    fields: &'a [(String, String)],
    body: String,
}

impl Send {
    pub(crate) fn run(self) -> Done {
        let signed = self.signing.sign()?;
        progress(&format!("waiting for {}", signed.url));
        let answer = http::send(&signed, Duration::from_secs(self.timeout));
        progress("");
        let answer =
            answer.map_err(|error| Failure::unreachable(format!("{}: {error}", signed.url)))?;
        let good = answer.status < 400;
        let body = String::from_utf8_lossy(&answer.body).into_owned();
        if self.format == Format::Json {
            print_json(&Document { status: answer.status, fields: &answer.fields, body });
            return Ok(good);
        }
        let tone = if good { Tone::Good } else { Tone::Bad };
        println!("{}", paint(tone, format!("{} {}", answer.status, answer.reason).trim_end()));
        answer.fields.iter().for_each(|(name, value)| println!("{name}: {value}"));
        println!("\n{body}");
        Ok(good)
    }
}

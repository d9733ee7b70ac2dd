//! `sign`: the fields of a signed request, or a command that sends it.

use clap::{Args, ValueEnum};
use serde::Serialize;

use crate::failure::Done;
use crate::inputs::Signing;
use crate::snippet;
use crate::terminal::{Format, print_json};

#[derive(Args)]
#[command(after_help = "Examples:
  countersign sign https://api.example.com/v1/infer --scheme x-hmac \\
    --secret-env APP_SECRET --json '{\"text\":\"hi\"}'
  countersign sign https://api.example.com/hook --scheme github --secret-file secret.txt \\
    --body payload.json --as curl
  countersign sign https://api.example.com/v1/infer --policy wrangler.toml --sender django-app \\
    --body - < body.json

With --json the body that was signed follows the fields: send those bytes and no others. A snippet
holds one signed request, and no secret; it is good until the gate's window closes.")]
pub(crate) struct Sign {
    #[command(flatten)]
    signing: Signing,
    /// Print a command that sends the request
    #[arg(long = "as", value_enum, value_name = "LANGUAGE")]
    snippet: Option<Language>,
    #[arg(long, value_enum, default_value = "text", conflicts_with = "snippet")]
    format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Language {
    Curl,
    Python,
    Javascript,
}

#[derive(Serialize)]
struct Document<'a> {
    method: &'a str,
    url: &'a str,
    fields: &'a [(String, String)],
    body_hex: String,
}

impl Sign {
    pub(crate) fn run(self) -> Done {
        let signed = self.signing.sign()?;
        match (self.snippet, self.format) {
            (Some(Language::Curl), _) => print!("{}", snippet::curl(&signed)),
            (Some(Language::Python), _) => print!("{}", snippet::python(&signed)),
            (Some(Language::Javascript), _) => print!("{}", snippet::javascript(&signed)),
            (None, Format::Json) => print_json(&Document {
                method: &signed.method,
                url: &signed.url,
                fields: &signed.fields,
                body_hex: hex::encode(&signed.body),
            }),
            (None, Format::Text) => {
                signed.fields.iter().for_each(|(name, value)| println!("{name}: {value}"));
                if self.signing.is_json() {
                    println!("\n{}", String::from_utf8_lossy(&signed.body));
                }
            }
        }
        Ok(true)
    }
}

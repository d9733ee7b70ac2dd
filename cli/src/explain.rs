//! `verify` and `explain`: what the gate would say to a request, and why.

use std::path::PathBuf;

use clap::Args;
use countersign::explain::{Cause, Comparison, Explainer, Explanation, LONE_SECRET, policy_for};
use countersign::{Field, Head, Policy, Secret, UnixSeconds};

use crate::failure::{Done, Failure};
use crate::har::from_archive;
use crate::inputs::{SecretArgs, clock, environment, moment, policy, read_file};
use crate::request::{Received, from_message};
use crate::terminal::{Format, Tone, paint, print_json};

#[derive(Args)]
struct Given {
    /// The request as it came over the wire (HTTP/1.1), or - for standard input
    #[arg(long, value_name = "FILE", required_unless_present_any = ["har", "url"], conflicts_with_all = ["har", "url"])]
    request: Option<PathBuf>,
    /// An HTTP archive, as browsers and proxies export one
    #[arg(long, value_name = "FILE", conflicts_with = "url")]
    har: Option<PathBuf>,
    /// Which entry of the archive, counted from 0
    #[arg(long, default_value_t = 0, requires = "har")]
    entry: usize,
    /// The absolute URL that was called
    #[arg(long)]
    url: Option<String>,
    /// The method
    #[arg(long, short = 'X', default_value = "POST")]
    method: String,
    /// A header field, NAME: VALUE; as often as there are fields
    #[arg(long, short = 'H', value_name = "FIELD")]
    header: Vec<String>,
    /// The body: a file, or - for standard input
    #[arg(long, short = 'd', value_name = "FILE")]
    body: Option<PathBuf>,
    /// That the message in --request came over http, not https
    #[arg(long)]
    http: bool,
    /// The scheme: a preset's name (docs/schemes.md)
    #[arg(long, required_unless_present = "policy", conflicts_with = "policy")]
    scheme: Option<String>,
    /// With --scheme: the URL that the sender was told to call, where the scheme signs it
    #[arg(long, value_name = "URL", conflicts_with = "policy")]
    sender_url: Option<String>,
    /// A policy, whose secrets are taken from the environment by their names
    #[arg(long, value_name = "FILE", conflicts_with_all = ["secret_env", "secret_file"])]
    policy: Option<PathBuf>,
    #[command(flatten)]
    secret: SecretArgs,
    /// What the gate's clock shows: Unix seconds, or as RFC 3339 writes it; now, or when the
    /// archive's entry was made, where it is left out
    #[arg(long, value_name = "MOMENT", value_parser = moment)]
    at: Option<UnixSeconds>,
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

#[derive(Args)]
#[command(after_help = "Example:
  countersign verify --request request.http --scheme x-hmac --secret-env APP_SECRET")]
pub(crate) struct Verify {
    #[command(flatten)]
    given: Given,
}

#[derive(Args)]
#[command(after_help = "Examples:
  countersign explain --request request.http --scheme x-hmac --secret-env APP_SECRET
  countersign explain --har session.har --entry 3 --policy wrangler.toml
  countersign explain --url https://api.example.com/hook -H 'X-Hub-Signature-256: sha256=…' \\
    --body payload.json --scheme github --secret-file secret.txt

It prints the signature that was expected, with which anybody can have the request
accepted: keep the output where the secret may be.")]
pub(crate) struct Explain {
    #[command(flatten)]
    given: Given,
}

#[derive(serde::Serialize)]
struct Verdict<'a> {
    code: &'a str,
    status: Option<u16>,
    sender: Option<&'a str>,
}

impl Given {
    fn received(&self) -> Result<Received, Failure> {
        if let Some(file) = &self.request {
            return from_message(&read_file(file)?, if self.http { "http" } else { "https" });
        }
        if let Some(file) = &self.har {
            return from_archive(&read_file(file)?, self.entry);
        }
        let field = |line: &String| {
            let (name, value) = line
                .split_once(':')
                .ok_or_else(|| Failure::usage(format!("no field: {line}; write NAME: VALUE")))?;
            Ok((name.trim().to_owned(), value.trim().to_owned()))
        };
        Ok(Received {
            method: self.method.clone(),
            url: self.url.clone().unwrap_or_default(),
            fields: self.header.iter().map(field).collect::<Result<_, Failure>>()?,
            body: self.body.as_deref().map(read_file).transpose()?.unwrap_or_default(),
            at: None,
        })
    }

    fn explainer(&self, head: &Head<'_>) -> Result<Explainer, Failure> {
        let refused = |errors: countersign::PolicyErrors| Failure::usage(errors.to_string());
        if let Some(file) = &self.policy {
            return Explainer::new(policy(file)?, environment).map_err(refused);
        }
        let scheme = self.scheme.as_deref().unwrap_or_default();
        let secret: Secret = self
            .secret
            .read()?
            .ok_or_else(|| Failure::usage("give --secret-env or --secret-file"))?;
        let policy = policy_for(scheme, head, self.sender_url.as_deref());
        let policy = Policy::parse(&policy).map_err(refused)?;
        Explainer::new(policy, |name| (name == LONE_SECRET).then(|| secret.clone()))
            .map_err(refused)
    }

    fn explain(&self) -> Result<Explanation, Failure> {
        let received = self.received()?;
        let Received { method, url, fields, body, at } = &received;
        let fields =
            fields.iter().map(|(name, value)| Field::new(name, value.as_bytes())).collect();
        let head = Head::new(method, url, fields).ok_or_else(|| {
            Failure::usage(format!("{url}: no absolute http or https URL with a path"))
        })?;
        let explainer = self.explainer(&head)?;
        for broken in explainer.broken_secrets() {
            eprintln!("countersign: {broken}");
        }
        let now = self.at.or(*at).unwrap_or_else(clock);
        Ok(explainer.explain(&head, body, now))
    }
}

impl Verify {
    pub(crate) fn run(self) -> Done {
        let explanation = self.given.explain()?;
        if self.given.format == Format::Json {
            let Explanation { code, status, sender, .. } = &explanation;
            print_json(&Verdict { code, status: *status, sender: sender.as_deref() });
        } else {
            println!("{}", verdict(&explanation));
        }
        Ok(is_accepted(&explanation))
    }
}

impl Explain {
    pub(crate) fn run(self) -> Done {
        let explanation = self.given.explain()?;
        if self.given.format == Format::Json {
            print_json(&explanation);
        } else {
            print(&explanation);
        }
        Ok(is_accepted(&explanation))
    }
}

fn is_accepted(explanation: &Explanation) -> bool {
    explanation.status.is_none_or(|status| status < 400)
}

fn verdict(explanation: &Explanation) -> String {
    let Explanation { code, status, detail, sender, .. } = explanation;
    if is_accepted(explanation) {
        let of = sender.as_ref().map(|sender| format!(": {sender}")).unwrap_or_default();
        return format!("{}{of}", paint(Tone::Good, code));
    }
    let status = status.map(|status| format!(" ({status})")).unwrap_or_default();
    let detail = detail.as_ref().map(|detail| format!(": {detail}")).unwrap_or_default();
    format!("{}{status}{detail}", paint(Tone::Bad, code))
}

fn print(explanation: &Explanation) {
    println!("{}\n", verdict(explanation));
    for step in &explanation.steps {
        let mark = if step.passed { paint(Tone::Good, "ok  ") } else { paint(Tone::Bad, "FAIL") };
        println!("{mark} {:<10} {}", step.check, step.read);
        println!("     {:<10} wanted: {}", "", step.compared);
    }
    for Comparison { sender, secret, signed_bytes, signed_length, expected, matches, .. } in
        &explanation.comparisons
    {
        println!("\n{}", paint(Tone::Strong, &format!("{secret} of {sender}")));
        println!("  signed bytes ({signed_length}): {signed_bytes}");
        if let Some(expected) = expected {
            println!("  expected:  {expected}");
        }
        println!("  received:  {}", explanation.received.join(", "));
        println!("  {}", if *matches { "they match" } else { "they do not match" });
    }
    if is_accepted(explanation) {
        return;
    }
    println!();
    for Cause { mistakes, secret, .. } in &explanation.causes {
        let texts: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        let by = secret.as_ref().map(|name| format!(" [{name}]")).unwrap_or_default();
        println!("{} {}{by}", paint(Tone::Strong, "cause:"), texts.join("; and "));
    }
    if explanation.causes.is_empty() && explanation.effort.tries > 0 {
        let tried = explanation.effort.tries;
        println!(
            "no cause was found among {tried} combinations of the usual mistakes: the secret is probably another one"
        );
    }
}

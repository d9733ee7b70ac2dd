//! `doctor`: requests that a deployment must refuse, and one that it must let through.

use std::net::IpAddr;
use std::time::Duration;

use clap::Args;
use countersign::scheme::{RANDOM_BYTES, Scheme};
use countersign::{Secret, Signer, UnixSeconds};

use crate::failure::{Done, Failure};
use crate::http::{self, Answer};
use crate::inputs::{SignedRequest, Signing, clock, fill};
use crate::probe::{
    Finding, Outcome, clocks, must_be_accepted, must_be_refused, must_be_unanswered,
};
use crate::terminal::{Format, print_json, progress};

/// Seconds that no window reaches.
const OUT_OF_TIME: u64 = 7200;

#[derive(Args)]
#[command(after_help = "Examples:
  countersign doctor http://127.0.0.1:8787/v1/infer --scheme x-hmac --secret-env APP_SECRET
  countersign doctor https://api.example.com/v1/infer --yes --policy wrangler.toml \\
    --sender django-app --origin https://origin.example.com

One of the requests is right and reaches the origin; give a body that does no harm there. The exit
status is 1 where a probe failed.")]
pub(crate) struct Doctor {
    #[command(flatten)]
    signing: Signing,
    /// Where the origin would answer if the gate could be gone around: scheme and host
    #[arg(long, value_name = "URL")]
    origin: Option<String>,
    /// Probe a deployment that is not on this machine: it is yours
    #[arg(long)]
    yes: bool,
    /// The route's max_body, in bytes
    #[arg(long, default_value_t = 1 << 20, value_name = "BYTES")]
    max_body: usize,
    /// Only warn where the same request is accepted twice
    #[arg(long)]
    replay_off: bool,
    /// Seconds to wait for each answer
    #[arg(long, default_value_t = 30)]
    timeout: u64,
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// What the probes need.
struct Patient<'d> {
    doctor: &'d Doctor,
    scheme: &'static Scheme,
    signer: Signer,
    method: String,
    body: Vec<u8>,
}

impl Doctor {
    pub(crate) fn run(self) -> Done {
        for url in [Some(&self.signing.url), self.origin.as_ref()].into_iter().flatten() {
            if !self.yes && !is_loopback(url) {
                let text =
                    format!("{url} is not on this machine: add --yes if it is yours to probe");
                return Err(Failure::usage(text));
            }
        }
        let mut body = self.signing.body()?;
        if body.is_empty() {
            let mut random = [0; 16];
            fill(&mut random)?;
            body =
                format!("{{\"countersign\":\"doctor\",\"n\":\"{}\"}}", hex::encode(random)).into();
        }
        let (scheme, signer, method) = self.signing.signer(&body)?;
        let findings = Patient { doctor: &self, scheme, signer, method, body }.examine()?;
        progress("");
        match self.format {
            Format::Json => print_json(&findings),
            Format::Text => findings.iter().for_each(|finding| println!("{}", finding.line())),
        }
        Ok(findings.iter().all(|finding| finding.outcome != Outcome::Failed))
    }
}

impl Patient<'_> {
    fn examine(&self) -> Result<Vec<Finding>, Failure> {
        let now = clock();
        let right = self.sign(&self.signer, &self.body, now)?;
        let bare = SignedRequest { fields: Vec::new(), ..right.clone() };
        let mut found = Vec::new();

        let unsigned = self.send("unsigned", &bare)?;
        found.push(must_be_refused("unsigned", &unsigned, 401));
        found.push(self.forged(now)?);
        let mut altered = right.clone();
        altered.body.push(b' ');
        found.push(must_be_refused("altered", &self.send("altered", &altered)?, 401));
        let mut apart = None;
        for (probe, moment) in [
            ("stale", now.get().saturating_sub(OUT_OF_TIME)),
            ("future", now.get().saturating_add(OUT_OF_TIME)),
        ] {
            if !self.scheme.signs_time() {
                found.push(Finding::new(probe, Outcome::Skipped, "the scheme signs no time"));
                continue;
            }
            let request = self.sign(&self.signer, &self.body, UnixSeconds::new(moment))?;
            let answer = self.send(probe, &request)?;
            apart = apart.or_else(|| server_time(&answer).map(|time| time.seconds_since(clock())));
            found.push(must_be_refused(probe, &answer, 401));
        }
        found.push(clocks("clock", apart));
        found.push(self.oversize(now)?);
        let accepted = must_be_accepted("right", &self.send("right", &right)?);
        let was_accepted = accepted.outcome != Outcome::Failed;
        found.push(accepted);
        found.push(self.replayed(&right, was_accepted)?);
        found.push(self.plain_http(&bare));
        found.extend(self.origin(&bare));
        Ok(found)
    }

    /// Signed with a secret that nobody has.
    fn forged(&self, now: UnixSeconds) -> Result<Finding, Failure> {
        let mut random = [0; RANDOM_BYTES];
        fill(&mut random)?;
        let secret = self.scheme.secret_of(&random).map(|text| Secret::new(text.into_bytes()));
        let Some(signer) = secret.and_then(|secret| Signer::new(self.scheme, &secret)) else {
            return Ok(Finding::new("forged", Outcome::Skipped, "the scheme's keys are public"));
        };
        let request = self.sign(&signer.with_keyid("default"), &self.body, now)?;
        Ok(must_be_refused("forged", &self.send("forged", &request)?, 401))
    }

    fn oversize(&self, now: UnixSeconds) -> Result<Finding, Failure> {
        let body = vec![b'a'; self.doctor.max_body.saturating_add(1)];
        let mut request = self.sign(&self.signer, &body, now)?;
        // So that a gate that answers by the length alone is heard before the body is sent.
        request.fields.push(("Expect".to_owned(), "100-continue".to_owned()));
        progress("oversize");
        match http::send(&request, self.timeout()) {
            Err(error) => Ok(Finding::new("oversize", Outcome::Warning, error)),
            Ok(answer) => Ok(must_be_refused("oversize", &answer, 413)),
        }
    }

    fn replayed(&self, right: &SignedRequest, was_accepted: bool) -> Result<Finding, Failure> {
        if !was_accepted {
            let text = "the right request was not accepted";
            return Ok(Finding::new("replayed", Outcome::Skipped, text));
        }
        let answer = self.send("replayed", right)?;
        if answer.code().is_some() {
            return Ok(must_be_refused("replayed", &answer, 409));
        }
        let outcome = if self.doctor.replay_off { Outcome::Warning } else { Outcome::Failed };
        let text = format!("{}: the same request was accepted twice; see `replay`", answer.status);
        Ok(Finding::new("replayed", outcome, text))
    }

    /// Whether the gate can be called without TLS.
    fn plain_http(&self, bare: &SignedRequest) -> Finding {
        let Some(rest) = bare.url.strip_prefix("https://") else {
            return Finding::new("http", Outcome::Skipped, "the URL is http itself");
        };
        let request = SignedRequest { url: format!("http://{rest}"), ..bare.clone() };
        progress("http");
        match http::send(&request, self.timeout()) {
            Err(_) => Finding::new("http", Outcome::Ok, "cannot be reached"),
            Ok(answer) if (300..400).contains(&answer.status) => {
                Finding::new("http", Outcome::Ok, format!("{}, to https", answer.status))
            }
            Ok(answer) => {
                let text = format!("{}: it answers without TLS", answer.status);
                Finding::new("http", Outcome::Warning, text)
            }
        }
    }

    /// Whether the origin answers who goes around the gate.
    fn origin(&self, bare: &SignedRequest) -> Vec<Finding> {
        let Some(origin) = &self.doctor.origin else {
            return vec![Finding::new("origin", Outcome::Skipped, "no --origin was given")];
        };
        let target = bare
            .url
            .split_once("://")
            .and_then(|(_, rest)| rest.find('/').and_then(|at| rest.get(at..)));
        let url = format!("{}{}", origin.trim_end_matches('/'), target.unwrap_or("/"));
        let direct = SignedRequest { url, ..bare.clone() };
        let mut spoofed = direct.clone();
        spoofed.fields.push(("Countersign-Sender".to_owned(), "doctor".to_owned()));
        progress("origin");
        vec![
            must_be_unanswered("origin", http::send(&direct, self.timeout())),
            must_be_unanswered("spoofed", http::send(&spoofed, self.timeout())),
        ]
    }

    fn sign(
        &self,
        signer: &Signer,
        body: &[u8],
        now: UnixSeconds,
    ) -> Result<SignedRequest, Failure> {
        self.doctor.signing.sign_with(self.scheme, signer, &self.method, body, now)
    }

    fn send(&self, probe: &str, request: &SignedRequest) -> Result<Answer, Failure> {
        progress(probe);
        http::send(request, self.timeout())
            .map_err(|error| Failure::unreachable(format!("{}: {error}", request.url)))
    }

    fn timeout(&self) -> Duration {
        Duration::from_secs(self.doctor.timeout)
    }
}

/// The gate's clock, which it tells where a timestamp is stale.
fn server_time(answer: &Answer) -> Option<UnixSeconds> {
    answer.code()?;
    let document: serde_json::Value = serde_json::from_slice(&answer.body).ok()?;
    document.get("server_time")?.as_u64().map(UnixSeconds::new)
}

/// Whether a URL's host is this machine by its name or number.
fn is_loopback(url: &str) -> bool {
    let Some((_, rest)) = url.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return false;
    }
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn only_this_machine_is_probed_without_yes() {
        for url in [
            "http://127.0.0.1:8787/a",
            "https://localhost/",
            "http://[::1]:80/",
            "http://127.9.9.9/?x",
        ] {
            assert!(is_loopback(url), "{url}");
        }
        for url in [
            "https://api.example.com/",
            "http://127.0.0.1@evil.example/",
            "http://localhost:80@evil.example/",
            "http://localhost.evil.example/",
            "http://10.0.0.1/",
            "127.0.0.1",
            "http://0.0.0.0/",
        ] {
            assert!(!is_loopback(url), "{url}");
        }
    }
}

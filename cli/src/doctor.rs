//! `doctor`: requests that a deployment must refuse, and one that it must let through.

use std::cell::RefCell;
use std::net::IpAddr;
use std::time::Duration;

use clap::Args;
use countersign::scheme::{RANDOM_BYTES, Scheme};
use countersign::{Secret, Signer, UnixSeconds};

use crate::failure::{Done, Failure};
use crate::http::{self, Answer};
use crate::inputs::{SignedRequest, Signing, clock, fill};
use crate::probe::{
    Finding, Outcome, clocks, must_be_accepted, must_be_refused, must_be_unanswered, reasons,
};
use crate::terminal::{Format, print_json, progress};

/// The first moment and the last that every scheme can write in ten digits, September 2001 and November
/// 2286: a request that is signed for one of them was never fresh for any gate, and never will be.
const LONG_AGO: UnixSeconds = UnixSeconds::new(1_000_000_000);
const FAR_AHEAD: UnixSeconds = UnixSeconds::new(9_999_999_999);

#[derive(Args)]
#[command(after_help = "Examples:
  countersign doctor http://127.0.0.1:8787/v1/infer --scheme x-hmac --secret-env APP_SECRET
  countersign doctor https://api.example.com/v1/infer --yes --policy wrangler.toml \\
    --sender django-app --origin https://origin.example.com

One of the requests is right and reaches the origin; give a body that does no harm there. No other could
ever be accepted, by this gate or another one. The exit status is 1 where a probe failed.")]
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
    /// The sender has `replay`, as --policy would say: deliver the right request twice
    #[arg(long, conflicts_with = "replay_off")]
    replay_on: bool,
    /// The sender has no `replay`, as --policy would say
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
    /// Whether the gate is to refuse the right request where it comes twice, if that is known.
    once: Option<bool>,
    /// The answers with the status 503: the probe, and the gate's code.
    unavailable: RefCell<Vec<(&'static str, Option<String>)>>,
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
        let once = match (self.replay_on, self.replay_off) {
            (false, false) => self.signing.is_accepted_once()?,
            (on, _) => Some(on),
        };
        self.announce();
        let unavailable = RefCell::default();
        let patient = Patient { doctor: &self, scheme, signer, method, body, once, unavailable };
        let findings = patient.examine()?;
        progress("");
        match self.format {
            Format::Json => print_json(&findings),
            Format::Text => findings.iter().for_each(|finding| println!("{}", finding.line())),
        }
        Ok(findings.iter().all(|finding| finding.outcome != Outcome::Failed))
    }
}

impl Doctor {
    /// Says what reaches the origin, before anything does.
    fn announce(&self) {
        let past = match self.origin {
            Some(_) => "; 2 without a signature are sent to the origin itself",
            None => "",
        };
        let text = format!("1 request reaches the origin through a sound gate{past}");
        match self.format {
            Format::Json => eprintln!("{text}"),
            Format::Text => println!("{text}\n"),
        }
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
        let mut apart = None;
        for (probe, moment) in [("stale", LONG_AGO), ("future", FAR_AHEAD)] {
            if !self.scheme.signs_time() {
                found.push(Finding::new(probe, Outcome::Skipped, "the scheme signs no time"));
                continue;
            }
            let request = self.sign(&self.signer, &self.body, moment)?;
            let answer = self.send(probe, &request)?;
            apart = apart.or_else(|| server_time(&answer).map(|time| time.seconds_since(clock())));
            found.push(must_be_refused(probe, &answer, 401));
        }
        found.push(clocks("clock", apart));
        found.push(self.oversize(&bare)?);
        let accepted = must_be_accepted("right", &self.send("right", &right)?);
        let was_accepted = accepted.outcome != Outcome::Failed;
        found.push(accepted);
        // It shows the signature of the right one, which is no secret any more.
        let mut altered = right.clone();
        altered.body.push(b' ');
        found.push(must_be_refused("altered", &self.send("altered", &altered)?, 401));
        found.push(self.replayed(&right, was_accepted)?);
        found.push(self.plain_http(&bare));
        found.extend(self.origin(&bare));
        found.extend(reasons(&self.unavailable.borrow()));
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

    /// Without a signature: with one, a gate with a wider limit would take it.
    fn oversize(&self, bare: &SignedRequest) -> Result<Finding, Failure> {
        let body = vec![b'a'; self.doctor.max_body.saturating_add(1)];
        let mut request = SignedRequest { body, ..bare.clone() };
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
        let signs_time = self.scheme.signs_time();
        let life = if signs_time { "until it is stale" } else { "for ever: it has no time" };
        match self.once {
            Some(true) => {
                let answer = self.send("replayed", right)?;
                if answer.code().is_some() {
                    return Ok(must_be_refused("replayed", &answer, 409));
                }
                let status = answer.status;
                let text = format!("{status}: the origin got the same request twice; see `replay`");
                let outcome = if signs_time { Outcome::Failed } else { Outcome::Warning };
                Ok(Finding::new("replayed", outcome, text))
            }
            Some(false) => {
                let text = format!("not tried: without `replay` a request is good {life}");
                Ok(Finding::new("replayed", Outcome::Warning, text))
            }
            None => {
                let text = format!(
                    "not tried, as it may reach the origin: --replay-on does; without `replay` a request is good {life}"
                );
                let outcome = if signs_time { Outcome::Skipped } else { Outcome::Warning };
                Ok(Finding::new("replayed", outcome, text))
            }
        }
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

    fn send(&self, probe: &'static str, request: &SignedRequest) -> Result<Answer, Failure> {
        progress(probe);
        let answer = http::send(request, self.timeout())
            .map_err(|error| Failure::unreachable(format!("{}: {error}", request.url)))?;
        if answer.status == 503 {
            self.unavailable.borrow_mut().push((probe, answer.code()));
        }
        Ok(answer)
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
    use countersign::scheme::PRESETS;
    use countersign::{Field, Head, Policy, Rejection, Secret, Signer, UnixSeconds, Unsigned};

    use super::{FAR_AHEAD, LONG_AGO, is_loopback};

    /// For the widest window that a policy can set, at the ends of a gate's life.
    #[test]
    fn row_48_what_is_signed_for_another_age_is_stale_under_every_scheme() {
        let secret = || Secret::new(b"kP2vX9mQ4sT7wZ1cF6hJ3nR8bL5dG0yA".to_vec());
        let mut tried = Vec::new();
        for scheme in PRESETS.iter().map(|preset| preset.scheme) {
            let Some(signer) = Signer::new(scheme, &secret()) else { continue };
            let signer = signer.with_keyid("k");
            let url = "https://gate.test/in";
            let more = if scheme.signs_url() { r#","url":"https://gate.test""# } else { "" };
            let policy = format!(
                r#"{{"senders":[{{"id":"a","scheme":"{}","secrets":["A"],"tolerance":3600{more}}}],
                "routes":[{{"path":"/in","methods":["POST"],"senders":["a"]}}]}}"#,
                scheme.name()
            );
            let Ok(policy) = Policy::parse(&policy) else { continue };
            let Ok(verifier) = policy.into_verifier(|_| Some(secret())) else { continue };
            let id = scheme.signs_id().then_some("0123456789abcdef");
            for moment in [LONG_AGO, FAR_AHEAD] {
                let unsigned = Unsigned { method: "POST", url, body: b"{}", now: moment, id };
                let Ok(fields) = signer.sign(&unsigned) else { continue };
                for now in [1_577_836_800, 1_760_000_000, 7_258_118_400] {
                    let now = UnixSeconds::new(now);
                    let fields =
                        fields.iter().map(|(name, value)| Field::new(name, value.as_bytes()));
                    let head = Head::new("POST", url, fields.collect()).unwrap();
                    let refused = verifier.begin(&head, now).unwrap_err();
                    let stale = Rejection::StaleTimestamp { server_time: now };
                    assert_eq!(refused.rejection(), stale, "{}", scheme.name());
                    tried.push(scheme.name());
                }
            }
        }
        for name in ["x-hmac", "slack", "hubspot-v3", "zendesk", "rfc9421-hmac-sha256"] {
            assert!(tried.contains(&name), "{name} in {tried:?}");
        }
    }

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

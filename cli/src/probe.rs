//! What a probe found.

use serde::Serialize;

use crate::http::Answer;
use crate::terminal::{Tone, paint};

/// How a probe ended.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Outcome {
    Ok,
    Warning,
    Failed,
    Skipped,
}

/// One probe and what it found.
#[derive(Serialize)]
pub(crate) struct Finding {
    pub(crate) probe: &'static str,
    pub(crate) outcome: Outcome,
    pub(crate) text: String,
}

impl Finding {
    pub(crate) fn new(probe: &'static str, outcome: Outcome, text: impl Into<String>) -> Self {
        Self { probe, outcome, text: text.into() }
    }

    /// As one line.
    pub(crate) fn line(&self) -> String {
        let word = match self.outcome {
            Outcome::Ok => paint(Tone::Good, "ok     "),
            Outcome::Warning => paint(Tone::Doubtful, "warning"),
            Outcome::Failed => paint(Tone::Bad, "FAILED "),
            Outcome::Skipped => "skipped".to_owned(),
        };
        format!("{word} {:<10} {}", self.probe, self.text)
    }
}

/// An answer in short: its status, and the code of the gate's refusal.
pub(crate) fn told(answer: &Answer) -> String {
    match answer.code() {
        Some(code) => format!("{} {code}", answer.status),
        None => format!("{}, not from the gate", answer.status),
    }
}

/// Judges the answer to a request that the gate must refuse with this status.
pub(crate) fn must_be_refused(probe: &'static str, answer: &Answer, status: u16) -> Finding {
    let told = told(answer);
    match answer.code() {
        Some(_) if answer.status == status => Finding::new(probe, Outcome::Ok, told),
        Some(code) if ["no_route", "method_not_allowed"].contains(&code.as_str()) => {
            let text = format!("{told}: the policy has no such route, so nothing was tried");
            Finding::new(probe, Outcome::Failed, text)
        }
        Some(_) => Finding::new(probe, Outcome::Failed, format!("{told}; wanted {status}")),
        None if [401, 403].contains(&answer.status) => {
            let text = format!("{told}: something else refused it, so the gate was not tried");
            Finding::new(probe, Outcome::Warning, text)
        }
        None => Finding::new(probe, Outcome::Failed, format!("{told}: it went through")),
    }
}

/// Judges the answer to a request that the gate must let through.
pub(crate) fn must_be_accepted(probe: &'static str, answer: &Answer) -> Finding {
    let told = told(answer);
    if answer.code().is_some() {
        return Finding::new(probe, Outcome::Failed, format!("{told}: a right request is refused"));
    }
    let text = match (answer.status, answer.field("location")) {
        (300..=399, location) => format!(
            "{told}: a redirect to {}; a sender that follows it hands the signed request on",
            location.unwrap_or("nowhere")
        ),
        (500..=599, _) => format!("{told}: let through, and the origin failed"),
        _ => return Finding::new(probe, Outcome::Ok, format!("{}, by the origin", answer.status)),
    };
    Finding::new(probe, Outcome::Warning, text)
}

/// What is likely behind answers with the status 503, each a probe and the gate's code.
pub(crate) fn reasons(unavailable: &[(&'static str, Option<String>)]) -> Vec<Finding> {
    let got = |code: Option<&str>| unavailable.iter().any(|(_, own)| own.as_deref() == code);
    let all = unavailable.iter().any(|(probe, _)| *probe == "unsigned");
    let mut found = Vec::new();
    let mut warn = |text: &str| found.push(Finding::new("503", Outcome::Warning, text));
    if got(Some("misconfigured")) && all {
        warn(
            "misconfigured, whoever asks: POLICY is missing or has an error, ORIGIN is missing or no origin, \
             REPLAY is not bound, or a secret makes all of it doubtful (the seal's; one that two senders have). \
             `npx wrangler tail` shows `errors` with each request, `countersign check` reads the settings",
        );
    } else if got(Some("misconfigured")) {
        warn(
            "misconfigured, for this sender: a secret that the policy names is missing or broken in the Worker. \
             `npx wrangler secret list` shows the names, `npx wrangler tail` shows `errors` with each request",
        );
    }
    if got(Some("replay_store_unavailable")) {
        warn(
            "replay_store_unavailable: the store took more than two seconds, failed, or is full (`capacity`); \
             the class ReplayStore needs its [[migrations]]. `npx wrangler tail` shows `error` with each request",
        );
    }
    if got(None) {
        warn(
            "not from the gate: the origin's own, or Cloudflare's where it cannot run the Worker. \
             `npx wrangler tail` shows whether the gate saw the request",
        );
    }
    found
}

/// Judges an answer of the origin to a request that did not come through the gate.
pub(crate) fn must_be_unanswered(probe: &'static str, answer: Result<Answer, String>) -> Finding {
    match answer {
        Err(_) => Finding::new(probe, Outcome::Ok, "cannot be reached from here"),
        Ok(answer) if [401, 403].contains(&answer.status) => {
            Finding::new(probe, Outcome::Ok, format!("{}: it refuses", answer.status))
        }
        Ok(answer) => {
            let text = format!("{}: the origin answers without the gate", answer.status);
            Finding::new(probe, Outcome::Failed, text)
        }
    }
}

/// Judges how far the gate's clock is from this machine's, in seconds.
pub(crate) fn clocks(probe: &'static str, apart: Option<i64>) -> Finding {
    let Some(apart) = apart else {
        return Finding::new(probe, Outcome::Skipped, "no answer told the gate's time");
    };
    let text = format!("{apart:+} s from this machine's");
    let outcome = match apart.unsigned_abs() {
        0..=2 => Outcome::Ok,
        3..=30 => Outcome::Warning,
        _ => Outcome::Failed,
    };
    Finding::new(probe, outcome, text)
}

//! Why a request is refused: the decision step by step, and on a mismatch the mistake that fits.
//!
//! For whoever holds the secrets, on a machine of their own. An [`Explanation`] shows what the gate
//! never does: the signed bytes and the signature that was expected. Who has those has signed the
//! request, so neither belongs into an answer, a log or a ticket.
//!
//! The verdict is the [`Verifier`]'s own, by the same code and in the same order; what stands beside
//! it tells what the verifier looked at. Where no key fits, the usual mistakes are tried with the
//! known secrets, first one, then two together, and the simplest that make the signature received
//! are named. The work is bounded: a body of more than 1 MiB is tried as it is only, and pairs of
//! mistakes until 64 MiB have been hashed.
//!
//! ```
//! use countersign::{Field, Head, Policy, Secret, UnixSeconds, explain::Explainer};
//!
//! let policy = Policy::parse(r#"{
//!     "senders": [{"id": "shop", "scheme": "github", "secrets": ["SHOP_SECRET"]}],
//!     "routes": [{"path": "/hook", "methods": ["POST"], "senders": ["shop"]}]
//! }"#).unwrap();
//! let secret = |_: &str| Some(Secret::new(b"kP2vX9mQ4sT7wZ1cF6hJ3nR8bL5dG0yA".to_vec()));
//! let explainer = Explainer::new(policy, secret).unwrap();
//!
//! // Signed was `{}`, sent `{}` with a line end.
//! let signature = b"sha256=d935c0f6bbd29aee5fde751fa6904ef7f636ec689bf78ba2ee3f6a4ee8102acd";
//! let field = Field::new("X-Hub-Signature-256", signature);
//! let head = Head::new("POST", "https://api.example.com/hook", vec![field]).unwrap();
//! let explanation = explainer.explain(&head, b"{}\n", UnixSeconds::new(1_760_000_000));
//! assert_eq!(explanation.code, "invalid_signature");
//! assert_eq!(explanation.causes[0].mistakes[0].code(), "newline_not_signed");
//! ```

mod body;
mod compare;
mod components;
mod draft;
mod function;
mod inflate;
mod json_style;
mod key;
mod lone;
mod mistake;
mod search;
mod signature;
mod step;
mod template;
mod url;
mod visible;
mod walk;

pub use compare::Comparison;
pub use json_style::JsonStyle;
pub use lone::{LONE_SECRET, policy_for};
pub use mistake::Mistake;
pub use search::{Cause, Effort};
pub use step::Step;

use std::borrow::Cow;

use serde::Serialize;

use crate::log_line::LogLine;
use crate::message::Head;
use crate::policy::Policy;
use crate::policy_error::{PolicyError, PolicyErrors};
use crate::secret::Secret;
use crate::time::UnixSeconds;
use crate::verifier::Verifier;
use key::KnownSecret;

/// Why a request was let through or refused.
///
/// It holds the signature that was expected and the bytes it covers, and with them whoever reads it
/// can have the request accepted. It is for the holder of the secrets and is never sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// `accepted`, `public`, `handshake`, or the code of a [`Rejection`](crate::Rejection).
    pub code: String,
    /// The status that the gate answers with; nothing where the origin answers.
    pub status: Option<u16>,
    /// The sentence of the refusal.
    pub detail: Option<Cow<'static, str>>,
    /// The route's pattern.
    pub route: Option<String>,
    /// The name of the scheme that the route asks for.
    pub scheme: Option<String>,
    /// The sender whose signature it is, once it was verified.
    pub sender: Option<String>,
    /// The checks that were made, in their order. Of a refused request the last one failed.
    pub steps: Vec<Step>,
    /// The values of the signature fields.
    pub received: Vec<String>,
    /// Each key that counted, with what it signs and makes of it.
    pub comparisons: Vec<Comparison>,
    /// What went wrong, where something that fits was found: each of these explains it alone.
    pub causes: Vec<Cause>,
    /// How far it was looked for causes.
    pub effort: Effort,
}

/// Explains decisions by one policy and its secrets.
pub struct Explainer {
    verifier: Verifier,
    secrets: Vec<KnownSecret>,
}

impl Explainer {
    /// An explainer for a policy; `secret` gives the secret with a name, as for
    /// [`Policy::into_verifier`], with the same errors.
    pub fn new(
        policy: Policy,
        secret: impl Fn(&str) -> Option<Secret>,
    ) -> Result<Self, PolicyErrors> {
        let secrets = key::known_secrets(&policy, &secret);
        Ok(Self { verifier: policy.into_verifier(secret)?, secrets })
    }

    /// The secrets that are missing or broken. Their senders are refused, and no others.
    pub fn broken_secrets(&self) -> &[PolicyError] {
        self.verifier.broken_secrets()
    }

    /// Decides about a request as the gate would at this moment, and says why.
    pub fn explain(&self, head: &Head<'_>, body: &[u8], now: UnixSeconds) -> Explanation {
        let decision =
            self.verifier.begin(head, now).and_then(|admission| admission.finish(body, now));
        let (line, detail) = match &decision {
            Ok(outcome) => (outcome.log_line(""), None),
            Err(refusal) => (refusal.log_line(""), Some(refusal.rejection().detail())),
        };
        let LogLine { code, status, sender, scheme, route, .. } = line;
        let text = |text: Option<&str>| text.map(str::to_owned);
        let walked =
            walk::walk(self, head, body, now, decision.as_ref().err().map(|e| e.rejection()));
        Explanation {
            code: code.to_owned(),
            status,
            detail,
            route: text(route),
            scheme: text(scheme),
            sender: text(sender),
            steps: walked.steps,
            received: walked.received,
            comparisons: walked.comparisons,
            causes: walked.causes,
            effort: walked.effort,
        }
    }

    /// The code of the verdict alone.
    fn code(&self, head: &Head<'_>, body: &[u8], now: UnixSeconds) -> &'static str {
        match self.verifier.begin(head, now).and_then(|admission| admission.finish(body, now)) {
            Ok(outcome) => outcome.code(),
            Err(refusal) => refusal.rejection().code(),
        }
    }
}

impl core::fmt::Debug for Explainer {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Explainer").field("verifier", &self.verifier).finish_non_exhaustive()
    }
}

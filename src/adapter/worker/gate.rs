//! The verifier and the origin, as the Worker's environment sets them.

use js_sys::{JSON, Reflect};
use wasm_bindgen::JsValue;

use crate::adapter::outcome::{self, Json};
use crate::{Head, Origin, Policy, PolicyErrors, Rejection, Secret, UnixSeconds, Verifier};

/// What decides about requests; or, where the environment is broken, why nothing is let through.
pub(super) enum Gate {
    Ready(Verifier),
    Misconfigured { errors: Vec<String> },
}

impl Gate {
    /// Reads the variables `POLICY` and `ORIGIN` and the secrets that the policy names.
    pub(super) fn from_environment(env: &JsValue) -> Self {
        let mut errors = Vec::new();
        let origin = binding(env, "ORIGIN").map(|value| {
            let text = value.as_string().unwrap_or_default();
            Origin::parse(&text)
        });
        let origin = origin.transpose().unwrap_or_else(|error| {
            errors.push(format!("ORIGIN: {error}"));
            None
        });
        match policy_text(env).map(|text| verifier(&text, env)) {
            Some(Ok(verifier))
                if verifier.needs_replay_store() && binding(env, "REPLAY").is_none() =>
            {
                errors.push(
                    "REPLAY: is required: the binding of the Durable Object ReplayStore".to_owned(),
                );
            }
            Some(Ok(verifier)) if errors.is_empty() => {
                return Self::Ready(verifier.with_origin(origin));
            }
            Some(Ok(_)) => {}
            Some(Err(policy)) => errors.extend(policy.iter().map(ToString::to_string)),
            None => errors.push("POLICY: is required".to_owned()),
        }
        Self::Misconfigured { errors }
    }

    /// The number of bytes of body to read at the most; or the refusal.
    pub(super) fn begin(
        &self,
        lines: &[u8],
        request_id: &str,
        now: UnixSeconds,
    ) -> Result<usize, Json> {
        let verifier = self.ready(request_id)?;
        let head = read(lines, request_id)?;
        verifier
            .begin(&head, now)
            .map(|admission| admission.max_body())
            .map_err(|refusal| outcome::refused(&refusal, verifier, request_id))
    }

    /// What to do; or the refusal of a gate that cannot decide.
    pub(super) fn finish(
        &self,
        lines: &[u8],
        request_id: &str,
        now: UnixSeconds,
        body: &[u8],
    ) -> Result<Json, Json> {
        let verifier = self.ready(request_id)?;
        let head = read(lines, request_id)?;
        let decision = verifier.begin(&head, now).and_then(|admission| admission.finish(body));
        Ok(outcome::decided(decision, verifier, request_id))
    }

    fn ready(&self, request_id: &str) -> Result<&Verifier, Json> {
        match self {
            Self::Ready(verifier) => Ok(verifier),
            Self::Misconfigured { errors } => Err(outcome::misconfigured(errors, request_id)),
        }
    }
}

/// A head that cannot be read, with more fields than any real request has, has no route.
fn read<'h>(lines: &'h [u8], request_id: &str) -> Result<Head<'h>, Json> {
    let head = str::from_utf8(lines).ok().and_then(Head::from_lines);
    head.ok_or_else(|| outcome::failed(Rejection::NoRoute, request_id))
}

fn verifier(policy: &str, env: &JsValue) -> Result<Verifier, PolicyErrors> {
    let secret = |name: &str| Some(Secret::new(binding(env, name)?.as_string()?.into_bytes()));
    Policy::parse(policy)?.into_verifier(secret)
}

/// The policy's JSON: of a variable that is a table, or one that is JSON text.
fn policy_text(env: &JsValue) -> Option<String> {
    let policy = binding(env, "POLICY")?;
    policy.as_string().or_else(|| JSON::stringify(&policy).ok().map(String::from))
}

/// What the environment has under a name, of whatever type.
fn binding(env: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(env, &name.into()).ok().filter(|value| !value.is_undefined())
}

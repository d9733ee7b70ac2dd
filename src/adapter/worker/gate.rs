//! The verifier and the origin, as the Worker's environment sets them.

use js_sys::{Array, JSON, Reflect};
use wasm_bindgen::{JsCast, JsValue};

use super::held_body::ReceivedBody;
use super::order_lines::{OrderLines, lines_of};
use super::parked::ParkedRequest;
use crate::adapter::asking::Runtime;
use crate::adapter::order::Order;
use crate::message::next_line;
use crate::{
    Destination, InvalidDestination, Policy, PolicyErrors, Refusal, Rejection, Secret, UnixSeconds,
    Verifier,
};

/// What decides about requests; or, where the environment is broken, why nothing is let through.
pub(super) enum Gate {
    Ready(Verifier),
    Misconfigured { errors: Vec<String> },
}

impl Gate {
    /// Reads the variables `POLICY`, `ORIGIN` and `HOSTS` and the secrets that the policy names.
    pub(super) fn from_environment(env: &JsValue) -> Self {
        let mut errors = Vec::new();
        let destination = destination(env).unwrap_or_else(|error| {
            errors.push(error.to_string());
            Destination::default()
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
                let verifier = verifier.with_destination(destination);
                return Self::Ready(verifier.with_cryptography(Box::new(Runtime)));
            }
            Some(Ok(_)) => {}
            Some(Err(policy)) => errors.extend(policy.iter().map(ToString::to_string)),
            None => errors.push("POLICY: is required".to_owned()),
        }
        Self::Misconfigured { errors }
    }

    /// As [`Verifier::fields_read`].
    pub(super) fn fields_read(&self) -> Option<Vec<&'static str>> {
        let Self::Ready(verifier) = self else { return None };
        verifier.fields_read()
    }

    /// As [`Verifier::left_behind`], of lines to lines.
    pub(super) fn left_behind(&self, lines: &str) -> Option<String> {
        let Self::Ready(verifier) = self else { return None };
        let rest = &mut Some(lines);
        let connection = next_line(rest)?;
        let mut names = Vec::with_capacity(32);
        while let Some(name) = next_line(rest) {
            names.push(name);
        }
        verifier.left_behind(connection, &names).map(|names| names.join("\n"))
    }

    /// What decides. Returns `None` if the environment is broken.
    pub(super) fn verifier(&self) -> Option<&Verifier> {
        match self {
            Self::Ready(verifier) => Some(verifier),
            Self::Misconfigured { .. } => None,
        }
    }

    /// Decides by the head of a request: what waits for the body, or the refusal. The lines are the
    /// request's id and its head.
    pub(super) fn begin(
        &'static self,
        lines: String,
        now: UnixSeconds,
    ) -> Result<ParkedRequest, RefusedHead> {
        let Self::Ready(verifier) = self else { return Err(RefusedHead { lines, refusal: None }) };
        ParkedRequest::begin(lines, verifier, now)
            .map_err(|(lines, refusal)| RefusedHead { lines, refusal })
    }

    /// Decides by the body and the time at which it is there: what to do.
    pub(super) fn finish(
        &self,
        request: &ParkedRequest,
        body: ReceivedBody<'_>,
        now: UnixSeconds,
    ) -> Option<OrderLines> {
        let Self::Ready(verifier) = self else { return None };
        Some(request.decide(|received, admission| {
            let body = if admission.takes_hashes() { body } else { body.into_here() };
            let decided = admission.clone().finish(body, now);
            lines_of(Order::decided(decided, verifier, received.request_id))
        }))
    }
}

/// A request that its head refuses.
pub(super) struct RefusedHead {
    /// Its id and its head.
    pub(super) lines: String,
    /// Nothing where the lines cannot be read, or the gate cannot decide.
    refusal: Option<Box<Refusal<'static>>>,
}

impl RefusedHead {
    /// The order to refuse it.
    pub(super) fn order(&self, gate: &Gate) -> OrderLines {
        let request_id = id_of(&self.lines);
        lines_of(match (gate, &self.refusal) {
            (Gate::Misconfigured { errors }, _) => Order::misconfigured(errors, request_id),
            (Gate::Ready(verifier), Some(refusal)) => Order::refused(refusal, verifier, request_id),
            // With more fields than any real request has, it has no route.
            (Gate::Ready(_), None) => Order::failed(Rejection::NoRoute, request_id),
        })
    }
}

/// Whatever follows it, the first line is the request's id.
fn id_of(lines: &str) -> &str {
    next_line(&mut Some(lines)).unwrap_or_default()
}

/// What is no text is read as an empty one, which is no origin and no host; and what is no list as a list
/// of nothing, which is refused.
fn destination(env: &JsValue) -> Result<Destination, InvalidDestination> {
    let text = |value: JsValue| value.as_string().unwrap_or_default();
    let origin = binding(env, "ORIGIN").map(text);
    let hosts: Option<Vec<String>> = binding(env, "HOSTS").map(|hosts| {
        let hosts = hosts.dyn_into::<Array>().unwrap_or_default();
        hosts.iter().map(text).collect()
    });
    Destination::read(origin.as_deref(), hosts.as_deref())
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

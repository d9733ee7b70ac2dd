//! One request, one answer: redirects are not followed, and no status is an error.

use std::time::Duration;

use ureq::Agent;
use ureq::http::Request;

use crate::inputs::SignedRequest;

/// Bytes of an answer that are read.
const LARGEST_ANSWER: u64 = 1 << 20;

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) reason: String,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The code of a refusal by the gate.
    pub(crate) fn code(&self) -> Option<String> {
        let is_problem = self.field("content-type")?.starts_with("application/problem+json");
        let document: serde_json::Value = serde_json::from_slice(&self.body).ok()?;
        document.get("code")?.as_str().filter(|_| is_problem).map(str::to_owned)
    }
}

/// Sends a request; the error is what went wrong below HTTP.
pub(crate) fn send(request: &SignedRequest, timeout: Duration) -> Result<Answer, String> {
    let agent: Agent = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .allow_non_standard_methods(true)
        .timeout_global(Some(timeout))
        .user_agent("countersign")
        .build()
        .into();
    let mut builder = Request::builder().method(request.method.as_str()).uri(&request.url);
    for (name, value) in &request.fields {
        builder = builder.header(name, value);
    }
    let answer = if request.body.is_empty() {
        builder
            .body(())
            .map_err(|error| error.to_string())
            .and_then(|request| agent.run(request).map_err(|error| error.to_string()))
    } else {
        builder
            .body(request.body.as_slice())
            .map_err(|error| error.to_string())
            .and_then(|request| agent.run(request).map_err(|error| error.to_string()))
    };
    let mut answer = answer?;
    let status = answer.status();
    let fields = answer
        .headers()
        .iter()
        .map(|(name, value)| {
            (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        })
        .collect();
    let body = answer.body_mut().with_config().limit(LARGEST_ANSWER).read_to_vec();
    Ok(Answer {
        status: status.as_u16(),
        reason: status.canonical_reason().unwrap_or_default().to_owned(),
        fields,
        body: body.map_err(|error| error.to_string())?,
    })
}

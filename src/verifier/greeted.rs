//! Unsigned handshakes, by which a provider tries out an endpoint.

use super::decision::Decision;
use super::refusal::Refusal;
use crate::handshake::{Greeting, answer_ping};
use crate::log_line::LogLine;
use crate::message::{Answer, Content};
use crate::rejection::Rejection;

/// Bytes of body that an unsigned handshake may have: more than any has.
pub(super) const MAX_HANDSHAKE_BODY: usize = 1024;

/// A handshake and its answer.
#[derive(Debug)]
pub struct Handshaken<'v> {
    pub(super) answer: Answer,
    pub(super) decision: Decision<'v>,
}

impl<'v> Handshaken<'v> {
    /// The answer.
    pub fn answer(&self) -> &Answer {
        &self.answer
    }

    /// What to log.
    pub fn log_line<'a>(&self, request_id: &'a str) -> LogLine<'a>
    where
        'v: 'a,
    {
        let line = self.decision.log_line("handshake", request_id);
        LogLine { status: Some(self.answer.status), ..line }
    }
}

/// The head of an unsigned handshake.
#[derive(Clone)]
pub struct Greeted<'v> {
    pub(super) greeting: Greeting,
    /// Seconds.
    pub(super) body_timeout: u32,
    pub(super) decision: Decision<'v>,
}

impl<'v> Greeted<'v> {
    pub(super) fn finish(self, body: Content<'_>) -> Result<Handshaken<'v>, Box<Refusal<'v>>> {
        let decision = Decision { body_bytes: Some(body.len()), ..self.decision };
        let answer = match self.greeting {
            Greeting::Answer(answer) if body.len() == 0 => Ok(answer),
            Greeting::Answer(_) => Err(Rejection::BodyNotAllowed),
            Greeting::Ping => match body.bytes() {
                Some(body) => answer_ping(body).ok_or(Rejection::MissingSignature),
                None => Err(Rejection::InternalError),
            },
        };
        match answer {
            Ok(answer) => Ok(Handshaken { answer, decision }),
            Err(rejection) => Err(Refusal::new(rejection, decision)),
        }
    }
}

impl core::fmt::Debug for Greeted<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Greeted").field("decision", &self.decision).finish_non_exhaustive()
    }
}

//! A request that goes no further.

use super::decision::Decision;
use crate::log_line::LogLine;
use crate::message::Answer;
use crate::rejection::Rejection;
use crate::scheme::Scheme;

/// A request that goes no further.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal<'v> {
    rejection: Rejection,
    decision: Decision<'v>,
}

impl<'v> Refusal<'v> {
    pub(super) fn new(rejection: Rejection, decision: Decision<'v>) -> Box<Self> {
        Box::new(Self { rejection, decision })
    }

    /// The reason.
    pub fn rejection(&self) -> Rejection {
        self.rejection
    }

    /// What was found out before.
    pub fn decision(&self) -> &Decision<'v> {
        &self.decision
    }

    /// What to log.
    pub fn log_line<'a>(&self, request_id: &'a str) -> LogLine<'a>
    where
        'v: 'a,
    {
        let line = self.decision.log_line(self.rejection.code(), request_id);
        LogLine { status: Some(self.rejection.status()), ..line }
    }

    /// The answer.
    pub fn problem(&self, request_id: &str) -> Answer {
        let scheme = self.decision.scheme;
        let name = scheme.map(Scheme::name);
        match scheme.and_then(|scheme| scheme.handshake) {
            Some(handshake) if !handshake.allows_problem_body() => {
                self.rejection.without_document(name)
            }
            _ => self.rejection.problem(request_id, name),
        }
    }
}

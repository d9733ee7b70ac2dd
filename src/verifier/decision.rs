//! What is found out about a request on its way through the checks.

use crate::log_line::LogLine;
use crate::scheme::Scheme;

/// What was found out about a request, as far as the checks went. It names senders and routes
/// as the policy does, and holds nothing else that came with the request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Decision<'v> {
    /// The route's pattern.
    pub route: Option<&'v str>,
    /// The scheme the route asks for.
    pub scheme: Option<&'static Scheme>,
    /// The sender, once its signature was verified.
    pub sender: Option<&'v str>,
    /// Which of the sender's secrets verified it, as a place in the policy's list, from 0.
    pub secret_index: Option<usize>,
    /// Seconds by which the gate's clock is ahead of the timestamp.
    pub skew_seconds: Option<i64>,
    /// Bytes of body read.
    pub body_bytes: Option<usize>,
}

impl<'v> Decision<'v> {
    pub(crate) fn log_line<'a>(&self, code: &'a str, request_id: &'a str) -> LogLine<'a>
    where
        'v: 'a,
    {
        LogLine {
            sender: self.sender,
            secret_index: self.secret_index,
            scheme: self.scheme.map(Scheme::name),
            route: self.route,
            skew_seconds: self.skew_seconds,
            body_bytes: self.body_bytes,
            ..LogLine::new(code, request_id)
        }
    }
}

//! What was found out about a request, and the line that goes into the log.

use crate::json_line::{JsonLine, member};
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

/// One decision in the log: one line of JSON, with `null` for what was not found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogLine<'a> {
    /// `accepted`, `public`, `handshake`, or the code of a [`Rejection`](crate::Rejection).
    pub code: &'a str,
    /// The status answered; the origin's, where it has answered.
    pub status: Option<u16>,
    /// As in [`Decision`].
    pub sender: Option<&'a str>,
    /// As in [`Decision`].
    pub secret_index: Option<usize>,
    /// Its name.
    pub scheme: Option<&'a str>,
    /// As in [`Decision`].
    pub route: Option<&'a str>,
    /// As in [`Decision`].
    pub skew_seconds: Option<i64>,
    /// As in [`Decision`].
    pub body_bytes: Option<usize>,
    /// The id that the answer or the forwarded request carries.
    pub request_id: &'a str,
}

impl LogLine<'_> {
    /// The line, without a line feed: a JSON object with the members in this order.
    pub fn to_json(&self) -> String {
        self.members(JsonLine::new()).end()
    }

    /// The line's members.
    pub(crate) fn members(&self, line: JsonLine) -> JsonLine {
        line.text(member!("code"), self.code)
            .number(member!("status"), self.status)
            .text(member!("sender"), self.sender)
            .number(member!("secret_index"), self.secret_index)
            .text(member!("scheme"), self.scheme)
            .text(member!("route"), self.route)
            .number(member!("skew_seconds"), self.skew_seconds)
            .number(member!("body_bytes"), self.body_bytes)
            .text(member!("request_id"), self.request_id)
    }
}

impl<'v> Decision<'v> {
    pub(crate) fn log_line<'a>(&self, code: &'a str, request_id: &'a str) -> LogLine<'a>
    where
        'v: 'a,
    {
        LogLine {
            code,
            status: None,
            sender: self.sender,
            secret_index: self.secret_index,
            scheme: self.scheme.map(Scheme::name),
            route: self.route,
            skew_seconds: self.skew_seconds,
            body_bytes: self.body_bytes,
            request_id,
        }
    }
}

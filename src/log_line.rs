//! The line that a decision leaves in the log.

use crate::json_line::{JsonLine, member};

/// One decision in the log: one line of JSON, with `null` for what was not found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogLine<'a> {
    /// `accepted`, `public`, `handshake`, or the code of a [`Rejection`](crate::Rejection).
    pub code: &'a str,
    /// The status answered; the origin's, where it has answered.
    pub status: Option<u16>,
    /// The sender, once its signature was verified.
    pub sender: Option<&'a str>,
    /// Which of the sender's secrets verified it, as a place in the policy's list, from 0.
    pub secret_index: Option<usize>,
    /// The name of the scheme that the route asks for.
    pub scheme: Option<&'a str>,
    /// The route's pattern.
    pub route: Option<&'a str>,
    /// Seconds by which the gate's clock is ahead of the timestamp.
    pub skew_seconds: Option<i64>,
    /// Bytes of body read.
    pub body_bytes: Option<usize>,
    /// The id that the answer or the forwarded request carries.
    pub request_id: &'a str,
}

impl<'a> LogLine<'a> {
    /// A line of which nothing is known but the code.
    pub(crate) fn new(code: &'a str, request_id: &'a str) -> Self {
        Self {
            code,
            status: None,
            sender: None,
            secret_index: None,
            scheme: None,
            route: None,
            skew_seconds: None,
            body_bytes: None,
            request_id,
        }
    }

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

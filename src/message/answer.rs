//! A response that the gate gives itself.

use std::borrow::Cow;

/// Status, fields and body of a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The fields to send, names in lower case.
    pub fields: Vec<(&'static str, Cow<'static, str>)>,
    /// The body, UTF-8; empty where there is none.
    pub body: String,
}

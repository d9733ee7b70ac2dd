//! An order as lines, which JavaScript takes apart in less time than JSON.
//!
//! To answer: the status, the log line, the fields as a JSON object, and the body behind them, which
//! may be several lines. To forward: an empty line, the URL, the milliseconds that the origin may
//! take, the claim as JSON or an empty line, the log line, how many fields to remove, their names, then
//! names and values of those to set in turn.
//!
//! No other line can hold a line feed: JSON escapes it, and no URL, name or value of a field has one.

use crate::Answer;
use crate::adapter::order::{ClaimToMake, Order};
use crate::json_line::JsonLine;

/// The text of an order.
pub(super) type OrderLines = String;

/// The lines of an order.
pub(super) fn lines_of(order: Order<'_>) -> OrderLines {
    match order {
        Order::Answer { answer: Answer { status, fields, body }, log } => {
            let object = fields
                .iter()
                .fold(JsonLine::new(), |line, (name, value)| line.text(name, &**value));
            [&status.to_string(), "\n", &log.to_json(), "\n", &object.end(), "\n", &body].concat()
        }
        Order::Forward { plan, timeout_ms, claim, log } => {
            let timeout_ms = timeout_ms.to_string();
            let claim = claim.as_ref().map(ClaimToMake::to_json).unwrap_or_default();
            let log = log.to_json();
            let removed = plan.remove().len().to_string();
            let mut lines = vec!["", plan.url(), &timeout_ms, &claim, &log, &removed];
            lines.extend(plan.remove());
            lines.extend(plan.set().iter().flat_map(|(name, value)| [*name, value.as_str()]));
            lines.join("\n")
        }
    }
}

//! An order as lines, which JavaScript takes apart in less time than JSON.
//!
//! To answer: the status, the log line, the fields with a tab behind each name and each value, and the
//! body, which may be several lines. To forward: an empty line, the URL, the milliseconds that the
//! origin may take, the claim as JSON or an empty line, the log line, how many fields to remove, their
//! names, then names and values of those to set in turn.
//!
//! No other line can hold a line feed: JSON escapes it, and no URL, name or value of a field has one. An
//! answer's fields are the gate's own, which have no tab.

use crate::Answer;
use crate::adapter::order::{ClaimToMake, Order};

/// The text of an order.
pub(super) type OrderLines = String;

/// Bytes that hold most orders.
const CAPACITY: usize = 1024;

/// The lines of an order.
pub(super) fn lines_of(order: Order<'_>) -> OrderLines {
    let mut lines = String::with_capacity(CAPACITY);
    match order {
        Order::Answer { answer: Answer { status, fields, body }, log } => {
            lines.push_str(itoa::Buffer::new().format(status));
            lines.push('\n');
            lines = log.write_behind(lines);
            lines.push('\n');
            for (name, value) in &fields {
                for part in [name, "\t", value, "\t"] {
                    lines.push_str(part);
                }
            }
            lines.push('\n');
            lines.push_str(&body);
        }
        Order::Forward { plan, timeout_ms, claim, log } => {
            let claim = claim.as_ref().map(ClaimToMake::to_json).unwrap_or_default();
            for line in ["", plan.url(), itoa::Buffer::new().format(timeout_ms), &claim] {
                lines.push_str(line);
                lines.push('\n');
            }
            lines = log.write_behind(lines);
            lines.push('\n');
            lines.push_str(itoa::Buffer::new().format(plan.remove().len()));
            let set = plan.set().iter().flat_map(|(name, value)| [*name, value.as_str()]);
            for line in plan.remove().iter().copied().chain(set) {
                lines.push('\n');
                lines.push_str(line);
            }
        }
    }
    lines
}

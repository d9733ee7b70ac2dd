//! An HTTP request as the gate has it, and the answers it gives itself.

mod answer;
mod body;
mod head;
mod method;
mod origin;

pub use answer::Answer;
pub use body::{Body, BodyHash, Content, HashedBody};
#[cfg(feature = "worker")]
pub(crate) use head::next_line;
pub use head::{Field, Head};
pub(crate) use head::{MAX_FIELDS, Occurrence, has_replacement, is_same_name};
pub use method::Method;
pub(crate) use method::Methods;
pub use origin::{InvalidOrigin, Origin};

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
pub(crate) use head::{
    CONNECTION, MAX_FIELDS, Occurrence, each_named, has_replacement, is_same_name,
};
pub use head::{Field, Head};
pub use method::Method;
pub(crate) use method::Methods;
pub use origin::{InvalidOrigin, Origin};

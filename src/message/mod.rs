//! An HTTP request as the gate has it, and the answers it gives itself.

mod answer;
mod body;
mod head;
mod method;
mod origin;
mod percent;
mod query;
mod url;

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
pub(crate) use percent::{decode, percent_encode};
pub(crate) use query::{
    FORM, FORM_MARKS, Parameters, by_name, form_pairs, parameters, query_as_sent, values_of,
};
pub(crate) use url::{is_origin, is_url_byte, path_and_query, split_at_last, split_scheme};

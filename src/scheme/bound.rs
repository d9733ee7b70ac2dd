//! What of a request a valid signature binds, as a sender is configured.

use super::{Scheme, SenderUrl};
use crate::message_signature::{CONTENT_DIGEST, Requirement};

/// What cannot be changed of a request without its signature showing it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bound {
    /// The whole body.
    pub(crate) body: bool,
    pub(crate) method: bool,
    /// Path and query.
    pub(crate) target: bool,
    pub(crate) host: bool,
}

impl Bound {
    /// Of a sender with this scheme, `url` and `message_signature`. A signature that says itself what it
    /// covers binds no more than the policy demands.
    pub(crate) fn by(
        scheme: &Scheme,
        url: Option<&SenderUrl>,
        requirement: Option<&Requirement>,
    ) -> Self {
        let Some(requirement) = requirement.filter(|_| scheme.signs_components()) else {
            return Self {
                body: scheme.signs_body(),
                method: scheme.signs_method(),
                target: scheme.signs_target() && url.is_none_or(SenderUrl::binds_target),
                host: scheme.signs_url(),
            };
        };
        let demands = |name: &str| requirement.components.iter().any(|own| own == name);
        let uri = demands("@target-uri");
        Self {
            body: demands(CONTENT_DIGEST),
            method: demands("@method"),
            target: uri || demands("@request-target") || (demands("@path") && demands("@query")),
            host: uri || demands("@authority"),
        }
    }

    /// Whether a request without a body is bound all the same.
    pub(crate) fn without_body(self) -> bool {
        self.method && self.target
    }
}

//! Signature schemes as data: which fields a request is signed with, and over which bytes.
//!
//! A scheme is a value: where the signatures stand and how they are written, which parts are
//! signed in which order, what is the time, which algorithm, and how a secret becomes a key. The
//! presets in [`PRESETS`] are rows of one table; a policy can describe another in the same words.
//! One engine reads them all. Where a provider's signed bytes are no list of parts, `canonical`
//! has the code that makes them.

mod bound;
mod canonical;
mod key;
mod one_cut;
mod present;
mod presets;
mod signature;
mod signed_messages;
mod url;

pub(crate) use bound::Bound;
pub(crate) use canonical::{Canonical, Messages, Read};
pub use key::RANDOM_BYTES;
pub(crate) use one_cut::doubt;
pub(crate) use present::{Presented, SignedRequest, Value};
pub(crate) use presets::OPERATORS_SECRET;
pub use presets::{PRESETS, Preset, X_HMAC, X_HMAC_NONCE};
pub(crate) use signature::{Encoding, Format};
pub(crate) use signed_messages::{ByUrl, SignedMessages};
pub(crate) use url::{SenderUrl, UrlForm};

use crate::algorithm::Algorithm;
use crate::handshake::Handshake;
use crate::message::Head;
use crate::secret::KeyForm;
use crate::time::{self, TimestampError, UnixSeconds};

/// Where a value of a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// A header field.
    Field(&'static str),
    /// A member of the signature's list, such as `t` in `t=1760000000,v1=…`.
    Parameter(&'static str),
    /// A parameter of the query, its percent-escapes decoded.
    Query(&'static str),
    /// A member of the JSON body, by its path: a string, or a number as it is written.
    Json(&'static [&'static str]),
}

/// One part of the bytes a signature covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Literal(&'static str),
    /// The timestamp's bytes as received.
    Timestamp,
    /// The id's bytes as received.
    Id,
    /// The raw body.
    Body,
    /// The request method.
    Method,
    /// The absolute URL that the sender called, as [`UrlForm`] and the sender's `url` have it.
    Url,
    /// The secret itself, for schemes that hash it instead of keying a MAC.
    Secret,
}

/// Which bytes a signature covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signed {
    /// These parts, one behind the other.
    Parts(&'static [Part]),
    /// What the provider's own rules make of the request.
    Canonical(Canonical),
    /// What the signature says, of which the policy requires some (RFC 9421).
    Components,
}

/// Where the signatures of a request stand, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SignatureRule {
    /// Each may stand once and hold signatures; one at least must. None where [`Canonical`] finds
    /// the signatures beside what they cover.
    pub(crate) sources: &'static [Source],
    pub(crate) format: Format,
    pub(crate) encoding: Encoding,
}

/// The unit of a timestamp, and with it the only spelling that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Unix seconds, ten digits.
    Seconds,
    /// Unix milliseconds, thirteen digits.
    Milliseconds,
    /// RFC 3339 section 5.6.
    Rfc3339,
}

impl Unit {
    fn parse(self, text: &[u8]) -> Result<UnixSeconds, TimestampError> {
        match self {
            Self::Seconds => time::parse_seconds(text),
            Self::Milliseconds => time::parse_milliseconds(text),
            Self::Rfc3339 => time::parse_rfc3339(text),
        }
    }
}

/// Where the time of signing stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TimestampRule {
    pub(crate) source: Source,
    pub(crate) unit: Unit,
}

/// The characters an id may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IdForm {
    /// 16 to 64 of `A-Za-z0-9_-`: the nonce of `x-hmac-nonce`.
    Nonce,
    /// 1 to 256 visible ASCII characters but these, which part the id from its neighbours in the
    /// signed bytes.
    Without(&'static [u8]),
}

impl IdForm {
    /// What an id must be, for an error.
    pub(crate) const fn description(self) -> &'static str {
        match self {
            Self::Nonce => "16 to 64 characters of A-Za-z0-9_-",
            Self::Without(_) => {
                "1 to 256 visible characters without those that part it from its neighbours in the signed bytes"
            }
        }
    }
}

/// Where an id stands that is signed and that each request has its own of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct IdRule {
    pub(crate) source: Source,
    pub(crate) form: IdForm,
}

/// A signature scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scheme {
    pub(crate) name: &'static str,
    pub(crate) signature: SignatureRule,
    pub(crate) timestamp: Option<TimestampRule>,
    pub(crate) id: Option<IdRule>,
    /// Fields that must have exactly this value.
    pub(crate) required: &'static [(&'static str, &'static str)],
    pub(crate) signed: Signed,
    pub(crate) url_form: UrlForm,
    pub(crate) algorithm: Algorithm,
    pub(crate) key: KeyForm,
    /// Fewest bytes of a shared key, decoded.
    pub(crate) min_secret: usize,
    /// Seconds a timestamp may lie before or after now, where a sender does not say.
    pub(crate) tolerance: u32,
    /// The same scheme under the older names of its fields, for requests that have none of the
    /// signature's fields.
    pub(crate) fallback: Option<&'static Scheme>,
    /// How the provider tries out a new endpoint, where the gate can answer that.
    pub(crate) handshake: Option<Handshake>,
}

impl Scheme {
    /// The preset with this name.
    pub fn preset(name: &str) -> Option<&'static Self> {
        PRESETS.iter().map(|preset| preset.scheme).find(|scheme| scheme.name == name)
    }

    /// The name a policy uses.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The names of the header fields that make a request a signed one.
    pub(crate) fn fields(&self) -> impl Iterator<Item = &'static str> {
        let timestamp = self.timestamp.map(|rule| rule.source);
        let id = self.id.map(|rule| rule.source);
        let sources = self.signature.sources.iter().copied().chain(timestamp).chain(id);
        let named = sources.filter_map(|source| match source {
            Source::Field(name) => Some(name),
            _ => None,
        });
        named.chain(self.required.iter().map(|(name, _)| *name))
    }

    /// Tells the names of the header fields that verifying may read, and gives whether there are no
    /// others.
    #[inline(never)]
    pub(crate) fn tell_fields_read(&self, tell: &mut dyn FnMut(&'static str)) -> bool {
        for name in self.fields() {
            tell(name);
        }
        let no_others = match self.signed {
            Signed::Parts(_) => true,
            Signed::Canonical(canonical) => !canonical.reads_fields(),
            Signed::Components => false,
        };
        no_others && self.fallback.is_none_or(|other| other.tell_fields_read(tell))
    }

    /// Whether the request itself says that a field of this name is signed.
    pub(crate) fn names_as_signed(&self, head: &Head<'_>, name: &[u8]) -> bool {
        matches!(self.signed, Signed::Canonical(Canonical::Contentful))
            && canonical::names_as_signed(head, name)
    }

    /// Whether a signature is bound to a moment, so that it expires.
    pub fn signs_time(&self) -> bool {
        self.timestamp.is_some() || self.signs_components()
    }

    /// Whether each request has an id of its own in the signed bytes.
    pub fn signs_id(&self) -> bool {
        self.id.is_some() || self.signs_components()
    }

    /// Whether a signature says itself what it covers (RFC 9421).
    pub fn signs_components(&self) -> bool {
        self.signed == Signed::Components
    }

    /// Whether the whole body is in the signed bytes.
    pub fn signs_body(&self) -> bool {
        match self.signed {
            Signed::Parts(parts) => parts.contains(&Part::Body),
            Signed::Canonical(canonical) => canonical.signs_body(),
            Signed::Components => true,
        }
    }

    /// Whether a signature is bound to the absolute URL that was called, which a sender must then
    /// state.
    pub fn signs_url(&self) -> bool {
        match self.signed {
            Signed::Parts(parts) => parts.contains(&Part::Url),
            Signed::Canonical(canonical) => canonical.signs_url(),
            Signed::Components => false,
        }
    }

    /// Whether a signature is bound to the path and query that were called.
    pub fn signs_target(&self) -> bool {
        match self.signed {
            Signed::Parts(_) => self.signs_url(),
            Signed::Canonical(canonical) => canonical.signs_target(),
            Signed::Components => true,
        }
    }

    /// Whether a signature is bound to the request method.
    pub fn signs_method(&self) -> bool {
        match self.signed {
            Signed::Parts(parts) => parts.contains(&Part::Method),
            Signed::Canonical(canonical) => canonical.signs_method(),
            Signed::Components => true,
        }
    }

    /// Whether the signed bytes could be cut at another place between the path and what follows it,
    /// so that the paths themselves must leave no doubt.
    pub(crate) fn needs_distinct_paths(&self) -> bool {
        self.signed == Signed::Canonical(Canonical::Twilio)
    }

    /// Whether bytes are signed at all, and not the secret sent itself.
    pub(crate) fn signs_bytes(&self) -> bool {
        self.algorithm != Algorithm::Token
    }

    /// Whether one signature covers what a request can be recognised by: not a bare token, and not
    /// items that could be sent again one by one, nor one of several signatures, each of which says
    /// itself what it covers.
    pub(crate) fn signs_a_request(&self) -> bool {
        self.algorithm != Algorithm::Token
            && self.signed != Signed::Canonical(Canonical::AdyenItems)
            && !self.signs_components()
    }

    /// What else a signature leaves open, in words for the table of schemes.
    pub fn caveat(&self) -> Option<&'static str> {
        match self.signed {
            Signed::Canonical(canonical) => canonical.caveat(),
            Signed::Parts(_) if self.algorithm == Algorithm::Sha256 => {
                Some("appended bytes (length extension)")
            }
            Signed::Parts(_) | Signed::Components => None,
        }
    }

    /// Whether the gate can answer the provider's handshake.
    pub fn has_handshake(&self) -> bool {
        self.handshake.is_some()
    }

    /// Seconds a timestamp may lie before or after now, where a sender does not say.
    pub fn tolerance(&self) -> u32 {
        self.tolerance
    }

    /// The algorithm's usual name.
    pub fn algorithm(&self) -> &'static str {
        self.algorithm.name()
    }
}

#[cfg(test)]
mod tests;

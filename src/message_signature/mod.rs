//! HTTP Message Signatures (RFC 9421): signatures that say themselves what of a request they cover,
//! and a policy that says what they must.
//!
//! The key decides the algorithm; `alg`, where it is sent, must agree. The signature is verified by
//! the head alone, before the body is read; the body is bound by `Content-Digest` (RFC 9530).

mod base;
mod component;
pub(crate) mod content_digest;
mod sign;
pub(crate) mod structured_field;

pub(crate) use base::{SignatureBase, signature_base};
pub(crate) use component::{Components, Target, in_origin};
pub(crate) use sign::sign;
pub(crate) use structured_field::{
    BareItem, Entry, InnerList, Item, Member, Parameter, dictionary,
};

use crate::algorithm::{Algorithm, Tag};
use crate::message::{Head, is_same_name};
use crate::rejection::Rejection;
use crate::time::UnixSeconds;

/// The fields that carry signatures (section 4).
pub(crate) const SIGNATURE: &str = "Signature";
pub(crate) const SIGNATURE_INPUT: &str = "Signature-Input";
/// The field that binds the body.
pub(crate) const CONTENT_DIGEST: &str = "content-digest";

/// The most signatures of one request that are looked at; each costs a verification for each key.
const MAX_LABELS: usize = 4;

/// Bytes of the longest signature base, and of all those of one request together: a target of 16 KB,
/// the longest that Cloudflare takes, and as much again of fields. With all keys of a route, half a
/// megabyte is hashed.
const MAX_BASE: usize = 32 << 10;

/// What a policy asks of a sender's signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Requirement {
    /// Names of components that must be covered; `content-digest` where there is a body.
    pub(crate) components: Vec<String>,
    /// The `tag` of signatures that count; others are passed over.
    pub(crate) tag: Option<String>,
    /// The `keyid` that must be sent.
    pub(crate) keyid: Option<String>,
}

/// What is required where the policy does not say: nothing of the request line, the host or the body
/// can be changed.
pub(crate) const DEFAULT_COMPONENTS: [&str; 5] =
    ["@method", "@authority", "@path", "@query", CONTENT_DIGEST];

impl Default for Requirement {
    fn default() -> Self {
        let components = DEFAULT_COMPONENTS.map(str::to_owned).to_vec();
        Self { components, tag: None, keyid: None }
    }
}

/// The signature base of each of these signatures; nothing in place of one that cannot be had.
pub(crate) fn bases(signatures: &[Signature], head: &Head<'_>) -> Vec<Option<SignatureBase>> {
    let mut components = Components::new(head);
    let mut left = MAX_BASE;
    let base = |signature: &Signature| {
        let base = SignatureBase::new(&signature.covered, &mut components, left)?;
        left = left.saturating_sub(base.len());
        Some(base)
    };
    signatures.iter().map(base).collect()
}

/// One signature of a request, with what it says it covers.
#[derive(Clone, Debug)]
pub(crate) struct Signature {
    covered: InnerList,
    tag: Tag,
    created: UnixSeconds,
    expires: Option<UnixSeconds>,
    nonce: String,
    keyid: String,
    purpose: Option<String>,
}

/// The signatures of a request that are whole and in time.
///
/// `within` says whether a moment is inside the window. A field that cannot be read, or a label that
/// stands in one of the two only, spoils all.
pub(crate) fn read(
    head: &Head<'_>,
    algorithm: Algorithm,
    now: UnixSeconds,
    within: &mut dyn FnMut(UnixSeconds) -> Result<(), Rejection>,
) -> Result<Vec<Signature>, Rejection> {
    let field = |name| head.combined(name).filter(|value| !value.is_empty());
    let (Some(inputs), Some(signatures)) = (field(SIGNATURE_INPUT), field(SIGNATURE)) else {
        return Err(Rejection::MissingSignature);
    };
    let read = |value: &[u8]| dictionary(value).ok_or(Rejection::InvalidSignature);
    let (inputs, signatures) = (read(&inputs)?, read(&signatures)?);
    if inputs.len() != signatures.len() || inputs.len() > MAX_LABELS {
        return Err(Rejection::InvalidSignature);
    }
    let mut found = Vec::new();
    let mut reason = Rejection::InvalidSignature;
    for input in &inputs {
        let signature = signatures.iter().find(|signature| signature.name == input.name);
        let signature = signature.ok_or(Rejection::InvalidSignature)?;
        let signature = Signature::read(input, signature, algorithm)
            .and_then(|signature| signature.check_time(now, within).map(|()| signature));
        match signature {
            Ok(signature) => found.push(signature),
            Err(rejection) => reason = rejection,
        }
    }
    if found.is_empty() { Err(reason) } else { Ok(found) }
}

impl Signature {
    fn read(input: &Entry, signature: &Entry, algorithm: Algorithm) -> Result<Self, Rejection> {
        const INVALID: Rejection = Rejection::InvalidSignature;
        let Member::InnerList(covered) = &input.member else { return Err(INVALID) };
        let Member::Item(Item { value: BareItem::Bytes(bytes), .. }) = &signature.member else {
            return Err(INVALID);
        };
        let tag = algorithm.fixed_tag(bytes).ok_or(INVALID)?;
        let mut created = None;
        let mut expires = None;
        let (mut nonce, mut keyid, mut purpose) = (None, None, None);
        for Parameter { name, value } in &covered.parameters {
            match (name.as_str(), value) {
                ("created", BareItem::Integer(seconds)) => created = Some(moment(*seconds)?),
                ("expires", BareItem::Integer(seconds)) => expires = Some(moment(*seconds)?),
                ("nonce", BareItem::String(text)) => nonce = Some(text.clone()),
                ("keyid", BareItem::String(text)) => keyid = Some(text.clone()),
                ("tag", BareItem::String(text)) => purpose = Some(text.clone()),
                ("alg", BareItem::String(name))
                    if Some(name.as_str()) == algorithm.registered_name() => {}
                // A parameter that is not known could change what the signature means.
                _ => return Err(INVALID),
            }
        }
        let missing = Rejection::MissingSignature;
        let (created, keyid) = (created.ok_or(missing)?, keyid.ok_or(missing)?);
        let nonce = nonce.unwrap_or_default();
        Ok(Self { covered: covered.clone(), tag, created, expires, nonce, keyid, purpose })
    }

    fn check_time(
        &self,
        now: UnixSeconds,
        within: &mut dyn FnMut(UnixSeconds) -> Result<(), Rejection>,
    ) -> Result<(), Rejection> {
        within(self.created)?;
        match self.expires {
            Some(expires) if expires < now || expires < self.created => {
                Err(Rejection::StaleTimestamp { server_time: now })
            }
            _ => Ok(()),
        }
    }

    /// The signature itself.
    pub(crate) fn tag(&self) -> &Tag {
        &self.tag
    }

    /// When it was made.
    pub(crate) fn created(&self) -> UnixSeconds {
        self.created
    }

    /// The last moment at which it counts, where it says one.
    pub(crate) fn expires(&self) -> Option<UnixSeconds> {
        self.expires
    }

    /// The name of the key, and what the signature is for.
    pub(crate) fn keyid_and_tag(&self) -> (&str, Option<&str>) {
        (&self.keyid, self.purpose.as_deref())
    }

    /// Its nonce; empty where it has none.
    pub(crate) fn nonce(&self) -> &str {
        &self.nonce
    }

    /// Whether it covers the body's digest.
    pub(crate) fn covers_content_digest(&self) -> bool {
        self.covers(CONTENT_DIGEST)
    }

    /// Whether it is of the kind that the policy asks for and covers what it must.
    pub(crate) fn fulfils(&self, requirement: &Requirement) -> bool {
        let is = |wanted: &Option<String>, sent: Option<&String>| {
            wanted.is_none() || wanted.as_ref() == sent
        };
        is(&requirement.tag, self.purpose.as_ref())
            && is(&requirement.keyid, Some(&self.keyid))
            && requirement
                .components
                .iter()
                // Whether there is a body shows later.
                .filter(|name| *name != CONTENT_DIGEST)
                .all(|name| self.covers(name))
    }

    /// Whether a component stands for a header field of this name, or for a part of one.
    pub(crate) fn names_field(&self, name: &[u8]) -> bool {
        self.covered.items.iter().any(|identifier| {
            matches!(&identifier.value, BareItem::String(own) if is_same_name(own, name))
        })
    }

    /// Whether a component is covered as a whole, by its own name or within another.
    pub(crate) fn covers(&self, name: &str) -> bool {
        let whole = |identifier: &Item, name: &str| {
            let parts = |parameter: &Parameter| !matches!(parameter.name.as_str(), "sf" | "bs");
            matches!(&identifier.value, BareItem::String(own) if own == name)
                && !identifier.parameters.iter().any(parts)
        };
        let any = |name: &str| self.covered.items.iter().any(|item| whole(item, name));
        any(name)
            || match name {
                "@authority" | "@scheme" => any("@target-uri"),
                "@path" | "@query" => any("@target-uri") || any("@request-target"),
                _ => false,
            }
    }
}

/// A moment of ten digits, as everywhere else.
fn moment(seconds: i64) -> Result<UnixSeconds, Rejection> {
    crate::time::parse_seconds(seconds.to_string().as_bytes()).map_err(|error| {
        let milliseconds = error == crate::time::TimestampError::LooksLikeMilliseconds;
        Rejection::InvalidTimestamp { milliseconds }
    })
}

#[cfg(test)]
mod tests;

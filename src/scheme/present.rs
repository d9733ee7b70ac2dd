//! What a request presents to be verified, read from its head and, where a provider puts it
//! there, from its body.

use std::borrow::Cow;

use zeroize::Zeroizing;

use super::signature::{Candidates, Format};
use super::{IdForm, Part, Scheme, SenderUrl, Signed, Source, url};
use crate::algorithm::{HashAlgorithm, Key, Tag};
use crate::json::{Json, Named};
use crate::message::{BodyHash, Head, Occurrence};
use crate::message_signature::{self, Requirement, Signature};
use crate::rejection::Rejection;
use crate::replay::{ClaimId, MARGIN, ReplayKey, claim_id};
use crate::time::{TimestampError, UnixSeconds};

/// What a request presents. Nothing has been proven yet: it only has the right shape, and its
/// time has passed the check it was handed to.
#[derive(Clone, Default)]
pub(crate) struct Presented<'r> {
    candidates: Candidates,
    /// Those that say themselves what they cover.
    signatures: Vec<Signature>,
    timestamp: Option<UnixSeconds>,
    /// Of a signature that says so itself.
    expires: Option<UnixSeconds>,
    timestamp_text: Cow<'r, [u8]>,
    id: Cow<'r, [u8]>,
}

/// One value of a request.
pub(crate) enum Value<'r> {
    Absent,
    Once(Cow<'r, [u8]>),
    Repeated,
    /// It stands in the body, which is not here yet.
    Later,
}

impl<'r> From<Occurrence<'r>> for Value<'r> {
    fn from(occurrence: Occurrence<'r>) -> Self {
        match occurrence {
            Occurrence::Absent => Self::Absent,
            Occurrence::Once(value) => Self::Once(value.into()),
            Occurrence::Repeated => Self::Repeated,
        }
    }
}

/// The values that stand in a body: the signature, the time and the id; nothing where it is not here
/// yet.
pub(crate) type Document<'r> = Option<[Named<'r>; 3]>;

impl Scheme {
    /// Reads what a request presents, in the order in which the articles' receiver checks it.
    ///
    /// Without a body, what stands in it is left for the second call, with the body. `within`
    /// says whether a moment is inside the window.
    pub(crate) fn present<'r>(
        &self,
        head: &Head<'r>,
        body: Option<&'r [u8]>,
        now: UnixSeconds,
        within: &mut dyn FnMut(UnixSeconds) -> Result<(), Rejection>,
    ) -> Result<Presented<'r>, Rejection> {
        if self.signs_components() {
            let signatures = message_signature::read(head, self.algorithm, now, within)?;
            return Ok(Presented { signatures, ..Presented::default() });
        }
        let json = self.document(body);
        let signatures: Vec<Value<'r>> =
            self.signature.sources.iter().map(|source| self.value(source, head, json)).collect();
        let beside = signatures.is_empty();
        if !beside && signatures.iter().all(|value| matches!(value, Value::Absent)) {
            return match self.fallback {
                Some(other) => other.present(head, body, now, within),
                None => Err(Rejection::MissingSignature),
            };
        }
        let timestamp =
            self.timestamp.as_ref().map(|rule| (rule, self.value(&rule.source, head, json)));
        let id = self.id.as_ref().map(|rule| (rule, self.value(&rule.source, head, json)));
        let absent =
            matches!(timestamp, Some((_, Value::Absent))) || matches!(id, Some((_, Value::Absent)));
        if absent || self.required.iter().any(|(name, _)| head.single(name) == Occurrence::Absent) {
            return Err(Rejection::MissingSignature);
        }

        let mut presented = Presented::default();
        if let Some((rule, value)) = timestamp
            && let Some(text) = once(value)?
        {
            let moment = rule.unit.parse(&text).map_err(|error| Rejection::InvalidTimestamp {
                milliseconds: error == TimestampError::LooksLikeMilliseconds,
            })?;
            within(moment)?;
            presented.timestamp = Some(moment);
            presented.timestamp_text = text;
        }
        let mut complete = !beside;
        for value in signatures {
            if matches!(value, Value::Absent) {
                continue;
            }
            match once(value)? {
                Some(text) => {
                    let rule = &self.signature;
                    let read = presented.candidates.read(
                        &text,
                        &rule.format,
                        rule.encoding,
                        self.algorithm,
                    );
                    read.ok_or(Rejection::InvalidSignature)?;
                }
                None => complete = false,
            }
        }
        if let Some((rule, value)) = id
            && let Some(text) = once(value)?
        {
            if !rule.form.fits(&text) {
                return Err(Rejection::InvalidSignature);
            }
            presented.id = text;
        }
        let differs = |(name, value): &(&str, &str)| match head.single(name) {
            Occurrence::Once(sent) => sent != value.as_bytes(),
            _ => true,
        };
        if (complete && presented.candidates.is_empty()) || self.required.iter().any(differs) {
            return Err(Rejection::InvalidSignature);
        }
        Ok(presented)
    }

    /// Where the signature, the time and the id stand in the body; all are members of one object.
    fn json_paths(&self) -> [Option<&'static [&'static str]>; 3] {
        let sources = [
            self.signature.sources.first().copied(),
            self.timestamp.map(|rule| rule.source),
            self.id.map(|rule| rule.source),
        ];
        sources.map(|source| match source {
            Some(Source::Json(path)) => Some(path),
            _ => None,
        })
    }

    /// What stands in the body, read in one go.
    pub(crate) fn document<'r>(&self, body: Option<&'r [u8]>) -> Document<'r> {
        let body = body?;
        let paths = self.json_paths();
        let found = paths.iter().flatten().next().and_then(|path| {
            let json = if self.signs_before_reading() {
                Json::of_body(body)
            } else {
                Json::of_unproven_body(body)
            };
            let (_, parent) = path.split_last()?;
            let last = |path: Option<&[&'static str]>| path?.last().copied();
            json?.at(parent)?.named(paths.map(|path| last(path).unwrap_or_default()))
        });
        Some(found.unwrap_or([Named::Absent; 3]))
    }

    /// What a request has at one place.
    pub(crate) fn value<'r>(
        &self,
        source: &Source,
        head: &Head<'r>,
        body: Document<'r>,
    ) -> Value<'r> {
        match source {
            Source::Field(name) if self.signature.sources.contains(source) => {
                self.signature_field(name, head)
            }
            Source::Field(name) => head.single(name).into(),
            Source::Parameter(key) => self.parameter(key, head),
            Source::Query(name) => url::query_value(head.query(), name),
            Source::Json(path) => {
                let Some(values) = body else { return Value::Later };
                let place = self.json_paths().iter().position(|own| *own == Some(*path));
                let value = place.and_then(|place| values.get(place)?.once()?.text());
                match value {
                    Some(text) if !text.is_empty() => Value::Once(text.into_bytes().into()),
                    _ => Value::Absent,
                }
            }
        }
    }

    /// A field of signatures. One that is a list may come in several lines, which the Workers
    /// runtime joins with a comma; here they are joined alike.
    fn signature_field<'r>(&self, name: &str, head: &Head<'r>) -> Value<'r> {
        match &self.signature.format {
            Format::Raw { .. } | Format::Stamped => head.single(name).into(),
            Format::Members { .. } => match head.combined(name) {
                Some(value) if !value.is_empty() => Value::Once(value),
                _ => Value::Absent,
            },
        }
    }

    /// A member of the signature's list that is no signature.
    fn parameter<'r>(&self, key: &str, head: &Head<'r>) -> Value<'r> {
        let list = match self.signature.sources.first() {
            Some(Source::Field(name)) => head.combined(name),
            Some(Source::Query(name)) => match url::query_value(head.query(), name) {
                Value::Once(value) => Some(value),
                other => return other,
            },
            _ => None,
        };
        let Some(list) = list else { return Value::Absent };
        let mut values =
            self.signature.format.members(&list).filter(|(name, _)| *name == key.as_bytes());
        match (values.next(), values.next()) {
            (None, _) | (Some((_, [])), None) => Value::Absent,
            (Some((_, value)), None) => Value::Once(value.to_vec().into()),
            (Some(_), Some(_)) => Value::Repeated,
        }
    }

    /// The URL that a sender calls. `None` if the signed bytes do not depend on it.
    pub(crate) fn called_url<'s>(&self, url: Option<&'s SenderUrl>) -> Option<&'s SenderUrl> {
        url.filter(|_| self.signs_url() || self.signs_components())
    }

    /// The URL among the signed bytes. `None` if it leaves a doubt, or the request came to another.
    pub(crate) fn url_of<'p>(&self, request: SignedRequest<'p>) -> Option<Cow<'p, str>> {
        match request.sender_url {
            Some(sender_url) if self.signs_url() => {
                self.url_form.signed_url(sender_url, request.head, request.body)
            }
            _ => Some(request.head.url().into()),
        }
    }

    /// The parts before the body and behind it, where the signed bytes are the body between parts of
    /// the head: a hash over them can be had from who has the body.
    pub(crate) fn around_body(&self) -> Option<(&'static [Part], &'static [Part])> {
        let Signed::Parts(parts) = self.signed else { return None };
        if self.reads_body() && !self.signs_before_reading() {
            return None;
        }
        let mut sides = parts.split(|part| *part == Part::Body);
        let (before, after) = (sides.next()?, sides.next()?);
        sides.next().is_none().then_some((before, after))
    }

    /// Whether a hash over the signed bytes can be had from who has the body.
    pub(crate) fn takes_hashes(&self) -> bool {
        match self.signed {
            Signed::Parts(_) => self.around_body().is_some(),
            Signed::Canonical(canonical) => canonical.ends_with_body(),
            Signed::Components => false,
        }
    }

    /// Whether the signature can be compared before anything is read from the body.
    pub(crate) fn signs_before_reading(&self) -> bool {
        let Signed::Parts(parts) = self.signed else { return false };
        !parts.iter().any(|part| matches!(part, Part::Timestamp | Part::Id))
            && !self.signature.sources.iter().any(|source| matches!(source, Source::Json(_)))
    }

    /// Whether some value stands in the body.
    pub(crate) fn reads_body(&self) -> bool {
        let sources = self.signature.sources.iter();
        let timestamp = self.timestamp.as_ref().map(|rule| &rule.source);
        let id = self.id.as_ref().map(|rule| &rule.source);
        sources.chain(timestamp).chain(id).any(|source| matches!(source, Source::Json(_)))
    }
}

/// The text of a value that stands once; nothing where it comes later. What stands twice is
/// answered like a wrong signature.
fn once(value: Value<'_>) -> Result<Option<Cow<'_, [u8]>>, Rejection> {
    match value {
        Value::Once(text) => Ok(Some(text)),
        Value::Later => Ok(None),
        Value::Absent => Err(Rejection::MissingSignature),
        Value::Repeated => Err(Rejection::InvalidSignature),
    }
}

impl<'r> Presented<'r> {
    /// What a sender is about to sign.
    pub(crate) fn to_sign(timestamp: &'r [u8], id: &'r [u8]) -> Self {
        Self { timestamp_text: timestamp.into(), id: id.into(), ..Self::default() }
    }

    /// The hash over the signed bytes that a key verifies by; nothing where they are not
    /// [around the body](Scheme::around_body).
    pub(crate) fn body_hash(
        &self,
        scheme: &Scheme,
        key: &Key,
        method_and_url: [&str; 2],
    ) -> Option<BodyHash> {
        let (algorithm, start) = key.message_hash()?;
        self.around_body(scheme, method_and_url, key.secret(), algorithm, &start)
    }

    /// The hash over a start and the signed parts.
    pub(super) fn around_body(
        &self,
        scheme: &Scheme,
        [method, url]: [&str; 2],
        secret: &[u8],
        algorithm: HashAlgorithm,
        start: &[u8],
    ) -> Option<BodyHash> {
        let (before, after) = scheme.around_body()?;
        let bytes = |parts| self.signed_parts(parts, method, url, secret, &[]);
        // In one go: a buffer that grows leaves a copy of the key behind.
        let before: Vec<&[u8]> = core::iter::once(start).chain(bytes(before)).collect();
        let after: Vec<&[u8]> = bytes(after).collect();
        let (before, after) = (Zeroizing::new(before.concat()), Zeroizing::new(after.concat()));
        Some(BodyHash { algorithm, before, after })
    }

    /// Of several signatures that say themselves what they cover, goes on with one. Gives whether it
    /// covers the body's digest.
    pub(crate) fn choose(&mut self, place: usize) -> bool {
        let Some(signature) = self.signatures.get(place) else { return false };
        self.timestamp = Some(signature.created());
        self.expires = signature.expires();
        self.id = signature.nonce().as_bytes().to_vec().into();
        signature.covers_content_digest()
    }

    /// Whether every signature that the policy would take alone has the same nonce: with two, the
    /// request could be sent once more with the other.
    pub(crate) fn has_one_nonce(&self, requirement: Option<&Requirement>) -> bool {
        let counts = |signature: &&Signature| {
            requirement.is_some_and(|requirement| signature.fulfils(requirement))
        };
        let mut nonces = self.signatures.iter().filter(counts).map(|one| one.nonce().as_bytes());
        nonces.all(|nonce| nonce == &*self.id)
    }

    /// What a verified request is remembered by where that is its nonce.
    pub(crate) fn nonce_claim_id(&self) -> ClaimId {
        claim_id(ReplayKey::Nonce, [&*self.id])
    }

    /// The signatures to compare with.
    pub(crate) fn tags(&self) -> &[Tag] {
        self.candidates.tags()
    }

    /// The timestamp as it was received.
    pub(crate) fn timestamp_text(&self) -> &[u8] {
        &self.timestamp_text
    }

    /// The id as it was received.
    pub(crate) fn id(&self) -> &[u8] {
        &self.id
    }

    /// Whether one of the signatures says that it covers a header field of this name, whole or in part.
    pub(crate) fn covers_field(&self, name: &[u8]) -> bool {
        self.signatures.iter().any(|signature| signature.names_field(name))
    }

    /// The signatures that say themselves what they cover.
    pub(crate) fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// Bytes of its id or nonce; none where it has none.
    pub(crate) fn id_length(&self) -> usize {
        self.id.len()
    }

    /// The same, apart from the body it was read from.
    pub(crate) fn into_owned<'o>(self) -> Presented<'o> {
        let Self { candidates, signatures, timestamp, expires, timestamp_text, id } = self;
        let (timestamp_text, id) = (timestamp_text.into_owned().into(), id.into_owned().into());
        Presented { candidates, signatures, timestamp, expires, timestamp_text, id }
    }

    /// The time of signing; nothing where the scheme has none.
    pub(crate) fn timestamp(&self) -> Option<UnixSeconds> {
        self.timestamp
    }

    /// Whether a request of a sender with this tolerance, which was fresh when its head came, is too old
    /// by now: its window, or the end that its signature set itself, is over by more than [`MARGIN`].
    pub(crate) fn is_over(&self, tolerance: u32, now: UnixSeconds) -> bool {
        let window = self.timestamp.map(|signed| signed.plus(tolerance));
        let mut ends = [window, self.expires].into_iter().flatten();
        ends.any(|last| last.plus(MARGIN) < now)
    }

    /// The signed bytes, part by part.
    pub(crate) fn signed_parts<'p>(
        &'p self,
        parts: &'p [Part],
        method: &'p str,
        url: &'p str,
        secret: &'p [u8],
        body: &'p [u8],
    ) -> impl Iterator<Item = &'p [u8]> {
        parts.iter().map(move |part| match part {
            Part::Literal(text) => text.as_bytes(),
            Part::Timestamp => &self.timestamp_text,
            Part::Id => &self.id,
            Part::Body => body,
            Part::Method => method.as_bytes(),
            Part::Url => url.as_bytes(),
            Part::Secret => secret,
        })
    }
}

/// A request whose signature is to be compared.
#[derive(Clone, Copy)]
pub(crate) struct SignedRequest<'p> {
    pub(crate) head: &'p Head<'p>,
    /// The sender's `url`.
    pub(crate) sender_url: Option<&'p SenderUrl>,
    pub(crate) body: &'p [u8],
}

impl<'p> SignedRequest<'p> {
    /// A request of whom is not known yet.
    pub(crate) fn new(head: &'p Head<'p>, body: &'p [u8]) -> Self {
        Self { head, sender_url: None, body }
    }
}

impl IdForm {
    /// Whether these bytes are an id of this form.
    pub(crate) fn fits(self, text: &[u8]) -> bool {
        let lengths = match self {
            Self::Nonce => 16..=64,
            Self::Without(_) => 1..=256,
        };
        lengths.contains(&text.len()) && text.iter().all(|byte| self.allows(*byte))
    }

    /// Whether an id may hold this byte.
    pub(crate) fn allows(self, byte: u8) -> bool {
        match self {
            Self::Nonce => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'),
            Self::Without(bytes) => byte.is_ascii_graphic() && !bytes.contains(&byte),
        }
    }
}

//! How signatures are written in a field.

use crate::algorithm::{Algorithm, Tag};
use crate::encoding;
use crate::message::has_replacement;

/// Bytes of the longest list of signatures. All that are tried have less, with some of other versions
/// beside them.
const MAX_LIST: usize = 4096;

/// The shape of a signature field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// One signature behind a prefix, which may be empty: `sha256=…`.
    Raw { prefix: &'static str },
    /// Members between separators, each a key, a joiner and a value: `t=…,v1=…,v1=…`. Those with
    /// this key are signatures; those with other keys belong to other versions.
    Members { separator: u8, joiner: u8, key: &'static str },
    /// One signature behind the time and a hyphen: `1760000000-…`.
    Stamped,
}

/// The name under which [`Format::Stamped`] gives its time.
pub(crate) const STAMP: &str = "";

/// How the bytes of a signature are written (RFC 4648).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// Section 8, lower case only.
    LowerHex,
    /// Section 8, either case.
    Hex,
    /// Section 4, with padding.
    Base64,
    /// Section 5, without padding.
    Base64Url,
    /// Section 4 with padding, or section 5 without.
    AnyBase64,
    /// The bytes themselves.
    Plain,
}

/// The signatures of a request, decoded; at least one.
#[derive(Clone, Default)]
pub(crate) struct Candidates(Vec<Tag>);

impl Candidates {
    /// The tags to compare with.
    pub(crate) fn tags(&self) -> &[Tag] {
        &self.0
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds what one field holds. A signature of the wrong length or alphabet is passed over: it
    /// is one that does not match. Gives nothing where there are more than may be tried.
    pub(crate) fn read(
        &mut self,
        value: &[u8],
        format: &Format,
        encoding: Encoding,
        algorithm: Algorithm,
    ) -> Option<()> {
        if matches!(format, Format::Members { .. }) && value.len() > MAX_LIST {
            return None;
        }
        for text in format.signatures(value) {
            if let Some(tag) = encoding.decode(text, algorithm) {
                if self.0.len() == algorithm.most_signatures() {
                    return None;
                }
                self.0.push(tag);
            }
        }
        Some(())
    }
}

impl Format {
    /// The text of each signature in a field's value.
    pub(crate) fn signatures<'v>(&self, value: &'v [u8]) -> impl Iterator<Item = &'v [u8]> {
        let (single, members) = match self {
            Self::Raw { prefix } => (value.strip_prefix(prefix.as_bytes()), None),
            Self::Stamped => (halves(value, b'-').map(|(_, text)| text), None),
            Self::Members { key, .. } => (None, Some((key, self.members(value)))),
        };
        let members = members.into_iter().flat_map(|(key, members)| {
            members.filter(|(name, _)| *name == key.as_bytes()).map(|(_, text)| text)
        });
        single.into_iter().chain(members)
    }

    /// The members of a field's value, as key and text; one without a joiner has no key. White
    /// space around a member does not count: fields joined by a proxy have some.
    pub(crate) fn members<'v>(
        &self,
        value: &'v [u8],
    ) -> impl Iterator<Item = (&'v [u8], &'v [u8])> {
        let (list, stamp) = match self {
            Self::Members { separator, joiner, .. } => (Some((*separator, *joiner)), None),
            Self::Stamped => (None, halves(value, b'-').map(|(time, _)| (STAMP.as_bytes(), time))),
            Self::Raw { .. } => (None, None),
        };
        let list = list.into_iter().flat_map(move |(separator, joiner)| {
            value.split(move |byte| *byte == separator).map(move |member| {
                let member = member.trim_ascii();
                halves(member, joiner).unwrap_or((&[], member))
            })
        });
        list.chain(stamp)
    }
}

/// What stands before and behind the first of these bytes.
fn halves(text: &[u8], joiner: u8) -> Option<(&[u8], &[u8])> {
    let mut halves = text.splitn(2, |byte| *byte == joiner);
    halves.next().zip(halves.next())
}

impl Encoding {
    /// The tag that a text stands for, if it has the algorithm's form.
    pub(crate) fn decode(self, text: &[u8], algorithm: Algorithm) -> Option<Tag> {
        let mut buffer = [0; encoding::LONGEST];
        let bytes = match self {
            Self::LowerHex if text.iter().any(u8::is_ascii_uppercase) => return None,
            Self::LowerHex | Self::Hex => encoding::hex(text, &mut buffer),
            Self::Base64 => encoding::base64(text, &mut buffer),
            Self::Base64Url => encoding::base64_url(text, &mut buffer),
            Self::AnyBase64 if text.ends_with(b"=") => encoding::base64(text, &mut buffer),
            Self::AnyBase64 => encoding::base64_url(text, &mut buffer),
            Self::Plain => (!has_replacement(text)).then_some(text),
        }?;
        algorithm.tag(bytes)
    }

    /// A tag as this encoding writes it.
    pub(crate) fn encode(self, tag: &[u8]) -> String {
        match self {
            Self::LowerHex | Self::Hex => hex::encode(tag),
            Self::Base64 | Self::AnyBase64 => encoding::to_base64(tag),
            Self::Base64Url => encoding::to_base64_url(tag),
            Self::Plain => String::from_utf8_lossy(tag).into_owned(),
        }
    }
}

//! The signature base: what is signed of a request (RFC 9421 section 2.5).

use super::MAX_BASE;
use super::component::{Components, OriginPart, Target, in_origin};
use super::structured_field::{InnerList, Item};
use crate::message::Head;

/// A signature base. Where it says by which origin the request was called, it has gaps: that is the
/// sender's to say.
#[derive(Debug)]
pub(crate) struct SignatureBase {
    text: String,
    /// In order, with their places in the text.
    gaps: Vec<(usize, OriginPart)>,
}

impl SignatureBase {
    /// The signature base of a request for the covered components and parameters; nothing where one of
    /// them cannot be had, or stands twice, or all is longer than `most` bytes.
    pub(super) fn new(
        covered: &InnerList,
        components: &mut Components<'_>,
        most: usize,
    ) -> Option<Self> {
        let mut base = Self { text: String::new(), gaps: Vec::new() };
        for (place, identifier) in covered.items.iter().enumerate() {
            base.text.push_str(&format!("{identifier}: "));
            match in_origin(identifier) {
                Some("scheme") => base.leave_out(OriginPart::Scheme),
                Some("authority") => base.leave_out(OriginPart::Authority),
                Some(_) => {
                    base.leave_out(OriginPart::Scheme);
                    base.text.push_str("://");
                    base.leave_out(OriginPart::Authority);
                    base.text.push_str(components.head.target());
                }
                None => base.text.push_str(&components.value(identifier)?),
            }
            base.text.push('\n');
            // Behind its value: an identifier that has one has two parameters at the most.
            let repeated = covered.items.iter().take(place).any(|other| is_same(other, identifier));
            if repeated || base.len() > most {
                return None;
            }
        }
        base.text.push_str(&format!("\"@signature-params\": {covered}"));
        (base.len() <= most).then_some(base)
    }

    fn leave_out(&mut self, part: OriginPart) {
        self.gaps.push((self.text.len(), part));
    }

    /// Bytes of its text, less the gaps.
    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    /// The bytes, where the request was called by this origin.
    pub(crate) fn bytes(&self, target: &Target) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.text.len().saturating_add(256));
        let mut from = 0;
        for (at, part) in &self.gaps {
            bytes.extend_from_slice(self.text.get(from..*at).unwrap_or_default().as_bytes());
            bytes.extend_from_slice(target.part(*part).as_bytes());
            from = *at;
        }
        bytes.extend_from_slice(self.text.get(from..).unwrap_or_default().as_bytes());
        bytes
    }
}

/// Whether two identifiers name one component: the order of their parameters does not count
/// (section 2).
fn is_same(one: &Item, other: &Item) -> bool {
    one.value == other.value
        && one.parameters.len() == other.parameters.len()
        && one.parameters.iter().all(|parameter| other.parameters.contains(parameter))
}

/// All of a signature base in one; nothing where it cannot be had. The origin is the one by which the
/// signer called the request, or the received one.
pub(crate) fn signature_base(
    covered: &InnerList,
    head: &Head<'_>,
    origin: Option<&str>,
) -> Option<Vec<u8>> {
    let base = SignatureBase::new(covered, &mut Components::new(head), MAX_BASE)?;
    Some(base.bytes(&Target::new(head, origin)?))
}

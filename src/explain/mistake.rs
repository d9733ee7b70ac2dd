//! The usual mistakes, each with a code and a sentence.

use core::fmt;

use serde::{Serialize, Serializer, ser::SerializeStruct};

use super::json_style::JsonStyle;

/// One way in which a sender, or something on the way, goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the sentence of each says what it means")]
pub enum Mistake {
    NewlineAdded,
    NewlineRemoved,
    BlanksTrimmed,
    LfSigned,
    CrlfSigned,
    ByteOrderMark,
    EmptyBodySigned,
    JsonRewritten(JsonStyle),
    DecompressedSigned,
    Decompressed,
    FormRewritten(&'static str),
    Milliseconds,
    SecondsOfAnotherMoment(i64),
    TimeOfField(String),
    Separator(&'static str),
    OrderReversed,
    TimestampNotSigned,
    TimestampSigned,
    IdNotSigned,
    VersionNotSigned,
    PrefixMissing,
    PrefixAdded,
    WrittenAs(&'static str),
    AnotherMember(String),
    Url(String),
    Method(String),
    AnotherSender(String),
    OutsideValidity,
    SecretDecoded(&'static str),
    SecretNotDecoded,
    SecretPrefixKept,
    SecretWith(&'static str),
    SecretIs(&'static str),
    Function(&'static str),
    KeyAndMessageSwapped,
    FieldRenamed { wanted: String, found: String },
    Clock { ahead: i64, then: &'static str },
    InputUnreadable(String),
    LabelsDiffer,
    ParametersAsSent,
    BaseWithLineEnd,
    ParameterMissing(&'static str),
    ParameterUnknown(String),
    AlgorithmParameter { sent: String, wanted: &'static str },
    SignatureLength { bytes: usize, wanted: String },
    ComponentNotCovered(String),
    ComponentAbsent(String),
    KeyidDiffers { sent: String, wanted: String },
    TagDiffers { wanted: String },
    DigestAbsent,
    DigestDiffers,
    DigestOf(Box<Mistake>),
}

impl Mistake {
    /// A word that stays the same, to be looked up and compared.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NewlineAdded => "newline_signed",
            Self::NewlineRemoved => "newline_not_signed",
            Self::BlanksTrimmed => "trimmed_body_signed",
            Self::LfSigned => "lf_signed",
            Self::CrlfSigned => "crlf_signed",
            Self::ByteOrderMark => "byte_order_mark",
            Self::EmptyBodySigned => "empty_body_signed",
            Self::JsonRewritten(_) => "json_rewritten",
            Self::DecompressedSigned => "decompressed_body_signed",
            Self::Decompressed => "body_decompressed",
            Self::FormRewritten(_) => "form_rewritten",
            Self::Milliseconds => "milliseconds",
            Self::SecondsOfAnotherMoment(_) => "another_second_signed",
            Self::TimeOfField(_) => "time_of_another_field",
            Self::Separator(_) => "separator",
            Self::OrderReversed => "order",
            Self::TimestampNotSigned => "timestamp_not_signed",
            Self::TimestampSigned => "timestamp_signed",
            Self::IdNotSigned => "id_not_signed",
            Self::VersionNotSigned => "version_not_signed",
            Self::PrefixMissing => "prefix_missing",
            Self::PrefixAdded => "prefix_added",
            Self::WrittenAs(_) => "encoding",
            Self::AnotherMember(_) => "another_member",
            Self::Url(_) => "another_url",
            Self::Method(_) => "method_case",
            Self::AnotherSender(_) => "another_sender",
            Self::OutsideValidity => "secret_outside_validity",
            Self::SecretDecoded(_) => "secret_decoded",
            Self::SecretNotDecoded => "secret_not_decoded",
            Self::SecretPrefixKept => "secret_prefix_kept",
            Self::SecretWith(_) => "secret_with_extra_characters",
            Self::SecretIs(_) => "secret_unset",
            Self::Function(_) => "another_algorithm",
            Self::KeyAndMessageSwapped => "key_and_message_swapped",
            Self::FieldRenamed { .. } => "field_renamed",
            Self::Clock { .. } => "clock",
            Self::InputUnreadable(_) => "signature_input_unreadable",
            Self::LabelsDiffer => "labels_differ",
            Self::ParametersAsSent => "parameters_not_canonical",
            Self::BaseWithLineEnd => "base_with_line_end",
            Self::ParameterMissing(_) => "parameter_missing",
            Self::ParameterUnknown(_) => "parameter_unknown",
            Self::AlgorithmParameter { .. } => "alg_differs",
            Self::SignatureLength { .. } => "signature_length",
            Self::ComponentNotCovered(_) => "component_not_covered",
            Self::ComponentAbsent(_) => "component_absent",
            Self::KeyidDiffers { .. } => "keyid_differs",
            Self::TagDiffers { .. } => "tag_differs",
            Self::DigestAbsent => "digest_absent",
            Self::DigestDiffers => "digest_differs",
            Self::DigestOf(inner) => inner.code(),
        }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NewlineAdded => "a line end was signed behind the body that was not sent",
            Self::NewlineRemoved => "the body that was sent ends with a line end that was not signed",
            Self::BlanksTrimmed => "the body was signed without the white space around it",
            Self::LfSigned => "the body was signed with LF line ends and sent with CRLF",
            Self::CrlfSigned => "the body was signed with CRLF line ends and sent with LF",
            Self::ByteOrderMark => "a byte order mark stands before the body that was signed or the one that was sent, not both",
            Self::EmptyBodySigned => "an empty body was signed and another one sent",
            Self::JsonRewritten(style) => return write!(f, "the JSON was written anew between signing and sending: what was signed has {style}"),
            Self::DecompressedSigned => "the body was signed before it was compressed; the gate sees the compressed bytes",
            Self::Decompressed => "Content-Encoding says the body is compressed and it is not: something on the way unpacked it, and the compressed bytes were signed",
            Self::FormRewritten(how) => return write!(f, "the form was written anew between signing and sending: what was signed has {how}"),
            Self::Milliseconds => "the timestamp that was signed is in milliseconds, or in seconds where milliseconds are wanted",
            Self::SecondsOfAnotherMoment(offset) => return write!(f, "the clock was read twice: the timestamp that was signed is {offset:+} s from the one that was sent"),
            Self::TimeOfField(name) => return write!(f, "the timestamp that was signed is that of the field {name}"),
            Self::Separator(separator) => return write!(f, "the parts were joined with {separator}"),
            Self::OrderReversed => "the parts were signed in reverse order, the body first",
            Self::TimestampNotSigned => "the timestamp was not signed",
            Self::TimestampSigned => "a timestamp was signed before the body; this scheme signs none",
            Self::IdNotSigned => "the id or nonce was not signed",
            Self::VersionNotSigned => "the fixed text of the scheme was not signed",
            Self::PrefixMissing => "the signature lacks the prefix that the scheme puts before it",
            Self::PrefixAdded => "a prefix that the scheme does not have stands before the signature",
            Self::WrittenAs(encoding) => return write!(f, "the signature is right and written in {encoding}"),
            Self::AnotherMember(key) => return write!(f, "the signature is right and stands as the member {key:?}"),
            Self::Url(url) => return write!(f, "the URL that was signed is {url}"),
            Self::Method(method) => return write!(f, "the method that was signed is {method}"),
            Self::AnotherSender(id) => return write!(f, "it was signed with a secret of the sender {id}"),
            Self::OutsideValidity => "it was signed with a secret that does not count now, by its not_before or not_after",
            Self::SecretDecoded(form) => return write!(f, "the secret was decoded from {form}; its characters are the key"),
            Self::SecretNotDecoded => "the characters of the secret were used as the key; it has to be decoded first",
            Self::SecretPrefixKept => "the secret was used with the prefix that stands before it, or without one that belongs to it",
            Self::SecretWith(extra) => return write!(f, "the sender's secret has {extra}"),
            Self::SecretIs(text) => return write!(f, "the sender has no secret: {text} was used as the key"),
            Self::Function(name) => return write!(f, "it was signed with {name}"),
            Self::KeyAndMessageSwapped => "key and message were given to the HMAC in the wrong order",
            Self::FieldRenamed { wanted, found } => return write!(f, "the field {wanted} is absent, and {found} is there: send it under the right name"),
            Self::Clock { ahead, then } => return write!(f, "the clocks are {} s apart, the gate's {}; at the time that was signed the verdict would be {then}", ahead.unsigned_abs(), if *ahead >= 0 { "ahead" } else { "behind" }),
            Self::InputUnreadable(name) => return write!(f, "{name} is no dictionary as RFC 9651 writes one"),
            Self::LabelsDiffer => "Signature-Input and Signature do not have the same labels",
            Self::ParametersAsSent => "the signature covers its parameters as they are spelled in Signature-Input, not as RFC 9421 section 2.3 has them written",
            Self::BaseWithLineEnd => "a line end was signed behind the signature base",
            Self::ParameterMissing(name) => return write!(f, "the parameter {name} is missing in Signature-Input"),
            Self::ParameterUnknown(name) => return write!(f, "the parameter {name} of Signature-Input is not known, or not of its type"),
            Self::AlgorithmParameter { sent, wanted } => return write!(f, "alg says {sent}, and the key is for {wanted}"),
            Self::SignatureLength { bytes, wanted } => return write!(f, "the signature has {bytes} bytes, and one of this algorithm has {wanted}"),
            Self::ComponentNotCovered(name) => return write!(f, "the policy wants {name} covered, and it is not in Signature-Input"),
            Self::ComponentAbsent(identifier) => return write!(f, "{identifier} is covered, and the request has no such component, or has it twice"),
            Self::KeyidDiffers { sent, wanted } => return write!(f, "keyid is {sent:?}, and the policy wants {wanted:?}"),
            Self::TagDiffers { wanted } => return write!(f, "the policy counts signatures with the tag {wanted:?} only"),
            Self::DigestAbsent => "there is a body, and Content-Digest is absent or not covered",
            Self::DigestDiffers => "Content-Digest is not that of the body received",
            Self::DigestOf(inner) => return write!(f, "Content-Digest was made of another body: {inner}"),
        })
    }
}

impl Serialize for Mistake {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Mistake", 2)?;
        object.serialize_field("code", self.code())?;
        object.serialize_field("text", &self.to_string())?;
        object.end()
    }
}

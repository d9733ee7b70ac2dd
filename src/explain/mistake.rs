//! The usual mistakes, each with a code and a sentence.

use serde::{Serialize, Serializer, ser::SerializeStruct};

use super::json_style::JsonStyle;
use crate::problems::problems;

problems! {
    /// One way in which a sender, or something on the way, goes wrong.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    #[allow(missing_docs, reason = "the sentence of each says what it means")]
    pub enum Mistake;

    NewlineAdded => "newline_signed", "a line end was signed behind the body that was not sent";
    NewlineRemoved => "newline_not_signed",
        "the body that was sent ends with a line end that was not signed";
    BlanksTrimmed => "trimmed_body_signed", "the body was signed without the white space around it";
    LfSigned => "lf_signed", "the body was signed with LF line ends and sent with CRLF";
    CrlfSigned => "crlf_signed", "the body was signed with CRLF line ends and sent with LF";
    ByteOrderMark => "byte_order_mark",
        "a byte order mark stands before the body that was signed or the one that was sent, not both";
    EmptyBodySigned => "empty_body_signed", "an empty body was signed and another one sent";
    JsonRewritten(style: JsonStyle) => "json_rewritten",
        "the JSON was written anew between signing and sending: what was signed has {style}";
    DecompressedSigned => "decompressed_body_signed",
        "the body was signed before it was compressed; the gate sees the compressed bytes";
    Decompressed => "body_decompressed",
        "Content-Encoding says the body is compressed and it is not: something on the way unpacked it, and the compressed bytes were signed";
    FormRewritten(how: &'static str) => "form_rewritten",
        "the form was written anew between signing and sending: what was signed has {how}";
    Milliseconds => "milliseconds",
        "the timestamp that was signed is in milliseconds, or in seconds where milliseconds are wanted";
    SecondsOfAnotherMoment(offset: i64) => "another_second_signed",
        "the clock was read twice: the timestamp that was signed is {offset:+} s from the one that was sent";
    TimeOfField(name: String) => "time_of_another_field",
        "the timestamp that was signed is that of the field {name}";
    Separator(separator: &'static str) => "separator", "the parts were joined with {separator}";
    OrderReversed => "order", "the parts were signed in reverse order, the body first";
    TimestampNotSigned => "timestamp_not_signed", "the timestamp was not signed";
    TimestampSigned => "timestamp_signed",
        "a timestamp was signed before the body; this scheme signs none";
    IdNotSigned => "id_not_signed", "the id or nonce was not signed";
    VersionNotSigned => "version_not_signed", "the fixed text of the scheme was not signed";
    PrefixMissing => "prefix_missing",
        "the signature lacks the prefix that the scheme puts before it";
    PrefixAdded => "prefix_added",
        "a prefix that the scheme does not have stands before the signature";
    WrittenAs(encoding: &'static str) => "encoding",
        "the signature is right and written in {encoding}";
    AnotherMember(key: String) => "another_member",
        "the signature is right and stands as the member {key:?}";
    Url(url: String) => "another_url", "the URL that was signed is {url}";
    AnotherTarget { received: String, url: String } => "another_target",
        "the signature is right, and the request came to {received} in place of the sender's url, {url}: set behind_rewrite on the sender if a rewrite before the gate does that, which leaves the target unbound";
    Method(method: String) => "method_case", "the method that was signed is {method}";
    AnotherSender(id: String) => "another_sender", "it was signed with a secret of the sender {id}";
    OutsideValidity => "secret_outside_validity",
        "it was signed with a secret that does not count now, by its not_before or not_after";
    SecretDecoded(form: &'static str) => "secret_decoded",
        "the secret was decoded from {form}; its characters are the key";
    SecretNotDecoded => "secret_not_decoded",
        "the characters of the secret were used as the key; it has to be decoded first";
    SecretPrefixKept => "secret_prefix_kept",
        "the secret was used with the prefix that stands before it, or without one that belongs to it";
    SecretWith(extra: &'static str) => "secret_with_extra_characters",
        "the sender's secret has {extra}";
    SecretIs(text: &'static str) => "secret_unset",
        "the sender has no secret: {text} was used as the key";
    Function(name: &'static str) => "another_algorithm", "it was signed with {name}";
    KeyAndMessageSwapped => "key_and_message_swapped",
        "key and message were given to the HMAC in the wrong order";
    FieldRenamed { wanted: String, found: String } => "field_renamed",
        "the field {wanted} is absent, and {found} is there: send it under the right name";
    Clock { ahead: i64, then: &'static str } => "clock",
        "the clocks are {} s apart, the gate's {}; at the time that was signed the verdict would be {then}", ahead.unsigned_abs(), if *ahead >= 0 { "ahead" } else { "behind" };
    InputUnreadable(name: String) => "signature_input_unreadable",
        "{name} is no dictionary as RFC 9651 writes one";
    LabelsDiffer => "labels_differ", "Signature-Input and Signature do not have the same labels";
    ParametersAsSent => "parameters_not_canonical",
        "the signature covers its parameters as they are spelled in Signature-Input, not as RFC 9421 section 2.3 has them written";
    BaseWithLineEnd => "base_with_line_end", "a line end was signed behind the signature base";
    ParameterMissing(name: &'static str) => "parameter_missing",
        "the parameter {name} is missing in Signature-Input";
    ParameterUnknown(name: String) => "parameter_unknown",
        "the parameter {name} of Signature-Input is not known, or not of its type";
    AlgorithmParameter { sent: String, wanted: &'static str } => "alg_differs",
        "alg says {sent}, and the key is for {wanted}";
    SignatureLength { bytes: usize, wanted: String } => "signature_length",
        "the signature has {bytes} bytes, and one of this algorithm has {wanted}";
    ComponentNotCovered(name: String) => "component_not_covered",
        "the policy wants {name} covered, and it is not in Signature-Input";
    ComponentAbsent(identifier: String) => "component_absent",
        "{identifier} is covered, and the request has no such component, or has it twice";
    KeyidDiffers { sent: String, wanted: String } => "keyid_differs",
        "keyid is {sent:?}, and the policy wants {wanted:?}";
    TagDiffers { wanted: String } => "tag_differs",
        "the policy counts signatures with the tag {wanted:?} only";
    DigestAbsent => "digest_absent", "there is a body, and Content-Digest is absent or not covered";
    DigestDiffers => "digest_differs", "Content-Digest is not that of the body received";
    DigestOf(inner: Box<Mistake>) => inner.code(),
        "Content-Digest was made of another body: {inner}";
}

impl Serialize for Mistake {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Mistake", 2)?;
        object.serialize_field("code", self.code())?;
        object.serialize_field("text", &self.to_string())?;
        object.end()
    }
}

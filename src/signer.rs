//! The sending side: the fields that make a body a signed request.

use crate::algorithm::{Algorithm, Cryptography, Key, SigningKey, Tag};
use crate::message::{Content, Field, HashedBody, Head};
use crate::message_signature::{
    self, CONTENT_DIGEST, DEFAULT_COMPONENTS, InnerList, content_digest,
};
use crate::problems::problems;
use crate::scheme::{Format, Presented, Scheme, Signed, Source, Unit};
use crate::secret::Secret;
use crate::time::{UnixSeconds, parse_seconds};

/// Signs bodies with one secret under one scheme.
///
/// It signs bytes: send exactly those. [`python_json::to_vec`](crate::python_json::to_vec)
/// writes a JSON value in the bytes a Python sender would sign.
#[derive(Debug)]
pub struct Signer {
    scheme: &'static Scheme,
    key: SigningKey,
    keyid: String,
}

/// A request to be signed.
#[derive(Clone, Copy, Debug)]
pub struct Unsigned<'a> {
    /// The method, in capitals.
    pub method: &'a str,
    /// The absolute URL, as the receiver knows it.
    pub url: &'a str,
    /// The raw body.
    pub body: &'a [u8],
    /// The time to sign at.
    pub now: UnixSeconds,
    /// The id or nonce, given exactly where the scheme signs one; never used twice.
    pub id: Option<&'a str>,
}

impl Signer {
    /// A signer for a scheme; nothing where the secret is not written as the scheme's are.
    ///
    /// Where the scheme verifies with a public key, the secret is the private one: PKCS #8 (RFC
    /// 5958), for ECDSA also RFC 5915, as PEM or its base64 alone. There is no signer for RSA, whose
    /// signing leaks time in the package that verifies it (RUSTSEC-2023-0071).
    pub fn new(scheme: &'static Scheme, secret: &Secret) -> Option<Self> {
        scheme.signing_key_of(secret).map(|key| Self { scheme, key, keyid: String::new() })
    }

    /// The key that signs.
    pub(crate) fn key(&self) -> &SigningKey {
        &self.key
    }

    /// The same with the key's name, which message signatures (RFC 9421) carry: visible ASCII
    /// characters.
    #[must_use]
    pub fn with_keyid(self, keyid: &str) -> Self {
        Self { keyid: keyid.to_owned(), ..self }
    }

    /// The fields to send, names in their usual spelling.
    pub fn sign(&self, request: &Unsigned<'_>) -> Result<Vec<(&'static str, String)>, SignError> {
        self.sign_asking(request, None)
    }

    /// The same, where somebody else computes with the private key.
    pub fn sign_asking(
        &self,
        request: &Unsigned<'_>,
        cryptography: Option<&dyn Cryptography>,
    ) -> Result<Vec<(&'static str, String)>, SignError> {
        let scheme = self.scheme;
        if scheme.reads_body() {
            return Err(SignError::SignatureInBody);
        }
        if scheme.algorithm == Algorithm::Token {
            return Err(SignError::NothingIsSigned);
        }
        let parts = match scheme.signed {
            Signed::Parts(parts) => parts,
            Signed::Components => return self.sign_components(request, cryptography),
            Signed::Canonical(_) => return Err(SignError::OwnRules),
        };
        let timestamp = self.timestamp(request.now)?;
        let id = match (scheme.id, request.id) {
            (None, None) => "",
            (Some(rule), Some(id)) if rule.form.fits(id.as_bytes()) => id,
            (Some(rule), Some(_)) => return Err(SignError::InvalidId(rule.form.description())),
            (Some(_), None) => return Err(SignError::IdRequired),
            (None, Some(_)) => return Err(SignError::IdNotSigned),
        };
        let presented = Presented::to_sign(timestamp.as_bytes(), id.as_bytes());
        let url = scheme.url_form.write(request.url.into());
        let Unsigned { method, body, .. } = *request;
        let signed = presented.signed_parts(parts, method, &url, self.key.secret(), body);
        let tag = self.key.sign(signed, cryptography).ok_or(SignError::NotSigned)?;
        Ok(self.fields(&tag, timestamp, id))
    }

    /// The time as the scheme writes it; empty where it has none.
    fn timestamp(&self, now: UnixSeconds) -> Result<String, SignError> {
        let seconds = now.get().to_string();
        if parse_seconds(seconds.as_bytes()) != Ok(now) {
            return Err(SignError::TimeOutOfRange);
        }
        Ok(match self.scheme.timestamp.map(|rule| rule.unit) {
            None => String::new(),
            Some(Unit::Seconds) => seconds,
            Some(Unit::Milliseconds) => seconds + "000",
            Some(Unit::Rfc3339) => now.to_rfc3339(),
        })
    }

    /// Whether it signs a body that is hashed elsewhere, without an id.
    pub(crate) fn takes_hashes(&self) -> bool {
        self.scheme.around_body().is_some()
            && !self.scheme.signs_url()
            && !self.scheme.signs_method()
            && self.scheme.id.is_none()
            && self.key.shared().is_some_and(Key::takes_body_elsewhere)
    }

    /// The fields for a body that is hashed elsewhere, where it [takes](Self::takes_hashes) one.
    pub(crate) fn sign_hashed(
        &self,
        body: &dyn HashedBody,
        now: UnixSeconds,
    ) -> Result<Vec<(&'static str, String)>, SignError> {
        let timestamp = self.timestamp(now)?;
        let presented = Presented::to_sign(timestamp.as_bytes(), &[]);
        let tag = self.key.shared().and_then(|key| {
            key.tag_of_digest(&presented.body_hash(self.scheme, key, [""; 2])?.digest_of(body)?)
        });
        Ok(self.fields(&tag.ok_or(SignError::NotSigned)?, timestamp, ""))
    }

    /// The fields that carry a signature, its time and its id.
    fn fields(&self, tag: &Tag, timestamp: String, id: &str) -> Vec<(&'static str, String)> {
        let scheme = self.scheme;
        let signature = scheme.signature.encoding.encode(&scheme.algorithm.written(tag));
        let mut fields = Vec::new();
        if let Some(Source::Field(name)) = scheme.signature.sources.first() {
            fields.push((*name, self.signature_value(&signature, &timestamp)));
        }
        if let Some(rule) = scheme.timestamp
            && let Source::Field(name) = rule.source
        {
            fields.push((name, timestamp));
        }
        if let Some(rule) = scheme.id
            && let Source::Field(name) = rule.source
        {
            fields.push((name, id.to_owned()));
        }
        fields.extend(scheme.required.iter().map(|(name, value)| (*name, (*value).to_owned())));
        fields
    }

    /// A signature over method, authority, path and query, and over the digest of a body where there
    /// is one (RFC 9421 section 3.1, RFC 9530 section 2). `id` is its nonce, and may be left out.
    fn sign_components(
        &self,
        request: &Unsigned<'_>,
        cryptography: Option<&dyn Cryptography>,
    ) -> Result<Vec<(&'static str, String)>, SignError> {
        let Unsigned { method, url, body, now, id } = *request;
        let mut components = DEFAULT_COMPONENTS.to_vec();
        let mut fields = Vec::new();
        if body.is_empty() {
            components.retain(|name| *name != CONTENT_DIGEST);
        } else {
            let digest = content_digest::of(Content::Read(body)).ok_or(SignError::NotSigned)?;
            fields.push(("Content-Digest", digest));
        }
        let head = fields.iter().map(|(name, value)| Field::new(name, value.as_bytes())).collect();
        let head = Head::new(method, url, head).ok_or(SignError::InvalidUrl)?;
        let keyid = Some(("keyid", self.keyid.as_str())).filter(|(_, keyid)| !keyid.is_empty());
        let parameters: Vec<_> = keyid.into_iter().chain(id.map(|id| ("nonce", id))).collect();
        let signature =
            self.sign_head("sig1", &components, &parameters, &head, now, cryptography)?;
        fields.extend(signature);
        Ok(fields)
    }

    /// The two fields of a signature over these components of a head, with parameters that are texts
    /// beside the time.
    pub(crate) fn sign_head(
        &self,
        label: &str,
        components: &[&str],
        parameters: &[(&str, &str)],
        head: &Head<'_>,
        now: UnixSeconds,
        cryptography: Option<&dyn Cryptography>,
    ) -> Result<[(&'static str, String); 2], SignError> {
        let created = i64::try_from(now.get()).map_err(|_| SignError::TimeOutOfRange)?;
        let covered = InnerList::covering(components, created, parameters);
        let covered = covered.ok_or(SignError::InvalidId("visible ASCII characters"))?;
        message_signature::sign(&self.key, label, &covered, head, cryptography)
            .ok_or(SignError::NotSigned)
    }

    /// What the signature field holds.
    fn signature_value(&self, signature: &str, timestamp: &str) -> String {
        match self.scheme.signature.format {
            Format::Raw { prefix } => [prefix, signature].concat(),
            Format::Stamped => format!("{timestamp}-{signature}"),
            Format::Members { separator, joiner, key } => {
                let (separator, joiner) = (char::from(separator), char::from(joiner));
                let time = match self.scheme.timestamp.map(|rule| rule.source) {
                    Some(Source::Parameter(name)) => {
                        format!("{name}{joiner}{timestamp}{separator}")
                    }
                    _ => String::new(),
                };
                format!("{time}{key}{joiner}{signature}")
            }
        }
    }
}

problems! {
    /// Why nothing was signed.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum SignError;

    /// The time has no ten-digit form: before September 2001 or after November 2286.
    TimeOutOfRange => "time-out-of-range", "the time is not ten digits of unix seconds";
    /// The scheme signs an id or nonce and none was given.
    IdRequired => "id-required", "the scheme signs an id or nonce: give one";
    /// The id has a length or a character that the scheme does not allow; what it allows.
    InvalidId(form: &'static str) => "invalid-id", "the id or nonce must be {form}";
    /// An id was given and the scheme does not sign it, so it would protect nothing.
    IdNotSigned => "id-not-signed", "the scheme signs no id or nonce";
    /// The provider puts the signature, or its time, into the body itself.
    SignatureInBody => "signature-in-body", "the scheme puts its signature or its time into the body";
    /// The provider sends the secret itself.
    NothingIsSigned => "nothing-is-signed", "the scheme sends the secret itself and signs nothing";
    /// The signed bytes follow the provider's own rules.
    OwnRules => "own-rules",
        "what the scheme signs follows the provider's own rules: use its library";
    /// The URL is not absolute.
    InvalidUrl => "invalid-url", "the URL is not an absolute http or https URL with a path";
    /// The request lacks something that is signed: its target holds other than ASCII characters, or
    /// somebody who was asked for a digest or a signature gave none.
    NotSigned => "not-signed", "the URL has characters that cannot be signed";
}

impl core::error::Error for SignError {}

//! The seal: what is forwarded is signed again, with a key that only the gate and the origin
//! have, so that the origin can refuse whoever goes around the gate.

use super::ForwardPlan;
use crate::algorithm::{Cryptography, SigningKey};
use crate::message::{Content, Field, Head};
use crate::message_signature::{CONTENT_DIGEST, content_digest};
use crate::scheme::Scheme;
use crate::secret::Secret;
use crate::signer::{SignError, Signer, Unsigned};
use crate::time::UnixSeconds;

/// What a message signature of the seal covers, beside the fields that the gate sets: always the
/// same, so that an origin can hold it to that.
const COMPONENTS: [&str; 5] = ["@method", "@authority", "@path", "@query", CONTENT_DIGEST];
/// Its label, and the `tag` by which it is told from a signature of a client (RFC 9421 section 2.3).
const LABEL: &str = "countersign";
const TAG: &str = "countersign-seal";

/// Seals requests with one key under one scheme.
#[derive(Debug)]
pub(crate) struct Seal {
    scheme: &'static Scheme,
    signer: Signer,
    keyid: String,
    fields: Vec<&'static str>,
}

impl Seal {
    /// A seal; nothing where the secret is not written as the scheme's are for signing.
    pub(crate) fn new(scheme: &'static Scheme, secret: &Secret, keyid: String) -> Option<Self> {
        let fields = scheme.fields().collect();
        Some(Self { scheme, signer: Signer::new(scheme, secret)?, keyid, fields })
    }

    /// The names of the fields that the origin reads as parts of the seal. Nobody else may set one.
    pub(crate) fn field_names(&self) -> &[&'static str] {
        &self.fields
    }

    /// The key that seals.
    pub(crate) fn key(&self) -> &SigningKey {
        self.signer.key()
    }

    /// Whether it seals a body that is hashed elsewhere.
    pub(crate) fn takes_hashes(&self) -> bool {
        self.scheme.signs_components() || self.signer.takes_hashes()
    }

    /// The fields of the seal over a request that is forwarded by this plan with this body.
    pub(crate) fn fields(
        &self,
        method: &str,
        plan: &ForwardPlan<'_>,
        body: Content<'_>,
        now: UnixSeconds,
        cryptography: Option<&dyn Cryptography>,
    ) -> Result<Vec<(&'static str, String)>, SignError> {
        let url = plan.url();
        if !self.scheme.signs_components() {
            return match body {
                Content::Read(body) => {
                    self.signer.sign(&Unsigned { method, url, body, now, id: None })
                }
                Content::Hashed(body) => self.signer.sign_hashed(body, now),
            };
        }
        let digest = content_digest::of(body).ok_or(SignError::NotSigned)?;
        let set = plan.set().iter().map(|(name, value)| Field::new(name, value.as_bytes()));
        let set: Vec<Field<'_>> =
            set.chain([Field::new(CONTENT_DIGEST, digest.as_bytes())]).collect();
        let names = plan.set().iter().map(|(name, _)| *name);
        let components: Vec<&str> = COMPONENTS.into_iter().chain(names).collect();
        let head = Head::new(method, url, set).ok_or(SignError::InvalidUrl)?;
        let parameters = [("keyid", self.keyid.as_str()), ("tag", TAG)];
        let signature =
            self.signer.sign_head(LABEL, &components, &parameters, &head, now, cryptography)?;
        Ok([("Content-Digest", digest)].into_iter().chain(signature).collect())
    }
}

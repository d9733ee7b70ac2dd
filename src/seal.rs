//! The seal: what is forwarded is signed again, with a secret that only the gate and the origin
//! have, so that the origin can refuse whoever goes around the gate.

use crate::message::Head;
use crate::scheme::Scheme;
use crate::secret::Secret;
use crate::signer::{SignError, Signer, Unsigned};
use crate::time::UnixSeconds;

/// Seals requests with one secret under one scheme.
#[derive(Debug)]
pub(crate) struct Seal {
    scheme: &'static Scheme,
    signer: Signer,
}

impl Seal {
    /// A seal; nothing where the secret is not written as the scheme's are.
    pub(crate) fn new(scheme: &'static Scheme, secret: &Secret) -> Option<Self> {
        Some(Self { scheme, signer: Signer::new(scheme, secret)? })
    }

    /// Whether the origin would read a field with this name as part of the seal. Nobody else may
    /// set one.
    pub(crate) fn has_field(&self, name: &str) -> bool {
        self.scheme.fields().any(|field| field.eq_ignore_ascii_case(name))
    }

    /// The fields of the seal over a request that is forwarded with this body.
    pub(crate) fn fields(
        &self,
        head: &Head<'_>,
        body: &[u8],
        now: UnixSeconds,
    ) -> Result<Vec<(&'static str, String)>, SignError> {
        let (method, url) = (head.method(), head.url());
        self.signer.sign(&Unsigned { method, url, body, now, id: None })
    }
}

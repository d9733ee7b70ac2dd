//! The sending side: the fields that make a body a signed request.

use core::fmt;

use crate::keyring::Secret;
use crate::mac::Key;
use crate::scheme::{Scheme, is_nonce};
use crate::time::{UnixSeconds, parse_timestamp};

/// Signs bodies with one secret under one scheme.
///
/// It signs bytes: send exactly those. [`python_json::to_vec`](crate::python_json::to_vec)
/// writes a JSON value in the bytes a Python sender would sign.
#[derive(Debug)]
pub struct Signer {
    scheme: &'static Scheme,
    key: Key,
}

impl Signer {
    /// A signer for a scheme. The secret's bytes are the key, as they are.
    pub fn new(scheme: &'static Scheme, secret: &Secret) -> Self {
        let key = secret.key();
        Self { scheme, key }
    }

    /// The fields to send with `body`, names in their usual spelling.
    ///
    /// `nonce` is given exactly where the scheme signs one, 16 to 64 characters of
    /// `A-Za-z0-9_-`, and is never used twice.
    pub fn sign(
        &self,
        body: &[u8],
        now: UnixSeconds,
        nonce: Option<&str>,
    ) -> Result<Vec<(&'static str, String)>, SignError> {
        let timestamp = now.get().to_string();
        if parse_timestamp(timestamp.as_bytes()) != Ok(now) {
            return Err(SignError::TimeOutOfRange);
        }
        let nonce_field = match (self.scheme.nonce_field(), nonce) {
            (None, None) => None,
            (Some(name), Some(nonce)) if is_nonce(nonce.as_bytes()) => {
                Some((name, nonce.to_owned()))
            }
            (Some(_), Some(_)) => return Err(SignError::InvalidNonce),
            (Some(_), None) => return Err(SignError::NonceRequired),
            (None, Some(_)) => return Err(SignError::NonceNotSigned),
        };
        let nonce = nonce.unwrap_or_default().as_bytes();
        let tag = self.key.tag(self.scheme.signed_parts(timestamp.as_bytes(), nonce, body));
        let mut fields = vec![
            (self.scheme.signature_field(), tag.to_lower_hex()),
            (self.scheme.timestamp_field(), timestamp),
        ];
        fields.extend(nonce_field);
        Ok(fields)
    }
}

/// Why nothing was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignError {
    /// The time has no ten-digit form: before September 2001 or after November 2286.
    TimeOutOfRange,
    /// The scheme signs a nonce and none was given.
    NonceRequired,
    /// The nonce is not 16 to 64 characters of `A-Za-z0-9_-`.
    InvalidNonce,
    /// A nonce was given and the scheme does not sign it, so it would protect nothing.
    NonceNotSigned,
}

impl fmt::Display for SignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TimeOutOfRange => "the time is not ten digits of unix seconds",
            Self::NonceRequired => "the scheme signs a nonce: give one",
            Self::InvalidNonce => "the nonce must be 16 to 64 characters of A-Za-z0-9_-",
            Self::NonceNotSigned => "the scheme signs no nonce: use x-hmac-nonce",
        })
    }
}

impl core::error::Error for SignError {}

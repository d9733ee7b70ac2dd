//! HMAC (RFC 2104) over SHA-1 and SHA-2 (FIPS 180-4), the plain hash, and the token.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

use super::{Algorithm, Tag};

/// What stands for a token, so that tokens of any length are compared in constant time.
pub(super) fn token_tag(token: &[u8]) -> Tag {
    Tag::new(&Sha256::digest(token))
}

/// A key whose two padded blocks have been hashed, so that a request pays for its message only.
#[derive(Clone)]
pub(crate) enum Key {
    HmacSha1(Hmac<Sha1>),
    HmacSha256(Hmac<Sha256>),
    HmacSha384(Hmac<Sha384>),
    HmacSha512(Hmac<Sha512>),
    /// The secret, which the template puts among the hashed bytes.
    Sha256(Zeroizing<Vec<u8>>),
    /// What stands for the secret.
    Token(Tag),
}

impl Key {
    /// Prepares a key, of any length; nothing for an algorithm that is no MAC.
    pub(super) fn new(algorithm: Algorithm, secret: &[u8]) -> Option<Self> {
        Some(match algorithm {
            Algorithm::HmacSha1 => {
                Self::HmacSha1(Hmac::new((&*key_block::<Sha1, 64>(secret)).into()))
            }
            Algorithm::HmacSha256 => {
                Self::HmacSha256(Hmac::new((&*key_block::<Sha256, 64>(secret)).into()))
            }
            Algorithm::HmacSha384 => {
                Self::HmacSha384(Hmac::new((&*key_block::<Sha384, 128>(secret)).into()))
            }
            Algorithm::HmacSha512 => {
                Self::HmacSha512(Hmac::new((&*key_block::<Sha512, 128>(secret)).into()))
            }
            Algorithm::Sha256 => Self::Sha256(Zeroizing::new(secret.to_vec())),
            Algorithm::Token => Self::Token(token_tag(secret)),
            Algorithm::Ed25519
            | Algorithm::EcdsaP256
            | Algorithm::EcdsaP384
            | Algorithm::RsaPss
            | Algorithm::RsaPkcs1 => return None,
        })
    }

    /// The secret, where the signed bytes hold it.
    pub(super) fn secret(&self) -> &[u8] {
        match self {
            Self::Sha256(secret) => secret,
            _ => &[],
        }
    }

    /// The tag of the message that these parts make, one behind the other.
    pub(super) fn tag<'a>(&self, parts: impl IntoIterator<Item = &'a [u8]>) -> Tag {
        match self {
            Self::HmacSha1(state) => hmac_tag(state, parts),
            Self::HmacSha256(state) => hmac_tag(state, parts),
            Self::HmacSha384(state) => hmac_tag(state, parts),
            Self::HmacSha512(state) => hmac_tag(state, parts),
            Self::Sha256(_) => {
                let mut state = Sha256::new();
                parts.into_iter().for_each(|part| state.update(part));
                Tag::new(&state.finalize())
            }
            Self::Token(tag) => tag.clone(),
        }
    }
}

fn hmac_tag<'a, M: Mac + Clone>(state: &M, parts: impl IntoIterator<Item = &'a [u8]>) -> Tag {
    let mut state = state.clone();
    parts.into_iter().for_each(|part| state.update(part));
    Tag::new(&state.finalize().into_bytes())
}

/// A secret as a block of its hash (RFC 2104 section 2): hashed first where it is longer, filled
/// up with zeros where it is shorter.
fn key_block<D: Digest, const BLOCK_BYTES: usize>(secret: &[u8]) -> Zeroizing<[u8; BLOCK_BYTES]> {
    let hashed;
    let short = if secret.len() > BLOCK_BYTES {
        hashed = Zeroizing::new(D::digest(secret).to_vec());
        hashed.as_slice()
    } else {
        secret
    };
    let mut block = Zeroizing::new([0; BLOCK_BYTES]);
    for (to, from) in block.iter_mut().zip(short) {
        *to = *from;
    }
    block
}

#[cfg(test)]
mod tests;

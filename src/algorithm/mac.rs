//! HMAC (RFC 2104) over SHA-1 and SHA-2 (FIPS 180-4), the plain hash, and the token.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

use super::{Algorithm, HashAlgorithm, Tag};

/// What stands for a token, so that tokens of any length are compared in constant time.
pub(super) fn token_tag(token: &[u8]) -> Tag {
    Tag::new(&Sha256::digest(token))
}

/// Parts of a message. Who has them as another type calls the same code: there are six hashes.
pub(super) type Parts<'p, 'a> = &'p mut dyn Iterator<Item = &'a [u8]>;

/// The bytes that a block of the key is combined with (RFC 2104 section 2).
const INNER_PAD: u8 = 0x36;
const OUTER_PAD: u8 = 0x5c;

/// A key whose two padded blocks have been hashed, so that a request pays for its message only; and
/// its block, for a message that is hashed elsewhere.
#[derive(Clone)]
pub(crate) struct HmacKey<M> {
    state: M,
    block: Zeroizing<Vec<u8>>,
}

impl<M> HmacKey<M> {
    fn new(state: M, block: &[u8]) -> Self {
        Self { state, block: Zeroizing::new(block.to_vec()) }
    }
}

/// A prepared key.
#[derive(Clone)]
pub(crate) enum Key {
    HmacSha1(HmacKey<Hmac<Sha1>>),
    HmacSha256(HmacKey<Hmac<Sha256>>),
    HmacSha384(HmacKey<Hmac<Sha384>>),
    HmacSha512(HmacKey<Hmac<Sha512>>),
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
                let block = key_block::<Sha1, 64>(secret);
                Self::HmacSha1(HmacKey::new(Hmac::new((&*block).into()), &*block))
            }
            Algorithm::HmacSha256 => {
                let block = key_block::<Sha256, 64>(secret);
                Self::HmacSha256(HmacKey::new(Hmac::new((&*block).into()), &*block))
            }
            Algorithm::HmacSha384 => {
                let block = key_block::<Sha384, 128>(secret);
                Self::HmacSha384(HmacKey::new(Hmac::new((&*block).into()), &*block))
            }
            Algorithm::HmacSha512 => {
                let block = key_block::<Sha512, 128>(secret);
                Self::HmacSha512(HmacKey::new(Hmac::new((&*block).into()), &*block))
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
    pub(super) fn tag(&self, parts: Parts<'_, '_>) -> Tag {
        match self {
            Self::HmacSha1(key) => hmac_tag(&key.state, parts),
            Self::HmacSha256(key) => hmac_tag(&key.state, parts),
            Self::HmacSha384(key) => hmac_tag(&key.state, parts),
            Self::HmacSha512(key) => hmac_tag(&key.state, parts),
            Self::Sha256(_) => {
                let mut state = Sha256::new();
                parts.for_each(|part| state.update(part));
                Tag::new(&state.finalize())
            }
            Self::Token(tag) => tag.clone(),
        }
    }

    /// Whether a digest by somebody else can stand for the message: not for a token's.
    pub(super) fn takes_digests(&self) -> bool {
        self.hash_and_block().is_some()
    }

    /// The hash that reads the message, and the bytes it reads before it; nothing for a token.
    ///
    /// The bytes are as good as the key.
    pub(super) fn message_hash(&self) -> Option<(HashAlgorithm, Zeroizing<Vec<u8>>)> {
        let (hash, block) = self.hash_and_block()?;
        Some((hash, padded(block, INNER_PAD, &[])))
    }

    /// The tag of a message of which somebody else gives this digest, by
    /// [`message_hash`](Self::message_hash); nothing where it cannot be one.
    pub(super) fn tag_of_digest(&self, digest: &[u8]) -> Option<Tag> {
        let (hash, block) = self.hash_and_block()?;
        if digest.len() != hash.digest_bytes() {
            return None;
        }
        if let Self::Sha256(_) = self {
            return Some(Tag::new(digest));
        }
        Some(Tag::new(&hash.digest(&padded(block, OUTER_PAD, digest))))
    }

    /// The block of an HMAC's key. Returns `None` for a hash and a token.
    pub(super) fn block(&self) -> Option<&[u8]> {
        self.hash_and_block().map(|(_, block)| block).filter(|block| !block.is_empty())
    }

    /// Its hash, and for an HMAC the block of the key.
    fn hash_and_block(&self) -> Option<(HashAlgorithm, &[u8])> {
        Some(match self {
            Self::HmacSha1(key) => (HashAlgorithm::Sha1, &*key.block),
            Self::HmacSha256(key) => (HashAlgorithm::Sha256, &*key.block),
            Self::HmacSha384(key) => (HashAlgorithm::Sha384, &*key.block),
            Self::HmacSha512(key) => (HashAlgorithm::Sha512, &*key.block),
            Self::Sha256(_) => (HashAlgorithm::Sha256, &[]),
            Self::Token(_) => return None,
        })
    }
}

/// A block combined with a pad, and what follows it.
fn padded(block: &[u8], pad: u8, more: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new([block, more].concat());
    bytes.iter_mut().take(block.len()).for_each(|byte| *byte ^= pad);
    bytes
}

fn hmac_tag<M: Mac + Clone>(state: &M, parts: Parts<'_, '_>) -> Tag {
    let mut state = state.clone();
    parts.for_each(|part| state.update(part));
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

//! RSA signatures (RFC 8017), verified.

use rsa::pkcs8::DecodePublicKey;
use rsa::{Pkcs1v15Sign, Pss, RsaPublicKey};
use sha2::{Digest, Sha256, Sha512};

use super::{Algorithm, Message, Tag};

/// Bytes of the salt (RFC 9421 section 3.3.1).
const SALT_BYTES: usize = 64;

#[derive(Clone)]
pub(crate) struct PublicKey {
    key: RsaPublicKey,
    is_pss: bool,
}

impl PublicKey {
    /// A key from a `SubjectPublicKeyInfo` in DER, with `rsaEncryption`.
    pub(super) fn new(algorithm: Algorithm, spki: &[u8]) -> Option<Self> {
        let key = RsaPublicKey::from_public_key_der(spki).ok()?;
        Some(Self { key, is_pss: algorithm == Algorithm::RsaPss })
    }

    /// Whether it made this signature, which is as long as its modulus and is a smaller number.
    pub(super) fn verifies(&self, message: &Message, tag: &Tag) -> bool {
        let signature = tag.as_bytes();
        let verified = if self.is_pss {
            let hash = message.hash(|bytes| Sha512::digest(bytes).to_vec());
            let pss = || Pss::<Sha512>::new_with_salt(SALT_BYTES);
            hash.map(|hash| self.key.verify(pss(), hash, signature))
        } else {
            let hash = message.hash(|bytes| Sha256::digest(bytes).to_vec());
            hash.map(|hash| self.key.verify(Pkcs1v15Sign::new::<Sha256>(), hash, signature))
        };
        verified.is_some_and(|verified| verified.is_ok())
    }
}

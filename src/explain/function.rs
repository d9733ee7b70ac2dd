//! What else may have made the signature of key and message.

use sha2::{Digest, Sha256};

use super::mistake::Mistake;
use crate::algorithm::{Algorithm, Key};

/// A function of key and message.
#[derive(Clone, Copy)]
pub(super) enum Function {
    /// The scheme's own algorithm, or another one.
    Algorithm(Algorithm, bool),
    HashOfMessage,
    HashOfKeyAndMessage,
    HashOfMessageAndKey,
    Swapped(Algorithm),
}

impl Function {
    /// The scheme's own, then those that it is taken for.
    pub(super) fn all(own: Algorithm) -> Vec<Self> {
        let mut all = vec![Self::Algorithm(own, true)];
        if own.has_key_pair() {
            return all;
        }
        let macs = [
            Algorithm::HmacSha256,
            Algorithm::HmacSha1,
            Algorithm::HmacSha512,
            Algorithm::HmacSha384,
        ];
        let others = macs.into_iter().filter(|algorithm| *algorithm != own);
        all.extend(others.map(|algorithm| Self::Algorithm(algorithm, false)));
        all.extend([Self::HashOfMessage, Self::HashOfKeyAndMessage, Self::HashOfMessageAndKey]);
        all.push(Self::Swapped(own));
        all
    }

    /// The key, where one is prepared.
    pub(super) fn prepare(&self, key: &[u8]) -> Option<Key> {
        match self {
            Self::Algorithm(algorithm, _) => Key::new(*algorithm, key),
            _ => None,
        }
    }

    /// The signature; nothing for a public key, which makes none.
    pub(super) fn compute(
        &self,
        prepared: Option<&Key>,
        key: &[u8],
        message: &[u8],
    ) -> Option<Vec<u8>> {
        let hash = |parts: [&[u8]; 2]| {
            let mut state = Sha256::new();
            parts.into_iter().for_each(|part| state.update(part));
            Some(state.finalize().to_vec())
        };
        match self {
            Self::Algorithm(Algorithm::Token, _) => Some(key.to_vec()),
            Self::Algorithm(..) => prepared?.tag([message]).map(|tag| tag.as_bytes().to_vec()),
            Self::HashOfMessage => hash([message, &[]]),
            Self::HashOfKeyAndMessage => hash([key, message]),
            Self::HashOfMessageAndKey => hash([message, key]),
            Self::Swapped(algorithm) => {
                Key::new(*algorithm, message)?.tag([key]).map(|tag| tag.as_bytes().to_vec())
            }
        }
    }

    /// What is wrong with it.
    pub(super) fn mistake(&self) -> Option<Mistake> {
        match self {
            Self::Algorithm(_, true) => None,
            Self::Algorithm(algorithm, false) => Some(Mistake::Function(algorithm.name())),
            Self::HashOfMessage => {
                Some(Mistake::Function("SHA-256 of the signed bytes, without the secret"))
            }
            Self::HashOfKeyAndMessage => Some(Mistake::Function(
                "SHA-256 of the secret and the signed bytes, which is no HMAC",
            )),
            Self::HashOfMessageAndKey => Some(Mistake::Function(
                "SHA-256 of the signed bytes and the secret, which is no HMAC",
            )),
            Self::Swapped(_) => Some(Mistake::KeyAndMessageSwapped),
        }
    }
}

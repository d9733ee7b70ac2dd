//! A body that stays in JavaScript.

use wasm_bindgen::prelude::wasm_bindgen;

use crate::{Body, BodyHash, Content, HashedBody};

#[wasm_bindgen]
extern "C" {
    /// The class of that name in `js/body.js`.
    #[derive(Debug)]
    pub type HeldBody;

    /// All of it.
    #[wasm_bindgen(method)]
    pub(super) fn bytes(this: &HeldBody) -> Vec<u8>;

    /// Fills in the digest over the bytes before it, the body, and those behind it. Throws where
    /// that is not as long, and this instance is not used any more.
    #[wasm_bindgen(method)]
    fn hash(this: &HeldBody, algorithm: &str, before: &[u8], after: &[u8], digest: &mut [u8]);
}

/// The same with its length in bytes, where its hashes will do.
#[derive(Debug)]
pub(super) struct HashedByRuntime {
    length: u32,
    body: HeldBody,
}

impl HashedByRuntime {
    pub(super) fn new(length: u32, body: HeldBody) -> Self {
        Self { length, body }
    }
}

impl Body for HashedByRuntime {
    fn content(&self) -> Content<'_> {
        Content::Hashed(self)
    }
}

impl HashedBody for HashedByRuntime {
    fn length(&self) -> usize {
        self.length as usize
    }

    fn bytes(&self) -> Vec<u8> {
        self.body.bytes()
    }

    fn hash(&self, hash: &BodyHash) -> Vec<u8> {
        let algorithm = hash.algorithm();
        let mut digest = vec![0; algorithm.digest_bytes()];
        self.body.hash(algorithm.name(), hash.before(), hash.after(), &mut digest);
        digest
    }
}

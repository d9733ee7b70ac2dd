//! A body that stays in JavaScript.

use wasm_bindgen::prelude::wasm_bindgen;

use crate::{Body, BodyHash, Content, HashedBody};

#[wasm_bindgen]
extern "C" {
    /// The class of that name in `entry.js`.
    #[derive(Debug)]
    pub type JsBody;

    /// All of it.
    #[wasm_bindgen(method)]
    pub(super) fn bytes(this: &JsBody) -> Vec<u8>;

    /// Fills in the digest over the bytes before it, the body, and those behind it.
    #[wasm_bindgen(method)]
    fn hash(this: &JsBody, algorithm: &str, before: &[u8], after: &[u8], digest: &mut [u8]);
}

/// A body with its length in bytes.
#[derive(Debug)]
pub(super) struct HeldBody {
    length: u32,
    body: JsBody,
}

impl HeldBody {
    pub(super) fn new(length: u32, body: JsBody) -> Self {
        Self { length, body }
    }
}

impl Body for HeldBody {
    fn content(&self) -> Content<'_> {
        Content::Hashed(self)
    }
}

impl HashedBody for HeldBody {
    fn length(&self) -> usize {
        self.length as usize
    }

    fn hash(&self, hash: &BodyHash) -> Vec<u8> {
        let algorithm = hash.algorithm();
        let mut digest = vec![0; algorithm.digest_bytes()];
        self.body.hash(algorithm.name(), hash.before(), hash.after(), &mut digest);
        digest
    }
}

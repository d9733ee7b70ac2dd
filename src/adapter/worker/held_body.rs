//! A body that stays in JavaScript.

use wasm_bindgen::prelude::wasm_bindgen;

use crate::adapter::asking;
use crate::{Body, BodyHash, Content, HashedBody};

#[wasm_bindgen]
extern "C" {
    /// The class of that name in `js/body.js`.
    #[derive(Debug)]
    pub type HeldBody;

    /// All of it.
    #[wasm_bindgen(method)]
    pub(super) fn bytes(this: &HeldBody) -> Vec<u8>;
}

/// The body of a request.
#[derive(Debug)]
pub(super) enum ReceivedBody<'b> {
    /// Its bytes.
    Here(&'b [u8]),
    /// Its bytes, as they were fetched after all.
    Fetched(Vec<u8>),
    /// It stays in JavaScript, and the runtime is asked for its hashes.
    Held(HeldInRuntime<'b>),
}

/// A body that JavaScript holds, with its length in bytes.
#[derive(Debug)]
pub(super) struct HeldInRuntime<'b> {
    length: u32,
    body: &'b HeldBody,
}

impl<'b> ReceivedBody<'b> {
    /// A body of this many bytes that JavaScript holds.
    pub(super) fn held(length: u32, body: &'b HeldBody) -> Self {
        Self::Held(HeldInRuntime { length, body })
    }

    /// The same with its bytes here.
    pub(super) fn into_here(self) -> Self {
        match self {
            Self::Held(held) => Self::Fetched(held.bytes()),
            here => here,
        }
    }
}

impl Body for ReceivedBody<'_> {
    fn content(&self) -> Content<'_> {
        match self {
            Self::Here(bytes) => Content::Read(bytes),
            Self::Fetched(bytes) => Content::Read(bytes),
            Self::Held(held) => Content::Hashed(held),
        }
    }
}

impl HashedBody for HeldInRuntime<'_> {
    fn length(&self) -> usize {
        self.length as usize
    }

    fn bytes(&self) -> Vec<u8> {
        self.body.bytes()
    }

    fn hash(&self, hash: &BodyHash) -> Vec<u8> {
        asking::digest(hash)
    }
}

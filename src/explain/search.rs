//! Looks for the mistakes that explain a signature: one first, then two together.

use serde::Serialize;

use super::function::Function;
use super::key::KeyBytes;
use super::mistake::Mistake;
use super::signature::Reading;
use crate::algorithm::{Algorithm, Key, Message};

/// Bytes that are hashed at the most before two mistakes are tried together no further.
const MANY_BYTES: usize = 64 << 20;
/// Signatures by private keys that are verified at the most: each costs as much as a long hash.
const MANY_VERIFICATIONS: usize = 1024;

/// What one thing was, and what it may have been.
pub(super) struct Axis<T> {
    alternatives: Vec<(Option<Mistake>, T)>,
}

impl<T> Axis<T> {
    /// An axis with what was received.
    pub(super) fn new(received: T) -> Self {
        Self { alternatives: vec![(None, received)] }
    }

    pub(super) fn push(&mut self, mistake: Mistake, value: T) {
        self.alternatives.push((Some(mistake), value));
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &T> {
        self.alternatives.iter().map(|(_, value)| value)
    }

    pub(super) fn len(&self) -> usize {
        self.alternatives.len()
    }

    pub(super) fn get(&self, at: usize) -> Option<&(Option<Mistake>, T)> {
        self.alternatives.get(at)
    }
}

/// Bytes that may have been signed, with the mistakes in them.
pub(super) struct Draft {
    pub(super) mistakes: Vec<Mistake>,
    /// Of one request there may be several, any of which will do.
    pub(super) messages: Vec<Vec<u8>>,
}

/// Everything that could have been signed, in the order of the number of mistakes in it.
pub(super) trait Drafts {
    /// Calls `try_draft` for each draft with exactly so many mistakes, given the key's bytes for
    /// schemes that sign them, until it says to stop.
    fn each(&self, mistakes: usize, key: &[u8], try_draft: &mut dyn FnMut(Draft) -> bool);

    /// The same for a mistake of which there are very many, which is tried alone.
    fn each_of_many(&self, _key: &[u8], _try_draft: &mut dyn FnMut(Draft) -> bool) {}
}

/// A signature explained: its mistakes, and whose secret it was made with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cause {
    /// What went wrong; all of it together.
    pub mistakes: Vec<Mistake>,
    /// The sender whose secret it was, where it was one of the policy's.
    pub sender: Option<String>,
    /// The name of that secret.
    pub secret: Option<String>,
}

/// How far it was looked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Effort {
    /// MACs computed and signatures verified.
    pub tries: usize,
    /// Bytes hashed for them.
    pub bytes: usize,
    /// Whether every pair of mistakes was tried, or a cause was found before.
    pub complete: bool,
}

/// What is looked through.
pub(super) struct Search<'s> {
    pub(super) drafts: &'s dyn Drafts,
    pub(super) keys: &'s [KeyBytes<'s>],
    pub(super) algorithm: Algorithm,
    pub(super) readings: &'s [Reading],
}

impl Search<'_> {
    /// The simplest explanations: those with the fewest mistakes. None where there is none with at
    /// most two beside those in how the signature is written.
    pub(super) fn run(&self) -> (Vec<Cause>, Effort) {
        let mut effort = Effort::default();
        for depth in 0..=2 {
            let mut found: Vec<Cause> = Vec::new();
            let finished = self.level(depth, &mut effort, &mut found);
            if found.iter().any(|cause| cause.mistakes.is_empty()) {
                // The signature is right: it is something else that the request was refused for.
                effort.complete = true;
                return (Vec::new(), effort);
            }
            let fewest = found.iter().map(|cause| cause.mistakes.len()).min();
            found.retain(|cause| Some(cause.mistakes.len()) == fewest);
            if !found.is_empty() {
                effort.complete = true;
                return (found, effort);
            }
            if !finished {
                return (Vec::new(), effort);
            }
        }
        effort.complete = true;
        (Vec::new(), effort)
    }

    fn level(&self, depth: usize, effort: &mut Effort, found: &mut Vec<Cause>) -> bool {
        let functions = Function::all(self.algorithm);
        for key in self.keys {
            for (place, function) in functions.iter().enumerate() {
                let here = [key.mistake.is_some(), place > 0];
                let spent = here.into_iter().filter(|mistake| *mistake).count();
                let Some(left) = depth.checked_sub(spent) else { continue };
                let mut enough = false;
                let prepared = function.prepare(&key.bytes);
                let mut try_draft = |draft: Draft| {
                    for message in &draft.messages {
                        effort.tries = effort.tries.saturating_add(1);
                        effort.bytes = effort.bytes.saturating_add(message.len());
                        for reading in
                            self.matching(function, prepared.as_ref(), &key.bytes, message)
                        {
                            let mut mistakes = draft.mistakes.clone();
                            mistakes.extend(key.mistake.clone());
                            mistakes.extend(function.mistake());
                            mistakes.extend(reading.mistakes.iter().cloned());
                            let (sender, secret) = key
                                .secret
                                .map(|secret| (secret.sender.clone(), secret.name.clone()))
                                .unzip();
                            let cause = Cause { mistakes, sender, secret };
                            if !found.contains(&cause) {
                                found.push(cause);
                            }
                        }
                    }
                    let public = self.algorithm.has_key_pair() && effort.tries > MANY_VERIFICATIONS;
                    enough = public || (depth > 1 && effort.bytes > MANY_BYTES);
                    enough
                };
                self.drafts.each(left, &key.bytes, &mut try_draft);
                if depth == 1 && left == 1 {
                    self.drafts.each_of_many(&key.bytes, &mut try_draft);
                }
                if enough {
                    return false;
                }
            }
        }
        true
    }

    fn matching(
        &self,
        function: &Function,
        prepared: Option<&Key>,
        key: &[u8],
        message: &[u8],
    ) -> Vec<&Reading> {
        match function.compute(prepared, key, message) {
            Some(made) => self.readings.iter().filter(|reading| reading.bytes == made).collect(),
            None => self
                .readings
                .iter()
                .filter(|reading| {
                    let tag = self
                        .algorithm
                        .tag(&reading.bytes)
                        .or_else(|| self.algorithm.fixed_tag(&reading.bytes));
                    prepared.zip(tag).is_some_and(|(key, tag)| {
                        key.verifies_message(&Message::new([message]), &[tag], None).into()
                    })
                })
                .collect(),
        }
    }
}

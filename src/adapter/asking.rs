//! Questions to the runtime, which has the cryptography, and its answers.
//!
//! A decision is a function of its arguments. Where it needs an answer that is not there yet, it gets
//! none and refuses; what came of it does not count, and it is made once more when the runtime has
//! answered. So there is one way of deciding, whoever computes.
//!
//! Questions cross as bytes, numbers with their lowest byte first: the kind (0 a digest, 1 a
//! verification, 2 a signature), the algorithm's place in its list, two bytes that say whether the body
//! stands between the others and whether they are those of the question before, the key's number, the
//! lengths of the bytes before the body, behind it, and of the signature, and those bytes. Answers
//! cross as bytes each behind its length in one byte: a digest, a verdict, or a signature. None has a
//! length of 0.

use core::cell::RefCell;
use std::rc::Rc;

use zeroize::Zeroizing;

use crate::{BodyHash, Check, Cryptography, Failure, HashAlgorithm, Message, PrivateKey};

/// The kinds of questions.
const DIGEST: u8 = 0;
const VERIFY: u8 = 1;
const SIGN: u8 = 2;

/// A verdict: the key made the signature.
const RIGHT: u8 = 1;
/// A verdict: the key made another signature, or none.
const WRONG: u8 = 0;
/// A verdict: the runtime does not take the key.
const NO_KEY: u8 = 2;

/// Hashes by their places.
const HASHES: [HashAlgorithm; 4] =
    [HashAlgorithm::Sha1, HashAlgorithm::Sha256, HashAlgorithm::Sha384, HashAlgorithm::Sha512];
/// Algorithms of keys by their places, as RFC 9421 section 6.2 names them.
const ALGORITHMS: [&str; 5] =
    ["ed25519", "ecdsa-p256-sha256", "ecdsa-p384-sha384", "rsa-pss-sha512", "rsa-v1_5-sha256"];

thread_local! {
    /// What is asked for the decision that is being made.
    static CURRENT: RefCell<Asking> = RefCell::default();
}

/// One question.
#[derive(PartialEq, Eq)]
struct Question {
    kind: u8,
    algorithm: u8,
    /// The number of the key.
    number: u32,
    has_body: bool,
    bytes: Rc<Bytes>,
    signature: Vec<u8>,
}

/// What is hashed or signed, before the body and behind it. It may hold key material.
#[derive(PartialEq, Eq)]
struct Bytes {
    before: Zeroizing<Vec<u8>>,
    after: Zeroizing<Vec<u8>>,
}

/// What one decision asked, with the answers to the first of it.
#[derive(Default)]
pub(super) struct Asking {
    questions: Vec<Question>,
    answers: Vec<Vec<u8>>,
    failure: Option<Failure>,
}

impl Asking {
    /// Makes a decision with the answers that there are.
    pub(super) fn during<T>(mut self, decide: impl FnOnce() -> T) -> (T, Self) {
        self.failure = None;
        CURRENT.replace(self);
        let decided = decide();
        (decided, CURRENT.take())
    }

    /// Whether something was asked that is not answered: the decision does not count.
    pub(super) fn is_waiting(&self) -> bool {
        self.questions.len() > self.answers.len()
    }

    /// What has yet to be answered.
    pub(super) fn questions(&self) -> Vec<u8> {
        let mut written = Vec::new();
        let mut last: Option<&Rc<Bytes>> = None;
        for question in self.questions.iter().skip(self.answers.len()) {
            let is_last = last.is_some_and(|last| Rc::ptr_eq(last, &question.bytes));
            question.write(is_last, &mut written);
            last = Some(&question.bytes);
        }
        written
    }

    /// Takes the answers to [`questions`](Self::questions). What is missing is no answer.
    pub(super) fn answer(&mut self, mut answers: &[u8]) {
        while self.is_waiting() {
            let read = answers
                .split_first()
                .and_then(|(length, rest)| rest.split_at_checked(usize::from(*length)));
            let (answer, rest) = read.unwrap_or_default();
            self.answers.push(answer.to_vec());
            answers = rest;
        }
    }

    /// Bytes that it takes, about.
    #[cfg(feature = "worker")]
    pub(super) fn bytes(&self) -> usize {
        let of = |question: &Question| {
            let Bytes { before, after } = &*question.bytes;
            before.len().saturating_add(after.len()).saturating_add(question.signature.len())
        };
        self.questions.iter().map(of).fold(0, usize::saturating_add)
    }

    /// The answer to a question; nothing where there is none yet, or the runtime had none.
    fn ask(
        &mut self,
        (kind, algorithm, number): (u8, usize, u32),
        [before, after]: [&[u8]; 2],
        has_body: bool,
        signature: &[u8],
    ) -> Vec<u8> {
        let algorithm = u8::try_from(algorithm).unwrap_or(u8::MAX);
        let last = self.questions.last().map(|question| &question.bytes);
        // All keys have one message in common.
        let known = last.filter(|last| **last.before == *before && **last.after == *after);
        let bytes = known.cloned().unwrap_or_else(|| {
            let (before, after) = (before.to_vec().into(), after.to_vec().into());
            Rc::new(Bytes { before, after })
        });
        let signature = signature.to_vec();
        let question = Question { kind, algorithm, number, has_body, bytes, signature };
        match self.questions.iter().position(|known| *known == question) {
            Some(place) => match self.answers.get(place) {
                Some(answer) if !answer.is_empty() => return answer.clone(),
                Some(_) => self.failure = Some(Failure::Computation),
                None => {}
            },
            None => self.questions.push(question),
        }
        Vec::new()
    }

    fn ask_with_key(
        &mut self,
        (kind, algorithm, number): (u8, &str, u32),
        message: &Message,
        signature: &[u8],
    ) -> Vec<u8> {
        let bytes = [message.before(), message.after()];
        self.ask((kind, place_of(algorithm), number), bytes, message.has_body(), signature)
    }
}

impl Question {
    fn write(&self, is_last: bool, written: &mut Vec<u8>) {
        let bytes: [&[u8]; 2] =
            if is_last { [&[]; 2] } else { [&self.bytes.before, &self.bytes.after] };
        let [before, after] = bytes;
        written.extend([self.kind, self.algorithm, self.has_body.into(), is_last.into()]);
        written.extend(self.number.to_le_bytes());
        for part in [before, after, &self.signature] {
            written.extend(u32::try_from(part.len()).unwrap_or(u32::MAX).to_le_bytes());
        }
        for part in [before, after, &self.signature] {
            written.extend_from_slice(part);
        }
    }
}

/// Asks the runtime for the digest over a body that it has. What is not as long as one is none.
pub(super) fn digest(hash: &BodyHash) -> Vec<u8> {
    let place = HASHES.iter().position(|own| *own == hash.algorithm()).unwrap_or(usize::MAX);
    CURRENT.with_borrow_mut(|asking| {
        let bytes = [hash.before(), hash.after()];
        let digest = asking.ask((DIGEST, place, 0), bytes, true, &[]);
        if digest.is_empty() || digest.len() == hash.algorithm().digest_bytes() {
            return digest;
        }
        asking.failure = Some(Failure::Computation);
        Vec::new()
    })
}

/// The place of an algorithm; beyond all of them where it is none that the runtime computes.
fn place_of(algorithm: &str) -> usize {
    ALGORITHMS.iter().position(|own| *own == algorithm).unwrap_or(usize::MAX)
}

/// A key as it crosses to the runtime: its algorithm's place, and its bytes.
pub(super) fn key_bytes(algorithm: &str, bytes: &[u8]) -> Vec<u8> {
    [&[u8::try_from(place_of(algorithm)).unwrap_or(u8::MAX)], bytes].concat()
}

/// The runtime, which is asked.
#[derive(Debug)]
pub(super) struct Runtime;

impl Cryptography for Runtime {
    fn verify(&self, check: &Check<'_>) -> bool {
        CURRENT.with_borrow_mut(|asking| {
            let key = (VERIFY, check.key().algorithm(), check.key().number());
            match *asking.ask_with_key(key, check.message(), check.signature()) {
                [RIGHT] => return true,
                [WRONG] | [] => {}
                [NO_KEY] => asking.failure = Some(Failure::Key),
                _ => asking.failure = Some(Failure::Computation),
            }
            false
        })
    }

    fn sign(&self, key: &PrivateKey, message: &[u8]) -> Option<Vec<u8>> {
        let signature = CURRENT.with_borrow_mut(|asking| {
            let message = Message::new([message]);
            asking.ask_with_key((SIGN, key.algorithm(), 0), &message, &[])
        });
        (!signature.is_empty()).then_some(signature)
    }

    fn failure(&self) -> Option<Failure> {
        CURRENT.with_borrow(|asking| asking.failure)
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn digest_of(before: &[u8], asking: Asking) -> (Vec<u8>, Asking) {
        let hash = BodyHash {
            algorithm: HashAlgorithm::Sha256,
            before: before.to_vec().into(),
            after: b"after".to_vec().into(),
        };
        asking.during(|| digest(&hash))
    }

    #[test]
    fn a_decision_is_made_again_with_the_answers() {
        let (first, mut asking) = digest_of(b"before", Asking::default());
        assert!(first.is_empty() && asking.is_waiting() && asking.failure.is_none());
        let expected = [
            &[DIGEST, 1, 1, 0, 0, 0, 0, 0, 6, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0][..],
            b"before",
            b"after",
        ];
        assert_eq!(asking.questions(), expected.concat());
        asking.answer(&[&[32][..], &[7; 32]].concat());
        assert!(!asking.is_waiting());
        let (again, asking) = digest_of(b"before", asking);
        assert_eq!(again, [7; 32]);
        assert!(asking.failure.is_none());
    }

    #[test]
    fn no_answer_is_none() {
        for answers in [&[][..], &[0], &[3, 7, 8, 9], &[33; 34], &[32; 32]] {
            let (_, mut asking) = digest_of(b"before", Asking::default());
            asking.answer(answers);
            assert!(!asking.is_waiting());
            let (again, asking) = digest_of(b"before", asking);
            assert!(again.is_empty(), "{answers:?}");
            assert_eq!(asking.failure, Some(Failure::Computation));
        }
    }

    #[test]
    fn an_answer_is_that_to_its_own_question() {
        let (_, mut asking) = digest_of(b"before", Asking::default());
        asking.answer(&[32; 33]);
        let (other, asking) = digest_of(b"another", asking);
        assert!(other.is_empty() && asking.is_waiting() && asking.failure.is_none());
        let (same, asking) = digest_of(b"before", asking);
        assert_eq!(same, [32; 32]);
        assert!(asking.is_waiting(), "nobody withdraws a question");
    }

    #[test]
    fn what_all_keys_read_crosses_once_a_time() {
        let message = Message::new([&b"signed"[..]]);
        let ask = |number: u32, asking: Asking| {
            let key = (VERIFY, "ed25519", number);
            asking.during(|| CURRENT.with_borrow_mut(|it| it.ask_with_key(key, &message, &[9; 64])))
        };
        let (_, asking) = ask(1, Asking::default());
        let (_, mut asking) = ask(2, asking);
        assert_eq!(asking.questions().len(), 20 + 6 + 64 + 20 + 64);
        asking.answer(&[1, WRONG, 1, WRONG]);
        let (_, asking) = ask(3, asking);
        assert_eq!(asking.questions().len(), 20 + 6 + 64, "the others are no longer asked");
    }
}

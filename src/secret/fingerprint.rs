//! What a key is recognised by, however its secret is written.

use std::collections::BinaryHeap;

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{KeyForm, Secret, published};
use crate::algorithm::{Algorithm, Key};

/// The prefixes that providers put in front of a key in base64.
const PREFIXES: [&str; 3] = ["v1,whsec_", "whsec_", "whpk_"];

/// The keys that a secret can be read as, in order and each once. Two secrets with one of them in
/// common are the same key in two spellings.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fingerprints(Vec<u64>);

impl Fingerprints {
    /// Takes note of a key. Zeros at its end do not count: a MAC adds them (RFC 2104 section 2).
    pub(crate) fn add(&mut self, key: &[u8]) {
        let end = key.iter().rposition(|byte| *byte != 0).map_or(0, |last| last.saturating_add(1));
        let key = key.get(..end).unwrap_or_default();
        if let Some(first) = Sha256::digest(key).first_chunk::<8>()
            && !key.is_empty()
        {
            let print = u64::from_be_bytes(*first);
            if let Err(place) = self.0.binary_search(&print) {
                self.0.insert(place, print);
            }
        }
    }

    /// What more than one of these has. Takes no longer than sorting them all.
    pub(crate) fn shared<'f>(all: impl Iterator<Item = &'f Self>) -> Self {
        let prints: BinaryHeap<u64> = all.flat_map(|one| one.0.iter().copied()).collect();
        let prints = prints.into_sorted_vec();
        let pairs = prints.iter().zip(prints.iter().skip(1));
        let mut shared: Vec<u64> =
            pairs.filter(|(one, next)| one == next).map(|(one, _)| *one).collect();
        shared.dedup();
        Self(shared)
    }

    #[cfg(test)]
    pub(super) fn has(&self, print: u64) -> bool {
        self.0.contains(&print)
    }

    /// Whether both can be read as one key.
    pub(crate) fn meet(&self, other: &Self) -> bool {
        self.0.iter().any(|one| other.0.binary_search(one).is_ok())
    }

    /// Whether it can be read as a key that everybody knows.
    pub(crate) fn are_published(&self) -> bool {
        self.0.iter().any(|one| published::KEYS.contains(one))
    }
}

impl Secret {
    /// What the text may stand for: itself, and what its digits, its base64 or its PEM say.
    pub(super) fn readings(&self) -> Vec<Zeroizing<Vec<u8>>> {
        let text = self.0.trim_ascii();
        let mut readings = vec![Zeroizing::new(text.to_vec())];
        let Ok(text) = str::from_utf8(text) else { return readings };
        let bare = PREFIXES.iter().find_map(|prefix| text.strip_prefix(prefix)).unwrap_or(text);
        let decoded = [KeyForm::Hex.decode(bare.as_bytes()), KeyForm::Pem.decode(bare.as_bytes())];
        readings.extend(decoded.into_iter().flatten().map(Zeroizing::new));
        let standard = bare.bytes().map(|byte| match byte {
            b'-' => b'+',
            b'_' => b'/',
            byte => byte,
        });
        let standard = Zeroizing::new(standard.collect::<Vec<u8>>());
        readings.extend(KeyForm::Base64 { prefix: "" }.decode(&standard).map(Zeroizing::new));
        readings
    }

    /// What it is recognised by, and its key for an algorithm, where it has one.
    pub(crate) fn fingerprints(&self, algorithm: Algorithm, key: Option<&Key>) -> Fingerprints {
        let mut found = Fingerprints::default();
        let readings = self.readings();
        readings.iter().for_each(|reading| found.add(reading));
        // The text itself is none in DER.
        let public = |reading| algorithm.public_key_of(reading);
        let decoded = readings.iter().skip(1);
        decoded.filter_map(|reading| public(reading)).for_each(|public| found.add(public));
        // A secret longer than a block is hashed first, so that its hash is the same key.
        if let Some(block) = key.and_then(Key::block) {
            found.add(block);
        }
        found
    }
}

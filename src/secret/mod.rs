//! Shared secrets and public keys as an operator writes them, and what is too weak to be one.

use core::fmt;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

mod fingerprint;
mod form;
mod published;

pub(crate) use fingerprint::Fingerprints;
pub(crate) use form::KeyForm;

/// The fewest different bytes in a secret of 32 bytes or more; of a shorter one, a quarter of its
/// length. Random hexadecimal digits fall below it less than once in a million.
const MIN_DISTINCT_BYTES: usize = 8;

/// Parts of the secrets that documents and templates show. Whoever left one in place has a
/// secret everybody knows.
const SAMPLES: [&str; 14] = [
    "change-me",
    "change_me",
    "changeme",
    "example",
    "my-secret",
    "my_secret",
    "mysecret",
    "placeholder",
    "replace-me",
    "super-secret",
    "test-secret",
    "test_secret",
    "your-secret",
    "your_secret",
];

/// A shared secret. Its bytes are never printed, and are wiped when it is dropped.
#[derive(Clone)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// A secret with these bytes. For `x-hmac` they are the UTF-8 bytes of the text that both
    /// sides share; nothing is decoded.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Its bytes, for whoever looks for the cause of a mismatch.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether both hold the same bytes as a text that came in a request, compared in constant
    /// time.
    pub(crate) fn equals(&self, text: &[u8]) -> bool {
        self.0.ct_eq(text).into()
    }

    /// Refuses what cannot be a key made at random: fewer bytes than these in what it decodes to, or
    /// what anybody could guess or knows, however it is written. Without a least number, it is a
    /// public key, and only refused where everybody has the private one.
    pub(crate) fn check_strength(
        &self,
        form: KeyForm,
        min_bytes: Option<usize>,
        prints: &Fingerprints,
    ) -> Result<(), WeakSecret> {
        if prints.are_published() {
            return Err(WeakSecret::Sample);
        }
        let Some(min_bytes) = min_bytes else { return Ok(()) };
        let decoded = form.decode(&self.0).map(Zeroizing::new);
        let key = decoded.as_ref().map_or(self.0.as_slice(), |decoded| decoded.as_slice());
        if key.len() < min_bytes {
            return Err(WeakSecret::TooShort { min_bytes });
        }
        let readings = self.readings();
        if readings.iter().any(|reading| is_guessable(reading)) {
            return Err(WeakSecret::Repetitive);
        }
        if readings.iter().any(|reading| holds_sample(reading)) {
            return Err(WeakSecret::Sample);
        }
        Ok(())
    }

    /// Refuses nothing at all, and what was pasted with the space around it.
    pub(crate) fn check_text(&self) -> Result<(), WeakSecret> {
        let edges = [self.0.first(), self.0.last()];
        if self.0.is_empty() {
            Err(WeakSecret::Empty)
        } else if edges.into_iter().flatten().any(u8::is_ascii_whitespace) {
            Err(WeakSecret::SurroundedBySpace)
        } else {
            Ok(())
        }
    }
}

/// Whether the bytes have too few different ones, repeat one unit, or count up or down.
fn is_guessable(bytes: &[u8]) -> bool {
    let mut seen = [false; 256];
    for byte in bytes {
        if let Some(slot) = seen.get_mut(usize::from(*byte)) {
            *slot = true;
        }
    }
    let least = MIN_DISTINCT_BYTES.min(bytes.len() / 4);
    let mut steps = bytes.iter().zip(bytes.iter().skip(1)).map(|(a, b)| b.wrapping_sub(*a));
    let first = steps.next();
    seen.into_iter().filter(|seen| *seen).count() < least
        || repeats_itself(bytes)
        || steps.all(|step| Some(step) == first)
}

/// Whether the bytes hold a text of [`SAMPLES`].
fn holds_sample(bytes: &[u8]) -> bool {
    let lower = Zeroizing::new(bytes.to_ascii_lowercase());
    SAMPLES
        .into_iter()
        .any(|sample| lower.windows(sample.len()).any(|part| part == sample.as_bytes()))
}

/// Whether the bytes are one unit written twice or more, the last time perhaps in part.
fn repeats_itself(bytes: &[u8]) -> bool {
    (1..=bytes.len().div_ceil(2))
        .any(|unit| bytes.iter().zip(bytes.iter().skip(unit)).all(|(a, b)| a == b))
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(REDACTED)")
    }
}

/// Why a secret is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WeakSecret {
    /// It holds nothing.
    Empty,
    /// It starts or ends with white space, as one does that was pasted with its line end.
    SurroundedBySpace,
    /// The key that it is written for has too few bytes.
    TooShort {
        /// The fewest it may have.
        min_bytes: usize,
    },
    /// It has too few different bytes, repeats one unit, or counts up or down.
    Repetitive,
    /// It holds a text that documents show as an example, or is a key that a document shows.
    Sample,
}

impl fmt::Display for WeakSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the secret is empty"),
            Self::SurroundedBySpace => f.write_str("the secret starts or ends with white space"),
            Self::TooShort { min_bytes } => {
                write!(f, "the secret's key has fewer than {min_bytes} bytes")
            }
            Self::Repetitive => {
                f.write_str("the secret repeats itself or has too few different bytes")
            }
            Self::Sample => f.write_str("the secret is, or holds, a sample from a document"),
        }
    }
}

impl core::error::Error for WeakSecret {}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::algorithm::{Algorithm, Key};

    fn strength(text: &str) -> Result<(), WeakSecret> {
        let secret = Secret::new(text.as_bytes().to_vec());
        let prints = secret.fingerprints(Algorithm::HmacSha256, None);
        secret.check_text()?;
        secret.check_strength(KeyForm::Utf8, Some(32), &prints)
    }

    #[test]
    fn row_20_weak_secrets_are_refused() {
        for (text, weakness) in [
            ("", WeakSecret::Empty),
            ("kP2vX9mQ4sT7wZ1cF6hJ3nR8bL5dG0y", WeakSecret::TooShort { min_bytes: 32 }),
            ("kP2vX9mQ4sT7wZ1cF6hJ3nR8bL5dG0yA\n", WeakSecret::SurroundedBySpace),
            (" kP2vX9mQ4sT7wZ1cF6hJ3nR8bL5dG0yA", WeakSecret::SurroundedBySpace),
            ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", WeakSecret::Repetitive),
            ("abcdefgaabcdefbgabcdefcaabcdefgd", WeakSecret::Repetitive),
            ("abababababababababababababababababab", WeakSecret::Repetitive),
            ("0123456789abcdef0123456789abcdef", WeakSecret::Repetitive),
            ("correct horse battery correct horse battery", WeakSecret::Repetitive),
            ("super-secret-key-from-env-7f3a9c1b5d", WeakSecret::Sample),
            ("CHANGEME-7f3a9c1b5d2e8f4a6b0c1d3e5f", WeakSecret::Sample),
        ] {
            assert_eq!(strength(text), Err(weakness), "{text:?}");
        }
        assert_eq!(strength("kP2vX9mQ4sT7wZ1cF6hJ3nR8bL5dG0yA"), Ok(()));
        assert_eq!(strength("9f86d081884c7d659a2feaa0c55ad015"), Ok(()));
    }

    #[test]
    fn row_30_a_secret_is_never_printed() {
        let secret = Secret::new(b"kP2vX9mQ4sT7wZ1cF6hJ3nR8bL5dG0yA".to_vec());
        assert_eq!(
            format!("{secret:?} {:?}", Key::new(Algorithm::HmacSha256, secret.as_bytes())),
            "Secret(REDACTED) Some(Key(REDACTED))"
        );
    }
}

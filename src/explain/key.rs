//! What else may have been the key.

use zeroize::Zeroizing;

use super::mistake::Mistake;
use crate::encoding;
use crate::keyring::Validity;
use crate::policy::Policy;
use crate::scheme::Scheme;
use crate::secret::{KeyForm, Secret};
use crate::time::UnixSeconds;

/// A secret of the policy, as text, with who has it.
pub(super) struct KnownSecret {
    pub(super) sender: String,
    pub(super) name: String,
    pub(super) place: usize,
    pub(super) valid: Validity,
    text: Secret,
}

/// The secrets that the policy names and that there are.
pub(super) fn known_secrets(
    policy: &Policy,
    secret: impl Fn(&str) -> Option<Secret>,
) -> Vec<KnownSecret> {
    let known = |(sender, name, place, valid): (&str, &str, usize, Validity)| {
        let (sender, text) = (sender.to_owned(), secret(name)?);
        Some(KnownSecret { sender, name: name.to_owned(), place, valid, text })
    };
    policy.sender_secrets().filter_map(known).collect()
}

/// Bytes that may have been the key, and what is wrong with them.
pub(super) struct KeyBytes<'k> {
    pub(super) secret: Option<&'k KnownSecret>,
    pub(super) mistake: Option<Mistake>,
    pub(super) bytes: Zeroizing<Vec<u8>>,
}

/// The keys of those who may use the route, what they may have been taken for, and the keys of all
/// other senders.
pub(super) fn keys<'k>(
    secrets: &'k [KnownSecret],
    scheme: &Scheme,
    allowed: &[&str],
    now: UnixSeconds,
) -> Vec<KeyBytes<'k>> {
    let mut keys: Vec<KeyBytes<'k>> = Vec::new();
    let mut add = |secret, mistake: Option<Mistake>, bytes: Vec<u8>| {
        let bytes = Zeroizing::new(bytes);
        if !keys.iter().any(|other| other.bytes == bytes) {
            keys.push(KeyBytes { secret, mistake, bytes });
        }
    };
    let own = |secret: &&KnownSecret| allowed.contains(&secret.sender.as_str());
    for secret in secrets.iter().filter(own) {
        let valid = (!secret.valid.includes(now)).then_some(Mistake::OutsideValidity);
        if let Some(bytes) = key_bytes(scheme.key, secret.text.as_bytes()) {
            add(Some(secret), valid, bytes);
        }
    }
    for secret in secrets.iter().filter(|secret| !own(secret)) {
        let mistake = || Some(Mistake::AnotherSender(secret.sender.clone()));
        let text = secret.text.as_bytes();
        if let Some(bytes) = key_bytes(scheme.key, text) {
            add(Some(secret), mistake(), bytes);
        }
        add(Some(secret), mistake(), text.to_vec());
    }
    for secret in secrets.iter().filter(own) {
        for (mistake, bytes) in taken_for(scheme.key, secret.text.as_bytes()) {
            add(Some(secret), Some(mistake), bytes);
        }
    }
    for text in ["", "undefined", "null", "None"] {
        let name = if text.is_empty() { "an empty text" } else { text };
        add(None, Some(Mistake::SecretIs(name)), text.as_bytes().to_vec());
    }
    keys
}

/// The key's bytes of a secret.
fn key_bytes(form: KeyForm, text: &[u8]) -> Option<Vec<u8>> {
    if form == KeyForm::Utf8 { Some(text.to_vec()) } else { form.decode(text) }
}

/// What a sender may have made of a secret.
fn taken_for(form: KeyForm, text: &[u8]) -> Vec<(Mistake, Vec<u8>)> {
    let mut found = Vec::new();
    let as_text = str::from_utf8(text).unwrap_or_default();
    let behind_prefix = as_text.split_once('_').map(|(_, rest)| rest);
    if form != KeyForm::Utf8 {
        found.push((Mistake::SecretNotDecoded, text.to_vec()));
        if let KeyForm::Base64 { prefix } = form {
            let bare = as_text.strip_prefix(prefix).unwrap_or(as_text);
            found.push((Mistake::SecretNotDecoded, bare.as_bytes().to_vec()));
        }
    } else if let Some(rest) = behind_prefix {
        found.push((Mistake::SecretPrefixKept, rest.as_bytes().to_vec()));
    }
    for bare in [Some(as_text), behind_prefix].into_iter().flatten() {
        if let Ok(bytes) = hex::decode(bare) {
            found.push((Mistake::SecretDecoded("hexadecimal digits"), bytes));
        }
        let standard = bare.replace('-', "+").replace('_', "/");
        if let Some(bytes) = encoding::base64_secret(&standard) {
            found.push((Mistake::SecretDecoded("base64"), bytes));
        }
    }
    let with: [(&str, &[u8], &[u8]); 7] = [
        ("a line end behind it", b"", b"\n"),
        ("a line end (CRLF) behind it", b"", b"\r\n"),
        ("double quotes around it", b"\"", b"\""),
        ("single quotes around it", b"'", b"'"),
        ("a space behind it", b"", b" "),
        ("a space before it", b" ", b""),
        ("\"Bearer \" before it", b"Bearer ", b""),
    ];
    for (extra, before, behind) in with {
        let spoiled = [before, text, behind].concat();
        if let Some(bytes) = key_bytes(form, &spoiled) {
            found.push((Mistake::SecretWith(extra), bytes));
        }
        found.push((Mistake::SecretWith(extra), spoiled));
    }
    found
}

//! `Content-Digest` (RFC 9530): what binds the body to a signature that covers the field.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::structured_field::{BareItem, Item, Member, dictionary};
use crate::algorithm::HashAlgorithm;
use crate::encoding;

/// The hashes that count: `sha-256` and `sha-512`, the two that are active (section 5).
fn algorithm(name: &str) -> Option<HashAlgorithm> {
    match name {
        "sha-256" => Some(HashAlgorithm::Sha256),
        "sha-512" => Some(HashAlgorithm::Sha512),
        _ => None,
    }
}

/// The hashes of the body that are compared with a field's value, in its order.
pub(crate) fn algorithms(field: &[u8]) -> Vec<HashAlgorithm> {
    let entries = dictionary(field).unwrap_or_default();
    entries.iter().filter_map(|entry| algorithm(&entry.name)).collect()
}

/// Whether a field's value is the digest of the body, of which `digest` gives the hashes, one after
/// the other.
///
/// Each of those that count must be right; others are passed over. Nothing that could be compared
/// is wrong as well.
pub(crate) fn matches(
    field: &[u8],
    mut digest: impl FnMut(HashAlgorithm) -> Option<Vec<u8>>,
) -> bool {
    let Some(entries) = dictionary(field) else { return false };
    let mut compared = false;
    for entry in entries {
        let Some(algorithm) = algorithm(&entry.name) else { continue };
        let Some(right) = digest(algorithm) else { return false };
        compared = true;
        let Member::Item(Item { value: BareItem::Bytes(digest), .. }) = entry.member else {
            return false;
        };
        if !bool::from(digest.ct_eq(&right)) {
            return false;
        }
    }
    compared
}

/// The same for a body whose bytes are here.
pub(crate) fn matches_body(field: &[u8], body: &[u8]) -> bool {
    matches(field, |algorithm| Some(algorithm.digest(body)))
}

/// The field for a body, with SHA-256.
pub(crate) fn of(body: &[u8]) -> String {
    of_digest(&Sha256::digest(body))
}

/// The field for a body with this SHA-256.
pub(crate) fn of_digest(digest: &[u8]) -> String {
    format!("sha-256=:{}:", encoding::to_base64(digest))
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    const BODY: &[u8] = br#"{"hello": "world"}"#;
    /// RFC 9530, appendix D.
    const SHA_256: &str = "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:";
    const SHA_512: &str = "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:";

    #[test]
    fn every_active_digest_must_be_right_and_one_must_be_there() {
        assert_eq!(of(BODY), SHA_256);
        let both = format!("{SHA_256}, {SHA_512}");
        let unknown = format!("md5=:AAAA:, {SHA_256}");
        for field in [SHA_256, SHA_512, &both, &unknown] {
            assert!(matches_body(field.as_bytes(), BODY), "{field}");
            assert!(!matches_body(field.as_bytes(), b"{}"), "{field}");
        }
        let wrong = "sha-512=:AAAA:";
        for field in [
            &format!("{SHA_256}, {wrong}"),
            "md5=:Sd/dVLAcvNLSq16eXua5uQ==:",
            "sha-256=X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=",
            "sha-256=\"X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=\"",
            "SHA-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:",
            &SHA_256.replace("BPE=", "BPE"),
            "",
        ] {
            assert!(!matches_body(field.as_bytes(), BODY), "{field}");
        }
    }
}

//! `Content-Digest` (RFC 9530): what binds the body to a signature that covers the field.

use subtle::ConstantTimeEq;

use super::structured_field::{BareItem, Item, Member, dictionary};
use crate::algorithm::HashAlgorithm;
use crate::encoding;
use crate::message::Content;

/// The hashes that count: `sha-256` and `sha-512`, the two that are active (section 5).
fn algorithm(name: &str) -> Option<HashAlgorithm> {
    match name {
        "sha-256" => Some(HashAlgorithm::Sha256),
        "sha-512" => Some(HashAlgorithm::Sha512),
        _ => None,
    }
}

/// Whether a field's value is the digest of the body.
///
/// Each of those that count must be right; others are passed over. Nothing that could be compared
/// is wrong as well.
pub(crate) fn matches(field: &[u8], body: Content<'_>) -> bool {
    let Some(entries) = dictionary(field) else { return false };
    let mut compared = false;
    for entry in entries {
        let Some(algorithm) = algorithm(&entry.name) else { continue };
        compared = true;
        let Member::Item(Item { value: BareItem::Bytes(digest), .. }) = entry.member else {
            return false;
        };
        if !body.digest(algorithm).is_some_and(|right| digest.ct_eq(&right).into()) {
            return false;
        }
    }
    compared
}

/// The field for a body, with SHA-256; nothing where that could not be had.
pub(crate) fn of(body: Content<'_>) -> Option<String> {
    let digest = body.digest(HashAlgorithm::Sha256)?;
    Some(format!("sha-256=:{}:", encoding::to_base64(&digest)))
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    const BODY: Content<'_> = Content::Read(br#"{"hello": "world"}"#);
    /// RFC 9530, appendix D.
    const SHA_256: &str = "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:";
    const SHA_512: &str = "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:";

    #[test]
    fn every_active_digest_must_be_right_and_one_must_be_there() {
        assert_eq!(of(BODY).unwrap(), SHA_256);
        let both = format!("{SHA_256}, {SHA_512}");
        let unknown = format!("md5=:AAAA:, {SHA_256}");
        for field in [SHA_256, SHA_512, &both, &unknown] {
            assert!(matches(field.as_bytes(), BODY), "{field}");
            assert!(!matches(field.as_bytes(), Content::Read(b"{}")), "{field}");
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
            assert!(!matches(field.as_bytes(), BODY), "{field}");
        }
    }
}

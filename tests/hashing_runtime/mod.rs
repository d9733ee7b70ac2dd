//! What a runtime does that hashes bodies itself.
#![allow(clippy::panic)]

use countersign::{Admission, BodyHash, HashAlgorithm, HashedBody, Head, UnixSeconds, Verifier};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

fn digest(hash: &BodyHash, body: &[u8]) -> Vec<u8> {
    let bytes = [hash.before(), body, hash.after()].concat();
    match hash.algorithm() {
        HashAlgorithm::Sha1 => Sha1::digest(bytes).to_vec(),
        HashAlgorithm::Sha256 => Sha256::digest(bytes).to_vec(),
        HashAlgorithm::Sha384 => Sha384::digest(bytes).to_vec(),
        HashAlgorithm::Sha512 => Sha512::digest(bytes).to_vec(),
    }
}

/// The hashes over the body that are asked for.
pub(crate) fn hashed(admission: &Admission<'_, '_>, body: &[u8]) -> Option<HashedBody> {
    let hashes = admission.body_hashes()?;
    let digests = hashes.iter().map(|hash| digest(hash, body)).collect();
    Some(HashedBody { length: body.len(), digests })
}

/// Decides once by the body and once by its hashes, and checks that the two agree. Gives whether
/// hashes would do.
#[track_caller]
pub(crate) fn both_ways_agree(
    verifier: &Verifier,
    head: &Head<'_>,
    now: UnixSeconds,
    body: &[u8],
) -> bool {
    let Ok(admission) = verifier.begin(head, now) else { return false };
    let Some(hashed) = hashed(&admission, body) else { return false };
    let by_hashes = admission.finish(hashed);
    let by_body = verifier.begin(head, now).and_then(|admission| admission.finish(body));
    match (by_hashes, by_body) {
        (Ok(one), Ok(other)) => {
            assert_eq!(
                format!("{:?}", one.log_line("r-1")),
                format!("{:?}", other.log_line("r-1"))
            );
            assert_eq!(one.claim(), other.claim());
        }
        (Err(one), Err(other)) => assert_eq!(one, other),
        (one, other) => panic!("{one:?} by the hashes, {other:?} by the body"),
    }
    true
}

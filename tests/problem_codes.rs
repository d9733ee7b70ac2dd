//! The codes of problems: whoever compares one relies on it.

use std::collections::BTreeSet;

use countersign::InvalidDestination;
use countersign::PolicyProblem::*;
use countersign::{SignError, WeakSecret};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn the_code_of_a_policys_problem_stays() {
    let all = [
        (NotJson { line: 1, column: 1 }, "not-json"),
        (Expected(""), "expected"),
        (OutOfRange(1, 1), "out-of-range"),
        (MissingField, "missing-field"),
        (UnknownField, "unknown-field"),
        (RepeatedField, "repeated-field"),
        (EmptyList, "empty-list"),
        (InvalidId, "invalid-id"),
        (RepeatedId, "repeated-id"),
        (UnknownScheme, "unknown-scheme"),
        (NeverValid, "never-valid"),
        (NoHandshake, "no-handshake"),
        (NoVerifyToken, "no-verify-token"),
        (InvalidSecretName, "invalid-secret-name"),
        (SecretAsName, "secret-as-name"),
        (SharedSecret, "shared-secret"),
        (WeakSecret(WeakSecret::Empty), "weak-secret"),
        (NotOneOf(Vec::new()), "not-one-of"),
        (InvalidFieldName, "invalid-field-name"),
        (PrefixInList, "prefix-in-list"),
        (UnknownPart, "unknown-part"),
        (BodyNotSigned, "body-not-signed"),
        (TimestampNotSigned, "timestamp-not-signed"),
        (IdNotSigned, "id-not-signed"),
        (SecretInMac, "secret-in-mac"),
        (AmbiguousParts { ends: "", begins: "" }, "ambiguous-parts"),
        (UndecodableSecret(""), "undecodable-secret"),
        (NoTimeInScheme, "no-time-in-scheme"),
        (InvalidUrl, "invalid-url"),
        (UrlRequired, "url-required"),
        (UrlElsewhere { sender: 1 }, "url-elsewhere"),
        (RewriteWithoutUrl, "rewrite-without-url"),
        (AmbiguousPath, "ambiguous-path"),
        (MissingSecret, "missing-secret"),
        (MissingToken, "missing-token"),
        (NoComponentsInScheme, "no-components-in-scheme"),
        (InvalidComponent, "invalid-component"),
        (MissingSeal, "missing-seal"),
        (NoNonceInScheme, "no-nonce-in-scheme"),
        (SignatureOfNoRequest, "signature-of-no-request"),
        (RetentionRequired, "retention-required"),
        (RetentionFollowsTime, "retention-follows-time"),
        (InvalidPath, "invalid-path"),
        (AmbiguousEscapes, "ambiguous-escapes"),
        (UnknownMethod, "unknown-method"),
        (Overlap { with: 1 }, "overlap"),
        (UnknownSender, "unknown-sender"),
        (UnusedSender, "unused-sender"),
        (MixedSchemes, "mixed-schemes"),
        (TooManyKeys { limit: 1 }, "too-many-keys"),
        (BodylessMethod, "bodyless-method"),
        (NotOnPublicRoute, "not-on-public-route"),
    ];
    for (problem, code) in &all {
        assert_eq!(problem.code(), *code, "{problem:?}");
    }
    assert_eq!(all.iter().map(|(_, code)| code).collect::<BTreeSet<_>>().len(), all.len());
}

#[test]
fn so_does_that_of_what_cannot_be_signed_or_sent_on() {
    for (error, code) in [
        (SignError::TimeOutOfRange, "time-out-of-range"),
        (SignError::IdRequired, "id-required"),
        (SignError::InvalidId(""), "invalid-id"),
        (SignError::IdNotSigned, "id-not-signed"),
        (SignError::SignatureInBody, "signature-in-body"),
        (SignError::NothingIsSigned, "nothing-is-signed"),
        (SignError::OwnRules, "own-rules"),
        (SignError::InvalidUrl, "invalid-url"),
        (SignError::NotSigned, "not-signed"),
    ] {
        assert_eq!(error.code(), code);
    }
    for (error, code) in [
        (InvalidDestination::Missing, "missing-origin"),
        (InvalidDestination::Origin, "invalid-origin"),
        (InvalidDestination::Hosts, "invalid-hosts"),
    ] {
        assert_eq!(error.code(), code);
    }
}

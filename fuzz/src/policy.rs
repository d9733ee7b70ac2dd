use countersign::{Policy, PolicyError, PolicyErrors};

use crate::gate::made_secret;

/// What is wrong with a policy is said in words, and one that is taken is taken again, with the
/// same names, and becomes a verifier or says why not.
pub fn policy(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let policy = match Policy::parse(text) {
        Ok(policy) => policy,
        Err(errors) => return check_errors(&errors),
    };
    let again = Policy::parse(text).expect("it was taken before");
    let names: Vec<String> = policy.secret_names().map(str::to_owned).collect();
    assert!(again.secret_names().eq(&names));
    assert!(!names.is_empty(), "a policy has a sender, and a sender has a secret");

    let without = again.into_verifier(|_| None).expect("no secret is there to be weak");
    assert_eq!(without.broken_secrets().len(), names.len());
    match policy.into_verifier(|name| Some(made_secret(name))) {
        Ok(verifier) => verifier.broken_secrets().iter().for_each(check_error),
        Err(errors) => check_errors(&errors),
    }
}

fn check_errors(errors: &PolicyErrors) {
    assert!(errors.iter().count() > 0);
    errors.iter().for_each(check_error);
}

fn check_error(error: &PolicyError) {
    let (path, problem) = (error.path(), error.problem().to_string());
    assert!(!problem.is_empty());
    let line = error.to_string();
    assert!(line.starts_with(if path.is_empty() { "policy" } else { path }), "{line}");
    assert!(line.ends_with(&problem), "{line}");
}

//! The keys of the senders' secrets, and why some of them are none.

use super::sender::SenderPolicy;
use crate::algorithm::Key;
use crate::keyring::{HandshakeSettings, Sender, SenderKey};
use crate::policy_error::{PolicyError, PolicyProblem};
use crate::scheme::Scheme;
use crate::secret::{Fingerprints, KeyForm, Secret};

/// Characters of the token that Meta's handshake is tried with.
const MIN_VERIFY_TOKEN: usize = 16;

/// What is known of each secret that a sender has.
#[derive(Default)]
pub(super) struct Known(Vec<KnownSecret>);

struct KnownSecret {
    sender: usize,
    /// Place in the sender's list; nothing for its token.
    place: Option<usize>,
    prints: Fingerprints,
    problem: Option<PolicyProblem>,
}

impl Known {
    /// Prepares the keys of the sender with this index.
    pub(super) fn prepare(
        &mut self,
        index: usize,
        policy: SenderPolicy,
        secret: &dyn Fn(&str) -> Option<Secret>,
    ) -> Sender {
        let scheme = policy.scheme;
        let mut keys = Vec::new();
        for (place, named) in policy.secrets.iter().enumerate() {
            let secret = secret(&named.name).map(|secret| scheme.without_line_end(secret));
            let key = secret.as_ref().and_then(|secret| scheme.key_of(secret));
            let prints = prints_of(secret.as_ref(), scheme, key.as_ref());
            let problem = match &secret {
                Some(secret) => {
                    let form = (scheme.key, scheme.min_key_bytes());
                    let read = if key.is_some() { Ok(()) } else { Err(scheme.key_description()) };
                    fault(secret, form, read, &prints)
                }
                None => Some(PolicyProblem::MissingSecret),
            };
            self.0.push(KnownSecret { sender: index, place: Some(place), prints, problem });
            keys.extend(key.map(|key| SenderKey { key, valid: named.valid }));
        }
        let handshake = policy.handshake.map(|handshake| {
            let token = handshake.verify_token.as_deref();
            HandshakeSettings {
                verify_token: token.and_then(|name| self.token(index, scheme, secret(name))),
            }
        });
        Sender {
            id: policy.id.into(),
            scheme,
            tolerance: policy.tolerance,
            keys,
            url: policy.url,
            handshake,
            requirement: policy.requirement,
            replay: policy.replay,
        }
    }

    fn token(&mut self, sender: usize, scheme: &Scheme, token: Option<Secret>) -> Option<Secret> {
        let prints = prints_of(token.as_ref(), scheme, None);
        let problem = match &token {
            Some(token) => fault(token, (KeyForm::Utf8, Some(MIN_VERIFY_TOKEN)), Ok(()), &prints),
            None => Some(PolicyProblem::MissingToken),
        };
        self.0.push(KnownSecret { sender, place: None, prints, problem });
        token
    }

    /// Whether one of them can be read as one of these keys.
    pub(super) fn meet(&self, prints: &Fingerprints) -> bool {
        self.0.iter().any(|known| known.prints.meet(prints))
    }

    /// Takes the broken ones from their senders, all keys of a sender where one is broken; and says
    /// why. One key under two names is nobody's.
    pub(super) fn stop(self, senders: &mut [Sender]) -> Vec<PolicyError> {
        let mut errors = Vec::new();
        let shared = Fingerprints::shared(self.0.iter().map(|known| &known.prints));
        for known in self.0 {
            let is_shared = known.prints.meet(&shared);
            let shared = is_shared.then_some(PolicyProblem::SharedSecret);
            let Some(problem) = known.problem.or(shared) else { continue };
            let Some(sender) = senders.get_mut(known.sender) else { continue };
            let index = known.sender;
            let path = match known.place {
                Some(place) => {
                    sender.keys.clear();
                    format!("senders[{index}].secrets[{place}]")
                }
                None => {
                    sender.handshake = Some(HandshakeSettings { verify_token: None });
                    format!("senders[{index}].verify_token")
                }
            };
            errors.push(PolicyError::of(&sender.id, path, problem));
        }
        errors
    }
}

fn prints_of(secret: Option<&Secret>, scheme: &Scheme, key: Option<&Key>) -> Fingerprints {
    secret.map(|secret| secret.fingerprints(scheme.algorithm, key)).unwrap_or_default()
}

/// Why a secret is not taken for a key of this form and of so many bytes, which was `read` or has to
/// be of another form.
pub(super) fn fault(
    secret: &Secret,
    (form, min_bytes): (KeyForm, Option<usize>),
    read: Result<(), &'static str>,
    prints: &Fingerprints,
) -> Option<PolicyProblem> {
    let weak = secret.check_text().map_err(PolicyProblem::WeakSecret);
    let strong =
        || secret.check_strength(form, min_bytes, prints).map_err(PolicyProblem::WeakSecret);
    weak.and_then(|()| read.map_err(PolicyProblem::UndecodableSecret)).and_then(|()| strong()).err()
}

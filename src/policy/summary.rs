//! What a policy accepts, route by route, for whoever reads it.

use serde::Serialize;

use super::Policy;
use super::sender::SenderPolicy;
use crate::replay::ReplayKey;
use crate::scheme::Scheme;
use crate::verifier::Access;

/// What one route accepts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RouteSummary {
    /// The pattern.
    pub path: String,
    /// The methods, joined with commas.
    pub methods: String,
    /// The scheme's name; nothing on a public route.
    pub scheme: Option<&'static str>,
    /// The ids of the senders; none on a public route.
    pub senders: Vec<String>,
    /// Seconds that a signed time may be off, of the most tolerant sender; nothing where none is
    /// signed.
    pub tolerance: Option<u32>,
    /// `nonce` or `signature`, where each request of every sender is accepted once.
    pub replay: Option<&'static str>,
    /// Bytes of body.
    pub max_body: usize,
    /// What a signature leaves open, in words; one to a gap.
    pub gaps: Vec<String>,
}

impl Policy {
    /// What each route accepts, in the order of the policy.
    pub fn routes(&self) -> impl Iterator<Item = RouteSummary> {
        self.routes.iter().map(|route| {
            let (scheme, indices) = match &route.access {
                Access::Public => (None, &[][..]),
                Access::Signed { scheme, senders } => (Some(*scheme), senders.as_slice()),
            };
            let senders = || indices.iter().filter_map(|index| self.senders.get(*index));
            let rules: Option<Vec<ReplayKey>> =
                senders().map(|sender| sender.replay.map(|rule| rule.key)).collect();
            let replay = rules.and_then(|rules| rules.first().copied());
            RouteSummary {
                path: route.path.as_str().to_owned(),
                methods: route.methods.to_string(),
                scheme: scheme.map(Scheme::name),
                senders: senders().map(|sender| sender.id.clone()).collect(),
                tolerance: senders()
                    .map(|sender| sender.tolerance)
                    .max()
                    .filter(|_| scheme.is_some_and(Scheme::signs_time)),
                replay: replay.map(|key| match key {
                    ReplayKey::Nonce => "nonce",
                    ReplayKey::Signature => "signature",
                }),
                max_body: route.max_body,
                gaps: scheme.map_or_else(
                    || vec!["public: nothing is verified".to_owned()],
                    |scheme| {
                        let binds_target = senders().all(SenderPolicy::binds_target);
                        gaps(scheme, replay.is_some(), binds_target)
                    },
                ),
            }
        })
    }

    /// Whether some sender's requests are accepted once, for which the Worker needs its store.
    pub fn needs_replay_store(&self) -> bool {
        self.senders.iter().any(|sender| sender.replay.is_some())
    }
}

/// What a valid signature under a scheme does not prove.
fn gaps(scheme: &Scheme, replay: bool, binds_target: bool) -> Vec<String> {
    let mut gaps = Vec::new();
    if !scheme.signs_body() {
        gaps.push("the body is not signed".to_owned());
    }
    match (replay, scheme.signs_time()) {
        (true, _) => {}
        (false, true) => gaps.push("can be sent again within the window".to_owned()),
        (false, false) => gaps.push("can be sent again for ever".to_owned()),
    }
    if !binds_target {
        gaps.push("good on every route of the sender".to_owned());
    }
    gaps.extend(scheme.caveat().map(|caveat| format!("not protected: {caveat}")));
    gaps
}

impl Policy {
    /// The scheme of the sender with this id.
    pub fn scheme_of(&self, sender: &str) -> Option<&'static Scheme> {
        self.senders.iter().find(|one| one.id == sender).map(|one| one.scheme)
    }

    /// Whether each request of the sender with this id is accepted once.
    pub fn is_accepted_once(&self, sender: &str) -> bool {
        self.senders.iter().any(|one| one.id == sender && one.replay.is_some())
    }

    /// The names of the secrets of the sender with this id.
    pub fn secret_names_of(&self, sender: &str) -> impl Iterator<Item = &str> {
        let own = self.sender_secrets().filter(move |(id, ..)| *id == sender);
        own.map(|(_, name, ..)| name)
    }
}

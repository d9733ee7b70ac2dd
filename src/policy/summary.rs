//! What a policy accepts, route by route, for whoever reads it.

use serde::Serialize;

use super::Policy;
use super::open::{ACCEPTED, Open};
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
    /// What a signature leaves open.
    pub gaps: Vec<Gap>,
    /// What the route says that it accepts open, and is bound.
    #[serde(skip)]
    pub accepted_in_vain: Vec<Open>,
}

/// One thing that a signature leaves open on a route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// What it is.
    #[serde(skip)]
    pub open: Open,
    /// Its name for programs.
    pub code: &'static str,
    /// The same in words.
    pub text: String,
    /// The ids of the senders that leave it open, where others of the route do not; else none.
    pub senders: Vec<String>,
    /// Whether the route's `accept_open` has it.
    pub accepted: bool,
}

impl Gap {
    fn of(open: Open, accepted: bool) -> Self {
        Self { open, code: open.code(), text: open.to_string(), senders: Vec::new(), accepted }
    }

    /// Whether it is one that a policy has to say.
    pub fn is_unsaid(&self) -> bool {
        !self.accepted && ACCEPTED.contains(&self.open)
    }
}

impl Policy {
    /// What each route accepts, in the order of the policy.
    pub fn routes(&self) -> impl Iterator<Item = RouteSummary> {
        self.routes.iter().zip(&self.accepted).map(|(route, accepted)| {
            let (scheme, indices) = match &route.access {
                Access::Public => (None, &[][..]),
                Access::Signed { scheme, senders } => (Some(*scheme), senders.as_slice()),
            };
            let senders = || indices.iter().filter_map(|index| self.senders.get(*index));
            let rules: Option<Vec<ReplayKey>> =
                senders().map(|sender| sender.replay.map(|rule| rule.key)).collect();
            let replay = rules.and_then(|rules| rules.first().copied());
            let gaps = match scheme {
                Some(_) => gaps(&senders().collect::<Vec<_>>(), accepted),
                None => vec![Gap::of(Open::Everything, true)],
            };
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
                accepted_in_vain: accepted
                    .iter()
                    .copied()
                    .filter(|open| !gaps.iter().any(|gap| gap.open == *open))
                    .collect(),
                gaps,
            }
        })
    }

    /// Whether some sender's requests are accepted once, for which the Worker needs its store.
    pub fn needs_replay_store(&self) -> bool {
        self.senders.iter().any(|sender| sender.replay.is_some())
    }
}

/// What the senders of a route leave open together, with those that do.
fn gaps(senders: &[&SenderPolicy], accepted: &[Open]) -> Vec<Gap> {
    let left: Vec<(&SenderPolicy, Vec<Open>)> =
        senders.iter().map(|sender| (*sender, sender.open())).collect();
    let mut found: Vec<Open> = Vec::new();
    for (_, opens) in &left {
        found.extend(opens.iter().filter(|open| !found.contains(open)).collect::<Vec<_>>());
    }
    let gap = |open: Open| {
        let of = left.iter().filter(|(_, opens)| opens.contains(&open));
        let of: Vec<String> = of.map(|(sender, _)| sender.id.clone()).collect();
        let senders = if of.len() == senders.len() { Vec::new() } else { of };
        Gap { senders, ..Gap::of(open, accepted.contains(&open)) }
    };
    found.into_iter().map(gap).collect()
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

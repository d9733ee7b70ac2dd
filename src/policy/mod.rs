//! The policy: JSON read once into a [`Verifier`].
//!
//! Reading is strict and complete. Every field has a type and a range, unknown and repeated
//! fields are errors, each reported with the path of its field: first all that the fields show by
//! themselves; once there are none, all that the lists show together; then those of the secrets.

mod custom_scheme;
mod keys;
mod misplaced;
mod name;
mod open;
mod reader;
mod replay;
mod route;
mod seal;
mod sender;
mod summary;

pub use open::Open;
pub use summary::{Gap, RouteSummary};

use crate::keyring::{Sender, Validity};
use crate::path::RouteTree;
use crate::policy_error::{PolicyErrors, PolicyProblem};
use crate::scheme::SenderUrl;
use crate::secret::Secret;
use crate::verifier::{Access, Route, Verifier};
use keys::Known;
use reader::Reader;
use seal::SealPolicy;
use sender::SenderPolicy;

/// A policy whose every field has been checked; the secrets it names have not been seen yet.
#[derive(Debug)]
pub struct Policy {
    senders: Vec<SenderPolicy>,
    routes: Vec<Route>,
    /// What each route accepts open.
    accepted: Vec<Vec<Open>>,
    seal: Option<SealPolicy>,
}

impl Policy {
    /// Reads a policy from its JSON text.
    pub fn parse(json: &str) -> Result<Self, PolicyErrors> {
        let mut reader = Reader::new();
        let policy = reader.root(json).map(|mut root| {
            let senders = root.tables("senders", sender::read);
            let (routes, accepted) =
                root.tables("routes", |table| route::read(table, &senders)).into_iter().unzip();
            let seal = root.optional_table("seal", SealPolicy::read);
            root.end();
            let senders = senders.into_iter().filter_map(|named| named.policy).collect();
            Self { senders, routes, accepted, seal }
        });
        if let Some(policy) = &policy
            && reader.is_clean()
        {
            policy.check(&mut reader);
        }
        reader.finish(policy)
    }

    /// Checks what only the lists as a whole can show.
    fn check(&self, reader: &mut Reader) {
        for (index, sender) in self.senders.iter().enumerate() {
            let earlier = self.senders.iter().take(index);
            if earlier.clone().any(|other| other.id == sender.id) {
                reader.report(format!("senders[{index}].id"), PolicyProblem::RepeatedId);
            }
            for (at, secret) in sender.secrets.iter().enumerate() {
                let own = sender.secrets.iter().take(at);
                let mut others = earlier.clone().flat_map(|other| &other.secrets).chain(own);
                if others.any(|other| other.name == secret.name) {
                    reader.report_of(
                        &sender.id,
                        format!("senders[{index}].secrets[{at}]"),
                        PolicyProblem::SharedSecret,
                    );
                }
            }
            let uses = |route: &Route| matches!(&route.access, Access::Signed { senders, .. } if senders.contains(&index));
            if !self.routes.iter().any(uses) {
                reader.report(format!("senders[{index}]"), PolicyProblem::UnusedSender);
            }
        }
        for (index, route) in self.routes.iter().enumerate() {
            let all_methods = |route: &Route| {
                let mut methods = route.methods;
                methods.extend(route.handshake_methods());
                methods
            };
            let clashes = |other: &Route| {
                all_methods(other).intersects(all_methods(route))
                    && other.path.overlaps(&route.path)
            };
            if let Some(with) = self.routes.iter().take(index).position(clashes) {
                reader.report(format!("routes[{index}].path"), PolicyProblem::Overlap { with });
            }
            if let Some(sender) = self.never_called_by(route) {
                let problem = PolicyProblem::UrlElsewhere { sender };
                reader.report(format!("routes[{index}].path"), problem);
            }
            if self.is_ambiguous_beside_others(route) {
                reader.report(format!("routes[{index}].path"), PolicyProblem::AmbiguousPath);
            }
        }
        if let Some(seal) = &self.seal {
            seal.check(self.sender_secret_names(), reader);
        }
    }

    /// The first of a route's senders whose `url` leads to none of the route's paths.
    fn never_called_by(&self, route: &Route) -> Option<usize> {
        let Access::Signed { senders, .. } = &route.access else { return None };
        let mut paths = RouteTree::default();
        paths.insert(&route.path, 0);
        senders.iter().copied().find(|index| {
            let sender = self.senders.get(*index).filter(|sender| sender.scheme.signs_url());
            sender.and_then(|sender| sender.url.as_ref()?.path()).is_some_and(|path| {
                let mut matches = false;
                paths.matches(path, &mut |_| matches = true);
                !matches
            })
        })
    }

    /// Whether a request to this path could be signed over the same bytes as one to another path:
    /// where a form follows the path without a separator, unless all paths are fixed and none starts
    /// with another.
    fn is_ambiguous_beside_others(&self, route: &Route) -> bool {
        let Access::Signed { senders, .. } = &route.access else { return false };
        let open = senders.iter().filter(|index| {
            self.senders.get(**index).is_some_and(|sender| {
                sender.scheme.needs_distinct_paths()
                    && sender.url.as_ref().is_some_and(SenderUrl::is_origin)
            })
        });
        open.into_iter().any(|index| {
            self.routes.iter().any(|other| {
                let shared = matches!(&other.access,
                    Access::Signed { senders, .. } if senders.contains(index));
                let (path, start) = (route.path.as_str(), other.path.as_str());
                let is_start = !core::ptr::eq(route, other) && path.starts_with(start);
                shared && (path.contains('{') || is_start)
            })
        })
    }

    /// The names of all secrets, in the order the policy gives them.
    pub fn secret_names(&self) -> impl Iterator<Item = &str> {
        self.sender_secret_names().chain(self.seal.as_ref().map(SealPolicy::secret_name))
    }

    /// For each secret of a sender: the sender's id, the secret's name, its place in the sender's
    /// list, and when it counts.
    pub(crate) fn sender_secrets(&self) -> impl Iterator<Item = (&str, &str, usize, Validity)> {
        self.senders.iter().flat_map(|sender| {
            sender.secrets.iter().enumerate().map(|(place, secret)| {
                (sender.id.as_str(), secret.name.as_str(), place, secret.valid)
            })
        })
    }

    fn sender_secret_names(&self) -> impl Iterator<Item = &str> {
        self.senders.iter().flat_map(|sender| {
            let token =
                sender.handshake.as_ref().and_then(|handshake| handshake.verify_token.as_deref());
            sender.secrets.iter().map(|secret| secret.name.as_str()).chain(token)
        })
    }

    /// Prepares the keys. `secret` gives the secret with a name, or nothing where there is none.
    ///
    /// A secret that is missing, weak, not written as its scheme's are, or the key of another name as
    /// well, stops the senders that have it: they are kept, but nothing of theirs verifies, and
    /// [`Verifier::broken_secrets`] says why. Of a key that two senders share nobody can say whose
    /// request it is, so both stop.
    ///
    /// # Errors
    ///
    /// Where the seal's secret is one of these: then nothing could be forwarded. The broken secrets
    /// of senders stand behind it.
    pub fn into_verifier(
        self,
        secret: impl Fn(&str) -> Option<Secret>,
    ) -> Result<Verifier, PolicyErrors> {
        let mut reader = Reader::new();
        let mut known = Known::default();
        let senders = self.senders.into_iter().enumerate();
        let mut senders: Vec<Sender> =
            senders.map(|(index, policy)| known.prepare(index, policy, &secret)).collect();
        let seal = self.seal.and_then(|seal| seal.into_seal(&secret, &known, &mut reader));
        let broken = known.stop(&mut senders);
        if !reader.is_clean() {
            reader.errors.extend(broken);
            return reader.finish(None);
        }
        Ok(Verifier::new(senders, self.routes, seal, broken))
    }
}

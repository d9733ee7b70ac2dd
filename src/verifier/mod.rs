//! The order of the checks, as types: [`Verifier`], [`Pending`], [`Verified`], [`Cleared`].

mod connection;
mod decision;
mod greeted;
mod outcome;
mod pending;
mod refusal;

pub use decision::Decision;
pub use greeted::{Greeted, Handshaken};
pub use outcome::{Cleared, Outcome, Unclaimed, Verified};
pub use pending::{Pending, Public};
pub use refusal::Refusal;

use crate::algorithm::{Cryptography, PrivateKey, PublicKey};
use crate::destination::Destination;
use crate::forward::{Seal, left_behind};
use crate::handshake::{Greeting, Handshake};
use crate::keyring::Sender;
use crate::message::{Body, CONNECTION, Head, MAX_FIELDS, Method, Methods, Occurrence};
use crate::path::{PathPattern, RouteTree, has_ambiguous_escapes};
use crate::policy_error::PolicyError;
use crate::rejection::{AllowedMethods, Rejection};
use crate::scheme::Scheme;
use crate::secret::Secret;
use crate::time::UnixSeconds;
pub(crate) use connection::check_connection;
use connection::names_few;
use greeted::MAX_HANDSHAKE_BODY;
use pending::Window;
pub(crate) use pending::check_body;

const CONTENT_LENGTH: &str = "content-length";
const CONTENT_ENCODING: &str = "content-encoding";

/// Who may use a route.
#[derive(Debug)]
pub(crate) enum Access {
    /// Everybody; nothing is verified.
    Public,
    /// These senders, as places in the verifier's list; all use one scheme.
    Signed { scheme: &'static Scheme, senders: Vec<usize> },
}

/// A route as the verifier uses it.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) path: PathPattern,
    pub(crate) methods: Methods,
    pub(crate) access: Access,
    /// Bytes.
    pub(crate) max_body: usize,
    /// Seconds.
    pub(crate) body_timeout: u32,
    pub(crate) allow_empty_body: bool,
    pub(crate) allow_content_encoding: bool,
    /// Whether a path may have escapes that some readers decode to another path.
    pub(crate) allow_ambiguous_escapes: bool,
    /// Seconds.
    pub(crate) origin_timeout: u32,
    /// The handshake of its senders' scheme, where one of them asks the gate to answer it.
    pub(crate) handshake: Option<Handshake>,
}

impl Route {
    /// The methods that the gate itself answers.
    pub(crate) fn handshake_methods(&self) -> Methods {
        self.handshake.map(Handshake::methods).unwrap_or_default()
    }
}

/// Decides about requests by one policy. Made by [`Policy::into_verifier`](crate::Policy::into_verifier).
#[derive(Debug)]
pub struct Verifier {
    senders: Vec<Sender>,
    routes: Vec<Route>,
    tree: RouteTree,
    seal: Option<Box<Seal>>,
    destination: Destination,
    broken: Vec<PolicyError>,
    cryptography: Option<Box<dyn Cryptography + Send + Sync>>,
}

impl Verifier {
    pub(crate) fn new(
        mut senders: Vec<Sender>,
        routes: Vec<Route>,
        seal: Option<Seal>,
        broken: Vec<PolicyError>,
    ) -> Self {
        let keys = senders.iter_mut().flat_map(|sender| &mut sender.keys);
        let public = keys.filter(|sender_key| sender_key.key.public().is_some());
        for (number, sender_key) in (0..).zip(public) {
            sender_key.key.set_number(number);
        }
        let mut tree = RouteTree::default();
        for (index, route) in routes.iter().enumerate() {
            tree.insert(&route.path, index);
        }
        Self {
            senders,
            routes,
            tree,
            seal: seal.map(Box::new),
            destination: Destination::default(),
            broken,
            cryptography: None,
        }
    }

    /// The same with somebody who computes with public and private keys in place of this code.
    #[must_use]
    pub fn with_cryptography(self, cryptography: Box<dyn Cryptography + Send + Sync>) -> Self {
        Self { cryptography: Some(cryptography), ..self }
    }

    fn cryptography(&self) -> Option<&dyn Cryptography> {
        self.cryptography.as_deref().map(|cryptography| cryptography as _)
    }

    /// The public key with this [number](PublicKey::number). Returns `None` if the policy has fewer.
    pub fn public_key(&self, number: u32) -> Option<&PublicKey> {
        self.public_keys().find(|key| key.number() == number)
    }

    /// The private key that seals. Returns `None` if a shared one does, or none.
    pub fn sealing_key(&self) -> Option<&PrivateKey> {
        self.seal.as_ref()?.key().private()
    }

    /// Whether something of a decision is asked of whoever has the cryptography of public keys.
    pub fn needs_cryptography(&self) -> bool {
        self.public_keys().next().is_some() || self.sealing_key().is_some()
    }

    fn public_keys(&self) -> impl Iterator<Item = &PublicKey> {
        let keys = self.senders.iter().flat_map(|sender| &sender.keys);
        keys.filter_map(|sender_key| sender_key.key.public())
    }

    /// The same with a destination. Without one, what is let through goes to the host that was called,
    /// whichever that is.
    #[must_use]
    pub fn with_destination(self, destination: Destination) -> Self {
        Self { destination, ..self }
    }

    /// The paths of all routes, as the policy writes them.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        self.routes.iter().map(|route| route.path.as_str())
    }

    /// The sender at a place of the policy's list.
    pub(crate) fn sender(&self, index: usize) -> Option<&Sender> {
        self.senders.get(index)
    }

    /// Whether some sender's requests are claimed.
    pub fn needs_replay_store(&self) -> bool {
        self.senders.iter().any(|sender| sender.replay.is_some())
    }

    /// The secrets that are missing or broken. Their senders are refused, and no others.
    pub fn broken_secrets(&self) -> &[PolicyError] {
        &self.broken
    }

    /// The names of the header fields that a decision may rest on, whatever the request; nothing where
    /// that may be any. A head with no others is decided alike.
    ///
    /// Where reading a field costs, as in a Worker, the others need not be read of a request that is
    /// refused.
    pub fn fields_read(&self) -> Option<Vec<&'static str>> {
        let mut names = vec![CONTENT_LENGTH, CONTENT_ENCODING, CONNECTION];
        let add = &mut |name: &'static str| {
            if !names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
                names.push(name);
            }
        };
        let mut all = true;
        for route in &self.routes {
            if let Access::Signed { scheme, .. } = route.access {
                all &= scheme.tell_fields_read(add);
            }
            all &= !route.handshake.is_some_and(Handshake::reads_fields);
        }
        all.then_some(names)
    }

    /// Those of a request's field names that the origin does not get, before it gets the gate's.
    /// `connection` is the value of the field `Connection`, which names more of them; empty where
    /// there is none. Nothing where there are more than 256 names.
    pub fn left_behind<'n>(&self, connection: &str, names: &[&'n str]) -> Option<Vec<&'n str>> {
        let seal = self.seal_fields();
        (names.len() <= MAX_FIELDS).then(|| left_behind(&[connection.as_bytes()], names, seal))
    }

    /// The names of the fields that nobody but the gate may set for the origin.
    fn seal_fields(&self) -> &[&'static str] {
        self.seal.as_deref().map(Seal::field_names).unwrap_or_default()
    }

    /// Makes every check that needs no body: route, method, declared length, content coding,
    /// and then what the scheme asks of the head.
    pub fn begin<'v, 'h>(
        &'v self,
        head: &'h Head<'h>,
        now: UnixSeconds,
    ) -> Result<Admission<'v, 'h>, Box<Refusal<'v>>> {
        let mut decision = Decision::default();
        self.admit(head, now, &mut decision).map_err(|rejection| Refusal::new(rejection, decision))
    }

    fn admit<'v, 'h>(
        &'v self,
        head: &'h Head<'h>,
        now: UnixSeconds,
        decision: &mut Decision<'v>,
    ) -> Result<Admission<'v, 'h>, Rejection> {
        let Found { route, method, allow } = self.route(head)?;
        decision.route = Some(route.path.as_str());
        check_framing(head, route)?;
        let Access::Signed { scheme, senders } = &route.access else {
            if !names_few(head) {
                return Err(Rejection::NoRoute);
            }
            let (verifier, decision) = (self, *decision);
            return Ok(Admission::Public(Public { verifier, head, route, method, decision }));
        };
        decision.scheme = Some(scheme);
        let senders = senders.iter().filter_map(|index| self.senders.get(*index));
        if let Some(greeting) = greet(route, senders.clone(), head, method)? {
            let decision = *decision;
            let body_timeout = route.body_timeout;
            return Ok(Admission::Handshake(Greeted { greeting, body_timeout, decision }));
        }
        if !route.methods.contains(method) {
            return Err(Rejection::MethodNotAllowed { allow: AllowedMethods(allow) });
        }
        let tolerance = senders.clone().map(|sender| sender.tolerance).max().unwrap_or_default();
        let window = Window { now, tolerance };
        let presented =
            scheme.present(head, None, now, &mut |timestamp| window.check(timestamp, decision))?;
        check_connection(head, scheme, &presented)?;
        if !senders.clone().any(Sender::is_available) {
            return Err(Rejection::Misconfigured);
        }
        let senders = senders.collect();
        let mut pending = Pending {
            verifier: self,
            senders,
            head,
            route,
            method,
            scheme,
            presented,
            window,
            decision: *decision,
            by_head: None,
        };
        if scheme.signs_components() {
            let verified = pending.verify_head();
            *decision = pending.decision;
            verified?;
        }
        Ok(Admission::Signed(pending))
    }

    /// The one route that has the request's path and method, or a handshake with that method.
    pub(crate) fn route(&self, head: &Head<'_>) -> Result<Found<'_>, Rejection> {
        if !self.destination.serves(head) {
            return Err(Rejection::NoRoute);
        }
        let method = Method::from_name(head.method());
        let mut allow = Methods::default();
        let mut found = None;
        let ambiguous = has_ambiguous_escapes(head.path());
        self.tree.matches(head.path(), &mut |index| {
            let route = self.routes.get(index);
            if let Some(route) = route.filter(|route| route.allow_ambiguous_escapes || !ambiguous) {
                allow.extend(route.methods);
                let mut methods = route.methods;
                methods.extend(route.handshake_methods());
                if let Some(method) = method.filter(|method| methods.contains(*method)) {
                    found = Some((route, method));
                }
            }
        });
        match found {
            Some((route, method)) => Ok(Found { route, method, allow }),
            None if allow == Methods::default() => Err(Rejection::NoRoute),
            None => Err(Rejection::MethodNotAllowed { allow: AllowedMethods(allow) }),
        }
    }
}

/// A route with a method it has, and all methods that are forwarded from its path.
pub(crate) struct Found<'v> {
    pub(crate) route: &'v Route,
    pub(crate) method: Method,
    allow: Methods,
}

/// What an unsigned handshake leads to, where the head is one and a sender asks for it.
pub(crate) fn greet<'v>(
    route: &Route,
    senders: impl Iterator<Item = &'v Sender>,
    head: &Head<'_>,
    method: Method,
) -> Result<Option<Greeting>, Rejection> {
    let Some(handshake) = route.handshake else { return Ok(None) };
    let asking = senders.filter_map(|sender| sender.handshake.as_ref());
    let tokens: Vec<Option<&Secret>> = asking.map(|asking| asking.verify_token.as_ref()).collect();
    handshake.greet(head, method, &tokens)
}

/// What the head says of the body: its length and its coding.
pub(crate) fn check_framing(head: &Head<'_>, route: &Route) -> Result<(), Rejection> {
    let limit = route.max_body;
    match head.single(CONTENT_LENGTH) {
        Occurrence::Absent => {}
        Occurrence::Once(digits) if is_at_most(digits, limit) => {}
        _ => return Err(Rejection::BodyTooLarge { limit }),
    }
    match head.single(CONTENT_ENCODING) {
        Occurrence::Absent => Ok(()),
        Occurrence::Once(coding) if coding.eq_ignore_ascii_case(b"identity") => Ok(()),
        _ if route.allow_content_encoding => Ok(()),
        _ => Err(Rejection::UnsupportedContentEncoding),
    }
}

/// Whether a `Content-Length` (RFC 9110 section 8.6) is readable and not over the limit.
fn is_at_most(digits: &[u8], limit: usize) -> bool {
    digits.iter().all(u8::is_ascii_digit)
        && str::from_utf8(digits)
            .ok()
            .and_then(|digits| digits.parse::<usize>().ok())
            .is_some_and(|length| length <= limit)
}

/// A request whose head has passed. Its body may now be read.
#[derive(Clone, Debug)]
pub enum Admission<'v, 'h> {
    /// The route asks for a signature.
    Signed(Pending<'v, 'h>),
    /// The route is public.
    Public(Public<'v, 'h>),
    /// The provider tries the endpoint out, without a signature.
    Handshake(Greeted<'v>),
}

impl<'v, 'h> Admission<'v, 'h> {
    /// How many bytes of body to read at the most.
    pub fn max_body(&self) -> usize {
        match self {
            Self::Signed(pending) => pending.route.max_body,
            Self::Public(public) => public.route.max_body,
            Self::Handshake(_) => MAX_HANDSHAKE_BODY,
        }
    }

    /// Seconds that the body may take to arrive, counted from the head.
    pub fn body_timeout(&self) -> u32 {
        match self {
            Self::Signed(pending) => pending.route.body_timeout,
            Self::Public(public) => public.route.body_timeout,
            Self::Handshake(greeted) => greeted.body_timeout,
        }
    }

    /// As [`Pending::takes_hashes`]. Of a request to a public route, the length is enough.
    pub fn takes_hashes(&self) -> bool {
        match self {
            Self::Signed(pending) => pending.takes_hashes(),
            Self::Public(_) => true,
            Self::Handshake(_) => false,
        }
    }

    /// Takes the whole body, raw, and the time at which it is there, and makes every check that is left.
    pub fn finish<B: Body>(
        self,
        body: B,
        now: UnixSeconds,
    ) -> Result<Outcome<'v, 'h, B>, Box<Refusal<'v>>> {
        match self {
            Self::Signed(pending) => pending.finish(body, now).map(Verified::into_outcome),
            Self::Public(public) => public.finish(body, now).map(Outcome::Forward),
            Self::Handshake(greeted) => greeted.finish(body.content()).map(Outcome::Answer),
        }
    }
}

//! The order of the checks, as types: [`Verifier`], [`Pending`], [`Verified`], [`Cleared`].

use crate::answer::Answer;
use crate::decision::{Decision, LogLine};
use crate::forward::ForwardPlan;
use crate::handshake::{Greeting, Handshake, answer_ping};
use crate::keyring::{Sender, Signer, find_signer};
use crate::message::{Head, Occurrence};
use crate::message_signature::{CONTENT_DIGEST, content_digest};
use crate::policy::PolicyError;
use crate::rejection::{AllowedMethods, Rejection};
use crate::replay::{Claim, Expiry, MARGIN, ReplayRule, Verdict};
use crate::route::{Method, Methods, PathPattern, RouteTree};
use crate::scheme::{Presented, Scheme, SignedRequest};
use crate::seal::Seal;
use crate::secret::Secret;
use crate::time::UnixSeconds;

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
    pub(crate) allow_empty_body: bool,
    pub(crate) allow_content_encoding: bool,
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
    missing: Vec<PolicyError>,
}

impl Verifier {
    pub(crate) fn new(
        senders: Vec<Sender>,
        routes: Vec<Route>,
        seal: Option<Seal>,
        missing: Vec<PolicyError>,
    ) -> Self {
        let mut tree = RouteTree::default();
        for (index, route) in routes.iter().enumerate() {
            tree.insert(&route.path, index);
        }
        Self { senders, routes, tree, seal: seal.map(Box::new), missing }
    }

    /// Whether some sender's requests are claimed.
    pub fn needs_replay_store(&self) -> bool {
        self.senders.iter().any(|sender| sender.replay.is_some())
    }

    /// The secrets that were not there. Their senders are refused.
    pub fn missing_secrets(&self) -> &[PolicyError] {
        &self.missing
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
            let (seal, decision) = (self.seal.as_deref(), *decision);
            return Ok(Admission::Public(Public { head, route, method, seal, now, decision }));
        };
        decision.scheme = Some(scheme);
        let senders = senders.iter().filter_map(|index| self.senders.get(*index));
        if let Some(greeting) = greet(route, senders.clone(), head, method)? {
            let decision = *decision;
            return Ok(Admission::Handshake(Greeted { greeting, decision }));
        }
        if !route.methods.contains(method) {
            return Err(Rejection::MethodNotAllowed { allow: AllowedMethods(allow) });
        }
        let tolerance = senders.clone().map(|sender| sender.tolerance).max().unwrap_or_default();
        let window = Window { now, tolerance };
        let presented =
            scheme.present(head, None, now, &mut |timestamp| window.check(timestamp, decision))?;
        if !senders.clone().any(Sender::is_available) {
            return Err(Rejection::Misconfigured);
        }
        let senders = senders.collect();
        let mut pending = Pending {
            senders,
            head,
            route,
            method,
            scheme,
            presented,
            window,
            seal: self.seal.as_deref(),
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
    fn route(&self, head: &Head<'_>) -> Result<Found<'_>, Rejection> {
        let method = Method::from_name(head.method());
        let mut allow = Methods::default();
        let mut found = None;
        self.tree.matches(head.path(), &mut |index| {
            if let Some(route) = self.routes.get(index) {
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
struct Found<'v> {
    route: &'v Route,
    method: Method,
    allow: Methods,
}

/// What an unsigned handshake leads to, where the head is one and a sender asks for it.
fn greet<'v>(
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
fn check_framing(head: &Head<'_>, route: &Route) -> Result<(), Rejection> {
    let limit = route.max_body;
    match head.single("content-length") {
        Occurrence::Absent => {}
        Occurrence::Once(digits) if is_at_most(digits, limit) => {}
        _ => return Err(Rejection::BodyTooLarge { limit }),
    }
    match head.single("content-encoding") {
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

/// When a request counts as fresh.
#[derive(Clone, Copy)]
struct Window {
    now: UnixSeconds,
    /// Seconds, both ways.
    tolerance: u32,
}

impl Window {
    fn check(self, timestamp: UnixSeconds, decision: &mut Decision<'_>) -> Result<(), Rejection> {
        decision.skew_seconds = Some(self.now.seconds_since(timestamp));
        if self.now.is_within(self.tolerance, timestamp) {
            Ok(())
        } else {
            Err(Rejection::StaleTimestamp { server_time: self.now })
        }
    }
}

/// What the body's own bytes must keep to.
fn check_body(body: &[u8], route: &Route, method: Method) -> Result<(), Rejection> {
    let limit = route.max_body;
    if body.len() > limit {
        Err(Rejection::BodyTooLarge { limit })
    } else if !body.is_empty() && !method.may_have_body() {
        Err(Rejection::BodyNotAllowed)
    } else {
        Ok(())
    }
}

/// A request whose head has passed. Its body may now be read.
#[derive(Debug)]
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

    /// Takes the whole body, raw, and makes every check that is left.
    pub fn finish<B: AsRef<[u8]>>(self, body: B) -> Result<Outcome<'v, 'h, B>, Box<Refusal<'v>>> {
        match self {
            Self::Signed(pending) => pending.finish(body).map(Verified::into_outcome),
            Self::Public(public) => public.finish(body).map(Outcome::Forward),
            Self::Handshake(greeted) => greeted.finish(body.as_ref()).map(Outcome::Answer),
        }
    }
}

/// Bytes of the longest nonce that is remembered.
const MAX_NONCE: usize = 256;

/// Bytes of body that an unsigned handshake may have: more than any has.
const MAX_HANDSHAKE_BODY: usize = 1024;

/// What becomes of a request that was not refused.
#[derive(Debug)]
pub enum Outcome<'v, 'h, B> {
    /// It goes to the origin.
    Forward(Cleared<'v, 'h, B>),
    /// It goes to the origin if it is the first of its kind.
    Claim(Unclaimed<'v, 'h, B>),
    /// It was a handshake, which the gate answers; the origin does not see it.
    Answer(Handshaken<'v>),
}

impl<'v, B> Outcome<'v, '_, B> {
    /// What to log.
    pub fn log_line<'a>(&self, request_id: &'a str) -> LogLine<'a>
    where
        'v: 'a,
    {
        match self {
            Self::Forward(cleared) | Self::Claim(Unclaimed { cleared, .. }) => {
                cleared.log_line(request_id)
            }
            Self::Answer(handshaken) => handshaken.log_line(request_id),
        }
    }
}

/// A verified request that must be claimed first.
#[derive(Debug)]
pub struct Unclaimed<'v, 'h, B> {
    claim: Claim<'v>,
    cleared: Cleared<'v, 'h, B>,
}

impl<'v, 'h, B> Unclaimed<'v, 'h, B> {
    /// The claim to make.
    pub fn claim(&self) -> &Claim<'v> {
        &self.claim
    }

    /// Goes on with the store's verdict.
    pub fn settle(self, verdict: Verdict) -> Result<Cleared<'v, 'h, B>, Box<Refusal<'v>>> {
        let Self { cleared, .. } = self;
        match Rejection::of_verdict(verdict, cleared.now) {
            None => Ok(cleared),
            Some(rejection) => Err(Refusal::new(rejection, cleared.decision)),
        }
    }

    /// The request as it is forwarded once it is claimed, for an adapter whose other half claims.
    #[cfg(any(feature = "worker", feature = "browser"))]
    pub(crate) fn into_parts(self) -> (Claim<'v>, Cleared<'v, 'h, B>) {
        (self.claim, self.cleared)
    }
}

/// A handshake and its answer.
#[derive(Debug)]
pub struct Handshaken<'v> {
    answer: Answer,
    decision: Decision<'v>,
}

impl<'v> Handshaken<'v> {
    /// The answer.
    pub fn answer(&self) -> &Answer {
        &self.answer
    }

    /// What to log.
    pub fn log_line<'a>(&self, request_id: &'a str) -> LogLine<'a>
    where
        'v: 'a,
    {
        let line = self.decision.log_line("handshake", request_id);
        LogLine { status: Some(self.answer.status), ..line }
    }
}

/// The head of an unsigned handshake.
pub struct Greeted<'v> {
    greeting: Greeting,
    decision: Decision<'v>,
}

impl<'v> Greeted<'v> {
    fn finish(self, body: &[u8]) -> Result<Handshaken<'v>, Box<Refusal<'v>>> {
        let decision = Decision { body_bytes: Some(body.len()), ..self.decision };
        let answer = match self.greeting {
            Greeting::Answer(answer) if body.is_empty() => Ok(answer),
            Greeting::Answer(_) => Err(Rejection::BodyNotAllowed),
            Greeting::Ping => answer_ping(body).ok_or(Rejection::MissingSignature),
        };
        match answer {
            Ok(answer) => Ok(Handshaken { answer, decision }),
            Err(rejection) => Err(Refusal::new(rejection, decision)),
        }
    }
}

impl core::fmt::Debug for Greeted<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Greeted").field("decision", &self.decision).finish_non_exhaustive()
    }
}

/// A request with the right form and time, whose signature has yet to be compared.
#[must_use = "nothing is verified before `finish`"]
pub struct Pending<'v, 'h> {
    senders: Vec<&'v Sender>,
    head: &'h Head<'h>,
    route: &'v Route,
    method: Method,
    scheme: &'static Scheme,
    presented: Presented<'h>,
    window: Window,
    seal: Option<&'v Seal>,
    decision: Decision<'v>,
    /// Set where the head alone has been verified.
    by_head: Option<VerifiedHead<'v>>,
}

/// What a signature over the head has proven.
#[derive(Clone, Copy)]
struct VerifiedHead<'v> {
    signer: Signer<'v>,
    /// Whether it covers the body's digest.
    covers_digest: bool,
}

impl<'v, 'h> Pending<'v, 'h> {
    /// Takes the whole body, raw, and compares the signature over it.
    pub fn finish<B: AsRef<[u8]>>(
        mut self,
        body: B,
    ) -> Result<Verified<'v, 'h, B>, Box<Refusal<'v>>> {
        match self.verify(body.as_ref()) {
            Ok((signer, claim)) => {
                let Self { head, route, window, seal, decision, .. } = self;
                let (sender, now) = (Some(signer.sender), window.now);
                let cleared = Cleared { head, route, sender, seal, now, decision, body };
                Ok(Verified { signer, claim, cleared })
            }
            Err(rejection) => Err(Refusal::new(rejection, self.decision)),
        }
    }

    fn verify(&mut self, body: &[u8]) -> Result<(Signer<'v>, Option<Claim<'v>>), Rejection> {
        self.decision.body_bytes = Some(body.len());
        check_body(body, self.route, self.method)?;
        let signer = match self.by_head {
            Some(verified) => self.verify_content(verified, body)?,
            None => self.verify_all(body)?,
        };
        if body.is_empty() && !self.route.allow_empty_body && !self.scheme.binds_bodyless_requests()
        {
            return Err(Rejection::BodyRequired);
        }
        let claim = match signer.sender.replay {
            Some(rule) => {
                let request = SignedRequest::new(self.head, body);
                Some(claim(signer.sender, rule, &self.presented, request)?)
            }
            None => None,
        };
        Ok((signer, claim))
    }

    /// Verifies a signature that covers parts of the head, and the body by its digest.
    fn verify_head(&mut self) -> Result<(), Rejection> {
        let request = SignedRequest::new(self.head, &[]);
        let signer = self.find_signer(request)?;
        let key = signer.key().ok_or(Rejection::InternalError)?;
        let covers_digest = self.presented.choose(key, signer.sender.request(request));
        self.identify(signer)?;
        if signer.sender.needs_nonce() {
            match self.presented.id_length() {
                0 => return Err(Rejection::MissingSignature),
                1..=MAX_NONCE if self.presented.has_one_nonce(signer.sender.request(request)) => {}
                _ => return Err(Rejection::InvalidSignature),
            }
        }
        let verified = VerifiedHead { signer, covers_digest };
        if self.head.declares_body() {
            verified.check_coverage()?;
        }
        self.by_head = Some(verified);
        Ok(())
    }

    fn verify_content(
        &self,
        verified: VerifiedHead<'v>,
        body: &[u8],
    ) -> Result<Signer<'v>, Rejection> {
        if !body.is_empty() {
            verified.check_coverage()?;
        }
        let digest = self.head.combined(CONTENT_DIGEST).unwrap_or_default();
        if verified.covers_digest && !content_digest::matches(&digest, body) {
            return Err(Rejection::InvalidSignature);
        }
        Ok(verified.signer)
    }

    /// Verifies a signature that covers the body itself.
    fn verify_all(&mut self, body: &[u8]) -> Result<Signer<'v>, Rejection> {
        let Self { head, window, decision, .. } = self;
        if self.scheme.reads_body() {
            let window = *window;
            let within = &mut |timestamp| window.check(timestamp, decision);
            self.presented =
                self.scheme.present(head, Some(body), window.now, within)?.into_owned();
        }
        let signer = self.find_signer(SignedRequest::new(self.head, body))?;
        self.identify(signer)?;
        Ok(signer)
    }

    fn find_signer(&self, request: SignedRequest<'_>) -> Result<Signer<'v>, Rejection> {
        let senders = self.senders.iter().copied();
        let signer = find_signer(senders.clone(), &self.presented, request, self.window.now);
        // Whose request it is cannot be told while one of the senders has no key.
        signer.ok_or_else(|| {
            if senders.clone().all(Sender::is_available) {
                Rejection::InvalidSignature
            } else {
                Rejection::Misconfigured
            }
        })
    }

    /// Notes whose request it is, and holds it to the sender's own window.
    fn identify(&mut self, signer: Signer<'v>) -> Result<(), Rejection> {
        let Self { window, decision, presented, .. } = self;
        decision.sender = Some(&signer.sender.id);
        decision.secret_index = Some(signer.key_index);
        match presented.timestamp() {
            Some(timestamp) => {
                Window { tolerance: signer.sender.tolerance, ..*window }.check(timestamp, decision)
            }
            None => Ok(()),
        }
    }
}

impl VerifiedHead<'_> {
    /// A body must be covered, where the policy does not leave that open.
    fn check_coverage(self) -> Result<(), Rejection> {
        let requirement = self.signer.sender.requirement.as_ref();
        let required = requirement.is_none_or(|requirement| {
            requirement.components.iter().any(|name| name == CONTENT_DIGEST)
        });
        if required && !self.covers_digest { Err(Rejection::InvalidSignature) } else { Ok(()) }
    }
}

/// The claim of a verified request.
fn claim<'v>(
    sender: &'v Sender,
    rule: ReplayRule,
    presented: &Presented<'_>,
    request: SignedRequest<'_>,
) -> Result<Claim<'v>, Rejection> {
    let id = presented.claim_id(rule.key, sender.scheme, sender.request(request));
    let expires = match (presented.timestamp(), rule.retention) {
        (Some(signed), _) => {
            let life = u64::from(sender.tolerance).saturating_add(u64::from(MARGIN));
            Some(Expiry::At(UnixSeconds::new(signed.get().saturating_add(life))))
        }
        (None, retention) => retention.map(Expiry::After),
    };
    // The policy takes no rule under which either is missing.
    let (id, expires) = id.zip(expires).ok_or(Rejection::InternalError)?;
    Ok(Claim::new(&sender.id, rule, id, expires))
}

impl core::fmt::Debug for Pending<'_, '_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Pending").field("decision", &self.decision).finish_non_exhaustive()
    }
}

/// A request to a public route. It goes on unverified, and says nothing about its sender.
#[derive(Debug)]
pub struct Public<'v, 'h> {
    head: &'h Head<'h>,
    route: &'v Route,
    method: Method,
    seal: Option<&'v Seal>,
    now: UnixSeconds,
    decision: Decision<'v>,
}

impl<'v, 'h> Public<'v, 'h> {
    /// Takes the whole body, of which only the length is looked at.
    pub fn finish<B: AsRef<[u8]>>(
        mut self,
        body: B,
    ) -> Result<Cleared<'v, 'h, B>, Box<Refusal<'v>>> {
        self.decision.body_bytes = Some(body.as_ref().len());
        let Self { head, route, method, seal, now, decision } = self;
        match check_body(body.as_ref(), route, method) {
            Ok(()) => Ok(Cleared { head, route, sender: None, seal, now, decision, body }),
            Err(rejection) => Err(Refusal::new(rejection, decision)),
        }
    }
}

/// A request whose body was signed by a known sender within the window, with that body. Only
/// [`Pending::finish`] makes one.
#[derive(Debug)]
pub struct Verified<'v, 'h, B> {
    signer: Signer<'v>,
    claim: Option<Claim<'v>>,
    cleared: Cleared<'v, 'h, B>,
}

impl<'v, 'h, B: AsRef<[u8]>> Verified<'v, 'h, B> {
    /// The id of the sender whose key made the signature.
    pub fn sender(&self) -> &'v str {
        &self.signer.sender.id
    }

    /// What becomes of the request: it is forwarded, after its claim where it has one, unless the
    /// provider only tried the endpoint out and the sender asks the gate to answer that.
    pub fn into_outcome(self) -> Outcome<'v, 'h, B> {
        let Self { signer, claim, cleared } = self;
        let handshake =
            signer.sender.scheme.handshake.filter(|_| signer.sender.handshake.is_some());
        let answer = handshake
            .zip(signer.key())
            .and_then(|(handshake, key)| handshake.reply(key, cleared.body.as_ref()));
        match (answer, claim) {
            (Some(answer), _) => Outcome::Answer(Handshaken { answer, decision: cleared.decision }),
            (None, Some(claim)) => Outcome::Claim(Unclaimed { claim, cleared }),
            (None, None) => Outcome::Forward(cleared),
        }
    }
}

/// A request that goes to the origin: one that was verified, or one to a public route. Only the
/// verifier makes one, and nothing else can be turned into a [`ForwardPlan`].
#[derive(Debug)]
pub struct Cleared<'v, 'h, B> {
    head: &'h Head<'h>,
    route: &'v Route,
    /// `None` on a public route.
    sender: Option<&'v Sender>,
    seal: Option<&'v Seal>,
    now: UnixSeconds,
    decision: Decision<'v>,
    body: B,
}

impl<'v, 'h, B> Cleared<'v, 'h, B> {
    /// How long to wait for the origin, in seconds.
    pub fn origin_timeout(&self) -> u32 {
        self.route.origin_timeout
    }

    /// What to log, once the origin has answered.
    pub fn log_line<'a>(&self, request_id: &'a str) -> LogLine<'a>
    where
        'v: 'a,
    {
        let code = if self.sender.is_some() { "accepted" } else { "public" };
        self.decision.log_line(code, request_id)
    }

    /// The plan for the request's head, and the body that goes with it: sealed, where the policy
    /// has a seal and the request was verified. Refused where it should be sealed and cannot,
    /// since the clock shows a time before September 2001.
    pub fn into_forward(self, request_id: &str) -> Result<(ForwardPlan<'h>, B), Box<Refusal<'v>>>
    where
        B: AsRef<[u8]>,
    {
        let Self { head, sender, seal, now, decision, body, .. } = self;
        let Some(sender) = sender else {
            return Ok((ForwardPlan::new(head, request_id, seal), body));
        };
        let sealed = seal.map(|seal| seal.fields(head, body.as_ref(), now)).transpose();
        let sealed = sealed.map_err(|_| Refusal::new(Rejection::InternalError, decision))?;
        let plan = ForwardPlan::new(head, request_id, seal)
            .signed_by(&sender.id, sender.scheme.name())
            .with(sealed.unwrap_or_default());
        Ok((plan, body))
    }
}

/// A request that goes no further.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal<'v> {
    rejection: Rejection,
    decision: Decision<'v>,
}

impl<'v> Refusal<'v> {
    fn new(rejection: Rejection, decision: Decision<'v>) -> Box<Self> {
        Box::new(Self { rejection, decision })
    }

    /// The reason.
    pub fn rejection(&self) -> Rejection {
        self.rejection
    }

    /// What was found out before.
    pub fn decision(&self) -> &Decision<'v> {
        &self.decision
    }

    /// What to log.
    pub fn log_line<'a>(&self, request_id: &'a str) -> LogLine<'a>
    where
        'v: 'a,
    {
        let line = self.decision.log_line(self.rejection.code(), request_id);
        LogLine { status: Some(self.rejection.status()), ..line }
    }

    /// The answer.
    pub fn problem(&self, request_id: &str) -> Answer {
        let scheme = self.decision.scheme;
        let mut answer = self.rejection.problem(request_id, scheme.map(Scheme::name));
        let handshake = scheme.and_then(|scheme| scheme.handshake);
        if handshake.is_some_and(|handshake| !handshake.allows_problem_body()) {
            answer.body.clear();
            answer.fields.retain(|(name, _)| *name != "content-type");
        }
        answer
    }
}

//! What can be wrong with a policy, by field: the operator's errors, as `rejection` has the peer's.

use core::fmt;

use crate::problems::problems;
use crate::secret::WeakSecret;

/// One error of a policy: the path of a field, and what is wrong there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyError {
    path: String,
    sender: Option<String>,
    problem: PolicyProblem,
}

impl PolicyError {
    pub(crate) fn new(path: String, problem: PolicyProblem) -> Self {
        Self { path, sender: None, problem }
    }

    /// An error that concerns a sender, which it names.
    pub(crate) fn of(sender: &str, path: String, problem: PolicyProblem) -> Self {
        Self { path, sender: Some(sender.to_owned()), problem }
    }

    /// Where: `senders[0].tolerance`. Empty for the policy as a whole.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What.
    pub fn problem(&self) -> &PolicyProblem {
        &self.problem
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.path.is_empty() { "policy" } else { &self.path })?;
        if let Some(sender) = &self.sender {
            write!(f, " of {sender}")?;
        }
        write!(f, ": {}", self.problem)
    }
}

/// The errors of a policy that one reading found; never none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyErrors(pub(crate) Vec<PolicyError>);

impl PolicyErrors {
    /// The errors.
    pub fn iter(&self) -> impl Iterator<Item = &PolicyError> {
        self.0.iter()
    }
}

impl fmt::Display for PolicyErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for error in &self.0 {
            write!(f, "{separator}{error}")?;
            separator = "; ";
        }
        Ok(())
    }
}

impl core::error::Error for PolicyErrors {}

problems! {
    /// What is wrong with a field of a policy.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub enum PolicyProblem;

    /// The text is not JSON.
    NotJson {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    } => "not-json", "not JSON at line {line}, column {column}";
    /// A value of another type or another word was expected.
    Expected(what: &'static str) => "expected", "must be {what}";
    /// A number outside the range, which is given with both ends.
    OutOfRange(least: u64, most: u64) => "out-of-range",
        "must be a whole number from {least} to {most}";
    /// The field is required.
    MissingField => "missing-field", "is required";
    /// No such field exists here.
    UnknownField => "unknown-field", "no such field exists";
    /// The field stands twice.
    RepeatedField => "repeated-field", "stands twice";
    /// The list is empty.
    EmptyList => "empty-list", "must not be empty";
    /// The id is not 1 to 64 characters of `A-Za-z0-9._-`.
    InvalidId => "invalid-id", "must be 1 to 64 characters of A-Za-z0-9._-";
    /// The id stands twice.
    RepeatedId => "repeated-id", "stands twice";
    /// No preset has this name.
    UnknownScheme => "unknown-scheme", "no preset has this name";
    /// The secret's last moment lies before its first.
    NeverValid => "never-valid", "lies before not_before";
    /// The scheme's provider has no handshake that the gate can answer.
    NoHandshake => "no-handshake",
        "this scheme's provider has no handshake that the gate can answer";
    /// Nothing is tried with a token here.
    NoVerifyToken => "no-verify-token",
        "has no meaning without the handshake of a provider that sends a token";
    /// The name cannot be that of a Worker secret.
    InvalidSecretName => "invalid-secret-name",
        "must be letters, digits and _, as a Worker secret is named";
    /// A secret itself stands where its name belongs.
    SecretAsName => "secret-as-name",
        "looks like a secret itself: write its name here, store the value with `npx wrangler secret put`, and make a new one if this was shared";
    /// Another sender, another name or the seal has this secret, perhaps in another spelling.
    SharedSecret => "shared-secret", "another sender or name has this key; each needs its own";
    /// The secret is not accepted.
    WeakSecret(weakness: WeakSecret) => "weak-secret", "{weakness}";
    /// Not a word from a short list.
    NotOneOf(words: Vec<&'static str>) => "not-one-of", "must be one of {}", words.join(", ");
    /// Not the name of a header field or of a list's member.
    InvalidFieldName => "invalid-field-name", "must be a name of letters, digits and -";
    /// A list of signatures has no prefix of its own.
    PrefixInList => "prefix-in-list", "has no meaning beside list";
    /// Not the name of a part, and not text without braces.
    UnknownPart => "unknown-part",
        "must be {{timestamp}}, {{id}}, {{body}}, {{method}}, {{url}}, {{secret}}, or text without braces";
    /// `{body}` must be signed, once: nothing else protects it.
    BodyNotSigned => "body-not-signed", "must hold {{body}}, once: nothing else protects the body";
    /// The timestamp that is checked must be signed, once, and one that is signed be checked.
    TimestampNotSigned => "timestamp-not-signed",
        "must hold {{timestamp}}, once, exactly where there is a timestamp: one that is not signed can be changed";
    /// The id must be signed, once, and have its field.
    IdNotSigned => "id-not-signed", "must hold {{id}}, once, exactly where there is an id";
    /// `{secret}` belongs into the bytes of `sha256`, and into no MAC.
    SecretInMac => "secret-in-mac",
        "must hold {{secret}}, once, for sha256, and for no other algorithm";
    /// Two requests could be signed over the same bytes: where one part ends and a later one begins
    /// cannot be told. Both are given as the policy writes them.
    AmbiguousParts {
        /// The part that could go on.
        ends: &'static str,
        /// The part that could begin.
        begins: &'static str,
    } => "ambiguous-parts",
        "cannot be taken apart again: nothing shows where {ends:?} ends and {begins:?} begins, so two requests could be signed over the same bytes; set text between them that the one before cannot hold, or move {{body}} to an end";
    /// The secret is not written as the scheme's are, so its key is not the provider's.
    UndecodableSecret(form: &'static str) => "undecodable-secret", "the secret must be {form}";
    /// The scheme signs no time, so nothing could be compared with the tolerance.
    NoTimeInScheme => "no-time-in-scheme",
        "the scheme signs no time, so a tolerance has no meaning";
    /// Not an absolute URL.
    InvalidUrl => "invalid-url", "must be an absolute http or https URL";
    /// The scheme signs the URL, and the gate must know by which name it was called.
    UrlRequired => "url-required", "is required: the scheme signs the URL that the sender calls";
    /// No path of the route is that of a sender's `url`, so nothing of that sender could be accepted.
    UrlElsewhere {
        /// Place of the sender in the list.
        sender: usize,
    } => "url-elsewhere",
        "never matches the path of senders[{sender}].url, so no request of that sender could be accepted: mend either, or set behind_rewrite on the sender if the gate sees another URL than it calls";
    /// Only a whole URL that the scheme signs can be rewritten on the way.
    RewriteWithoutUrl => "rewrite-without-url",
        "has a meaning only beside a url with a path, where the scheme signs it";
    /// A form follows the path in the signed bytes without a separator.
    AmbiguousPath => "ambiguous-path",
        "a form follows this path in the signed bytes: with an origin as url, no path of the sender may have braces or start with another";
    /// The Worker has no secret with this name. Only its sender is refused.
    MissingSecret => "missing-secret", "is not set; its sender is refused with 503";
    /// The Worker has no secret with this name. Only the provider's handshake is refused.
    MissingToken => "missing-token", "is not set; the provider's handshake is refused with 503";
    /// The scheme's signatures do not say what they cover, so nothing can be asked of that.
    NoComponentsInScheme => "no-components-in-scheme",
        "has a meaning for message signatures (RFC 9421) only";
    /// Not a component that a request's signature can cover.
    InvalidComponent => "invalid-component",
        "must be @method, @target-uri, @authority, @scheme, @request-target, @path, @query, or a field's name in lower case";
    /// The Worker has no secret with this name, so nothing can be sealed and nothing is forwarded.
    MissingSeal => "missing-seal",
        "is not set; without it nothing can be sealed, and everything is refused with 503";
    /// The scheme signs no id or nonce.
    NoNonceInScheme => "no-nonce-in-scheme", "the scheme signs no id or nonce: use \"signature\"";
    /// The scheme's signatures do not cover a whole request that could be recognised.
    SignatureOfNoRequest => "signature-of-no-request",
        "the scheme signs no request as a whole, so there is nothing to recognise one by";
    /// The scheme signs no time, so it must be said how long its requests are remembered.
    RetentionRequired => "retention-required",
        "the scheme signs no time: write {{ by = \"…\", retention = seconds }} to say how long its requests are remembered";
    /// The scheme signs a time, and its requests are remembered until they are stale.
    RetentionFollowsTime => "retention-follows-time",
        "has no meaning: the scheme signs a time, and its requests are remembered until they are stale";
    /// No request path could match, or the braces do not fit.
    InvalidPath => "invalid-path",
        "must be /whole/segments, {{name}} for one and {{*rest}} for the rest, as a request spells them";
    /// Servers differ on the path that the escapes stand for.
    AmbiguousEscapes => "ambiguous-escapes",
        "has escapes that servers read differently (%25 before two digits, or no UTF-8): set allow_ambiguous_escapes to accept that";
    /// Not one of the methods that can be forwarded, in capitals.
    UnknownMethod => "unknown-method", "must be GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS";
    /// Some request would belong to two routes.
    Overlap {
        /// Place of the other route in the list.
        with: usize,
    } => "overlap", "some request would belong to routes[{with}] as well";
    /// No sender has this id.
    UnknownSender => "unknown-sender", "no sender has this id";
    /// No route names this sender.
    UnusedSender => "unused-sender", "no route names this sender";
    /// The senders of the route use different schemes.
    MixedSchemes => "mixed-schemes", "the senders of a route must use one scheme";
    /// The senders of the route have more keys together than a request may cost.
    TooManyKeys {
        /// The most there may be.
        limit: usize,
    } => "too-many-keys",
        "these senders have more than {limit} secrets together, and each costs a MAC a request";
    /// `GET` and `HEAD` have no body, and the schemes sign little else.
    BodylessMethod => "bodyless-method",
        "GET and HEAD have no body, so the signature binds only the time: set allow_empty_body to accept that";
    /// The field has no meaning on a public route.
    NotOnPublicRoute => "not-on-public-route", "has no meaning on a public route";
}

impl PolicyProblem {
    /// Whether a secret is there, and what is wrong is the secret.
    pub fn is_fault(&self) -> bool {
        matches!(self, Self::WeakSecret(_) | Self::SharedSecret | Self::UndecodableSecret(_))
    }
}

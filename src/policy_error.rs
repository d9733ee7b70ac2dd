//! What can be wrong with a policy, by field: the operator's errors, as `rejection` has the peer's.

use core::fmt;

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

/// What is wrong with a field of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PolicyProblem {
    /// The text is not JSON.
    NotJson {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// A value of another type or another word was expected.
    Expected(&'static str),
    /// A number outside the range, which is given with both ends.
    OutOfRange(u64, u64),
    /// The field is required.
    MissingField,
    /// No such field exists here.
    UnknownField,
    /// The field stands twice.
    RepeatedField,
    /// The list is empty.
    EmptyList,
    /// The id is not 1 to 64 characters of `A-Za-z0-9._-`.
    InvalidId,
    /// The id stands twice.
    RepeatedId,
    /// No preset has this name.
    UnknownScheme,
    /// This build of the gate lacks the scheme's algorithm.
    NotBuiltIn {
        /// The feature to build it with.
        feature: &'static str,
    },
    /// The secret's last moment lies before its first.
    NeverValid,
    /// The scheme's provider has no handshake that the gate can answer.
    NoHandshake,
    /// Nothing is tried with a token here.
    NoVerifyToken,
    /// The name cannot be that of a Worker secret.
    InvalidSecretName,
    /// A secret itself stands where its name belongs.
    SecretAsName,
    /// Another sender, another name or the seal has this secret, perhaps in another spelling.
    SharedSecret,
    /// The secret is not accepted.
    WeakSecret(WeakSecret),
    /// Not a word from a short list.
    NotOneOf(Vec<&'static str>),
    /// Not the name of a header field or of a list's member.
    InvalidFieldName,
    /// A list of signatures has no prefix of its own.
    PrefixInList,
    /// Not the name of a part, and not text without braces.
    UnknownPart,
    /// `{body}` must be signed, once: nothing else protects it.
    BodyNotSigned,
    /// The timestamp that is checked must be signed, once, and one that is signed be checked.
    TimestampNotSigned,
    /// The id must be signed, once, and have its field.
    IdNotSigned,
    /// `{secret}` belongs into the bytes of `sha256`, and into no MAC.
    SecretInMac,
    /// Two requests could be signed over the same bytes: where one part ends and a later one begins
    /// cannot be told. Both are given as the policy writes them.
    AmbiguousParts {
        /// The part that could go on.
        ends: &'static str,
        /// The part that could begin.
        begins: &'static str,
    },
    /// The secret is not written as the scheme's are, so its key is not the provider's.
    UndecodableSecret(&'static str),
    /// The scheme signs no time, so nothing could be compared with the tolerance.
    NoTimeInScheme,
    /// Not an absolute URL.
    InvalidUrl,
    /// The scheme signs the URL, and the gate must know by which name it was called.
    UrlRequired,
    /// No path of the route is that of a sender's `url`, so nothing of that sender could be accepted.
    UrlElsewhere {
        /// Place of the sender in the list.
        sender: usize,
    },
    /// Only a whole URL that the scheme signs can be rewritten on the way.
    RewriteWithoutUrl,
    /// A form follows the path in the signed bytes without a separator.
    AmbiguousPath,
    /// The Worker has no secret with this name. Only its sender is refused.
    MissingSecret,
    /// The Worker has no secret with this name. Only the provider's handshake is refused.
    MissingToken,
    /// The scheme's signatures do not say what they cover, so nothing can be asked of that.
    NoComponentsInScheme,
    /// Not a component that a request's signature can cover.
    InvalidComponent,
    /// The Worker has no secret with this name, so nothing can be sealed and nothing is forwarded.
    MissingSeal,
    /// The scheme signs no id or nonce.
    NoNonceInScheme,
    /// The scheme's signatures do not cover a whole request that could be recognised.
    SignatureOfNoRequest,
    /// The scheme signs no time, so it must be said how long its requests are remembered.
    RetentionRequired,
    /// The scheme signs a time, and its requests are remembered until they are stale.
    RetentionFollowsTime,
    /// No request path could match, or the braces do not fit.
    InvalidPath,
    /// Servers differ on the path that the escapes stand for.
    AmbiguousEscapes,
    /// Not one of the methods that can be forwarded, in capitals.
    UnknownMethod,
    /// Some request would belong to two routes.
    Overlap {
        /// Place of the other route in the list.
        with: usize,
    },
    /// No sender has this id.
    UnknownSender,
    /// No route names this sender.
    UnusedSender,
    /// The senders of the route use different schemes.
    MixedSchemes,
    /// The senders of the route have more keys together than a request may cost.
    TooManyKeys {
        /// The most there may be.
        limit: usize,
    },
    /// `GET` and `HEAD` have no body, and the schemes sign little else.
    BodylessMethod,
    /// The field has no meaning on a public route.
    NotOnPublicRoute,
}

impl PolicyProblem {
    /// Whether a secret is there, and what is wrong is the secret.
    pub fn is_fault(&self) -> bool {
        matches!(self, Self::WeakSecret(_) | Self::SharedSecret | Self::UndecodableSecret(_))
    }
}

impl fmt::Display for PolicyProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson { line, column } => write!(f, "not JSON at line {line}, column {column}"),
            Self::Expected(what) => write!(f, "must be {what}"),
            Self::OutOfRange(least, most) => write!(f, "must be a whole number from {least} to {most}"),
            Self::TooManyKeys { limit } => {
                write!(f, "these senders have more than {limit} secrets together, and each costs a MAC a request")
            }
            Self::Overlap { with } => write!(f, "some request would belong to routes[{with}] as well"),
            Self::WeakSecret(weakness) => weakness.fmt(f),
            Self::NotBuiltIn { feature } => {
                write!(f, "this build has no {feature}: `make build` adds it where wrangler.toml names the scheme")
            }
            Self::NotOneOf(words) => write!(f, "must be one of {}", words.join(", ")),
            Self::InvalidFieldName => f.write_str("must be a name of letters, digits and -"),
            Self::PrefixInList => f.write_str("has no meaning beside list"),
            Self::UnknownPart => f.write_str(
                "must be {timestamp}, {id}, {body}, {method}, {url}, {secret}, or text without braces",
            ),
            Self::BodyNotSigned => f.write_str("must hold {body}, once: nothing else protects the body"),
            Self::TimestampNotSigned => f.write_str(
                "must hold {timestamp}, once, exactly where there is a timestamp: one that is not signed can be changed",
            ),
            Self::IdNotSigned => f.write_str("must hold {id}, once, exactly where there is an id"),
            Self::SecretInMac => f.write_str("must hold {secret}, once, for sha256, and for no other algorithm"),
            Self::AmbiguousParts { ends, begins } => write!(
                f,
                "cannot be taken apart again: nothing shows where {ends:?} ends and {begins:?} begins, so two requests could be signed over the same bytes; set text between them that the one before cannot hold, or move {{body}} to an end"
            ),
            Self::UndecodableSecret(form) => write!(f, "the secret must be {form}"),
            Self::NoTimeInScheme => f.write_str("the scheme signs no time, so a tolerance has no meaning"),
            Self::InvalidUrl => f.write_str("must be an absolute http or https URL"),
            Self::NeverValid => f.write_str("lies before not_before"),
            Self::NoHandshake => f.write_str("this scheme's provider has no handshake that the gate can answer"),
            Self::NoVerifyToken => f.write_str("has no meaning without the handshake of a provider that sends a token"),
            Self::AmbiguousPath => f.write_str(
                "a form follows this path in the signed bytes: with an origin as url, no path of the sender may have braces or start with another",
            ),
            Self::UrlElsewhere { sender } => write!(
                f,
                "never matches the path of senders[{sender}].url, so no request of that sender could be accepted: mend either, or set behind_rewrite on the sender if the gate sees another URL than it calls"
            ),
            Self::RewriteWithoutUrl => f.write_str("has a meaning only beside a url with a path, where the scheme signs it"),
            Self::UrlRequired => f.write_str("is required: the scheme signs the URL that the sender calls"),
            Self::MissingField => f.write_str("is required"),
            Self::UnknownField => f.write_str("no such field exists"),
            Self::RepeatedField => f.write_str("stands twice"),
            Self::EmptyList => f.write_str("must not be empty"),
            Self::InvalidId => f.write_str("must be 1 to 64 characters of A-Za-z0-9._-"),
            Self::RepeatedId => f.write_str("stands twice"),
            Self::UnknownScheme => f.write_str("no preset has this name"),
            Self::InvalidSecretName => f.write_str("must be letters, digits and _, as a Worker secret is named"),
            Self::SecretAsName => f.write_str("looks like a secret itself: write its name here, store the value with `npx wrangler secret put`, and make a new one if this was shared"),
            Self::SharedSecret => f.write_str("another sender or name has this key; each needs its own"),
            Self::MissingSecret => f.write_str("is not set; its sender is refused with 503"),
            Self::MissingToken => f.write_str("is not set; the provider's handshake is refused with 503"),
            Self::NoComponentsInScheme => f.write_str("has a meaning for message signatures (RFC 9421) only"),
            Self::InvalidComponent => f.write_str(
                "must be @method, @target-uri, @authority, @scheme, @request-target, @path, @query, or a field's name in lower case",
            ),
            Self::MissingSeal => f.write_str("is not set; without it nothing can be sealed, and everything is refused with 503"),
            Self::NoNonceInScheme => f.write_str("the scheme signs no id or nonce: use \"signature\""),
            Self::SignatureOfNoRequest => f.write_str(
                "the scheme signs no request as a whole, so there is nothing to recognise one by",
            ),
            Self::RetentionRequired => f.write_str(
                "the scheme signs no time: write { by = \"…\", retention = seconds } to say how long its requests are remembered",
            ),
            Self::RetentionFollowsTime => f.write_str(
                "has no meaning: the scheme signs a time, and its requests are remembered until they are stale",
            ),
            Self::InvalidPath => f.write_str(
                "must be /whole/segments, {name} for one and {*rest} for the rest, as a request spells them",
            ),
            Self::AmbiguousEscapes => f.write_str(
                "has escapes that servers read differently (%25 before two digits, or no UTF-8): set allow_ambiguous_escapes to accept that",
            ),
            Self::UnknownMethod => f.write_str("must be GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS"),
            Self::UnknownSender => f.write_str("no sender has this id"),
            Self::UnusedSender => f.write_str("no route names this sender"),
            Self::MixedSchemes => f.write_str("the senders of a route must use one scheme"),
            Self::BodylessMethod => f.write_str(
                "GET and HEAD have no body, so the signature binds only the time: set allow_empty_body to accept that",
            ),
            Self::NotOnPublicRoute => f.write_str("has no meaning on a public route"),
        }
    }
}

//! Every way the gate says no, and the only place that maps one to the wire (RFC 9457).

use std::borrow::Cow;

use crate::json_line::{JsonLine, member};
use crate::log_line::LogLine;
use crate::message::{Answer, Methods};
use crate::replay::Verdict;
use crate::time::UnixSeconds;

/// Why a request was not forwarded, or why no answer came back. The peer reads its code; no
/// variant holds text that the peer sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// A field of the signature is absent or empty.
    MissingSignature,
    /// The timestamp is not canonical.
    InvalidTimestamp {
        /// It has the form of milliseconds.
        milliseconds: bool,
    },
    /// The timestamp lies outside the window, before or after.
    StaleTimestamp {
        /// What the gate's clock shows, so that the peer can compare its own.
        server_time: UnixSeconds,
    },
    /// No key of the route made this signature, or its fields are malformed or repeated.
    InvalidSignature,
    /// The body is longer than the route takes.
    BodyTooLarge {
        /// The route's limit in bytes.
        limit: usize,
    },
    /// The route does not take an empty body from a scheme that signs little else.
    BodyRequired,
    /// A `GET` or `HEAD` request came with a body, which cannot be forwarded.
    BodyNotAllowed,
    /// The body broke off before its end.
    BodyIncomplete,
    /// The body did not arrive within the time that the route gives it.
    BodyTimeout,
    /// The body has a content coding, which the route does not take.
    UnsupportedContentEncoding,
    /// No route has this path.
    NoRoute,
    /// The path has routes, but none with this method.
    MethodNotAllowed {
        /// The methods it has, as an `Allow` field lists them.
        allow: AllowedMethods,
    },
    /// The policy or a secret is missing or broken: the log says which.
    Misconfigured,
    /// The request, or another with its nonce, was accepted before.
    Replayed,
    /// The store of claims did not answer in time, or holds as many as it may.
    ReplayStoreUnavailable,
    /// The origin could not be reached, or broke off before it answered.
    OriginUnreachable,
    /// The origin did not answer in time.
    OriginTimeout,
    /// A defect in the gate itself.
    InternalError,
}

/// The methods that a path's routes take together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AllowedMethods(pub(crate) Methods);

/// Seconds after which to try again (RFC 9110 section 10.2.3).
const RETRY_AFTER: &str = "1";

impl Rejection {
    /// What a store's verdict leads to; nothing where the request may go on.
    pub(crate) fn of_verdict(verdict: Verdict, now: UnixSeconds) -> Option<Self> {
        match verdict {
            Verdict::Claimed => None,
            Verdict::Replayed => Some(Self::Replayed),
            Verdict::Expired => Some(Self::StaleTimestamp { server_time: now }),
            Verdict::Full | Verdict::Unavailable => Some(Self::ReplayStoreUnavailable),
        }
    }

    /// The stable code that clients and logs may rely on.
    pub const fn code(&self) -> &'static str {
        self.entry().1
    }

    /// The status code (RFC 9110 section 15).
    pub const fn status(&self) -> u16 {
        self.entry().0
    }

    /// Status, code and title.
    const fn entry(&self) -> (u16, &'static str, &'static str) {
        match self {
            Self::MissingSignature => (401, "missing_signature", "Signature required"),
            Self::InvalidTimestamp { .. } => (401, "invalid_timestamp", "Timestamp not readable"),
            Self::StaleTimestamp { .. } => (401, "stale_timestamp", "Timestamp outside the window"),
            Self::InvalidSignature => (401, "invalid_signature", "Signature not valid"),
            Self::BodyTooLarge { .. } => (413, "body_too_large", "Body too large"),
            Self::BodyRequired => (400, "body_required", "Body required"),
            Self::BodyNotAllowed => (400, "body_not_allowed", "Body not allowed"),
            Self::BodyIncomplete => (400, "body_incomplete", "Body incomplete"),
            Self::BodyTimeout => (408, "body_timeout", "Body timed out"),
            Self::UnsupportedContentEncoding => {
                (415, "unsupported_content_encoding", "Content coding not supported")
            }
            Self::NoRoute => (404, "no_route", "No such route"),
            Self::MethodNotAllowed { .. } => (405, "method_not_allowed", "Method not allowed"),
            Self::Misconfigured => (503, "misconfigured", "Gate not ready"),
            Self::Replayed => (409, "replayed", "Request replayed"),
            Self::ReplayStoreUnavailable => {
                (503, "replay_store_unavailable", "Replay store unavailable")
            }
            Self::OriginUnreachable => (502, "origin_unreachable", "Origin unreachable"),
            Self::OriginTimeout => (504, "origin_timeout", "Origin timed out"),
            Self::InternalError => (500, "internal_error", "Internal error"),
        }
    }

    /// The sentence for a person. The first four are those that the articles' receiver sends,
    /// so that a client which reads DRF's `detail` keeps working.
    pub(crate) fn detail(&self) -> Cow<'static, str> {
        let text = match self {
            Self::MissingSignature => "Missing HMAC headers",
            Self::InvalidTimestamp { milliseconds: false } => "Invalid timestamp",
            Self::InvalidTimestamp { milliseconds: true } => {
                "Invalid timestamp: it looks like milliseconds, send unix seconds"
            }
            Self::StaleTimestamp { .. } => "Request timestamp too old",
            Self::InvalidSignature => "Invalid HMAC signature",
            Self::BodyTooLarge { limit } => {
                return format!("The body may have {limit} bytes at most").into();
            }
            Self::BodyRequired => "A request without a body is not taken here",
            Self::BodyNotAllowed => "A GET or HEAD request may not have a body",
            Self::BodyIncomplete => "The body ended too early",
            Self::BodyTimeout => "The body did not arrive in time",
            Self::UnsupportedContentEncoding => "The body must be sent without a content coding",
            Self::NoRoute => "Nothing is served at this path",
            Self::MethodNotAllowed { .. } => "This path does not take the method",
            Self::Misconfigured => "The request cannot be verified at present",
            Self::Replayed => "The request was accepted before",
            Self::ReplayStoreUnavailable => {
                "Whether the request is the first cannot be told at present"
            }
            Self::OriginUnreachable => "The origin did not take the request or broke off",
            Self::OriginTimeout => "The origin did not answer in time",
            Self::InternalError => "The request could not be processed",
        };
        text.into()
    }

    /// What to log where nothing else is known about the request.
    pub fn log_line<'a>(&self, request_id: &'a str) -> LogLine<'a> {
        LogLine { status: Some(self.status()), ..LogLine::new(self.code(), request_id) }
    }

    /// The answer, `application/problem+json`. `scheme` is the one that the route asks for, where there is one.
    pub fn problem(&self, request_id: &str, scheme: Option<&str>) -> Answer {
        let status = self.status();
        let mut fields = vec![
            ("content-type", "application/problem+json".into()),
            ("cache-control", "no-store".into()),
        ];
        match self {
            // RFC 9110 section 15.5.2: a 401 names what would be accepted.
            _ if status == 401 => {
                let scheme = scheme.unwrap_or_default();
                let challenge = ["Countersign scheme=\"", scheme, "\""].concat();
                fields.push(("www-authenticate", challenge.into()));
            }
            Self::ReplayStoreUnavailable => fields.push(("retry-after", RETRY_AFTER.into())),
            Self::MethodNotAllowed { allow } => fields.push(("allow", allow.0.to_string().into())),
            // RFC 9110 section 12.5.3: a 415 for a coding says which ones would do.
            Self::UnsupportedContentEncoding => fields.push(("accept-encoding", "identity".into())),
            _ => {}
        }
        Answer { status, fields, body: self.document(request_id) }
    }

    /// The problem document. The last three of its members are ours (RFC 9457 section 3.2).
    fn document(&self, request_id: &str) -> String {
        let (status, code, title) = self.entry();
        let document = JsonLine::new()
            .plain(member!("type"), &["urn:countersign:problem:", code])
            .plain(member!("title"), &[title])
            .number(member!("status"), Some(status))
            .plain(member!("detail"), &[&self.detail()])
            .plain(member!("code"), &[code]);
        let document = match self {
            Self::InvalidTimestamp { milliseconds: true } => {
                document.plain(member!("reason"), &["timestamp_looks_like_ms"])
            }
            _ => document,
        };
        let document = document.text(member!("request_id"), request_id);
        match self {
            Self::StaleTimestamp { server_time } => {
                document.number(member!("server_time"), Some(server_time.get()))
            }
            _ => document,
        }
        .end()
    }
}

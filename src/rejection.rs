//! Every way the gate says no, and the only place that maps one to the wire (RFC 9457).

use std::borrow::Cow;

use crate::json_line::{JsonLine, member};
use crate::log_line::LogLine;
use crate::message::{Answer, Methods};
use crate::replay::Verdict;
use crate::time::UnixSeconds;

/// The table of rejections. A row is a variant with its meaning and what it holds; status, code and
/// title; and the sentence for a person.
macro_rules! rejections {
    (
        $(#[$about:meta])*
        pub enum Rejection;

        $(
            $(#[$meaning:meta])*
            $Name:ident $({$($(#[$field_meaning:meta])* $field:ident: $Field:ty),+ $(,)?})?
            => $status:literal, $code:literal, $title:literal, $detail:expr;
        )+
    ) => {
        $(#[$about])*
        pub enum Rejection {
            $(
                $(#[$meaning])*
                $Name $({$($(#[$field_meaning])* $field: $Field),+})?,
            )+
        }

        impl Rejection {
            /// Status, code and title.
            const fn entry(&self) -> (u16, &'static str, &'static str) {
                match self {
                    $(Self::$Name { .. } => ($status, $code, $title),)+
                }
            }

            /// The sentence for a person.
            #[allow(unused_variables, reason = "few sentences depend on a value")]
            pub(crate) fn detail(&self) -> Cow<'static, str> {
                match self {
                    $(Self::$Name $({$($field),+})? => $detail.into(),)+
                }
            }
        }
    };
}

rejections! {
    /// Why a request was not forwarded, or why no answer came back. The peer reads its code; no
    /// variant holds text that the peer sent.
    ///
    /// The sentences of the first four do not change: clients read them in DRF's `detail`.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Rejection;

    /// A field of the signature is absent or empty.
    MissingSignature => 401, "missing_signature", "Signature required",
        "Missing HMAC headers";
    /// The timestamp is not canonical.
    InvalidTimestamp {
        /// It has the form of milliseconds.
        milliseconds: bool,
    } => 401, "invalid_timestamp", "Timestamp not readable",
        if *milliseconds {
            "Invalid timestamp: it looks like milliseconds, send unix seconds"
        } else {
            "Invalid timestamp"
        };
    /// The timestamp lies outside the window, before or after.
    StaleTimestamp {
        /// What the gate's clock shows, so that the peer can compare its own.
        server_time: UnixSeconds,
    } => 401, "stale_timestamp", "Timestamp outside the window",
        "Request timestamp too old";
    /// No key of the route made this signature, or its fields are malformed or repeated.
    InvalidSignature => 401, "invalid_signature", "Signature not valid",
        "Invalid HMAC signature";
    /// The body is longer than the route takes.
    BodyTooLarge {
        /// The route's limit in bytes.
        limit: usize,
    } => 413, "body_too_large", "Body too large",
        format!("The body may have {limit} bytes at most");
    /// The route does not take an empty body from a scheme that signs little else.
    BodyRequired => 400, "body_required", "Body required",
        "A request without a body is not taken here";
    /// A `GET` or `HEAD` request came with a body, which cannot be forwarded.
    BodyNotAllowed => 400, "body_not_allowed", "Body not allowed",
        "A GET or HEAD request may not have a body";
    /// The body broke off before its end.
    BodyIncomplete => 400, "body_incomplete", "Body incomplete",
        "The body ended too early";
    /// The body did not arrive within the time that the route gives it.
    BodyTimeout => 408, "body_timeout", "Body timed out",
        "The body did not arrive in time";
    /// The body has a content coding, which the route does not take.
    UnsupportedContentEncoding => 415, "unsupported_content_encoding", "Content coding not supported",
        "The body must be sent without a content coding";
    /// No route has this path.
    NoRoute => 404, "no_route", "No such route",
        "Nothing is served at this path";
    /// The path has routes, but none with this method.
    MethodNotAllowed {
        /// The methods it has, as an `Allow` field lists them.
        allow: AllowedMethods,
    } => 405, "method_not_allowed", "Method not allowed",
        "This path does not take the method";
    /// The policy or a secret is missing or broken: the log says which.
    Misconfigured => 503, "misconfigured", "Gate not ready",
        "The request cannot be verified at present";
    /// The request, or another with its nonce, was accepted before.
    Replayed => 409, "replayed", "Request replayed",
        "The request was accepted before";
    /// The store of claims did not answer in time, or holds as many as it may.
    ReplayStoreUnavailable => 503, "replay_store_unavailable", "Replay store unavailable",
        "Whether the request is the first cannot be told at present";
    /// The origin could not be reached, or broke off before it answered.
    OriginUnreachable => 502, "origin_unreachable", "Origin unreachable",
        "The origin did not take the request or broke off";
    /// The origin did not answer in time.
    OriginTimeout => 504, "origin_timeout", "Origin timed out",
        "The origin did not answer in time";
    /// A defect in the gate itself.
    InternalError => 500, "internal_error", "Internal error",
        "The request could not be processed";
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

    /// What to log where nothing else is known about the request.
    pub fn log_line<'a>(&self, request_id: &'a str) -> LogLine<'a> {
        LogLine { status: Some(self.status()), ..LogLine::new(self.code(), request_id) }
    }

    /// The answer, `application/problem+json`. `scheme` is the one that the route asks for, where there is one.
    pub fn problem(&self, request_id: &str, scheme: Option<&str>) -> Answer {
        self.answer(scheme, self.document(request_id))
    }

    /// The same without a document, for a provider that takes no answer with a body.
    pub(crate) fn without_document(&self, scheme: Option<&str>) -> Answer {
        self.answer(scheme, String::new())
    }

    fn answer(&self, scheme: Option<&str>, body: String) -> Answer {
        let status = self.status();
        let mut fields = Vec::with_capacity(3);
        if !body.is_empty() {
            fields.push(("content-type", "application/problem+json".into()));
        }
        fields.push(("cache-control", "no-store".into()));
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
        Answer { status, fields, body }
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

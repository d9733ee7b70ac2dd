//! Verifies signed server-to-server requests, and signs them.
//!
//! This is the core of Countersign, a Cloudflare Worker that stands in front of an origin and
//! lets through only what a known sender signed a moment ago. It is a function of its arguments:
//! bytes and a time go in, an outcome comes out. It reads no clock, no file and no environment,
//! so the same code runs in the Worker, natively and in a browser.
//!
//! Verification is a chain of types. [`Verifier::begin`] looks at the head of a request and
//! refuses what it can without the body; [`Pending::finish`] takes the body and gives a
//! [`Verified`]; and only what the verifier has [`Cleared`] has a [`ForwardPlan`].
//!
//! ```
//! use countersign::{Admission, Field, Head, Policy, Secret, Signer, UnixSeconds, Unsigned, scheme};
//!
//! let secret = || Secret::new(b"kP2vX9mQ4sT7wZ1cF6hJ3nR8bL5dG0yA".to_vec());
//! let policy = Policy::parse(r#"{
//!     "senders": [{"id": "django-app", "scheme": "x-hmac", "secrets": ["APP_SECRET"]}],
//!     "routes": [{"path": "/v1/infer", "methods": ["POST"], "senders": ["django-app"]}]
//! }"#).unwrap();
//! let verifier = policy.into_verifier(|_name| Some(secret())).unwrap();
//!
//! let now = UnixSeconds::new(1_760_000_000);
//! let body = br#"{"text":"hi"}"#;
//! let url = "https://api.example.com/v1/infer";
//! let request = Unsigned { method: "POST", url, body, now, id: None };
//! let signed = Signer::new(&scheme::X_HMAC, &secret()).unwrap().sign(&request).unwrap();
//! let fields: Vec<Field> = signed.iter().map(|(name, value)| Field::new(name, value.as_bytes())).collect();
//! let head = Head::new("POST", url, fields).unwrap();
//!
//! let Admission::Signed(pending) = verifier.begin(&head, now).unwrap() else { unreachable!() };
//! let verified = pending.finish(body, now).unwrap();
//! assert_eq!(verified.sender(), "django-app");
//! ```
#![cfg_attr(not(any(feature = "worker", feature = "browser")), forbid(unsafe_code))]

mod algorithm;
#[cfg(feature = "check")]
pub mod check;
mod destination;
mod encoding;
pub mod explain;
mod forward;
mod handshake;
mod json;
mod json_line;
mod keyring;
mod log_line;
mod message;
mod message_signature;
mod path;
mod policy;
mod policy_error;
mod problems;
pub mod python_json;
mod rejection;
pub mod replay;
pub mod scheme;
mod secret;
mod signer;
mod time;
mod verifier;

#[cfg(any(feature = "worker", feature = "browser"))]
mod adapter;

#[cfg(feature = "fuzz")]
pub mod fuzz;

pub use algorithm::{Check, Cryptography, Failure, HashAlgorithm, Message, PrivateKey, PublicKey};
pub use destination::{Destination, InvalidDestination};
pub use forward::ForwardPlan;
pub use log_line::LogLine;
pub use message::{
    Answer, Body, BodyHash, Content, Field, HashedBody, Head, InvalidOrigin, Method, Origin,
};
pub use path::PathPattern;
pub use policy::{Gap, Open, Policy, RouteSummary};
pub use policy_error::{PolicyError, PolicyErrors, PolicyProblem};
pub use rejection::{AllowedMethods, Rejection};
pub use secret::{Secret, WeakSecret};
pub use signer::{SignError, Signer, Unsigned};
pub use time::UnixSeconds;
pub use verifier::{
    Admission, Cleared, Decision, Greeted, Handshaken, Outcome, Pending, Public, Refusal,
    Unclaimed, Verified, Verifier,
};

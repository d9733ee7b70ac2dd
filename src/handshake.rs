//! What providers send to try out an endpoint, and how the gate answers it for the origin.
//!
//! Each is off until a sender sets `handshake`. Those that are not signed give away nothing: they
//! repeat a text of the peer, or say that somebody is there.

use serde::Serialize;

use crate::algorithm::Key;
use crate::json::{Json, Named};
use crate::message::{Answer, FORM, Head, Method, Methods, form_pairs};
use crate::rejection::Rejection;
use crate::secret::Secret;

/// Bytes of the longest challenge that is repeated.
const MAX_CHALLENGE: usize = 256;
/// Bytes of the longest body of WooCommerce's ping.
const MAX_PING: usize = 64;

/// How a provider tries out an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Handshake {
    /// `PING`, signed: <https://docs.discord.com/developers/interactions/overview>,
    /// <https://docs.discord.com/developers/events/webhook-events>.
    Discord,
    /// `GET ?challenge=`: <https://www.dropbox.com/developers/reference/webhooks>.
    Dropbox,
    /// `GET ?hub.mode=subscribe`, with a token that the operator chose:
    /// <https://developers.facebook.com/docs/graph-api/webhooks/getting-started>.
    Meta,
    /// `url_verification`, signed: <https://docs.slack.dev/reference/events/url_verification/>.
    Slack,
    /// `HEAD`: <https://developer.atlassian.com/cloud/trello/guides/rest-api/webhooks/>.
    Trello,
    /// A form with the webhook's number, not signed: `WC_Webhook::deliver_ping`.
    WooCommerce,
    /// An event list with nothing in it, signed, some wrongly; no answer may have a body:
    /// <https://developer.xero.com/documentation/guides/webhooks/configuring-your-server/>.
    Xero,
    /// `endpoint.url_validation`, signed: <https://developers.zoom.us/docs/api/webhooks/>.
    Zoom,
}

/// What the head of an unsigned handshake leads to.
#[derive(Clone)]
pub(crate) enum Greeting {
    /// This answer, if no body follows.
    Answer(Answer),
    /// The body decides.
    Ping,
}

impl Handshake {
    /// Methods that it needs beside those of the route.
    pub(crate) fn methods(self) -> Methods {
        let mut methods = Methods::default();
        match self {
            Self::Dropbox | Self::Meta => methods.insert(Method::Get),
            Self::Trello => methods.insert(Method::Head),
            Self::WooCommerce => methods.insert(Method::Post),
            _ => {}
        }
        methods
    }

    /// Whether it needs a token that the operator chose.
    pub(crate) fn has_verify_token(self) -> bool {
        self == Self::Meta
    }

    /// Whether a handshake is known by header fields.
    pub(crate) fn reads_fields(self) -> bool {
        self == Self::WooCommerce
    }

    /// Whether a refusal may have a body.
    pub(crate) fn allows_problem_body(self) -> bool {
        self != Self::Xero
    }

    /// The answer to an unsigned handshake, if this head is one. Each of the tokens will do; a
    /// sender that lacks its own has `None`.
    pub(crate) fn greet(
        self,
        head: &Head<'_>,
        method: Method,
        verify_tokens: &[Option<&Secret>],
    ) -> Result<Option<Greeting>, Rejection> {
        let answer = match (self, method) {
            (Self::Dropbox, Method::Get) => parameter(head, b"challenge").and_then(echo),
            (Self::Meta, Method::Get) => {
                if parameter(head, b"hub.mode").as_deref() != Some(b"subscribe") {
                    return Ok(None);
                }
                let token =
                    parameter(head, b"hub.verify_token").ok_or(Rejection::MissingSignature)?;
                let tokens = verify_tokens.iter().flatten();
                if !tokens.fold(false, |found, right| found | right.equals(&token)) {
                    let all_there = verify_tokens.iter().all(Option::is_some);
                    return Err(if all_there {
                        Rejection::InvalidSignature
                    } else {
                        Rejection::Misconfigured
                    });
                }
                parameter(head, b"hub.challenge").and_then(echo)
            }
            (Self::Trello, Method::Head) => Some(empty(200)),
            (Self::WooCommerce, Method::Post) if is_unsigned_form(head) => {
                return Ok(Some(Greeting::Ping));
            }
            _ => None,
        };
        Ok(answer.map(Greeting::Answer))
    }

    /// The answer to a verified request, if it is a handshake. `key` is the one that signed it.
    pub(crate) fn reply(self, key: &Key, body: &[u8]) -> Option<Answer> {
        let body = Json::of_body(body)?;
        let kind = |name| body.member(name)?.text();
        match self {
            Self::Slack => {
                let challenge = body.member("challenge")?.string()?;
                (kind("type")? == "url_verification").then(|| json(&SlackChallenge { challenge }))
            }
            Self::Zoom => {
                let plain_token = body.at(&["payload", "plainToken"])?.string()?;
                let encrypted_token = hex::encode(key.tag([plain_token.as_bytes()])?.as_bytes());
                (kind("event")? == "endpoint.url_validation")
                    .then(|| json(&ZoomTokens { plain_token, encrypted_token }))
            }
            Self::Discord => match body.member("type")?.as_written() {
                "0" => Some(pong_to_events()),
                "1" if matches!(body.named(["event"])?, [Named::Absent]) => {
                    Some(json(&DiscordPong { r#type: 1 }))
                }
                _ => None,
            },
            Self::Xero => body.member("events")?.items()?.next().is_none().then(|| empty(200)),
            Self::Dropbox | Self::Meta | Self::Trello | Self::WooCommerce => None,
        }
    }
}

#[derive(Serialize)]
struct SlackChallenge {
    challenge: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ZoomTokens {
    plain_token: String,
    encrypted_token: String,
}

#[derive(Serialize)]
struct DiscordPong {
    r#type: u8,
}

/// The answer to WooCommerce's ping; nothing where the body is anything else, or too long.
pub(crate) fn answer_ping(body: &[u8]) -> Option<Answer> {
    let number = body.strip_prefix(b"webhook_id=")?;
    let is_number = !number.is_empty() && number.iter().all(u8::is_ascii_digit);
    (is_number && body.len() <= MAX_PING).then(|| empty(200))
}

/// Whether the head is that of a form without WooCommerce's signature.
fn is_unsigned_form(head: &Head<'_>) -> bool {
    head.values("x-wc-webhook-signature").next().is_none() && head.has_media_type(FORM)
}

/// The value of a parameter of the query that stands once and is not empty.
fn parameter(head: &Head<'_>, name: &[u8]) -> Option<Vec<u8>> {
    let mut values = form_pairs(head.query().as_bytes()).filter(|(key, _)| key == name);
    match (values.next(), values.next()) {
        (Some((_, value)), None) if !value.is_empty() => Some(value),
        _ => None,
    }
}

/// Repeats a challenge of visible ASCII characters, as a text that no browser takes for another.
fn echo(challenge: Vec<u8>) -> Option<Answer> {
    let plain = challenge.len() <= MAX_CHALLENGE && challenge.iter().all(u8::is_ascii_graphic);
    let body = String::from_utf8(challenge).ok().filter(|_| plain)?;
    let fields = vec![
        ("content-type", "text/plain".into()),
        ("x-content-type-options", "nosniff".into()),
        ("cache-control", "no-store".into()),
    ];
    Some(Answer { status: 200, fields, body })
}

fn empty(status: u16) -> Answer {
    let fields = vec![("cache-control", "no-store".into())];
    Answer { status, fields, body: String::new() }
}

/// Discord wants to be told a type even where there is nothing.
fn pong_to_events() -> Answer {
    let mut answer = empty(204);
    answer.fields.push(("content-type", "application/json".into()));
    answer
}

fn json(document: &impl Serialize) -> Answer {
    let fields =
        vec![("content-type", "application/json".into()), ("cache-control", "no-store".into())];
    Answer { status: 200, fields, body: serde_json::to_string(document).unwrap_or_default() }
}

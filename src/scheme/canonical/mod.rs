//! The signed bytes that no list of parts describes: one file a provider.

mod adyen;
mod cloudflare;
mod contentful;
mod shopify;
mod twilio;

pub(super) use contentful::names_as_signed;

use super::SenderUrl;
use crate::algorithm::Tag;
use crate::message::Head;

/// Whose rules make the signed bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Canonical {
    /// Adyen's payment notifications.
    AdyenItems,
    /// The tokens of Cloudflare's `is_timed_hmac_valid_v0`.
    CloudflareToken,
    /// Contentful's app requests.
    Contentful,
    /// Shopify's links into an app.
    ShopifyLink,
    /// Shopify's app proxy.
    ShopifyProxy,
    /// Twilio's webhooks.
    Twilio,
}

/// Signed bytes: what was made of the request, and a part of it as it came.
pub(crate) struct Message<'p> {
    made: Vec<u8>,
    received: &'p [u8],
}

impl<'p> Message<'p> {
    fn new(made: Vec<u8>) -> Self {
        Self { made, received: &[] }
    }

    /// The bytes, part by part.
    pub(crate) fn parts(&self) -> [&[u8]; 2] {
        [&self.made, self.received]
    }
}

/// What is to be verified of a request, with one key.
pub(crate) enum Messages<'p> {
    /// The signature is over one of these.
    OneOf(Vec<Message<'p>>),
    /// Each of these, with a signature of its own.
    All(Vec<(Message<'p>, Tag)>),
}

impl Messages<'_> {
    /// Each of them in one.
    fn in_full(&self) -> Vec<Vec<u8>> {
        match self {
            Self::OneOf(messages) => messages.iter().map(|one| one.parts().concat()).collect(),
            Self::All(messages) => messages.iter().map(|(one, _)| one.parts().concat()).collect(),
        }
    }
}

/// What was made of a request for all senders.
pub(crate) enum Read<'p> {
    Messages(Messages<'p>),
    /// What follows the URL that the sender calls.
    Twilio(twilio::Read<'p>),
}

impl Read<'_> {
    /// Each message to a sender's URL in one.
    pub(crate) fn in_full(&self, sender_url: Option<&SenderUrl>) -> Vec<Vec<u8>> {
        match self {
            Self::Messages(messages) => messages.in_full(),
            Self::Twilio(read) => sender_url
                .and_then(|url| read.messages(url))
                .map(|messages| messages.in_full())
                .unwrap_or_default(),
        }
    }
}

impl Canonical {
    /// What the signed bytes of a request are for all senders; nothing where it cannot have been
    /// signed as it is.
    pub(crate) fn read<'p>(self, head: &'p Head<'p>, body: &'p [u8]) -> Option<Read<'p>> {
        let one = |message| Messages::OneOf(vec![message]);
        Some(Read::Messages(match self {
            Self::AdyenItems => Messages::All(adyen::messages(body)?),
            Self::CloudflareToken => one(cloudflare::message(head)?),
            Self::Contentful => one(contentful::message(head, body)?),
            Self::ShopifyLink => Messages::OneOf(shopify::link(head.query())?),
            Self::ShopifyProxy => one(shopify::proxy(head.query())?),
            Self::Twilio => return twilio::read(head, body).map(Read::Twilio),
        }))
    }

    /// Whether the signed bytes depend on header fields beside those of the signature.
    pub(super) const fn reads_fields(self) -> bool {
        matches!(self, Self::Contentful | Self::Twilio)
    }

    /// Whether the whole body is in the signed bytes.
    pub(super) const fn signs_body(self) -> bool {
        matches!(self, Self::Contentful | Self::Twilio)
    }

    /// Whether the body stands as it is at the end of the signed bytes, and nothing before it depends
    /// on it.
    pub(super) const fn ends_with_body(self) -> bool {
        matches!(self, Self::Contentful)
    }

    /// Whether the absolute URL is in the signed bytes.
    pub(super) const fn signs_url(self) -> bool {
        matches!(self, Self::Twilio)
    }

    /// Whether path and query are in the signed bytes.
    pub(super) const fn signs_target(self) -> bool {
        matches!(self, Self::CloudflareToken | Self::Contentful | Self::Twilio)
    }

    /// Whether the method is in the signed bytes.
    pub(super) const fn signs_method(self) -> bool {
        matches!(self, Self::Contentful)
    }

    /// What a signature leaves open besides.
    pub(super) const fn caveat(self) -> Option<&'static str> {
        match self {
            Self::AdyenItems => {
                Some("of each item, all but eight fields; where one ends and the next begins")
            }
            Self::ShopifyLink => Some("the path"),
            Self::ShopifyProxy => Some("the path; where one parameter ends and the next begins"),
            Self::Twilio => Some("where one parameter of a form ends and the next begins"),
            Self::CloudflareToken | Self::Contentful => None,
        }
    }
}

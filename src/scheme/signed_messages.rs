//! The signed bytes of a request, made once however many keys are tried.

use std::borrow::Cow;

use subtle::Choice;
use zeroize::Zeroizing;

use super::canonical::{Messages, Read};
use super::present::{Presented, SignedRequest};
use super::{Part, Scheme, SenderUrl, Signed};
use crate::algorithm::{Cryptography, HashAlgorithm, Key, MOST_FOR_PUBLIC_KEYS, Message, Tag};
use crate::message::{BodyHash, HashedBody};
use crate::message_signature::{self, Requirement, Signature, SignatureBase, Target};
use crate::replay::{ClaimId, ReplayKey, claim_id};

/// What the signatures of a request are compared with, for the senders of a route.
pub(crate) struct SignedMessages<'p> {
    scheme: &'static Scheme,
    presented: &'p Presented<'p>,
    request: SignedRequest<'p>,
    /// Who has the body, where it is not in the request.
    elsewhere: Option<&'p dyn HashedBody>,
    cryptography: Option<&'p dyn Cryptography>,
    read: ForAll<'p>,
}

/// What does not depend on the sender.
enum ForAll<'p> {
    /// The parts are as they were received.
    Parts(&'static [Part]),
    /// Nothing where the request cannot have been signed as it is.
    Canonical(Option<Read<'p>>),
    /// One for each signature.
    Components(Vec<Option<SignatureBase>>),
}

impl<'p> SignedMessages<'p> {
    pub(crate) fn new(
        scheme: &'static Scheme,
        presented: &'p Presented<'p>,
        request: SignedRequest<'p>,
    ) -> Self {
        #[cfg(test)]
        counted::one(|made| &mut made.for_all);
        let SignedRequest { head, body, .. } = request;
        let read = match scheme.signed {
            Signed::Parts(parts) => ForAll::Parts(parts),
            Signed::Canonical(canonical) => ForAll::Canonical(canonical.read(head, body)),
            Signed::Components => {
                ForAll::Components(message_signature::bases(presented.signatures(), head))
            }
        };
        Self { scheme, presented, request, elsewhere: None, cryptography: None, read }
    }

    /// The same, over a body that is hashed elsewhere. The request has it where a URL is signed
    /// beside it, and else an empty one.
    pub(crate) fn over(self, elsewhere: Option<&'p dyn HashedBody>) -> Self {
        Self { elsewhere, ..self }
    }

    /// The same, where somebody else computes with public keys.
    pub(crate) fn asking(self, cryptography: Option<&'p dyn Cryptography>) -> Self {
        Self { cryptography, ..self }
    }

    /// What the keys of a sender with this `url` are compared with.
    pub(crate) fn of<'m>(&'m self, sender_url: Option<&'m SenderUrl>) -> SenderMessages<'m> {
        #[cfg(test)]
        counted::one(|made| &mut made.by_url);
        let Self { scheme, presented, request, elsewhere, cryptography, read } = self;
        let made = match read {
            ForAll::Parts(parts) => self.of_parts(parts, sender_url),
            ForAll::Canonical(None) => None,
            ForAll::Canonical(Some(Read::Messages(messages))) => Some(Made::Shared(messages)),
            ForAll::Canonical(Some(Read::Twilio(read))) => {
                sender_url.and_then(|url| read.messages(url)).map(Made::Own)
            }
            ForAll::Components(bases) => {
                Target::new(request.head, sender_url.map(SenderUrl::as_str)).map(|target| {
                    let base = |base: &SignatureBase| Message::new([&*base.bytes(&target)]);
                    Made::Bases(bases.iter().map(|made| made.as_ref().map(base)).collect())
                })
            }
        };
        SenderMessages {
            scheme,
            presented,
            request: *request,
            elsewhere: *elsewhere,
            cryptography: *cryptography,
            made,
        }
    }

    fn of_parts<'m>(
        &'m self,
        parts: &'static [Part],
        sender_url: Option<&'m SenderUrl>,
    ) -> Option<Made<'m>> {
        let url = self.scheme.url_of(SignedRequest { sender_url, ..self.request })?;
        let message = match self.scheme.algorithm.has_key_pair() {
            true => Some(self.message_of_parts(parts, &url)?),
            false => None,
        };
        Some(Made::Parts { parts, url, message })
    }

    /// What public keys read of the parts.
    fn message_of_parts(&self, parts: &'static [Part], url: &str) -> Option<Message> {
        let SignedRequest { head, body, .. } = self.request;
        let signed = |parts, body| {
            let parts = self.presented.signed_parts(parts, head.method(), url, &[], body);
            parts.collect::<Vec<_>>().concat()
        };
        Some(match self.elsewhere {
            None => Message::new([&*signed(parts, body)]),
            Some(held) if self.cryptography.is_none() => {
                Message::new([&*signed(parts, &held.bytes())])
            }
            Some(_) => {
                let (before, after) = self.scheme.around_body()?;
                Message::around_body(signed(before, &[]), signed(after, &[]))
            }
        })
    }

    /// Each message in one, with these bytes for the secret where that is among them.
    pub(crate) fn in_full(&self, sender_url: Option<&SenderUrl>, secret: &[u8]) -> Vec<Vec<u8>> {
        let SignedRequest { head, body, .. } = self.request;
        match &self.read {
            ForAll::Parts(parts) => {
                let request = SignedRequest { sender_url, head, body };
                let Some(url) = self.scheme.url_of(request) else { return Vec::new() };
                let parts = self.presented.signed_parts(parts, head.method(), &url, secret, body);
                vec![parts.collect::<Vec<_>>().concat()]
            }
            ForAll::Canonical(None) => Vec::new(),
            ForAll::Canonical(Some(read)) => read.in_full(sender_url),
            ForAll::Components(bases) => match Target::new(head, sender_url.map(SenderUrl::as_str))
            {
                Some(target) => bases.iter().flatten().map(|base| base.bytes(&target)).collect(),
                None => Vec::new(),
            },
        }
    }

    /// The same, one `url` of senders after another.
    pub(crate) fn by_url(&self) -> ByUrl<'_> {
        ByUrl { all: self, current: None }
    }
}

/// What the keys of one sender after another are compared with. It is made anew where the `url` is
/// another than the one before.
pub(crate) struct ByUrl<'m> {
    all: &'m SignedMessages<'m>,
    current: Option<(Option<&'m SenderUrl>, SenderMessages<'m>)>,
}

impl<'m> ByUrl<'m> {
    /// What the keys of a sender with this `url` are compared with.
    pub(crate) fn of(&mut self, sender_url: Option<&'m SenderUrl>) -> &SenderMessages<'m> {
        let sender_url = self.all.scheme.called_url(sender_url);
        let messages = match self.current.take() {
            Some((url, messages)) if url == sender_url => messages,
            _ => self.all.of(sender_url),
        };
        let (_, messages) = self.current.insert((sender_url, messages));
        messages
    }
}

/// What the keys of senders with one `url` are compared with; nothing where the request cannot have been
/// signed for them as it is.
pub(crate) struct SenderMessages<'m> {
    scheme: &'static Scheme,
    presented: &'m Presented<'m>,
    request: SignedRequest<'m>,
    elsewhere: Option<&'m dyn HashedBody>,
    cryptography: Option<&'m dyn Cryptography>,
    made: Option<Made<'m>>,
}

enum Made<'m> {
    /// Parts, among them this URL, and what public keys read of them.
    Parts {
        parts: &'static [Part],
        url: Cow<'m, str>,
        message: Option<Message>,
    },
    Shared(&'m Messages<'m>),
    Own(Messages<'m>),
    /// Of each signature its base.
    Bases(Vec<Option<Message>>),
}

impl SenderMessages<'_> {
    /// Whether a key made one of the signatures, or all of those that are to be verified together.
    pub(crate) fn is_signed_with(&self, key: &Key, requirement: Option<&Requirement>) -> Choice {
        let Self { presented, request, .. } = self;
        let tags = presented.tags();
        let Some(made) = &self.made else { return Choice::from(0) };
        if let Made::Parts { message: Some(message), .. } = made {
            return key.verifies_message(message, tags, self.cryptography);
        }
        if let Some(body) = self.elsewhere {
            let hash = key.message_hash().and_then(|(algorithm, start)| {
                self.around_body(algorithm, &start, key.secret())?.digest_of(body)
            });
            return hash.map_or(Choice::from(0), |digest| key.verifies_digest(&digest, tags));
        }
        match made {
            Made::Parts { parts, url, .. } => {
                let (method, body) = (request.head.method(), request.body);
                key.verifies(presented.signed_parts(parts, method, url, key.secret(), body), tags)
            }
            Made::Shared(messages) => are_signed_with(messages, key, tags),
            Made::Own(messages) => are_signed_with(messages, key, tags),
            Made::Bases(_) if self.are_too_many(key, requirement) => Choice::from(0),
            Made::Bases(_) => {
                let signatures = presented.signatures().iter().enumerate();
                signatures.fold(Choice::from(0), |found, (place, signature)| {
                    found | self.is_made_by(place, signature, key, requirement)
                })
            }
        }
    }

    /// Whether there are more signatures that count than a public key tries.
    fn are_too_many(&self, key: &Key, requirement: Option<&Requirement>) -> bool {
        let counts = |one: &&Signature| requirement.is_some_and(|it| one.fulfils(it));
        key.public().is_some()
            && self.presented.signatures().iter().filter(counts).count() > MOST_FOR_PUBLIC_KEYS
    }

    /// Whether a signature that says itself what it covers counts, and was made by this key.
    fn is_made_by(
        &self,
        place: usize,
        signature: &Signature,
        key: &Key,
        requirement: Option<&Requirement>,
    ) -> Choice {
        let Some(Made::Bases(bases)) = &self.made else { return Choice::from(0) };
        let counts = requirement.is_some_and(|requirement| signature.fulfils(requirement));
        match bases.get(place).and_then(Option::as_ref).filter(|_| counts) {
            Some(base) if key.public().is_some() => {
                let tag = core::slice::from_ref(signature.tag());
                key.verifies_message(base, tag, self.cryptography)
            }
            Some(base) => key.verifies([base.before()], core::slice::from_ref(signature.tag())),
            None => Choice::from(0),
        }
    }

    /// Of several signatures that say themselves what they cover, the place of one that this key made:
    /// of one that covers the body's digest, if there is any.
    pub(crate) fn chosen(&self, key: &Key, requirement: Option<&Requirement>) -> Option<usize> {
        let signatures = self.presented.signatures().iter().enumerate();
        let mut made = signatures.filter(|(place, signature)| {
            bool::from(self.is_made_by(*place, signature, key, requirement))
        });
        let (first, signature) = made.next()?;
        if signature.covers_content_digest() {
            return Some(first);
        }
        let covering = made.find(|(_, signature)| signature.covers_content_digest());
        Some(covering.map_or(first, |(place, _)| place))
    }

    /// The hash over a start and the signed bytes; `None` where they are not
    /// [around the body](Scheme::takes_hashes).
    fn around_body(
        &self,
        algorithm: HashAlgorithm,
        start: &[u8],
        secret: &[u8],
    ) -> Option<BodyHash> {
        let Self { scheme, presented, request, .. } = self;
        match self.made.as_ref()? {
            Made::Parts { url, .. } => {
                let target = [request.head.method(), url];
                presented.around_body(scheme, target, secret, algorithm, start)
            }
            Made::Shared(Messages::OneOf(messages)) if scheme.takes_hashes() => {
                let [message] = messages.as_slice() else { return None };
                let [before, _] = message.parts();
                let before = Zeroizing::new([start, before].concat());
                Some(BodyHash { algorithm, before, after: Zeroizing::default() })
            }
            _ => None,
        }
    }

    /// What a verified request is remembered by where that is its signed bytes: of the two messages
    /// that Twilio signs, the first. They have one form, however often and under whichever keys they
    /// are signed.
    pub(crate) fn claim_id(&self) -> Option<ClaimId> {
        let by = ReplayKey::Signature;
        if let Some(body) = self.elsewhere {
            // The hash that it is the start of.
            let hash = self.around_body(HashAlgorithm::Sha256, by.prefix(), &[])?;
            return hash.digest_of(body)?.first_chunk().copied();
        }
        let SignedRequest { head, body, .. } = self.request;
        match self.made.as_ref()? {
            Made::Parts { parts, url, .. } => {
                let parts = self.presented.signed_parts(parts, head.method(), url, &[], body);
                Some(claim_id(by, parts))
            }
            Made::Shared(Messages::OneOf(messages)) | Made::Own(Messages::OneOf(messages)) => {
                Some(claim_id(by, messages.first()?.parts()))
            }
            // Not the covered components: their parameters may be another signature's.
            _ => None,
        }
    }
}

fn are_signed_with(messages: &Messages<'_>, key: &Key, tags: &[Tag]) -> Choice {
    match messages {
        Messages::OneOf(messages) => messages
            .iter()
            .fold(Choice::from(0), |found, message| found | key.verifies(message.parts(), tags)),
        Messages::All(messages) => {
            let any = Choice::from(u8::from(!messages.is_empty()));
            messages.iter().fold(any, |all, (message, tag)| {
                all & key.verifies(message.parts(), core::slice::from_ref(tag))
            })
        }
    }
}

/// How often signed bytes are made.
#[cfg(test)]
mod counted {
    use core::cell::Cell;

    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub(super) struct Made {
        pub(super) for_all: usize,
        pub(super) by_url: usize,
    }

    thread_local! {
        static MADE: Cell<Made> = Cell::default();
    }

    pub(super) fn one(which: fn(&mut Made) -> &mut usize) {
        let mut made = MADE.get();
        *which(&mut made) = which(&mut made).saturating_add(1);
        MADE.set(made);
    }

    /// Since the last time that it was asked.
    pub(super) fn take() -> Made {
        MADE.take()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::counted::{Made, take};
    use crate::{Field, Head, Policy, Secret, UnixSeconds};

    const NOW: u64 = 1_760_000_000;

    /// What is made for one request under a wrong signature, with 8 keys of one sender, of 8 senders
    /// that call one URL, and of 8 that call others.
    fn made(scheme: &str, fields: &[(&str, &str)], target: &str, body: &str) -> [Made; 3] {
        let names: Vec<String> = (0..8).map(|at| format!("SECRET_{at}")).collect();
        let origin = |at: usize| format!("https://h{at}.example");
        let one = json!([{"id": "s", "scheme": scheme, "url": origin(0), "secrets": names}]);
        let many = |url: &dyn Fn(usize) -> usize| {
            let sender = |(at, name): (usize, &String)| json!({"id": format!("s{at}"), "scheme": scheme, "url": origin(url(at)), "secrets": [name]});
            Value::Array(names.iter().enumerate().map(sender).collect())
        };
        [one, many(&|_| 0), many(&|at| at)].map(|senders| {
            let ids: Vec<&str> =
                senders.as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
            let route = json!({
                "path": "/in", "methods": ["POST"], "senders": ids, "allow_empty_body": true,
            });
            let policy = json!({"senders": senders, "routes": [route]}).to_string();
            let secret = |name: &str| {
                let digest = crate::HashAlgorithm::Sha256.digest(name.as_bytes());
                Some(Secret::new(hex::encode(digest).into()))
            };
            let verifier = Policy::parse(&policy).unwrap().into_verifier(secret).unwrap();
            let url = format!("https://h0.example{target}");
            let fields =
                fields.iter().map(|(name, value)| Field::new(name, value.as_bytes())).collect();
            let head = Head::new("POST", &url, fields).unwrap();
            take();
            let admission = verifier.begin(&head, UnixSeconds::new(NOW));
            let refusal = admission
                .and_then(|one| one.finish(body.as_bytes(), UnixSeconds::new(NOW)))
                .unwrap_err();
            assert_eq!(refusal.rejection().code(), "invalid_signature", "{scheme}");
            take()
        })
    }

    #[test]
    fn row_44_signed_bytes_are_made_once_a_request_and_not_once_a_key() {
        let hex = "0".repeat(64);
        let base64 = crate::encoding::to_base64(&[0; 32]);
        let short = crate::encoding::to_base64(&[0; 20]);
        let input = format!("a=(\"@method\" \"@path\");created={NOW};keyid=\"k\"");
        let signature = format!("a=:{base64}:");
        let item = format!(
            r#"{{"notificationItems":[{{"NotificationRequestItem":{{"additionalData":{{"hmacSignature":"{base64}"}}}}}}]}}"#
        );
        let (time, millis) = (NOW.to_string(), format!("{NOW}000"));
        let list = "x-contentful-signed-headers,x-contentful-timestamp";
        let link = format!("/in?timestamp={NOW}&hmac={hex}");
        let proxy = format!("/in?timestamp={NOW}&signature={hex}");
        let token = format!("/in?verify={NOW}-{}", crate::encoding::to_base64_url(&[0; 32]));
        let form = [
            ("X-Twilio-Signature", short.as_str()),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        for (scheme, fields, target, body, urls) in [
            (
                "x-hmac",
                &[("X-HMAC-Signature", hex.as_str()), ("X-HMAC-Timestamp", &time)][..],
                "/in",
                "{}",
                1,
            ),
            ("hubspot-v2", &[("X-HubSpot-Signature", &hex)], "/in", "{}", 8),
            (
                "rfc9421-hmac-sha256",
                &[("Signature-Input", &input), ("Signature", &signature)],
                "/in",
                "",
                8,
            ),
            ("adyen-standard", &[], "/in", &item, 1),
            (
                "contentful",
                &[
                    ("x-contentful-signature", &hex),
                    ("x-contentful-timestamp", &millis),
                    ("x-contentful-signed-headers", list),
                ],
                "/in",
                "{}",
                1,
            ),
            ("shopify-link", &[], &link, "", 1),
            ("shopify-proxy", &[], &proxy, "", 1),
            ("cloudflare-token", &[], &token, "", 1),
            ("twilio", &form, "/in", "a=1", 8),
        ] {
            let once = Made { for_all: 1, by_url: 1 };
            let expected = [once, once, Made { by_url: urls, ..once }];
            assert_eq!(made(scheme, fields, target, body), expected, "{scheme}");
        }
    }
}

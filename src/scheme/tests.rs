//! The presets against published vectors, read in place where the folder is there.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::disallowed_methods, reason = "the vectors are read in place")]
#![allow(clippy::arithmetic_side_effects)]

use serde_json::Value;

use super::*;
use crate::keyring::{Sender, SenderKey, Validity, find_signer};
use crate::message::{BodyHash, Field, HashedBody, Head};
use crate::rejection::Rejection;
use crate::secret::Secret;

/// Presets with vectors, the file that has them, and how many of them are meant.
const FILES: [(&str, &str, usize); 27] = [
    ("adyen-standard", "adyen-standard", 6),
    ("github", "github", 7),
    ("github", "github.derived", 16),
    ("hubspot-v1", "hubspot", 2),
    ("hubspot-v1", "hubspot.derived", 7),
    ("hubspot-v2", "hubspot", 3),
    ("hubspot-v3", "hubspot", 1),
    ("hubspot-v3", "hubspot.derived", 18),
    ("mailgun", "mailgun", 2),
    ("mailgun", "mailgun.derived", 1),
    ("paddle", "paddle", 18),
    ("paddle", "paddle.derived", 22),
    ("sendgrid", "sendgrid", 6),
    ("sendgrid", "sendgrid.derived", 25),
    ("shopify", "shopify", 2),
    ("shopify", "shopify.derived", 8),
    ("slack", "slack", 6),
    ("slack", "slack.derived", 13),
    ("square", "square", 6),
    ("square", "square.derived", 18),
    ("stripe", "stripe", 7),
    ("stripe", "stripe.derived", 10),
    ("standard-webhooks", "standard-webhooks", 3),
    ("standard-webhooks", "standard-webhooks.derived", 39),
    ("standard-webhooks-v1a", "standard-webhooks", 1),
    ("twilio", "twilio", 8),
    ("twilio", "twilio.derived", 3),
];

fn text<'v>(vector: &'v Value, key: &str) -> &'v str {
    vector[key].as_str().unwrap_or_else(|| panic!("{key} of {}", vector["id"]))
}

/// A body that is hashed elsewhere.
#[derive(Debug)]
struct Elsewhere<'b>(&'b [u8]);

impl HashedBody for Elsewhere<'_> {
    fn length(&self) -> usize {
        self.0.len()
    }

    fn bytes(&self) -> Vec<u8> {
        self.0.to_vec()
    }

    fn hash(&self, hash: &BodyHash) -> Vec<u8> {
        hash.algorithm().digest(&[hash.before(), self.0, hash.after()].concat())
    }
}

/// What the engine says to a vector; the keys are taken as they are, however short.
fn verify(scheme: &'static Scheme, vector: &Value) -> Result<(), Rejection> {
    let keys = vector["keys"].as_array().unwrap().iter();
    let keys = keys
        .filter_map(|key| scheme.key_of(&Secret::new(key.as_str().unwrap().into())))
        .map(|key| SenderKey { key, valid: Validity::default() })
        .collect();
    let tolerance = scheme.tolerance;
    // Twilio itself adds the hash to the URL that was configured.
    let configured = text(vector, "url").split("&bodySHA256=").next().unwrap();
    let url = scheme.signs_url().then(|| SenderUrl::new(configured, false));
    let sender = Sender {
        id: "s".into(),
        scheme,
        tolerance,
        keys,
        url,
        handshake: None,
        requirement: None,
        replay: None,
    };
    let pairs = vector["headers"].as_array().unwrap().iter();
    let field = |pair: &'_ Value| {
        (pair[0].as_str().unwrap().to_owned(), pair[1].as_str().unwrap().to_owned())
    };
    let pairs: Vec<(String, String)> = pairs.map(field).collect();
    let fields = pairs.iter().map(|(name, value)| Field::new(name, value.as_bytes())).collect();
    let head = Head::new(text(vector, "method"), text(vector, "url"), fields).unwrap();
    let body = text(vector, "body").as_bytes();
    let mut within = |timestamp: UnixSeconds| match vector["now"].as_u64() {
        Some(now) if !UnixSeconds::new(now).is_within(tolerance, timestamp) => {
            Err(Rejection::StaleTimestamp { server_time: UnixSeconds::new(now) })
        }
        _ => Ok(()),
    };
    let now = UnixSeconds::new(vector["now"].as_u64().unwrap_or_default());
    let presented = scheme.present(&head, Some(body), now, &mut within)?;
    let messages = SignedMessages::new(scheme, &presented, SignedRequest::new(&head, body));
    let mut messages = messages.by_url();
    let signer = find_signer(core::iter::once(&sender), now, |sender, key| {
        sender.has_signed(&mut messages, key)
    });
    if sender.verifies_by_hashes() {
        let elsewhere = Elsewhere(body);
        // A URL is compared with what it meets.
        let near = if scheme.signs_url() { body } else { &[] };
        let messages = SignedMessages::new(scheme, &presented, SignedRequest::new(&head, near));
        let messages = messages.over(Some(&elsewhere));
        let mut messages = messages.by_url();
        let by_hashes = find_signer(core::iter::once(&sender), now, |sender, key| {
            sender.has_signed(&mut messages, key)
        });
        assert_eq!(by_hashes.map(|it| it.key_index), signer.map(|it| it.key_index));
    }
    signer.map(|_| ()).ok_or(Rejection::InvalidSignature)
}

#[test]
fn published_vectors() {
    for (preset, file, count) in FILES {
        let path = format!("{}/../shared/vectors/{file}.json", env!("CARGO_MANIFEST_DIR"));
        let Ok(json) = std::fs::read_to_string(path) else {
            eprintln!("SKIPPED {file}: there is no folder ../shared/vectors");
            continue;
        };
        let json: Value = serde_json::from_str(&json).unwrap();
        let vectors = json["vectors"].as_array().unwrap().iter();
        let of_preset = |vector: &&Value| match vector["engine_config"].as_str() {
            Some(name) => name == preset,
            None => ["adyen-standard", "twilio"].contains(&preset),
        };
        let ours: Vec<&Value> = vectors.filter(of_preset).collect();
        assert_eq!(ours.len(), count, "{preset} in {file}");
        let scheme = Scheme::preset(preset).unwrap();
        for vector in ours {
            let outcome = verify(scheme, vector);
            let accepted = text(vector, "expect") == "accept";
            assert_eq!(
                outcome.is_ok(),
                accepted,
                "{file} {}: {outcome:?} {}",
                vector["id"],
                vector["reject_detail"]
            );
        }
        eprintln!("{preset}: {count} vectors of {file} agree");
    }
}

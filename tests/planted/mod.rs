//! Requests with a mistake in them, and the primitives that plant it: none of them ours.
#![allow(dead_code, reason = "each test file uses a part of it")]

use crate::resolved::RESOLVED;
use base64ct::Encoding;
use countersign::explain::{Explainer, Explanation};
use countersign::{Field, Head, Policy, Secret, UnixSeconds};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

pub(crate) const SECRET: &str = "kP2vX9mQ4sT7wZ1cF6hJ3nR8bL5dG0yA";
const NOW: u64 = 1_760_000_000;

pub(crate) fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(message);
    mac.finalize().into_bytes().into()
}

pub(crate) fn sha1_hmac(key: &[u8], message: &[u8]) -> [u8; 20] {
    let mut mac = Hmac::<Sha1>::new_from_slice(key).unwrap();
    mac.update(message);
    mac.finalize().into_bytes().into()
}

pub(crate) fn sha512_hmac(key: &[u8], message: &[u8]) -> [u8; 64] {
    let mut mac = Hmac::<Sha512>::new_from_slice(key).unwrap();
    mac.update(message);
    mac.finalize().into_bytes().into()
}

pub(crate) fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    Sha256::digest(parts.concat()).into()
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    base64ct::Base64::encode_string(bytes)
}

/// A request to `POST https://api.example.com/hook`.
pub(crate) struct Planted {
    policy: String,
    secrets: Vec<(String, String)>,
    fields: Vec<(String, String)>,
    target: String,
    now: u64,
}

impl Planted {
    /// To a route with one sender of this scheme.
    pub(crate) fn new(scheme: &str, secret: &str) -> Self {
        let policy = serde_json::json!({
            "senders": [{"id": "app", "scheme": scheme, "secrets": ["APP"]}],
            "routes": [{"path": "/hook", "methods": ["POST"], "senders": ["app"]}]
        });
        let mut planted = Self::with_policy(&policy.to_string(), &[("APP", secret)]);
        if Policy::parse(&planted.policy).is_err() {
            planted = planted.url("https://api.example.com");
        }
        planted
    }

    pub(crate) fn with_policy(policy: &str, secrets: &[(&str, &str)]) -> Self {
        let secrets = secrets.iter().map(|(n, t)| ((*n).to_owned(), (*t).to_owned())).collect();
        Self {
            policy: policy.to_owned(),
            secrets,
            fields: Vec::new(),
            target: "/hook".to_owned(),
            now: NOW,
        }
    }

    /// With the sender's URL.
    pub(crate) fn url(self, url: &str) -> Self {
        self.sender("url", url.into())
    }

    /// With a field of the sender's.
    pub(crate) fn sender(mut self, name: &str, value: serde_json::Value) -> Self {
        let mut policy: serde_json::Value = serde_json::from_str(&self.policy).unwrap();
        policy["senders"][0][name] = value;
        self.policy = policy.to_string();
        self
    }

    pub(crate) fn field(mut self, name: &str, value: &str) -> Self {
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn target(mut self, target: &str) -> Self {
        self.target = target.to_owned();
        self
    }

    pub(crate) fn explain(&self, body: &[u8]) -> Explanation {
        let secret = |name: &str| {
            let (_, text) = self.secrets.iter().find(|(own, _)| own == name)?;
            Some(Secret::new(text.clone().into_bytes()))
        };
        let explainer = Explainer::new(Policy::parse(&self.policy).unwrap(), secret).unwrap();
        let fields = self.fields.iter().map(|(name, value)| Field::new(name, value.as_bytes()));
        let url = format!("https://api.example.com{}", self.target);
        let head = Head::new("POST", &url, fields.collect()).unwrap();
        explainer.explain(&head, body, UnixSeconds::new(self.now))
    }
}

/// Explains each request of `cases/resolved.json`, with the code that is expected of it.
pub(crate) fn each_case(check: impl Fn(&str, &Explanation, &str)) {
    let file = &*RESOLVED;
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let policy = Policy::parse(&file["policy"].to_string()).unwrap();
    let secret = |name: &str| Some(Secret::new(text(&file["secrets"][name]).into_bytes()));
    let explainer = Explainer::new(policy, secret).unwrap();
    let now = UnixSeconds::new(file["now"].as_u64().unwrap());
    for case in file["cases"].as_array().unwrap() {
        let body = hex::decode(text(&case["body_hex"])).unwrap();
        let mut pairs: Vec<(String, String)> = case["headers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|pair| (text(&pair[0]), text(&pair[1])))
            .collect();
        pairs.push(("Content-Length".to_owned(), body.len().to_string()));
        let fields = pairs.iter().map(|(name, value)| Field::new(name, value.as_bytes()));
        let (method, url) =
            (text(&case["method"]), format!("https://gate.test{}", text(&case["target"])));
        let head = Head::new(&method, &url, fields.collect()).unwrap();
        let explanation = explainer.explain(&head, &body, now);
        check(&text(&case["name"]), &explanation, &text(&case["expect"]["code"]));
    }
}

/// A secret as this preset's are written. The public keys were made by OpenSSL, and their
/// private ones are nowhere: those of RFCs are refused.
pub(crate) fn secret_for(scheme: &str) -> Secret {
    let text = match scheme {
        "adyen-platforms" | "adyen-standard" => hex::encode(SECRET),
        "standard-webhooks" | "svix" | "rfc9421-hmac-sha256-base64" => base64(SECRET.as_bytes()),
        "discord" => "4b12d12cf8d4d0c535f304c1bb279ed466c51696abcd7f202361889b68520ffa".to_owned(),
        "standard-webhooks-v1a" => "whpk_SxLRLPjU0MU18wTBuyee1GbFFparzX8gI2GIm2hSD/o=".to_owned(),
        "rfc9421-ed25519" => "MCowBQYDK2VwAyEAqGioPr1thWr8BIzrgr6xxfPuC6Ocg/zg3gOuFEU86vg=".to_owned(),
        "rfc9421-ecdsa-p256-sha256" | "sendgrid" => "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEKEIo2GzrrVfFTOHiGqHyzGqoiIxK6mQpky2psUE5qwQDq730JaXHNTnN6Hu6aN3wePOXe/Eqx+Tpy9mElGRP2w==".to_owned(),
        "rfc9421-ecdsa-p384-sha384" => "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEsDUFrjnnYEjn3uBFf6finR1vmCWc8XaIDWhqEYX3l47DzrlmSs10aRSbRxK8fqDSqwjVzACvIC8DzsJZ+9Xv9NXQMeDse96AGkE1jfVzLVijuEI/MCvkqIPQ6rNUO7l1".to_owned(),
        "rfc9421-rsa-pss-sha512" | "rfc9421-rsa-v1_5-sha256" => "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEArzdqA/nEopo3H2br92Q/Vt6rAJyCcKc47zCm/rjYLM+g4KBS0/4toKWFpOJhH7non54Zq4+lTjnf6tYTWrr0tsfqrlrQ/6NPNaAqZGckOkE8aDjKlPEzHVx0jElH2TxBFXyqAp5xgzcpG3mPSvImwloo79jKlv769SxkmalPBF5WbuPiFgjcPi4DDfySmddLmj3VAWRWYdLHABQt/3mfWuTjABwfUPjcTj7shTfR6LrA0iuZRF2Y++xteiGnizcRViiiXu6NTdboSIJX9FueKe2qLhRSs57YcsAoP9w+5UIi5SesdH8v+AvHbD/rmYktP9nM1SshWGdIibvcDfaKTQIDAQAB".to_owned(),
        "contentful" => format!("{SECRET}{}", "Wv5cE8xN2bQ7mA1zK4jT9gH6fS3dP0lR"),
        _ => SECRET.to_owned(),
    };
    Secret::new(text.into_bytes())
}

//! Requests and verifiers to measure with.
#![allow(dead_code, reason = "each of the programs uses a part")]

use countersign::scheme::Scheme;
use countersign::{Field, Head, Outcome, Policy, Secret, Signer, UnixSeconds, Unsigned, Verifier};
use serde_json::json;

const NOW: UnixSeconds = UnixSeconds::new(1_760_000_000);
const PATH: &str = "/v1/infer";
const URL: &str = "https://gate.test/v1/infer";
/// What a Python client and Cloudflare send beside the signature.
const USUAL: [(&str, &str); 8] = [
    ("accept", "*/*"),
    ("accept-encoding", "gzip, br"),
    ("cf-connecting-ip", "192.0.2.1"),
    ("cf-ray", "8c0f1e2d3c4b5a69-FRA"),
    ("content-type", "application/json"),
    ("user-agent", "python-requests/2.32.3"),
    ("x-forwarded-proto", "https"),
    ("x-real-ip", "192.0.2.1"),
];

/// A secret of its own for each name.
fn secret(name: &str) -> Secret {
    Secret::new(format!("{name}-kP2vX9mQ4sT7wZ1cF6hJ3nR8bL5dG0yA").into_bytes())
}

/// The policy's JSON text: the measured route stands last, and the secret that signs is the last one
/// of its last sender.
pub(crate) fn policy(routes: usize, senders: usize, secrets: usize) -> String {
    let ids: Vec<String> = (1..=senders).map(|sender| format!("s{sender}")).collect();
    let sender = |(at, id): (usize, &String)| {
        let is_last = at + 1 == senders;
        let name = |secret| {
            if is_last && secret == secrets { "LAST".to_owned() } else { format!("S{at}_{secret}") }
        };
        let names: Vec<String> = (1..=secrets).map(name).collect();
        json!({"id": id, "scheme": "x-hmac", "secrets": names})
    };
    let route = |at| {
        let path = if at == routes { PATH.to_owned() } else { format!("/v1/route{at}") };
        json!({"path": path, "methods": ["POST"], "senders": ids, "max_body": 16 << 20})
    };
    let senders: Vec<_> = ids.iter().enumerate().map(sender).collect();
    let routes: Vec<_> = (1..=routes).map(route).collect();
    json!({"senders": senders, "routes": routes}).to_string()
}

/// A verifier of one route, one sender and one secret.
pub(crate) fn verifier() -> Verifier {
    verifier_of(1, 1, 1)
}

/// A verifier of a [`policy`].
pub(crate) fn verifier_of(routes: usize, senders: usize, secrets: usize) -> Verifier {
    Policy::parse(&policy(routes, senders, secrets))
        .unwrap()
        .into_verifier(|name| Some(secret(name)))
        .unwrap()
}

/// A verifier of one sender with this scheme.
pub(crate) fn verifier_with(scheme: &str) -> Verifier {
    let policy = json!({
        "senders": [{"id": "s1", "scheme": scheme, "secrets": ["LAST"]}],
        "routes": [{"path": PATH, "methods": ["POST"], "senders": ["s1"]}],
    });
    let secret = |name: &str| Some(secret_for(scheme, name));
    Policy::parse(&policy.to_string()).unwrap().into_verifier(secret).unwrap()
}

/// Standard Webhooks has its secrets in base64.
fn secret_for(scheme: &str, name: &str) -> Secret {
    match scheme {
        "standard-webhooks" => Secret::new(b"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_vec()),
        _ => secret(name),
    }
}

/// A request as it arrives.
pub(crate) struct Request {
    fields: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    /// One with so many bytes of JSON, signed under `x-hmac`.
    pub(crate) fn signed(bytes: usize) -> Self {
        Self::signed_with("x-hmac", bytes)
    }

    /// The same under another scheme.
    pub(crate) fn signed_with(scheme: &str, bytes: usize) -> Self {
        let body = format!("{{\"text\":\"{}\"}}", "c".repeat(bytes - 11)).into_bytes();
        let secret = secret_for(scheme, "LAST");
        let scheme = Scheme::preset(scheme).unwrap();
        let id = scheme.signs_id().then_some("0123456789abcdef");
        let signer = Signer::new(scheme, &secret).unwrap().with_keyid("k");
        let request = Unsigned { method: "POST", url: URL, body: &body, now: NOW, id };
        let mut fields: Vec<(String, String)> =
            USUAL.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        fields.push(("content-length".to_owned(), bytes.to_string()));
        let signed = signer.sign(&request).unwrap();
        fields.extend(signed.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)));
        Self { fields, body }
    }

    /// With another value, or none, for a field.
    pub(crate) fn with(mut self, field: &str, value: Option<&str>) -> Self {
        self.fields.retain(|(name, _)| name != field);
        self.fields.extend(value.map(|value| (field.to_owned(), value.to_owned())));
        self
    }

    /// The lines that [`Head::from_lines`] reads.
    pub(crate) fn lines(&self) -> String {
        let lines = self.fields.iter().map(|(name, value)| format!("\n{name}\n{value}"));
        format!("POST\n{URL}{}", lines.collect::<String>())
    }

    fn head(&self) -> Head<'_> {
        let fields = self.fields.iter().map(|(name, value)| Field::new(name, value.as_bytes()));
        Head::new("POST", URL, fields.collect()).unwrap()
    }

    /// Begins only; the request must be admitted.
    pub(crate) fn begin(&self, verifier: &Verifier) -> usize {
        verifier.begin(&self.head(), NOW).unwrap().max_body()
    }

    /// Goes all the way, and must be let through.
    pub(crate) fn forward(&self, verifier: &Verifier) -> usize {
        let head = self.head();
        let Outcome::Forward(cleared) =
            verifier.begin(&head, NOW).unwrap().finish(self.body.as_slice(), NOW).unwrap()
        else {
            panic!("the request is forwarded");
        };
        let (plan, body) = cleared.into_forward("f2a3b0de-6b4e-4d53-9b0a-2f0f8d6bd3a1").unwrap();
        plan.set().len() + body.len()
    }

    /// Goes as far as it gets, and must be refused.
    pub(crate) fn refuse(&self, verifier: &Verifier) -> usize {
        let head = self.head();
        let refused = verifier
            .begin(&head, NOW)
            .and_then(|admission| admission.finish(self.body.as_slice(), NOW));
        refused.unwrap_err().problem("f2a3b0de-6b4e-4d53-9b0a-2f0f8d6bd3a1").body.len()
    }
}

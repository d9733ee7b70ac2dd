//! The gate that requests are sent to: every preset with a route and a secret of its own, those
//! that sign the URL with two, and a scheme that the policy describes.

use std::sync::LazyLock;

use countersign::scheme::{PRESETS, Scheme};
use countersign::{Policy, Secret, Signer, UnixSeconds, Unsigned, Verifier};
use serde_json::{Value, json};

pub(crate) const NOW: u64 = 1_760_000_000;
const HOST: &str = "https://gate.example";
const ID: &str = "msg_0123456789abcdef";

/// Public keys whose private halves nobody has.
const ED25519_HEX: &str = "1efd19a7d198ae4617df5f3c0fc549f0cd1e0c33491c389f718f82c2009a6db0";
const ED25519_BASE64: &str = "whpk_Hv0Zp9GYrkYX318MP8VJ8M0eDDNJHDifcY+CwgCabbA=";
const ECDSA_P256: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEBitCtJesMYiig0gHtRX/KFnDNRVsn1dT2BH03LCMltYTqOLU92WtMfNam8KyfSuDWH87K8FhdsoSNCnAOG7ZPQ==";

const OTHER_ED25519: &str = "MCowBQYDK2VwAyEAU712nECN0O2//6RvUSkZfqwPcNo7s4FIxWlVcdVIeYQ=";
const OTHER_P256: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEXhqSNluBHf367mtMM4sB+yBPIsT6Awnto/hmSqRN4fQsRn5fdnJ9yVmlbgtkl3pzUga7EuNC4YNNEIoZUF0ydQ==";
const ECDSA_P384: &str = "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEODoeoXx3LNmMUVwE+vEcQhxApJNnV5qZme0nviCU9ENHZonjUIhGXDfHoTsbWKow0r1mF+eNMvJdv+eopU+i7kBMsouOr/zrQOONPKY6m3K7g+xHpk1mnPHj0XnBOWFX";
const RSA_PSS: &str = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAmkA0viJV+mBaBnA/Y85mbzrxn4xgyPGflseMDVZp+i2BFTL1xuQ0cNzjMILMwRRtXrL4Nc8aBe42fD82fUXSanSXgrM6jgLEpe3RFN6ucD4fATNx71dyG94FAsBgzxHumPcvmjuze/kockgsxpUc+aITcOtwirZE3kzFPGIw+4UIJiYBXCps/hXPI4Y1EOTKngUn55BhIjvE57j1Gi9bLmf6/dDpUcaAooqQkoV/E8/bQO1jjfPl06pYr7YorJJtZ8I8sQiK2ohRTjVPLzlFhBdVKrF1rtSSdzx6An9gb7dzhAzL/Ivc+m4H7RCsT1yQG6V8NlYapX0+DDqtI8DigwIDAQAB";
const RSA_PKCS1: &str = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAjAzDUFxHfJHqGOg+TSSeXi0bSFmaeAyLtzP/FFw0J8NXTTr1X+7ZMe/HVPCgJql8GusSF+VgxvoW77porFPvj6yf2NtFsK0Gj/hfvti2JG3fHfP2/92BQePvv5GJbdIp5UMZAx+7PVXifNL5Ts1Wx4JJZ1yEftiDkENgZFQ6QzzmNen6DAp9NeUAPaPWimB/qJENrRSbDPfQCYw2vNkMG3NQu2/d6TYSIpKQvFL0w7Rv8OazRRu0IwPhAKU9KKTXfTkPgqpMlNDzEgNCWeRyc6nlTxgPqxSQ5dePrFxEZL3I8Rrl/tq1FymYYgtu2DpWw9wo+Ic2fykEJzeu1301nQIDAQAB";

/// Fields of the schemes that [`Signer`] does not sign. The others' are those that it makes.
const FIELDS: [(&str, &[&str]); 14] = [
    (
        "contentful",
        &["x-contentful-signature", "x-contentful-timestamp", "x-contentful-signed-headers"],
    ),
    ("custom", &["X-Signature", "X-Id"]),
    ("discord", &["X-Signature-Ed25519", "X-Signature-Timestamp"]),
    ("gitlab", &["X-Gitlab-Token"]),
    ("linear", &["Linear-Signature"]),
    ("rfc9421-ecdsa-p256-sha256", &["Signature-Input", "Signature", "Content-Digest"]),
    ("rfc9421-ecdsa-p384-sha384", &["Signature-Input", "Signature", "Content-Digest"]),
    ("rfc9421-ed25519", &["Signature-Input", "Signature", "Content-Digest"]),
    ("rfc9421-rsa-pss-sha512", &["Signature-Input", "Signature", "Content-Digest"]),
    ("rfc9421-rsa-v1_5-sha256", &["Signature-Input", "Signature", "Content-Digest"]),
    (
        "sendgrid",
        &["X-Twilio-Email-Event-Webhook-Signature", "X-Twilio-Email-Event-Webhook-Timestamp"],
    ),
    ("standard-webhooks-v1a", &["webhook-signature", "webhook-timestamp", "webhook-id"]),
    ("twilio", &["X-Twilio-Signature"]),
    ("twilio-origin", &["X-Twilio-Signature"]),
];

/// A route with its one sender, which has the same name.
pub(crate) struct Route {
    pub(crate) name: String,
    /// Nothing for the scheme that the policy describes.
    pub(crate) scheme: Option<&'static Scheme>,
    /// Where [`Signer`] can sign.
    pub(crate) signer: Option<Signer>,
    /// Names of the fields of its scheme.
    pub(crate) fields: Vec<&'static str>,
    /// Whether the URL that is signed is made of the request's own.
    pub(crate) is_origin: bool,
}

impl Route {
    fn new(scheme: &'static Scheme, is_origin: bool) -> Self {
        let name = [scheme.name(), if is_origin { "-origin" } else { "" }].concat();
        let signer = Signer::new(scheme, &secret(&name, scheme));
        let signer = signer.map(|signer| signer.with_keyid("key-1"));
        let id = scheme.signs_id().then_some(ID);
        let now = UnixSeconds::new(NOW);
        let request = Unsigned { method: "POST", url: HOST, body: b"", now, id };
        let signed = signer.as_ref().and_then(|signer| signer.sign(&request).ok());
        let fields = signed.iter().flatten().map(|(field, _)| *field).collect();
        let signer = signer.filter(|_| signed.is_some());
        Self { scheme: Some(scheme), signer, fields, is_origin, name }.with_own_fields()
    }

    fn with_own_fields(mut self) -> Self {
        let own = FIELDS.iter().find(|(name, _)| *name == self.name);
        self.fields.extend(own.iter().flat_map(|(_, fields)| *fields));
        self
    }

    /// Twilio signs no request whose path is open.
    fn is_one_path(&self) -> bool {
        self.name == "twilio-origin"
    }

    /// The URL of a request, which ends with `rest`.
    pub(crate) fn url(&self, rest: &str) -> String {
        format!("{HOST}/{}{rest}", self.name)
    }

    fn sender(&self) -> Value {
        let scheme = self.scheme.map_or_else(custom_scheme, |scheme| json!(scheme.name()));
        let mut sender =
            json!({"id": self.name, "scheme": scheme, "secrets": [secret_name(&self.name)]});
        let is = |property: fn(&Scheme) -> bool| self.scheme.is_some_and(property);
        if is(Scheme::signs_url) {
            sender["url"] = if self.is_origin { json!(HOST) } else { json!(self.url("/in")) };
        }
        if is(Scheme::signs_time) {
            let by = if is(Scheme::signs_components) { "nonce" } else { "signature" };
            sender["replay"] = json!(by);
        }
        if is(Scheme::has_handshake) {
            sender["handshake"] = json!(true);
        }
        if self.name == "meta" {
            sender["verify_token"] = json!("META_TOKEN");
        }
        sender
    }

    fn route(&self) -> Value {
        let rest = if self.is_one_path() { "" } else { "/{*rest}" };
        json!({
            "path": format!("/{}{rest}", self.name),
            "methods": ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
            "senders": [self.name],
            "allow_empty_body": true,
        })
    }
}

fn custom_scheme() -> Value {
    json!({
        "name": "custom",
        "signature": "X-Signature",
        "list": {"separator": ";", "joiner": "=", "key": "s"},
        "algorithm": "hmac-sha384",
        "encoding": "base64url",
        "timestamp": {"parameter": "t", "unit": "rfc3339"},
        "id": "X-Id",
        "signed": ["{timestamp}", ".", "{id}", ".", "{method}", " ", "{body}"],
    })
}

/// The verifier and its routes.
pub(crate) struct Gate {
    pub(crate) verifier: Verifier,
    pub(crate) routes: Vec<Route>,
}

impl Gate {
    fn new() -> Self {
        let mut routes = Vec::new();
        for scheme in PRESETS.iter().map(|preset| preset.scheme) {
            routes.push(Route::new(scheme, false));
            if scheme.signs_url() {
                routes.push(Route::new(scheme, true));
            }
        }
        let (name, fields) = ("custom".to_owned(), Vec::new());
        let custom = Route { name, scheme: None, signer: None, fields, is_origin: false };
        routes.push(custom.with_own_fields());

        let senders: Vec<Value> = routes.iter().map(Route::sender).collect();
        let of_policy: Vec<Value> = routes.iter().map(Route::route).collect();
        let policy = Policy::parse(&json!({"senders": senders, "routes": of_policy}).to_string());
        let secret = |name: &str| {
            let route = routes.iter().find(|route| secret_name(&route.name) == name);
            Some(match route.and_then(|route| Some((&route.name, route.scheme?))) {
                Some((name, scheme)) => secret(name, scheme),
                None => made_secret(name),
            })
        };
        let verifier = policy.expect("a policy").into_verifier(secret).expect("strong secrets");
        assert!(verifier.broken_secrets().is_empty());
        Self { verifier, routes }
    }

    /// The route with this name. What names none stands for one as well: a fuzzer finds it sooner.
    pub(crate) fn route(&self, name: &[u8]) -> &Route {
        let named = self.routes.iter().find(|route| route.name.as_bytes() == name);
        named.unwrap_or_else(|| {
            let sum: usize = name.iter().map(|byte| usize::from(*byte)).sum();
            &self.routes[sum % self.routes.len()]
        })
    }
}

pub(crate) static GATE: LazyLock<Gate> = LazyLock::new(Gate::new);

/// The names that a request's first line may have.
pub fn route_names() -> impl Iterator<Item = &'static str> {
    GATE.routes.iter().map(|route| route.name.as_str())
}

fn secret_name(route: &str) -> String {
    format!("SECRET_{}", route.replace('-', "_"))
}

fn secret(route: &str, scheme: &Scheme) -> Secret {
    match scheme.algorithm() {
        "Ed25519" if route == "discord" => Secret::new(ED25519_HEX.into()),
        "Ed25519" if scheme.signs_components() => Secret::new(OTHER_ED25519.into()),
        "Ed25519" => Secret::new(ED25519_BASE64.into()),
        "ECDSA P-256" if scheme.signs_components() => Secret::new(OTHER_P256.into()),
        "ECDSA P-256" => Secret::new(ECDSA_P256.into()),
        "ECDSA P-384" => Secret::new(ECDSA_P384.into()),
        "RSA-PSS" => Secret::new(RSA_PSS.into()),
        "RSA PKCS #1 v1.5" => Secret::new(RSA_PKCS1.into()),
        _ => made_secret(route),
    }
}

/// A secret for a name: 64 hexadecimal digits, which are base64 as well.
pub(crate) fn made_secret(name: &str) -> Secret {
    let mut state = 0xcbf2_9ce4_8422_2325_u64;
    let mut digits = String::new();
    for byte in name.bytes().chain(0..64) {
        state = (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        digits.push_str(&format!("{:x}", state >> 60));
    }
    Secret::new(digits.split_off(name.len()).into_bytes())
}

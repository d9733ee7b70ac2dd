//! What a policy may say, and the error for everything else: which field, and what about it.
#![allow(clippy::unwrap_used)]

mod table;

use countersign::{
    Field, Head, Policy, PolicyErrors, PolicyProblem, Secret, UnixSeconds, WeakSecret,
};
use serde_json::{Value, json};
use table::with;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const SECRET_A: &str = "kP2vX9mQ4sT7wZ1cF6hJ3nR8bL5dG0yA";
const SECRET_B: &str = "Wv5cE8xN2bQ7mA1zK4jT9gH6fS3dP0lR";

fn sender() -> Value {
    json!({"id": "app", "scheme": "x-hmac", "secrets": ["SECRET_A"]})
}

fn route() -> Value {
    json!({"path": "/v1/infer", "methods": ["POST"], "senders": ["app"]})
}

fn policy(senders: Vec<Value>, routes: Vec<Value>) -> String {
    json!({"senders": senders, "routes": routes}).to_string()
}

fn list(errors: &PolicyErrors) -> Vec<(&str, PolicyProblem)> {
    errors.iter().map(|error| (error.path(), error.problem().clone())).collect()
}

#[track_caller]
fn refused(text: &str, expected: &[(&str, PolicyProblem)]) {
    let errors = Policy::parse(text).err().unwrap();
    assert_eq!(list(&errors), expected, "{text}");
}

#[track_caller]
fn sender_refused(key: &str, value: Value, path: &str, problem: PolicyProblem) {
    refused(&policy(vec![with(sender(), key, value)], vec![route()]), &[(path, problem)]);
}

#[track_caller]
fn route_refused(key: &str, value: Value, path: &str, problem: PolicyProblem) {
    // The second route keeps the sender in use.
    let other = json!({"path": "/other", "methods": ["POST"], "senders": ["app"]});
    refused(&policy(vec![sender()], vec![with(route(), key, value), other]), &[(path, problem)]);
}

#[test]
fn every_field_may_be_set() {
    let senders = vec![
        json!({"id": "A.b_c-1", "scheme": "x-hmac", "secrets": ["SECRET_A", "_b"], "tolerance": 3600, "replay": "off"}),
        json!({"id": "b", "scheme": "x-hmac-nonce", "secrets": ["SECRET_B"]}),
    ];
    let routes = vec![
        json!({"path": "/", "methods": ["POST"], "senders": ["A.b_c-1"], "max_body": 33_554_432, "access": "signed",
               "allow_empty_body": true, "allow_content_encoding": true, "origin_timeout": 100}),
        json!({"path": "/b/{id}/{*rest}", "methods": ["PUT", "PATCH", "DELETE", "OPTIONS"], "senders": ["b"], "max_body": 0}),
        json!({"path": "/{*rest}", "methods": ["GET", "HEAD"], "access": "public", "max_body": 10, "origin_timeout": 1,
               "allow_content_encoding": true}),
        json!({"path": "/read", "methods": ["POST"], "senders": ["A.b_c-1"]}),
    ];
    let policy = Policy::parse(&policy(senders, routes)).unwrap();
    assert_eq!(policy.secret_names().collect::<Vec<_>>(), ["SECRET_A", "_b", "SECRET_B"]);
}

#[test]
fn what_is_no_json_or_no_table() {
    use PolicyProblem::{EmptyList, Expected, MissingField, NotJson};
    refused("", &[("", NotJson { line: 1, column: 0 })]);
    refused("{\n  \"senders\": [,]}", &[("", NotJson { line: 2, column: 15 })]);
    refused("[]", &[("", Expected("a table"))]);
    refused("{}", &[("senders", MissingField), ("routes", MissingField)]);
    refused(
        r#"{"senders": {}, "routes": []}"#,
        &[("senders", Expected("a list")), ("routes", EmptyList)],
    );
    refused(
        r#"{"senders": ["app"], "routes": [7]}"#,
        &[("senders[0]", Expected("a table")), ("routes[0]", Expected("a table"))],
    );
}

#[test]
fn row_36_fields_unknown_repeated_or_of_another_type() {
    use PolicyProblem::{Expected, OutOfRange, RepeatedField, UnknownField};
    sender_refused("tolerence", json!(60), "senders[0].tolerence", UnknownField);
    route_refused("report_only", json!(true), "routes[0].report_only", UnknownField);
    let text = policy(vec![sender()], vec![route()]);
    refused(&text.replacen('{', r#"{"version": 1, "#, 1), &[("version", UnknownField)]);
    let twice = text.replace(r#""id":"app""#, r#""id":"app","id":"app""#);
    refused(&twice, &[("senders[0].id", RepeatedField)]);
    refused(
        &text.replacen('{', r#"{"senders": [], "#, 1).replace("[],", "[{}],"),
        &[
            ("senders", RepeatedField),
            ("senders[0].id", PolicyProblem::MissingField),
            ("senders[0].scheme", PolicyProblem::MissingField),
            ("senders[0].secrets", PolicyProblem::MissingField),
            ("routes[0].senders[0]", PolicyProblem::UnknownSender),
        ],
    );
    for value in [json!("true"), json!(1), json!("yes"), json!(null).to_string().into()] {
        route_refused(
            "allow_empty_body",
            value,
            "routes[0].allow_empty_body",
            Expected("true or false, not a string"),
        );
    }
    sender_refused("tolerance", json!("60"), "senders[0].tolerance", OutOfRange(1, 3600));
    let unnamed = policy(vec![with(sender(), "id", json!(7)), sender()], vec![route()]);
    refused(&unnamed, &[("senders[0].id", Expected("a string"))]);
    sender_refused("secrets", json!("SECRET_A"), "senders[0].secrets", Expected("a list"));
    route_refused("methods", json!("POST"), "routes[0].methods", Expected("a list"));
    route_refused(
        "access",
        json!("Public"),
        "routes[0].access",
        Expected("\"signed\" or \"public\""),
    );
    let words = vec!["\"off\"", "\"nonce\"", "\"signature\""];
    sender_refused("replay", json!("none"), "senders[0].replay", PolicyProblem::NotOneOf(words));
}

#[test]
fn fields_that_are_required() {
    for key in ["id", "scheme", "secrets"] {
        let text = policy(vec![sender(), with(sender(), key, Value::Null)], vec![route()]);
        let errors = Policy::parse(&text).err().unwrap();
        assert_eq!(
            list(&errors),
            [(format!("senders[1].{key}").as_str(), PolicyProblem::MissingField)]
        );
    }
    for key in ["path", "methods", "senders"] {
        let path = format!("routes[0].{key}");
        route_refused(key, Value::Null, &path, PolicyProblem::MissingField);
    }
}

#[test]
fn senders() {
    use PolicyProblem::{
        EmptyList, InvalidId, InvalidSecretName, OutOfRange, RepeatedId, SharedSecret,
        UnknownScheme, UnusedSender,
    };
    for id in ["", "a b", "a\n", "é", "a/b", &"a".repeat(65)] {
        let text = policy(
            vec![with(sender(), "id", json!(id))],
            vec![with(route(), "senders", json!([id]))],
        );
        refused(
            &text,
            &[("senders[0].id", InvalidId), ("routes[0].senders[0]", PolicyProblem::UnknownSender)],
        );
    }
    sender_refused("scheme", json!("X-HMAC"), "senders[0].scheme", UnknownScheme);
    sender_refused("scheme", json!("hmac"), "senders[0].scheme", UnknownScheme);
    sender_refused("secrets", json!([]), "senders[0].secrets", EmptyList);
    for name in ["", "1A", "A-B", "A B", "É", "kP2v/X9mQ4s"] {
        sender_refused("secrets", json!([name]), "senders[0].secrets[0]", InvalidSecretName);
    }
    for tolerance in
        [json!(0), json!(3601), json!(-1), json!(1.5), json!(1e3), json!("60"), json!(true)]
    {
        sender_refused("tolerance", tolerance, "senders[0].tolerance", OutOfRange(1, 3600));
    }
    let other = |id: &str, secret: &str| json!({"id": id, "scheme": "x-hmac", "secrets": [secret]});
    let both = with(route(), "senders", json!(["app", "b"]));
    refused(
        &policy(vec![sender(), other("app", "SECRET_B")], vec![route()]),
        &[("senders[1].id", RepeatedId), ("senders[1]", UnusedSender)],
    );
    refused(
        &policy(vec![sender(), other("b", "SECRET_B")], vec![route()]),
        &[("senders[1]", UnusedSender)],
    );
    refused(
        &policy(vec![sender(), other("b", "SECRET_A")], vec![both]),
        &[("senders[1].secrets[0]", SharedSecret)],
    );
    let twice = with(sender(), "secrets", json!(["SECRET_A", "SECRET_A"]));
    refused(&policy(vec![twice], vec![route()]), &[("senders[0].secrets[1]", SharedSecret)]);
}

#[test]
fn routes() {
    use PolicyProblem::{
        BodylessMethod, EmptyList, InvalidPath, NotOnPublicRoute, OutOfRange, RepeatedId,
        UnknownMethod, UnknownSender,
    };
    for path in ["", "v1", "/a//b", "/a/../b", "/%2e", "/a b", "/{*rest}/a", "/a?b"] {
        route_refused("path", json!(path), "routes[0].path", InvalidPath);
    }
    for method in ["post", "TRACE", "CONNECT", "*", ""] {
        route_refused("methods", json!(["POST", method]), "routes[0].methods[1]", UnknownMethod);
    }
    route_refused("methods", json!([]), "routes[0].methods", EmptyList);
    route_refused("senders", json!([]), "routes[0].senders", EmptyList);
    route_refused("senders", json!(["nobody"]), "routes[0].senders[0]", UnknownSender);
    route_refused("senders", json!(["app", "app"]), "routes[0].senders", RepeatedId);
    route_refused("max_body", json!(33_554_433), "routes[0].max_body", OutOfRange(0, 33_554_432));
    route_refused("origin_timeout", json!(0), "routes[0].origin_timeout", OutOfRange(1, 100));
    for method in ["GET", "HEAD"] {
        route_refused("methods", json!(["POST", method]), "routes[0].methods", BodylessMethod);
    }
    route_refused("access", json!("public"), "routes[0].senders", NotOnPublicRoute);
    let public =
        json!({"path": "/open", "methods": ["GET"], "access": "public", "allow_empty_body": true});
    refused(
        &policy(vec![sender()], vec![route(), public]),
        &[("routes[1].allow_empty_body", NotOnPublicRoute)],
    );
}

#[test]
fn routes_that_overlap() {
    let overlap = |path: &str, methods: &[&str]| {
        let other = json!({"path": path, "methods": methods, "senders": ["app"]});
        Policy::parse(&policy(vec![sender()], vec![route(), other])).err().map(|errors| {
            assert_eq!(list(&errors), [("routes[1].path", PolicyProblem::Overlap { with: 0 })]);
        })
    };
    assert!(overlap("/v1/infer", &["POST"]).is_some());
    assert!(overlap("/v1/{name}", &["PUT", "POST"]).is_some());
    assert!(overlap("/{*rest}", &["POST"]).is_some());
    assert!(overlap("/v1/infer", &["PUT"]).is_none());
    assert!(overlap("/v1/infer/", &["POST"]).is_none());
}

#[test]
fn row_24_one_scheme_for_a_route_and_few_keys() {
    let nonce = json!({"id": "nonce", "scheme": "x-hmac-nonce", "secrets": ["SECRET_B"]});
    let mixed = with(route(), "senders", json!(["app", "nonce"]));
    refused(
        &policy(vec![sender(), nonce], vec![mixed]),
        &[("routes[0].senders", PolicyProblem::MixedSchemes)],
    );

    // A policy may give its own schemes what names it likes: those of two tables, or a preset's.
    let own = |id: &str, name: &str, signed: Value| {
        let scheme = json!({"name": name, "signature": "x-own", "signed": signed});
        json!({"id": id, "scheme": scheme, "secrets": [id.to_uppercase()]})
    };
    let body = || json!(["{body}"]);
    let both = with(route(), "senders", json!(["one", "two"]));
    let alike = vec![own("one", "own", body()), own("two", "own", body())];
    assert_eq!(Policy::parse(&policy(alike, vec![both.clone()])).map(|_| ()), Ok(()));
    for other in [own("two", "own", json!(["one.", "{body}"])), own("two", "x-hmac", body())] {
        refused(
            &policy(vec![own("one", "own", body()), other], vec![both.clone()]),
            &[("routes[0].senders", PolicyProblem::MixedSchemes)],
        );
    }
    let preset = with(route(), "senders", json!(["app", "two"]));
    refused(
        &policy(vec![sender(), own("two", "x-hmac", body())], vec![preset]),
        &[("routes[0].senders", PolicyProblem::MixedSchemes)],
    );

    let with_secrets = |count: usize| {
        let names: Vec<String> = (0..count).map(|i| format!("S{i}")).collect();
        policy(vec![with(sender(), "secrets", json!(names))], vec![route()])
    };
    assert!(Policy::parse(&with_secrets(16)).is_ok());
    refused(&with_secrets(17), &[("routes[0].senders", PolicyProblem::TooManyKeys { limit: 16 })]);
}

#[test]
fn all_errors_are_reported_at_once_and_read_well() {
    let errors = Policy::parse(
        r#"{"senders": [{"id": "app", "scheme": "hmac", "secrets": ["A"], "tolerance": 0}],
            "routes": [{"path": "v1", "methods": ["get"], "senders": ["app"], "max_body": "1"}]}"#,
    );
    assert_eq!(
        errors.err().unwrap().to_string(),
        "senders[0].scheme: no preset has this name; \
         senders[0].tolerance: must be a whole number from 1 to 3600; \
         routes[0].path: must be /whole/segments, {name} for one and {*rest} for the rest, as a request spells them; \
         routes[0].methods[0]: must be GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS; \
         routes[0].max_body: must be a whole number from 0 to 33554432"
    );
}

/// What is wrong with the secrets of these senders, under the names `A`, `B` and so on.
fn broken(senders: &[(&str, &str)]) -> Vec<(String, PolicyProblem)> {
    let mut tables = Vec::new();
    let mut routes = Vec::new();
    for (index, (scheme, _)) in senders.iter().enumerate() {
        let (id, path) = (format!("s{index}"), format!("/{index}"));
        let table = json!({"id": id, "scheme": scheme, "secrets": [index_name(index)]});
        let url = ["square", "trello", "twilio", "hubspot-v2", "hubspot-v3"].contains(scheme);
        tables.push(if url { with(table, "url", json!("https://a.test")) } else { table });
        routes.push(json!({"path": path, "methods": ["POST"], "senders": [id]}));
    }
    let secret = |name: &str| {
        let (_, text) = senders.iter().enumerate().find(|(index, _)| index_name(*index) == name)?.1;
        Some(Secret::new((*text).into()))
    };
    let verifier = Policy::parse(&policy(tables, routes)).unwrap().into_verifier(secret).unwrap();
    let errors = verifier.broken_secrets().iter();
    for error in errors.clone() {
        for (_, text) in senders.iter().filter(|(_, text)| !text.is_empty()) {
            assert!(!error.to_string().contains(text), "a secret is never shown");
        }
    }
    errors.map(|error| (error.path().to_owned(), error.problem().clone())).collect()
}

fn index_name(index: usize) -> String {
    format!("SECRET_{index}")
}

fn at(index: usize, problem: PolicyProblem) -> (String, PolicyProblem) {
    (format!("senders[{index}].secrets[0]"), problem)
}

#[test]
fn row_20_weak_and_shared_secrets() {
    use PolicyProblem::SharedSecret;
    let pair = |a, b| broken(&[("x-hmac", a), ("x-hmac", b)]);
    let weak = |index, weakness| vec![at(index, PolicyProblem::WeakSecret(weakness))];
    assert_eq!(pair(SECRET_A, ""), weak(1, WeakSecret::Empty));
    assert_eq!(pair("short", SECRET_B), weak(0, WeakSecret::TooShort { min_bytes: 32 }));
    assert_eq!(pair(SECRET_A, SECRET_A), [at(0, SharedSecret), at(1, SharedSecret)]);
    let padded = format!("{SECRET_B}\n");
    assert_eq!(pair(SECRET_A, &padded), weak(1, WeakSecret::SurroundedBySpace));
}

#[test]
fn row_20_a_missing_secret_is_named_and_is_no_error() {
    let policy = Policy::parse(&policy(vec![sender()], vec![route()])).unwrap();
    let verifier = policy.into_verifier(|_| None).unwrap();
    let missing: Vec<String> = verifier.broken_secrets().iter().map(ToString::to_string).collect();
    assert_eq!(
        missing,
        ["senders[0].secrets[0] of app: is not set; its sender is refused with 503"]
    );
}

/// One key in two spellings, for schemes that read their secrets in different ways.
#[test]
fn row_47_a_key_serves_one_sender_however_it_is_written() {
    const HEX: &str = "7f3a9c1b5d2e8f4a6b0c1d3e5f70819223a4b5c6d7e8f90a1b2c3d4e5f607182";
    const BASE64: &str = "fzqcG10uj0prDB0+X3CBkiOktcbX6PkKGyw9Tl9gcYI=";
    let capitals = HEX.to_uppercase();
    let (bare, url_safe) = (BASE64.trim_end_matches('='), BASE64.replace('+', "-"));
    let prefixed = format!("whsec_{BASE64}");
    let bare_prefixed = format!("whsec_{bare}");
    for (one, two) in [
        (("adyen-platforms", HEX), ("adyen-standard", capitals.as_str())),
        (("adyen-platforms", HEX), ("standard-webhooks", BASE64)),
        (("adyen-platforms", HEX), ("svix", prefixed.as_str())),
        (("svix", BASE64), ("standard-webhooks", bare)),
        (("svix", BASE64), ("standard-webhooks", bare_prefixed.as_str())),
        (("rfc9421-hmac-sha256-base64", bare), ("stripe", prefixed.as_str())),
        // Who has the one text can make the other key of it.
        (("x-hmac", HEX), ("github", capitals.as_str())),
        (("x-hmac", capitals.as_str()), ("adyen-platforms", HEX)),
        (("x-hmac", url_safe.as_str()), ("svix", BASE64)),
        (("slack", BASE64), ("github", bare)),
        // The bytes are a text, and its digits another's.
        (("x-hmac", SECRET_A), ("adyen-platforms", &hex_of(SECRET_A))),
        (("x-hmac", SECRET_A), ("adyen-standard", &hex_of(SECRET_A).to_uppercase())),
    ] {
        let shared = [at(0, PolicyProblem::SharedSecret), at(1, PolicyProblem::SharedSecret)];
        assert_eq!(broken(&[one, two]), shared, "{one:?} {two:?}");
        assert_eq!(broken(&[two, one]), shared, "{two:?} {one:?}");
    }
    assert_eq!(broken(&[("adyen-platforms", HEX), ("svix", &prefixed.replace("fz", "gz"))]), []);
}

/// An HMAC hashes a key that is longer than a block, and fills up one that is shorter with zeros (RFC
/// 2104 section 2).
#[test]
fn row_47_a_key_and_what_an_hmac_makes_of_it_are_one() {
    let long = format!("{SECRET_A}{SECRET_B}-more-than-64-bytes");
    // printf %s "$long" | sha256sum
    let hashed = "b0b95c8e57bcdee94a09dc626eccc9628b8a9146b7d63ea6b76a8ec73747e2e6";
    let shared = [at(0, PolicyProblem::SharedSecret), at(1, PolicyProblem::SharedSecret)];
    assert_eq!(broken(&[("x-hmac", &long), ("adyen-platforms", hashed)]), shared);
    let filled = format!("{}0000", hex_of(SECRET_A));
    assert_eq!(broken(&[("x-hmac", SECRET_A), ("adyen-platforms", &filled)]), shared);
}

/// A public key is no secret of anybody's, and belongs to one sender.
#[cfg(feature = "public-keys")]
#[test]
fn row_47_a_public_key_serves_one_sender_however_it_is_written() {
    let shared = [at(0, PolicyProblem::SharedSecret), at(1, PolicyProblem::SharedSecret)];
    let ed25519 = "e0373e217a755b1f98c8dcec29fe60bbb8d0d159e53d75e60ba75e030070bca8";
    let (spki, bare) = (
        "MCowBQYDK2VwAyEA4Dc+IXp1Wx+YyNzsKf5gu7jQ0VnlPXXmC6deAwBwvKg=",
        "4Dc+IXp1Wx+YyNzsKf5gu7jQ0VnlPXXmC6deAwBwvKg=",
    );
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{spki}\n-----END PUBLIC KEY-----\n");
    let prefixed = format!("whpk_{bare}");
    let p256 = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEdlz8/jrSEI+YgXqXlY15UOAqFzPTpoZr69fBNI2xIo2Wc4eZLLncW31aJN0OWFeT15VZBmgeX87tGoXX8JjsfA==";
    let (rsa, rsa_pss) = (
        "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAsvpPu3Kj9XxYZ9jqqhMSzJnB1iQ2fXTTZKbOVlSHJ0LKDRAtJyPcF/wRjYgjvj5O239jakiV5g+C24M0erinjx9r4crPfIEM8B5ChkRllScoX+KHbFWlKOt+kY7O5DWI7Y/ueko+r+xir7/FMCBqEmPtsClRNGy0UT4sujbZfxJd0RNOXWg2JCJ4llTOylCBYTixkSOwd/kcvq36FtLFO6vMm/WLpAr9a62a5MUWAw65RXuk3lU2ttPaCxvgmn0keVkKqTzf7m9B6eBSKBqacikBTJ8LBeiYme3r5IGnUYQeR4iM5uCcmyebe5aiNGAnr5uvKkkW55QNKQW0ojVETQIDAQAB",
        "MIIBIDALBgkqhkiG9w0BAQoDggEPADCCAQoCggEBALL6T7tyo/V8WGfY6qoTEsyZwdYkNn1002SmzlZUhydCyg0QLScj3Bf8EY2II74+Ttt/Y2pIleYPgtuDNHq4p48fa+HKz3yBDPAeQoZEZZUnKF/ih2xVpSjrfpGOzuQ1iO2P7npKPq/sYq+/xTAgahJj7bApUTRstFE+LLo22X8SXdETTl1oNiQieJZUzspQgWE4sZEjsHf5HL6t+hbSxTurzJv1i6QK/WutmuTFFgMOuUV7pN5VNrbT2gsb4Jp9JHlZCqk83+5vQengUigamnIpAUyfCwXomJnt6+SBp1GEHkeIjObgnJsnm3uWojRgJ6+brypJFueUDSkFtKI1RE0CAwEAAQ==",
    );
    for (one, two) in [
        (("discord", ed25519), ("rfc9421-ed25519", spki)),
        (("discord", ed25519), ("rfc9421-ed25519", pem.as_str())),
        (("rfc9421-ed25519", pem.as_str()), ("standard-webhooks-v1a", prefixed.as_str())),
        (("standard-webhooks-v1a", bare), ("discord", &ed25519.to_uppercase())),
        (("sendgrid", p256), ("rfc9421-ecdsa-p256-sha256", p256)),
        (("rfc9421-rsa-pss-sha512", rsa_pss), ("rfc9421-rsa-v1_5-sha256", rsa)),
        // What everybody may know is nobody's secret.
        (("discord", ed25519), ("x-hmac", ed25519)),
        (("rfc9421-ed25519", spki), ("x-hmac", &ed25519.to_uppercase())),
        (("rfc9421-ed25519", spki), ("adyen-platforms", ed25519)),
    ] {
        assert_eq!(broken(&[one, two]), shared, "{one:?} {two:?}");
    }
}

/// Measured is the key, and not the text: an 8-byte key has 16 digits.
#[test]
fn row_47_keys_are_measured_decoded() {
    let own =
        |key: &str| json!({"name": "own", "signature": "x-own", "key": key, "signed": ["{body}"]});
    let problem = |scheme: Value, text: &str| {
        let policy = policy(vec![with(sender(), "scheme", scheme)], vec![route()]);
        let verifier = Policy::parse(&policy).unwrap();
        let verifier = verifier.into_verifier(|_| Some(Secret::new(text.into()))).unwrap();
        verifier.broken_secrets().first().map(|error| error.problem().clone())
    };
    let short = |min_bytes| Some(PolicyProblem::WeakSecret(WeakSecret::TooShort { min_bytes }));
    let repetitive = Some(PolicyProblem::WeakSecret(WeakSecret::Repetitive));
    let random = "7f3a9c1b5d2e8f4a6b0c1d3e5f70819223a4b5c6d7e8f90a1b2c3d4e5f607182";
    let digits = |bytes: usize| random.get(..bytes.saturating_mul(2)).unwrap().to_owned();
    for (scheme, text, expected) in [
        (json!("adyen-platforms"), digits(8), short(16)),
        (json!("adyen-platforms"), digits(15), short(16)),
        (json!("adyen-platforms"), digits(16), None),
        (own("hex"), digits(31), short(32)),
        (own("hex"), digits(32), None),
        (own("utf8"), digits(16), None),
        (own("base64"), "fzqcG10uj0prDB0+X3CBkiOktcbX6PkKGyw9Tl9gcQ==".to_owned(), short(32)),
        (own("base64"), "fzqcG10uj0prDB0+X3CBkiOktcbX6PkKGyw9Tl9gcYI".to_owned(), None),
        (json!("rfc9421-hmac-sha256-base64"), SECRET_A.to_owned(), short(32)),
        (json!("svix"), "whsec_fzqcG10uj0prDB0+X3CB".to_owned(), short(16)),
        (json!("svix"), "whsec_fzqcG10uj0prDB0+X3CBkg".to_owned(), None),
        (json!("standard-webhooks"), format!("whsec_{}", "A".repeat(43)), repetitive.clone()),
        (json!("adyen-platforms"), "0".repeat(64), repetitive.clone()),
        (json!("adyen-platforms"), "5a".repeat(32), repetitive.clone()),
        (own("hex"), counted(32), repetitive.clone()),
        // A text whose digits say so.
        (json!("x-hmac"), counted(32), repetitive),
        (
            own("base64"),
            "eW91ci1zZWNyZXQtd2l0aC1tb3JlLWJlaGluZC1pdCE=".to_owned(),
            Some(PolicyProblem::WeakSecret(WeakSecret::Sample)),
        ),
    ] {
        assert_eq!(problem(scheme.clone(), &text), expected, "{scheme} {text}");
    }
}

fn hex_of(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

/// The digits of 0, 1, 2 and so on.
fn counted(bytes: u8) -> String {
    (0..bytes).map(|byte| format!("{byte:02x}")).collect()
}

/// No number of these is refused to a provider whose secrets have it.
#[test]
fn row_47_what_providers_make_is_taken() {
    for (scheme, text) in [
        // 15 characters, the shortest of all.
        ("dropbox", "k2v9qm4st7wz1cf"),
        ("twilio", "9f86d081884c7d659a2feaa0c55ad015"),
        ("square", "Jd5x_5GKqkO-3rfNVR61Tw"),
        ("zoom", "Zk3nR8bL5dG0yAkP2vX9mQ"),
        ("vercel", "Q4sT7wZ1cF6hJ3nR8bL5dG0y"),
        ("hubspot-v1", "1f6b3c52-9d7e-4a80-b2c4-5e6f70819223"),
        ("stripe", "whsec_Q4sT7wZ1cF6hJ3nR8bL5dG0yAkP2vX9m"),
        ("svix", "whsec_Q4sT7wZ1cF6hJ3nR8bL5dG0yAkP2vX9m"),
        ("shopify", "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"),
        ("paystack", "sk_test_9f86d081884c7d659a2feaa0c55ad0159a2feaa0"),
        ("linear", "lin_wh_Q4sT7wZ1cF6hJ3nR8bL5dG0yAkP2vX9m"),
        ("meta", "9f86d081884c7d659a2feaa0c55ad015"),
        ("slack", "9f86d081884c7d659a2feaa0c55ad015"),
        ("github", "a longer sentence that I chose"),
    ] {
        assert_eq!(broken(&[(scheme, text)]), [], "{scheme}");
    }
}

/// Gravitee's gateway writes `x-hmac`'s signature in base64.
fn gravitee() -> Value {
    json!({"name": "gravitee", "signature": "X-HMAC-Signature", "encoding": "base64",
           "timestamp": {"field": "X-HMAC-Timestamp"}, "signed": ["{timestamp}", ".", "{body}"]})
}

#[test]
fn a_scheme_of_ones_own() {
    let policy = policy(vec![with(sender(), "scheme", gravitee())], vec![route()]);
    let verifier = Policy::parse(&policy)
        .unwrap()
        .into_verifier(|_| Some(Secret::new(SECRET_A.into())))
        .unwrap();
    // openssl dgst -sha256 -hmac kP2v… -binary | base64, over 1760000000.{}
    let signature = "oyvacTQ6VfnOPMgg7LwKqYzH1txFD45v65bSQNHSiSo=";
    let fields = vec![
        Field::new("X-HMAC-Signature", signature.as_bytes()),
        Field::new("X-HMAC-Timestamp", b"1760000000"),
    ];
    let head = Head::new("POST", "https://gate.test/v1/infer", fields).unwrap();
    let admission = verifier.begin(&head, UnixSeconds::new(1_760_000_060)).unwrap();
    let cleared = admission.finish(b"{}", UnixSeconds::new(1_760_000_060)).unwrap();
    assert_eq!(cleared.log_line("r-1").scheme, Some("gravitee"));
}

#[track_caller]
fn scheme_refused(key: &str, value: Value, path: &str, problem: PolicyProblem) {
    sender_refused(
        "scheme",
        with(gravitee(), key, value),
        &format!("senders[0].scheme{path}"),
        problem,
    );
}

#[test]
fn schemes_of_ones_own_that_protect_less_than_they_seem_to() {
    use PolicyProblem::{
        BodyNotSigned, IdNotSigned, InvalidFieldName, MissingField, NotOneOf, PrefixInList,
        SecretInMac, TimestampNotSigned, UnknownField, UnknownPart,
    };
    scheme_refused("signed", json!(["{timestamp}", "."]), ".signed", BodyNotSigned);
    scheme_refused("signed", json!(["{timestamp}", "{body}", "{body}"]), ".signed", BodyNotSigned);
    scheme_refused("signed", json!(["{body}"]), ".signed", TimestampNotSigned);
    scheme_refused("timestamp", Value::Null, ".signed", TimestampNotSigned);
    scheme_refused("id", json!("X-Id"), ".signed", IdNotSigned);
    scheme_refused(
        "signed",
        json!(["{id}", ".", "{timestamp}", ".", "{body}"]),
        ".signed",
        IdNotSigned,
    );
    scheme_refused(
        "signed",
        json!(["{timestamp}", ".", "{secret}", "{body}"]),
        ".signed",
        SecretInMac,
    );
    scheme_refused("algorithm", json!("sha256"), ".signed", SecretInMac);
    scheme_refused(
        "signed",
        json!(["{timestamp}", ".", "{query}", "{body}"]),
        ".signed[2]",
        UnknownPart,
    );
    scheme_refused("signed", json!(["{timestamp}", "", "{body}"]), ".signed[1]", UnknownPart);
    scheme_refused("signature", json!("X HMAC"), ".signature", InvalidFieldName);
    scheme_refused("signature", Value::Null, ".signature", MissingField);
    scheme_refused(
        "algorithm",
        json!("md5"),
        ".algorithm",
        NotOneOf(vec![
            "hmac-sha1",
            "hmac-sha256",
            "hmac-sha384",
            "hmac-sha512",
            "sha256",
            "ed25519",
            "ecdsa-p256",
        ]),
    );
    scheme_refused(
        "encoding",
        json!("Base64"),
        ".encoding",
        NotOneOf(vec!["hex", "base64", "base64url"]),
    );
    scheme_refused("signatures", json!(2), ".signatures", UnknownField);
    let list = json!({"separator": ",", "joiner": "=", "key": "v1"});
    sender_refused(
        "scheme",
        with(with(gravitee(), "prefix", json!("v1=")), "list", list),
        "senders[0].scheme.prefix",
        PrefixInList,
    );
    let id = with(gravitee(), "id", json!("X-Id"));
    let signed = json!(["{timestamp}", ".", "{id}", "{body}"]);
    sender_refused(
        "scheme",
        with(id, "signed", signed),
        "senders[0].scheme.signed",
        PolicyProblem::AmbiguousParts { ends: "{id}", begins: "{body}" },
    );
}

#[test]
fn a_secret_must_be_written_as_its_preset_wants() {
    for (scheme, secret, form) in [
        (
            "standard-webhooks",
            "whsec_not base64 at all, but long enough",
            "base64, as the provider shows it, with its prefix or without",
        ),
        (
            "adyen-platforms",
            "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA05",
            "hexadecimal digits, two for each byte of the key",
        ),
    ] {
        let text = policy(vec![with(sender(), "scheme", json!(scheme))], vec![route()]);
        let policy = Policy::parse(&text).unwrap();
        let verifier = policy.into_verifier(|_| Some(Secret::new(secret.into()))).unwrap();
        let problems = verifier.broken_secrets().iter().map(|error| error.problem().clone());
        let expected = [PolicyProblem::UndecodableSecret(form)];
        assert_eq!(problems.collect::<Vec<_>>(), expected);
    }
}

#[test]
fn a_scheme_that_signs_the_url_needs_to_know_it() {
    let square = with(sender(), "scheme", json!("square"));
    refused(
        &policy(vec![square.clone()], vec![route()]),
        &[("senders[0].url", PolicyProblem::UrlRequired)],
    );
    let told = with(square.clone(), "url", json!("https://api.example.com/v1/infer"));
    assert!(Policy::parse(&policy(vec![told], vec![route()])).is_ok());
    let broken = with(square, "url", json!("/v1/infer"));
    let errors = Policy::parse(&policy(vec![broken], vec![route()])).err().unwrap();
    assert_eq!(list(&errors).first(), Some(&("senders[0].url", PolicyProblem::InvalidUrl)));
}

#[test]
fn the_gates_own_variables_are_no_secrets() {
    for name in ["POLICY", "ORIGIN", "HOSTS", "REPLAY"] {
        sender_refused(
            "secrets",
            json!([name]),
            "senders[0].secrets[0]",
            PolicyProblem::InvalidSecretName,
        );
    }
}

#[test]
fn a_tolerance_needs_a_time_to_compare() {
    let github = with(with(sender(), "scheme", json!("github")), "tolerance", json!(60));
    refused(
        &policy(vec![github], vec![route()]),
        &[("senders[0].tolerance", PolicyProblem::NoTimeInScheme)],
    );
}

#[test]
fn a_secret_may_have_a_first_and_a_last_moment() {
    use PolicyProblem::{Expected, InvalidSecretName, MissingField, NeverValid, UnknownField};
    let secret = |table: Value| with(sender(), "secrets", json!(["OTHER", table]));
    let bounded = json!({"name": "SECRET_A", "not_before": "2026-01-01T00:00:00Z",
                         "not_after": "2026-01-01T01:00:00+01:00"});
    let policy_with = |table| policy(vec![secret(table)], vec![route()]);
    let names: Vec<String> = Policy::parse(&policy_with(bounded.clone()))
        .unwrap()
        .secret_names()
        .map(str::to_owned)
        .collect();
    assert_eq!(names, ["OTHER", "SECRET_A"]);
    let moment = Expected("a moment such as 2026-11-22T08:30:00Z");
    for (key, value, place, problem) in [
        ("name", Value::Null, ".name", MissingField),
        ("name", json!("a b"), ".name", InvalidSecretName),
        ("not_before", json!("2026-01-01"), ".not_before", moment.clone()),
        ("not_before", json!(1_767_225_600), ".not_before", Expected("a string")),
        ("not_after", json!("2025-12-31T23:59:59Z"), ".not_after", NeverValid),
        ("until", json!("2026-01-01T00:00:00Z"), ".until", UnknownField),
    ] {
        let path = format!("senders[0].secrets[1]{place}");
        refused(&policy_with(with(bounded.clone(), key, value)), &[(&path, problem)]);
    }
    sender_refused("secrets", json!([7]), "senders[0].secrets[0]", Expected("a string"));
}

#[test]
fn errors_of_secrets_name_the_sender() {
    let other = json!({"id": "billing", "scheme": "adyen-platforms", "secrets": ["SECRET_B"]});
    let routes = vec![route(), json!({"path": "/b", "methods": ["POST"], "senders": ["billing"]})];
    let policy = Policy::parse(&policy(vec![sender(), other], routes)).unwrap();
    let verifier = policy.into_verifier(|name| {
        Some(Secret::new(if name == "SECRET_A" { SECRET_A } else { "abc0123456789abcd" }.into()))
    });
    let verifier = verifier.unwrap();
    let errors: Vec<String> = verifier.broken_secrets().iter().map(ToString::to_string).collect();
    assert_eq!(
        errors,
        [
            "senders[1].secrets[0] of billing: the secret must be hexadecimal digits, two for each byte of the key"
        ]
    );
}

/// A value where a name belongs is an error wherever a name may stand, and is never repeated.
#[test]
fn a_secret_in_place_of_its_name_is_refused_and_not_shown() {
    let hex = "d6a1f0c97e2b4583a9d0c6e1f7b24e8d";
    for value in [
        hex,
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "shpss_0123456789abcdef0123456789abcdef",
        "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    ] {
        let as_name = PolicyProblem::SecretAsName;
        let secrets = |value: Value| with(sender(), "secrets", json!([value]));
        let meta = json!({"id": "app", "scheme": "meta", "secrets": ["SECRET_A"], "handshake": true, "verify_token": value});
        let sealed = |value: &str| {
            let mut whole: Value =
                serde_json::from_str(&policy(vec![sender()], vec![route()])).unwrap();
            let seal = json!({"scheme": "x-hmac", "secret": value});
            whole.as_object_mut().unwrap().insert("seal".to_owned(), seal);
            whole.to_string()
        };
        for (json, path) in [
            (policy(vec![secrets(json!(value))], vec![route()]), "senders[0].secrets[0]"),
            (
                policy(vec![secrets(json!({"name": value}))], vec![route()]),
                "senders[0].secrets[0].name",
            ),
            (policy(vec![meta], vec![route()]), "senders[0].verify_token"),
            (sealed(value), "seal.secret"),
        ] {
            refused(&json, &[(path, as_name.clone())]);
            let errors = Policy::parse(&json).unwrap_err().to_string();
            assert!(!errors.contains(value), "{errors}");
        }
    }
    for value in ["-----BEGIN PRIVATE KEY-----", "v1,whsec_abc", "sk-1", "sécret"] {
        let sender = with(sender(), "secrets", json!([value]));
        let errors = Policy::parse(&policy(vec![sender], vec![route()])).unwrap_err().to_string();
        assert!(!errors.contains(value), "{errors}");
    }
}

#[test]
fn row_41_a_route_that_no_request_to_the_senders_url_reaches_is_an_error() {
    let square = |more: Value| {
        let mut sender = json!({"id": "app", "scheme": "square", "secrets": ["SECRET_A"]});
        sender.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        sender
    };
    let routes = |paths: &[&str]| {
        paths.iter().map(|path| with(route(), "path", json!(path))).collect::<Vec<Value>>()
    };
    let whole = json!({"url": "https://hooks.example/hooks/hub?a=1"});
    for paths in [&["/hooks/hub"][..], &["/hooks/{name}"], &["/{*rest}"]] {
        assert!(Policy::parse(&policy(vec![square(whole.clone())], routes(paths))).is_ok());
    }
    for path in ["/hooks/hub/", "/admin/export", "/hooks", "/{one}"] {
        refused(
            &policy(vec![square(whole.clone())], routes(&["/hooks/hub", path])),
            &[("routes[1].path", PolicyProblem::UrlElsewhere { sender: 0 })],
        );
    }
    let rewritten = json!({"url": "https://hooks.example/hooks/hub", "behind_rewrite": true});
    assert!(Policy::parse(&policy(vec![square(rewritten)], routes(&["/admin/export"]))).is_ok());
    for more in [
        json!({"url": "https://hooks.example", "behind_rewrite": true}),
        json!({"behind_rewrite": true, "scheme": "github"}),
        json!({"behind_rewrite": true, "scheme": "github", "url": "https://hooks.example/a"}),
    ] {
        refused(
            &policy(vec![square(more)], routes(&["/hooks/hub"])),
            &[("senders[0].behind_rewrite", PolicyProblem::RewriteWithoutUrl)],
        );
    }
}

/// In what Twilio signs, a form follows the path without a separator.
#[test]
fn paths_that_a_form_follows_leave_no_doubt() {
    let twilio =
        |url: &str| json!({"id": "app", "scheme": "twilio", "url": url, "secrets": ["SECRET_A"]});
    let routes = |paths: &[&str]| {
        paths.iter().map(|path| with(route(), "path", json!(path))).collect::<Vec<Value>>()
    };
    let origin = "https://hooks.example";
    assert!(Policy::parse(&policy(vec![twilio(origin)], routes(&["/voice", "/sms"]))).is_ok());
    let fixed = "https://hooks.example/voice?a=1";
    assert!(Policy::parse(&policy(vec![twilio(fixed)], routes(&["/voice"]))).is_ok());
    let rewritten = with(twilio(fixed), "behind_rewrite", json!(true));
    assert!(Policy::parse(&policy(vec![rewritten], routes(&["/voice", "/voices"]))).is_ok());
    for (paths, place) in [
        (&["/voice", "/voices"][..], "routes[1].path"),
        (&["/voices", "/voice"], "routes[0].path"),
        (&["/voice/{id}"], "routes[0].path"),
        (&["/{*rest}"], "routes[0].path"),
    ] {
        refused(
            &policy(vec![twilio(origin)], routes(paths)),
            &[(place, PolicyProblem::AmbiguousPath)],
        );
    }
    let square = json!({"id": "app", "scheme": "square", "url": origin, "secrets": ["SECRET_A"]});
    assert!(Policy::parse(&policy(vec![square], routes(&["/a", "/a/{id}"]))).is_ok());
}

#[test]
fn public_keys_are_read_strictly() {
    let ed25519 = "4b12d12cf8d4d0c535f304c1bb279ed466c51696abcd7f202361889b68520ffa";
    let check = |scheme: &str, key: &str| {
        let policy = policy(vec![with(sender(), "scheme", json!(scheme))], vec![route()]);
        let policy = Policy::parse(&policy).unwrap();
        let verifier = policy.into_verifier(|_| Some(Secret::new(key.into()))).unwrap();
        verifier.broken_secrets().first().map(ToString::to_string)
    };
    assert_eq!(check("discord", ed25519), None);
    assert_eq!(check("discord", &ed25519.to_uppercase()), None);
    let not_a_key = "senders[0].secrets[0] of app: the secret must be an Ed25519 public key of 32 bytes, as the provider shows it";
    assert_eq!(check("discord", ed25519.trim_start_matches("4b")).as_deref(), Some(not_a_key));
    assert_eq!(check("discord", &format!("{ed25519}00")).as_deref(), Some(not_a_key));
    // A point of order eight.
    let weak = "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a";
    assert_eq!(check("discord", weak).as_deref(), Some(not_a_key));
    let p256 = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==";
    assert_eq!(check("sendgrid", p256), None);
    let not_a_key = "senders[0].secrets[0] of app: the secret must be a P-256 public key in base64, as the provider shows it";
    assert_eq!(check("sendgrid", &p256.replace("83T4", "83T5")).as_deref(), Some(not_a_key));
    assert_eq!(check("sendgrid", ed25519).as_deref(), Some(not_a_key));
}

#[test]
fn replay_rules_that_protect_nothing() {
    use PolicyProblem::{
        Expected, MissingField, NoNonceInScheme, OutOfRange, RetentionFollowsTime,
        RetentionRequired, SignatureOfNoRequest, UnknownField,
    };
    let sender_with = |scheme: &str, replay: Value| {
        let table =
            json!({"id": "app", "scheme": scheme, "secrets": ["SECRET_A"], "replay": replay});
        policy(vec![table], vec![route()])
    };
    let hour = json!({"by": "signature", "retention": 3600});
    for (scheme, replay) in [
        ("x-hmac", json!("signature")),
        ("x-hmac-nonce", json!("nonce")),
        ("x-hmac-nonce", json!({"by": "nonce", "shards": 1024, "capacity": 1, "release": "5xx"})),
        ("svix", json!("nonce")),
        ("github", hour.clone()),
        ("mailgun", json!("nonce")),
    ] {
        assert!(Policy::parse(&sender_with(scheme, replay)).is_ok(), "{scheme}");
    }
    for (scheme, replay, place, problem) in [
        ("x-hmac", json!("nonce"), "", NoNonceInScheme),
        ("x-hmac", json!({"by": "nonce"}), ".by", NoNonceInScheme),
        ("x-hmac", json!({"by": "off"}), ".by", Expected("\"nonce\" or \"signature\"")),
        ("x-hmac", json!({}), ".by", MissingField),
        ("x-hmac", json!({"by": "signature", "retention": 60}), ".retention", RetentionFollowsTime),
        ("x-hmac", json!({"by": "signature", "shards": 0}), ".shards", OutOfRange(1, 1024)),
        (
            "x-hmac",
            json!({"by": "signature", "capacity": 0}),
            ".capacity",
            OutOfRange(1, 1_000_000_000),
        ),
        ("x-hmac", json!({"by": "signature", "release": true}), ".release", Expected("a string")),
        (
            "x-hmac",
            json!({"by": "signature", "release": "always"}),
            ".release",
            PolicyProblem::NotOneOf(vec!["never", "unreached", "5xx"]),
        ),
        ("x-hmac", json!({"by": "signature", "window": 60}), ".window", UnknownField),
        ("github", json!("signature"), "", RetentionRequired),
        ("github", json!({"by": "signature"}), ".retention", MissingField),
        (
            "github",
            json!({"by": "signature", "retention": 59}),
            ".retention",
            OutOfRange(60, 2_592_000),
        ),
        ("gitlab", hour.clone(), ".by", SignatureOfNoRequest),
        ("adyen-standard", hour.clone(), ".by", SignatureOfNoRequest),
        ("rfc9421-hmac-sha256", json!("signature"), "", SignatureOfNoRequest),
        ("rfc9421-hmac-sha256", json!({"by": "signature"}), ".by", SignatureOfNoRequest),
    ] {
        let path = format!("senders[0].replay{place}");
        refused(&sender_with(scheme, replay), &[(&path, problem)]);
    }
}

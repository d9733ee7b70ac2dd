//! Bytes that are not UTF-8: a runtime gives U+FFFD in their place, and sends them on as they are.
#![allow(clippy::unwrap_used)]

mod tagged;

use serde_json::{Value, json};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use countersign::{Policy, Secret, Verifier};
use tagged::*;

const URL: &str = "https://gate.test/in";
const REPLACEMENT: &str = "\u{fffd}";

fn gate(scheme: &str, more: &Value) -> Verifier {
    let mut sender = json!({"id": "app", "scheme": scheme, "secrets": ["SECRET"]});
    sender.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let route =
        json!({"path": "/in", "methods": ["POST"], "senders": ["app"], "allow_empty_body": true});
    verifier(&json!({"senders": [sender], "routes": [route]}))
}

#[test]
fn row_52_what_the_runtime_replaced_is_not_what_was_signed() {
    let open = json!({"message_signature": {"components": ["@method"]}});
    let gate = gate("rfc9421-hmac-sha256", &open);
    let covered = |value: &[u8]| {
        let text = format!(":{}:", base64(value));
        let [input, signature] =
            message_signature("s", &[("\"@method\"", "POST"), ("\"x-name\";bs", &text)]);
        decide(&gate, ("POST", URL), &[line("X-Name", value), input, signature], b"")
    };
    for value in ["a", "é, 日本", "\u{fffc}", "\u{10ffff}", ""] {
        assert_accepted(&covered(value.as_bytes()), &[]);
    }
    // Who has the bytes themselves, as natively, has what the origin gets.
    assert_accepted(&covered(b"\xe9\xff\x80"), &[]);
    for value in [REPLACEMENT, "a\u{fffd}", "\u{fffd}b", "é, \u{fffd}\u{fffd}"] {
        assert_refused_by_its_head(&covered(value.as_bytes()));
    }
    // One of several lines.
    let text = format!(":{}:, :{}:", base64(b"a"), base64(REPLACEMENT.as_bytes()));
    let [input, signature] =
        message_signature("s", &[("\"@method\"", "POST"), ("\"x-name\";bs", &text)]);
    let lines = [line("X-Name", "a"), line("X-Name", REPLACEMENT), input, signature];
    assert_refused_by_its_head(&decide(&gate, ("POST", URL), &lines, b""));
}

#[test]
fn row_52_a_parameter_that_is_not_utf_8_has_no_value_to_sign() {
    let open = json!({"message_signature": {"components": ["@method"]}});
    let gate = gate("rfc9421-hmac-sha256", &open);
    let decided = |name: &str, value: &str, query: &str| {
        let name = format!("\"@query-param\";name=\"{name}\"");
        let signature = message_signature("s", &[("\"@method\"", "POST"), (&name, value)]);
        decide(&gate, ("POST", &[URL, "?", query].concat()), &signature, b"")
    };
    assert_accepted(&decided("q", "%C3%A9", "q=%c3%a9"), &[]);
    assert_accepted(&decided("q", "a", "q=a&r=%FF"), &[]);
    assert_accepted(&decided("%C3%A9", "a", "%c3%a9=a"), &[]);
    for query in ["q=%EF%BF%BD", "q=%FF", "q=%C3", "q=%ED%A0%80", "q=a&q=%FF"] {
        assert_refused_by_its_head(&decided("q", "%EF%BF%BD", query));
    }
    for query in ["%EF%BF%BD=a", "%FF=a", "%C3=a"] {
        assert_refused_by_its_head(&decided("%EF%BF%BD", "a", query));
    }
}

#[test]
fn row_52_a_value_that_contentful_signs_is_what_was_sent() {
    let gate = gate("contentful", &json!({}));
    let millis = format!("{NOW}000");
    let list = "x-contentful-signed-headers,x-contentful-timestamp,x-name";
    let decided = |value: &str| {
        let signed = format!(
            "POST\n/in\nx-contentful-signed-headers:{list};x-contentful-timestamp:{millis};x-name:{value}\n"
        );
        let signature = hex::encode(tag(&[signed.as_bytes(), BODY].concat()));
        let lines = [
            line("X-Contentful-Signature", signature),
            line("X-Contentful-Signed-Headers", list),
            line("X-Contentful-Timestamp", &millis),
            line("X-Name", value),
        ];
        decide(&gate, ("POST", URL), &lines, BODY).code
    };
    for value in ["a", "é"] {
        assert_eq!(decided(value), "accepted");
    }
    for value in [REPLACEMENT, "a\u{fffd}b"] {
        assert_eq!(decided(value), "invalid_signature");
    }
}

#[test]
fn row_52_no_token_is_known_by_what_was_replaced() {
    for (token, code) in [
        ("kP2vX9mQ4sT7wZ1cF6hJ3nR8bL5dG0yé", "accepted"),
        ("kP2vX9mQ4sT7wZ1cF6hJ3nR8bL5dG0y\u{fffd}", "invalid_signature"),
    ] {
        let policy = json!({
            "senders": [{"id": "app", "scheme": "gitlab", "secrets": ["SECRET"]}],
            "routes": [{"path": "/in", "methods": ["POST"], "senders": ["app"]}],
        });
        let policy = Policy::parse(&policy.to_string()).unwrap();
        let gate = policy.into_verifier(|_| Some(Secret::new(token.into()))).unwrap();
        let lines = [line("X-Gitlab-Token", token)];
        assert_eq!(decide(&gate, ("POST", URL), &lines, BODY).code, code);
    }
}

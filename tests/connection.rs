//! `Connection` takes fields away from a request, and none that was verified.
#![allow(clippy::unwrap_used)]

mod tagged;

use countersign::scheme::{PRESETS, Scheme};
use countersign::{Secret, Signer, UnixSeconds, Unsigned, Verifier};
use serde_json::json;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use tagged::*;

const URL: &str = "https://gate.test/in";
const CALL: (&str, &str) = ("POST", URL);

fn gate(scheme: &str, more: &serde_json::Value) -> Verifier {
    let mut sender = json!({"id": "app", "scheme": scheme, "secrets": ["SECRET"]});
    sender.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    verifier(&json!({
        "senders": [sender],
        "routes": [
            {"path": "/in", "methods": ["POST"], "senders": ["app"], "allow_content_encoding": true, "allow_empty_body": true},
            {"path": "/open", "methods": ["POST"], "access": "public"},
        ],
    }))
}

/// Spellings of a `Connection` that names this field.
fn spellings(name: &str) -> Vec<Vec<Line>> {
    let connection = |value: String| line("Connection", value);
    let upper = name.to_ascii_uppercase();
    vec![
        vec![connection(name.to_owned())],
        vec![connection(format!("close, {upper}"))],
        vec![connection(format!("{name},close"))],
        vec![connection(format!(",,\t {name} \t,, keep-alive"))],
        vec![line("CONNECTION", "close"), line("connection", &upper)],
        vec![connection(format!("{}{name}", "x, ".repeat(200)))],
        vec![connection(format!("\"quoted, {name} ,\""))],
    ]
}

#[test]
fn row_45_no_field_of_a_scheme_can_be_taken_away() {
    let mut tried = Vec::new();
    for scheme in PRESETS.iter().map(|preset| preset.scheme) {
        let signer = Signer::new(scheme, &Secret::new(SECRET.into()));
        let id = scheme.signs_id().then_some("0123456789abcdef");
        let now = UnixSeconds::new(NOW);
        let unsigned = Unsigned { method: "POST", url: URL, body: BODY, now, id };
        let Some(Ok(fields)) = signer.map(|signer| signer.with_keyid("k").sign(&unsigned)) else {
            continue;
        };
        let url = if scheme.signs_url() { json!({"url": "https://gate.test"}) } else { json!({}) };
        let mut sender = json!({"id": "app", "scheme": scheme.name(), "secrets": ["SECRET"]});
        sender.as_object_mut().unwrap().extend(url.as_object().unwrap().clone());
        let route = json!({"path": "/in", "methods": ["POST"], "senders": ["app"]});
        let policy = json!({"senders": [sender], "routes": [route]}).to_string();
        let policy = countersign::Policy::parse(&policy).unwrap();
        let Ok(gate) = policy.into_verifier(|_| Some(Secret::new(SECRET.into()))) else { continue };
        let signed: Vec<Line> = fields.iter().map(|(name, value)| line(name, value)).collect();
        assert_accepted(&decide(&gate, CALL, &signed, BODY), &[]);
        for (name, _) in &fields {
            for connection in spellings(name) {
                let lines = [signed.clone(), connection].concat();
                assert_refused_by_its_head(&decide(&gate, CALL, &lines, BODY));
            }
        }
        tried.push(scheme.name());
    }
    for name in ["x-hmac", "x-hmac-nonce", "github", "stripe", "standard-webhooks", "hubspot-v3"] {
        assert!(tried.contains(&name), "{name} in {tried:?}");
    }
    assert!(tried.contains(&"rfc9421-hmac-sha256"));
}

#[test]
fn row_45_what_says_how_the_body_is_read_stays() {
    let gate = gate("x-hmac", &json!({}));
    for name in ["Content-Type", "Content-Encoding", "Content-Length", "Host"] {
        for connection in spellings(name) {
            let lines = [x_hmac(BODY), vec![line("Content-Encoding", "gzip")], connection].concat();
            assert_refused_by_its_head(&decide(&gate, CALL, &lines, BODY));
        }
    }
}

#[test]
fn row_45_older_names_of_a_scheme_count_too() {
    let scheme = Scheme::preset("standard-webhooks").unwrap();
    let secret = Secret::new(b"whsec_a1AyVlg5bVE0c1Q3d1oxY0Y2aEozblI4Ykw1ZEcweUE=".to_vec());
    let now = UnixSeconds::new(NOW);
    let unsigned = Unsigned { method: "POST", url: URL, body: BODY, now, id: Some("msg_1") };
    let fields = Signer::new(scheme, &secret).unwrap().sign(&unsigned).unwrap();
    let older = |name: &str| name.replace("webhook-", "svix-").replace("Webhook-", "svix-");
    let lines: Vec<Line> = fields.iter().map(|(name, value)| line(&older(name), value)).collect();
    let policy = json!({
        "senders": [{"id": "app", "scheme": "svix", "secrets": ["SECRET"]}],
        "routes": [{"path": "/in", "methods": ["POST"], "senders": ["app"]}],
    });
    let policy = countersign::Policy::parse(&policy.to_string()).unwrap();
    let gate = policy.into_verifier(|_| Some(secret.clone())).unwrap();
    assert_accepted(&decide(&gate, CALL, &lines, BODY), &[]);
    for (name, _) in &lines {
        let lines = [lines.clone(), vec![line("Connection", name)]].concat();
        assert_refused_by_its_head(&decide(&gate, CALL, &lines, BODY));
    }
}

#[test]
fn row_45_what_nothing_rests_on_is_taken_away_as_ever() {
    let gate = gate("x-hmac", &json!({}));
    for (value, remove) in [
        ("close", vec!["Connection"]),
        ("keep-alive, Upgrade, HTTP2-Settings", vec!["Connection"]),
        ("close, x-tenant", vec!["Connection", "X-Tenant"]),
        // No names, so nothing goes and nothing is refused.
        ("\"x-hmac-signature\"", vec!["Connection"]),
        ("x-hmac-signature;q=1, x-hmac-timestamp x-tenant", vec!["Connection"]),
        ("x-hmac-signature\u{a0}", vec!["Connection"]),
        ("", vec!["Connection"]),
    ] {
        let own = vec![line("Connection", value), line("X-Tenant", "a")];
        let lines = [x_hmac(BODY), own].concat();
        assert_accepted(&decide(&gate, CALL, &lines, BODY), &remove);
    }
}

#[test]
fn row_45_nothing_is_verified_on_a_public_route() {
    let gate = gate("x-hmac", &json!({}));
    let open = ("POST", "https://gate.test/open");
    let lines = |value: &str| [x_hmac(BODY), vec![line("Connection", value)]].concat();
    let decided = decide(&gate, open, &lines("x-hmac-signature, content-type"), BODY);
    assert_eq!(
        (decided.code, decided.remove),
        ("public".to_owned(), vec!["X-HMAC-Signature".to_owned(), "Connection".to_owned()])
    );
}

#[test]
fn row_44_connection_names_no_more_fields_than_a_head_may_have() {
    let gate = gate("x-hmac", &json!({}));
    let open = ("POST", "https://gate.test/open");
    for (count, signed, public) in
        [(256, "accepted", "public"), (257, "invalid_signature", "no_route")]
    {
        let value = vec!["x"; count].join(",");
        for own in [
            vec![line("Connection", &value)],
            vec![line("Connection", vec![","; count.saturating_sub(1)].concat())],
            vec![line("Connection", "x"), line("Connection", value.replacen("x,", "", 1))],
        ] {
            let lines = [x_hmac(BODY), own].concat();
            assert_eq!(decide(&gate, CALL, &lines, BODY).code, signed, "{count}");
            assert_eq!(decide(&gate, open, &lines, BODY).code, public, "{count}");
        }
    }
}

#[test]
fn row_45_no_field_that_a_message_signature_covers_can_be_taken_away() {
    let open = json!({"message_signature": {"components": ["@method"]}});
    let gate = gate("rfc9421-hmac-sha256", &open);
    let method = ("\"@method\"", "POST");
    let own =
        || [line("X-Tenant", "a=1"), line("X-Other", "b"), line("Content-Digest", "md5=:AA==:")];
    for (identifier, value) in [
        ("\"x-tenant\"", "a=1"),
        ("\"x-tenant\";key=\"a\"", "1"),
        ("\"x-tenant\";bs", ":YT0x:"),
        ("\"x-tenant\";sf", "a=1"),
    ] {
        let signature = message_signature("s", &[method, (identifier, value)]);
        let lines = [&own(), signature.as_slice()].concat();
        assert_accepted(&decide(&gate, CALL, &lines, b""), &[]);
        for name in
            ["x-tenant", "Signature", "signature-input", "Signature-Agent", "content-digest"]
        {
            for connection in spellings(name) {
                let lines = [lines.clone(), connection].concat();
                assert_refused_by_its_head(&decide(&gate, CALL, &lines, b""));
            }
        }
        let lines = [lines, vec![line("Connection", "close, x-other")]].concat();
        assert_accepted(&decide(&gate, CALL, &lines, b""), &["X-Other", "Connection"]);
    }
    // Another signature of the same key may be the one that the origin looks at.
    let [input, signature] = message_signature("a", &[method]);
    let [other_input, other] = message_signature("b", &[method, ("\"x-other\"", "b")]);
    let joined = |one: Line, two: Line| (one.0, [one.1, b", ".to_vec(), two.1].concat());
    let both = vec![joined(input, other_input), joined(signature, other)];
    let lines = [own().to_vec(), both].concat();
    assert_accepted(&decide(&gate, CALL, &lines, b""), &[]);
    let lines = [lines, vec![line("Connection", "x-other")]].concat();
    assert_refused_by_its_head(&decide(&gate, CALL, &lines, b""));
}

#[test]
fn row_45_no_field_that_contentful_signs_can_be_taken_away() {
    let gate = gate("contentful", &json!({}));
    let millis = format!("{NOW}000");
    let list = "x-contentful-signed-headers,x-contentful-timestamp,x-contentful-user-id";
    let signed = [
        "POST\n/in\nx-contentful-signed-headers:",
        list,
        ";x-contentful-timestamp:",
        &millis,
        ";x-contentful-user-id:u\n",
    ];
    let signature = hex::encode(tag(&[signed.concat().as_bytes(), BODY].concat()));
    let lines = vec![
        line("X-Contentful-Signature", signature),
        line("X-Contentful-Signed-Headers", list),
        line("X-Contentful-Timestamp", millis),
        line("X-Contentful-User-Id", "u"),
        line("X-Contentful-Other", "o"),
    ];
    assert_accepted(&decide(&gate, CALL, &lines, BODY), &[]);
    for name in [
        "X-Contentful-User-Id",
        "X-Contentful-Signature",
        "X-Contentful-Signed-Headers",
        "X-Contentful-Timestamp",
    ] {
        for connection in spellings(name) {
            let lines = [lines.clone(), connection].concat();
            assert_refused_by_its_head(&decide(&gate, CALL, &lines, BODY));
        }
    }
    let lines = [lines, vec![line("Connection", "x-contentful-other")]].concat();
    assert_accepted(&decide(&gate, CALL, &lines, BODY), &["X-Contentful-Other", "Connection"]);
}

//! Each mistake is planted with an HMAC made here, and must be the one that is named.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod planted;
mod resolved;

use countersign::explain::{Explainer, Explanation, LONE_SECRET, policy_for};
use countersign::scheme::PRESETS;
use countersign::{Head, Policy, UnixSeconds};
use planted::{Planted, SECRET, hmac, sha1_hmac, sha512_hmac};

const T: &str = "1760000000";
const BODY: &[u8] = br#"{"b":1,"a":[1.0,"x"]}"#;

fn codes(explanation: &Explanation) -> Vec<Vec<&'static str>> {
    let mut all: Vec<Vec<&'static str>> = explanation
        .causes
        .iter()
        .map(|cause| cause.mistakes.iter().map(|mistake| mistake.code()).collect())
        .collect();
    all.sort();
    all.dedup();
    all
}

/// An `x-hmac` request whose signature covers `signed`, made with `key`, and whose body is `body`.
fn x_hmac(key: &str, signed: &[u8], body: &[u8]) -> Explanation {
    let signature = hex::encode(hmac(key.as_bytes(), signed));
    Planted::new("x-hmac", SECRET)
        .field("X-HMAC-Signature", &signature)
        .field("X-HMAC-Timestamp", T)
        .explain(body)
}

fn signed(body: &[u8]) -> Vec<u8> {
    [T.as_bytes(), b".", body].concat()
}

#[track_caller]
fn assert_cause(explanation: &Explanation, expected: &[&'static str]) {
    assert_eq!(explanation.code, "invalid_signature", "{explanation:#?}");
    assert_eq!(codes(explanation), [expected], "{:#?}", explanation.causes);
    assert!(explanation.effort.complete);
}

#[test]
fn a_right_signature_is_accepted_and_nothing_is_searched() {
    let right = x_hmac(SECRET, &signed(BODY), BODY);
    assert_eq!((right.code.as_str(), right.status), ("accepted", None));
    assert!(right.steps.iter().all(|step| step.passed));
    assert_eq!(right.causes, []);
    assert_eq!(right.effort.tries, 0);
    let [one] = right.comparisons.as_slice() else { panic!() };
    assert_eq!(one.signed_bytes, r#"1760000000.{"b":1,"a":[1.0,"x"]}"#);
    assert_eq!(
        one.expected.as_deref(),
        Some(&*hex::encode(hmac(SECRET.as_bytes(), &signed(BODY))))
    );
    assert!(one.matches);
}

#[test]
fn a_foreign_signature_has_no_cause_and_shows_what_was_expected() {
    let other = x_hmac("another secret that nobody has told us", &signed(b"{}\n"), b"{}\n");
    assert_eq!((other.code.as_str(), other.status), ("invalid_signature", Some(401)));
    assert_eq!(other.causes, []);
    assert!(other.effort.complete && other.effort.tries > 500);
    let last = other.steps.last().unwrap();
    assert_eq!((last.check, last.passed), ("signature", false));
    assert_eq!(other.comparisons[0].signed_bytes, r"1760000000.{}\n");
    let expected = hex::encode(hmac(SECRET.as_bytes(), b"1760000000.{}\n"));
    assert_eq!(other.comparisons[0].expected.as_deref(), Some(&*expected));
}

#[test]
fn line_ends_and_blanks() {
    for (as_signed, sent, code) in [
        (&b"{}"[..], &b"{}\n"[..], "newline_not_signed"),
        (b"{}", b"{}\r\n", "newline_not_signed"),
        (b"text\n", b"text", "newline_signed"),
        (b"text\r\n", b"text", "newline_signed"),
        (b"a\r\nb", b"a\nb", "crlf_signed"),
        (b"a\nb", b"a\r\nb", "lf_signed"),
        (b"a b", b"  a b  ", "trimmed_body_signed"),
        (b"\xef\xbb\xbftext", b"text", "byte_order_mark"),
        (b"text", b"\xef\xbb\xbftext", "byte_order_mark"),
        (b"", b"{\"x\":1}", "empty_body_signed"),
    ] {
        assert_cause(&x_hmac(SECRET, &signed(as_signed), sent), &[code]);
    }
}

/// The signed texts are what Python's, JavaScript's and PHP's encoders write of the body sent.
#[test]
fn json_written_anew() {
    for (as_signed, sent, style) in [
        (r#"{"b": 1, "a": [2, 3]}"#, r#"{"b":1,"a":[2,3]}"#, "a space behind each comma and colon"),
        (r#"{"a":[2,3],"b":1}"#, r#"{"b":1,"a":[2,3]}"#, "no white space, sorted keys"),
        (
            r#"{"a": [2, 3], "b": 1}"#,
            r#"{"b":1,"a":[2,3]}"#,
            "a space behind each comma and colon, sorted keys",
        ),
        (r#"{"t":"\u00e9"}"#, r#"{"t":"é"}"#, "characters outside ASCII as \\uXXXX"),
        (r#"{"t":"é"}"#, r#"{"t":"\u00e9"}"#, "characters outside ASCII as they are"),
        (r#"{"t":"a\/b"}"#, r#"{"t":"a/b"}"#, "/ as \\/"),
        (r#"{"n":1}"#, r#"{"n":1.0}"#, "1.0 as 1"),
        (r#"{"n":1.0}"#, r#"{"n":1}"#, "1 as 1.0"),
        (r#"{"n":1e+16}"#, r#"{"n":1E16}"#, "numbers as Python writes them"),
        ("{\n  \"n\": 1\n}", r#"{"n":1}"#, "lines indented by 2"),
        ("{\n    \"n\": 1\n}", r#"{"n":1}"#, "lines indented by 4"),
    ] {
        let explanation = x_hmac(SECRET, &signed(as_signed.as_bytes()), sent.as_bytes());
        assert_cause(&explanation, &["json_rewritten"]);
        let text = explanation.causes[0].mistakes[0].to_string();
        assert!(text.contains(style), "{text}");
    }
}

#[test]
fn forms_written_anew() {
    for (as_signed, sent, how) in [
        ("a=1+2&b=%2F", "a=1%202&b=%2F", "spaces as +"),
        ("a=1%202&b=%2F", "a=1+2&b=%2F", "spaces as %20"),
        ("a=1&b=%2f", "a=1&b=%2F", "escapes in lower case"),
        ("a=1 2&b=/", "a=1+2&b=%2F", "no escapes"),
        ("a=1&b=2", "b=2&a=1", "sorted names, spaces as +"),
    ] {
        let signature = hex::encode(hmac(SECRET.as_bytes(), &signed(as_signed.as_bytes())));
        let explanation = Planted::new("x-hmac", SECRET)
            .field("Content-Type", "application/x-www-form-urlencoded")
            .field("X-HMAC-Signature", &signature)
            .field("X-HMAC-Timestamp", T)
            .explain(sent.as_bytes());
        assert_cause(&explanation, &["form_rewritten"]);
        assert!(explanation.causes[0].mistakes[0].to_string().ends_with(how));
    }
}

#[test]
fn times_that_were_signed_and_not_sent() {
    for (time, code) in [
        ("1760000000000", "milliseconds"),
        ("1760000000347", "milliseconds"),
        ("1760000001", "another_second_signed"),
        ("1759999998", "another_second_signed"),
    ] {
        let message = [time.as_bytes(), b".", BODY].concat();
        assert_cause(&x_hmac(SECRET, &message, BODY), &[code]);
    }
}

#[test]
fn a_time_that_was_sent_in_milliseconds() {
    let time = "1760000000347";
    let explanation = Planted::new("x-hmac", SECRET)
        .field("X-HMAC-Signature", &hex::encode(hmac(SECRET.as_bytes(), &signed(BODY))))
        .field("X-HMAC-Timestamp", time)
        .explain(BODY);
    assert_eq!(explanation.code, "invalid_timestamp");
    assert_eq!(codes(&explanation), [["milliseconds"]]);
}

#[test]
fn a_time_of_another_field() {
    let message = [b"Thu, 09 Oct 2025 08:53:20 GMT.", BODY].concat();
    let explanation = Planted::new("x-hmac", SECRET)
        .field("Date", "Thu, 09 Oct 2025 08:53:20 GMT")
        .field("X-HMAC-Signature", &hex::encode(hmac(SECRET.as_bytes(), &message)))
        .field("X-HMAC-Timestamp", T)
        .explain(BODY);
    assert_cause(&explanation, &["time_of_another_field"]);
    assert!(explanation.causes[0].mistakes[0].to_string().contains("Date"));
}

#[test]
fn separators_and_order() {
    for separator in ["", ":", "\n", "|", ",", ";", "-", "&", " "] {
        let message = [T.as_bytes(), separator.as_bytes(), BODY].concat();
        assert_cause(&x_hmac(SECRET, &message, BODY), &["separator"]);
    }
    assert_cause(&x_hmac(SECRET, &[BODY, b".", T.as_bytes()].concat(), BODY), &["order"]);
    assert_cause(&x_hmac(SECRET, BODY, BODY), &["timestamp_not_signed"]);
}

#[test]
fn parts_left_out() {
    let slack = |message: &[u8]| {
        Planted::new("slack", SECRET)
            .field(
                "X-Slack-Signature",
                &format!("v0={}", hex::encode(hmac(SECRET.as_bytes(), message))),
            )
            .field("X-Slack-Request-Timestamp", T)
            .explain(BODY)
    };
    assert_cause(&slack(&[b"1760000000:", BODY].concat()), &["version_not_signed"]);
    let nonce = "0123456789abcdef";
    let once = Planted::new("x-hmac-nonce", SECRET)
        .field("X-HMAC-Signature", &hex::encode(hmac(SECRET.as_bytes(), &signed(BODY))))
        .field("X-HMAC-Timestamp", T)
        .field("X-HMAC-Nonce", nonce)
        .explain(BODY);
    assert_cause(&once, &["id_not_signed"]);
    let github = Planted::new("github", SECRET)
        .field("X-Hook-Timestamp", T)
        .field(
            "X-Hub-Signature-256",
            &format!("sha256={}", hex::encode(hmac(SECRET.as_bytes(), &signed(BODY)))),
        )
        .explain(BODY);
    assert_cause(&github, &["time_of_another_field", "timestamp_signed"]);
}

#[test]
fn how_the_signature_is_written() {
    let mac = hmac(SECRET.as_bytes(), BODY);
    let github = |value: &str| {
        Planted::new("github", SECRET).field("X-Hub-Signature-256", value).explain(BODY)
    };
    let base64 = planted::base64(&mac);
    assert_cause(&github(&hex::encode(mac)), &["prefix_missing"]);
    assert_cause(&github(&format!("sha256={base64}")), &["encoding"]);
    assert_cause(
        &github(&base64),
        &["encoding", "prefix_missing"].map(|c| c).iter().rev().copied().collect::<Vec<_>>(),
    );
    assert_cause(
        &github(&format!("sha256={}", planted::base64(hex::encode(mac).as_bytes()))),
        &["encoding"],
    );
    let mac = hmac(SECRET.as_bytes(), &signed(BODY));
    let x_hmac = |value: &str| {
        Planted::new("x-hmac", SECRET)
            .field("X-HMAC-Signature", value)
            .field("X-HMAC-Timestamp", T)
            .explain(BODY)
    };
    assert_cause(&x_hmac(&hex::encode_upper(mac)), &["encoding"]);
    assert_cause(&x_hmac(&planted::base64(&mac)), &["encoding"]);
    assert_cause(&x_hmac(&format!("sha256={}", hex::encode(mac))), &["prefix_added"]);
    let shopify = Planted::new("shopify", SECRET)
        .field("X-Shopify-Hmac-Sha256", &hex::encode(hmac(SECRET.as_bytes(), BODY)))
        .explain(BODY);
    assert_cause(&shopify, &["encoding"]);
    let stripe = Planted::new("stripe", SECRET)
        .field("Stripe-Signature", &format!("t={T},v0={}", hex::encode(mac)))
        .explain(BODY);
    assert_cause(&stripe, &["another_member"]);
}

#[test]
fn what_was_made_of_the_secret() {
    let quoted = format!("\"{SECRET}\"");
    for (key, code) in [
        (format!("{SECRET}\n"), "secret_with_extra_characters"),
        (format!("{SECRET}\r\n"), "secret_with_extra_characters"),
        (format!(" {SECRET}"), "secret_with_extra_characters"),
        (format!("{SECRET} "), "secret_with_extra_characters"),
        (quoted, "secret_with_extra_characters"),
        (format!("'{SECRET}'"), "secret_with_extra_characters"),
        (String::new(), "secret_unset"),
        ("undefined".to_owned(), "secret_unset"),
        ("None".to_owned(), "secret_unset"),
    ] {
        assert_cause(&x_hmac(&key, &signed(BODY), BODY), &[code]);
    }
}

#[test]
fn a_secret_decoded_or_not() {
    let raw = b"sixteen bytes or more of a secret";
    let text = planted::base64(raw);
    let whsec = format!("whsec_{text}");
    let standard = |secret: &str, key: &[u8]| {
        let message = [b"msg_1.", T.as_bytes(), b".", BODY].concat();
        Planted::new("standard-webhooks", secret)
            .field("webhook-id", "msg_1")
            .field("webhook-timestamp", T)
            .field("webhook-signature", &format!("v1,{}", planted::base64(&hmac(key, &message))))
            .explain(BODY)
    };
    assert_eq!(standard(&whsec, raw).code, "accepted");
    assert_cause(&standard(&whsec, whsec.as_bytes()), &["secret_not_decoded"]);
    assert_cause(&standard(&whsec, text.as_bytes()), &["secret_not_decoded"]);
    let with_key = |secret: &str, key: &[u8]| {
        Planted::new("x-hmac", secret)
            .field("X-HMAC-Signature", &hex::encode(hmac(key, &signed(BODY))))
            .field("X-HMAC-Timestamp", T)
            .explain(BODY)
    };
    assert_cause(&with_key(&text, raw), &["secret_decoded"]);
    assert_cause(&with_key(&hex::encode(raw), raw), &["secret_decoded"]);
    assert_cause(&with_key(&whsec, text.as_bytes()), &["secret_prefix_kept"]);
}

#[test]
fn another_senders_secret() {
    let other = "Wv5cE8xN2bQ7mA1zK4jT9gH6fS3dP0lR";
    let policy = r#"{
        "senders": [
            {"id": "app", "scheme": "x-hmac", "secrets": ["APP"]},
            {"id": "batch", "scheme": "x-hmac", "secrets": ["BATCH"]}
        ],
        "routes": [
            {"path": "/hook", "methods": ["POST"], "senders": ["app"]},
            {"path": "/batch", "methods": ["POST"], "senders": ["batch"]}
        ]
    }"#;
    let planted = |message: &[u8]| {
        Planted::with_policy(policy, &[("APP", SECRET), ("BATCH", other)])
            .field("X-HMAC-Signature", &hex::encode(hmac(other.as_bytes(), message)))
            .field("X-HMAC-Timestamp", T)
            .explain(b"{\"a\":1}")
    };
    let explanation = planted(&signed(b"{\"a\":1}"));
    assert_cause(&explanation, &["another_sender"]);
    let cause = &explanation.causes[0];
    assert_eq!((cause.sender.as_deref(), cause.secret.as_deref()), (Some("batch"), Some("BATCH")));
    assert_cause(&planted(&signed(b"{\"a\": 1}")), &["json_rewritten", "another_sender"]);
}

#[test]
fn a_secret_that_does_not_count_any_more() {
    let policy = r#"{
        "senders": [{"id": "app", "scheme": "x-hmac", "secrets": [{"name": "APP", "not_after": "2025-10-09T08:00:00Z"}]}],
        "routes": [{"path": "/hook", "methods": ["POST"], "senders": ["app"]}]
    }"#;
    let explanation = Planted::with_policy(policy, &[("APP", SECRET)])
        .field("X-HMAC-Signature", &hex::encode(hmac(SECRET.as_bytes(), &signed(BODY))))
        .field("X-HMAC-Timestamp", T)
        .explain(BODY);
    assert_cause(&explanation, &["secret_outside_validity"]);
}

#[test]
fn other_algorithms() {
    let key = SECRET.as_bytes();
    let x_hmac = |bytes: &[u8]| {
        Planted::new("x-hmac", SECRET)
            .field("X-HMAC-Signature", &hex::encode(bytes))
            .field("X-HMAC-Timestamp", T)
            .explain(BODY)
    };
    let message = signed(BODY);
    assert_cause(&x_hmac(&sha1_hmac(key, &message)), &["another_algorithm"]);
    assert_cause(&x_hmac(&sha512_hmac(key, &message)), &["another_algorithm"]);
    assert_cause(&x_hmac(&planted::sha256(&[&message])), &["another_algorithm"]);
    assert_cause(&x_hmac(&planted::sha256(&[key, &message])), &["another_algorithm"]);
    assert_cause(&x_hmac(&planted::sha256(&[&message, key])), &["another_algorithm"]);
    assert_cause(&x_hmac(&hmac(&message, key)), &["key_and_message_swapped"]);
}

#[test]
fn urls_and_methods() {
    let square = |url: &str| {
        Planted::new("square", SECRET)
            .field(
                "x-square-hmacsha256-signature",
                &planted::base64(&hmac(SECRET.as_bytes(), &[url.as_bytes(), BODY].concat())),
            )
            .field("X-Forwarded-Host", "shop.example.net")
            .url("https://api.example.com/hook")
            .explain(BODY)
    };
    assert_eq!(square("https://api.example.com/hook").code, "accepted");
    for url in [
        "http://api.example.com/hook",
        "https://api.example.com:443/hook",
        "https://api.example.com/hook/",
        "https://shop.example.net/hook",
        "https://www.api.example.com/hook",
    ] {
        let explanation = square(url);
        assert_cause(&explanation, &["another_url"]);
        assert!(explanation.causes[0].mistakes[0].to_string().ends_with(url));
    }
    let hubspot = |method: &str, url: &str| {
        let message = [method.as_bytes(), url.as_bytes(), BODY, b"1760000000000"].concat();
        Planted::new("hubspot-v3", SECRET)
            .field("X-HubSpot-Signature-v3", &planted::base64(&hmac(SECRET.as_bytes(), &message)))
            .field("X-HubSpot-Request-Timestamp", "1760000000000")
            .target("/hook?b=1&a=2")
            .explain(BODY)
    };
    assert_eq!(hubspot("POST", "https://api.example.com/hook?b=1&a=2").code, "accepted");
    assert_cause(&hubspot("POST", "https://api.example.com/hook?a=2&b=1"), &["another_url"]);
    assert_cause(&hubspot("POST", "https://api.example.com/hook"), &["another_url"]);
    assert_cause(&hubspot("post", "https://api.example.com/hook?b=1&a=2"), &["method_case"]);
}

#[test]
fn a_stale_request_says_how_far_the_clocks_are_apart() {
    let explanation = Planted::new("x-hmac", SECRET)
        .field(
            "X-HMAC-Signature",
            &hex::encode(hmac(SECRET.as_bytes(), &[b"1759996400.", BODY].concat())),
        )
        .field("X-HMAC-Timestamp", "1759996400")
        .explain(BODY);
    assert_eq!(explanation.code, "stale_timestamp");
    assert_eq!(codes(&explanation), [["clock"]]);
    assert_eq!(
        explanation.causes[0].mistakes[0].to_string(),
        "the clocks are 3600 s apart, the gate's ahead; at the time that was signed the verdict would be accepted"
    );
}

/// The route lets the more tolerant sender's time pass; the signature is the other one's.
#[test]
fn a_request_that_is_stale_for_its_own_sender_only() {
    let policy = r#"{
        "senders": [
            {"id": "app", "scheme": "x-hmac", "secrets": ["APP"], "tolerance": 5},
            {"id": "slow", "scheme": "x-hmac", "secrets": ["SLOW"], "tolerance": 600}
        ],
        "routes": [{"path": "/hook", "methods": ["POST"], "senders": ["app", "slow"]}]
    }"#;
    let slow = "Wv5cE8xN2bQ7mA1zK4jT9gH6fS3dP0lR";
    let explain = |key: &str| {
        let signature = hmac(key.as_bytes(), &[b"1759999990.", BODY].concat());
        Planted::with_policy(policy, &[("APP", SECRET), ("SLOW", slow)])
            .field("X-HMAC-Signature", &hex::encode(signature))
            .field("X-HMAC-Timestamp", "1759999990")
            .explain(BODY)
    };
    assert_eq!(explain(slow).code, "accepted");
    let stale = explain(SECRET);
    assert_eq!((stale.code.as_str(), codes(&stale)), ("stale_timestamp", vec![vec!["clock"]]));
    let last = stale.steps.last().unwrap();
    assert_eq!((last.check, last.passed), ("window", false));
    assert!(stale.comparisons[0].matches);
}

#[test]
fn a_field_under_another_name_is_named() {
    let explanation = Planted::new("x-hmac", SECRET)
        .field("X_HMAC_SIGNATURE", &hex::encode(hmac(SECRET.as_bytes(), &signed(BODY))))
        .field("X-HMAC-Timestamp", T)
        .explain(BODY);
    assert_eq!(explanation.code, "missing_signature");
    assert_eq!(codes(&explanation), [["field_renamed"]]);
}

#[test]
fn two_mistakes_at_once() {
    let message = [T.as_bytes(), b":", br#"{"b": 1}"#].concat();
    assert_cause(&x_hmac(SECRET, &message, br#"{"b":1}"#), &["json_rewritten", "separator"]);
    let with_newline = format!("{SECRET}\n");
    assert_cause(
        &x_hmac(&with_newline, &signed(b"text"), b"text\n"),
        &["newline_not_signed", "secret_with_extra_characters"],
    );
}

#[test]
fn the_work_is_bounded() {
    let body = format!("{{\"a\":\"{}\"}}", "x".repeat(300 << 10));
    let foreign = "another secret that nobody has told us";
    let large = x_hmac(foreign, &signed(body.as_bytes()), body.as_bytes());
    assert_eq!(large.causes, []);
    assert!(!large.effort.complete);
    assert!((64 << 20..80 << 20).contains(&large.effort.bytes), "{:?}", large.effort);
}

#[test]
fn the_secret_among_the_signed_bytes_is_not_shown() {
    let explanation = Planted::new("hubspot-v1", SECRET)
        .field("X-HubSpot-Signature", &hex::encode([0; 32]))
        .explain(b"{}");
    assert_eq!(explanation.comparisons[0].signed_bytes, "{secret}{}");
    let token = Planted::new("gitlab", SECRET).field("X-Gitlab-Token", "wrong").explain(b"{}");
    assert_eq!(token.comparisons[0].expected, None);
    for shown in [serde_json::to_string(&explanation), serde_json::to_string(&token)] {
        assert!(!shown.unwrap().contains(SECRET));
    }
}

#[test]
fn every_request_of_the_table_is_told_as_it_was_decided() {
    planted::each_case(|name, explanation, code| {
        assert_eq!(explanation.code, code, "{name}");
        let failed: Vec<&str> =
            explanation.steps.iter().filter(|step| !step.passed).map(|step| step.check).collect();
        match explanation.code.as_str() {
            "accepted" | "public" => assert_eq!(failed, [""; 0], "{name}"),
            _ => {
                assert_eq!(failed.len(), 1, "{name}: {failed:?}");
                assert!(!explanation.steps.last().unwrap().passed, "{name}");
            }
        }
    });
}

/// The signature base as RFC 9421 section 2.5 has it, written by hand.
fn base(method: &str, authority: &str, digest: &str, parameters: &str) -> String {
    format!(
        "\"@method\": {method}\n\"@authority\": {authority}\n\"@path\": /hook\n\"@query\": ?\n\
         \"content-digest\": {digest}\n\"@signature-params\": {parameters}"
    )
}

#[cfg(feature = "inflate")]
const GZIP: &str = "1f8b0800000000000203ab564a54b232ac0500afac1b5607000000";
#[cfg(feature = "inflate")]
const ZLIB: &str = "789cab564a54b232ac0500082a0209";

const COVERED: &str = "(\"@method\" \"@authority\" \"@path\" \"@query\" \"content-digest\")";
const PARAMETERS: &str = ";created=1760000000;keyid=\"app\"";

fn digest(body: &[u8]) -> String {
    format!("sha-256=:{}:", planted::base64(&planted::sha256(&[body])))
}

fn rfc_9421(base: &str, input: &str, digest: &str, body: &[u8]) -> Explanation {
    Planted::new("rfc9421-hmac-sha256", SECRET)
        .field("Content-Digest", digest)
        .field("Signature-Input", &format!("sig1={input}"))
        .field(
            "Signature",
            &format!("sig1=:{}:", planted::base64(&hmac(SECRET.as_bytes(), base.as_bytes()))),
        )
        .explain(body)
}

#[test]
fn a_right_message_signature_shows_its_base() {
    let input = [COVERED, PARAMETERS].concat();
    let right = base("POST", "api.example.com", &digest(BODY), &input);
    let explanation = rfc_9421(&right, &input, &digest(BODY), BODY);
    assert_eq!(explanation.code, "accepted");
    assert_eq!(explanation.comparisons[0].signed_bytes, right.replace('\n', "\\n"));
}

#[test]
fn message_signatures_over_something_else() {
    let input = [COVERED, PARAMETERS].concat();
    let digest = digest(BODY);
    let spaced = input.replace("\" \"", "\"  \"");
    for (signed, input, code) in [
        (base("POST", "localhost:8000", &digest, &input), &input, "another_url"),
        (base("POST", "api.example.com:443", &digest, &input), &input, "another_url"),
        (base("post", "api.example.com", &digest, &input), &input, "method_case"),
        (base("POST", "api.example.com", &digest, &spaced), &spaced, "parameters_not_canonical"),
        (base("POST", "api.example.com", &digest, &input) + "\n", &input, "base_with_line_end"),
    ] {
        let explanation = rfc_9421(&signed, input, &digest, BODY);
        if code == "another_url" && signed.contains(":443") {
            // The default port is dropped by the gate too, so this one is an ordinary mismatch.
            assert_eq!(explanation.code, "invalid_signature");
            continue;
        }
        assert_cause(&explanation, &[code]);
    }
}

#[test]
fn what_is_missing_or_wrong_in_the_fields_of_a_message_signature() {
    let right_digest = digest(BODY);
    let full = [COVERED, PARAMETERS].concat();
    let without_path = full.replace(" \"@path\"", "");
    let with_absent = full.replace("\"@path\"", "\"@path\" \"x-gone\"");
    let cases = [
        (
            full.replace(";keyid=\"app\"", ""),
            &right_digest,
            "missing_signature",
            "parameter_missing",
        ),
        (full.clone() + ";alg=\"ed25519\"", &right_digest, "invalid_signature", "alg_differs"),
        (full.clone() + ";x=1", &right_digest, "invalid_signature", "parameter_unknown"),
        (without_path, &right_digest, "invalid_signature", "component_not_covered"),
        (with_absent, &right_digest, "invalid_signature", "component_absent"),
        ("(".to_owned(), &right_digest, "invalid_signature", "signature_input_unreadable"),
        (
            full.replace(" \"content-digest\"", ""),
            &right_digest,
            "invalid_signature",
            "digest_absent",
        ),
        (
            full.clone(),
            &digest(b"{\"b\": 1, \"a\": [1.0, \"x\"]}"),
            "invalid_signature",
            "json_rewritten",
        ),
        (full.clone(), &digest(&[BODY, b"\n"].concat()), "invalid_signature", "newline_signed"),
        (full.clone(), &digest(b"another body"), "invalid_signature", "digest_differs"),
    ];
    for (input, digest, verdict, code) in cases {
        let lines: Vec<String> = input
            .trim_start_matches('(')
            .split(')')
            .next()
            .unwrap()
            .split(' ')
            .filter_map(|name| match name {
                "\"@method\"" => Some("\"@method\": POST".to_owned()),
                "\"@authority\"" => Some("\"@authority\": api.example.com".to_owned()),
                "\"@path\"" => Some("\"@path\": /hook".to_owned()),
                "\"@query\"" => Some("\"@query\": ?".to_owned()),
                "\"content-digest\"" => Some(format!("\"content-digest\": {digest}")),
                _ => None,
            })
            .collect();
        let base = format!("{}\n\"@signature-params\": {input}", lines.join("\n"));
        let explanation = rfc_9421(&base, &input, digest, BODY);
        assert_eq!(explanation.code, verdict, "{input}");
        assert!(codes(&explanation).contains(&vec![code]), "{input}: {:?}", explanation.causes);
    }
}

/// The compressed bytes are Python's `gzip.compress(b'{"a":1}', mtime=0)` and `zlib.compress`.
#[cfg(feature = "inflate")]
#[test]
fn a_body_that_was_signed_before_it_was_compressed() {
    for packed in [GZIP, ZLIB] {
        let packed = hex::decode(packed).unwrap();
        assert_cause(
            &x_hmac(SECRET, &signed(b"{\"a\":1}"), &packed),
            &["decompressed_body_signed"],
        );
    }
}

#[test]
fn a_body_that_was_unpacked_on_the_way() {
    let policy = r#"{
        "senders": [{"id": "app", "scheme": "x-hmac", "secrets": ["APP"]}],
        "routes": [{"path": "/hook", "methods": ["POST"], "senders": ["app"], "allow_content_encoding": true}]
    }"#;
    let explanation = Planted::with_policy(policy, &[("APP", SECRET)])
        .field("Content-Encoding", "gzip")
        .field("X-HMAC-Signature", &hex::encode(hmac(SECRET.as_bytes(), b"the packed bytes")))
        .field("X-HMAC-Timestamp", T)
        .explain(BODY);
    assert_cause(&explanation, &["body_decompressed"]);
}

#[test]
fn row_45_a_field_that_connection_takes_away_is_named() {
    let signature = hex::encode(hmac(SECRET.as_bytes(), &signed(BODY)));
    let told = |connection: &str| {
        Planted::new("x-hmac", SECRET)
            .field("X-HMAC-Signature", &signature)
            .field("X-HMAC-Timestamp", T)
            .field("Connection", connection)
            .explain(BODY)
    };
    let refused = told("close, X-Hmac-Timestamp");
    assert_eq!((refused.code.as_str(), codes(&refused).len()), ("invalid_signature", 0));
    let last = refused.steps.last().unwrap();
    assert_eq!((last.check, last.passed), ("connection", false));
    assert_eq!(last.read, "close, X-Hmac-Timestamp");
    assert_eq!(told("close, x-other").code, "accepted");
}

/// Every preset has a policy of its own, and a request that nobody signed is told of by it.
#[test]
fn a_policy_is_made_for_a_scheme_alone() {
    let custom = r#"{"name": "own", "signature": "X-Sig", "signed": ["{url}", "{body}"]}"#;
    for scheme in PRESETS.iter().map(|preset| preset.scheme.name()).chain([custom]) {
        let url = "https://api.example.com/hook?a=1";
        let head = Head::new("POST", url, Vec::new()).unwrap();
        let policy = Policy::parse(&policy_for(scheme, &head, None)).unwrap();
        let secret = planted::secret_for(scheme);
        let explainer =
            Explainer::new(policy, |name| (name == LONE_SECRET).then(|| secret.clone())).unwrap();
        let explanation = explainer.explain(&head, b"{}", UnixSeconds::new(1_760_000_000));
        let unsigned = ["missing_signature", "invalid_signature"];
        assert!(unsigned.contains(&explanation.code.as_str()), "{scheme}: {explanation:?}");
    }
}

#[test]
fn labels_names_and_tags_that_differ() {
    let input = [COVERED, PARAMETERS].concat();
    let digest = digest(BODY);
    let right = base("POST", "api.example.com", &digest, &input);
    let signature = planted::base64(&hmac(SECRET.as_bytes(), right.as_bytes()));
    let planted = |settings: serde_json::Value, label: &str, signature: &str| {
        Planted::new("rfc9421-hmac-sha256", SECRET)
            .sender("message_signature", settings)
            .field("Content-Digest", &digest)
            .field("Signature-Input", &format!("sig1={input}"))
            .field("Signature", &format!("{label}=:{signature}:"))
            .explain(BODY)
    };
    let none = || serde_json::json!({});
    assert_eq!(planted(none(), "sig1", &signature).code, "accepted");
    let short = planted::base64(&[0; 31]);
    for (explanation, code, text) in [
        (planted(none(), "sig2", &signature), "labels_differ", "do not have the same labels"),
        (
            planted(none(), "sig1", &short),
            "signature_length",
            "31 bytes, and one of this algorithm has 32",
        ),
        (
            planted(serde_json::json!({"keyid": "other"}), "sig1", &signature),
            "keyid_differs",
            r#"keyid is "app", and the policy wants "other""#,
        ),
        (
            planted(serde_json::json!({"tag": "shop"}), "sig1", &signature),
            "tag_differs",
            r#"with the tag "shop" only"#,
        ),
    ] {
        assert_cause(&explanation, &[code]);
        let told = explanation.causes[0].mistakes[0].to_string();
        assert!(told.contains(text), "{told}");
    }
}

/// With a public key every mistake is found by verifying, not by signing.
#[cfg(feature = "public-keys")]
#[test]
fn mistakes_of_who_signs_with_a_private_key() {
    use ed25519_dalek::{Signer, SigningKey};
    let key = SigningKey::from_bytes(&[7; 32]);
    let public = hex::encode(key.verifying_key().to_bytes());
    let discord = |message: &[u8], body: &[u8]| {
        Planted::new("discord", &public)
            .field("X-Signature-Ed25519", &hex::encode(key.sign(message).to_bytes()))
            .field("X-Signature-Timestamp", T)
            .explain(body)
    };
    let accepted = discord(&[T.as_bytes(), BODY].concat(), BODY);
    assert_eq!(accepted.code, "accepted");
    assert_eq!(accepted.comparisons[0].expected, None, "a public key makes no signature");
    assert_cause(&discord(&[T.as_bytes(), b"{}"].concat(), b"{}\n"), &["newline_not_signed"]);
    assert_cause(&discord(&[T.as_bytes(), b".", BODY].concat(), BODY), &["separator"]);
    let foreign = discord(b"something else altogether", BODY);
    assert_eq!(foreign.causes, []);
    assert!(foreign.effort.tries < 3000, "{:?}", foreign.effort);
}

#[cfg(feature = "public-keys")]
#[test]
fn an_ecdsa_signature_that_is_der_and_should_be_two_numbers() {
    use base64ct::Encoding;
    use p256::ecdsa::{Signature, SigningKey, signature::Signer};
    let key = SigningKey::from_slice(&[7; 32]).unwrap();
    let point = key.verifying_key().to_sec1_point(false);
    let before = hex::decode("3059301306072a8648ce3d020106082a8648ce3d030107034200").unwrap();
    let public = base64ct::Base64::encode_string(&[&before, point.as_bytes()].concat());
    let input = [COVERED, PARAMETERS].concat();
    let digest = digest(BODY);
    let base = base("POST", "api.example.com", &digest, &input);
    let signature: Signature = key.sign(base.as_bytes());
    let planted = |signature: &[u8]| {
        Planted::new("rfc9421-ecdsa-p256-sha256", &public)
            .field("Content-Digest", &digest)
            .field("Signature-Input", &format!("sig1={input}"))
            .field("Signature", &format!("sig1=:{}:", planted::base64(signature)))
            .explain(BODY)
    };
    assert_eq!(planted(&signature.to_bytes()).code, "accepted");
    let der = planted(signature.to_der().as_bytes());
    assert_eq!(der.code, "invalid_signature");
    assert!(codes(&der).contains(&vec!["encoding"]), "{:?}", der.causes);
}

#[test]
fn mistakes_under_a_providers_own_rules() {
    let twilio = |url: &str| {
        let signature =
            planted::base64(&sha1_hmac(SECRET.as_bytes(), format!("{url}A1B2").as_bytes()));
        Planted::new("twilio", SECRET)
            .url("https://api.example.com/hook")
            .field("Content-Type", "application/x-www-form-urlencoded")
            .field("X-Twilio-Signature", &signature)
            .explain(b"B=2&A=1")
    };
    assert_eq!(twilio("https://api.example.com/hook").code, "accepted");
    assert_cause(&twilio("http://api.example.com/hook"), &["another_url"]);
    let signature = planted::base64(&hmac(SECRET.as_bytes(), b"https://api.example.com/hook{}"));
    let elsewhere = Planted::new("square", SECRET)
        .url("https://api.example.com/hook")
        .target("/hook?all=1")
        .field("x-square-hmacsha256-signature", &signature)
        .explain(b"{}");
    assert_cause(&elsewhere, &["another_target"]);
    assert_cause(&twilio("https://api.example.com/hook/"), &["another_url"]);
    let item = |signature: &str| {
        format!(
            r#"{{"notificationItems":[{{"NotificationRequestItem":{{"pspReference":"p","merchantAccountCode":"m","merchantReference":"r","amount":{{"value":1,"currency":"EUR"}},"eventCode":"E","success":"true","additionalData":{{"hmacSignature":"{signature}"}}}}}}]}}"#
        )
    };
    let hex_key = hex::encode(SECRET);
    let adyen = |key: &[u8]| {
        let signature = planted::base64(&hmac(key, b"p::m:r:1:EUR:E:true"));
        Planted::new("adyen-standard", &hex_key).explain(item(&signature).as_bytes())
    };
    assert_eq!(adyen(SECRET.as_bytes()).code, "accepted");
    assert_cause(&adyen(hex_key.as_bytes()), &["secret_not_decoded"]);
}

/// What [`Mistake`](countersign::explain::Mistake) can say, a test of this file makes it say.
#[test]
fn every_mistake_is_planted() {
    let source = include_str!("../src/explain/mistake.rs");
    let rows = source.lines().filter_map(|line| line.split_once("=> \"")?.1.split_once("\","));
    let codes: Vec<&str> = rows
        .map(|(code, _)| code)
        .filter(|code| code.bytes().all(|byte| byte == b'_' || byte.is_ascii_lowercase()))
        .collect();
    assert!(codes.len() > 45, "{codes:?}");
    let tests = include_str!("explain.rs");
    for code in codes {
        assert!(tests.contains(&format!("\"{code}\"")), "{code} is not planted");
    }
}

//! What a request without a right signature may ask of the gate: each bound with a right signature on
//! either side of it, so that nothing but the bound can refuse. And the names of JSON that are signed.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic
)]

use countersign::scheme::Scheme;
use countersign::{Field, Head, Outcome, Policy, Secret, Signer, UnixSeconds, Unsigned, Verifier};
use hmac::digest::KeyInit;
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha1::Sha1;
use sha2::{Digest, Sha256};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const NOW: u64 = 1_760_000_000;
/// Text, and hexadecimal digits.
const SECRET: &str = "8f3a61d0c7524be99a0d1e7f6b28c354d91e07b3a86f42c5107be2934dfa6c08";
const ORIGIN: &str = "https://gate.test";
const INVALID: &str = "invalid_signature";

/// A gate with one sender; `more` goes into its table.
fn gate(scheme: &str, more: &Value) -> Verifier {
    gate_with(scheme, SECRET, more)
}

fn gate_with(scheme: &str, secret: &str, more: &Value) -> Verifier {
    let mut sender = json!({"id": "app", "scheme": scheme, "secrets": ["SECRET"]});
    sender.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let methods = ["GET", "POST"];
    let route =
        json!({"path": "/in", "methods": methods, "senders": ["app"], "allow_empty_body": true});
    Policy::parse(&json!({"senders": [sender], "routes": [route]}).to_string())
        .unwrap()
        .into_verifier(|_| Some(Secret::new(secret.into())))
        .unwrap()
}

/// The code of the decision; a verified request is `accepted`, or `handshake` if it was answered.
fn code(verifier: &Verifier, target: &str, fields: &[(&str, String)], body: &[u8]) -> &'static str {
    let url = [ORIGIN, target].concat();
    let lines = fields.iter().map(|(name, value)| Field::new(name, value.as_bytes())).collect();
    let head = Head::new("POST", &url, lines).unwrap();
    match verifier
        .begin(&head, UnixSeconds::new(NOW))
        .and_then(|admission| admission.finish(body, UnixSeconds::new(NOW)))
    {
        Ok(Outcome::Answer(_)) => "handshake",
        Ok(_) => "accepted",
        Err(refusal) => refusal.rejection().code(),
    }
}

fn sha256(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

fn sha256_hex(message: &str) -> String {
    hex::encode(sha256(SECRET.as_bytes(), message.as_bytes()))
}

fn base64(bytes: &[u8]) -> String {
    use base64ct::{Base64, Encoding};
    Base64::encode_string(bytes)
}

// Lists.

#[test]
fn row_44_a_list_of_signatures_is_read_up_to_4096_bytes() {
    let stripe = gate("stripe", &json!({}));
    let right = sha256_hex(&format!("{NOW}.{{}}"));
    let with_bytes = |length: usize| {
        let list = format!("t={NOW},v1={right},v0=");
        format!("{list}{}", "0".repeat(length - list.len()))
    };
    for (length, expected) in [(4096, "accepted"), (4097, INVALID)] {
        let fields = [("Stripe-Signature", with_bytes(length))];
        assert_eq!(code(&stripe, "/in", &fields, b"{}"), expected, "{length}");
    }
}

// Public keys. The pair is that of RFC 8410 section 10.

const PRIVATE: &str = "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC";
const PUBLIC: &str = "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=";
const PUBLIC_HEX: &str = "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1";
const PUBLIC_BYTES: &str = "Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=";

fn signed_privately(scheme: &str, body: &[u8]) -> Vec<(&'static str, String)> {
    let scheme = Scheme::preset(scheme).unwrap();
    let signer = Signer::new(scheme, &Secret::new(PRIVATE.into())).unwrap().with_keyid("k");
    let (url, now) = ("https://gate.test/in", UnixSeconds::new(NOW));
    let id = scheme.signs_id().then_some("msg_0123456789ab");
    signer.sign(&Unsigned { method: "POST", url, body, now, id }).unwrap()
}

#[test]
fn row_44_a_public_key_tries_two_signatures_of_a_list() {
    let gate = gate_with("standard-webhooks-v1a", PUBLIC_BYTES, &json!({}));
    let fields = signed_privately("standard-webhooks-v1a", b"{}");
    for (wrong, expected) in [(0, "accepted"), (1, "accepted"), (2, INVALID), (15, INVALID)] {
        let mut fields = fields.clone();
        let list = fields.iter_mut().find(|(name, _)| *name == "webhook-signature").unwrap();
        let others = format!("v1a,{} ", base64(&[0x11; 64])).repeat(wrong);
        list.1 = [others, list.1.clone()].concat();
        assert_eq!(code(&gate, "/in", &fields, b"{}"), expected, "{wrong} wrong ones before it");
    }
}

#[test]
fn row_44_a_public_key_tries_two_signatures_that_count() {
    let more = json!({"message_signature": {"components": ["@method"], "keyid": "k"}});
    let gate = gate_with("rfc9421-ed25519", PUBLIC, &more);
    let fields = signed_privately("rfc9421-ed25519", b"");
    let code_with = |count: usize, keyid: &str| {
        let mut fields = fields.clone();
        for (name, value) in &mut fields {
            for at in 0..count {
                match *name {
                    "Signature-Input" => {
                        value.push_str(&format!(
                            ", o{at}=(\"@method\");created={NOW};keyid=\"{keyid}\""
                        ));
                    }
                    "Signature" => {
                        value.push_str(&format!(", o{at}=:{}:", base64(&[0x11; 64])));
                    }
                    _ => {}
                }
            }
        }
        code(&gate, "/in", &fields, b"")
    };
    assert_eq!([code_with(0, "k"), code_with(1, "k")], ["accepted"; 2]);
    assert_eq!([code_with(2, "k"), code_with(3, "k")], [INVALID; 2]);
    // A proxy's own signatures are passed over.
    assert_eq!(code_with(3, "proxy"), "accepted");
    assert_eq!(code_with(4, "proxy"), INVALID, "five are not looked at");
}

/// A second signature over the same bytes, which anybody can make for ECDSA, is no second request.
#[test]
fn row_18_what_a_public_key_verified_is_remembered_by_the_signed_bytes() {
    let gate = gate_with("standard-webhooks-v1a", PUBLIC_BYTES, &json!({"replay": "signature"}));
    for body in ["{}", "[]"] {
        let fields = signed_privately("standard-webhooks-v1a", body.as_bytes());
        let lines = fields.iter().map(|(name, value)| Field::new(name, value.as_bytes())).collect();
        let head = Head::new("POST", "https://gate.test/in", lines).unwrap();
        let admission = gate.begin(&head, UnixSeconds::new(NOW)).unwrap();
        let outcome = admission.finish(body, UnixSeconds::new(NOW)).unwrap();
        let signed = format!("bytes\0msg_0123456789ab.{NOW}.{body}");
        assert_eq!(outcome.claim().unwrap().id()[..], Sha256::digest(signed)[..16], "{body}");
    }
}

// Message signatures.

/// A signature by hand: each line is an identifier and its value.
fn message_signature(label: &str, lines: &[(String, String)]) -> [(&'static str, String); 2] {
    let identifiers: Vec<&str> = lines.iter().map(|(identifier, _)| identifier.as_str()).collect();
    let params = format!("({});created={NOW};keyid=\"k\"", identifiers.join(" "));
    let mut base: String =
        lines.iter().map(|(identifier, value)| format!("{identifier}: {value}\n")).collect();
    base.push_str(&format!("\"@signature-params\": {params}"));
    let signature = base64(&sha256(SECRET.as_bytes(), base.as_bytes()));
    [
        ("Signature-Input", format!("{label}={params}")),
        ("Signature", format!("{label}=:{signature}:")),
    ]
}

fn message_gate() -> Verifier {
    gate("rfc9421-hmac-sha256", &json!({"message_signature": {"components": ["@method"]}}))
}

fn line(identifier: &str, value: &str) -> (String, String) {
    (identifier.to_owned(), value.to_owned())
}

#[test]
fn row_44_single_parameters_are_found_in_a_query_of_up_to_256() {
    let gate = message_gate();
    for (count, expected) in [(256, "accepted"), (257, INVALID)] {
        let pairs: Vec<String> = (0..count).map(|at| format!("p{at}=v%20{at}")).collect();
        let lines = [line("\"@method\"", "POST"), line("\"@query-param\";name=\"p9\"", "v%209")];
        let fields = message_signature("a", &lines);
        let target = format!("/in?{}", pairs.join("&"));
        assert_eq!(code(&gate, &target, &fields, b""), expected, "{count}");
    }
}

#[test]
fn row_44_the_signature_bases_of_a_request_have_32_kb_together() {
    let gate = message_gate();
    let fields = |length: usize, others: usize| {
        let value = "v".repeat(length);
        let lines = [line("\"@method\"", "POST"), line("\"x\"", &value)];
        let [(input, own_input), (name, signature)] = message_signature("a", &lines);
        // The others come first, and are of nobody.
        let (mut inputs, mut signatures) = (Vec::new(), Vec::new());
        for at in 0..others {
            inputs.push(format!("o{at}=(\"x\");created={NOW};keyid=\"k\""));
            signatures.push(format!("o{at}=:{}:", base64(&[0; 32])));
        }
        inputs.push(own_input);
        signatures.push(signature);
        [(input, inputs.join(", ")), (name, signatures.join(", ")), ("x", value)]
    };
    // What stands around the value: two names, the parameters, and line ends.
    let around = "\"@method\": POST\n\"x\": \n\"@signature-params\": (\"@method\" \"x\");created=1760000000;keyid=\"k\"".len();
    let most = 32 * 1024 - around;
    for (length, others, expected) in [
        (most, 0, "accepted"),
        (most + 1, 0, INVALID),
        (10_000, 2, "accepted"),
        (11_000, 2, INVALID),
    ] {
        let code = code(&gate, "/in", &fields(length, others), b"");
        assert_eq!(code, expected, "{length} {others}");
    }
}

#[test]
fn row_44_components_are_found_again_in_what_was_read_once() {
    let gate = message_gate();
    let dictionary = "a=1, b=(2 3);p, c";
    let lines = [
        line("\"@method\"", "POST"),
        line("\"x\";key=\"b\"", "(2 3);p"),
        line("\"x\";sf", dictionary),
        line("\"x\";key=\"c\"", "?1"),
        line("\"@query-param\";name=\"q\"", "1"),
        line("\"@query-param\";name=\"r%20s\"", "2%2B"),
        line("\"@scheme\"", "https"),
        line("\"@target-uri\"", "https://gate.test/in?q=1&r%20s=2%2B&t=3&t=4"),
        line("\"@authority\"", "gate.test"),
    ];
    let target = "/in?q=1&r%20s=2%2B&t=3&t=4";
    let signed = |lines: &[(String, String)]| {
        let [input, signature] = message_signature("a", lines);
        code(&gate, target, &[input, signature, ("x", "a=1,  b=( 2 3 );p,c".to_owned())], b"")
    };
    assert_eq!(signed(&lines), "accepted");
    for more in [
        line("\"@query-param\";name=\"t\"", "3"),
        line("\"@query-param\";name=\"q\"", "1"),
        line("\"x\";key=\"d\"", ""),
        line("\"y\"", ""),
    ] {
        assert_eq!(signed(&[&lines[..], &[more]].concat()), INVALID);
    }
}

// The providers' own rules.

#[test]
fn row_44_contentful_names_up_to_64_fields() {
    let gate = gate("contentful", &json!({}));
    let signed = |count: usize| {
        let own = ["x-contentful-signed-headers", "x-contentful-timestamp"];
        let mut names: Vec<String> = (2..count).map(|at| format!("a{at:03}")).collect();
        names.extend(own.map(str::to_owned));
        let list = names.join(",");
        let time = format!("{NOW}000");
        let value = |name: &str| match name {
            "x-contentful-signed-headers" => list.clone(),
            "x-contentful-timestamp" => time.clone(),
            _ => "v".to_owned(),
        };
        let lines: Vec<String> =
            names.iter().map(|name| format!("{name}:{}", value(name))).collect();
        let signature = sha256_hex(&format!("POST\n/in\n{}\n{{}}", lines.join(";")));
        let mut fields: Vec<(&str, String)> =
            names.iter().map(|name| (name.as_str(), value(name))).collect();
        fields.push(("x-contentful-signature", signature));
        code(&gate, "/in", &fields, b"{}")
    };
    assert_eq!([signed(2), signed(64), signed(65)], ["accepted", "accepted", INVALID]);
}

#[test]
fn row_44_contentful_signs_up_to_32_kb_of_head() {
    let gate = gate("contentful", &json!({}));
    let signed = |length: usize, value: &str| {
        let list = "a,x-contentful-signed-headers,x-contentful-timestamp".to_owned();
        let head = |value: &str| {
            format!(
                "POST\n/in\na:{value};x-contentful-signed-headers:{list};x-contentful-timestamp:{NOW}000"
            )
        };
        // The last value counts as well.
        let filler = length.saturating_sub(head(value).len());
        let value = format!("{value}{}", "v".repeat(filler));
        let signature = sha256_hex(&format!("{}\n{{}}", head(&value)));
        let fields = [
            ("a", value),
            ("x-contentful-signed-headers", list.clone()),
            ("x-contentful-timestamp", format!("{NOW}000")),
            ("x-contentful-signature", signature),
        ];
        code(&gate, "/in", &fields, b"{}")
    };
    assert_eq!([signed(32_000, ""), signed(33_000, "")], ["accepted", INVALID]);
    // A value that could be read as another signed field, and one that could not.
    assert_eq!(signed(0, "1;a:2"), INVALID);
    assert_eq!(signed(0, "1;x-contentful-timestamp:2"), INVALID);
    assert_eq!(signed(0, "1;b:2;a;:;"), "accepted");
}

#[test]
fn row_44_shopify_signs_up_to_256_parameters_and_8_kb() {
    for (scheme, name, joiner) in
        [("shopify-link", "hmac", "&"), ("shopify-proxy", "signature", "")]
    {
        let gate = gate(scheme, &json!({}));
        let signed = |mut pairs: Vec<String>| {
            pairs.push(format!("timestamp={NOW}"));
            pairs.sort();
            let signature = sha256_hex(&pairs.join(joiner));
            let query = format!("{}&{name}={signature}", pairs.join("&"));
            (query.len(), code(&gate, &format!("/in?{query}"), &[], b""))
        };
        let of_count = |count: usize| (2..count).map(|at| format!("p{at:03}=v")).collect();
        assert_eq!(signed(of_count(256)).1, "accepted", "{scheme}");
        assert_eq!(signed(of_count(257)).1, INVALID, "{scheme}");
        let (rest, _) = signed(vec!["a=".to_owned()]);
        let of_length = |length: usize| vec![format!("a={}", "v".repeat(length - rest))];
        assert_eq!(signed(of_length(8192)), (8192, "accepted"), "{scheme}");
        assert_eq!(signed(of_length(8193)), (8193, INVALID), "{scheme}");
    }
}

#[test]
fn row_44_twilio_signs_a_form_of_up_to_32_kb() {
    let url = [ORIGIN, "/in"].concat();
    let gate = gate("twilio", &json!({"url": url}));
    for (length, expected) in [(32 * 1024, "accepted"), (32 * 1024 + 1, INVALID)] {
        let value = "v".repeat(length - 2);
        let mut mac = Hmac::<Sha1>::new_from_slice(SECRET.as_bytes()).unwrap();
        mac.update(format!("{url}a{value}").as_bytes());
        let fields = [
            ("X-Twilio-Signature", base64(&mac.finalize().into_bytes())),
            ("Content-Type", "application/x-www-form-urlencoded".to_owned()),
        ];
        let form = format!("a={value}");
        assert_eq!(code(&gate, "/in", &fields, form.as_bytes()), expected, "{length}");
    }
}

// Signatures in JSON.

const ADYEN: [(&str, &str); 8] = [
    ("pspReference", "P-1"),
    ("originalReference", ""),
    ("merchantAccountCode", "Shop"),
    ("merchantReference", "order-7"),
    ("value", "1250"),
    ("currency", "EUR"),
    ("eventCode", "AUTHORISATION"),
    ("success", "true"),
];

/// A notification as Adyen signs it. `changed` may write it otherwise.
fn adyen(merchant: &str, changed: impl Fn(String) -> String) -> Vec<u8> {
    let values =
        ADYEN.map(|(name, value)| if name == "merchantReference" { merchant } else { value });
    let key = hex::decode(SECRET).unwrap();
    let signature = base64(&sha256(&key, values.join(":").as_bytes()));
    let body = format!(
        r#"{{"live":"false","notificationItems":[{{"NotificationRequestItem":{{"pspReference":"P-1","merchantAccountCode":"Shop","merchantReference":"{merchant}","amount":{{"value":1250,"currency":"EUR"}},"eventCode":"AUTHORISATION","success":"true","additionalData":{{"hmacSignature":"{signature}"}}}}}}]}}"#
    );
    changed(body).into_bytes()
}

#[test]
fn row_44_adyen_notifications_have_up_to_64_kib_and_2048_signed_bytes() {
    let gate = gate("adyen-standard", &json!({}));
    let of_length = |length: usize| {
        let body = adyen("order-7", |body| body);
        let filler = " ".repeat(length - body.len());
        adyen("order-7", |body| format!("{body}{filler}"))
    };
    for (length, expected) in [(64 << 10, "accepted"), ((64 << 10) + 1, INVALID)] {
        assert_eq!(code(&gate, "/in", &[], &of_length(length)), expected, "{length}");
    }
    let around = ADYEN.map(|(_, value)| value).join(":").len() - "order-7".len();
    for (length, expected) in [(2048 - around, "accepted"), (2049 - around, INVALID)] {
        let body = adyen(&"r".repeat(length), |body| body);
        assert_eq!(code(&gate, "/in", &[], &body), expected, "{length}");
    }
}

/// A body as Mailgun signs it, with a further member of the object that holds the signature, and one
/// beside that.
fn mailgun(inside: &str, beside: &str) -> Vec<u8> {
    let signature = sha256_hex(&format!("{NOW}abcdef"));
    format!(
        r#"{{"signature":{{"timestamp":"{NOW}","token":"abcdef","signature":"{signature}"{inside}}}{beside}}}"#
    )
    .into_bytes()
}

#[test]
fn row_44_mailgun_signatures_are_found_in_up_to_64_kib() {
    let gate = gate("mailgun", &json!({}));
    let rest = mailgun("", "").len();
    for (length, expected) in [(64 << 10, "accepted"), ((64 << 10) + 1, "missing_signature")] {
        let body = mailgun("", &" ".repeat(length - rest));
        assert_eq!(body.len(), length);
        assert_eq!(code(&gate, "/in", &[], &body), expected, "{length}");
    }
}

fn linear(gate: &Verifier, body: &str) -> &'static str {
    code(gate, "/in", &[("Linear-Signature", sha256_hex(body))], body.as_bytes())
}

#[test]
fn row_44_where_the_mac_covers_the_raw_body_it_is_compared_before_the_body_is_read() {
    let gate = gate("linear", &json!({}));
    let fresh = format!("{{\"webhookTimestamp\":{NOW}000}}");
    let stale = format!("{{\"webhookTimestamp\":{}000}}", NOW - 61);
    for (body, expected) in [
        (fresh.as_str(), "accepted"),
        (&stale, "stale_timestamp"),
        ("{\"webhookTimestamp\":\"soon\"}", "invalid_timestamp"),
        ("{}", "missing_signature"),
        ("{", "missing_signature"),
    ] {
        assert_eq!(linear(&gate, body), expected, "{body}");
        // Under a wrong signature, nothing is told of what is in it.
        let wrong = [("Linear-Signature", sha256_hex("another"))];
        assert_eq!(code(&gate, "/in", &wrong, body.as_bytes()), INVALID, "{body}");
    }
    // What is proven may be long.
    let long = format!("{{\"webhookTimestamp\":{NOW}000,\"text\":\"{}\"}}", "a".repeat(300_000));
    assert_eq!(linear(&gate, &long), "accepted");
}

// Names that differ only in capitals.

/// Other spellings of a name that some reader takes for it.
fn spellings(name: &str) -> Vec<String> {
    let mut spellings = vec![name.to_ascii_uppercase(), name.to_ascii_lowercase()];
    let escaped = |letter: char| format!("\\u{:04x}", u32::from(letter));
    let first = name.chars().next().unwrap();
    let other = if first.is_ascii_lowercase() {
        first.to_ascii_uppercase()
    } else {
        first.to_ascii_lowercase()
    };
    spellings.push(format!("{}{}", escaped(other), &name[1..]));
    for (letter, folded) in [('s', 'ſ'), ('k', '\u{212a}'), ('i', 'ı'), ('i', 'İ')] {
        if name.contains(letter) {
            spellings.push(name.replacen(letter, &folded.to_string(), 1));
            spellings.push(name.replacen(letter, &escaped(folded), 1));
        }
    }
    spellings.retain(|spelling| spelling != name);
    spellings
}

#[test]
fn row_53_no_reader_can_take_another_member_for_one_that_adyen_signs() {
    let gate = gate("adyen-standard", &json!({}));
    let verdict =
        |changed: &dyn Fn(String) -> String| code(&gate, "/in", &[], &adyen("order-7", changed));
    assert_eq!(verdict(&|body| body), "accepted");
    assert_eq!(
        verdict(&|body| body.replace("\"live\"", "\"PSPREFERENCE\"")),
        "accepted",
        "elsewhere"
    );
    for name in [
        "notificationItems",
        "NotificationRequestItem",
        "pspReference",
        "merchantAccountCode",
        "merchantReference",
        "amount",
        "value",
        "currency",
        "eventCode",
        "success",
        "additionalData",
        "hmacSignature",
    ] {
        let own = format!("\"{name}\":");
        let same = verdict(&|body| body.replacen(&own, &format!("{own}0,{own}"), 1));
        assert_eq!(same, INVALID, "{name} twice");
        for spelling in spellings(name) {
            let other = format!("\"{spelling}\":");
            let before = verdict(&|body| body.replacen(&own, &format!("{other}0,{own}"), 1));
            assert_eq!(before, INVALID, "{spelling} before {name}");
            let instead = verdict(&|body| body.replacen(&own, &other, 1));
            assert_eq!(instead, INVALID, "{spelling} for {name}");
        }
    }
    // The one that is signed as missing.
    for spelling in spellings("originalReference") {
        let own = "\"pspReference\":";
        let verdict =
            verdict(&|body| body.replacen(own, &format!("\"{spelling}\":\"x\",{own}"), 1));
        assert_eq!(verdict, INVALID, "{spelling}");
    }
    // Behind it, where the later one wins.
    let later = verdict(&|body| {
        body.replacen("\"success\":\"true\"", "\"success\":\"true\",\"SUCCESS\":\"false\"", 1)
    });
    assert_eq!(later, INVALID);
    // Longer names, and other letters, are others.
    for other in ["pspReferences", "pspReferencé", "psp_Reference", "xpspReference", "pſpReferenc"]
    {
        let own = "\"pspReference\":";
        let verdict = verdict(&|body| body.replacen(own, &format!("\"{other}\":\"x\",{own}"), 1));
        assert_eq!(verdict, "accepted", "{other}");
    }
}

#[test]
fn row_53_no_reader_can_take_another_member_for_one_that_mailgun_or_linear_sign() {
    let gate_of_mailgun = gate("mailgun", &json!({}));
    let verdict = |body: Vec<u8>| code(&gate_of_mailgun, "/in", &[], &body);
    assert_eq!(verdict(mailgun(",\"x\":1", ",\"event-data\":{\"TOKEN\":1}")), "accepted");
    for name in ["timestamp", "token", "signature"] {
        for spelling in spellings(name) {
            let inside = mailgun(&format!(",\"{spelling}\":\"1\""), "");
            assert_eq!(verdict(inside), "missing_signature", "{spelling}");
        }
    }
    for spelling in spellings("signature") {
        let beside = mailgun("", &format!(",\"{spelling}\":{{}}"));
        assert_eq!(verdict(beside), "missing_signature", "{spelling}");
    }
    let gate = gate("linear", &json!({}));
    for spelling in spellings("webhookTimestamp") {
        let body = format!("{{\"webhookTimestamp\":{NOW}000,\"{spelling}\":{NOW}000}}");
        assert_eq!(linear(&gate, &body), "missing_signature", "{spelling}");
    }
}

#[test]
fn row_53_a_handshake_is_answered_only_where_every_reader_sees_one() {
    let verdict = |scheme: &str, body: &str| {
        let secret = if scheme == "discord" { PUBLIC_HEX } else { SECRET };
        let gate = gate_with(scheme, secret, &json!({"handshake": true}));
        let fields = match scheme {
            "slack" => [
                ("X-Slack-Request-Timestamp", NOW.to_string()),
                ("X-Slack-Signature", format!("v0={}", sha256_hex(&format!("v0:{NOW}:{body}")))),
            ],
            "zoom" => [
                ("x-zm-request-timestamp", NOW.to_string()),
                ("x-zm-signature", format!("v0={}", sha256_hex(&format!("v0:{NOW}:{body}")))),
            ],
            "discord" => {
                let fields = signed_privately("discord", body.as_bytes());
                fields.try_into().unwrap()
            }
            _ => {
                let signature = base64(&sha256(SECRET.as_bytes(), body.as_bytes()));
                [("x-xero-signature", signature), ("x-none", "1".to_owned())]
            }
        };
        code(&gate, "/in", &fields, body.as_bytes())
    };
    for (scheme, body, names) in [
        ("slack", r#"{"type":"url_verification","challenge":"c"}"#, &["type", "challenge"][..]),
        (
            "zoom",
            r#"{"event":"endpoint.url_validation","payload":{"plainToken":"t"}}"#,
            &["event", "payload", "plainToken"],
        ),
        ("xero", r#"{"events":[]}"#, &["events"]),
        ("discord", r#"{"type":1}"#, &["type"]),
        ("discord", r#"{"type":0}"#, &["type"]),
    ] {
        assert_eq!(verdict(scheme, body), "handshake", "{scheme}");
        for name in names {
            for spelling in spellings(name) {
                let own = format!("\"{name}\":");
                let doubtful = body.replacen(&own, &format!("\"{spelling}\":0,{own}"), 1);
                assert_eq!(verdict(scheme, &doubtful), "accepted", "{scheme} {spelling}");
                let instead = body.replacen(&own, &format!("\"{spelling}\":"), 1);
                assert_eq!(verdict(scheme, &instead), "accepted", "{scheme} {spelling} alone");
            }
        }
    }
    // An event has this type as well, and another member; no reader may take a ping for one.
    assert_eq!(verdict("discord", r#"{"type":1,"event":{}}"#), "accepted");
    for spelling in spellings("event") {
        let body = format!("{{\"type\":1,\"{spelling}\":{{}}}}");
        assert_eq!(verdict("discord", &body), "accepted", "{spelling}");
    }
}

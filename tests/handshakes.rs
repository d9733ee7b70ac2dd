//! How the gate answers what providers send to try out an endpoint, and what a policy may say
//! about it. The Worker's tests send the same to the built Worker.
#![allow(clippy::unwrap_used, clippy::panic)]

mod table;

use countersign::scheme::Scheme;
use countersign::{
    Admission, Answer, Field, Head, Outcome, Policy, PolicyErrors, PolicyProblem, Rejection,
    Secret, Signer, UnixSeconds, Unsigned, Verifier, WeakSecret,
};
use serde_json::{Value, json};
use table::with;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const NOW: UnixSeconds = UnixSeconds::new(1_760_000_000);
const URL: &str = "https://gate.test/in";
const SECRET: &str = "kP2vX9mQ4sT7wZ1cF6hJ3nR8bL5dG0yA";
const NEXT: &str = "Wv5cE8xN2bQ7mA1zK4jT9gH6fS3dP0lR";
const TOKEN: &str = "q8Zt 3+u/Bk&5=Hw";

/// The secrets that the policies here name.
fn secret(name: &str) -> Option<Secret> {
    let text = match name {
        "SECRET" => SECRET,
        "NEXT" => NEXT,
        "TOKEN" => TOKEN,
        // A public key, whose private one signed what is sent to Discord's route.
        "DISCORD" => "cb1b2c055adeedc9162e88ac052088fb1df2232065567eba41fd288ce782cc8e",
        _ => return None,
    };
    Some(Secret::new(text.into()))
}

/// A sender whose provider's handshake the gate answers.
fn sender(scheme: &str) -> Value {
    let mut sender =
        json!({"id": "app", "scheme": scheme, "secrets": ["SECRET"], "handshake": true});
    match scheme {
        "meta" => sender = with(sender, "verify_token", json!("TOKEN")),
        "trello" => sender = with(sender, "url", json!(URL)),
        "discord" => sender = with(sender, "secrets", json!(["DISCORD"])),
        _ => {}
    }
    sender
}

fn route() -> Value {
    json!({"path": "/in", "methods": ["POST"], "senders": ["app"]})
}

fn policy(senders: &[Value], routes: &[Value]) -> Result<Policy, PolicyErrors> {
    Policy::parse(&json!({"senders": senders, "routes": routes}).to_string())
}

fn verifier_of(sender: Value) -> Verifier {
    policy(&[sender], &[route()]).unwrap().into_verifier(secret).unwrap()
}

fn broken(verifier: &Verifier) -> Vec<String> {
    verifier.broken_secrets().iter().map(ToString::to_string).collect()
}

/// What became of a request.
struct Got {
    /// As the log has it.
    code: String,
    sender: Option<String>,
    secret_index: Option<usize>,
    /// What the gate answers; nothing where the request is forwarded.
    answer: Option<Answer>,
}

impl Got {
    #[track_caller]
    fn assert_answered(&self, status: u16, kind: Option<&str>, body: &str) {
        assert_eq!(self.code, "handshake");
        let answer = self.answer.as_ref().unwrap();
        assert_eq!((answer.status, answer.body.as_str()), (status, body));
        assert_eq!(field(answer, "content-type"), kind);
        assert_eq!(field(answer, "cache-control"), Some("no-store"));
    }

    /// The text was repeated so that no browser takes it for anything else.
    #[track_caller]
    fn assert_echo(&self, text: &str) {
        self.assert_answered(200, Some("text/plain"), text);
        let answer = self.answer.as_ref().unwrap();
        assert_eq!(field(answer, "x-content-type-options"), Some("nosniff"));
        assert_eq!(self.sender, None);
    }

    #[track_caller]
    fn assert_refused(&self, status: u16, code: &str) {
        assert_eq!(self.code, code);
        assert_eq!(self.answer.as_ref().unwrap().status, status);
    }

    /// As for any other request with this method.
    #[track_caller]
    fn assert_no_such_method(&self) {
        self.assert_refused(405, "method_not_allowed");
        assert_eq!(field(self.answer.as_ref().unwrap(), "allow"), Some("POST"));
    }

    #[track_caller]
    fn assert_forwarded(&self) {
        assert_eq!(self.code, "accepted");
        assert!(self.answer.is_none());
    }
}

fn field<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    answer.fields.iter().find(|(key, _)| *key == name).map(|(_, value)| &**value)
}

type Fields<'a> = &'a [(&'a str, &'a str)];

fn ask(verifier: &Verifier, method: &str, query: &str, fields: Fields<'_>, body: &str) -> Got {
    let url = [URL, query].concat();
    let fields = fields.iter().map(|(name, value)| Field::new(name, value.as_bytes())).collect();
    let head = Head::new(method, &url, fields).unwrap();
    let outcome = verifier.begin(&head, NOW).and_then(|admission| admission.finish(body, NOW));
    let (line, answer) = match &outcome {
        Ok(Outcome::Answer(handshaken)) => {
            (handshaken.log_line("r-1"), Some(handshaken.answer().clone()))
        }
        Ok(forward) => (forward.log_line("r-1"), None),
        Err(refusal) => (refusal.log_line("r-1"), Some(refusal.problem("r-1"))),
    };
    assert_eq!(line.status, answer.as_ref().map(|answer| answer.status));
    Got {
        code: line.code.to_owned(),
        sender: line.sender.map(str::to_owned),
        secret_index: line.secret_index,
        answer,
    }
}

fn get(verifier: &Verifier, query: &str) -> Got {
    ask(verifier, "GET", query, &[], "")
}

/// Asks with a body that this secret signed.
fn ask_signed(verifier: &Verifier, scheme: &str, secret: &str, body: &str) -> Got {
    let signer = Signer::new(Scheme::preset(scheme).unwrap(), &Secret::new(secret.into())).unwrap();
    let request = Unsigned { method: "POST", url: URL, body: body.as_bytes(), now: NOW, id: None };
    let signed = signer.sign(&request).unwrap();
    let fields: Vec<_> = signed.iter().map(|(name, value)| (*name, value.as_str())).collect();
    ask(verifier, "POST", "", &fields, body)
}

const JSON: Option<&str> = Some("application/json");

#[test]
fn slack_reads_its_challenge() {
    let verifier = verifier_of(sender("slack"));
    let body = r#"{"token":"t","challenge":"3eZbrw\u00e9\"","type":"url_verification"}"#;
    let got = ask_signed(&verifier, "slack", SECRET, body);
    got.assert_answered(200, JSON, r#"{"challenge":"3eZbrwé\""}"#);
    assert_eq!((got.sender.as_deref(), got.secret_index), (Some("app"), Some(0)));
    ask_signed(&verifier, "slack", NEXT, body).assert_refused(401, "invalid_signature");
    ask(&verifier, "POST", "", &[], body).assert_refused(401, "missing_signature");
    for body in [
        r#"{"type":"event_callback","challenge":"x"}"#,
        r#"{"type":"url_verification","challenge":null}"#,
        r#"{"type":"url_verification","challenge":"x","challenge":"y"}"#,
        r#"{"type":"url_verification","challenge":"\ud800"}"#,
        r#"["url_verification","challenge"]"#,
        r#"{"type":"url_verification","challenge":"x"} {}"#,
        "url_verification",
    ] {
        ask_signed(&verifier, "slack", SECRET, body).assert_forwarded();
    }
    let silent = verifier_of(with(sender("slack"), "handshake", json!(false)));
    ask_signed(&silent, "slack", SECRET, body).assert_forwarded();
}

/// The tokens are from `openssl dgst -sha256 -hmac`.
#[test]
fn zoom_reads_the_hmac_of_the_secret_that_signed() {
    let verifier = verifier_of(with(sender("zoom"), "secrets", json!(["SECRET", "NEXT"])));
    let body = r#"{"payload":{"plainToken":"qgg8vlvZRS6UYooatFL8Aw"},"event_ts":1760000000000,"event":"endpoint.url_validation"}"#;
    for (secret, index, token) in [
        (SECRET, 0, "d0c8030ac77375337889853b6f72d0aba2252659fbdbdca789b29ba38e47b1da"),
        (NEXT, 1, "0ef06861b477e3041466724d00e4ff96e702a4dac2b86c0f0e94a996b4413c35"),
    ] {
        let got = ask_signed(&verifier, "zoom", secret, body);
        let answer =
            format!(r#"{{"plainToken":"qgg8vlvZRS6UYooatFL8Aw","encryptedToken":"{token}"}}"#);
        got.assert_answered(200, JSON, &answer);
        assert_eq!(got.secret_index, Some(index));
    }
    ask(&verifier, "POST", "", &[], body).assert_refused(401, "missing_signature");
    for body in [
        r#"{"payload":{"plainToken":"x"},"event":"meeting.started"}"#,
        r#"{"payload":{"plainToken":1},"event":"endpoint.url_validation"}"#,
        r#"{"payload":{},"plainToken":"x","event":"endpoint.url_validation"}"#,
        r#"{"payload":["plainToken"],"event":"endpoint.url_validation"}"#,
    ] {
        ask_signed(&verifier, "zoom", SECRET, body).assert_forwarded();
    }
}

/// Signed by Python's `cryptography`, with a private key that was thrown away.
#[cfg(feature = "public-keys")]
#[test]
fn discord_reads_a_pong_or_nothing() {
    let verifier = verifier_of(sender("discord"));
    let silent = verifier_of(with(sender("discord"), "handshake", Value::Null));
    let ask_signed = |verifier: &Verifier, body: &str, signature: &str| {
        let fields = [("x-signature-ed25519", signature), ("x-signature-timestamp", "1760000000")];
        ask(verifier, "POST", "", &fields, body)
    };
    let ping = r#"{"id":"1","type":1}"#;
    let ping_signature = "9ca5847f7294527c12f6f348c619f007ecaff912805dba2115bd697c8d725c4bc5510b4318a2f8e98e2169f5177ae8f58c68f9090ab2521b8a981dc56e123f02";
    let event_ping = r#"{"type":0}"#;
    let event_ping_signature = "336dd1e34a598126859043ea74e233b5062cf0960ea11ea5b80c359e20bbc0b0f8201a6cbce80618144aa4daf6771a8cec26a66c58ec9ea8493d7ebfad97d30e";
    let event = r#"{"type":1,"event":{}}"#;
    let event_signature = "85b12bc8a829743613e2c97562e8ee5ea11923d6fb079746db5832277e11e8e7cf88ca5bc87720785ed46aa2123a153b15e7d145ed6455a2a0d463539ba48e03";
    let command = r#"{"type":2}"#;
    let command_signature = "2b1c1238e2fbd0c277ad69207fa4587114e0b5929877efce7123e062805dc7113aac693f34a0ee4edff75bd9faefd89175b0cbb414d4ad7e54602b229068a800";
    ask_signed(&verifier, ping, ping_signature).assert_answered(200, JSON, r#"{"type":1}"#);
    let got = ask_signed(&verifier, event_ping, event_ping_signature);
    assert_eq!(got.code, "handshake");
    let answer = got.answer.unwrap();
    assert_eq!((answer.status, answer.body.as_str()), (204, ""));
    ask_signed(&verifier, event, event_signature).assert_forwarded();
    ask_signed(&verifier, command, command_signature).assert_forwarded();
    for (body, signature) in [(ping, event_ping_signature), (event_ping, ping_signature)] {
        ask_signed(&verifier, body, signature).assert_refused(401, "invalid_signature");
    }
    ask(&verifier, "POST", "", &[], ping).assert_refused(401, "missing_signature");
    ask_signed(&silent, ping, ping_signature).assert_forwarded();
    ask_signed(&silent, event_ping, event_ping_signature).assert_forwarded();
}

#[test]
fn dropbox_reads_its_challenge() {
    let verifier = verifier_of(sender("dropbox"));
    let long = |length: usize| format!("?challenge={}", "x".repeat(length));
    let escaped = |length: usize| format!("?challenge={}", "%78".repeat(length));
    get(&verifier, "?challenge=abc").assert_echo("abc");
    get(&verifier, "?a=b&challenge=%61b%2Bc&c").assert_echo("ab+c");
    get(&verifier, "?challenge=%3Cb%3E%22'").assert_echo("<b>\"'");
    get(&verifier, "?challenge=!~").assert_echo("!~");
    get(&verifier, &long(256)).assert_echo(&"x".repeat(256));
    get(&verifier, &escaped(256)).assert_echo(&"x".repeat(256));
    for query in [
        "",
        "?challenge",
        "?challenge=",
        "?CHALLENGE=abc",
        "?challenge=abc&challenge=abc",
        "?challenge=abc&%63hallenge",
        "?challenge=a+b",
        "?challenge=a%0ab",
        "?challenge=a%00",
        "?challenge=a%1f",
        "?challenge=a%7f",
        "?challenge=a%80",
        "?challenge=%e2%98%83",
        "?challenge=☃",
        &long(257),
        &escaped(257),
    ] {
        get(&verifier, query).assert_no_such_method();
    }
    for method in ["HEAD", "PUT", "get"] {
        ask(&verifier, method, "?challenge=abc", &[], "").assert_no_such_method();
    }
    ask(&verifier, "POST", "?challenge=abc", &[], "{}").assert_refused(401, "missing_signature");
    ask_signed(&verifier, "dropbox", SECRET, "{}").assert_forwarded();
    let silent = verifier_of(with(sender("dropbox"), "handshake", json!(false)));
    get(&silent, "?challenge=abc").assert_no_such_method();
}

#[test]
fn meta_reads_its_challenge_for_the_token() {
    let verifier = verifier_of(sender("meta"));
    let token = "q8Zt+3%2Bu/Bk%265%3DHw";
    let query = |mode: &str, token: &str| {
        format!("?hub.mode={mode}&hub.challenge=1158201444&hub.verify_token={token}")
    };
    get(&verifier, &query("subscribe", token)).assert_echo("1158201444");
    get(&verifier, &query("subscribe", "q8Zt%203%2bu%2fBk%265%3dHw")).assert_echo("1158201444");
    for wrong in
        ["x", "q8Zt+3%2Bu/Bk%265%3DH", "q8Zt+3%2Bu/Bk%265%3DHwx", "q8zt+3%2Bu/Bk%265%3DHw", SECRET]
    {
        get(&verifier, &query("subscribe", wrong)).assert_refused(401, "invalid_signature");
    }
    get(&verifier, &query("subscribe", "")).assert_refused(401, "missing_signature");
    get(&verifier, "?hub.mode=subscribe&hub.challenge=1").assert_refused(401, "missing_signature");
    let twice = query("subscribe", token) + "&hub.verify_token=" + token;
    get(&verifier, &twice).assert_refused(401, "missing_signature");
    for mode in ["unsubscribe", "Subscribe", "", "subscribe&hub.mode=subscribe"] {
        get(&verifier, &query(mode, token)).assert_no_such_method();
    }
    get(&verifier, "").assert_no_such_method();
    for challenge in ["", "a%0ab", "a+b", "1&hub.challenge=1"] {
        let query =
            format!("?hub.mode=subscribe&hub.challenge={challenge}&hub.verify_token={token}");
        get(&verifier, &query).assert_no_such_method();
    }
    let silent = with(sender("meta"), "handshake", Value::Null);
    let silent = verifier_of(with(silent, "verify_token", Value::Null));
    get(&silent, &query("subscribe", token)).assert_no_such_method();
}

#[test]
fn meta_without_its_token_verifies_all_the_same() {
    let verifier = policy(&[sender("meta")], &[route()])
        .unwrap()
        .into_verifier(|name| secret(name).filter(|_| name != "TOKEN"))
        .unwrap();
    let missing =
        "senders[0].verify_token of app: is not set; the provider's handshake is refused with 503";
    assert_eq!(broken(&verifier), [missing]);
    let query = "?hub.mode=subscribe&hub.challenge=1&hub.verify_token=x";
    get(&verifier, query).assert_refused(503, "misconfigured");
    ask_signed(&verifier, "meta", SECRET, "{}").assert_forwarded();
    ask_signed(&verifier, "meta", NEXT, "{}").assert_refused(401, "invalid_signature");
}

#[test]
fn trello_reads_that_somebody_is_there() {
    let verifier = verifier_of(sender("trello"));
    ask(&verifier, "HEAD", "", &[], "").assert_answered(200, None, "");
    ask(&verifier, "HEAD", "", &[], "body").assert_refused(400, "body_not_allowed");
    get(&verifier, "").assert_no_such_method();
    ask_signed(&verifier, "trello", SECRET, "{}").assert_forwarded();
    let silent = verifier_of(with(sender("trello"), "handshake", json!(false)));
    ask(&silent, "HEAD", "", &[], "").assert_no_such_method();
}

#[test]
fn woocommerce_reads_that_its_ping_came() {
    const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");
    let verifier = verifier_of(sender("woocommerce"));
    let digits = |count: usize| format!("webhook_id={}", "7".repeat(count));
    for body in ["webhook_id=12", "webhook_id=0", &digits(53)] {
        ask(&verifier, "POST", "", &[FORM], body).assert_answered(200, None, "");
    }
    let charset = ("content-type", "application/x-www-form-urlencoded; charset=UTF-8");
    ask(&verifier, "POST", "", &[charset], "webhook_id=1").assert_answered(200, None, "");
    for body in [
        "",
        "webhook_id=",
        "webhook_id=x",
        "webhook_id=1 ",
        "webhook_id=+1",
        "webhook_id=1&a=b",
        "webhook_id=\u{0661}",
        "a=webhook_id=1",
        &digits(54),
        &digits(2000),
    ] {
        let got = ask(&verifier, "POST", "", &[FORM], body);
        got.assert_refused(401, "missing_signature");
    }
    for fields in [
        &[][..],
        &[("content-type", "application/json")],
        &[FORM, FORM],
        &[FORM, ("x-wc-webhook-signature", "")],
    ] {
        let got = ask(&verifier, "POST", "", fields, "webhook_id=12");
        got.assert_refused(401, "missing_signature");
    }
    let wrong = [FORM, ("X-WC-Webhook-Signature", "AAAA")];
    ask(&verifier, "POST", "", &wrong, "webhook_id=12").assert_refused(401, "invalid_signature");
    ask_signed(&verifier, "woocommerce", SECRET, "webhook_id=12").assert_forwarded();
    let silent = verifier_of(with(sender("woocommerce"), "handshake", json!(false)));
    ask(&silent, "POST", "", &[FORM], "webhook_id=12").assert_refused(401, "missing_signature");
}

#[test]
fn xero_reads_a_status_and_no_body() {
    let verifier = verifier_of(sender("xero"));
    let body = r#"{"events":[ ],"firstEventSequence":0,"lastEventSequence":0,"entropy":"x"}"#;
    ask_signed(&verifier, "xero", SECRET, body).assert_answered(200, None, "");
    let wrong = ask_signed(&verifier, "xero", NEXT, body);
    let unsigned = ask(&verifier, "POST", "", &[], body);
    wrong.assert_refused(401, "invalid_signature");
    unsigned.assert_refused(401, "missing_signature");
    for got in [wrong, unsigned] {
        assert_eq!(got.answer.unwrap().body, "");
    }
    for body in [r#"{"events":[{}]}"#, r#"{"events":""}"#, r#"{"events":[],"events":[]}"#, "[]"] {
        ask_signed(&verifier, "xero", SECRET, body).assert_forwarded();
    }
}

#[test]
fn no_other_refusal_loses_its_body() {
    let got = ask(&verifier_of(sender("slack")), "POST", "", &[], "{}");
    assert!(got.answer.unwrap().body.contains("missing_signature"));
}

#[test]
fn an_unsigned_handshake_has_a_short_body_or_none() {
    let verifier = verifier_of(sender("dropbox"));
    let query = "?challenge=abc";
    let url = [URL, query].concat();
    let head = Head::new("GET", &url, Vec::new()).unwrap();
    let admission = verifier.begin(&head, NOW).unwrap();
    assert!(matches!(admission, Admission::Handshake(_)));
    assert_eq!(admission.max_body(), 1024);
    let debug = format!("{admission:?}");
    assert!(debug.contains("/in") && !debug.contains("abc"), "{debug}");
    let refusal = admission.finish("x", NOW).err().unwrap();
    assert_eq!(refusal.rejection(), Rejection::BodyNotAllowed);
    assert_eq!(refusal.log_line("r-1").body_bytes, Some(1));
    for (field, status, code) in [
        (("content-length", "1048577"), 413, "body_too_large"),
        (("content-length", "x"), 413, "body_too_large"),
        (("content-encoding", "gzip"), 415, "unsupported_content_encoding"),
    ] {
        ask(&verifier, "GET", query, &[field], "").assert_refused(status, code);
    }
}

/// A route may have the handshake's method itself, and what is no handshake must be signed.
#[test]
fn a_route_that_has_the_method_keeps_it() {
    let route = with(route(), "methods", json!(["GET", "POST"]));
    let route = with(route, "allow_empty_body", json!(true));
    let policy = policy(&[sender("dropbox")], &[route]).unwrap();
    let verifier = policy.into_verifier(secret).unwrap();
    get(&verifier, "?challenge=abc").assert_echo("abc");
    get(&verifier, "?challenge=a+b").assert_refused(401, "missing_signature");
    get(&verifier, "").assert_refused(401, "missing_signature");
    // openssl dgst -sha256 -hmac kP2v…, over nothing
    let signature = "be702d7024232b34e5907e52f5a9ea86c163901daed6a64379a2a769bdb04f91";
    let signed = [("x-dropbox-signature", signature)];
    ask(&verifier, "GET", "", &signed, "").assert_forwarded();
    ask(&verifier, "GET", "?challenge=abc", &signed, "").assert_echo("abc");
    let wrong = [("x-dropbox-signature", &*signature.replace('b', "c"))];
    ask(&verifier, "GET", "", &wrong, "").assert_refused(401, "invalid_signature");
}

/// Each sender says for itself whether the gate answers.
#[test]
fn senders_beside_each_other() {
    let quiet = json!({"id": "quiet", "scheme": "slack", "secrets": ["NEXT"]});
    let both = with(route(), "senders", json!(["quiet", "app"]));
    let verifier = policy(&[sender("slack"), quiet], &[both]).unwrap().into_verifier(secret);
    let verifier = verifier.unwrap();
    let body = r#"{"type":"url_verification","challenge":"x"}"#;
    let got = ask_signed(&verifier, "slack", SECRET, body);
    got.assert_answered(200, JSON, r#"{"challenge":"x"}"#);
    assert_eq!(got.sender.as_deref(), Some("app"));
    ask_signed(&verifier, "slack", NEXT, body).assert_forwarded();
    // An unsigned one is answered where a single sender asks for it.
    let quiet = json!({"id": "quiet", "scheme": "dropbox", "secrets": ["NEXT"]});
    let both = with(route(), "senders", json!(["quiet", "app"]));
    let verifier = policy(&[sender("dropbox"), quiet], &[both]).unwrap().into_verifier(secret);
    get(&verifier.unwrap(), "?challenge=abc").assert_echo("abc");
}

#[track_caller]
fn refused(senders: &[Value], routes: &[Value], expected: &[(&str, PolicyProblem)]) {
    let errors = policy(senders, routes).err().unwrap();
    let errors: Vec<_> =
        errors.iter().map(|error| (error.path(), error.problem().clone())).collect();
    assert_eq!(errors, expected);
}

#[test]
fn a_policy_asks_only_for_handshakes_that_there_are() {
    use PolicyProblem::{
        Expected, InvalidSecretName, MissingField, NoHandshake, NoVerifyToken, SecretAsName,
    };
    let refused = |sender: Value, expected: &[(&str, PolicyProblem)]| {
        refused(&[sender], &[route()], expected);
    };
    for scheme in ["github", "x-hmac", "asana"] {
        refused(sender(scheme), &[("senders[0].handshake", NoHandshake)]);
        let silent = with(sender(scheme), "handshake", json!(false));
        assert!(policy(&[silent], &[route()]).is_ok(), "{scheme}");
    }
    let own = json!({"name": "own", "signature": "X-Sig", "signed": ["{body}"]});
    let own = with(sender("slack"), "scheme", own);
    refused(own, &[("senders[0].handshake", NoHandshake)]);
    refused(
        with(sender("slack"), "handshake", json!("true")),
        &[("senders[0].handshake", Expected("true or false, not a string"))],
    );

    let token = "senders[0].verify_token";
    refused(with(sender("slack"), "verify_token", json!("TOKEN")), &[(token, NoVerifyToken)]);
    for off in [json!(false), Value::Null] {
        refused(with(sender("meta"), "handshake", off), &[(token, NoVerifyToken)]);
    }
    refused(with(sender("meta"), "verify_token", Value::Null), &[(token, MissingField)]);
    refused(with(sender("meta"), "verify_token", json!(7)), &[(token, Expected("a string"))]);
    let value = with(sender("meta"), "verify_token", json!(TOKEN));
    refused(value, &[(token, SecretAsName)]);
    for name in ["", "a b", "POLICY"] {
        let named = with(sender("meta"), "verify_token", json!(name));
        refused(named, &[(token, InvalidSecretName)]);
    }
}

#[test]
fn the_methods_of_a_handshake_are_the_routes_own() {
    let public = |method: &str| json!({"path": "/{any}", "methods": [method], "access": "public"});
    let overlap = [("routes[1].path", PolicyProblem::Overlap { with: 0 })];
    for (scheme, method) in [("dropbox", "GET"), ("meta", "GET"), ("trello", "HEAD")] {
        refused(&[sender(scheme)], &[route(), public(method)], &overlap);
        refused(&[sender(scheme)], &[public(method), route()], &overlap);
        let silent = with(sender(scheme), "handshake", Value::Null);
        let silent = with(silent, "verify_token", Value::Null);
        assert!(policy(&[silent], &[route(), public(method)]).is_ok(), "{scheme}");
    }
    for (scheme, method) in [
        ("dropbox", "HEAD"),
        ("meta", "HEAD"),
        ("trello", "GET"),
        ("slack", "GET"),
        ("xero", "GET"),
    ] {
        assert!(policy(&[sender(scheme)], &[route(), public(method)]).is_ok(), "{scheme}");
    }
    // Two routes that differ in their methods alone would both answer the GET.
    let other = with(route(), "methods", json!(["PUT"]));
    refused(&[sender("dropbox")], &[route(), other.clone()], &overlap);
    assert!(policy(&[sender("slack")], &[route(), other]).is_ok());
}

#[test]
fn the_token_is_a_secret() {
    let policy = || policy(&[sender("meta")], &[route()]).unwrap();
    assert_eq!(policy().secret_names().collect::<Vec<_>>(), ["SECRET", "TOKEN"]);
    for (text, weakness) in [
        ("", WeakSecret::Empty),
        ("q8Zt 3+u/Bk&5=H", WeakSecret::TooShort { min_bytes: 16 }),
        ("q8Zt 3+u/Bk&5=Hw\n", WeakSecret::SurroundedBySpace),
        ("aaaaaaaaaaaaaaaaaaaa", WeakSecret::Repetitive),
        ("my-changeme-token-7", WeakSecret::Sample),
    ] {
        let given = |name: &str| {
            if name == "TOKEN" { Some(Secret::new(text.into())) } else { secret(name) }
        };
        let verifier = policy().into_verifier(given).unwrap();
        let problem = PolicyProblem::WeakSecret(weakness);
        let error = format!("senders[0].verify_token of app: {problem}");
        assert_eq!(broken(&verifier), [error], "{text:?}");
        // The handshake is refused, and what is signed goes on.
        let query = "?hub.mode=subscribe&hub.challenge=1&hub.verify_token=x";
        get(&verifier, query).assert_refused(503, "misconfigured");
        ask_signed(&verifier, "meta", SECRET, "{}").assert_forwarded();
    }
    let debug = format!("{:?}", policy().into_verifier(secret).unwrap());
    assert!(!debug.contains(TOKEN) && !debug.contains(SECRET));
}

#[test]
fn every_token_of_the_route_will_do() {
    let second = |token: &str| {
        let other = with(sender("meta"), "id", json!("other"));
        with(with(other, "secrets", json!(["NEXT"])), "verify_token", json!(token))
    };
    let route = with(route(), "senders", json!(["app", "other"]));
    let other_token = "kP9d-Ow2x-R7vB-1mZq";
    let query = |token: &str| {
        let token = token.replace('+', "%2B").replace('&', "%26").replace(' ', "+");
        format!("?hub.mode=subscribe&hub.challenge=7&hub.verify_token={token}")
    };
    let both = |other: Option<&'static str>| {
        let named = move |name: &str| match name {
            "OTHER_TOKEN" => other.map(|text| Secret::new(text.into())),
            name => secret(name),
        };
        let senders = [sender("meta"), second("OTHER_TOKEN")];
        policy(&senders, core::slice::from_ref(&route)).unwrap().into_verifier(named)
    };
    let verifier = both(Some(other_token)).unwrap();
    get(&verifier, &query(TOKEN)).assert_echo("7");
    get(&verifier, &query(other_token)).assert_echo("7");
    get(&verifier, &query("neither")).assert_refused(401, "invalid_signature");
    // Whose token it is cannot be told while one is missing.
    let verifier = both(None).unwrap();
    get(&verifier, &query(TOKEN)).assert_echo("7");
    get(&verifier, &query(other_token)).assert_refused(503, "misconfigured");
    // A secret that signs does not belong into a query.
    let verifier = both(Some(SECRET)).unwrap();
    let shared =
        |what: &str| format!("{what}: another sender or name has this key; each needs its own");
    let places = ["senders[0].secrets[0] of app", "senders[1].verify_token of other"];
    assert_eq!(broken(&verifier), places.map(shared));
    get(&verifier, &query(SECRET)).assert_refused(503, "misconfigured");
    ask_signed(&verifier, "meta", SECRET, "{}").assert_refused(503, "misconfigured");
}

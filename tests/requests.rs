//! Every case of `cases/`, decided by the core, natively and under wasm.
//!
//! The signatures in `cases/resolved.json` were made by Python's `hmac`. The Worker's tests send
//! the same requests to the built Worker.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]

mod hashing_runtime;
mod resolved;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use countersign::{Field, Head, Outcome, Policy, Secret, UnixSeconds, Verifier};
use resolved::RESOLVED;
use serde_json::Value;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Title and detail of each answer that a request can meet.
static TITLES: LazyLock<BTreeMap<&str, (&str, &str)>> = LazyLock::new(|| {
    BTreeMap::from([
        ("missing_signature", ("Signature required", "Missing HMAC headers")),
        ("invalid_timestamp", ("Timestamp not readable", "Invalid timestamp")),
        ("stale_timestamp", ("Timestamp outside the window", "Request timestamp too old")),
        ("invalid_signature", ("Signature not valid", "Invalid HMAC signature")),
        ("body_too_large", ("Body too large", "The body may have 64 bytes at most")),
        ("body_required", ("Body required", "A request without a body is not taken here")),
        ("body_not_allowed", ("Body not allowed", "A GET or HEAD request may not have a body")),
        (
            "unsupported_content_encoding",
            ("Content coding not supported", "The body must be sent without a content coding"),
        ),
        ("no_route", ("No such route", "Nothing is served at this path")),
        ("method_not_allowed", ("Method not allowed", "This path does not take the method")),
    ])
});

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("{key} in {value}"))
}

fn verifier() -> Verifier {
    let secrets = &RESOLVED["secrets"];
    Policy::parse(&RESOLVED["policy"].to_string())
        .unwrap()
        .into_verifier(|name| secrets[name].as_str().map(|text| Secret::new(text.into())))
        .unwrap()
}

/// What the core says: code, status, sender, the problem document and the fields behind it, and
/// whether the body was asked for.
struct Answer {
    code: String,
    status: u16,
    sender: Option<String>,
    document: Value,
    fields: Vec<(&'static str, String)>,
    read_body: bool,
}

fn decide(case: &'static Value) -> Answer {
    let verifier = verifier();
    let pair = |pair: &'static Value| {
        Field::new(pair[0].as_str().unwrap(), pair[1].as_str().unwrap().as_bytes())
    };
    let body = hex::decode(text(case, "body_hex")).unwrap();
    let length = body.len().to_string();
    let mut fields: Vec<Field> = case["headers"].as_array().unwrap().iter().map(pair).collect();
    fields.push(Field::new("Content-Length", length.as_bytes()));
    let url = format!("https://gate.test{}", text(case, "target"));
    let head = Head::new(text(case, "method"), &url, fields).unwrap();
    let now = UnixSeconds::new(RESOLVED["now"].as_u64().unwrap());

    hashing_runtime::both_ways_agree(&verifier, &head, now, &body);
    let mut read_body = false;
    let outcome = verifier.begin(&head, now).and_then(|admission| {
        read_body = true;
        admission.finish(body.as_slice(), now)
    });
    match outcome {
        Ok(outcome @ (Outcome::Answer(_) | Outcome::Claim(_))) => panic!("{outcome:?}"),
        Ok(Outcome::Forward(cleared)) => {
            let line = cleared.log_line("r-1");
            let (code, sender) = (line.code.to_owned(), line.sender.map(str::to_owned));
            let (plan, forwarded) = cleared.into_forward("r-1").unwrap();
            assert_eq!(forwarded, body, "the bytes that were verified are the bytes that go on");
            let set = plan.set().to_vec();
            Answer { code, status: 200, sender, document: Value::Null, fields: set, read_body }
        }
        Err(refusal) => {
            let problem = refusal.problem("r-1");
            let document: Value = serde_json::from_str(&problem.body).unwrap();
            let code = refusal.rejection().code().to_owned();
            let fields = problem.fields.into_iter();
            Answer {
                code,
                status: problem.status,
                sender: None,
                document,
                fields: fields.map(|(name, value)| (name, value.into_owned())).collect(),
                read_body,
            }
        }
    }
}

fn run(name: &str) {
    let cases = RESOLVED["cases"].as_array().unwrap();
    let case = cases.iter().find(|case| case["name"] == name).expect(name);
    let expect = &case["expect"];
    let answer = decide(case);

    assert_eq!(answer.code, text(expect, "code"));
    assert_eq!(u64::from(answer.status), expect["status"]);
    assert_eq!(answer.sender.as_deref(), expect["sender"].as_str());
    assert_eq!(!answer.read_body, expect["head_only"] == true, "what the head shows needs no body");
    if answer.document.is_null() {
        return;
    }
    let document = &answer.document;
    assert_eq!(document["type"], format!("urn:countersign:problem:{}", answer.code));
    assert_eq!(document["status"], answer.status);
    assert_eq!(document["code"], answer.code);
    assert_eq!(document["request_id"], "r-1");
    assert_eq!(document["reason"], expect["reason"]);
    let is_stale = answer.code == "stale_timestamp";
    assert_eq!(
        document["server_time"],
        if is_stale { RESOLVED["now"].clone() } else { Value::Null }
    );
    let field =
        |name| answer.fields.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_str());
    assert_eq!(field("content-type"), Some("application/problem+json"));
    assert_eq!(field("cache-control"), Some("no-store"));
    let challenge = (answer.status == 401).then(|| {
        let scheme = if text(case, "target") == "/v1/once" { "x-hmac-nonce" } else { "x-hmac" };
        format!("Countersign scheme=\"{scheme}\"")
    });
    assert_eq!(field("www-authenticate"), challenge.as_deref());
    assert_eq!(field("accept-encoding"), (answer.status == 415).then_some("identity"));
    assert_eq!(document["title"], TITLES[answer.code.as_str()].0, "of {}", answer.code);
    let detail = match expect["reason"].as_str() {
        Some(_) => "Invalid timestamp: it looks like milliseconds, send unix seconds",
        None => TITLES[answer.code.as_str()].1,
    };
    assert_eq!(document["detail"], detail);
    assert_eq!(field("allow"), expect["allow"].as_str());
}

macro_rules! cases {
    ($($name:ident,)*) => {
        $(#[test]
        fn $name() {
            run(stringify!($name));
        })*

        #[test]
        fn every_case_of_the_folder_is_a_test() {
            let cases = RESOLVED["cases"].as_array().unwrap();
            let names: Vec<&str> = cases.iter().map(|case| text(case, "name")).collect();
            assert_eq!(names, [$(stringify!($name)),*]);
        }
    };
}

cases! {
    // accepted.json
    signed_request_passes,
    field_names_in_any_case_pass,
    public_route_passes_unsigned,
    // body.json
    row_01_altered_body,
    row_01_body_with_a_byte_more,
    row_01_digest_field_is_not_trusted,
    row_05_empty_body_passes_where_the_route_says_so,
    row_05_empty_body_is_refused,
    row_06_signature_of_an_empty_body_moved_to_another,
    row_07_declared_length_over_the_limit,
    row_08_oversize_is_refused_before_the_signature_is_looked_at,
    row_09_body_of_delete_is_verified,
    row_09_altered_body_of_delete_is_refused,
    body_of_exactly_the_limit_passes,
    body_on_a_public_get,
    row_10_nul_and_invalid_utf8_pass_unchanged,
    row_10_reserialised_json,
    // content_encoding.json
    row_10_coded_body_passes_where_the_route_says_so,
    row_10_content_coding_is_refused,
    row_10_identity_coding_passes,
    row_10_content_coding_is_refused_on_public_routes_too,
    // method.json
    method_that_the_route_lacks,
    method_in_lower_case,
    method_of_a_path_with_two_routes,
    // nonce.json
    nonce_scheme_passes,
    nonce_of_15_characters,
    nonce_of_65_characters,
    nonce_of_64_characters_passes,
    nonce_missing,
    nonce_sent_twice,
    row_04_nonce_with_the_delimiter,
    row_12_changed_nonce_same_mac,
    a_missing_nonce_is_answered_before_a_malformed_signature,
    // path.json
    row_27_another_path,
    row_27_longer_word,
    row_27_shorter_word,
    row_27_slash_behind,
    row_27_segment_behind,
    row_27_double_slash,
    row_27_inner_double_slash,
    row_27_encoded_slash,
    row_27_encoded_slash_and_dots,
    row_27_encoded_backslash,
    row_27_encoded_dots,
    row_27_encoded_nul,
    row_27_bad_escape,
    row_27_dots_before_a_parameter,
    row_27_other_case,
    row_27_encoded_letter,
    row_27_fields_do_not_change_the_path,
    row_27_one_segment_matches_one,
    row_27_rest_matches_the_rest,
    row_11_query_is_passed_on_raw,
    // scheme.json
    row_12_unsigned_nonce_does_not_help_plain_x_hmac,
    row_23_plain_hash_is_no_mac,
    row_24_nonce_message_sent_as_plain_x_hmac,
    row_24_plain_x_hmac_on_a_nonce_route,
    row_24_algorithm_field_is_not_read,
    row_24_sha512_mac,
    row_24_sha512_mac_cut_to_64_digits,
    row_09_unsigned_payload_marker,
    // secret.json
    signed_by_the_second_secret_passes,
    row_31_unknown_key,
    row_28_key_of_a_sender_the_route_does_not_name,
    row_28_the_same_key_on_its_own_route,
    // signature.json
    row_21_unsigned,
    row_21_signature_missing,
    row_21_signature_empty,
    row_21_signature_of_zeros,
    row_21_signature_none,
    row_21_signature_null,
    row_21_signature_true,
    row_21_signature_bearer,
    row_22_first_digit_differs,
    row_22_last_digit_differs,
    row_25_two_signatures,
    row_25_a_wrong_and_a_right_signature,
    row_25_two_signatures_on_one_line,
    row_29_signature_in_capitals,
    row_29_signature_of_63_digits,
    row_29_signature_of_65_digits,
    row_29_signature_with_a_prefix,
    row_29_signature_in_base64,
    row_29_signature_not_hexadecimal,
    row_29_signature_beyond_ascii,
    row_29_signature_of_8000_bytes,
    // timestamp.json
    timestamp_60_seconds_old_passes,
    timestamp_60_seconds_ahead_passes,
    row_03_timestamp_61_seconds_old,
    row_03_timestamp_61_seconds_ahead,
    row_02_timestamp_other_than_the_signed_one,
    row_02_two_timestamps,
    row_02_timestamp_under_another_name,
    row_03_timestamp_missing,
    row_03_timestamp_empty,
    row_03_timestamp_plus,
    row_03_timestamp_minus,
    row_03_timestamp_inner_space,
    row_03_timestamp_underscore,
    row_03_timestamp_arabic_digits,
    row_03_timestamp_leading_zero,
    row_03_timestamp_nine_digits,
    row_03_timestamp_fraction,
    row_03_timestamp_exponent,
    row_03_timestamp_hex,
    row_03_timestamp_word,
    row_03_timestamp_with_a_comma,
    row_03_timestamp_of_the_year_2286,
    row_34_timestamp_in_milliseconds,
    a_stale_time_is_answered_before_a_malformed_signature,
    an_unreadable_time_is_answered_before_a_malformed_signature,
}

//! The bytes CPython 3.11 writes, one test for each way to get them wrong.

#![allow(clippy::unwrap_used)]

use countersign::python_json::{Error, MAX_DEPTH, to_vec};
use serde_json::{Value, json};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[track_caller]
fn assert_written(value: &Value, expected: &str) {
    let written = String::from_utf8(to_vec(value).unwrap()).unwrap();
    assert_eq!(written, expected);
}

/// Each pair is JSON text and what Python makes of it.
#[track_caller]
fn assert_rewritten(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_written(&serde_json::from_str(text).unwrap(), expected);
    }
}

fn nested(depth: usize, wrap: impl Fn(Value) -> Value) -> Value {
    (0..depth).fold(Value::Null, |inner, _| wrap(inner))
}

#[test]
fn literals_and_empty_containers() {
    assert_written(
        &json!([null, true, false, [], {}, "", {"": ""}]),
        r#"[null,true,false,[],{},"",{"":""}]"#,
    );
}

#[test]
fn no_space_after_separators() {
    assert_written(
        &json!({"a": [1, 2], "b": {"c": 3, "d": 4}}),
        r#"{"a":[1,2],"b":{"c":3,"d":4}}"#,
    );
}

#[test]
fn short_escapes() {
    assert_written(&json!("\n\r\t\u{8}\u{c}\"\\"), r#""\n\r\t\b\f\"\\""#);
}

#[test]
fn slash_and_the_rest_of_printable_ascii_are_plain() {
    assert_written(&json!("/ <>&'`~"), r#""/ <>&'`~""#);
}

#[test]
fn other_controls_are_escaped_in_lower_case() {
    assert_written(
        &json!("\0\u{7}\u{b}\u{e}\u{1b}\u{1f}"),
        r#""\u0000\u0007\u000b\u000e\u001b\u001f""#,
    );
}

#[test]
fn delete_is_escaped() {
    assert_written(&json!("~\u{7f}\u{80}"), r#""~\u007f\u0080""#);
}

#[test]
fn characters_of_the_basic_plane_are_escaped() {
    assert_written(
        &json!("é€\u{2028}\u{d7ff}\u{e000}\u{feff}\u{ffff}"),
        r#""\u00e9\u20ac\u2028\ud7ff\ue000\ufeff\uffff""#,
    );
}

#[test]
fn characters_past_the_basic_plane_are_surrogate_pairs() {
    assert_written(&json!("\u{10000}😀\u{10ffff}"), r#""\ud800\udc00\ud83d\ude00\udbff\udfff""#);
}

#[test]
fn no_unicode_normalization() {
    assert_written(&json!("\u{e9}e\u{301}"), r#""\u00e9e\u0301""#);
}

#[test]
fn keys_are_escaped() {
    assert_written(&json!({"é\n": 1}), r#"{"\u00e9\n":1}"#);
}

#[test]
fn keys_are_sorted_at_every_level() {
    assert_rewritten(&[(
        r#"{"b":{"z":1,"y":2},"a":[{"d":3,"c":4}]}"#,
        r#"{"a":[{"c":4,"d":3}],"b":{"y":2,"z":1}}"#,
    )]);
}

#[test]
fn keys_are_sorted_by_code_point_not_by_case_length_or_number() {
    assert_rewritten(&[(
        r#"{"é":0,"aa":0,"a":0,"Z":0,"_":0,"10":0,"9":0,"":0,"\u007f":0}"#,
        r#"{"":0,"10":0,"9":0,"Z":0,"_":0,"a":0,"aa":0,"\u007f":0,"\u00e9":0}"#,
    )]);
}

#[test]
fn keys_are_sorted_by_code_point_not_by_utf_16_unit() {
    assert_rewritten(&[(
        r#"{"\ud83d\ude00":0,"\uffff":0,"\ue000":0,"\ud7ff":0}"#,
        r#"{"\ud7ff":0,"\ue000":0,"\uffff":0,"\ud83d\ude00":0}"#,
    )]);
}

#[test]
fn keys_are_sorted_before_they_are_escaped() {
    // Escaped, the line feed would come after the exclamation mark.
    assert_rewritten(&[(r#"{"!":0,"\n":0}"#, r#"{"\n":0,"!":0}"#)]);
}

#[test]
fn the_last_of_equal_keys_wins() {
    assert_rewritten(&[(r#"{"a":1,"b":2,"\u0061":3}"#, r#"{"a":3,"b":2}"#)]);
}

#[test]
fn integers_keep_all_their_digits() {
    assert_rewritten(&[
        ("0", "0"),
        ("-1", "-1"),
        ("9007199254740993", "9007199254740993"),
        ("18446744073709551616", "18446744073709551616"),
        ("-9223372036854775809", "-9223372036854775809"),
        (
            "100000000000000000000000000000000000000000000000001",
            "100000000000000000000000000000000000000000000000001",
        ),
    ]);
}

#[test]
fn integers_past_the_default_limit_of_python_are_written() {
    let digits = "7".repeat(4301);
    assert_rewritten(&[(&digits, &digits)]);
}

#[test]
fn integer_minus_zero_loses_its_sign() {
    assert_rewritten(&[("-0", "0"), ("[-0,{\"a\":-0}]", "[0,{\"a\":0}]")]);
}

#[test]
fn float_minus_zero_keeps_its_sign() {
    assert_rewritten(&[("-0.0", "-0.0"), ("-0e5", "-0.0"), ("-1e-400", "-0.0"), ("0.000", "0.0")]);
}

#[test]
fn whole_floats_keep_one_decimal() {
    assert_rewritten(&[
        ("1.0", "1.0"),
        ("-1e2", "-100.0"),
        ("1E5", "100000.0"),
        ("123456789012345.0", "123456789012345.0"),
        ("9007199254740993.0", "9007199254740992.0"),
    ]);
}

#[test]
fn exponent_from_ten_to_the_sixteenth() {
    assert_rewritten(&[
        ("1e15", "1000000000000000.0"),
        ("9999999999999998.0", "9999999999999998.0"),
        ("9999999999999999.0", "1e+16"),
        ("10000000000000000.0", "1e+16"),
        ("-1e16", "-1e+16"),
        ("10000000000000002.0", "1.0000000000000002e+16"),
        ("12345678901234567890.0", "1.2345678901234567e+19"),
        ("1e99", "1e+99"),
        ("1e100", "1e+100"),
    ]);
}

#[test]
fn exponent_below_a_ten_thousandth() {
    assert_rewritten(&[
        ("0.001", "0.001"),
        ("1e-4", "0.0001"),
        ("-0.00010000000000000002", "-0.00010000000000000002"),
        ("0.00009999999999999999", "9.999999999999999e-05"),
        ("0.00001", "1e-05"),
        ("-1.5e-5", "-1.5e-05"),
    ]);
}

#[test]
fn exponents_have_at_least_two_digits() {
    assert_rewritten(&[
        ("1e-9", "1e-09"),
        ("0.0000000009999999999999999", "9.999999999999999e-10"),
        ("1e-10", "1e-10"),
        ("1.5e-100", "1.5e-100"),
    ]);
}

#[test]
fn floats_have_the_fewest_digits_that_round_trip() {
    assert_rewritten(&[
        ("0.1000", "0.1"),
        ("0.30000000000000004", "0.30000000000000004"),
        ("1e23", "1e+23"),
        ("5.6843418860808015e-14", "5.684341886080802e-14"),
        ("2.2250738585072011e-308", "2.225073858507201e-308"),
        ("2.2250738585072014e-308", "2.2250738585072014e-308"),
    ]);
}

#[test]
fn floats_between_two_shortest_texts_have_the_even_one() {
    assert_rewritten(&[
        ("562949953421312.25", "562949953421312.2"),
        ("562949953421312.75", "562949953421312.8"),
        ("2.98023223876953125e-8", "2.9802322387695312e-08"),
        ("8.94069671630859375e-8", "8.940696716308594e-08"),
        // Here the even text, ending in 2, reads back as the float below.
        ("5.9604644775390625e-8", "5.960464477539063e-08"),
    ]);
}

#[test]
fn the_extreme_floats() {
    assert_rewritten(&[
        ("5e-324", "5e-324"),
        ("-4.9406564584124654e-324", "-5e-324"),
        ("2e-324", "0.0"),
        ("1.7976931348623157e308", "1.7976931348623157e+308"),
        ("1.7976931348623158e308", "1.7976931348623157e+308"),
        ("0e99999999999999999999", "0.0"),
        ("1e-99999999999999999999", "0.0"),
    ]);
}

#[test]
fn floats_built_in_code() {
    assert_written(
        &json!([1e16, 1.0, -0.0, 1e-5, f64::MIN_POSITIVE]),
        "[1e+16,1.0,-0.0,1e-05,2.2250738585072014e-308]",
    );
}

#[test]
fn float_that_overflows_is_an_error() {
    for text in ["1e309", "-1e309", "1.7976931348623159e308", "1e99999999999999999999"] {
        let inside = format!(r#"{{"a":[0,{text}]}}"#);
        for text in [text, &inside] {
            let value: Value = serde_json::from_str(text).unwrap();
            assert_eq!(to_vec(&value), Err(Error::NumberTooLarge), "{text}");
        }
    }
}

#[test]
fn nesting_to_the_limit_is_written() {
    let text = "[".repeat(MAX_DEPTH) + &"]".repeat(MAX_DEPTH);
    assert_rewritten(&[(&text, &text)]);
    let objects = nested(MAX_DEPTH, |inner| json!({ "k": inner }));
    let expected = r#"{"k":"#.repeat(MAX_DEPTH) + "null" + &"}".repeat(MAX_DEPTH);
    assert_written(&objects, &expected);
}

#[test]
fn nesting_past_the_limit_is_an_error() {
    for depth in [MAX_DEPTH + 1, 1000] {
        let lists = nested(depth, |inner| json!([inner]));
        let objects = nested(depth, |inner| json!({ "k": inner }));
        assert_eq!(to_vec(&lists), Err(Error::TooDeep));
        assert_eq!(to_vec(&objects), Err(Error::TooDeep));
    }
}

#[test]
fn many_siblings_are_not_nesting() {
    let count = MAX_DEPTH + 1;
    let expected = format!("[{}]", vec!["[]"; count].join(","));
    assert_written(&json!(vec![json!([]); count]), &expected);
}

#[test]
fn errors_say_what_is_wrong() {
    assert_eq!(Error::NumberTooLarge.to_string(), "a number is too large for a 64-bit float");
    assert_eq!(Error::TooDeep.to_string(), "the value is nested more than 127 deep");
}

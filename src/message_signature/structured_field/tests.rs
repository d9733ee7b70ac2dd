#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;

/// What a text prints back as, read as a dictionary and as a list.
fn both(text: &str) -> (Option<String>, Option<String>) {
    let bytes = text.as_bytes();
    (dictionary(bytes).map(|read| join(&read)), list(bytes).map(|read| join(&read)))
}

#[test]
fn canonical_texts_print_back() {
    for text in [
        r#"a=(1 2);x, b=:AQID:, c;d="e \"\\", f=?0"#,
        r#"sig1=("@method" "@query-param";name="Pet" "a;b";sf);created=1618884475;keyid="k""#,
        "a=1.5, b=-0.125, c=@1659578233, d=tok/en:1",
        r#"a=%"f%c3%bc%c3%bc %25 %22 \r", b=%"""#,
    ] {
        assert_eq!(both(text).0.as_deref(), Some(text));
    }
    for text in ["1, 2", r#"("a" b;c=1);d"#, "-999999999999999", "123456789012.125"] {
        assert_eq!(both(text).1.as_deref(), Some(text));
    }
}

#[test]
fn other_spellings_print_in_the_canonical_one() {
    assert_eq!(both("a=?1,b=( 1  2 );x=?1 ,\tc").0.as_deref(), Some("a, b=(1 2);x, c"));
    assert_eq!(both("001, -0, 1.500, -0.0").1.as_deref(), Some("1, 0, 1.5, 0.0"));
    assert_eq!(both("a; b=1").0.as_deref(), Some("a;b=1"));
}

#[test]
fn malformed_texts_are_not_read() {
    for text in [
        "",
        ",",
        "a,",
        "a=",
        "a=1,,b",
        "A=1",
        "a=(1",
        "a=(1 2",
        "a=(1,2)",
        "a=\"x",
        "a=\"\\x\"",
        "a=:A:",
        "a=:AQ:",
        "a=:AQI",
        "a=?2",
        "a=1.",
        "a=.5",
        "a=1.2345",
        "a=1234567890123456",
        "a=-",
        "a;A=1",
        "a;=1",
        "a=\"\u{fc}\"",
        "a=%",
        "a=1 b=2",
        "a=(\"b\"\"c\")",
        "a=@1.5",
        "a=%",
        "a=%\"",
        "a=%x",
        "a=%\"%C3%BC\"",
        "a=%\"%c3\"",
        "a=%\"%c\"",
        "a=%\"\u{fc}\"",
        "a=1, a=2",
        "a=1;b;b",
        "a=(1)2",
    ] {
        assert_eq!(dictionary(text.as_bytes()), None, "{text}");
    }
    assert_eq!(list(b"()x"), None);
}

#[test]
fn sizes_are_bounded() {
    let members = |count: usize| vec!["1"; count].join(",");
    assert!(list(members(64).as_bytes()).is_some());
    assert!(list(members(65).as_bytes()).is_none());
    let items = |count: usize| format!("({})", vec!["1"; count].join(" "));
    assert!(list(items(64).as_bytes()).is_some());
    assert!(list(items(65).as_bytes()).is_none());
    let string = |length: usize| format!("\"{}\"", "a".repeat(length));
    assert!(list(string(8190).as_bytes()).is_some());
    assert!(list(string(8191).as_bytes()).is_none());
}

//! What an origin could read as another target than the one that has the route.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod tagged;

use countersign::{Policy, PolicyProblem};
use serde_json::{Value, json};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use tagged::*;

/// Each is read by some server or framework as path, script name, method, host or file.
const OVERRIDES: [&str; 36] = [
    "X-Original-URI",
    "X-Original-URL",
    "X-Original-Path",
    "X-Original-Method",
    "X-Original-Host",
    "X-Rewrite-Uri",
    "X-Rewrite-URL",
    "X-Forwarded-Prefix",
    "X-Forwarded-Path",
    "X-Forwarded-Method",
    "X-Forwarded-Uri",
    "X-Forwarded-Host",
    "X-Forwarded-Server",
    "X-Forwarded-Port",
    "X-Forwarded-Script-Name",
    "X-Forwarded-Context",
    "x-forwarded-anything",
    "Forwarded",
    "X-Host",
    "X-HTTP-Host-Override",
    "X-HTTP-Path-Override",
    "X-HTTP-Method",
    "X-HTTP-Method-Override",
    "X-Method-Override",
    "X-Override-URL",
    "X-Script-Name",
    "X-Traversal-Path",
    "X-ProxyContextPath",
    "X-ProxyHost",
    "X-ProxyPort",
    "X-Envoy-Original-Path",
    "x-envoy-original-dst-host",
    "X-Accel-Mapping",
    "X-Sendfile-Type",
    "Base-Url",
    "REQUEST-URI",
];

const KEPT: [&str; 7] = [
    "X-Forwarded-For",
    "x-forwarded-proto",
    "X-Forwardedhost",
    "X-Real-IP",
    "Referer",
    "Destination",
    "X-Hostname",
];

fn policy(route: &Value) -> Value {
    let mut signed = json!({"path": "/a/{*rest}", "methods": ["POST"], "senders": ["app"]});
    signed.as_object_mut().unwrap().extend(route.as_object().unwrap().clone());
    json!({
        "senders": [{"id": "app", "scheme": "x-hmac", "secrets": ["SECRET"]}],
        "routes": [
            signed,
            {"path": "/open/{name}", "methods": ["POST"], "access": "public"},
            {"path": "/odd/{name}", "methods": ["POST"], "access": "public",
             "allow_ambiguous_escapes": true},
        ],
    })
}

#[test]
fn row_50_fields_that_name_another_target_stay_behind() {
    let gate = verifier(&policy(&json!({})));
    let names = OVERRIDES.iter().chain(&KEPT);
    let lines: Vec<Line> = names.map(|name| line(name, "/admin")).collect();
    let signed = [lines.clone(), x_hmac(BODY)].concat();
    assert_accepted(&decide(&gate, ("POST", "https://gate.test/a/b"), &signed, BODY), &OVERRIDES);
    let public = decide(&gate, ("POST", "https://gate.test/open/b"), &lines, BODY);
    assert_eq!(
        (public.code, public.remove),
        ("public".to_owned(), OVERRIDES.map(str::to_owned).to_vec())
    );
}

/// Segments that some readers take for others: by decoding twice, or by decoding what is no UTF-8.
const AMBIGUOUS: [&str; 15] = [
    "%252e",
    "%252E%252e",
    "a%252fb",
    "%25%32%65",
    "%25%32e",
    "%252%65",
    "%25252f",
    "%2541",
    "%c0%af",
    "%C0%AE%c0%ae",
    "%e0%80%af",
    "%ed%a0%80",
    "%ff",
    "caf%e9",
    "%f4%90%80%80",
];
const PLAIN: [&str; 10] = [
    "%61",
    "caf%C3%A9",
    "%f0%9f%98%80",
    "100%25",
    "100%25-x",
    "%25zz",
    "%25u12",
    "%25",
    "a%20b",
    "%ef%bf%bd",
];

#[test]
fn row_50_a_path_that_readers_take_for_another_has_no_route() {
    let closed = verifier(&policy(&json!({})));
    let open = verifier(&policy(&json!({"allow_ambiguous_escapes": true})));
    let code = |gate, place: &str, segment: &str| {
        let url = ["https://gate.test", place, segment].concat();
        decide(gate, ("POST", &url), &x_hmac(BODY), BODY).code
    };
    for segment in AMBIGUOUS {
        assert_eq!(code(&closed, "/a/", segment), "no_route", "{segment}");
        assert_eq!(code(&closed, "/a/b/", segment), "no_route", "{segment}");
        assert_eq!(code(&closed, "/a/", &[segment, "/b"].concat()), "no_route", "{segment}");
        assert_eq!(code(&closed, "/open/", segment), "no_route", "{segment}");
        assert_eq!(code(&open, "/a/", segment), "accepted", "{segment}");
        // Each route says so for itself.
        assert_eq!(code(&open, "/open/", segment), "no_route", "{segment}");
        assert_eq!(code(&closed, "/odd/", segment), "public", "{segment}");
    }
    for segment in PLAIN {
        assert_eq!(code(&closed, "/a/", segment), "accepted", "{segment}");
        assert_eq!(code(&closed, "/open/", segment), "public", "{segment}");
    }
    // What is a delimiter after one decoding is refused whatever the route says.
    for segment in ["%2f", "b%2F..", "%5c", "%2e%2e", "%00", "%252", "%2", "%"] {
        let wanted = if segment == "%252" { "accepted" } else { "no_route" };
        assert_eq!(code(&open, "/a/", segment), wanted, "{segment}");
        assert_eq!(
            code(&open, "/odd/", segment).replace("public", "accepted"),
            wanted,
            "{segment}"
        );
    }
}

#[test]
fn row_50_the_policy_says_so_where_a_path_has_such_escapes() {
    let with = |path: &str, more: Value| {
        let mut route = more;
        route["path"] = json!(path);
        Policy::parse(&policy(&route).to_string())
    };
    for segment in AMBIGUOUS {
        let path = ["/a/", segment, "/{name}"].concat();
        let errors = with(&path, json!({})).unwrap_err();
        let errors: Vec<_> = errors.iter().map(|error| (error.path(), error.problem())).collect();
        assert_eq!(errors, [("routes[0].path", &PolicyProblem::AmbiguousEscapes)], "{segment}");
        let parsed = with(&path, json!({"allow_ambiguous_escapes": true})).unwrap();
        let gate = parsed.into_verifier(|_| Some(countersign::Secret::new(SECRET.into()))).unwrap();
        let url = ["https://gate.test/a/", segment, "/b"].concat();
        assert_accepted(&decide(&gate, ("POST", &url), &x_hmac(BODY), BODY), &[]);
    }
    for segment in PLAIN {
        assert!(with(&["/a/", segment].concat(), json!({})).is_ok(), "{segment}");
    }
    let errors = with("/a", json!({"allow_ambiguous_escapes": "true"})).unwrap_err();
    assert_eq!(
        errors.to_string(),
        "routes[0].allow_ambiguous_escapes: must be true or false, not a string"
    );
}

//! What is found in settings, each by its line.
#![cfg(all(feature = "check", not(target_arch = "wasm32")))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use countersign::check::{Format, check};

const GOOD: &str = r#"workers_dev = false
preview_urls = false

[vars]
ORIGIN = "https://origin.example.com"

[[vars.POLICY.senders]]
id = "app"
scheme = "x-hmac"
secrets = ["APP_SECRET"]

[[vars.POLICY.routes]]
path = "/v1/infer"
methods = ["POST"]
senders = ["app"]
"#;

fn lines(text: &str) -> Vec<String> {
    check(text, Format::Toml).lines("w.toml")
}

#[test]
fn a_right_policy_has_a_table_and_nothing_else() {
    let report = check(GOOD, Format::Toml);
    assert_eq!(report.lines("w.toml"), [""; 0]);
    assert!(!report.has_errors());
    assert_eq!(
        report.environments[0].to_string(),
        "METHODS  PATH       SCHEME  SENDERS  WINDOW  ONCE  BODY\n\
         POST     /v1/infer  x-hmac  app      60 s    -     1048576 B\n"
    );
    let [route] = report.environments[0].routes.as_slice() else { panic!() };
    assert_eq!(
        route.gaps,
        ["can be sent again within the window", "good on every route of the sender"]
    );
}

#[test]
fn errors_have_the_line_of_their_field() {
    for (from, to, line) in [
        (
            "\"x-hmac\"",
            "\"x-hmca\"",
            "w.toml:9: error: vars.POLICY.senders[0].scheme: no preset has this name",
        ),
        ("secrets", "secretz", "w.toml:7: error: vars.POLICY.senders[0].secrets: is required"),
        (
            "\"/v1/infer\"",
            "\"v1\"",
            "w.toml:13: error: vars.POLICY.routes[0].path: must be /whole/segments, {name} for one and {*rest} for the rest, as a request spells them",
        ),
        (
            "[\"POST\"]",
            "[\"POST\",\n \"post\"]",
            "w.toml:15: error: vars.POLICY.routes[0].methods[1]: must be GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS",
        ),
        (
            "https://origin.example.com",
            "https://origin.example.com/",
            "w.toml:5: error: vars.ORIGIN: must be http:// or https://, a host, perhaps a port, and nothing behind it",
        ),
        (
            "id = \"app\"",
            "id = ",
            "w.toml:8: error: string values must be quoted, expected literal string",
        ),
        (
            "scheme = \"x-hmac\"",
            "scheme = \"x-hmac\"\nreplay = \"signature\"",
            "w.toml:7: error: durable_objects: is required for replay: bind the Durable Object ReplayStore as REPLAY",
        ),
    ] {
        let report = check(&GOOD.replacen(from, to, 1), Format::Toml);
        assert!(report.has_errors());
        let found = report.lines("w.toml");
        assert!(found.contains(&line.to_owned()), "{line}\n{found:#?}");
    }
}

#[test]
fn doubts_are_warnings() {
    for (from, to, line) in [
        (
            "workers_dev = false",
            "",
            "w.toml:1: warning: workers_dev: should be false: else the gate has a second address beside its route",
        ),
        (
            "https://origin",
            "http://origin",
            "w.toml:5: warning: vars.ORIGIN: is http: bodies and secrets in them cross the network unencrypted",
        ),
        (
            "[vars]",
            "[vars]\nAPP_SECRET = \"kP2vX9mQ4sT7wZ1cF6hJ3nR8bL5dG0yA\"",
            "w.toml:5: warning: vars.APP_SECRET: stands in the settings in plain text: use `npx wrangler secret put`, unless it is a public key",
        ),
        (
            "\"x-hmac\"",
            "\"github\"",
            "w.toml:12: warning: vars.POLICY.routes[0]: can be sent again for ever",
        ),
    ] {
        let found = lines(&GOOD.replacen(from, to, 1));
        assert_eq!(found, [line]);
    }
    let elsewhere = "workers_dev = false\npreview_urls = false\n";
    assert_eq!(
        lines(elsewhere),
        [
            "w.toml:1: warning: vars.POLICY: is not here: unless it is set elsewhere, the gate answers everything 503"
        ]
    );
}

#[test]
fn each_environment_has_variables_of_its_own() {
    let (_, vars) = GOOD.split_once("[vars]").unwrap();
    let staging =
        format!("[vars]{vars}").replace("[vars", "[env.staging.vars").replace("x-hmac", "x-hmca");
    assert_eq!(
        lines(&format!("{GOOD}\n{staging}")),
        ["w.toml:22: error: env.staging.vars.POLICY.senders[0].scheme: no preset has this name"]
    );
}

#[test]
fn json_with_comments_is_read_alike() {
    let text = r#"{
  // doors
  "workers_dev": false, "preview_urls": false,
  "vars": {
    "POLICY": {
      "senders": [{"id": "app", "scheme": "x-hmac", "secrets": ["APP_SECRET"]}],
      "routes": [
        {"path": "/a", "methods": ["POST"], "senders": ["app"], "max_body": -1},
      ],
    },
  },
}"#;
    assert_eq!(
        check(text, Format::of_name("wrangler.jsonc")).lines("w.jsonc"),
        [
            "w.jsonc:8: error: vars.POLICY.routes[0].max_body: must be a whole number from 0 to 33554432"
        ]
    );
    let good = text.replace("-1", "1");
    assert_eq!(check(&good, Format::Jsonc).lines("w"), [""; 0]);
    assert!(check("{", Format::Jsonc).has_errors());
}

#[test]
fn a_policy_that_is_a_text_is_read_too() {
    let text = r#"workers_dev = false
preview_urls = false
[vars]
POLICY = '{"senders": []}'
"#;
    assert_eq!(
        lines(text),
        [
            "w.toml:4: error: vars.POLICY.senders: must not be empty",
            "w.toml:4: error: vars.POLICY.routes: is required",
        ]
    );
}

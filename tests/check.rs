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
            "w.toml:5: error: vars.ORIGIN: must be http:// or https://, a host, perhaps a port, and nothing behind it; or \"route\"",
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
fn row_39_what_answers_before_the_gate_is_an_error() {
    const CACHE: &str = "cache: must not be enabled: whoever asks for a URL would get what another was sent, unverified";
    const ASSETS: &str = "assets: are served before the gate runs: set run_worker_first = true, or serve them elsewhere";
    let errors = |text: &str| check(text, Format::Toml).lines("w.toml");
    for (setting, wanted) in [
        ("[cache]\nenabled = true", Some(CACHE)),
        ("[cache]\nenabled = \"false\"", Some(CACHE)),
        ("[cache]", Some(CACHE)),
        ("[cache]\nenabled = false", None),
        ("[assets]\ndirectory = \"public\"", Some(ASSETS)),
        ("[assets]\ndirectory = \"public\"\nrun_worker_first = [\"/api/*\"]", Some(ASSETS)),
        ("[assets]\ndirectory = \"public\"\nrun_worker_first = true", None),
    ] {
        let text = format!("{GOOD}\n{setting}\n");
        let wanted = wanted.map(|what| format!("w.toml:17: error: {what}"));
        assert_eq!(errors(&text), Vec::from_iter(wanted.clone()), "{setting}");
        // An environment inherits it.
        let own = GOOD.replace("[vars]", "[env.x.vars]").replace("[[vars", "[[env.x.vars");
        let found = errors(&format!("{own}\n{setting}\n"));
        let inherited = wanted.map(|line| line.replace("error: ", "error: env.x."));
        assert_eq!(found.into_iter().find(|line| line.contains("error")), inherited, "{setting}");
    }
    let own = GOOD.replace("[vars]", "[env.x.cache]\nenabled = true\n\n[env.x.vars]");
    let found = errors(&own.replace("[[vars", "[[env.x.vars"));
    assert!(found.contains(&format!("w.toml:4: error: env.x.{CACHE}")), "{found:#?}");
}

#[test]
fn row_49_where_requests_go_is_said_by_the_deployment() {
    const ORIGIN: &str = "ORIGIN = \"https://origin.example.com\"";
    const MISSING: &str = "error: vars.ORIGIN: is required: where verified requests go, or \"route\" for the origin of the Cloudflare route that they came by";
    const HOSTS: &str = "error: vars.HOSTS: must be a list of hosts, such as [\"api.example.com\"]";
    for (vars, wanted) in [
        ("ORIGIN = \"route\"", None),
        ("HOSTS = [\"api.example.com\"]", None),
        ("ORIGIN = \"route\"\nHOSTS = [\"api.example.com\", \"b.example.com:8443\"]", None),
        ("", Some(("w.toml:4", MISSING))),
        ("HOSTS = []", Some(("w.toml:5", HOSTS))),
        ("HOSTS = \"api.example.com\"", Some(("w.toml:5", HOSTS))),
        ("HOSTS = [\"https://api.example.com\"]", Some(("w.toml:5", HOSTS))),
    ] {
        let wanted = wanted.map(|(place, what)| format!("{place}: {what}"));
        assert_eq!(lines(&GOOD.replace(ORIGIN, vars)), Vec::from_iter(wanted), "{vars}");
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
    "ORIGIN": "https://origin.example.com", "POLICY": {
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

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
accept_open = ["method", "target"]
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
        "METHODS  PATH       SCHEME  SENDERS  WINDOW  ONCE  BODY       OPEN\n\
         POST     /v1/infer  x-hmac  app      60 s    -     1048576 B  method, target, replay\n"
    );
    let [route] = report.environments[0].routes.as_slice() else { panic!() };
    let gaps: Vec<_> = route.gaps.iter().map(|gap| (gap.code, gap.accepted)).collect();
    assert_eq!(gaps, [("open-method", true), ("open-target", true), ("open-replay", false)]);
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

/// The names of the warnings, and where they stand, for a policy with these senders and this route.
fn warned(senders: &str, route: &str) -> Vec<(String, String)> {
    let settings = GOOD.split("[[vars.POLICY.senders]]").next().unwrap();
    let text = format!("{settings}{senders}\n[[vars.POLICY.routes]]\npath = \"/in\"\n{route}\n");
    let report = check(&text, Format::Toml);
    assert!(!report.has_errors(), "{:#?}", report.lines("w.toml"));
    let named = report.findings().filter_map(|one| Some((one.code?.to_owned(), one.text.clone())));
    named.collect()
}

fn names(senders: &str, route: &str) -> Vec<String> {
    warned(senders, route).into_iter().map(|(name, _)| name).collect()
}

#[test]
fn row_46_what_is_left_open_is_that_of_the_sender_and_not_of_the_scheme() {
    let sender = |more: &str| {
        format!(
            "[[vars.POLICY.senders]]\nid = \"app\"\nsecrets = [\"APP_SECRET\"]\nreplay = \"off\"\n{more}\n"
        )
    };
    let route = |more: &str| format!("methods = [\"POST\"]\nsenders = [\"app\"]\n{more}");
    let rfc9421 = |components: &str| {
        sender(&format!(
            "scheme = \"rfc9421-hmac-sha256\"\nmessage_signature = {{ components = [{components}] }}"
        ))
    };
    let whole = r#""@method", "@authority", "@path", "@query", "content-digest""#;
    for (sender, open) in [
        (sender("scheme = \"rfc9421-hmac-sha256\""), &[][..]),
        (rfc9421(whole), &[]),
        (rfc9421(r#""@method", "@target-uri", "content-digest""#), &[]),
        (rfc9421(r#""@method", "@request-target", "content-digest""#), &[]),
        (rfc9421(&whole.replace("\"@method\", ", "")), &["open-method"]),
        (rfc9421(&whole.replace("\"@query\", ", "")), &["open-target"]),
        (rfc9421(&whole.replace("\"@path\", ", "")), &["open-target"]),
        (rfc9421(&whole.replace(", \"content-digest\"", "")), &["open-body"]),
        (rfc9421(r#""@authority""#), &["open-body", "open-method", "open-target"]),
        (sender("scheme = \"x-hmac\""), &["open-method", "open-target"]),
        (sender("scheme = \"gitlab\""), &["open-body", "open-method", "open-target"]),
        (sender("scheme = \"square\"\nurl = \"https://a.test/in\""), &["open-method"]),
        (sender("scheme = \"hubspot-v3\"\nurl = \"https://a.test\""), &[]),
        (
            sender(
                "scheme = \"hubspot-v3\"\nurl = \"https://a.test/other\"\nbehind_rewrite = true",
            ),
            &["open-target"],
        ),
    ] {
        assert_eq!(names(&sender, &route("")), open, "{sender}");
        let words: Vec<String> =
            open.iter().map(|name| format!("\"{}\"", name.trim_start_matches("open-"))).collect();
        if !words.is_empty() {
            let said = format!("accept_open = [{}]", words.join(", "));
            assert_eq!(names(&sender, &route(&said)), [""; 0], "{sender}");
        }
    }
    let bound =
        names(&sender("scheme = \"rfc9421-hmac-sha256\""), &route("accept_open = [\"body\"]"));
    assert_eq!(bound, ["not-open"]);
}

#[test]
fn row_46_the_senders_that_leave_it_open_are_named_where_others_do_not() {
    let senders = r#"
[[vars.POLICY.senders]]
id = "strict"
scheme = "rfc9421-hmac-sha256"
secrets = ["A"]
[[vars.POLICY.senders]]
id = "loose"
scheme = "rfc9421-hmac-sha256"
secrets = ["B"]
replay = "nonce"
message_signature = { components = ["@method", "@authority", "content-digest"] }
"#;
    let route = "methods = [\"POST\"]\nsenders = [\"strict\", \"loose\"]";
    let text = GOOD.split("[[vars.POLICY.senders]]").next().unwrap().to_owned()
        + "[[durable_objects.bindings]]\nname = \"REPLAY\"\nclass_name = \"ReplayStore\"\n"
        + senders
        + &format!("\n[[vars.POLICY.routes]]\npath = \"/in\"\n{route}\n");
    let report = check(&text, Format::Toml);
    let [route] = report.environments[0].routes.as_slice() else {
        panic!("{:?}", report.lines("w"))
    };
    let gaps: Vec<_> = route.gaps.iter().map(|gap| (gap.code, gap.senders.join(" "))).collect();
    assert_eq!(gaps, [("open-replay", "strict".to_owned()), ("open-target", "loose".to_owned())]);
    assert_eq!(
        report.lines("w.toml"),
        [
            "w.toml:22: warning[open-target]: vars.POLICY.routes[0]: path and query are not signed: good on every route of the sender (of loose); accept_open = [\"target\"] says that this is meant"
        ]
    );
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
        let wanted = wanted.map(|what| format!("w.toml:18: error: {what}"));
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
        ["w.toml:23: error: env.staging.vars.POLICY.senders[0].scheme: no preset has this name"]
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
        {"path": "/a", "methods": ["POST"], "senders": ["app"], "accept_open": ["method", "target"], "max_body": -1},
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

#[test]
fn errors_have_codes() {
    for (from, to, code) in [
        ("\"x-hmac\"", "\"x-hmca\"", "unknown-scheme"),
        ("id = \"app\"", "id = ", "unreadable-settings"),
        ("ORIGIN", "ORIGINS", "missing-origin"),
        ("https://origin.example.com", "https://origin.example.com/", "invalid-origin"),
        ("[vars]", "[vars]\nHOSTS = []", "invalid-hosts"),
        ("[vars]", "[cache]\n[vars]", "cache-in-front"),
        ("[vars]", "[assets]\n[vars]", "assets-in-front"),
        ("id = \"app\"", "id = \"app\"\nreplay = \"signature\"", "missing-replay-store"),
    ] {
        let report = check(&GOOD.replacen(from, to, 1), Format::Toml);
        let codes: Vec<_> = report.findings().map(|finding| finding.code).collect();
        assert_eq!(codes, [Some(code)], "{to}");
    }
}

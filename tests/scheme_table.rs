//! `docs/schemes.md` lists the presets; it is made from them, so it cannot say anything else.
//!
//! `UPDATE=1 cargo test --test scheme_table` writes it.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used)]
#![allow(clippy::disallowed_methods, reason = "a test may look at its files and environment")]

use countersign::scheme::{PRESETS, Preset};

const ABOUT: &str = "\
# Schemes

The presets a sender may name in `scheme`. Each row says what a valid signature proves and what
it does not. Where the time is not signed, a copied request is good for ever; where it is, until
the window closes. None of them but Contentful's binds header fields. Where the URL is not signed, nor is
the query: anybody on the way may add `?_method=DELETE`, which some frameworks act on; turn that off at the
origin. Of the fields that do the same, none gets there (README, What the origin gets).

Where the URL is signed, the sender's `url` says how it is called: the whole URL, where it is always
the same, and a request to another path or query is refused like a wrong signature (`behind_rewrite` on the
sender turns that off, for a gate that sees another URL than the provider calls); or `https://` and a host, and the gate puts the received path and query behind it. The
latter is taken only where nobody can pass a part of the URL off as body: with bodies that start and
end with a character no URL has, as JSON does, and for Twilio's forms with paths of which none has
braces or starts with another, and without a query.

Not among them: Plaid, whose key is fetched for each key id with an API credential, so that an
unverified request would make the gate call out with a secret of yours. GitLab's new signing tokens:
how their text becomes the key is not documented yet; `standard-webhooks` is what they resemble.
Asana's events are verified, but its handshake is not answered: it hands over the secret itself.

The column secret says how a secret is written and the fewest bytes that its key may have, once it is
decoded. They are fewer than any that the provider makes, and not what to aim at where you choose it.

The table is made from the presets by `tests/scheme_table.rs`.

| `scheme` | provider | algorithm | secret | time | id | URL | method | handshake | not protected |
|---|---|---|---|---|---|---|---|---|---|
";

fn row(preset: &Preset) -> String {
    let scheme = preset.scheme;
    let time =
        if scheme.signs_time() { format!("{} s", scheme.tolerance()) } else { "no".to_owned() };
    let secret = match scheme.min_key_bytes() {
        Some(bytes) => format!("{}, {bytes} bytes", scheme.secret_form()),
        None => scheme.secret_form().to_owned(),
    };
    let yes = |signed| if signed { "signed" } else { "no" };
    let mut gaps = Vec::new();
    if !scheme.signs_body() {
        gaps.push("**the body**");
    }
    if !scheme.signs_time() {
        gaps.push("against replay, ever");
    } else {
        gaps.push("against replay within the window");
    }
    gaps.extend(scheme.caveat());
    format!(
        "| `{}` | [{}]({}) | {} | {secret} | {time} | {} | {} | {} | {} | {} |\n",
        scheme.name(),
        preset.provider,
        preset.documentation,
        scheme.algorithm(),
        yes(scheme.signs_id()),
        match (scheme.signs_url(), scheme.signs_target()) {
            (true, _) => "signed",
            (false, true) => "path and query",
            (false, false) => "no",
        },
        yes(scheme.signs_method()),
        if scheme.has_handshake() { "yes" } else { "" },
        gaps.join(", "),
    )
}

#[test]
fn the_table_is_made_from_the_presets() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/schemes.md");
    let table: String = PRESETS.iter().map(row).collect();
    let text = format!("{ABOUT}{table}");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &text).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), text, "run it with UPDATE=1");
}

/// README says no other number than the code.
#[test]
fn row_47_the_least_lengths_stand_in_one_table() {
    let readme = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = std::fs::read_to_string(readme).unwrap();
    let of = |name: &str| countersign::scheme::Scheme::preset(name).unwrap().min_key_bytes();
    let own = of("x-hmac").unwrap();
    for name in ["x-hmac-nonce", "rfc9421-hmac-sha256", "rfc9421-hmac-sha256-base64", "gitlab"] {
        assert_eq!(of(name), Some(own), "{name}");
    }
    let said = format!("at least {own} bytes");
    assert_eq!(readme.matches("at least ").count(), readme.matches(&said).count());
    assert_eq!(readme.matches(&said).count(), 2, "of a sender's secret and of the seal's");
    assert!(readme.contains(&format!("({own} random bytes or more:")));
    assert_eq!([of("dropbox"), of("github"), of("contentful")], [15, 16, 64].map(Some));
    assert_eq!([of("discord"), of("rfc9421-ed25519"), of("sendgrid")], [None; 3]);
}

#[test]
fn the_presets_are_in_the_order_of_their_names() {
    let names: Vec<&str> = PRESETS.iter().map(|preset| preset.scheme.name()).collect();
    assert!(names.is_sorted(), "{names:?}");
}

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
the window closes. None of these schemes binds header fields.

Where the URL is signed, the sender's `url` says which one it calls.
HubSpot decodes some percent-escapes of it before it signs (`hubspot-v3`): where yours has any, set
`url` to the decoded form.

The table is made from the presets by `tests/scheme_table.rs`.

| `scheme` | provider | algorithm | time | id | URL | method | not protected |
|---|---|---|---|---|---|---|---|
";

fn row(preset: &Preset) -> String {
    let scheme = preset.scheme;
    let time =
        if scheme.signs_time() { format!("{} s", scheme.tolerance()) } else { "no".to_owned() };
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
    if scheme.algorithm() == "SHA-256 with the secret" {
        gaps.push("against appended bytes (length extension)");
    }
    format!(
        "| `{}` | [{}]({}) | {} | {time} | {} | {} | {} | {} |\n",
        scheme.name(),
        preset.provider,
        preset.documentation,
        scheme.algorithm(),
        yes(scheme.signs_id()),
        yes(scheme.signs_url()),
        yes(scheme.signs_method()),
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

#[test]
fn the_presets_are_in_the_order_of_their_names() {
    let names: Vec<&str> = PRESETS.iter().map(|preset| preset.scheme.name()).collect();
    assert!(names.is_sorted(), "{names:?}");
}

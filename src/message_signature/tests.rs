//! The vectors of RFC 9421 and RFC 9530, read in place where the folder is there.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::disallowed_methods, reason = "the vectors are read in place")]
#![allow(clippy::arithmetic_side_effects)]

use std::collections::BTreeMap;

use serde_json::Value;

use super::*;
use crate::message::{Content, Field};
use crate::scheme::{Scheme, SignedMessages, SignedRequest};
use crate::secret::Secret;

fn file(name: &str) -> Option<Value> {
    let path = format!("{}/../shared/vectors/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let Ok(json) = std::fs::read_to_string(path) else {
        eprintln!("SKIPPED {name}: there is no folder ../shared/vectors");
        return None;
    };
    Some(serde_json::from_str(&json).unwrap())
}

fn vectors(name: &str) -> Vec<Value> {
    file(name).map(|file| file["vectors"].as_array().unwrap().clone()).unwrap_or_default()
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_else(|| panic!("{key} of {}", value["id"]))
}

/// Runs with the head of a vector.
fn with_head<T>(vector: &Value, run: impl FnOnce(&Head<'_>) -> T) -> T {
    let pairs = vector["headers"].as_array().unwrap().iter();
    let fields = pairs.map(|pair| {
        Field::new(pair[0].as_str().unwrap(), pair[1].as_str().unwrap().trim().as_bytes())
    });
    let fields: Vec<Field> = fields.collect();
    // The runtime makes the URL of the Host field.
    let url = text(vector, "url");
    let (scheme, rest) = url.split_once("://").unwrap();
    let target = rest.get(rest.find('/').unwrap()..).unwrap();
    let host = fields.iter().find(|field| field.name() == "Host");
    let url = match host {
        Some(host) => format!("{scheme}://{}{target}", str::from_utf8(host.value()).unwrap()),
        None => url.to_owned(),
    };
    run(&Head::new(text(vector, "method"), &url, fields).unwrap())
}

/// What a label covers.
fn covered(head: &Head<'_>, label: &str) -> Option<InnerList> {
    let entries = dictionary(&head.combined(SIGNATURE_INPUT)?)?;
    match entries.into_iter().find(|entry| entry.name == label)?.member {
        Member::InnerList(covered) => Some(covered),
        Member::Item(_) => None,
    }
}

#[test]
fn the_bases_of_rfc_9421() {
    let mut checked = 0;
    for vector in vectors("rfc9421").iter().filter(|vector| vector["kind"] == "request") {
        let Some(expected) = vector["signature_base"].as_str() else { continue };
        let base = with_head(vector, |head| {
            signature_base(&covered(head, text(vector, "label"))?, head, None)
        });
        let base = base.map(|base| String::from_utf8(base).unwrap());
        assert_eq!(base.as_deref(), Some(expected), "{}", vector["id"]);
        checked += 1;
    }
    eprintln!("rfc9421: {checked} signature bases agree");
}

/// The RFC writes one of its two RSA keys without the `SubjectPublicKeyInfo` around it.
fn as_spki(key: &str) -> String {
    let Some(lines) = key.strip_prefix("-----BEGIN RSA PUBLIC KEY-----") else {
        return key.to_owned();
    };
    let bare: String = lines.lines().filter(|line| !line.starts_with("-----")).collect();
    let bare = crate::encoding::base64_bytes(bare.as_bytes()).unwrap();
    // RFC 3279 section 2.3.1, for the length of a key of 2048 bits with the exponent 65537.
    assert_eq!(bare.len(), 270);
    let head = hex::decode("30820122300d06092a864886f70d01010105000382010f00").unwrap();
    crate::encoding::to_base64(&[head, bare].concat())
}

#[test]
fn the_signatures_of_rfc_9421() {
    let mut checked = BTreeMap::new();
    for vector in [vectors("rfc9421"), vectors("rfc9421.derived")].concat() {
        let algorithm = text(&vector, "alg");
        if vector["kind"] != "request" {
            continue;
        }
        let name = match algorithm {
            "hmac-sha256" => "rfc9421-hmac-sha256-base64".to_owned(),
            other => format!("rfc9421-{other}"),
        };
        let scheme = Scheme::preset(&name).unwrap();
        let key = &vector["key"];
        let secret = key["shared_secret_base64"].as_str().or(key["public_key_pem"].as_str());
        let key = scheme.key_of(&Secret::new(as_spki(secret.unwrap()).into())).unwrap();
        let now = UnixSeconds::new(vector["now"].as_u64().unwrap());
        let requirement = Requirement { components: Vec::new(), tag: None, keyid: None };
        let accepted = with_head(&vector, |head| {
            let Ok(presented) = scheme.present(head, None, now, &mut |_| Ok(())) else {
                return false;
            };
            let messages = SignedMessages::new(scheme, &presented, SignedRequest::new(head, &[]));
            messages.of(None).chosen(&key, Some(&requirement)).is_some()
        });
        assert_eq!(accepted, text(&vector, "expect") == "accept", "{}", vector["id"]);
        *checked.entry(algorithm.to_owned()).or_insert(0) += 1;
    }
    eprintln!("rfc9421: signatures that agree: {checked:?}");
}

/// HMAC and Ed25519 have one signature for a message.
#[test]
fn the_signatures_of_rfc_9421_are_made_again() {
    let keys = file("rfc9421").map(|file| file["keys"].clone()).unwrap_or_default();
    let mut made = 0;
    for vector in vectors("rfc9421").iter().filter(|vector| vector["kind"] == "request") {
        let (scheme, key) = match text(vector, "id") {
            "sig-b25" => ("rfc9421-hmac-sha256-base64", &keys["test-shared-secret_base64"]),
            "sig-b26" => ("rfc9421-ed25519", &keys["private"]["test-key-ed25519"]),
            _ => continue,
        };
        let secret = Secret::new(key.as_str().unwrap().into());
        let key = Scheme::preset(scheme).unwrap().signing_key_of(&secret).unwrap();
        let label = text(vector, "label");
        with_head(vector, |head| {
            let covered = covered(head, label).unwrap();
            for (name, value) in sign(&key, label, &covered, head, None).unwrap() {
                assert_eq!(head.combined(name).as_deref(), Some(value.as_bytes()), "{label}");
            }
        });
        made += 1;
    }
    eprintln!("rfc9421: {made} signatures made again");
}

#[test]
fn the_digests_of_rfc_9530() {
    for vector in vectors("rfc9530") {
        let body = text(&vector, "body").as_bytes();
        let field = with_head(&vector, |head| head.combined(CONTENT_DIGEST).unwrap().into_owned());
        let accepted = text(&vector, "expect") == "accept";
        assert_eq!(
            content_digest::matches(&field, Content::Read(body)),
            accepted,
            "{}",
            vector["id"]
        );
    }
}

//! The vectors of RFC 9421 and RFC 9530, read in place where the folder is there.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::disallowed_methods, reason = "the vectors are read in place")]
#![allow(clippy::arithmetic_side_effects)]

use std::collections::BTreeMap;

use serde_json::Value;

use super::*;
use crate::message::Field;
use crate::scheme::Scheme;
use crate::secret::Secret;

fn vectors(file: &str) -> Vec<Value> {
    let path = format!("{}/../shared/vectors/{file}.json", env!("CARGO_MANIFEST_DIR"));
    let Ok(json) = std::fs::read_to_string(path) else {
        eprintln!("SKIPPED {file}: there is no folder ../shared/vectors");
        return Vec::new();
    };
    let json: Value = serde_json::from_str(&json).unwrap();
    json["vectors"].as_array().unwrap().clone()
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
            signature_base(&covered(head, text(vector, "label"))?, head, Target { origin: None })
        });
        let base = base.map(|base| String::from_utf8(base).unwrap());
        assert_eq!(base.as_deref(), Some(expected), "{}", vector["id"]);
        checked += 1;
    }
    eprintln!("rfc9421: {checked} signature bases agree");
}

#[test]
fn the_signatures_of_rfc_9421() {
    let mut checked = BTreeMap::new();
    for vector in [vectors("rfc9421"), vectors("rfc9421.derived")].concat() {
        let algorithm = text(&vector, "alg");
        if vector["kind"] != "request" || algorithm.starts_with("rsa") {
            continue;
        }
        let name = match algorithm {
            "hmac-sha256" => "rfc9421-hmac-sha256-base64".to_owned(),
            other => format!("rfc9421-{other}"),
        };
        let scheme = Scheme::preset(&name).unwrap();
        let key = &vector["key"];
        let secret = key["shared_secret_base64"].as_str().or(key["public_key_pem"].as_str());
        let key = Secret::new(secret.unwrap().into()).key(scheme).unwrap();
        let now = UnixSeconds::new(vector["now"].as_u64().unwrap());
        let requirement = Requirement { components: Vec::new(), tag: None, keyid: None };
        let accepted = with_head(&vector, |head| {
            let read = read(head, scheme.algorithm, now, &mut |_| Ok(()));
            let target = Target { origin: None };
            let made = |signature: &Signature| {
                bool::from(signature.is_made_by(&key, &requirement, head, target))
            };
            read.is_ok_and(|signatures| signatures.iter().any(made))
        });
        assert_eq!(accepted, text(&vector, "expect") == "accept", "{}", vector["id"]);
        *checked.entry(algorithm.to_owned()).or_insert(0) += 1;
    }
    eprintln!("rfc9421: signatures that agree: {checked:?}");
}

#[test]
fn the_digests_of_rfc_9530() {
    for vector in vectors("rfc9530") {
        let body = text(&vector, "body").as_bytes();
        let field = with_head(&vector, |head| head.combined(CONTENT_DIGEST).unwrap().into_owned());
        let accepted = text(&vector, "expect") == "accept";
        assert_eq!(
            content_digest::matches(&field, |algorithm| Some(algorithm.digest(body))),
            accepted,
            "{}",
            vector["id"]
        );
    }
}

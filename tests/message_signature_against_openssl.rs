//! RSA signatures of messages (RFC 9421), made by the program `openssl` where it is there.
#![cfg(all(not(target_arch = "wasm32"), feature = "public-keys"))]
#![allow(clippy::unwrap_used)]
#![allow(clippy::disallowed_methods, reason = "a test may look at its files and environment")]

use std::io::{Write, stderr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use base64ct::{Base64, Encoding};
use countersign::{Field, Head, Policy, Secret, UnixSeconds, Verifier};
use serde_json::json;

const NOW: u64 = 1_760_000_000;
const PSS: &str = "rfc9421-rsa-pss-sha512";
const PKCS1: &str = "rfc9421-rsa-v1_5-sha256";

/// What it prints; nothing where the program is not there.
fn openssl(arguments: &[&str]) -> Option<Vec<u8>> {
    let output = Command::new("openssl").args(arguments).output().ok()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(output.stdout)
}

fn verifier(preset: &str, public: &str) -> Verifier {
    let sender = json!({"id": "app", "scheme": preset, "secrets": ["SECRET"]});
    let route = json!({"path": "/v1/{name}", "methods": ["GET"], "senders": ["app"]});
    Policy::parse(&json!({"senders": [sender], "routes": [route]}).to_string())
        .unwrap()
        .into_verifier(|_| Some(Secret::new(public.into())))
        .unwrap()
}

/// The code for a request with this query, signed for `?a=1` with these options.
fn decide(verifier: &Verifier, key: &Path, options: &[&str], query: &str) -> String {
    let covered = "(\"@method\" \"@authority\" \"@path\" \"@query\")";
    let input = format!("{covered};created={NOW};keyid=\"key-1\"");
    let base = format!(
        "\"@method\": GET\n\"@authority\": gate.test\n\"@path\": /v1/infer\n\"@query\": ?a=1\n\
         \"@signature-params\": {input}"
    );
    let file = key.with_extension("base");
    fs::write(&file, base).unwrap();
    let [key, file] = [key, &file].map(|path| path.to_str().unwrap());
    let signature = openssl(&[&["dgst", "-sign", key], options, &[file]].concat()).unwrap();
    let (input, signature) =
        (format!("sig1={input}"), format!("sig1=:{}:", Base64::encode_string(&signature)));
    let fields = vec![
        Field::new("signature-input", input.as_bytes()),
        Field::new("signature", signature.as_bytes()),
    ];
    let url = format!("https://gate.test/v1/infer{query}");
    let head = Head::new("GET", &url, fields).unwrap();
    let decided = verifier.begin(&head, UnixSeconds::new(NOW));
    match decided.and_then(|admission| admission.finish(b"", UnixSeconds::new(NOW))) {
        Ok(outcome) => outcome.log_line("r-1").code.to_owned(),
        Err(refusal) => refusal.rejection().code().to_owned(),
    }
}

/// A new key of this kind and size, and its public half.
fn new_key(kind: &str, bits: u32) -> (PathBuf, String) {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{kind}-{bits}.pem"));
    let (file, size) = (path.to_str().unwrap(), format!("rsa_keygen_bits:{bits}"));
    openssl(&["genpkey", "-algorithm", kind, "-pkeyopt", &size, "-out", file]).unwrap();
    let public = openssl(&["pkey", "-in", file, "-pubout"]).unwrap();
    (path, String::from_utf8(public).unwrap())
}

#[test]
fn what_openssl_signs_is_verified() {
    if openssl(&["version"]).is_none() {
        assert!(env::var_os("CI").is_none(), "CI must have openssl");
        stderr().write_all(b"SKIPPED what_openssl_signs_is_verified: no openssl here\n").unwrap();
        return;
    }
    let pss = ["-sha512", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:64"];
    let other_salt =
        ["-sha512", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"];
    let other_mask = [&pss[..], &["-sigopt", "rsa_mgf1_md:sha256"]].concat();
    for (kind, bits, preset, good, bad) in [
        ("RSA", 2048, PSS, &pss[..], [&other_salt[..], &other_mask]),
        ("RSA-PSS", 2049, PSS, &pss, [&other_salt, &other_mask]),
        ("RSA", 3072, PKCS1, &["-sha256"], [&["-sha512"], &pss]),
    ] {
        let (key, public) = new_key(kind, bits);
        let verifier = verifier(preset, &public);
        let what = format!("{kind} {bits}");
        assert_eq!(decide(&verifier, &key, good, "?a=1"), "accepted", "{what}");
        assert_eq!(decide(&verifier, &key, good, "?a=2"), "invalid_signature", "{what}");
        for options in bad {
            let code = decide(&verifier, &key, options, "?a=1");
            assert_eq!(code, "invalid_signature", "{what} {options:?}");
        }
        fs::remove_file(key.with_extension("base")).unwrap();
        fs::remove_file(key).unwrap();
    }
}

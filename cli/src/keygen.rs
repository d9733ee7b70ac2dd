//! `keygen`: a secret in the form of a scheme, or a key pair.

use std::fs::OpenOptions;
use std::io::{IsTerminal, Write, stdout};
use std::path::{Path, PathBuf};

use clap::Args;
use countersign::scheme::{RANDOM_BYTES, Scheme};
use ed25519_dalek::SigningKey;
use p256::ecdsa;

use crate::failure::{Done, Failure};
use crate::inputs::fill;

#[derive(Args)]
#[command(after_help = "Examples:
  countersign keygen x-hmac | npx wrangler secret put DJANGO_APP_SECRET
  countersign keygen standard-webhooks --out secret.txt
  countersign keygen rfc9421-ed25519 --out private.pem

A secret goes into a pipe or a file (mode 0600), never to a terminal. Where the scheme's key is a
public one, the private key goes into the file as PEM (PKCS #8), and the public key is printed as the
policy's secret takes it.")]
pub(crate) struct Keygen {
    /// A preset's name (docs/schemes.md)
    #[arg(default_value = "x-hmac")]
    scheme: String,
    /// Where to put it; the file must not exist yet
    #[arg(long, short = 'o', value_name = "FILE")]
    out: Option<PathBuf>,
}

/// A private key with 32 bytes, and its public key.
struct Pair {
    /// PKCS #8 (RFC 5958), DER.
    private: Vec<u8>,
    public: Vec<u8>,
    /// `SubjectPublicKeyInfo`, DER.
    public_info: Vec<u8>,
}

impl Keygen {
    pub(crate) fn run(self) -> Done {
        let scheme = Scheme::preset(&self.scheme)
            .ok_or_else(|| Failure::usage(format!("no preset is named {}", self.scheme)))?;
        let mut random = [0; RANDOM_BYTES];
        fill(&mut random)?;
        if let Some(secret) = scheme.secret_of(&random) {
            match &self.out {
                Some(file) => write_private(file, &secret)?,
                None if stdout().is_terminal() => {
                    return Err(Failure::usage(
                        "a secret is not printed to a terminal: use a pipe, or --out FILE",
                    ));
                }
                None => print!("{secret}"),
            }
            return Ok(true);
        }
        let out =
            self.out.ok_or_else(|| Failure::usage("--out FILE is needed for the private key"))?;
        let pair = if scheme.verifies_with_public("Ed25519") {
            ed25519()?
        } else if scheme.verifies_with_public("ECDSA P-256") {
            p256()?
        } else {
            let name = scheme.algorithm();
            return Err(Failure::usage(format!("a key for {name} is made with openssl genpkey")));
        };
        write_private(&out, &pem(&pair.private))?;
        let public = scheme.public_key_text(&pair.public, &pair.public_info);
        println!("{}", public.unwrap_or_default());
        Ok(true)
    }
}

fn ed25519() -> Result<Pair, Failure> {
    let mut seed = [0; 32];
    fill(&mut seed)?;
    let public = SigningKey::from_bytes(&seed).verifying_key().to_bytes().to_vec();
    // RFC 8410 section 7, and section 4.
    let private = [&hex_bytes("302e020100300506032b657004220420")[..], &seed].concat();
    let public_info = [&hex_bytes("302a300506032b6570032100")[..], &public].concat();
    Ok(Pair { private, public, public_info })
}

fn p256() -> Result<Pair, Failure> {
    // Not every 32 bytes are a key; all but one in four billion are.
    loop {
        let mut scalar = [0; 32];
        fill(&mut scalar)?;
        let Ok(key) = ecdsa::SigningKey::from_slice(&scalar) else { continue };
        let public = key.verifying_key().to_sec1_point(false).as_bytes().to_vec();
        // RFC 5915 within RFC 5958, and RFC 5480 section 2, for named curve prime256v1.
        let before = "308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420";
        let private = [&hex_bytes(before)[..], &scalar, &hex_bytes("a144034200"), &public].concat();
        let info = "3059301306072a8648ce3d020106082a8648ce3d030107034200";
        let public_info = [&hex_bytes(info)[..], &public].concat();
        return Ok(Pair { private, public, public_info });
    }
}

fn hex_bytes(digits: &str) -> Vec<u8> {
    hex::decode(digits).unwrap_or_default()
}

/// RFC 7468 section 10.
fn pem(der: &[u8]) -> String {
    use base64ct::Encoding;
    let text = base64ct::Base64::encode_string(der);
    let lines: Vec<String> =
        text.as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line).into_owned()).collect();
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n"))
}

/// Writes a file that is new and that only its owner can read.
fn write_private(file: &Path, text: &str) -> Result<(), Failure> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(file).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| Failure::usage(format!("{}: {error}", file.display())))
}

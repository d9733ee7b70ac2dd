//! What several subcommands take: a secret, a policy, and a request to be signed.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;
use countersign::check::{Format, policy_json};
use countersign::scheme::Scheme;
use countersign::{Policy, Secret, Signer, UnixSeconds, Unsigned, python_json};

use crate::failure::Failure;

/// Where a secret is.
#[derive(Args, Clone)]
pub(crate) struct SecretArgs {
    /// The environment variable that holds the secret
    #[arg(long, value_name = "NAME", conflicts_with = "secret_file")]
    secret_env: Option<String>,
    /// The file that holds the secret; one line end behind it does not count
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
}

impl SecretArgs {
    /// The secret, where one is named.
    pub(crate) fn read(&self) -> Result<Option<Secret>, Failure> {
        if let Some(name) = &self.secret_env {
            return environment(name)
                .map(Some)
                .ok_or_else(|| Failure::usage(format!("the environment has no {name}")));
        }
        let Some(file) = &self.secret_file else { return Ok(None) };
        let bytes = read_file(file)?;
        let bytes = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
        Ok(Some(Secret::new(bytes.strip_suffix(b"\r").unwrap_or(bytes).to_vec())))
    }
}

/// A secret of the environment.
pub(crate) fn environment(name: &str) -> Option<Secret> {
    std::env::var_os(name).map(|value| Secret::new(value.into_encoded_bytes()))
}

/// The policy of a settings file, or of a file that is a policy.
pub(crate) fn policy(file: &Path) -> Result<Policy, Failure> {
    let name = file.display().to_string();
    let text = String::from_utf8(read_file(file)?)
        .map_err(|_| Failure::usage(format!("{name}: is not UTF-8")))?;
    let json = policy_json(&text, Format::of_name(&name))
        .map_err(|error| Failure::usage(format!("{name}: {error}")))?;
    Policy::parse(&json).map_err(|errors| Failure::usage(format!("{name}: {errors}")))
}

/// A request to be signed.
#[derive(Args, Clone)]
pub(crate) struct Signing {
    /// The absolute URL to call
    pub(crate) url: String,
    /// The scheme: a preset's name (docs/schemes.md)
    #[arg(long, required_unless_present = "policy", conflicts_with = "policy")]
    scheme: Option<String>,
    /// Take scheme and secret of a sender from this policy: wrangler.toml, wrangler.jsonc, or JSON
    #[arg(long, value_name = "FILE", requires = "sender")]
    policy: Option<PathBuf>,
    /// The sender's id in the policy
    #[arg(long, requires = "policy")]
    sender: Option<String>,
    #[command(flatten)]
    secret: SecretArgs,
    /// The method; POST where there is a body, else GET
    #[arg(long, short = 'X')]
    method: Option<String>,
    /// The body: a file, or - for standard input
    #[arg(long, short = 'd', value_name = "FILE", conflicts_with = "json")]
    body: Option<PathBuf>,
    /// The body: a JSON text, written as Python's json.dumps(sort_keys=True, separators=(",", ":"))
    #[arg(long, value_name = "JSON")]
    json: Option<String>,
    /// The id or nonce, where the scheme signs one; random where it is left out
    #[arg(long)]
    id: Option<String>,
    /// The name of the key, for message signatures (RFC 9421)
    #[arg(long, default_value = "default")]
    keyid: String,
    /// Sign for this moment: Unix seconds, or as RFC 3339 writes it
    #[arg(long, value_name = "MOMENT", value_parser = moment)]
    time: Option<UnixSeconds>,
}

/// A request that was signed.
#[derive(Clone)]
pub(crate) struct SignedRequest {
    pub(crate) method: String,
    pub(crate) url: String,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Signing {
    /// The body's bytes.
    pub(crate) fn body(&self) -> Result<Vec<u8>, Failure> {
        match (&self.body, &self.json) {
            (Some(file), _) => read_file(file),
            (None, Some(text)) => {
                let value = serde_json::from_str(text)
                    .map_err(|error| Failure::usage(format!("--json: {error}")))?;
                python_json::to_vec(&value)
                    .map_err(|error| Failure::usage(format!("--json: {error}")))
            }
            (None, None) => Ok(Vec::new()),
        }
    }

    /// Whether the body was given as JSON.
    pub(crate) fn is_json(&self) -> bool {
        self.json.is_some()
    }

    /// What signs, and the method of a request with this body.
    pub(crate) fn signer(&self, body: &[u8]) -> Result<(&'static Scheme, Signer, String), Failure> {
        let (scheme, named) = match (&self.policy, &self.sender) {
            (Some(file), Some(sender)) => {
                let policy = policy(file)?;
                let scheme = policy
                    .scheme_of(sender)
                    .ok_or_else(|| Failure::usage(format!("the policy has no sender {sender}")))?;
                (scheme, policy.secret_names_of(sender).next().map(str::to_owned))
            }
            _ => {
                let name = self.scheme.as_deref().unwrap_or_default();
                let scheme = Scheme::preset(name);
                (scheme.ok_or_else(|| Failure::usage(format!("no preset is named {name}")))?, None)
            }
        };
        let secret = match self.secret.read()? {
            Some(secret) => secret,
            None => named.as_deref().and_then(environment).ok_or_else(|| {
                Failure::usage(match named {
                    Some(name) => format!("the environment has no {name}; or give --secret-file"),
                    None => "give --secret-env or --secret-file".to_owned(),
                })
            })?,
        };
        let signer = Signer::new(scheme, &secret).ok_or_else(|| {
            let form = scheme.signing_key_description();
            Failure::usage(format!("the secret must be {form}"))
        })?;
        let usual = if body.is_empty() { "GET" } else { "POST" };
        let method = self.method.as_deref().unwrap_or(usual).to_owned();
        Ok((scheme, signer.with_keyid(&self.keyid), method))
    }

    /// Whether the policy has each request of the sender accepted once; nothing without a policy.
    pub(crate) fn is_accepted_once(&self) -> Result<Option<bool>, Failure> {
        let (Some(file), Some(sender)) = (&self.policy, &self.sender) else { return Ok(None) };
        Ok(Some(policy(file)?.is_accepted_once(sender)))
    }

    /// Signs the request at its moment.
    pub(crate) fn sign(&self) -> Result<SignedRequest, Failure> {
        let body = self.body()?;
        let (scheme, signer, method) = self.signer(&body)?;
        let now = self.time.unwrap_or_else(clock);
        self.sign_with(scheme, &signer, &method, &body, now)
    }

    /// Signs a request with this body at this moment.
    pub(crate) fn sign_with(
        &self,
        scheme: &'static Scheme,
        signer: &Signer,
        method: &str,
        body: &[u8],
        now: UnixSeconds,
    ) -> Result<SignedRequest, Failure> {
        let id = match &self.id {
            Some(id) => Some(id.clone()),
            None if scheme.signs_id() => Some(random_id()?),
            None => None,
        };
        let unsigned = Unsigned { method, url: &self.url, body, now, id: id.as_deref() };
        let fields = signer.sign(&unsigned).map_err(|error| Failure::usage(error.to_string()))?;
        let mut fields: Vec<(String, String)> =
            fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        if self.json.is_some() {
            fields.insert(0, ("Content-Type".to_owned(), "application/json".to_owned()));
        }
        Ok(SignedRequest {
            method: method.to_owned(),
            url: self.url.clone(),
            fields,
            body: body.to_vec(),
        })
    }
}

/// An id that is used once.
fn random_id() -> Result<String, Failure> {
    let mut bytes = [0; 16];
    fill(&mut bytes)?;
    Ok(hex::encode(bytes))
}

/// Random bytes of the operating system.
pub(crate) fn fill(bytes: &mut [u8]) -> Result<(), Failure> {
    getrandom::fill(bytes).map_err(|error| Failure::usage(format!("no randomness: {error}")))
}

/// The clock of this machine.
pub(crate) fn clock() -> UnixSeconds {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixSeconds::new(since.as_secs())
}

/// A moment as an argument gives it.
pub(crate) fn moment(text: &str) -> Result<UnixSeconds, String> {
    let seconds = text.parse().ok().map(UnixSeconds::new);
    let moment = seconds.or_else(|| UnixSeconds::from_rfc3339(text));
    moment.ok_or_else(|| "must be Unix seconds, or such as 2026-11-22T08:30:00Z".to_owned())
}

/// A whole file, or standard input for `-`.
pub(crate) fn read_file(file: &Path) -> Result<Vec<u8>, Failure> {
    let failed = |error| Failure::usage(format!("{}: {error}", file.display()));
    if file != Path::new("-") {
        return std::fs::read(file).map_err(failed);
    }
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

//! What the policy says about the seal, and its secret.

use super::name::{is_id, is_secret_name};
use super::reader::{Reader, Table};
use crate::forward::Seal;
use crate::policy_error::PolicyProblem;
use crate::scheme::Scheme;
use crate::secret::Secret;

/// Where errors of the seal's secret are.
const SECRET: &str = "seal.secret";

/// The schemes under which the gate can seal.
const SCHEMES: [&str; 5] = [
    "x-hmac",
    "rfc9421-hmac-sha256",
    "rfc9421-hmac-sha256-base64",
    "rfc9421-ed25519",
    "rfc9421-ecdsa-p256-sha256",
];

/// The name of the key in a message signature, where the policy does not say.
const KEYID: &str = "countersign";

/// How the origin is to recognise what the gate forwarded.
#[derive(Debug)]
pub(super) struct SealPolicy {
    scheme: &'static Scheme,
    secret: String,
    keyid: String,
}

impl SealPolicy {
    pub(super) fn read(table: &mut Table<'_, '_>) -> Option<Self> {
        let scheme = table.required("scheme", |value| {
            let name = value.string()?;
            let scheme = SCHEMES.contains(&&*name).then(|| Scheme::preset(&name)).flatten();
            value.or_report(scheme, PolicyProblem::NotOneOf(SCHEMES.to_vec()))
        });
        if let Some(feature) = scheme.and_then(|scheme| scheme.algorithm.missing_feature()) {
            table.report("scheme", PolicyProblem::NotBuiltIn { feature });
        }
        let secret = table.required("secret", |value| {
            value.string_where(is_secret_name, PolicyProblem::InvalidSecretName)
        });
        let keyid = if scheme.is_some_and(|scheme| !scheme.signs_components()) {
            table.forbid(&["keyid"], PolicyProblem::NoComponentsInScheme);
            None
        } else {
            table.optional("keyid", |value| value.string_where(is_id, PolicyProblem::InvalidId))
        };
        table.end();
        let keyid = keyid.unwrap_or_else(|| KEYID.to_owned());
        Some(Self { scheme: scheme?, secret: secret?, keyid })
    }

    /// The name of its secret.
    pub(super) fn secret_name(&self) -> &str {
        &self.secret
    }

    /// Checks the name of its secret against those of the senders.
    pub(super) fn check<'n>(
        &self,
        mut senders: impl Iterator<Item = &'n str>,
        reader: &mut Reader,
    ) {
        if senders.any(|name| name == self.secret) {
            reader.report(SECRET.to_owned(), PolicyProblem::SharedSecret);
        }
    }

    /// The seal with its key. `senders` holds the secrets that the senders have.
    ///
    /// A secret that is missing is an error of the whole policy: nothing could be forwarded.
    pub(super) fn into_seal(
        self,
        secret: impl Fn(&str) -> Option<Secret>,
        senders: &[Secret],
        reader: &mut Reader,
    ) -> Option<Seal> {
        let mut report = |problem| reader.report(SECRET.to_owned(), problem);
        let Some(secret) = secret(&self.secret) else {
            report(PolicyProblem::MissingSeal);
            return None;
        };
        let secret = secret.for_scheme(self.scheme);
        if let Err(weakness) = secret.check_strength(self.scheme.min_secret) {
            report(PolicyProblem::WeakSecret(weakness));
        } else if senders.iter().any(|other| other.is_same_as(&secret)) {
            report(PolicyProblem::SharedSecret);
        }
        let seal = Seal::new(self.scheme, &secret, self.keyid);
        if seal.is_none() {
            report(PolicyProblem::UndecodableSecret(self.scheme.signing_key_description()));
        }
        seal
    }
}

//! What the policy says about the seal, and its secret.

use super::keys::{Known, fault};
use super::name::{is_id, secret_name};
use super::reader::{Reader, Table};
use crate::algorithm::SigningKey;
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
        let secret = table.required("secret", |value| secret_name(value));
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

    /// The seal with its key, which no sender may have.
    ///
    /// A secret that is missing or broken is an error of the whole policy: nothing could be forwarded.
    pub(super) fn into_seal(
        self,
        secret: &dyn Fn(&str) -> Option<Secret>,
        senders: &Known,
        reader: &mut Reader,
    ) -> Option<Seal> {
        let mut report = |problem| reader.report(SECRET.to_owned(), problem);
        let Some(secret) = secret(&self.secret) else {
            report(PolicyProblem::MissingSeal);
            return None;
        };
        let scheme = self.scheme;
        let secret = scheme.without_line_end(secret);
        let seal = Seal::new(scheme, &secret, self.keyid);
        let key = seal.as_ref().map(Seal::key);
        let mut prints = secret.fingerprints(scheme.algorithm, key.and_then(SigningKey::shared));
        // A sender may have the public one.
        if let Some(public) = key.and_then(SigningKey::public) {
            prints.add(&public);
        }
        let form = (scheme.key, scheme.min_key_bytes());
        let read = if seal.is_some() { Ok(()) } else { Err(scheme.signing_key_description()) };
        if let Some(problem) = fault(&secret, form, read, &prints) {
            report(problem);
        } else if senders.meet(&prints) {
            report(PolicyProblem::SharedSecret);
        }
        seal
    }
}

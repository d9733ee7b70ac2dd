//! What the policy says about the seal, and its secret.

use super::error::PolicyProblem;
use super::is_secret_name;
use super::reader::{Reader, Table};
use crate::scheme::{Scheme, X_HMAC};
use crate::seal::Seal;
use crate::secret::Secret;

/// Where errors of the seal's secret are.
const SECRET: &str = "seal.secret";

/// How the origin is to recognise what the gate forwarded.
#[derive(Debug)]
pub(super) struct SealPolicy {
    scheme: &'static Scheme,
    secret: String,
}

impl SealPolicy {
    pub(super) fn read(table: &mut Table<'_, '_>) -> Option<Self> {
        let scheme = table.required("scheme", |value| {
            let name = value.string()?;
            let scheme = (name == X_HMAC.name()).then_some(&X_HMAC);
            value.or_report(scheme, PolicyProblem::Expected("\"x-hmac\""))
        });
        let secret = table.required("secret", |value| {
            value.string_where(is_secret_name, PolicyProblem::InvalidSecretName)
        });
        table.end();
        Some(Self { scheme: scheme?, secret: secret? })
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
        if let Err(weakness) = secret.check_strength(self.scheme.min_secret) {
            report(PolicyProblem::WeakSecret(weakness));
        } else if senders.iter().any(|other| other.is_same_as(&secret)) {
            report(PolicyProblem::SharedSecret);
        }
        let seal = Seal::new(self.scheme, &secret);
        if seal.is_none() {
            report(PolicyProblem::UndecodableSecret(self.scheme.key_description()));
        }
        seal
    }
}

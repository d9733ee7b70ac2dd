//! How the text of a secret holds a key.

use zeroize::Zeroizing;

use crate::encoding;

/// How the text of a secret becomes the key's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyForm {
    /// Its UTF-8 bytes, as they are.
    Utf8,
    /// Hexadecimal digits of either case.
    Hex,
    /// Base64 behind the prefix, which may be missing (RFC 4648 section 4, padding optional).
    Base64 { prefix: &'static str },
    /// A public key in base64, with the lines around it that PEM has (RFC 7468) or without.
    Pem,
}

impl KeyForm {
    /// How a secret must be written, for an error.
    pub(crate) const fn description(self) -> &'static str {
        match self {
            Self::Utf8 => "text",
            Self::Hex => "hexadecimal digits, two for each byte of the key",
            Self::Pem => "a public key, PEM or its base64 alone",
            Self::Base64 { .. } => "base64, as the provider shows it, with its prefix or without",
        }
    }

    /// The key's bytes of a secret that is written like this; nothing for a text, which is the key
    /// itself.
    pub(crate) fn decode(self, secret: &[u8]) -> Option<Vec<u8>> {
        let text = || str::from_utf8(secret).ok();
        match self {
            Self::Utf8 => None,
            Self::Hex => hex::decode(text()?).ok(),
            Self::Base64 { prefix } => {
                let text = text()?;
                encoding::base64_secret(text.strip_prefix(prefix).unwrap_or(text))
            }
            Self::Pem => from_pem(text()?),
        }
    }
}

/// The DER of a key in PEM (RFC 7468), whose lines around it may be missing.
///
/// The crate `pem-rfc7468` does not serve: it wants both lines around the key, and between them lines of
/// one length. A key is often stored as its base64 alone, or wrapped in another way.
fn from_pem(text: &str) -> Option<Vec<u8>> {
    let lines = text.lines().filter(|line| !line.starts_with("-----"));
    let base64: Zeroizing<String> = Zeroizing::new(lines.map(str::trim).collect());
    encoding::base64_secret(&base64)
}

//! A secret itself, written where its name belongs. It would stand in a file that is kept in git, and the
//! gate would look for a secret of that name.
//!
//! Names are words joined by `_`. Random text is told from them by what words do not have: many digits
//! between letters, long runs without a vowel, letters of both cases in turn. A text that is no name at all
//! is refused as such, and none of them is ever repeated in an error.

/// What providers, and OpenSSH and PEM, begin a secret with.
const PREFIXES: [&str; 22] = [
    "whsec_",
    "whpk_",
    "v1,whsec_",
    "shpss_",
    "shpat_",
    "shpca_",
    "shppa_",
    "sk_live_",
    "sk_test_",
    "rk_live_",
    "rk_test_",
    "pk_live_",
    "pk_test_",
    "ghp_",
    "gho_",
    "ghs_",
    "github_pat_",
    "glpat",
    "xoxb",
    "pdl_ntf",
    "MII",
    "SG_",
];
/// Characters of the shortest text that is looked at behind a prefix, and of the shortest word that may be
/// random: the fewest that hold 80 bits.
const SHORTEST: usize = 16;
/// Hexadecimal digits of a key of 12 bytes; no word has as many of their letters.
const HEX_DIGITS: usize = 24;
/// Runs of digits with letters behind them; names have them at ends of words, or once or twice.
const DIGIT_RUNS: usize = 3;
/// Characters without a vowel among them, one behind the other.
const NO_VOWELS: usize = 7;

/// Whether a text is rather a secret than the name of one.
pub(super) fn looks_like_a_secret(text: &str) -> bool {
    let behind_prefix = PREFIXES.iter().filter_map(|prefix| text.strip_prefix(prefix));
    let is_prefixed =
        behind_prefix.into_iter().any(|rest| rest.len() >= SHORTEST && !is_worded(rest));
    is_prefixed || text.split('_').any(is_random)
}

/// Whether it is in capitals and underscores alone, as a name may be that begins like a secret.
fn is_worded(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
}

fn is_random(word: &str) -> bool {
    let hex = longest(word, &|byte| byte.is_ascii_hexdigit());
    let has_digit = word.bytes().any(|byte| byte.is_ascii_digit());
    if has_digit && hex >= HEX_DIGITS {
        return true;
    }
    // Names end with numbers.
    let word = word.trim_end_matches(|last: char| last.is_ascii_digit());
    let without_vowel = longest(word, &|byte| !b"aeiouyAEIOUY".contains(&byte));
    let digit_runs = pairs(word, &|one, next| one.is_ascii_digit() && next.is_ascii_alphabetic());
    let turns = pairs(word, &|one, next| kind(one) != kind(next));
    word.len() >= SHORTEST
        && (digit_runs >= DIGIT_RUNS
            || (has_digit && without_vowel >= NO_VOWELS)
            || (word.len() >= HEX_DIGITS && turns.saturating_mul(2) >= word.len()))
}

fn kind(byte: u8) -> (bool, bool) {
    (byte.is_ascii_lowercase(), byte.is_ascii_uppercase())
}

/// The length of the longest run of bytes that fit.
fn longest(word: &str, fits: &dyn Fn(u8) -> bool) -> usize {
    word.as_bytes().split(|byte| !fits(*byte)).map(<[u8]>::len).max().unwrap_or_default()
}

/// How many neighbours fit.
fn pairs(word: &str, fits: &dyn Fn(u8, u8) -> bool) -> usize {
    word.bytes().zip(word.bytes().skip(1)).filter(|(one, next)| fits(*one, *next)).count()
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn names_are_names() {
        for name in [
            "A",
            "SECRET",
            "secret1",
            "DJANGO_APP_SECRET",
            "DJANGO_APP_SECRET_2",
            "STRIPE_WEBHOOK_SECRET",
            "STRIPE_WHSEC",
            "WHSEC_STRIPE_LIVE",
            "whsec_stripe",
            "sk_live_key",
            "SK_LIVE_STRIPE_PRODUCTION",
            "GITHUB_PAT",
            "github_pat_of_the_bot",
            "ghp_token",
            "SlackSigningSecret",
            "slackSigningSecret2",
            "StripeWebhookSecretProduction2",
            "OAUTH2_S3_SHA256_KEY",
            "HMAC_SHA256_KEY_V2_2026_11",
            "ED25519_PUBLIC_KEY",
            "RSA_PSS_SHA512_4096",
            "BACKSTAGE_HTTPS_GRPC_SMTP_KEY",
            "K8S_I18N_A11Y_SECRET",
            "customer_0042_secret",
            "TENANT_8f3a2c_SECRET",
            "tenant_1000000007",
            "APPSECRET20261125",
            "MIIB",
            "XOXB_TOKEN",
            "SG_KEY",
            "webhooksecretforshopifyproduction",
            "NOTIFICATIONSSIGNINGKEY2",
            "deadbeef",
            "facadefacadefacadefacadefacade",
            "MyAppApiKeyV2Prod",
            "PLAIDWEBHOOKVERIFICATION",
        ] {
            assert!(!looks_like_a_secret(name), "{name}");
        }
    }

    #[test]
    fn secrets_are_not() {
        for secret in [
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whsec_5f2a1b9c8d7e6f5a4b3c",
            "shpss_0123456789abcdef0123456789abcdef",
            "sk_live_51Hq2L3k4M5n6P7q8R9s0T1u2",
            "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
            "github_pat_11ABCDEFG0aBcDeFgHiJkL_MnOpQrStUvWxYz0123456789",
            "d6a1f0c97e2b4583a9d0c6e1f7b24e8d",
            "D6A1F0C97E2B4583A9D0C6E1F7B24E8D",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "kP2vX9mQ4sT7wZ1cF6hJ3nR8bL5dG0yA",
            "Wv5cE8xN2bQ7mA1zK4jT9gH6fS3dP0lR",
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "a1b2c3d4e5f6a7b8c9d0",
            "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
            "nZr4u7xADGKaPdSgVkYp3s6v9yBEHMbQ",
            "MIIBVgIBADANBgkqhkiG9w0BAQEFAASCAUAwggE8",
            "AKIAIOSFODNN7EXAMPLE_wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY",
            "C2FVsBQIhrscChlQIMVb5sSYspob7oD",
            "APP_kP2vX9mQ4sT7wZ1cF6hJ3nR8bL5dG0yA",
        ] {
            assert!(looks_like_a_secret(secret), "{secret}");
        }
    }

    /// Of random texts in the usual alphabets, hardly one is taken for a name.
    #[test]
    #[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]
    fn random_text_is_a_secret() {
        let alphabets: [&[u8]; 4] = [
            b"0123456789abcdef",
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
            b"0123456789abcdefghijklmnopqrstuvwxyz",
            b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
        ];
        for alphabet in alphabets {
            let mut missed = 0;
            for number in 0..1000_u32 {
                let random = crate::HashAlgorithm::Sha256.digest(&number.to_be_bytes());
                let text = random
                    .iter()
                    .map(|byte| char::from(alphabet[usize::from(*byte) % alphabet.len()]));
                missed += u32::from(!looks_like_a_secret(&text.collect::<String>()));
            }
            assert!(missed <= 20, "{missed} of 1000 over {} characters", alphabet.len());
        }
    }
}

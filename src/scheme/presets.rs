//! The presets: one row a scheme, with the page it was taken from.
//!
//! To add a provider, add a row and its test in `tests/presets`.

use super::{
    Encoding, Format, IdForm, IdRule, KeyForm, Part, Scheme, SignatureRule, Source, TimestampRule,
    Unit,
};
use crate::mac::Algorithm::{self, HmacSha1, HmacSha256, HmacSha512, Sha256, Token};

/// A preset and where its facts come from.
#[derive(Clone, Copy, Debug)]
pub struct Preset {
    /// Whose requests these are.
    pub provider: &'static str,
    /// The page that describes them.
    pub documentation: &'static str,
    /// The scheme.
    pub scheme: &'static Scheme,
}

use Encoding::{Base64, Hex, LowerHex, Plain};
use Part::{Body, Id, Literal, Method, Secret, Timestamp, Url};
use Source::{Field, Json, Parameter};
use Unit::{Milliseconds, Rfc3339, Seconds};

/// Seconds that most providers' own libraries allow.
const USUAL_TOLERANCE: u32 = 300;
/// Characters of a secret that a provider makes: enough to refuse a placeholder.
const PROVIDERS_SECRET: usize = 16;
/// Bytes of a secret that an operator chooses: the size of the MAC's output, below which a key
/// weakens HMAC (RFC 2104 section 3).
pub(crate) const OPERATORS_SECRET: usize = 32;

/// A signature behind a prefix in a field of its own.
const fn raw(field: &'static [Source], prefix: &'static str, encoding: Encoding) -> SignatureRule {
    SignatureRule { sources: field, format: Format::Raw { prefix }, encoding }
}

/// Signatures in a list of members, `key` and the value joined by `=`.
const fn members(field: &'static [Source], separator: u8, key: &'static str) -> SignatureRule {
    SignatureRule {
        sources: field,
        format: Format::Members { separator, joiner: b'=', key },
        encoding: Hex,
    }
}

/// A scheme whose provider makes the secret, with no time.
const fn over(
    name: &'static str,
    algorithm: Algorithm,
    signature: SignatureRule,
    signed: &'static [Part],
) -> Scheme {
    Scheme {
        name,
        signature,
        timestamp: None,
        id: None,
        required: &[],
        signed,
        algorithm,
        key: KeyForm::Utf8,
        min_secret: PROVIDERS_SECRET,
        tolerance: USUAL_TOLERANCE,
        fallback: None,
    }
}

impl Scheme {
    const fn at(mut self, source: Source, unit: Unit) -> Self {
        self.timestamp = Some(TimestampRule { source, unit });
        self
    }

    const fn within(mut self, seconds: u32) -> Self {
        self.tolerance = seconds;
        self
    }

    const fn with_id(mut self, source: Source, form: IdForm) -> Self {
        self.id = Some(IdRule { source, form });
        self
    }

    const fn keyed(mut self, key: KeyForm) -> Self {
        self.key = key;
        self
    }

    const fn with_min_secret(mut self, bytes: usize) -> Self {
        self.min_secret = bytes;
        self
    }

    const fn chosen_by_the_operator(self) -> Self {
        self.with_min_secret(OPERATORS_SECRET)
    }

    const fn requiring(mut self, fields: &'static [(&'static str, &'static str)]) -> Self {
        self.required = fields;
        self
    }
}

const X_HMAC_SIGNATURE: SignatureRule = raw(&[Field("X-HMAC-Signature")], "", LowerHex);

/// `X-HMAC-Signature` over `timestamp "." body`. It binds the time and the body; no method,
/// path, query or other field.
pub static X_HMAC: Scheme =
    over("x-hmac", HmacSha256, X_HMAC_SIGNATURE, &[Timestamp, Literal("."), Body])
        .at(Field("X-HMAC-Timestamp"), Seconds)
        .within(60)
        .chosen_by_the_operator();

/// [`X_HMAC`] with `X-HMAC-Nonce` in the signed bytes: `timestamp "." nonce "." body`.
pub static X_HMAC_NONCE: Scheme = over(
    "x-hmac-nonce",
    HmacSha256,
    X_HMAC_SIGNATURE,
    &[Timestamp, Literal("."), Id, Literal("."), Body],
)
.at(Field("X-HMAC-Timestamp"), Seconds)
.within(60)
.with_id(Field("X-HMAC-Nonce"), IdForm::Nonce)
.chosen_by_the_operator();

const STANDARD_WEBHOOKS_SIGNED: &[Part] = &[Id, Literal("."), Timestamp, Literal("."), Body];

const fn standard_webhooks(name: &'static str, field: &'static [Source]) -> Scheme {
    let format = Format::Members { separator: b' ', joiner: b',', key: "v1" };
    let signature = SignatureRule { sources: field, format, encoding: Base64 };
    over(name, HmacSha256, signature, STANDARD_WEBHOOKS_SIGNED)
        .keyed(KeyForm::Base64 { prefix: "whsec_" })
}

static STANDARD_WEBHOOKS: Scheme =
    standard_webhooks("standard-webhooks", &[Field("webhook-signature")])
        .at(Field("webhook-timestamp"), Seconds)
        .with_id(Field("webhook-id"), IdForm::Without(b'.'));

static SVIX: Scheme = Scheme {
    fallback: Some(&STANDARD_WEBHOOKS),
    ..standard_webhooks("svix", &[Field("svix-signature")])
        .at(Field("svix-timestamp"), Seconds)
        .with_id(Field("svix-id"), IdForm::Without(b'.'))
};

const HUBSPOT_DOCUMENTATION: &str =
    "https://developers.hubspot.com/docs/apps/legacy-apps/authentication/validating-requests";

/// A signature over the body alone.
macro_rules! body_only {
    ($name:literal, $algorithm:ident, $field:literal, $prefix:literal, $encoding:ident) => {
        &over($name, $algorithm, raw(&[Field($field)], $prefix, $encoding), &[Body])
    };
}

const fn preset(
    provider: &'static str,
    documentation: &'static str,
    scheme: &'static Scheme,
) -> Preset {
    Preset { provider, documentation, scheme }
}

/// Every preset, in the order of their names.
pub static PRESETS: &[Preset] = &[
    preset(
        "Adyen for Platforms, banking and management webhooks",
        "https://docs.adyen.com/development-resources/webhooks/secure-webhooks/verify-hmac-signatures/",
        &over("adyen-platforms", HmacSha256, raw(&[Field("HmacSignature")], "", Base64), &[Body])
            .keyed(KeyForm::Hex),
    ),
    preset(
        "Asana",
        "https://developers.asana.com/docs/webhooks-guide",
        body_only!("asana", HmacSha256, "X-Hook-Signature", "", Hex),
    ),
    preset(
        "Bitbucket Cloud",
        "https://support.atlassian.com/bitbucket-cloud/docs/manage-webhooks/",
        body_only!("bitbucket", HmacSha256, "X-Hub-Signature", "sha256=", Hex),
    ),
    preset(
        "Box",
        "https://developer.box.com/guides/webhooks/v2/signatures-v2/",
        &over(
            "box",
            HmacSha256,
            raw(&[Field("BOX-SIGNATURE-PRIMARY"), Field("BOX-SIGNATURE-SECONDARY")], "", Base64),
            &[Body, Timestamp],
        )
        .at(Field("BOX-DELIVERY-TIMESTAMP"), Rfc3339)
        .within(600)
        .requiring(&[("BOX-SIGNATURE-VERSION", "1"), ("BOX-SIGNATURE-ALGORITHM", "HmacSHA256")]),
    ),
    preset(
        "Calendly",
        "https://developer.calendly.com/api-docs/ZG9jOjM2MzE2MDM4-webhook-signatures",
        &over(
            "calendly",
            HmacSha256,
            members(&[Field("Calendly-Webhook-Signature")], b',', "v1"),
            &[Timestamp, Literal("."), Body],
        )
        .at(Parameter("t"), Seconds)
        .within(180),
    ),
    preset(
        "Coinbase Commerce",
        "https://docs.cdp.coinbase.com/commerce/docs/webhooks-security",
        body_only!("coinbase-commerce", HmacSha256, "X-CC-Webhook-Signature", "", Hex),
    ),
    preset(
        "Customer.io",
        "https://docs.customer.io/journeys/webhooks/",
        &over(
            "customer-io",
            HmacSha256,
            raw(&[Field("X-CIO-Signature")], "", Hex),
            &[Literal("v0:"), Timestamp, Literal(":"), Body],
        )
        .at(Field("X-CIO-Timestamp"), Seconds),
    ),
    preset(
        "DocuSign Connect",
        "https://developers.docusign.com/platform/webhooks/connect/hmac/",
        &over(
            "docusign",
            HmacSha256,
            raw(
                &[
                    Field("X-DocuSign-Signature-1"),
                    Field("X-DocuSign-Signature-2"),
                    Field("X-DocuSign-Signature-3"),
                    Field("X-DocuSign-Signature-4"),
                    Field("X-DocuSign-Signature-5"),
                ],
                "",
                Base64,
            ),
            &[Body],
        ),
    ),
    preset(
        "Dropbox",
        "https://www.dropbox.com/developers/reference/webhooks",
        // Its app secrets are the shortest of all providers'.
        &over("dropbox", HmacSha256, raw(&[Field("X-Dropbox-Signature")], "", Hex), &[Body])
            .with_min_secret(15),
    ),
    preset(
        "GitHub",
        "https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries",
        body_only!("github", HmacSha256, "X-Hub-Signature-256", "sha256=", Hex),
    ),
    preset(
        "GitLab, with a secret token",
        "https://docs.gitlab.com/user/project/integrations/webhooks/",
        &over("gitlab", Token, raw(&[Field("X-Gitlab-Token")], "", Plain), &[])
            .chosen_by_the_operator(),
    ),
    preset(
        "HubSpot, version 1",
        HUBSPOT_DOCUMENTATION,
        &over("hubspot-v1", Sha256, raw(&[Field("X-HubSpot-Signature")], "", Hex), &[Secret, Body]),
    ),
    preset(
        "HubSpot, version 2",
        HUBSPOT_DOCUMENTATION,
        &over(
            "hubspot-v2",
            Sha256,
            raw(&[Field("X-HubSpot-Signature")], "", Hex),
            &[Secret, Method, Url, Body],
        ),
    ),
    preset(
        "HubSpot, version 3",
        HUBSPOT_DOCUMENTATION,
        &over(
            "hubspot-v3",
            HmacSha256,
            raw(&[Field("X-HubSpot-Signature-v3")], "", Base64),
            &[Method, Url, Body, Timestamp],
        )
        .at(Field("X-HubSpot-Request-Timestamp"), Milliseconds),
    ),
    preset(
        "Intercom",
        "https://developers.intercom.com/docs/webhooks/setting-up-webhooks",
        body_only!("intercom", HmacSha1, "X-Hub-Signature", "sha1=", Hex),
    ),
    preset(
        "Jira Cloud",
        "https://developer.atlassian.com/cloud/jira/platform/webhooks/",
        body_only!("jira", HmacSha256, "X-Hub-Signature", "sha256=", Hex),
    ),
    preset(
        "LaunchDarkly",
        "https://launchdarkly.com/docs/home/infrastructure/webhooks",
        body_only!("launchdarkly", HmacSha256, "X-LD-Signature", "", Hex),
    ),
    preset(
        "Linear",
        "https://linear.app/developers/webhooks",
        &over("linear", HmacSha256, raw(&[Field("Linear-Signature")], "", Hex), &[Body])
            .at(Json(&["webhookTimestamp"]), Milliseconds)
            .within(60),
    ),
    preset(
        "Mailgun",
        "https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks",
        &over(
            "mailgun",
            HmacSha256,
            raw(&[Json(&["signature", "signature"])], "", Hex),
            &[Timestamp, Id],
        )
        .at(Json(&["signature", "timestamp"]), Seconds)
        .with_id(Json(&["signature", "token"]), IdForm::Without(b' ')),
    ),
    preset(
        "Meta: Messenger, Instagram, WhatsApp",
        "https://developers.facebook.com/docs/graph-api/webhooks/getting-started",
        body_only!("meta", HmacSha256, "X-Hub-Signature-256", "sha256=", Hex),
    ),
    preset(
        "Mux",
        "https://www.mux.com/docs/core/verify-webhook-signatures",
        &over(
            "mux",
            HmacSha256,
            members(&[Field("Mux-Signature")], b',', "v1"),
            &[Timestamp, Literal("."), Body],
        )
        .at(Parameter("t"), Seconds),
    ),
    preset(
        "Paddle Billing",
        "https://developer.paddle.com/webhooks/signature-verification",
        &over(
            "paddle",
            HmacSha256,
            members(&[Field("Paddle-Signature")], b';', "h1"),
            &[Timestamp, Literal(":"), Body],
        )
        .at(Parameter("ts"), Seconds)
        .within(5),
    ),
    preset(
        "PagerDuty, version 3",
        "https://developer.pagerduty.com/docs/webhooks/webhook-signatures/",
        &over(
            "pagerduty",
            HmacSha256,
            members(&[Field("X-PagerDuty-Signature")], b',', "v1"),
            &[Body],
        ),
    ),
    preset(
        "Paystack",
        "https://paystack.com/docs/payments/webhooks/",
        body_only!("paystack", HmacSha512, "x-paystack-signature", "", Hex),
    ),
    preset(
        "Razorpay",
        "https://razorpay.com/docs/webhooks/validate-test/",
        body_only!("razorpay", HmacSha256, "X-Razorpay-Signature", "", Hex),
    ),
    preset(
        "Sentry",
        "https://docs.sentry.io/organization/integrations/integration-platform/webhooks/",
        body_only!("sentry", HmacSha256, "Sentry-Hook-Signature", "", Hex),
    ),
    preset(
        "Shopify webhooks",
        "https://shopify.dev/docs/apps/build/webhooks/verify-deliveries",
        &over(
            "shopify",
            HmacSha256,
            raw(&[Field("X-Shopify-Hmac-Sha256"), Field("shopify-hmac-sha256")], "", Base64),
            &[Body],
        ),
    ),
    preset(
        "Slack",
        "https://docs.slack.dev/authentication/verifying-requests-from-slack/",
        &over(
            "slack",
            HmacSha256,
            raw(&[Field("X-Slack-Signature")], "v0=", Hex),
            &[Literal("v0:"), Timestamp, Literal(":"), Body],
        )
        .at(Field("X-Slack-Request-Timestamp"), Seconds),
    ),
    preset(
        "Square",
        "https://developer.squareup.com/docs/webhooks/step3validate",
        &over(
            "square",
            HmacSha256,
            raw(&[Field("x-square-hmacsha256-signature")], "", Base64),
            &[Url, Body],
        ),
    ),
    preset(
        "Standard Webhooks",
        "https://github.com/standard-webhooks/standard-webhooks",
        &STANDARD_WEBHOOKS,
    ),
    preset(
        "Stripe",
        "https://docs.stripe.com/webhooks/signature",
        &over(
            "stripe",
            HmacSha256,
            members(&[Field("Stripe-Signature")], b',', "v1"),
            &[Timestamp, Literal("."), Body],
        )
        .at(Parameter("t"), Seconds),
    ),
    preset("Svix", "https://docs.svix.com/receiving/verifying-payloads/how-manual", &SVIX),
    preset(
        "Trello",
        "https://developer.atlassian.com/cloud/trello/guides/rest-api/webhooks/",
        &over("trello", HmacSha1, raw(&[Field("X-Trello-Webhook")], "", Base64), &[Body, Url]),
    ),
    preset(
        "Typeform",
        "https://www.typeform.com/developers/webhooks/secure-your-webhooks/",
        body_only!("typeform", HmacSha256, "Typeform-Signature", "sha256=", Base64),
    ),
    preset(
        "Vercel",
        "https://vercel.com/docs/webhooks/webhooks-api",
        body_only!("vercel", HmacSha1, "x-vercel-signature", "", Hex),
    ),
    preset(
        "WooCommerce",
        "https://woocommerce.com/document/webhooks/",
        body_only!("woocommerce", HmacSha256, "X-WC-Webhook-Signature", "", Base64),
    ),
    preset("The HMAC of Django and DRF senders", "../README.md#sign-requests", &X_HMAC),
    preset("The same with a signed nonce", "../README.md#sign-requests", &X_HMAC_NONCE),
    preset(
        "Xero",
        "https://developer.xero.com/documentation/guides/webhooks/configuring-your-server/",
        body_only!("xero", HmacSha256, "x-xero-signature", "", Base64),
    ),
    preset(
        "Zendesk",
        "https://developer.zendesk.com/documentation/webhooks/verifying/",
        &over(
            "zendesk",
            HmacSha256,
            raw(&[Field("X-Zendesk-Webhook-Signature")], "", Base64),
            &[Timestamp, Body],
        )
        .at(Field("X-Zendesk-Webhook-Signature-Timestamp"), Rfc3339),
    ),
    preset(
        "Zoom",
        "https://developers.zoom.us/docs/api/webhooks/",
        &over(
            "zoom",
            HmacSha256,
            raw(&[Field("x-zm-signature")], "v0=", Hex),
            &[Literal("v0:"), Timestamp, Literal(":"), Body],
        )
        .at(Field("x-zm-request-timestamp"), Seconds),
    ),
];

//! The presets: one row a scheme, with the page it was taken from.
//!
//! To add a provider, add a row and its test in `tests/presets`.

use super::signature::STAMP;
use super::{
    Canonical, Encoding, Format, IdForm, IdRule, KeyForm, Part, Scheme, SignatureRule, Signed,
    Source, TimestampRule, Unit, UrlForm,
};
use crate::algorithm::Algorithm::{
    self, EcdsaP256, EcdsaP384, Ed25519, HmacSha1, HmacSha256, HmacSha512, RsaPkcs1, RsaPss,
    Sha256, Token,
};
use crate::handshake::Handshake;
use crate::message_signature::{SIGNATURE, SIGNATURE_INPUT};

/// A preset and where its facts come from.
#[derive(Clone, Copy, Debug)]
pub struct Preset {
    /// Whose requests these are; empty in a Worker.
    pub provider: &'static str,
    /// The page that describes them; empty in a Worker.
    pub documentation: &'static str,
    /// The scheme.
    pub scheme: &'static Scheme,
}

use Encoding::{AnyBase64, Base64, Hex, LowerHex, Plain};
use Part::{Body, Id, Literal, Method, Secret, Timestamp, Url};
use Source::{Field, Json, Parameter, Query};
use Unit::{Milliseconds, Rfc3339, Seconds};

/// Seconds that most providers' own libraries allow.
const USUAL_TOLERANCE: u32 = 300;
/// Bytes of a key that a provider makes, or takes from you in a form of its own: fewer than any has
/// that we know of, and enough that nobody guesses one.
const PROVIDERS_SECRET: usize = 16;
/// Bytes of a key that an operator chooses: the size of the MAC's output, below which a key
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
        signed: Signed::Parts(signed),
        url_form: UrlForm::AsCalled,
        algorithm,
        key: KeyForm::Utf8,
        min_secret: PROVIDERS_SECRET,
        tolerance: USUAL_TOLERANCE,
        fallback: None,
        handshake: None,
    }
}

/// A scheme whose signed bytes its provider's own rules make.
const fn own(
    name: &'static str,
    algorithm: Algorithm,
    signature: SignatureRule,
    canonical: Canonical,
) -> Scheme {
    Scheme { signed: Signed::Canonical(canonical), ..over(name, algorithm, signature, &[]) }
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

    const fn calling(mut self, form: UrlForm) -> Self {
        self.url_form = form;
        self
    }

    const fn greeting(mut self, handshake: Handshake) -> Self {
        self.handshake = Some(handshake);
        self
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

/// The same with a public key.
static STANDARD_WEBHOOKS_V1A: Scheme = Scheme {
    signature: SignatureRule {
        sources: &[Field("webhook-signature")],
        format: Format::Members { separator: b' ', joiner: b',', key: "v1a" },
        encoding: Base64,
    },
    algorithm: Ed25519,
    key: KeyForm::Base64 { prefix: "whpk_" },
    name: "standard-webhooks-v1a",
    ..STANDARD_WEBHOOKS
};

static STANDARD_WEBHOOKS: Scheme =
    standard_webhooks("standard-webhooks", &[Field("webhook-signature")])
        .at(Field("webhook-timestamp"), Seconds)
        .with_id(Field("webhook-id"), IdForm::Without(b"."));

static SVIX: Scheme = Scheme {
    fallback: Some(&STANDARD_WEBHOOKS),
    ..standard_webhooks("svix", &[Field("svix-signature")])
        .at(Field("svix-timestamp"), Seconds)
        .with_id(Field("svix-id"), IdForm::Without(b"."))
};

/// RFC 9421: signatures that say themselves what they cover.
const fn components(name: &'static str, algorithm: Algorithm, key: KeyForm) -> Scheme {
    let fields = raw(&[Field(SIGNATURE_INPUT), Field(SIGNATURE)], "", Base64);
    Scheme { signed: Signed::Components, ..over(name, algorithm, fields, &[]) }
        .keyed(key)
        .within(60)
        .chosen_by_the_operator()
}

const RFC_9421: &str = "https://www.rfc-editor.org/rfc/rfc9421";

const HUBSPOT_DOCUMENTATION: &str =
    "https://developers.hubspot.com/docs/apps/legacy-apps/authentication/validating-requests";

/// HubSpot signs its URLs with these characters unescaped.
const HUBSPOT_URL: UrlForm = UrlForm::Decoded(b":/?@!$'()*,;");

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
    // Nobody reads these in a Worker, and they would be a part of its upload.
    if cfg!(feature = "worker") {
        return Preset { provider: "", documentation: "", scheme };
    }
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
        "Adyen payment webhooks",
        "https://docs.adyen.com/development-resources/webhooks/secure-webhooks/verify-hmac-signatures/",
        &own("adyen-standard", HmacSha256, raw(&[], "", Base64), Canonical::AdyenItems)
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
        "Cloudflare's is_timed_hmac_valid_v0",
        "https://developers.cloudflare.com/waf/custom-rules/use-cases/configure-token-authentication/",
        &own(
            "cloudflare-token",
            HmacSha256,
            SignatureRule {
                sources: &[Query("verify")],
                format: Format::Stamped,
                encoding: AnyBase64,
            },
            Canonical::CloudflareToken,
        )
        .at(Parameter(STAMP), Seconds)
        .chosen_by_the_operator(),
    ),
    preset(
        "Coinbase Commerce",
        "https://docs.cdp.coinbase.com/commerce/docs/webhooks-security",
        body_only!("coinbase-commerce", HmacSha256, "X-CC-Webhook-Signature", "", Hex),
    ),
    preset(
        "Contentful app requests",
        "https://www.contentful.com/developers/docs/extensibility/app-framework/request-verification/",
        &own(
            "contentful",
            HmacSha256,
            raw(&[Field("x-contentful-signature")], "", Hex),
            Canonical::Contentful,
        )
        .at(Field("x-contentful-timestamp"), Milliseconds)
        .within(30)
        .with_min_secret(64),
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
        "Discord interactions and events",
        "https://docs.discord.com/developers/interactions/overview",
        &over(
            "discord",
            Ed25519,
            raw(&[Field("X-Signature-Ed25519")], "", Hex),
            &[Timestamp, Body],
        )
        .at(Field("X-Signature-Timestamp"), Seconds)
        .keyed(KeyForm::Hex)
        .greeting(Handshake::Discord),
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
            .with_min_secret(15)
            .greeting(Handshake::Dropbox),
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
        .at(Field("X-HubSpot-Request-Timestamp"), Milliseconds)
        .calling(HUBSPOT_URL),
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
        .with_id(Json(&["signature", "token"]), IdForm::Without(b"")),
    ),
    preset(
        "Meta: Messenger, Instagram, WhatsApp",
        "https://developers.facebook.com/docs/graph-api/webhooks/getting-started",
        &over("meta", HmacSha256, raw(&[Field("X-Hub-Signature-256")], "sha256=", Hex), &[Body])
            .greeting(Handshake::Meta),
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
        "HTTP Message Signatures with ECDSA over P-256",
        RFC_9421,
        &components("rfc9421-ecdsa-p256-sha256", EcdsaP256, KeyForm::Pem),
    ),
    preset(
        "HTTP Message Signatures with ECDSA over P-384",
        RFC_9421,
        &components("rfc9421-ecdsa-p384-sha384", EcdsaP384, KeyForm::Pem),
    ),
    preset(
        "HTTP Message Signatures with Ed25519",
        RFC_9421,
        &components("rfc9421-ed25519", Ed25519, KeyForm::Pem),
    ),
    preset(
        "HTTP Message Signatures with HMAC",
        RFC_9421,
        &components("rfc9421-hmac-sha256", HmacSha256, KeyForm::Utf8),
    ),
    preset(
        "HTTP Message Signatures with HMAC, the key in base64",
        RFC_9421,
        &components("rfc9421-hmac-sha256-base64", HmacSha256, KeyForm::Base64 { prefix: "" }),
    ),
    preset(
        "HTTP Message Signatures with RSA-PSS",
        RFC_9421,
        &components("rfc9421-rsa-pss-sha512", RsaPss, KeyForm::Pem),
    ),
    preset(
        "HTTP Message Signatures with RSA, PKCS #1 v1.5",
        RFC_9421,
        &components("rfc9421-rsa-v1_5-sha256", RsaPkcs1, KeyForm::Pem),
    ),
    preset(
        "SendGrid Event Webhook",
        "https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features",
        &over(
            "sendgrid",
            EcdsaP256,
            raw(&[Field("X-Twilio-Email-Event-Webhook-Signature")], "", Base64),
            &[Timestamp, Body],
        )
        .at(Field("X-Twilio-Email-Event-Webhook-Timestamp"), Seconds)
        .keyed(KeyForm::Base64 { prefix: "" }),
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
        "Shopify links into an app",
        "https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/authorization-code-grant",
        &own("shopify-link", HmacSha256, raw(&[Query("hmac")], "", Hex), Canonical::ShopifyLink)
            .at(Query("timestamp"), Seconds)
            .within(90),
    ),
    preset(
        "Shopify app proxy",
        "https://shopify.dev/docs/apps/build/online-store/app-proxies/authenticate-app-proxies",
        &own(
            "shopify-proxy",
            HmacSha256,
            raw(&[Query("signature")], "", Hex),
            Canonical::ShopifyProxy,
        )
        .at(Query("timestamp"), Seconds)
        .within(90),
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
        .at(Field("X-Slack-Request-Timestamp"), Seconds)
        .greeting(Handshake::Slack),
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
        "Standard Webhooks, with a public key",
        "https://github.com/standard-webhooks/standard-webhooks",
        &STANDARD_WEBHOOKS_V1A,
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
        &over("trello", HmacSha1, raw(&[Field("X-Trello-Webhook")], "", Base64), &[Body, Url])
            .greeting(Handshake::Trello),
    ),
    preset(
        "Twilio",
        "https://www.twilio.com/docs/usage/security",
        &own(
            "twilio",
            HmacSha1,
            raw(&[Field("X-Twilio-Signature")], "", Base64),
            Canonical::Twilio,
        ),
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
        &over(
            "woocommerce",
            HmacSha256,
            raw(&[Field("X-WC-Webhook-Signature")], "", Base64),
            &[Body],
        )
        .greeting(Handshake::WooCommerce),
    ),
    preset("The HMAC of Django and DRF senders", "../README.md#sign-requests", &X_HMAC),
    preset(
        "The HMAC of Django and DRF senders, with a signed nonce",
        "../README.md#sign-requests",
        &X_HMAC_NONCE,
    ),
    preset(
        "Xero",
        "https://developer.xero.com/documentation/guides/webhooks/configuring-your-server/",
        &over("xero", HmacSha256, raw(&[Field("x-xero-signature")], "", Base64), &[Body])
            .greeting(Handshake::Xero),
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
        .at(Field("x-zm-request-timestamp"), Seconds)
        .greeting(Handshake::Zoom),
    ),
];

// The presets as these tests know them: what a secret looks like, what the time is, what is sent.

import { randomBytes } from "node:crypto";
import { ed25519Pair, ed25519Pem, opensslSigners, p256Pair, p256Pem, p384Pem, rsaPem } from "./keys.mjs";
import { pythonSigns } from "./python.mjs";
import { sdks } from "./sdks.mjs";

/** Secrets are made for each run, in the form in which the provider shows them. */
const text = (prefix, encoding, bytes) => () => prefix + randomBytes(bytes).toString(encoding);
const hexText = text("", "hex", 16);
/** Looks as if it had to be decoded, and must not be. */
const base64Text = text("", "base64", 32);

/** An event with what a careless receiver would change: spaces, escapes, non-ASCII, a line end. */
const EVENT = Buffer.from('{ "id":"evt_7Q", "amount": 1250, "note":"caf\\u00e9 \\/ grün ☃ <&>" }\r\n');

const PUBLIC_URL = "https://hooks.example/in%20box/a?tenant=7";

/** A payment as Adyen tells of it, not signed yet. */
export const adyenItem = (changes = {}) => ({
  NotificationRequestItem: {
    amount: { currency: "EUR", value: 1250 },
    eventCode: "AUTHORISATION",
    eventDate: "2026-11-22T08:30:00+01:00",
    merchantAccountCode: "Shop_GRÜN",
    merchantReference: "order:7\\Q",
    originalReference: "7914073251449896",
    paymentMethod: "visa",
    pspReference: "7914073381342284",
    success: "true",
    ...changes,
  },
});

/** For links, whose query is the message and whose body nobody signs. */
const LINK = {
  method: "GET",
  route: { methods: ["GET", "POST"], allow_empty_body: true },
  signsNothing: true,
  signedParts: (request) => [altered(request)],
};

const QUERY = "?tenant=7&note=gr%C3%BCn%20%2F";

const rows = {
  "adyen-platforms": { secret: text("", "hex", 32) },
  "adyen-standard": {
    secret: text("", "hex", 32),
    event: () => Buffer.from(JSON.stringify({ live: "false", notificationItems: [adyenItem()] })),
  },
  asana: { secret: hexText },
  bitbucket: { secret: hexText },
  box: { secret: text("", "base64url", 24), tolerance: 600, rfc3339: true },
  calendly: { secret: text("", "base64url", 32), tolerance: 180 },
  "cloudflare-token": {
    ...LINK,
    secret: text("", "base64url", 32),
    tolerance: 300,
    query: "?amount=1250&note=gr%C3%BCn%20%2F",
  },
  "coinbase-commerce": { secret: hexText },
  contentful: {
    secret: text("", "hex", 32),
    tolerance: 30,
    query: "?tenant=7&note=caf%C3%A9%20%26(1)&at=a/b:c",
  },
  "customer-io": { secret: text("", "hex", 32), tolerance: 300 },
  discord: { secret: ed25519Pair("", "hex"), tolerance: 300 },
  docusign: { secret: base64Text },
  dropbox: { secret: () => randomBytes(12).toString("base64url").slice(1) },
  github: { secret: hexText },
  gitlab: { secret: text("", "base64url", 32), signsNothing: true },
  "hubspot-v1": { secret: hexText },
  "hubspot-v2": { secret: hexText, url: PUBLIC_URL },
  "hubspot-v3": { secret: hexText, url: PUBLIC_URL, tolerance: 300 },
  intercom: { secret: hexText },
  jira: { secret: hexText },
  launchdarkly: { secret: hexText },
  linear: {
    secret: text("lin_wh_", "base64url", 24),
    tolerance: 60,
    // The time is in the signed body.
    event: (at) => Buffer.from(`{ "action":"update", "amount": 1250, "webhookTimestamp":${at * 1000} }\n`),
  },
  mailgun: {
    secret: hexText,
    tolerance: 300,
    signsNothing: true,
    id: () => randomBytes(25).toString("hex"),
    event: () => Buffer.from('{"event":"delivered","amount":1250}'),
    signedParts: (request) => {
      const document = JSON.parse(request.body);
      const earlier = String(Number(document.signature.timestamp) - 1);
      return [{ token: randomBytes(25).toString("hex") }, { timestamp: earlier }].map((change) => {
        const signature = { ...document.signature, ...change };
        return { ...request, body: Buffer.from(JSON.stringify({ ...document, signature })) };
      });
    },
  },
  meta: { secret: hexText },
  mux: { secret: text("", "base64url", 24), tolerance: 300 },
  paddle: { secret: text("pdl_ntfset_", "base64url", 24), tolerance: 5 },
  pagerduty: { secret: base64Text },
  paystack: { secret: text("sk_test_", "hex", 20) },
  razorpay: { secret: hexText },
  "rfc9421-ecdsa-p256-sha256": { secret: p256Pem, tolerance: 60, query: QUERY },
  "rfc9421-ecdsa-p384-sha384": { secret: p384Pem, tolerance: 60, query: QUERY },
  "rfc9421-ed25519": { secret: ed25519Pem, tolerance: 60, query: QUERY },
  "rfc9421-hmac-sha256": { secret: text("", "base64url", 32), tolerance: 60, query: QUERY },
  "rfc9421-hmac-sha256-base64": { secret: text("", "base64", 32), tolerance: 60, query: QUERY },
  "rfc9421-rsa-pss-sha512": { secret: rsaPem(3072), tolerance: 60, query: QUERY },
  "rfc9421-rsa-v1_5-sha256": { secret: rsaPem(3072), tolerance: 60, query: QUERY },
  sendgrid: { secret: p256Pair, tolerance: 300 },
  sentry: { secret: text("", "hex", 32) },
  shopify: { secret: text("shpss_", "hex", 16) },
  "shopify-link": {
    ...LINK,
    secret: text("shpss_", "hex", 16),
    tolerance: 90,
    query: "?state=1250%20%2F~%C3%BC*&code=0907a61c&shop=shop.myshopify.com&host=YWRtaW4%3D",
  },
  "shopify-proxy": {
    ...LINK,
    secret: text("shpss_", "hex", 16),
    tolerance: 90,
    query: "?amount=1250&shop=shop.myshopify.com&logged_in_customer_id=&path_prefix=%2Fapps%2F%C3%BC&tag=a+b&tag=c",
  },
  slack: { secret: hexText, tolerance: 300 },
  square: { secret: text("", "base64url", 16), url: PUBLIC_URL },
  "standard-webhooks": { secret: text("whsec_", "base64", 24), tolerance: 300, id: () => `msg_${hexText()}` },
  "standard-webhooks-v1a": { secret: ed25519Pair("whpk_", "base64"), tolerance: 300, id: () => `msg_${hexText()}` },
  stripe: { secret: text("whsec_", "base64", 24), tolerance: 300 },
  svix: { secret: text("whsec_", "base64", 24), tolerance: 300, id: () => `msg_${hexText()}` },
  trello: { secret: text("", "hex", 32), url: PUBLIC_URL },
  twilio: {
    secret: hexText,
    url: PUBLIC_URL,
    event: () => Buffer.from("From=%2B14155550123&Body=gr%C3%BCn+%26&Empty=&Amount=1250"),
  },
  typeform: { secret: base64Text },
  vercel: { secret: text("", "base64url", 18) },
  woocommerce: { secret: text("", "base64url", 38) },
  "x-hmac": { secret: text("", "base64url", 24), tolerance: 60 },
  "x-hmac-nonce": { secret: text("", "base64url", 24), tolerance: 60, id: () => randomBytes(16).toString("hex") },
  xero: { secret: text("", "base64", 66) },
  zendesk: { secret: base64Text, tolerance: 300 },
  zoom: {
    secret: text("", "base64url", 16),
    tolerance: 300,
    // The library signs the JSON it has read and written again, so it takes compact JSON only.
    event: () => Buffer.from('{"event":"meeting.started","event_ts":1626230691572,"payload":{"amount":1250,"topic":"grün ☃"}}'),
  },
};

/** One for each preset: its name, a secret of this run, and how its provider makes a request. */
export const providers = Object.entries(rows).map(([name, row]) => {
  const sdk = sdks[name];
  const secret = row.secret();
  const signer = sdk?.sign ? "the library" : opensslSigners[name] ? "OpenSSL" : "Python stdlib";
  return {
    ...row,
    name,
    sdk,
    secret,
    signer,
    /** Another secret of the same form. */
    newSecret: row.secret,
    /** A request signed at this second; `changes` to the secret, the body, the id, the URL or the target. */
    async request(at, changes = {}) {
      const { method = "POST", query = "" } = row;
      const body = method === "GET" ? undefined : (row.event?.(at) ?? EVENT);
      const target = `/hook/${name}${query}`;
      const one = { secret, at, method, target, body, url: row.url, id: row.id?.(), ...changes };
      const sign = sdk?.sign ?? opensslSigners[name];
      const signed = sign
        ? { headers: await sign(one), body: one.body, target: one.target }
        : await pythonSigns(name, one);
      return { ...signed, method, signed: one };
    },
    /** Whether the provider's library takes a request. */
    async accepts({ headers, body, target, signed }) {
      const fields = Object.fromEntries(headers.map(([field, value]) => [field.toLowerCase(), value]));
      try {
        return await sdk.accepts({ ...signed, fields, body, target });
      } catch {
        return false;
      }
    },
  };
});

export const provider = (name) => providers.find((one) => one.name === name);

/** The same request with another amount: one byte of its body, or where it has none, of its query. */
export function altered(request) {
  const change = (text) => text.replace(/(?<=[=:] ?)1250/, "1251");
  if (!request.body) return { ...request, target: change(request.target) };
  return { ...request, body: Buffer.from(change(request.body.toString("latin1")), "latin1") };
}

/** The same request with another body; one that had none comes with POST. */
export const withOtherBody = (request) =>
  request.body ? altered(request) : { ...request, method: "POST", body: EVENT };

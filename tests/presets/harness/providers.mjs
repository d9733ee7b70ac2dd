// The presets as these tests know them: what a secret looks like, what the time is, what is sent.

import { randomBytes } from "node:crypto";
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

const rows = {
  "adyen-platforms": { secret: text("", "hex", 32) },
  asana: { secret: hexText },
  bitbucket: { secret: hexText },
  box: { secret: text("", "base64url", 24), tolerance: 600, rfc3339: true },
  calendly: { secret: text("", "base64url", 32), tolerance: 180 },
  "coinbase-commerce": { secret: hexText },
  "customer-io": { secret: text("", "hex", 32), tolerance: 300 },
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
  },
  meta: { secret: hexText },
  mux: { secret: text("", "base64url", 24), tolerance: 300 },
  paddle: { secret: text("pdl_ntfset_", "base64url", 24), tolerance: 5 },
  pagerduty: { secret: base64Text },
  paystack: { secret: text("sk_test_", "hex", 20) },
  razorpay: { secret: hexText },
  sentry: { secret: text("", "hex", 32) },
  shopify: { secret: text("shpss_", "hex", 16) },
  slack: { secret: hexText, tolerance: 300 },
  square: { secret: text("", "base64url", 16), url: PUBLIC_URL },
  "standard-webhooks": { secret: text("whsec_", "base64", 24), tolerance: 300, id: () => `msg_${hexText()}` },
  stripe: { secret: text("whsec_", "base64", 24), tolerance: 300 },
  svix: { secret: text("whsec_", "base64", 24), tolerance: 300, id: () => `msg_${hexText()}` },
  trello: { secret: text("", "hex", 32), url: PUBLIC_URL },
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
  return {
    ...row,
    name,
    sdk,
    secret,
    /** Another secret of the same form. */
    newSecret: row.secret,
    /** A request signed at this second; `changes` to the secret, the body, the id or the URL. */
    async request(at, changes = {}) {
      const body = row.event?.(at) ?? EVENT;
      const one = { secret, at, body, url: row.url, id: row.id?.(), ...changes };
      const signed = sdk?.sign
        ? { headers: await sdk.sign(one), body: one.body }
        : await pythonSigns(name, one);
      return { ...signed, target: `/hook/${name}`, signed: one };
    },
    /** Whether the provider's library takes a request. */
    async accepts({ headers, body, signed }) {
      const fields = Object.fromEntries(headers.map(([field, value]) => [field.toLowerCase(), value]));
      try {
        return await sdk.accepts({ ...signed, fields, body });
      } catch {
        return false;
      }
    },
  };
});

export const provider = (name) => providers.find((one) => one.name === name);

/** The same request with one byte of its body changed. */
export function altered(request) {
  const body = Buffer.from(request.body);
  const at = body.indexOf("1250") + 3;
  body[at] = "1".charCodeAt(0);
  return { ...request, body };
}

// Where providers differ from what one would guess. Each request here is right but for one thing.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";
import { now } from "../worker/harness/sign.mjs";
import { startPresets } from "./harness/gate.mjs";
import { altered, provider } from "./harness/providers.mjs";
import { ACCEPTED, BODY, hook, INVALID, mac, MISSING, secretOf } from "./harness/traps.mjs";

const later = provider("github").newSecret();
const docusignSecond = provider("docusign").newSecret();
const boxSecond = provider("box").newSecret();

let gate;

before(async () => {
  gate = await startPresets([
    { id: "two-keys", preset: "github", secrets: [provider("github").newSecret(), later] },
    { id: "docusign-two", preset: "docusign", secrets: [provider("docusign").newSecret(), docusignSecond] },
    { id: "box-two", preset: "box", secrets: [provider("box").newSecret(), boxSecond] },
  ]);
});

after(() => gate.stop());

const code = async (request) => (await gate.outcome(request)).code;
/** For a preset that signs the body alone: the field with another signature in it. */
async function refuses(name, field, signature) {
  assert.equal(await code(hook(name, { [field]: signature })), INVALID);
}

test("secrets that look encoded are not decoded: Stripe, DocuSign, Zendesk, Xero, Sentry", async () => {
  const time = String(now());
  const stripeKey = Buffer.from(secretOf("stripe").slice("whsec_".length), "base64");
  const stripe = `t=${time},v1=${mac("hex", stripeKey, `${time}.${BODY}`)}`;
  assert.equal(await code(hook("stripe", { "Stripe-Signature": stripe })), INVALID);
  const withoutPrefix = secretOf("stripe").slice("whsec_".length);
  const bare = `t=${time},v1=${mac("hex", withoutPrefix, `${time}.${BODY}`)}`;
  assert.equal(await code(hook("stripe", { "Stripe-Signature": bare })), INVALID);
  const decoded = (name, encoding) => Buffer.from(secretOf(name), encoding);
  await refuses("docusign", "X-DocuSign-Signature-1", mac("base64", decoded("docusign", "base64"), BODY));
  await refuses("xero", "x-xero-signature", mac("base64", decoded("xero", "base64"), BODY));
  await refuses("sentry", "Sentry-Hook-Signature", mac("hex", decoded("sentry", "hex"), BODY));
  const moment = new Date().toISOString();
  const zendesk = {
    "X-Zendesk-Webhook-Signature": mac("base64", decoded("zendesk", "base64"), moment + BODY),
    "X-Zendesk-Webhook-Signature-Timestamp": moment,
  };
  assert.equal(await code(hook("zendesk", zendesk)), INVALID);
});

test("secrets that are encoded are decoded: Standard Webhooks, Svix, Adyen", async () => {
  const time = String(now());
  for (const [name, prefix] of [["standard-webhooks", "webhook"], ["svix", "svix"]]) {
    for (const key of [secretOf(name), secretOf(name).slice("whsec_".length)]) {
      const fields = {
        [`${prefix}-id`]: "msg_1",
        [`${prefix}-timestamp`]: time,
        [`${prefix}-signature`]: `v1,${mac("base64", key, `msg_1.${time}.${BODY}`)}`,
      };
      assert.equal(await code(hook(name, fields)), INVALID);
    }
  }
  await refuses("adyen-platforms", "HmacSignature", mac("base64", secretOf("adyen-platforms"), BODY));
});

test("a base64 signature of 44 characters that stand for 33 bytes: Adyen", async () => {
  const key = Buffer.from(secretOf("adyen-platforms"), "hex");
  const right = mac("base64", key, BODY);
  assert.equal(await code(hook("adyen-platforms", { HmacSignature: right })), ACCEPTED);
  const longer = Buffer.concat([Buffer.from(right, "base64"), Buffer.from([0])]).toString("base64");
  assert.equal(longer.length, right.length);
  await refuses("adyen-platforms", "HmacSignature", longer);
  await refuses("adyen-platforms", "HmacSignature", right.slice(0, -1));
});

test("sha256= in front of base64, not of hexadecimal: Typeform", async () => {
  await refuses("typeform", "Typeform-Signature", `sha256=${mac("hex", secretOf("typeform"), BODY)}`);
  await refuses("typeform", "Typeform-Signature", mac("base64", secretOf("typeform"), BODY));
});

test("the hash of each: SHA-1 for Vercel, Intercom and Trello, SHA-512 for Paystack", async () => {
  await refuses("vercel", "x-vercel-signature", mac("hex", secretOf("vercel"), BODY));
  await refuses("intercom", "X-Hub-Signature", `sha256=${mac("hex", secretOf("intercom"), BODY)}`);
  await refuses("intercom", "X-Hub-Signature", `sha1=${mac("hex", secretOf("intercom"), BODY)}`);
  const { url } = provider("trello");
  await refuses("trello", "X-Trello-Webhook", mac("base64", secretOf("trello"), BODY + url));
  await refuses("paystack", "x-paystack-signature", mac("hex", secretOf("paystack"), BODY));
  for (const name of ["bitbucket", "jira"]) {
    await refuses(name, "X-Hub-Signature", `sha1=${mac("hex", secretOf(name), BODY, "sha1")}`);
  }
});

test("the older field with SHA-1 is none: GitHub, Meta", async () => {
  for (const name of ["github", "meta"]) {
    const legacy = { "X-Hub-Signature": `sha1=${mac("hex", secretOf(name), BODY, "sha1")}` };
    assert.equal(await code(hook(name, legacy)), MISSING);
  }
});

test("v0 is a decoy, and any v1 may match: Stripe", async () => {
  const time = String(now());
  const right = mac("hex", secretOf("stripe"), `${time}.${BODY}`);
  const wrong = mac("hex", "another", BODY);
  const outcome = (value) => code(hook("stripe", { "Stripe-Signature": value }));
  assert.equal(await outcome(`t=${time},v0=${right}`), INVALID);
  assert.equal(await outcome(`t=${time},v1=${wrong},v0=${right}`), INVALID);
  assert.equal(await outcome(`t=${time},v1=${right},v0=${wrong}`), ACCEPTED);
  assert.equal(await outcome(`t=${time},v1=${wrong},v1=${right}`), ACCEPTED);
  assert.equal(await outcome(`t=${time}, v1=${right}`), ACCEPTED);
  assert.equal(await outcome(`v1=${right}`), MISSING);
  assert.equal(await outcome(`t=${time},v1=`), INVALID);
});

test("a time that stands twice is refused: Stripe, Mux, Calendly, Paddle", async () => {
  const time = String(now());
  const other = String(now() - 1);
  const dotted = (name) => mac("hex", secretOf(name), `${time}.${BODY}`);
  for (const [name, field] of [
    ["stripe", "Stripe-Signature"],
    ["mux", "Mux-Signature"],
    ["calendly", "Calendly-Webhook-Signature"],
  ]) {
    for (const times of [`t=${time},t=${other}`, `t=${other},t=${time}`, `t=${time},t=${time}`]) {
      assert.equal(await code(hook(name, { [field]: `${times},v1=${dotted(name)}` })), INVALID);
    }
  }
  const paddle = mac("hex", secretOf("paddle"), `${time}:${BODY}`);
  assert.equal(await code(hook("paddle", { "Paddle-Signature": `ts=${time};ts=${other};h1=${paddle}` })), INVALID);
});

test("several signatures, of which one matches: Paddle, PagerDuty, Standard Webhooks", async () => {
  const time = String(now());
  const wrong = mac("hex", "another", BODY);
  const paddle = mac("hex", secretOf("paddle"), `${time}:${BODY}`);
  assert.equal(await code(hook("paddle", { "Paddle-Signature": `ts=${time};h1=${wrong};h1=${paddle}` })), ACCEPTED);
  const duty = mac("hex", secretOf("pagerduty"), BODY);
  assert.equal(await code(hook("pagerduty", { "X-PagerDuty-Signature": `v1=${wrong},v1=${duty}` })), ACCEPTED);
  assert.equal(await code(hook("pagerduty", { "X-PagerDuty-Signature": `v2=${duty}` })), INVALID);
  const key = Buffer.from(secretOf("standard-webhooks").slice("whsec_".length), "base64");
  const standard = (id, list) => {
    const signature = list(mac("base64", key, `${id}.${time}.${BODY}`));
    return code(hook("standard-webhooks", { "webhook-id": id, "webhook-timestamp": time, "webhook-signature": signature }));
  };
  const others = `v1a,${"A".repeat(86)}== v1,${mac("base64", "another", BODY)}`;
  assert.equal(await standard("msg_1", (right) => `${others} v1,${right}`), ACCEPTED);
  assert.equal(await standard("msg_1", (right) => `v1a,${right}`), INVALID);
  assert.equal(await standard("msg_1", (right) => `v2,${right}`), INVALID);
  assert.equal(await standard("msg_1", () => "v1,"), INVALID);
  assert.equal(await standard("msg.1", (right) => `v1,${right}`), INVALID, "a full stop would move the boundary");
});

test("webhook-* fields are taken where there is no svix-*, and the two are never mixed: Svix", async () => {
  const time = String(now());
  const key = Buffer.from(secretOf("svix").slice("whsec_".length), "base64");
  const signature = `v1,${mac("base64", key, `msg_1.${time}.${BODY}`)}`;
  const plain = { "webhook-id": "msg_1", "webhook-timestamp": time, "webhook-signature": signature };
  assert.deepEqual(await gate.outcome(hook("svix", plain)), { code: ACCEPTED, scheme: "svix" });
  const mixed = { "svix-signature": signature, "webhook-id": "msg_1", "webhook-timestamp": time };
  assert.equal(await code(hook("svix", mixed)), MISSING);
});

test("any of the numbered fields, any of the keys: DocuSign", async () => {
  const right = mac("base64", docusignSecond, BODY);
  const wrong = mac("base64", "another", BODY);
  const outcome = (fields) => code(hook("docusign-two", fields));
  for (const number of [1, 2, 3, 4, 5]) {
    assert.equal(await outcome({ [`X-DocuSign-Signature-${number}`]: right }), ACCEPTED);
  }
  assert.equal(await outcome({ "X-DocuSign-Signature-1": wrong, "X-DocuSign-Signature-2": right }), ACCEPTED);
  assert.equal(await outcome({ "X-DocuSign-Signature-1": wrong }), INVALID);
});

test("either signature, and only the version and algorithm that are known: Box", async () => {
  const time = new Date().toISOString();
  const right = mac("base64", boxSecond, BODY + time);
  const fields = {
    "BOX-DELIVERY-TIMESTAMP": time,
    "BOX-SIGNATURE-VERSION": "1",
    "BOX-SIGNATURE-ALGORITHM": "HmacSHA256",
    "BOX-SIGNATURE-PRIMARY": mac("base64", "another", BODY + time),
    "BOX-SIGNATURE-SECONDARY": right,
  };
  const outcome = (changes) => code(hook("box-two", { ...fields, ...changes }));
  assert.equal(await outcome({}), ACCEPTED);
  assert.equal(await outcome({ "BOX-SIGNATURE-SECONDARY": mac("base64", "third", BODY + time) }), INVALID);
  assert.equal(await outcome({ "BOX-SIGNATURE-VERSION": "2" }), INVALID);
  assert.equal(await outcome({ "BOX-SIGNATURE-ALGORITHM": "HmacSHA1" }), INVALID);
  const { "BOX-SIGNATURE-VERSION": _, ...without } = fields;
  assert.equal(await code(hook("box-two", without)), MISSING);
});

test("the moment with its offset and fraction, as the provider writes it: Box, Zendesk", async () => {
  const at = new Date(Math.floor(Date.now() / 1000) * 1000 - 7 * 3600_000);
  const time = at.toISOString().replace(".000Z", "-07:00");
  const box = {
    "BOX-DELIVERY-TIMESTAMP": time,
    "BOX-SIGNATURE-VERSION": "1",
    "BOX-SIGNATURE-ALGORITHM": "HmacSHA256",
    "BOX-SIGNATURE-PRIMARY": mac("base64", secretOf("box"), BODY + time),
  };
  assert.equal(await code(hook("box", box)), ACCEPTED);
  const fraction = new Date().toISOString();
  const zendesk = {
    "X-Zendesk-Webhook-Signature": mac("base64", secretOf("zendesk"), fraction + BODY),
    "X-Zendesk-Webhook-Signature-Timestamp": fraction,
  };
  assert.equal(await code(hook("zendesk", zendesk)), ACCEPTED);
});

test("time before body, not the order of the early days: Zendesk", async () => {
  const time = new Date().toISOString();
  const fields = {
    "X-Zendesk-Webhook-Signature": mac("base64", secretOf("zendesk"), BODY + time),
    "X-Zendesk-Webhook-Signature-Timestamp": time,
  };
  assert.equal(await code(hook("zendesk", fields)), INVALID);
});

test("v0= before the signature, or not: Slack, Zoom, Customer.io", async () => {
  const time = String(now());
  const bare = (name) => mac("hex", secretOf(name), `v0:${time}:${BODY}`);
  const slack = { "X-Slack-Signature": bare("slack"), "X-Slack-Request-Timestamp": time };
  const zoom = { "x-zm-signature": bare("zoom"), "x-zm-request-timestamp": time };
  const customer = { "X-CIO-Signature": `v0=${bare("customer-io")}`, "X-CIO-Timestamp": time };
  assert.equal(await code(hook("slack", slack)), INVALID);
  assert.equal(await code(hook("zoom", zoom)), INVALID);
  assert.equal(await code(hook("customer-io", customer)), INVALID);
});

test("times that nobody signed do not count: Linear, Sentry, Shopify", async () => {
  const old = "1700000000";
  const linear = provider("linear");
  const fresh = await linear.request(now());
  const aged = await linear.request(now() - 61);
  const stamp = (request, time) => ({ ...request, headers: [...request.headers, ["Linear-Timestamp", time]] });
  assert.equal(await code(stamp(fresh, `${old}000`)), ACCEPTED);
  assert.equal(await code(stamp(aged, `${now()}000`)), "stale_timestamp");
  const sentry = await provider("sentry").request(now());
  sentry.headers.push(["Sentry-Hook-Timestamp", old]);
  assert.equal(await code(sentry), ACCEPTED);
  const shopify = await provider("shopify").request(now());
  shopify.headers.push(["X-Shopify-Triggered-At", "2023-11-14T22:13:20Z"]);
  assert.equal(await code(shopify), ACCEPTED);
});

test("the body must be JSON with the time in it: Linear, Mailgun", async () => {
  const signed = (body) => ({ "Linear-Signature": mac("hex", secretOf("linear"), body) });
  for (const text of ["not JSON", "{}", '{"data":{"webhookTimestamp":1}}', `{"webhookTimestamp":"${now()}"}`]) {
    const outcome = await gate.outcome(hook("linear", signed(text), Buffer.from(text)));
    assert.equal(outcome.status, 401, text);
  }
  assert.equal(await code(hook("mailgun", {}, Buffer.from('{"event-data":{}}'))), MISSING);
});

test("the newer webhooks' field: Shopify", async () => {
  const fields = { "shopify-hmac-sha256": mac("base64", secretOf("shopify"), BODY) };
  assert.equal(await code(hook("shopify", fields)), ACCEPTED);
});

test("the configured URL is what counts, wherever the request came in: Square, Trello, HubSpot", async () => {
  const received = "http://gate.test/hook";
  await refuses("square", "x-square-hmacsha256-signature", mac("base64", secretOf("square"), `${received}/square${BODY}`));
  await refuses("trello", "X-Trello-Webhook", mac("base64", secretOf("trello"), `${BODY}${received}/trello`, "sha1"));
  const hash = createHash("sha256").update(`${secretOf("hubspot-v2")}POST${received}/hubspot-v2${BODY}`).digest("hex");
  await refuses("hubspot-v2", "X-HubSpot-Signature", hash);
});

test("the method is signed: HubSpot 2 and 3", async () => {
  for (const name of ["hubspot-v2", "hubspot-v3"]) {
    const request = await provider(name).request(now());
    assert.equal(await code({ ...request, method: "POST" }), ACCEPTED);
    assert.equal(await code({ ...request, method: "PUT" }), INVALID);
  }
});

test("the versions do not stand for one another: HubSpot", async () => {
  const one = await provider("hubspot-v1").request(now(), { secret: secretOf("hubspot-v2") });
  assert.equal(await code({ ...one, target: "/hook/hubspot-v2" }), INVALID);
  assert.equal(await code({ ...one, target: "/hook/hubspot-v3" }), MISSING);
});

test("an altered event passes, since only the token and the time are signed: Mailgun", async () => {
  const request = await provider("mailgun").request(now());
  assert.equal(await code(altered(request)), ACCEPTED);
  const document = JSON.parse(request.body);
  document["event-data"] = { event: "permanent_fail" };
  assert.equal(await code({ ...request, body: Buffer.from(JSON.stringify(document)) }), ACCEPTED);
});

test("the token, and nothing that is like it: GitLab", async () => {
  const token = secretOf("gitlab");
  assert.equal(await code(hook("gitlab", { "X-Gitlab-Token": token })), ACCEPTED);
  for (const wrong of [token.slice(0, -1), `${token}x`, token.toLowerCase(), createHash("sha256").update(token).digest("hex")]) {
    assert.equal(await code(hook("gitlab", { "X-Gitlab-Token": wrong })), INVALID);
  }
  assert.equal(await code(hook("gitlab", {})), MISSING);
});

test("either secret while one replaces the other: GitHub", async () => {
  const fields = { "X-Hub-Signature-256": `sha256=${mac("hex", later, BODY)}` };
  assert.equal(await code(hook("two-keys", fields)), ACCEPTED);
  const upper = { "X-Hub-Signature-256": `sha256=${mac("hex", later, BODY).toUpperCase()}` };
  assert.equal(await code(hook("two-keys", upper)), ACCEPTED, "hexadecimal of either case");
});

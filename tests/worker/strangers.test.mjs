// What a request without a right signature may ask of the built Worker, and names of JSON that another
// reader could take for the signed ones. Nothing of it reaches the origin.

import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { after, before, test } from "node:test";
import { json, send } from "./harness/client.mjs";
import { startOrigin } from "./harness/origin.mjs";
import { mac, now } from "./harness/sign.mjs";
import { startGate } from "./harness/workerd.mjs";

/** A secret for each scheme, as hexadecimal digits. */
const secretOf = (scheme) => createHash("sha256").update(scheme).digest("hex");
const SCHEMES = {
  "adyen-standard": {},
  contentful: {},
  linear: {},
  mailgun: {},
  "rfc9421-hmac-sha256": { message_signature: { components: ["@method"] } },
  "shopify-link": {},
  slack: { handshake: true },
  stripe: {},
  zoom: { handshake: true },
  twilio: { url: "http://gate.test/twilio" },
};

let gate, origin;

before(async () => {
  origin = await startOrigin();
  const names = Object.keys(SCHEMES);
  const policy = {
    senders: names.map((scheme, at) => ({ id: scheme, scheme, secrets: [`SECRET_${at}`], ...SCHEMES[scheme] })),
    routes: names.map((id) => ({ path: `/${id}`, methods: ["GET", "POST"], senders: [id], allow_empty_body: true })),
  };
  const secrets = Object.fromEntries(names.map((scheme, at) => [`SECRET_${at}`, secretOf(scheme)]));
  gate = await startGate({ policy, secrets, origin: origin.url });
});

after(async () => {
  await gate.stop();
  await origin.stop();
});

/** Sends a request to a scheme's route: it must be answered with this code, and go no further. */
async function refused(code, scheme, { query = "", ...request }) {
  const seen = origin.received.length;
  const answer = await send(gate.port, { target: `/${scheme}${query}`, ...request });
  assert.equal(json(answer).code, code);
  assert.equal(origin.received.length, seen, "the origin received nothing");
}

/** The same for one that is let through. */
async function accepted(scheme, { query = "", ...request }) {
  const seen = origin.received.length;
  const answer = await send(gate.port, { target: `/${scheme}${query}`, ...request });
  assert.equal(answer.status, 200, answer.body.toString());
  assert.equal(origin.received.length, seen + 1);
  assert.deepEqual(origin.received[seen].body, request.body ?? Buffer.alloc(0));
}

const base64Mac = (hash, key, text) => createHmac(hash, key).update(text).digest("base64");
const digits = "0".repeat(64);

/** A notification as Adyen signs it; the first change is to the item's text. */
function adyen(change = (text) => text) {
  const signature = base64Mac("sha256", Buffer.from(secretOf("adyen-standard"), "hex"), "P-1::Shop:order-7:1250:EUR:AUTHORISATION:true");
  const item = `{"pspReference":"P-1","merchantAccountCode":"Shop","merchantReference":"order-7","amount":{"value":1250,"currency":"EUR"},"eventCode":"AUTHORISATION","success":"true","additionalData":{"hmacSignature":"${signature}"}}`;
  return Buffer.from(change(`{"live":"false","notificationItems":[{"NotificationRequestItem":${item}}]}`));
}

test("row_53_members_that_differ_only_in_capitals_are_refused", async () => {
  await accepted("adyen-standard", { body: adyen() });
  for (const [name, other] of [
    ["pspReference", "PSPREFERENCE"],
    ["pspReference", "p\\u0053pReference"],
    ["pspReference", "pſpReference"],
    ["value", "Value"],
    ["currency", "CURRENCY"],
    ["hmacSignature", "HMACSIGNATURE"],
    ["NotificationRequestItem", "notificationRequestItem"],
    ["notificationItems", "NotificationItems"],
  ]) {
    const doubled = adyen((text) => text.replace(`"${name}":`, `"${other}":"x","${name}":`));
    await refused("invalid_signature", "adyen-standard", { body: doubled });
    const instead = adyen((text) => text.replace(`"${name}":`, `"${other}":`));
    await refused("invalid_signature", "adyen-standard", { body: instead });
  }
  const last = adyen((text) => text.replace('"success":"true"', '"success":"true","SUCCESS":"false"'));
  await refused("invalid_signature", "adyen-standard", { body: last });
});

test("row_53_so_are_mailguns_and_linears", async () => {
  const at = now();
  const body = (more) =>
    Buffer.from(`{"signature":{"timestamp":"${at}","token":"abc","signature":"${mac(secretOf("mailgun"), `${at}abc`)}"${more}}}`);
  await accepted("mailgun", { body: body("") });
  await refused("missing_signature", "mailgun", { body: body(',"TOKEN":"x"') });
  await refused("missing_signature", "mailgun", { body: body(',"to\\u212aen":"x"') });
  const linear = (text) => ({ headers: [["Linear-Signature", mac(secretOf("linear"), text)]], body: Buffer.from(text) });
  await accepted("linear", linear(`{"webhookTimestamp":${at}000}`));
  await refused("missing_signature", "linear", linear(`{"webhookTimestamp":${at}000,"webhooktimestamp":0}`));
});

test("row_53_a_doubtful_handshake_is_not_answered_here", async () => {
  const v0 = (scheme, timestamp, signature) => (text) => {
    const at = now();
    const headers = [[timestamp, at], [signature, `v0=${mac(secretOf(scheme), `v0:${at}:${text}`)}`]];
    return { headers, body: Buffer.from(text) };
  };
  const slack = v0("slack", "X-Slack-Request-Timestamp", "X-Slack-Signature");
  const zoom = v0("zoom", "x-zm-request-timestamp", "x-zm-signature");
  const seen = origin.received.length;
  const answer = await send(gate.port, { target: "/slack", ...slack('{"type":"url_verification","challenge":"c"}') });
  assert.deepEqual(json(answer), { challenge: "c" });
  assert.equal(origin.received.length, seen);
  for (const doubtful of [
    '{"type":"url_verification","challenge":"c","Challenge":"d"}',
    '{"type":"url_verification","challenge":"c","\\u0074ype":"x"}',
    '{"TYPE":"x","type":"url_verification","challenge":"c"}',
  ]) {
    await accepted("slack", slack(doubtful));
  }
  const count = origin.received.length;
  const validated = await send(gate.port, { target: "/zoom", ...zoom('{"event":"endpoint.url_validation","payload":{"plainToken":"t"}}') });
  assert.deepEqual(json(validated), { plainToken: "t", encryptedToken: mac(secretOf("zoom"), "t") });
  assert.equal(origin.received.length, count);
  for (const doubtful of [
    '{"event":"endpoint.url_validation","payload":{"plainToken":"t","plainTo\u212aen":"u"}}',
    '{"event":"endpoint.url_validation","payload":{"plainToken":"t"},"Payload":{}}',
    '{"event":"endpoint.url_validation","\\u0045vent":"x","payload":{"plainToken":"t"}}',
  ]) {
    await accepted("zoom", zoom(doubtful));
  }
});

test("row_44_a_wrong_signature_is_told_before_the_body_is_read", async () => {
  for (const text of ["{", "{}", '{"webhookTimestamp":1}', `{"webhookTimestamp":${now() - 3600}000}`]) {
    await refused("invalid_signature", "linear", { headers: [["Linear-Signature", digits]], body: Buffer.from(text) });
  }
});

test("row_44_what_a_stranger_sends_too_much_of_is_refused", async () => {
  const at = now();
  const many = (count, item, joiner) => Array.from({ length: count }, (_, place) => item(place)).join(joiner);
  const padding = " ".repeat(64 << 10);
  await refused("invalid_signature", "adyen-standard", { body: adyen((text) => text + padding) });
  await refused("missing_signature", "mailgun", { body: Buffer.from(`{"signature":{}}${padding}`) });
  await refused("invalid_signature", "shopify-link", {
    method: "GET",
    query: `?${many(300, (place) => `p${place}=v`, "&")}&timestamp=${at}&hmac=${digits}`,
  });
  await refused("invalid_signature", "contentful", {
    headers: [
      ["x-contentful-signature", digits],
      ["x-contentful-timestamp", `${at}000`],
      ["x-contentful-signed-headers", many(11_000, (place) => `a${String(place).padStart(5, "0")}`, ",")],
    ],
    body: Buffer.from("{}"),
  });
  await refused("invalid_signature", "stripe", {
    headers: [["Stripe-Signature", `t=${at},${many(20_000, () => "v1=0", ",")}`]],
    body: Buffer.from("{}"),
  });
  await refused("invalid_signature", "twilio", {
    headers: [["X-Twilio-Signature", Buffer.alloc(20).toString("base64")], ["Content-Type", "application/x-www-form-urlencoded"]],
    body: Buffer.from(`a=${"b".repeat(32 << 10)}`),
  });
  const covered = many(58, (place) => `"@query-param";name="${place}"`, " ");
  await refused("invalid_signature", "rfc9421-hmac-sha256", {
    method: "GET",
    query: `?${many(3000, (place) => `${place}=`, "&")}`,
    headers: [
      ["Signature-Input", many(4, (label) => `l${label}=("@method" ${covered});created=${at};keyid="k"`, ", ")],
      ["Signature", many(4, (label) => `l${label}=:${Buffer.alloc(32).toString("base64")}:`, ", ")],
    ],
  });
});

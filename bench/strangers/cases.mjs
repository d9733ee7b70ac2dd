// The dearest requests without a right signature that we know, scheme by scheme. To add one, add a row:
//
//   name      what is dear about it
//   scheme    a preset's name, or a table as policies write it
//   keys      how many secrets the route tries: 16 is the most that a policy may have
//   secret    makes one of them
//   method    POST where it is missing
//   code      what the gate must answer it with; `invalid_signature` where it is missing, and the status
//             where the answer may have no body
//   sender    what the sender's table has besides; each with a `verify_token` gets one of its own
//   route     what the route's table has besides; it takes 16 MB
//   urls      gives each key a sender of its own, with a `url` of its own
//   request   what is sent at a time in Unix seconds: `query`, `headers` and `body`
//   why       why it may cost more than the limit today

import { generateKeyPairSync, randomBytes } from "node:crypto";

const MB = 1_000_000;
const MOST = 16;
/** Nearly all that Cloudflare takes of a URL, and of all fields. */
const URL_BYTES = 14_000;
const FIELD_BYTES = 120_000;

const hex = (bytes) => "0".repeat(2 * bytes);
const base64 = (bytes) => Buffer.alloc(bytes).toString("base64");
const list = (count, item, joiner = ",") => Array.from({ length: count }, (_, at) => item(at)).join(joiner);
/** As many as fit into so many bytes. */
const filled = (bytes, item, joiner = ",") => {
  const items = [];
  for (let at = 0, length = 0; length < bytes; at += 1) {
    items.push(item(at));
    length += items.at(-1).length + joiner.length;
  }
  return items.join(joiner);
};
const LARGE = Buffer.alloc(MB, "a");
const JSON_TYPE = ["Content-Type", "application/json"];
const FORM_TYPE = ["Content-Type", "application/x-www-form-urlencoded"];

/** Secrets. */
const text = () => randomBytes(32).toString("hex");
const der = (key) => key.export({ format: "der", type: "spki" }).toString("base64");
const pair = (kind, options) => () => der(generateKeyPairSync(kind, options).publicKey);
const ed25519Raw = (encoding) => () =>
  Buffer.from(generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" }).x, "base64url").toString(encoding);
const p256 = pair("ec", { namedCurve: "P-256" });
/** Numbers that are in range for every curve and modulus, so that the arithmetic has to say no. */
const numbers = (bytes) => Buffer.alloc(bytes, 0x01).toString("base64");
const p256Der = Buffer.concat([
  Buffer.from("30440220", "hex"), Buffer.alloc(32, 0x11), Buffer.from("0220", "hex"), Buffer.alloc(32, 0x11),
]).toString("base64");

const WASM_HASH = "Ed25519 over a long body";
const LONG_HASH = "SHA-512";
// Why a request is over the limit: docs/strangers.md.
const PUBLIC_KEY = "public keys";

// A long body under a wrong signature, for every preset that is no more than fields over a body.
const overABody = [
  ["adyen-platforms", () => [["HmacSignature", base64(32)]]],
  ["asana", () => [["X-Hook-Signature", hex(32)]]],
  ["bitbucket", () => [["X-Hub-Signature", `sha256=${hex(32)}`]]],
  ["box", (at) => [["BOX-SIGNATURE-PRIMARY", base64(32)], ["BOX-SIGNATURE-SECONDARY", base64(32)], ["BOX-DELIVERY-TIMESTAMP", rfc3339(at)], ["BOX-SIGNATURE-VERSION", "1"], ["BOX-SIGNATURE-ALGORITHM", "HmacSHA256"]]],
  ["calendly", (at) => [["Calendly-Webhook-Signature", `t=${at},${list(MOST, () => `v1=${hex(32)}`)}`]]],
  ["coinbase-commerce", () => [["X-CC-Webhook-Signature", hex(32)]]],
  ["customer-io", (at) => [["X-CIO-Signature", hex(32)], ["X-CIO-Timestamp", at]]],
  ["docusign", () => [1, 2, 3, 4, 5].map((n) => [`X-DocuSign-Signature-${n}`, base64(32)])],
  ["dropbox", () => [["X-Dropbox-Signature", hex(32)]]],
  ["github", () => [["X-Hub-Signature-256", `sha256=${hex(32)}`]]],
  ["gitlab", () => [["X-Gitlab-Token", "a".repeat(FIELD_BYTES)]]],
  ["hubspot-v1", () => [["X-HubSpot-Signature", hex(32)]]],
  ["intercom", () => [["X-Hub-Signature", `sha1=${hex(20)}`]]],
  ["jira", () => [["X-Hub-Signature", `sha256=${hex(32)}`]]],
  ["launchdarkly", () => [["X-LD-Signature", hex(32)]]],
  ["linear", () => [["Linear-Signature", hex(32)]]],
  ["meta", () => [["X-Hub-Signature-256", `sha256=${hex(32)}`]]],
  ["mux", (at) => [["Mux-Signature", `t=${at},${list(MOST, () => `v1=${hex(32)}`)}`]]],
  ["paddle", (at) => [["Paddle-Signature", `ts=${at};${list(MOST, () => `h1=${hex(32)}`, ";")}`]]],
  ["pagerduty", () => [["X-PagerDuty-Signature", list(MOST, () => `v1=${hex(32)}`)]]],
  ["paystack", () => [["x-paystack-signature", hex(64)]], { why: LONG_HASH }],
  ["razorpay", () => [["X-Razorpay-Signature", hex(32)]]],
  ["sentry", () => [["Sentry-Hook-Signature", hex(32)]]],
  ["shopify", () => [["X-Shopify-Hmac-Sha256", base64(32)], ["shopify-hmac-sha256", base64(32)]]],
  ["slack", (at) => [["X-Slack-Signature", `v0=${hex(32)}`], ["X-Slack-Request-Timestamp", at]]],
  ["standard-webhooks", (at) => [["webhook-id", "m"], ["webhook-timestamp", at], ["webhook-signature", list(MOST, () => `v1,${base64(32)}`, " ")]], { secret: () => randomBytes(32).toString("base64") }],
  ["stripe", (at) => [["Stripe-Signature", `t=${at},${list(MOST, () => `v1=${hex(32)}`)}`]]],
  ["svix", (at) => [["svix-id", "m"], ["svix-timestamp", at], ["svix-signature", list(MOST, () => `v1,${base64(32)}`, " ")]], { secret: () => randomBytes(32).toString("base64") }],
  ["typeform", () => [["Typeform-Signature", `sha256=${base64(32)}`]]],
  ["vercel", () => [["x-vercel-signature", hex(20)]]],
  ["woocommerce", () => [["X-WC-Webhook-Signature", base64(32)]]],
  ["x-hmac", (at) => [["X-HMAC-Signature", hex(32)], ["X-HMAC-Timestamp", at]]],
  ["x-hmac-nonce", (at) => [["X-HMAC-Signature", hex(32)], ["X-HMAC-Timestamp", at], ["X-HMAC-Nonce", "n".repeat(64)]]],
  ["xero", () => [["x-xero-signature", base64(32)]], { code: "401" }],
  ["zendesk", (at) => [["X-Zendesk-Webhook-Signature", base64(32)], ["X-Zendesk-Webhook-Signature-Timestamp", rfc3339(at)]]],
  ["zoom", (at) => [["x-zm-signature", `v0=${hex(32)}`], ["x-zm-request-timestamp", at]]],
].map(([scheme, headers, more]) => ({
  name: "1 MB of body",
  scheme,
  keys: MOST,
  request: (at) => ({ headers: headers(at), body: LARGE }),
  ...more,
}));

// The URL is signed as well, and each sender calls another one.
const overAUrl = [
  ["hubspot-v2", () => [["X-HubSpot-Signature", hex(32)]]],
  ["hubspot-v3", (at) => [["X-HubSpot-Signature-v3", base64(32)], ["X-HubSpot-Request-Timestamp", `${at}000`]]],
  ["square", () => [["x-square-hmacsha256-signature", base64(32)]]],
  ["trello", () => [["X-Trello-Webhook", base64(20)]]],
].flatMap(([scheme, headers]) => [
  { name: "1 MB of body, 16 URLs", scheme, keys: MOST, urls: true, request: (at) => ({ headers: headers(at), body: Buffer.from(`{${"a".repeat(MB)}}`) }) },
  { name: "14 KB of escapes in the URL", scheme, keys: MOST, urls: true, request: (at) => ({ query: "%3a".repeat(URL_BYTES / 3), headers: headers(at), body: Buffer.from("{}") }) },
]);

// Signatures by private keys: a verification for each key and each signature that is tried.
const overAPublicKey = [
  ["discord", ed25519Raw("hex"), (at) => [["X-Signature-Ed25519", "01".repeat(64)], ["X-Signature-Timestamp", at]]],
  ["sendgrid", p256, (at) => [["X-Twilio-Email-Event-Webhook-Signature", p256Der], ["X-Twilio-Email-Event-Webhook-Timestamp", at]]],
  ["standard-webhooks-v1a", () => `whpk_${ed25519Raw("base64")()}`, (at) => [["webhook-id", "m"], ["webhook-timestamp", at], ["webhook-signature", list(2, () => `v1a,${numbers(64)}`, " ")]]],
].flatMap(([scheme, secret, headers]) => [
  { name: "2 bytes of body", scheme, secret, keys: 1, why: PUBLIC_KEY, request: (at) => ({ headers: headers(at), body: Buffer.from("{}") }) },
  { name: "2 bytes of body", scheme, secret, keys: MOST, why: PUBLIC_KEY, request: (at) => ({ headers: headers(at), body: Buffer.from("{}") }) },
  { name: "1 MB of body", scheme, secret, keys: 1, why: scheme === "sendgrid" ? PUBLIC_KEY : WASM_HASH, request: (at) => ({ headers: headers(at), body: LARGE }) },
  { name: "1 MB of body", scheme, secret, keys: MOST, why: scheme === "sendgrid" ? PUBLIC_KEY : WASM_HASH, request: (at) => ({ headers: headers(at), body: LARGE }) },
]);

/** Signatures that say what they cover: so many labels, each over these components. */
const labels = (count, components, signature) => (at) => {
  const of = (name) => `${name}=(${components.join(" ")});created=${at};keyid="k"`;
  return {
    "Signature-Input": list(count, (n) => of(`l${n}`), ", "),
    Signature: list(count, (n) => `l${n}=:${signature}:`, ", "),
  };
};
const ALL_COUNT = { message_signature: { components: ["@method"] } };
const MESSAGE_SIGNATURES = {
  "rfc9421-ecdsa-p256-sha256": [p256, numbers(64)],
  "rfc9421-ecdsa-p384-sha384": [pair("ec", { namedCurve: "P-384" }), numbers(96)],
  "rfc9421-ed25519": [pair("ed25519", {}), numbers(64)],
  "rfc9421-rsa-pss-sha512": [pair("rsa", { modulusLength: 4096 }), numbers(512)],
  "rfc9421-rsa-v1_5-sha256": [pair("rsa", { modulusLength: 2048 }), numbers(256)],
  "rfc9421-hmac-sha256": [text, base64(32)],
  "rfc9421-hmac-sha256-base64": [() => randomBytes(32).toString("base64"), base64(32)],
};
const component = (name) => `"${name}"`;
const overComponents = Object.entries(MESSAGE_SIGNATURES).flatMap(([scheme, [secret, signature]]) => {
  const isPublic = !scheme.includes("hmac");
  const common = { scheme, secret, sender: ALL_COUNT, why: isPublic ? PUBLIC_KEY : undefined };
  const request = (count) => (at) => ({ headers: Object.entries(labels(count, ['"@method"'], signature)(at)), body: Buffer.from("{}") });
  return [1, 2, 4].flatMap((count) =>
    [1, MOST].map((keys) => ({ ...common, name: `labels: ${count}, keys: ${keys}`, keys, request: request(count) })),
  );
});
const HMAC = { scheme: "rfc9421-hmac-sha256", secret: text, keys: MOST, sender: ALL_COUNT };
const hmac = (name, components, more = {}, { query, headers = [] } = {}) => ({
  ...HMAC,
  name,
  ...more,
  request: (at) => ({ query, headers: [...Object.entries(labels(4, ['"@method"', ...components], base64(32))(at)), ...headers], body: Buffer.from("{}") }),
});
const fieldNames = (count) => Array.from({ length: count }, (_, at) => `x${at}`);
const overHardComponents = [
  hmac("58 `@query-param` under 4 labels, 14 KB of query", Array.from({ length: 58 }, (_, at) => `"@query-param";name="${at}"`), {}, { query: filled(URL_BYTES, (at) => `${at}=`, "&") }),
  hmac("58 `@query-param` under 4 labels, 256 parameters", Array.from({ length: 58 }, (_, at) => `"@query-param";name="${at}"`), {}, { query: filled(URL_BYTES, (at) => `${at}=${"%20".repeat(16)}`, "&").split("&").slice(0, 250).join("&") }),
  hmac("target, query and path under 4 labels, 16 URLs", ['"@target-uri"', '"@query"', '"@authority"'], { urls: true }, { query: "a".repeat(URL_BYTES) }),
  hmac("60 members of one dictionary of 8 KB", Array.from({ length: 58 }, (_, at) => `"x";key="k${at}"`), {}, { headers: [["x", list(60, (at) => `k${at}="${"a".repeat(120)}"`, ", ")]] }),
  hmac("15 dictionaries of 8 KB, printed", fieldNames(14).map((name) => `${component(name)};sf`), {}, { headers: fieldNames(14).map((name) => [name, filled(8000, (at) => `k${at}="${"\\\\".repeat(60)}"`, ", ")]) }),
  hmac("120 KB of one field, in base64", ['"x";bs'], {}, { headers: [["x", "a".repeat(FIELD_BYTES)]] }),
  hmac("120 KB of one field", ['"x"'], {}, { headers: [["x", "a".repeat(FIELD_BYTES)]] }),
  hmac("30 KB of one field", ['"x"'], {}, { headers: [["x", "a".repeat(30_000)]] }),
  {
    ...HMAC,
    name: "64 identifiers with 40 parameters each",
    request: (at) => {
      const identifier = `"a"${list(40, (n) => `;${String.fromCharCode(97 + (n % 26))}${n >= 26 ? "a" : ""}`, "")}`;
      const input = `l=(${list(60, () => identifier, " ")});created=${at};keyid="k"`;
      return { headers: [["Signature-Input", input], ["Signature", `l=:${base64(32)}:`], ["a", "1"]], body: Buffer.from("{}") };
    },
  },
  hmac("200 fields, 60 of them covered under 4 labels", fieldNames(60).map(component), {}, { headers: fieldNames(200).map((name) => [name, "v"]) }),
];

// The providers' own rules.
const item = (fields, at = 0) => ({ NotificationRequestItem: { pspReference: `p${at}`, eventCode: "A", success: "true", additionalData: { hmacSignature: base64(32) }, ...fields } });
const adyen = (name, body, keys = MOST) => ({ name, scheme: "adyen-standard", keys, request: () => ({ headers: [JSON_TYPE], body: Buffer.from(body) }) });
const notification = (items) => JSON.stringify({ notificationItems: items });
const manyMembers = (bytes) => `{"notificationItems":[{"NotificationRequestItem":{${filled(bytes, () => `"a":1`)},"pspReference":"p","additionalData":{"hmacSignature":"${base64(32)}"}}}]}`;
/** Items with members that count for nothing, in the last of them. */
const manyItems = (bytes, members) => {
  const items = Array.from({ length: 16 }, (_, at) => item({ merchantReference: "r".repeat(bytes) }, at));
  return notification(items).replace(/}}]}$/, `,${list(members, () => `"a":1`)}}}]}`);
};
const overAdyen = [
  adyen("170,000 members, 8 keys", manyMembers(MB), 8),
  adyen("10,000 members", manyMembers(65_000)),
  adyen("16 items of 7 KB", notification(Array.from({ length: 16 }, (_, at) => item({ merchantReference: "r".repeat(7000) }, at)))),
  adyen("16 items of 1,900 B", notification(Array.from({ length: 16 }, (_, at) => item({ merchantReference: "r".repeat(1900) }, at)))),
  adyen("16 items of 1,900 B, 5,000 members", manyItems(1900, 5000)),
  adyen("16 items of 1,900 B, 12 KB of line ends", notification(Array.from({ length: 16 }, (_, at) => item({ merchantReference: "r".repeat(1900) }, at))).replaceAll(",", `,${"\n".repeat(90)}`)),
  adyen("escaped values", notification(Array.from({ length: 16 }, (_, at) => item({ merchantReference: "r".repeat(1900) }, at))).replaceAll("r", "\\u0072")),
  adyen("brackets, 32,000 deep", `{"notificationItems":[{"NotificationRequestItem":{"x":${"[".repeat(32_000)}${"]".repeat(32_000)},"additionalData":{"hmacSignature":"${base64(32)}"}}}]}`),
  adyen("10,000 items", notification(Array.from({ length: 10_000 }, (_, at) => item({}, at)))),
  adyen("escaped names", `{"notificationItems":[{"NotificationRequestItem":{${filled(65_000, () => '"\\u0061\\n":1')}}}]}`),
];
const mailgun = (name, at) => ({
  name,
  scheme: "mailgun",
  keys: MOST,
  request: (now) => ({ headers: [JSON_TYPE], body: Buffer.from(`{${at},"signature":{"timestamp":"${now}","token":"t","signature":"${hex(32)}"}}`) }),
});
const overMailgun = [
  { ...mailgun("170,000 members", filled(MB, () => '"a":1')), code: "missing_signature" },
  mailgun("10,000 members", filled(65_000, () => '"a":1')),
  mailgun("escaped names", filled(65_000, () => '"\\u0061\\n":1')),
  mailgun("empty lists", filled(65_000, () => '"":[]')),
];

const contentful = (name, names, more = [], body = Buffer.from("{}"), why = undefined) => ({
  name,
  scheme: "contentful",
  keys: MOST,
  why,
  request: (at) => ({
    headers: [
      ["x-contentful-signature", hex(32)],
      ["x-contentful-timestamp", `${at}000`],
      ["x-contentful-signed-headers", [...names, "x-contentful-signed-headers", "x-contentful-timestamp"].toSorted().join(",")],
      ...more,
    ],
    body,
  }),
});
const manyNames = (count) => Array.from({ length: count }, (_, at) => `a${String(at).padStart(5, "0")}`);
const overContentful = [
  contentful("11,000 names", manyNames(11_000), [["a00000", ";".repeat(30_000)]]),
  contentful("60 names, 30 KB of semicolons", manyNames(60), manyNames(60).map((name, at) => [name, at === 0 ? ";a:".repeat(10_000) : "v"])),
  contentful("60 names, 90 KB of semicolons", manyNames(60), manyNames(60).map((name, at) => [name, at === 0 ? ";a:".repeat(30_000) : "v"])),
  contentful("1 MB of body", [], [], LARGE),
  contentful("1 MB of body, 30 KB of semicolons", manyNames(60), manyNames(60).map((name, at) => [name, at === 0 ? ";a:".repeat(10_000) : "v"]), LARGE),
];

const shopify = (scheme, name, parameter, query, code) => ({
  name,
  scheme,
  keys: MOST,
  method: "GET",
  code,
  route: { methods: ["GET"], allow_empty_body: true },
  request: (at) => ({ query: `${query}&timestamp=${at}&${parameter}=${hex(32)}`, headers: [] }),
});
const overQueries = [["shopify-link", "hmac"], ["shopify-proxy", "signature"]].flatMap(([scheme, parameter]) => [
  shopify(scheme, "4,600 parameters", parameter, filled(URL_BYTES, (at) => `${at.toString(36)}`, "&")),
  shopify(scheme, "14 KB of one value", parameter, `a=${"+".repeat(URL_BYTES)}`),
  shopify(scheme, "250 parameters, 8 KB", parameter, list(250, (at) => `${at}=${"+".repeat(25)}`, "&")),
  shopify(scheme, "7 KB of one value", parameter, `a=${"+".repeat(7000)}`),
  shopify(scheme, "200 values of one name", parameter, list(200, (at) => `a[]=${at}`, "&")),
]);
const overTokens = [
  {
    name: "14 KB of path",
    scheme: "cloudflare-token",
    keys: MOST,
    method: "GET",
    route: { methods: ["GET"], allow_empty_body: true },
    request: (at) => ({ query: `${"verify=".repeat(URL_BYTES / 7)}&verify=${at}-${base64(32).replace(/=/, "%3D")}`, headers: [] }),
  },
];
const twilio = (name, headers, body, more = {}) => ({
  name,
  scheme: "twilio",
  keys: MOST,
  urls: true,
  ...more,
  request: () => ({ query: more.query, headers: [["X-Twilio-Signature", base64(20)], ...headers], body: Buffer.from(body) }),
});
const overTwilio = [
  twilio("1,000 parameters", [FORM_TYPE], list(1000, (at) => `p${at}=v`, "&")),
  twilio("1,000 parameters of 64 values a name", [FORM_TYPE], list(1000, (at) => `p${at % 16}=${at}`, "&")),
  twilio("100,000 parameters", [FORM_TYPE], list(100_000, (at) => `p${at}=v`, "&")),
  twilio("1 MB of one value", [FORM_TYPE], `a=${"b".repeat(MB)}`),
  twilio("32 KB of one value", [FORM_TYPE], `a=${"b".repeat(32_000)}`),
  twilio("30 KB of escapes, 14 KB of URL", [FORM_TYPE], `a=${"%62".repeat(10_000)}`, { query: "a".repeat(URL_BYTES) }),
  twilio("64 long values of one name, alike but for their ends", [FORM_TYPE], list(64, (at) => `a=${"b".repeat(490)}${at}`, "&")),
  twilio("1,000 names, alike but for their ends", [FORM_TYPE], list(1000, (at) => `${"a".repeat(24)}${1000 - at}=`, "&")),
  twilio("a wrong hash of 1 MB", [JSON_TYPE], LARGE, { query: `bodySHA256=${hex(32)}` }),
];

// Lists, fields, and what is answered before anything is verified.
const stripe = (name, value, more = {}) => ({ name, scheme: "stripe", keys: MOST, ...more, request: (at) => ({ headers: [["Stripe-Signature", value(at)]], body: Buffer.from("{}") }) });
const overLists = [
  stripe("120 KB of short `v1`", (at) => `t=${at},${filled(FIELD_BYTES, () => "v1=0")}`),
  stripe("1,700 signatures", (at) => `t=${at},${filled(FIELD_BYTES, () => `v1=${hex(32)}`)}`),
  stripe("120 KB of commas", (at) => `t=${at},${",".repeat(FIELD_BYTES)}`),
  {
    name: "250 fields of 400 B",
    scheme: "x-hmac",
    keys: MOST,
    request: (at) => ({ headers: [["X-HMAC-Signature", hex(32)], ["X-HMAC-Timestamp", at], ...fieldNames(240).map((name) => [name, "v".repeat(400)])], body: Buffer.from("{}") }),
  },
  {
    name: "250 lines of one field",
    scheme: "calendly",
    keys: MOST,
    request: () => ({ headers: [["Calendly-Webhook-Signature", Array.from({ length: 240 }, () => "v".repeat(400))]], body: Buffer.from("{}") }),
    code: "missing_signature",
  },
  {
    name: "a handshake with 14 KB of query",
    scheme: "meta",
    keys: 1,
    method: "GET",
    sender: { handshake: true, verify_token: true },
    code: "missing_signature",
    request: () => ({ query: `hub.mode=subscribe&${filled(URL_BYTES, () => "a", "&")}`, headers: [] }),
  },
  {
    name: "a handshake with 14 KB of query, 16 tokens",
    scheme: "meta",
    keys: MOST,
    method: "GET",
    urls: true,
    sender: { handshake: true, verify_token: true, url: undefined },
    request: () => ({ query: `${filled(URL_BYTES, () => "%61", "&")}&hub.mode=subscribe&hub.verify_token=a`, headers: [] }),
  },
  ...["slack", "zoom"].map((scheme) => ({
    name: "1 MB of body, handshakes answered",
    scheme,
    keys: MOST,
    sender: { handshake: true },
    request: (at) => ({
      headers: scheme === "slack" ? [["X-Slack-Signature", `v0=${hex(32)}`], ["X-Slack-Request-Timestamp", at]] : [["x-zm-signature", `v0=${hex(32)}`], ["x-zm-request-timestamp", at]],
      body: LARGE,
    }),
  })),
];

// A policy's own schemes.
const custom = (more, signed = ["{body}"]) => ({ name: "own", signature: "X-Own", signed, ...more });
const overOwn = [
  ...["hmac-sha1", "hmac-sha256", "hmac-sha384", "hmac-sha512"].map((algorithm) => ({
    name: `${algorithm}, 1 MB of body`,
    scheme: custom({ algorithm }),
    keys: MOST,
    why: algorithm === "hmac-sha384" || algorithm === "hmac-sha512" ? LONG_HASH : undefined,
    request: () => ({ headers: [["X-Own", hex({ "hmac-sha1": 20, "hmac-sha256": 32, "hmac-sha384": 48, "hmac-sha512": 64 }[algorithm])]], body: LARGE }),
  })),
  { name: "sha256 with the secret, 1 MB", scheme: custom({ algorithm: "sha256" }, ["{secret}", "{body}"]), keys: MOST, request: () => ({ headers: [["X-Own", hex(32)]], body: LARGE }) },
  { name: "with the method, 1 MB", scheme: custom({}, ["{method}", "\n", "{body}"]), keys: MOST, request: () => ({ headers: [["X-Own", hex(32)]], body: LARGE }) },
  { name: "a list of 16, 1 MB", scheme: custom({ list: { separator: ",", joiner: "=", key: "v1" } }), keys: MOST, request: () => ({ headers: [["X-Own", list(MOST, () => `v1=${hex(32)}`)]], body: LARGE }) },
  { name: "ecdsa-p256", scheme: custom({ algorithm: "ecdsa-p256", encoding: "base64", key: "base64" }), secret: p256, keys: 1, why: PUBLIC_KEY, request: () => ({ headers: [["X-Own", p256Der]], body: Buffer.from("{}") }) },
  { name: "ed25519", scheme: custom({ algorithm: "ed25519", key: "hex" }), secret: ed25519Raw("hex"), keys: 1, why: PUBLIC_KEY, request: () => ({ headers: [["X-Own", "01".repeat(64)]], body: Buffer.from("{}") }) },
];

export const cases = [
  ...overHardComponents,
  ...overContentful,
  ...overAdyen,
  ...overMailgun,
  ...overQueries,
  ...overTokens,
  ...overTwilio,
  ...overLists,
  ...overABody,
  ...overAUrl,
  ...overOwn,
  ...overComponents,
  ...overAPublicKey,
];

function rfc3339(at) {
  return new Date(at * 1000).toISOString().replace(".000", "");
}

// Where a provider's own rules make the signed bytes: what may be changed under them, and what not.
// Each request here is right but for one thing.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";
import twilio from "twilio/lib/webhooks/webhooks.js";
import { now } from "../worker/harness/sign.mjs";
import { startPresets } from "./harness/gate.mjs";
import { adyenItem, provider } from "./harness/providers.mjs";
import { pythonSigns } from "./harness/python.mjs";
import { ACCEPTED, hook, INVALID, mac, MISSING, secretOf } from "./harness/traps.mjs";

const ORIGIN = "https://hooks.example";
const FORM = "application/x-www-form-urlencoded";
const LINKS = { methods: ["GET", "POST"], allow_empty_body: true };

/** A sender beside those of the presets' own. */
const further = (id, preset, rest) => ({ id, preset, secrets: [provider(preset).newSecret()], ...rest });
const senders = {
  "twilio-open": further("twilio-open", "twilio", { url: ORIGIN, route: LINKS }),
  "twilio-port": further("twilio-port", "twilio", { url: `${ORIGIN}:8443/in` }),
  "contentful-pages": further("contentful-pages", "contentful", { route: { path: "/hook/contentful-pages/{page}" } }),
  "token-files": further("token-files", "cloudflare-token", { route: { ...LINKS, path: "/hook/token-files/{name}" } }),
};
const keyOf = (id) => senders[id]?.secrets[0] ?? secretOf(id);

let gate;

before(async () => {
  gate = await startPresets(Object.values(senders));
});

after(() => gate.stop());

const code = async (request) => (await gate.outcome(request)).code;

/** What Twilio signs of a URL and the parameters of a form. */
const twilioSignature = (id, url, form = {}) => twilio.getExpectedTwilioSignature(keyOf(id), url, form);
const twilioHook = (id, signature, body, rest, mediaType = FORM) => {
  const fields = { "X-Twilio-Signature": signature, ...(mediaType && { "Content-Type": mediaType }) };
  return hook(id, fields, Buffer.from(body), rest);
};
const sha256 = (text) => createHash("sha256").update(text).digest("hex");

test("parameters of a form are sorted, and each pair counts once: Twilio", async () => {
  const signed = await provider("twilio").request(now(), { body: Buffer.from("b=2&a=2&a=10&a=2&%C3%84=x&A=%26+y&a=") });
  const sent = (body) => ({ ...signed, body: Buffer.from(body) });
  for (const body of [String(signed.body), "A=%26+y&a=&a=10&a=2&b=2&%C3%84=x", "%c3%84=x&b=2&a=2&a=10&%61=&A=%26%20y&b=2"]) {
    assert.equal(await code(sent(body)), ACCEPTED, body);
    assert.equal(await provider("twilio").accepts(sent(body)), true, body);
  }
  for (const body of [
    "b=2&a=2&a=10&%C3%84=x&A=%26+y&a=&c=",
    "b=2&a=2&%C3%84=x&A=%26+y&a=",
    "b=2&a=2&a=11&%C3%84=x&A=%26+y&a=",
    "b=2&a=2&a=10&%C3%84=x&A=%26%2By&a=",
  ]) {
    assert.equal(await code(sent(body)), INVALID, body);
    assert.equal(await provider("twilio").accepts(sent(body)), false, body);
  }
  const moved = sent("b=2&a=2&a=10&%C3%84=x&A%26=+y&a=");
  assert.equal(await code(moved), ACCEPTED, "where a name ends is not signed");
  assert.equal(await provider("twilio").accepts(moved), true);
  const many = (count) => Buffer.from(Array.from({ length: count }, (_, index) => `a=${index}`).join("&"));
  assert.equal(await code(await provider("twilio").request(now(), { body: many(64) })), ACCEPTED);
  assert.equal(await code(await provider("twilio").request(now(), { body: many(65) })), INVALID, "more than Twilio sends");
});

test("a body that is no form counts by its hash in the query: Twilio", async () => {
  const { url } = provider("twilio");
  const body = '{"amount":1250}';
  const json = (sent, hash, signature) => {
    const target = hash ? `/hook/twilio?bodySHA256=${hash}` : "/hook/twilio";
    return twilioHook("twilio", signature, sent, { target }, "application/json");
  };
  const signature = twilioSignature("twilio", `${url}&bodySHA256=${sha256(body)}`);
  assert.equal(await code(json(body, sha256(body), signature)), ACCEPTED);
  assert.equal(twilio.validateRequestWithBody(keyOf("twilio"), signature, `${url}&bodySHA256=${sha256(body)}`, body), true);
  const other = '{"amount":1251}';
  assert.equal(await code(json(other, sha256(body), signature)), INVALID, "the hash is of another body");
  assert.equal(await code(json(other, sha256(other), signature)), INVALID, "the hash is signed");
  assert.equal(await code(json(body, undefined, signature)), INVALID);
  const upper = twilioSignature("twilio", `${url}&bodySHA256=${sha256(body).toUpperCase()}`);
  assert.equal(await code(json(body, sha256(body).toUpperCase(), upper)), INVALID);
  const urlAlone = twilioSignature("twilio", url);
  assert.equal(await code(json(body, undefined, urlAlone)), INVALID, "nothing binds the body");
  assert.equal(twilio.validateRequest(keyOf("twilio"), urlAlone, url, {}), true, "though the signature is right");
});

test("the URL may be signed with its port or without: Twilio", async () => {
  const body = "Amount=1250";
  const outcome = (id, url) => code(twilioHook(id, twilioSignature(id, url, { Amount: "1250" }), body));
  const path = provider("twilio").url.slice(ORIGIN.length);
  assert.equal(await outcome("twilio", `${ORIGIN}${path}`), ACCEPTED);
  assert.equal(await outcome("twilio", `${ORIGIN}:443${path}`), ACCEPTED);
  for (const wrong of [`${ORIGIN}:80`, `${ORIGIN}:8443`, "http://hooks.example", "https://other.example"]) {
    assert.equal(await outcome("twilio", wrong + path), INVALID, wrong);
  }
  assert.equal(await outcome("twilio-port", `${ORIGIN}:8443/in`), ACCEPTED);
  assert.equal(await outcome("twilio-port", `${ORIGIN}/in`), ACCEPTED);
  assert.equal(await outcome("twilio-port", `${ORIGIN}:443/in`), INVALID);
});

test("a full URL with its query is what counts, whatever was received: Twilio", async () => {
  const request = await provider("twilio").request(now());
  assert.equal(await code(request), ACCEPTED);
  assert.equal(await code({ ...request, target: "/hook/twilio?tenant=8" }), ACCEPTED, "the query received is not looked at");
  const other = await provider("twilio").request(now(), { url: `${ORIGIN}/in%20box/a?tenant=8` });
  assert.equal(await code({ ...other, target: "/hook/twilio?tenant=8" }), INVALID);
});

test("a URL that was signed is no form whose first parameter is the rest of it: Twilio", async () => {
  const target = "/hook/twilio-open";
  const open = `${ORIGIN}${target}`;
  const query = "?CallSid=CA1&x=1";
  const signature = twilioSignature("twilio-open", open + query);
  const get = { target: target + query, method: "GET", headers: [["X-Twilio-Signature", signature]] };
  assert.equal(await code(get), ACCEPTED);
  for (const body of [
    "%3FCallSid%3DCA1%26x%3D1=",
    "=%3FCallSid%3DCA1%26x%3D1",
    "%3FCallSid=%3DCA1%26x%3D1",
    "%3f=CallSid%3DCA1%26x%3D1",
  ]) {
    const form = twilioHook("twilio-open", signature, body);
    assert.equal(await code(form), INVALID, body);
    const [[name, value]] = new URLSearchParams(body);
    const isRight = twilio.validateRequest(keyOf("twilio-open"), signature, open, { [name]: value });
    assert.equal(isRight, true, "though it is right");
  }
  const { url } = provider("twilio");
  const hash = sha256("{}");
  const behindQuery = twilioSignature("twilio", `${url}&bodySHA256=${hash}`);
  assert.equal(await code(twilioHook("twilio", behindQuery, `%26bodySHA256=%3D${hash}`)), INVALID);
  assert.equal(twilio.validateRequest(keyOf("twilio"), behindQuery, url, { "&bodySHA256": `=${hash}` }), true);
});

test("an origin takes any query of a request without a form, and none of one with: Twilio", async () => {
  const target = "/hook/twilio-open";
  const body = '{"amount":1250}';
  const json = (query, signedQuery = query) => {
    const hash = `bodySHA256=${sha256(body)}`;
    const signature = twilioSignature("twilio-open", `${ORIGIN}${target}${signedQuery}${hash}`);
    return twilioHook("twilio-open", signature, body, { target: `${target}${query}${hash}` }, "application/json");
  };
  for (const query of ["?", "?q=1&", "?q=2&r=%26%2F%C3%BC+&"]) assert.equal(await code(json(query)), ACCEPTED, query);
  assert.equal(await code(json("?q=1&", "?q=2&")), INVALID);
  assert.equal(await code(json("?", "?q=2&")), INVALID);
  const form = (query) => {
    const signature = twilioSignature("twilio-open", `${ORIGIN}${target}${query}`, { Amount: "1250" });
    return twilioHook("twilio-open", signature, "Amount=1250", { target: target + query });
  };
  assert.equal(await code(form("")), ACCEPTED);
  assert.equal(await code(form("?q=1")), INVALID, "where the query ends could not be told");
});

test("a form is one by its media type: Twilio", async () => {
  const request = await provider("twilio").request(now());
  const signature = request.headers.find(([name]) => name === "X-Twilio-Signature")[1];
  const outcome = (mediaType) => code(twilioHook("twilio", signature, String(request.body), {}, mediaType));
  for (const form of [FORM, `${FORM};charset=utf-8`, "Application/X-WWW-Form-URLEncoded ; charset=UTF-8"]) {
    assert.equal(await outcome(form), ACCEPTED, form);
  }
  for (const other of ["", "application/json", "text/plain", "multipart/form-data", `${FORM}+x`]) {
    assert.equal(await outcome(other), INVALID, other);
  }
});

const adyen = provider("adyen-standard");
const notice = (items) => Buffer.from(JSON.stringify({ live: "false", notificationItems: items }));
const reference = (pspReference) => adyenItem({ pspReference });
/** A signed notice with some change made to its document. */
async function changedNotice(items, change) {
  const request = await adyen.request(now(), { body: notice(items) });
  const document = JSON.parse(request.body);
  change(document.notificationItems.map((item) => item.NotificationRequestItem), document);
  return { ...request, body: Buffer.from(JSON.stringify(document)) };
}

test("each item must be signed: Adyen", async () => {
  const items = ["1", "2", "3"].map(reference);
  assert.equal(await code(await changedNotice(items, () => {})), ACCEPTED);
  for (const at of [0, 1, 2]) {
    const changes = [
      (list) => (list[at].amount.value = 1251),
      (list) => (list[at].eventCode = "REFUND"),
      (list) => (list[at].success = "false"),
      (list) => delete list[at].additionalData,
      (list) => delete list[at].additionalData.hmacSignature,
      (list) => (list[at].additionalData.hmacSignature = ""),
      (list) => (list[at].additionalData.hmacSignature = list[(at + 1) % 3].additionalData.hmacSignature),
    ];
    for (const change of changes) {
      const request = await changedNotice(items, change);
      assert.equal(await code(request), INVALID, `${at}: ${change}`);
      assert.equal(await adyen.accepts(request), false);
    }
  }
  const ofStranger = await adyen.request(now(), { body: notice(items), secret: adyen.newSecret() });
  const [stranger] = JSON.parse(ofStranger.body).notificationItems;
  const joined = await changedNotice(items, (_, document) => document.notificationItems.push(stranger));
  assert.equal(await code(joined), INVALID, "one is of another key");
  const bare = await changedNotice(items, (_, document) => document.notificationItems.push("x"));
  assert.equal(await code(bare), INVALID);
});

test("as many items as somebody sends, and no fewer than one: Adyen", async () => {
  const many = (count) => {
    const items = Array.from({ length: count }, (_, at) => reference(String(at)));
    return adyen.request(now(), { body: notice(items) });
  };
  assert.equal(await code(await many(16)), ACCEPTED);
  assert.equal(await code(await many(17)), INVALID);
  assert.equal(await code(await many(0)), INVALID);
  for (const body of ["{}", '{"notificationItems":{}}', '{"notificationItems":null}', "[]", "not JSON"]) {
    assert.equal(await code(hook("adyen-standard", {}, Buffer.from(body))), INVALID, body);
  }
});

test("what stands twice is refused: Adyen", async () => {
  const request = await adyen.request(now());
  const text = String(request.body);
  const twice = (member, before) => ({ ...request, body: Buffer.from(text.replace(member, () => before + member)) });
  for (const [member, before] of [
    ['"success":', '"success":"false",'],
    ['"success":', '"\\u0073uccess":"false",'],
    ['"value":', '"value":1,'],
    ['"amount":', '"amount":{"currency":"EUR","value":1},'],
    ['"originalReference":', '"originalReference":null,'],
    ['"hmacSignature":', '"hmacSignature":"",'],
    ['"additionalData":', '"additionalData":{},'],
    ['"NotificationRequestItem":', '"NotificationRequestItem":{},'],
    ['"notificationItems":', '"notificationItems":[],'],
  ]) {
    assert.notEqual(text.indexOf(member), -1);
    assert.equal(await adyen.accepts(twice(member, before)), true, "the library takes the last one");
    assert.equal(await code(twice(member, before)), INVALID, before);
  }
});

test("a field that is not there counts as empty: Adyen", async () => {
  const first = (change) => changedNotice([adyenItem({ originalReference: "" })], ([item]) => change(item));
  for (const change of [
    () => {},
    (item) => delete item.originalReference,
    (item) => (item.originalReference = null),
  ]) {
    const request = await first(change);
    assert.equal(await code(request), ACCEPTED, String(change));
    assert.equal(await adyen.accepts(request), true);
  }
  for (const value of ["x", {}, [], 0, false]) {
    assert.equal(await code(await first((item) => (item.originalReference = value))), INVALID, JSON.stringify(value));
  }
});

test("all but eight fields may be altered, and where one ends: Adyen", async () => {
  const changes = [
    ([item]) => (item.eventDate = "2030-01-01T00:00:00Z"),
    ([item]) => (item.paymentMethod = "mc"),
    ([item]) => (item.reason = "none"),
    ([item]) => (item.additionalData.cardSummary = "1111"),
    (_, document) => (document.live = "true"),
    ([item]) => {
      item.merchantAccountCode += ":order";
      item.merchantReference = item.merchantReference.slice("order:".length);
    },
  ];
  for (const change of changes) {
    const request = await changedNotice([adyenItem()], change);
    assert.equal(await code(request), ACCEPTED, String(change));
    assert.equal(await adyen.accepts(request), true);
  }
  const fewer = await changedNotice(["1", "2"].map(reference), (_, document) => document.notificationItems.pop());
  assert.equal(await code(fewer), ACCEPTED, "an item may be left out");
});

const contentful = provider("contentful");
/** A request with the fields that the list names signed, whatever the list is. */
function contentfulByHand(list, values = {}, { target = "/hook/contentful", signedTarget = target } = {}) {
  const fields = { "x-contentful-timestamp": String(now() * 1000), "x-contentful-signed-headers": list, ...values };
  const lines = list.split(",").map((field) => `${field}:${fields[field] ?? ""}`);
  const text = ["POST", signedTarget, lines.join(";"), "{}"].join("\n");
  const signature = mac("hex", secretOf("contentful"), text);
  return hook("contentful", { ...fields, "x-contentful-signature": signature }, Buffer.from("{}"), { target });
}
const FULL_LIST = "x-contentful-signed-headers,x-contentful-timestamp";

test("the query is escaped twice: Contentful", async () => {
  for (const query of ["?a=1", "?a=%C3%BC%20%26&b=c+d", "?a=%2525&!*()~;,/:@=$", "?a[]=1&b={}|^`", "?"]) {
    const request = await contentful.request(now(), { target: `/hook/contentful${query}` });
    assert.equal(await code(request), ACCEPTED, query);
    assert.equal(await contentful.accepts(request), true, query);
  }
  const target = "/hook/contentful?a=%C3%BC&b=1";
  const signedAs = (signedTarget) => code(contentfulByHand(FULL_LIST, {}, { target, signedTarget }));
  assert.equal(await signedAs("/hook/contentful?a%253D%2525C3%2525BC%2526b%253D1"), ACCEPTED);
  assert.equal(await signedAs("/hook/contentful?a%3D%25C3%25BC%26b%3D1"), INVALID);
  assert.equal(await signedAs("/hook/contentful?a=%25C3%25BC&b=1"), INVALID);
  assert.equal(await signedAs(target), INVALID);
});

test("what follows a second question mark is not signed, so there may be none: Contentful", async () => {
  const request = await contentful.request(now(), { target: "/hook/contentful?a=1?b=2" });
  assert.equal(await contentful.accepts(request), true, "the library drops it");
  assert.equal(await code(request), INVALID);
  const plain = await contentful.request(now(), { target: "/hook/contentful?a=1" });
  assert.equal(await code(plain), ACCEPTED);
  assert.equal(await code({ ...plain, target: "/hook/contentful?a=1?b=2" }), INVALID);
});

test("the list must name itself and the time, in order: Contentful", async () => {
  assert.equal(await code(contentfulByHand(FULL_LIST)), ACCEPTED);
  for (const list of [
    "x-contentful-signed-headers",
    "x-contentful-timestamp",
    "x-contentful-crn",
    "x-contentful-crn,x-contentful-signed-headers",
    "x-contentful-crn,x-contentful-timestamp",
    "x-contentful-timestamp,x-contentful-signed-headers",
    "x-contentful-signed-headers,x-contentful-timestamp,x-contentful-timestamp",
    "X-Contentful-Signed-Headers,X-Contentful-Timestamp",
    "x-contentful-signed-headers, x-contentful-timestamp",
  ]) {
    assert.equal(await code(contentfulByHand(list, { "x-contentful-crn": "crn:1" })), INVALID, list);
  }
  const { headers, ...rest } = contentfulByHand(FULL_LIST);
  const without = headers.filter(([name]) => name !== "x-contentful-signed-headers");
  assert.equal(await code({ ...rest, headers: without }), INVALID);
});

test("a field that is named must be there, as it was signed: Contentful", async () => {
  const list = `x-contentful-crn,${FULL_LIST}`;
  const request = contentfulByHand(list, { "x-contentful-crn": "crn:1" });
  assert.equal(await code(request), ACCEPTED);
  const without = request.headers.filter(([name]) => name !== "x-contentful-crn");
  assert.equal(await code({ ...request, headers: without }), INVALID);
  assert.equal(await code(contentfulByHand(list)), INVALID, "absent, and signed as if it were empty");
  assert.equal(await code(contentfulByHand(list, { "x-contentful-crn": "" })), ACCEPTED);
  assert.equal(await code(contentfulByHand(list, { "x-contentful-crn": "a, b" })), ACCEPTED, "a list is a value");
  assert.equal(await code({ ...request, headers: [...request.headers, ["x-contentful-crn", "crn:2"]] }), INVALID);
});

test("no value can be read as two fields: Contentful", async () => {
  const list = `x-a,x-b,${FULL_LIST}`.split(",").sort().join(",");
  assert.equal(await code(contentfulByHand(list, { "x-a": "1; q=2", "x-b": "3" })), ACCEPTED);
  assert.equal(await code(contentfulByHand(list, { "x-a": "1;x-b:2", "x-b": "3" })), INVALID);
  assert.equal(await code(contentfulByHand(list, { "x-a": "1", "x-b": "2;x-b:3" })), INVALID);
});

test("method, path, query and the named fields are signed, others are not: Contentful", async () => {
  const secret = keyOf("contentful-pages");
  const request = await contentful.request(now(), { secret, target: "/hook/contentful-pages/a?b=1" });
  assert.equal(await code(request), ACCEPTED);
  assert.equal(await code({ ...request, method: "PUT" }), INVALID);
  for (const rest of ["b?b=1", "%61?b=1", "a?b=2", "a?b%3D1", "a?", "a"]) {
    assert.equal(await code({ ...request, target: `/hook/contentful-pages/${rest}` }), INVALID, rest);
  }
  const put = await contentful.request(now(), { secret, target: "/hook/contentful-pages/a", method: "PUT" });
  assert.equal(await code({ ...put, method: "PUT" }), ACCEPTED);
  const named = request.headers.filter(([name]) => name !== "x-contentful-signature").map(([name]) => name);
  assert.deepEqual(named.map((name) => name.toLowerCase()).sort(), [
    "content-type",
    "x-contentful-signed-headers",
    "x-contentful-space-id",
    "x-contentful-timestamp",
    "x-contentful-topic",
    "x-contentful-user-id",
  ]);
  for (const name of named.filter((name) => name !== "x-contentful-timestamp")) {
    const headers = request.headers.map(([field, value]) => [field, field === name ? `${value}x` : value]);
    assert.equal(await code({ ...request, headers }), INVALID, name);
  }
  const later = request.headers.map(([field, value]) =>
    field === "x-contentful-timestamp" ? [field, String(Number(value) + 1)] : [field, value],
  );
  assert.equal(await code({ ...request, headers: later }), INVALID);
  assert.equal(await code({ ...request, headers: [...request.headers, ["X-Contentful-App-Id", "none"]] }), ACCEPTED);
});

/** A link that Shopify's library for Python would take. */
async function pythonLink(query) {
  const made = await pythonSigns("shopify-link, of Python", {
    secret: secretOf("shopify-link"),
    at: now(),
    target: `/hook/shopify-link${query}`,
  });
  return { ...made, method: "GET" };
}
const link = provider("shopify-link");
const proxy = provider("shopify-proxy");
const retarget = (request, change) => ({ ...request, target: change(request.target) });

test("lists and escapes as in Python: Shopify links", async () => {
  const query = "?ids%5B%5D=2&ids%5B%5D=1&note=50%25%20a%26b%3Dc%2Fd&shop=shop.myshopify.com";
  const request = await pythonLink(query);
  assert.equal(await code(request), ACCEPTED);
  assert.equal(await code(await pythonLink("?id=1&id2=2&a-b=1&a=2")), ACCEPTED, "sorted with the equals sign");
  assert.equal(await code(retarget(request, (target) => target.replace(/%5B%5D/g, "[]"))), ACCEPTED, "the same query");
  for (const [from, to] of [
    ["ids%5B%5D=2&ids%5B%5D=1", "ids%5B%5D=1&ids%5B%5D=2"],
    ["ids%5B%5D=2&ids%5B%5D=1", "ids%5B%5D=2"],
    ["ids%5B%5D=2&ids%5B%5D=1", "ids%5B%5D=2%22%2C%20%221"],
    ["ids%5B%5D=2&ids%5B%5D=1", "ids=%5B%222%22%2C%20%221%22%5D"],
    ["ids%5B%5D=2&ids%5B%5D=1", "ids=2&ids=1"],
    ["a%26b%3Dc", "a&b=c"],
  ]) {
    assert.ok(request.target.includes(from));
    assert.equal(await code(retarget(request, (target) => target.replace(from, to))), INVALID, to);
  }
});

test("one signature, of one kind: Shopify links", async () => {
  const request = await link.request(now());
  assert.equal(await code(request), ACCEPTED);
  const hmac = request.target.match(/&hmac=(.+)$/)[1];
  for (const twice of [`&hmac=${hmac}`, `&%68mac=${hmac}`, "&hmac=", `&hmac=${"0".repeat(64)}`]) {
    assert.equal(await code(retarget(request, (target) => target + twice)), INVALID, twice);
  }
  const beside = retarget(request, (target) => `${target}&signature=1`);
  assert.equal(await link.accepts(beside), true, "the library drops it");
  assert.equal(await code(beside), INVALID);
  assert.equal(await code(retarget(request, (target) => target.replace(/&hmac=.+$/, ""))), MISSING);
  assert.equal(await code(retarget(request, (target) => target.replace(/&timestamp=\d+/, ""))), MISSING);
});

test("no parameter may be added, altered or taken away, and their order is free: Shopify links", async () => {
  const request = await link.request(now());
  const changed = (change) => code(retarget(request, change));
  assert.equal(await changed((target) => `${target}&admin=1`), INVALID);
  assert.equal(await changed((target) => target.replace("?", "?admin=1&")), INVALID);
  assert.equal(await changed((target) => `${target}&shop=evil.myshopify.com`), INVALID);
  assert.equal(await changed((target) => target.replace("shop=shop", "shop=evil")), INVALID);
  assert.equal(await changed((target) => target.replace("&code=0907a61c", "")), INVALID);
  assert.equal(await changed((target) => target.replace("code=0907a61c&shop", "code=0907a61c%26shop")), INVALID);
  const earlier = (_, time) => `timestamp=${Number(time) - 1}`;
  assert.equal(await changed((target) => target.replace(/timestamp=(\d+)/, earlier)), INVALID);
  const turned = (target) => `/hook/shopify-link?${target.split("?")[1].split("&").reverse().join("&")}`;
  assert.equal(await changed(turned), ACCEPTED);
  assert.equal(await link.accepts(retarget(request, turned)), true);
});

test("values of one name are joined with commas: Shopify's proxy", async () => {
  const request = await proxy.request(now());
  const changed = (change) => code(retarget(request, change));
  assert.ok(request.target.includes("tag=a+b&tag=c"));
  assert.equal(await code(request), ACCEPTED);
  const joined = await changed((target) => target.replace("tag=a+b&tag=c", "tag=a%20b,c"));
  assert.equal(joined, ACCEPTED, "which is the same text");
  assert.equal(await changed((target) => target.replace("tag=a+b&tag=c", "tag=c&tag=a+b")), INVALID);
  assert.equal(await changed((target) => target.replace("&tag=c", "")), INVALID);
  assert.equal(await changed((target) => `${target}&tag=d`), INVALID);
  assert.equal(await changed((target) => `${target}&zone=1`), INVALID);
});

test("one shop, one time, one signature: Shopify's proxy", async () => {
  const two = "/hook/shopify-proxy?shop=a.myshopify.com&shop=b.myshopify.com";
  const shops = await proxy.request(now(), { target: two });
  assert.equal(await proxy.accepts(shops), false);
  assert.equal(await code(shops), INVALID, "though the signature is right");
  const one = await proxy.request(now(), { target: two.replace("&shop=", ",") });
  assert.equal(await code(one), ACCEPTED);
  assert.equal(await code(retarget(one, (target) => target.replace(",b.", "&shop=b."))), INVALID);
  const request = await proxy.request(now());
  for (const more of [`&timestamp=${now()}`, `&signature=${"0".repeat(64)}`, "&signature=", "&hmac=1"]) {
    assert.equal(await code(retarget(request, (target) => target + more)), INVALID, more);
  }
});

const token = provider("cloudflare-token");

test("nothing may follow the token: Cloudflare", async () => {
  const request = await token.request(now());
  for (const more of ["&x=1", "&", "&x", "%26x=1"]) {
    assert.equal(await code(retarget(request, (target) => target + more)), INVALID, more);
  }
  assert.equal(await code(retarget(request, (target) => target.replace("?", "?x=1&"))), INVALID);
});

test("path, query and time are in the token: Cloudflare", async () => {
  const secret = keyOf("token-files");
  const request = await token.request(now(), { secret, target: "/hook/token-files/a" });
  assert.equal(await code(request), ACCEPTED);
  assert.equal(await code(retarget(request, (target) => target.replace("/a?", "/b?"))), INVALID);
  assert.equal(await code(retarget(request, (target) => target.replace("/a?", "/a?x=1&"))), INVALID);
  const earlier = (_, time) => `verify=${Number(time) - 1}`;
  assert.equal(await code(retarget(request, (target) => target.replace(/verify=(\d+)/, earlier))), INVALID);
  assert.equal(await code(retarget(request, (target) => target.replace(/verify=\d+-/, "verify="))), MISSING);
  assert.equal(await code(retarget(request, (target) => target.replace("verify=", "other="))), MISSING);
});

test("both ways of writing base64: Cloudflare", async () => {
  const at = now();
  // One that is not the same in both.
  const numbers = Array.from({ length: 100 }, (_, number) => `/hook/cloudflare-token?n=${number}`);
  const base = numbers.find((text) => /\+.*\//.test(mac("base64", token.secret, `${text}${at}`)));
  const right = mac("base64", token.secret, `${base}${at}`);
  const outcome = (written) => code({ method: "GET", target: `${base}&verify=${at}-${written}`, headers: [] });
  assert.equal(await outcome(encodeURIComponent(right)), ACCEPTED);
  const unpadded = right.replace(/\+/g, "-").replace(/\//g, "_").replace("=", "");
  assert.equal(await outcome(unpadded), ACCEPTED);
  assert.equal(await outcome(`${unpadded}=`), INVALID);
  assert.equal(await outcome(encodeURIComponent(right.replace("=", ""))), INVALID);
  assert.equal(await outcome(unpadded.slice(0, -1)), INVALID);
  assert.equal(await outcome(Buffer.from(right, "base64").toString("hex")), INVALID);
});

test("one token: Cloudflare", async () => {
  const once = await token.request(now());
  const twice = await token.request(now(), { target: once.target });
  assert.equal(twice.target.match(/verify=/g).length, 2);
  assert.equal(await code(twice), INVALID, "though the last one is right");
  assert.equal(await code(retarget(once, (target) => target.replace("?", `?verify=${now()}-x&`))), INVALID);
});

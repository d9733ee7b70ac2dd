// The handshakes that the gate answers itself, through the built Worker: what the provider reads,
// what the log says, and that the origin receives nothing. Signed by Node's own crypto; where the
// provider's library answers the same handshake, both answers are compared.

import assert from "node:assert/strict";
import { createHmac, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { after, before, test } from "node:test";
import bolt from "@slack/bolt";
import { AwsLambdaReceiver as ZoomReceiver } from "@zoom/rivet/teamchat";
import { verifyKey, verifyKeyMiddleware, verifyWebhookEventMiddleware } from "discord-interactions";
import { json, send } from "../worker/harness/client.mjs";
import { startOrigin } from "../worker/harness/origin.mjs";
import { now } from "../worker/harness/sign.mjs";
import { startGate } from "../worker/harness/workerd.mjs";

const random = () => randomBytes(24).toString("hex");
const hmac = (hash, key, text, encoding) => createHmac(hash, key).update(text).digest(encoding);

const DISCORD = generateKeyPairSync("ed25519");
/** Discord shows the 32 bytes of the key, which end the DER form. */
const DISCORD_PUBLIC = DISCORD.publicKey.export({ format: "der", type: "spki" }).subarray(-32).toString("hex");
/** With characters that a query has to escape. */
const VERIFY_TOKEN = `${random()} +&=%/é`;
const trelloUrl = (kind) => `https://hooks.example/${kind}/trello`;

/** The fields of a signed request: of a body, a secret and a time. */
const stamped = (signature, timestamp) => (body, secret, at) => [
  [signature, `v0=${hmac("sha256", secret, `v0:${at}:${body}`, "hex")}`],
  [timestamp, String(at)],
];
const signs = {
  slack: stamped("X-Slack-Signature", "X-Slack-Request-Timestamp"),
  zoom: stamped("x-zm-signature", "x-zm-request-timestamp"),
  discord: (body, key, at) => [
    ["X-Signature-Ed25519", sign(null, Buffer.from(`${at}${body}`), key).toString("hex")],
    ["X-Signature-Timestamp", String(at)],
  ],
  dropbox: (body, secret) => [["X-Dropbox-Signature", hmac("sha256", secret, body, "hex")]],
  meta: (body, secret) => [["X-Hub-Signature-256", `sha256=${hmac("sha256", secret, body, "hex")}`]],
  trello: (body, secret) => [["X-Trello-Webhook", hmac("sha1", secret, body + trelloUrl("in"), "base64")]],
  woocommerce: (body, secret) => [["X-WC-Webhook-Signature", hmac("sha256", secret, body, "base64")]],
  xero: (body, secret) => [["x-xero-signature", hmac("sha256", secret, body, "base64")]],
};
const NAMES = Object.keys(signs);

/** Secrets by name: two for each sender, of which Discord's are public keys. */
const secrets = { VERIFY_TOKEN };
const policy = { senders: [], routes: [] };
for (const scheme of NAMES) {
  for (const kind of ["in", "silent"]) {
    const id = `${scheme}-${kind}`;
    const names = scheme === "discord" ? [`${scheme}_${kind}`] : [`${scheme}_${kind}`, `${scheme}_${kind}_next`];
    for (const name of names) secrets[name] = random();
    const handshake = kind === "in" && { handshake: true, ...(scheme === "meta" && { verify_token: "VERIFY_TOKEN" }) };
    policy.senders.push({ id, scheme, secrets: names, ...(scheme === "trello" && { url: trelloUrl(kind) }), ...handshake });
    policy.routes.push({ path: `/${kind}/${scheme}`, methods: ["POST"], senders: [id] });
  }
}
const SILENT_KEY = generateKeyPairSync("ed25519");
secrets.discord_in = DISCORD_PUBLIC;
secrets.discord_silent = SILENT_KEY.publicKey.export({ format: "der", type: "spki" }).subarray(-32).toString("hex");

let origin;
let gate;

before(async () => {
  origin = await startOrigin();
  gate = await startGate({ policy, secrets, origin: origin.url });
});

after(async () => {
  const output = gate.output.stdout + gate.output.stderr;
  await gate.stop();
  await origin.stop();
  for (const [name, secret] of Object.entries(secrets)) assert.ok(!output.includes(secret), `${name} is in no log`);
});

/** Sends a request; gives the answer, its log line, and what the origin received meanwhile. */
async function ask(request, to = gate) {
  const [seen, logged] = [origin.received.length, to.log().length];
  const answer = await send(to.port, request);
  const deadline = Date.now() + 5000;
  while (to.log().length === logged && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(to.log().length, logged + 1, "one line for one decision");
  return { answer, line: to.log()[logged], received: origin.received.slice(seen) };
}

/** Sends a body signed by one of the scheme's secrets, or by another key. */
function askSigned(scheme, body, { kind = "in", key, headers = [] } = {}) {
  const usual = scheme === "discord" ? (kind === "in" ? DISCORD : SILENT_KEY).privateKey : secrets[`${scheme}_${kind}`];
  const bytes = Buffer.from(body);
  const fields = [["Content-Type", "application/json"], ...headers, ...signs[scheme](body, key ?? usual, now())];
  return ask({ target: `/${kind}/${scheme}`, headers: fields, body: bytes });
}

/** The gate answered for the origin, with exactly this. */
function assertAnswered({ answer, line, received }, scheme, { status = 200, body = "", type, signed = false }) {
  assert.equal(answer.status, status);
  assert.equal(answer.body.toString("latin1"), body);
  if (type !== undefined) assert.equal(answer.headers["content-type"], type);
  assert.equal(answer.headers["cache-control"], "no-store");
  assert.equal(answer.headers["set-cookie"], undefined);
  assert.deepEqual(
    { code: line.code, status: line.status, scheme: line.scheme, route: line.route, sender: line.sender },
    { code: "handshake", status, scheme, route: `/in/${scheme}`, sender: signed ? `${scheme}-in` : null },
  );
  assert.deepEqual(received, [], "the origin received nothing");
}

function assertRefused({ answer, line, received }, status, code) {
  assert.deepEqual([answer.status, line.status, line.code], [status, status, code]);
  assert.deepEqual(received, [], "the origin received nothing");
  if (answer.body.length > 0) {
    assert.equal(answer.headers["content-type"], "application/problem+json");
    assert.equal(json(answer).code, code);
  }
}

/** It went on as an ordinary request, and the origin answered it. */
function assertForwarded({ answer, line, received }, body) {
  assert.deepEqual([answer.status, line.code, answer.body.toString()], [200, "accepted", '{"ok":true}']);
  assert.deepEqual(
    received.map((one) => one.body.toString()),
    [body],
  );
}

const get = (scheme, query, { kind = "in", method = "GET", ...more } = {}) =>
  ask({ method, target: `/${kind}/${scheme}${query}`, ...more });

/** Runs without what a library prints. */
async function quietly(run) {
  const { debug, error } = console;
  console.debug = console.error = () => {};
  try {
    return await run();
  } finally {
    Object.assign(console, { debug, error });
  }
}

// ---------------------------------------------------------------------------------------- Slack

const CHALLENGE = "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P";
const slackBody = (challenge = CHALLENGE) =>
  JSON.stringify({ token: "Jhj5dZrVaK7ZwHHjRyZWjbDl", challenge, type: "url_verification" });

test("slack_gets_its_challenge_back", async () => {
  const outcome = await askSigned("slack", slackBody());
  const body = `{"challenge":"${CHALLENGE}"}`;
  assertAnswered(outcome, "slack", { body, type: "application/json", signed: true });
  const strange = 'a"b\\c\n</script> é ☃ \u{1f600}';
  const { answer, received } = await askSigned("slack", slackBody(strange));
  assert.deepEqual([answer.status, json(answer), received], [200, { challenge: strange }, []]);
});

test("slack_gets_what_bolt_would_answer", async () => {
  const body = slackBody();
  const at = now();
  const fields = signs.slack(body, secrets.slack_in, at);
  const receiver = new bolt.AwsLambdaReceiver({ signingSecret: secrets.slack_in });
  const event = { headers: { "Content-Type": "application/json", ...Object.fromEntries(fields) }, body };
  const theirs = await receiver.toHandler()(event, {});
  const { answer } = await ask({ target: "/in/slack", headers: fields, body: Buffer.from(body) });
  assert.equal(theirs.statusCode, answer.status);
  assert.equal(theirs.body, answer.body.toString());
  assert.equal(theirs.headers["Content-Type"], answer.headers["content-type"]);
});

test("slack_is_refused_unsigned_or_signed_wrongly", async () => {
  const body = slackBody();
  assertRefused(await ask({ target: "/in/slack", body: Buffer.from(body) }), 401, "missing_signature");
  assertRefused(await askSigned("slack", body, { key: random() }), 401, "invalid_signature");
  const old = signs.slack(body, secrets.slack_in, now() - 301);
  assertRefused(await ask({ target: "/in/slack", headers: old, body: Buffer.from(body) }), 401, "stale_timestamp");
  const other = signs.slack(`${body} `, secrets.slack_in, now());
  assertRefused(await ask({ target: "/in/slack", headers: other, body: Buffer.from(body) }), 401, "invalid_signature");
});

test("slack_events_are_forwarded", async () => {
  const bodies = [
    '{"type":"event_callback","event":{"type":"app_mention"},"challenge":"x"}',
    '{"type":"url_verification"}',
    '{"type":"url_verification","challenge":7}',
    '{"event":{"type":"url_verification","challenge":"x"}}',
    '{"type":"event_callback","type":"url_verification","challenge":"x"}',
    "payload=%7B%22type%22%3A%22block_actions%22%7D",
  ];
  for (const body of bodies) assertForwarded(await askSigned("slack", body), body);
  assertForwarded(await askSigned("slack", slackBody(), { kind: "silent" }), slackBody());
});

// ----------------------------------------------------------------------------------------- Zoom

const zoomBody = (plainToken) =>
  JSON.stringify({ payload: { plainToken }, event_ts: now() * 1000, event: "endpoint.url_validation" });

test("zoom_gets_the_token_with_its_hmac", async () => {
  for (const plainToken of ["qgg8vlvZRS6UYooatFL8Aw", "", 'é"☃\\']) {
    const outcome = await askSigned("zoom", zoomBody(plainToken));
    const encryptedToken = hmac("sha256", secrets.zoom_in, plainToken, "hex");
    const body = Buffer.from(JSON.stringify({ plainToken, encryptedToken })).toString("latin1");
    assertAnswered(outcome, "zoom", { body, type: "application/json", signed: true });
    assert.equal(outcome.line.secret_index, 0);
  }
});

test("zoom_gets_a_token_made_with_the_secret_that_signed", async () => {
  const plainToken = random();
  const outcome = await askSigned("zoom", zoomBody(plainToken), { key: secrets.zoom_in_next });
  const { encryptedToken } = json(outcome.answer);
  assert.equal(encryptedToken, hmac("sha256", secrets.zoom_in_next, plainToken, "hex"));
  assert.deepEqual([outcome.line.code, outcome.line.secret_index, outcome.received], ["handshake", 1, []]);
});

test("zoom_gets_what_rivet_would_answer", async () => {
  const body = zoomBody("qgg8vlvZRS6UYooatFL8Aw");
  const fields = signs.zoom(body, secrets.zoom_in, now());
  const receiver = new ZoomReceiver({ webhooksSecretToken: secrets.zoom_in });
  const event = { headers: Object.fromEntries(fields), body, isBase64Encoded: false };
  const theirs = await quietly(() => receiver.start()(event, {}));
  const { answer } = await ask({ target: "/in/zoom", headers: fields, body: Buffer.from(body) });
  assert.equal(theirs.statusCode, answer.status);
  assert.deepEqual(JSON.parse(theirs.body), json(answer));
  assert.equal(theirs.headers["Content-Type"], answer.headers["content-type"]);
});

test("zoom_is_refused_unsigned_or_signed_wrongly", async () => {
  const body = zoomBody("qgg8vlvZRS6UYooatFL8Aw");
  assertRefused(await ask({ target: "/in/zoom", body: Buffer.from(body) }), 401, "missing_signature");
  const outcome = await askSigned("zoom", body, { key: random() });
  assertRefused(outcome, 401, "invalid_signature");
  assert.ok(!outcome.answer.body.includes("qgg8vlvZ"));
});

test("zoom_events_are_forwarded", async () => {
  const bodies = [
    '{"event":"meeting.started","payload":{"plainToken":"x"}}',
    '{"event":"endpoint.url_validation","payload":{"object":{}}}',
    '{"event":"endpoint.url_validation","plainToken":"x"}',
    '{"event":"endpoint.url_validation","payload":{"plainToken":7}}',
  ];
  for (const body of bodies) assertForwarded(await askSigned("zoom", body), body);
  const body = zoomBody("qgg8vlvZRS6UYooatFL8Aw");
  assertForwarded(await askSigned("zoom", body, { kind: "silent" }), body);
});

// -------------------------------------------------------------------------------------- Discord

const PING = '{"app_permissions":"0","application_id":"1","id":"2","token":"aW50","type":1,"user":{},"version":1}';
const EVENT_PING = '{"version":1,"application_id":"1234560123453231555","type":0}';

/** What the library's middleware does with a request: status, type and body. */
function theirAnswer(middleware, body, fields) {
  return new Promise((resolve) => {
    const names = new Map(fields.map(([name, value]) => [name.toLowerCase(), value]));
    const response = { statusCode: 200, type: undefined };
    response.setHeader = (name, value) => name === "Content-Type" && (response.type = value);
    response.end = (text = "") => resolve([response.statusCode, response.type, text]);
    const request = { header: (name) => names.get(name.toLowerCase()), body: Buffer.from(body) };
    middleware(DISCORD_PUBLIC)(request, response, () => resolve("forwarded"));
  });
}

test("discord_gets_a_pong_or_204_as_its_library_answers", async () => {
  assertAnswered(await askSigned("discord", PING), "discord", { body: '{"type":1}', type: "application/json", signed: true });
  assertAnswered(await askSigned("discord", EVENT_PING), "discord", { status: 204, signed: true });
  for (const [body, middleware] of [[PING, verifyKeyMiddleware], [EVENT_PING, verifyWebhookEventMiddleware]]) {
    const fields = signs.discord(body, DISCORD.privateKey, now());
    assert.ok(await verifyKey(body, fields[0][1], fields[1][1], DISCORD_PUBLIC));
    const { answer } = await ask({ target: "/in/discord", headers: fields, body: Buffer.from(body) });
    const [status, type, text] = await theirAnswer(middleware, body, fields);
    assert.deepEqual([answer.status, answer.body.toString()], [status, text]);
    if (type !== undefined) assert.equal(answer.headers["content-type"], type);
  }
});

test("discord_events_and_interactions_are_forwarded", async () => {
  const bodies = [
    '{"version":1,"application_id":"1","type":1,"event":{"type":"APPLICATION_AUTHORIZED"}}',
    '{"id":"2","type":2,"data":{}}',
    '{"id":"2","type":3}',
    '{"id":"2","type":10}',
    '{"data":{"type":1}}',
    '{"type":null}',
    "[1]",
  ];
  for (const body of bodies) assertForwarded(await askSigned("discord", body), body);
  for (const body of [PING, EVENT_PING]) assertForwarded(await askSigned("discord", body, { kind: "silent" }), body);
});

test("discord_probes_with_wrong_signatures_get_401", async () => {
  for (const body of [PING, EVENT_PING]) {
    const fields = signs.discord(body, DISCORD.privateKey, now());
    const [[name, signature], time] = fields;
    const wrong = [
      [[name, (signature[0] === "0" ? "1" : "0") + signature.slice(1)], time],
      [[name, signature.slice(2)], time],
      [[name, "00".repeat(64)], time],
      [fields[0], [time[0], String(Number(time[1]) - 1)]],
      signs.discord(body, SILENT_KEY.privateKey, now()),
    ];
    for (const headers of wrong) {
      assertRefused(await ask({ target: "/in/discord", headers, body: Buffer.from(body) }), 401, "invalid_signature");
    }
    for (const headers of [[], [fields[0]], [fields[1]]]) {
      assertRefused(await ask({ target: "/in/discord", headers, body: Buffer.from(body) }), 401, "missing_signature");
    }
    const altered = Buffer.from(`${body} `);
    assertRefused(await ask({ target: "/in/discord", headers: fields, body: altered }), 401, "invalid_signature");
  }
});

// -------------------------------------------------------------------------------------- Dropbox

function assertEcho(outcome, scheme, text) {
  assertAnswered(outcome, scheme, { body: text, type: "text/plain" });
  assert.equal(outcome.answer.headers["x-content-type-options"], "nosniff");
}

/** Answered as any GET to a route that does not have the method. */
function assertNoGet(outcome, ...texts) {
  assertRefused(outcome, 405, "method_not_allowed");
  assert.equal(outcome.answer.headers.allow, "POST");
  for (const text of texts) assert.ok(!outcome.answer.body.includes(text), text);
}

test("dropbox_gets_its_challenge_back_as_text", async () => {
  const longest = "x".repeat(256);
  const html = "<script>alert(1)</script>";
  for (const [query, text] of [
    ["?challenge=abc", "abc"],
    ["?other=1&challenge=abc&more", "abc"],
    ["?challenge=a%62c%2F%3D%2b", "abc/=+"],
    ["?%63hallenge=abc", "abc"],
    ["?challenge=a=b", "a=b"],
    ["?challenge=100%zz%4", "100%zz%4"],
    [`?challenge=${longest}`, longest],
    [`?challenge=${encodeURIComponent(html)}`, html],
    ["?challenge=%3c!--%22%27%26%3e", "<!--\"'&>"],
  ]) {
    assertEcho(await get("dropbox", query), "dropbox", text);
  }
});

test("dropbox_challenges_that_are_not_plain_are_not_repeated", async () => {
  for (const query of [
    "",
    "?",
    "?challenge",
    "?challenge=",
    "?Challenge=marker",
    "?xchallenge=marker",
    `?challenge=${"marker".repeat(43).slice(0, 257)}`,
    "?challenge=marker&challenge=marker",
    "?challenge=marker&challenge=",
    "?challenge=marker&%63hallenge=marker",
    "?challenge=marker%0d%0aSet-Cookie:a=b",
    "?challenge=marker%00",
    "?challenge=marker%09",
    "?challenge=marker%7f",
    "?challenge=marker%20marker",
    "?challenge=marker+marker",
    "?challenge=marker%c3%a9",
    "?challenge=marker%ff",
    "?challenge=markeré",
  ]) {
    assertNoGet(await get("dropbox", query), "marker");
  }
});

test("dropbox_handshakes_have_no_body_and_no_other_method", async () => {
  const body = Buffer.from("body");
  assertRefused(await get("dropbox", "?challenge=marker", { body }), 400, "body_not_allowed");
  assertRefused(await get("dropbox", "?challenge=marker", { chunks: [body] }), 400, "body_not_allowed");
  assertRefused(await get("dropbox", "?challenge=marker", { body: Buffer.alloc(100_000) }), 400, "body_not_allowed");
  assertRefused(await get("dropbox", "?challenge=marker", { chunks: [Buffer.alloc(2000)], cut: "never" }), 400, "body_not_allowed");
  assertEcho(await get("dropbox", "?challenge=abc", { body: Buffer.alloc(0) }), "dropbox", "abc");
  for (const method of ["HEAD", "PUT", "DELETE", "OPTIONS"]) {
    const { answer, received } = await get("dropbox", "?challenge=marker", { method });
    assert.deepEqual([answer.status, answer.headers.allow, received], [405, "POST", []], method);
  }
  assertRefused(await get("dropbox", "?challenge=marker", { method: "POST", body }), 401, "missing_signature");
  const event = '{"list_folder":{"accounts":["dbid:1"]}}';
  assertForwarded(await askSigned("dropbox", event), event);
});

// ----------------------------------------------------------------------------------------- Meta

const metaQuery = ({ mode = "subscribe", token = VERIFY_TOKEN, challenge = "1158201444" } = {}) =>
  `?${new URLSearchParams(
    Object.entries({ "hub.mode": mode, "hub.challenge": challenge, "hub.verify_token": token }).filter(([, value]) => value !== null),
  )}`;

test("meta_gets_its_challenge_back_for_the_right_token", async () => {
  assertEcho(await get("meta", metaQuery()), "meta", "1158201444");
  const escaped = metaQuery().replaceAll("hub.", "%68ub%2e").replaceAll("+", "%20");
  assertEcho(await get("meta", escaped), "meta", "1158201444");
});

test("meta_with_another_token_is_refused", async () => {
  for (const token of ["marker", `${VERIFY_TOKEN}x`, VERIFY_TOKEN.slice(1), VERIFY_TOKEN.toUpperCase(), secrets.meta_in]) {
    const outcome = await get("meta", metaQuery({ token }));
    assertRefused(outcome, 401, "invalid_signature");
    assert.ok(!outcome.answer.body.includes("1158201444"));
    assert.match(outcome.answer.headers["www-authenticate"], /scheme="meta"/);
  }
  for (const query of [metaQuery({ token: null }), metaQuery({ token: "" }), `${metaQuery()}&hub.verify_token=x`]) {
    assertRefused(await get("meta", query), 401, "missing_signature");
  }
});

test("meta_gets_only_from_what_is_a_subscription", async () => {
  for (const query of [
    "",
    metaQuery({ mode: null }),
    metaQuery({ mode: "unsubscribe" }),
    metaQuery({ mode: "Subscribe" }),
    `${metaQuery()}&hub.mode=subscribe`,
    metaQuery({ challenge: null }),
    metaQuery({ challenge: "" }),
    metaQuery({ challenge: "marker\r\n" }),
    metaQuery({ challenge: "x".repeat(257) }),
    `${metaQuery({ challenge: "marker" })}&hub.challenge=marker`,
  ]) {
    assertNoGet(await get("meta", query), "marker");
  }
  assertRefused(await get("meta", metaQuery(), { body: Buffer.from("x") }), 400, "body_not_allowed");
});

test("meta_without_its_token_in_the_environment_answers_503_and_verifies_all_the_same", async (t) => {
  const { VERIFY_TOKEN: _, ...others } = secrets;
  const other = await startGate({ policy, secrets: others, origin: origin.url });
  t.after(() => other.stop());
  const outcome = await ask({ method: "GET", target: `/in/meta${metaQuery()}` }, other);
  assertRefused(outcome, 503, "misconfigured");
  const index = policy.senders.findIndex(({ id }) => id === "meta-in");
  assert.equal(outcome.line.errors.length, 1);
  assert.ok(outcome.line.errors[0].startsWith(`senders[${index}].verify_token of meta-in: `), outcome.line.errors[0]);
  const body = '{"object":"page","entry":[]}';
  const request = { target: "/in/meta", headers: signs.meta(body, secrets.meta_in), body: Buffer.from(body) };
  assertForwarded(await ask(request, other), body);
  assertEcho(await ask({ method: "GET", target: "/in/dropbox?challenge=abc" }, other), "dropbox", "abc");
});

test("meta_events_are_forwarded", async () => {
  const body = '{"object":"page","hub.mode":"subscribe"}';
  assertForwarded(await askSigned("meta", body), body);
  assertForwarded(await askSigned("meta", body, { kind: "silent" }), body);
});

// --------------------------------------------------------------------------------------- Trello

test("trello_gets_200_for_head", async () => {
  assertAnswered(await get("trello", "", { method: "HEAD" }), "trello", {});
  assertAnswered(await get("trello", "?a=1", { method: "HEAD" }), "trello", {});
  assertNoGet(await get("trello", ""));
  const body = '{"action":{"type":"updateCard"}}';
  assertForwarded(await askSigned("trello", body), body);
  assertRefused(await ask({ target: "/in/trello", body: Buffer.from(body) }), 401, "missing_signature");
});

// ---------------------------------------------------------------------------------- WooCommerce

const FORM = [["Content-Type", "application/x-www-form-urlencoded"]];
const ping = (body, headers = FORM) => ask({ target: "/in/woocommerce", headers, body: Buffer.from(body) });

test("woocommerce_gets_200_for_its_ping", async () => {
  for (const body of ["webhook_id=12", "webhook_id=0", `webhook_id=${"1".repeat(53)}`]) {
    assertAnswered(await ping(body), "woocommerce", {});
  }
  const charset = [["Content-Type", "application/x-www-form-urlencoded; charset=UTF-8"]];
  assertAnswered(await ping("webhook_id=12", charset), "woocommerce", {});
  const chunks = [Buffer.from("webhook_"), Buffer.from("id=12")];
  assertAnswered(await ask({ target: "/in/woocommerce", headers: FORM, chunks }), "woocommerce", {});
});

test("woocommerce_pings_are_nothing_else", async () => {
  for (const body of [
    "",
    "webhook_id",
    "webhook_id=",
    "webhook_id=1a",
    "webhook_id=-1",
    "webhook_id=1 ",
    "webhook_id=1\n",
    "webhook_id=%31",
    "webhook_id=1&x=2",
    "x=2&webhook_id=1",
    "Webhook_id=1",
    "webhook_id=12&webhook_id=12",
    '{"webhook_id":1}',
    `webhook_id=${"1".repeat(54)}`,
    `webhook_id=${"1".repeat(100_000)}`,
  ]) {
    assertRefused(await ping(body), 401, "missing_signature");
  }
  const chunks = [Buffer.from("webhook_id=12"), Buffer.alloc(2000, "1")];
  assertRefused(await ask({ target: "/in/woocommerce", headers: FORM, chunks, cut: "never" }), 401, "missing_signature");
  for (const type of ["application/json", "text/plain", "multipart/form-data", "application/x-www-form"]) {
    assertRefused(await ping("webhook_id=12", [["Content-Type", type]]), 401, "missing_signature");
  }
  assertRefused(await ping("webhook_id=12", []), 401, "missing_signature");
});

test("woocommerce_requests_with_a_signature_are_verified", async () => {
  const body = "webhook_id=12";
  assertRefused(await ping(body, [...FORM, ["X-WC-Webhook-Signature", ""]]), 401, "missing_signature");
  assertRefused(await ping(body, [...FORM, ["X-WC-Webhook-Signature", "x"]]), 401, "invalid_signature");
  assertRefused(await ping(body, [...FORM, ...signs.woocommerce(body, random())]), 401, "invalid_signature");
  assertForwarded(await ping(body, [...FORM, ...signs.woocommerce(body, secrets.woocommerce_in)]), body);
  const event = '{"id":12}';
  assertForwarded(await askSigned("woocommerce", event), event);
});

// ----------------------------------------------------------------------------------------- Xero

const xeroBody = (events) =>
  JSON.stringify({ events, lastEventSequence: events.length, firstEventSequence: 1, entropy: "S0m3r4nd0mt3xt" });

test("xero_gets_200_or_401_and_no_body", async () => {
  const body = xeroBody([]);
  assertAnswered(await askSigned("xero", body), "xero", { signed: true });
  const wrong = [
    await askSigned("xero", body, { key: random() }),
    await askSigned("xero", xeroBody([{}]), { key: random() }),
    await ask({ target: "/in/xero", headers: [["x-xero-signature", "x"]], body: Buffer.from(body) }),
    await ask({ target: "/in/xero", headers: signs.xero(`${body} `, secrets.xero_in), body: Buffer.from(body) }),
  ];
  for (const outcome of wrong) assertRefused(outcome, 401, "invalid_signature");
  const unsigned = await ask({ target: "/in/xero", body: Buffer.from(body) });
  assertRefused(unsigned, 401, "missing_signature");
  for (const { answer } of [...wrong, unsigned]) {
    assert.equal(answer.body.length, 0);
    assert.equal(answer.headers["set-cookie"], undefined);
  }
});

test("xero_events_are_forwarded", async () => {
  const bodies = [xeroBody([{ resourceId: "1" }]), '{"events":{}}', '{"events":null}', "{}", "[]", '{"events":[],"events":[]}'];
  for (const body of bodies) assertForwarded(await askSigned("xero", body), body);
  assertForwarded(await askSigned("xero", xeroBody([]), { kind: "silent" }), xeroBody([]));
});

// ------------------------------------------------------------------------------------- Not asked

test("without_handshake_nothing_unsigned_is_answered", async () => {
  const silent = { kind: "silent" };
  assertNoGet(await get("dropbox", "?challenge=marker", silent), "marker");
  assertNoGet(await get("meta", metaQuery(), silent), "1158201444");
  const { answer, line, received } = await get("trello", "", { ...silent, method: "HEAD" });
  assert.deepEqual([answer.status, answer.headers.allow, line.code, received], [405, "POST", "method_not_allowed", []]);
  for (const scheme of NAMES) {
    for (const body of ["webhook_id=12", slackBody(), zoomBody("x"), PING, EVENT_PING, xeroBody([])]) {
      const request = { target: `/silent/${scheme}`, headers: FORM, body: Buffer.from(body) };
      assertRefused(await ask(request), 401, "missing_signature");
    }
  }
});

test("a_handshake_of_one_provider_is_none_of_another", async () => {
  for (const scheme of NAMES) {
    for (const query of ["?challenge=marker", metaQuery({ challenge: "marker" })]) {
      if ((scheme === "dropbox") === query.startsWith("?challenge") || scheme === "meta") continue;
      assertNoGet(await get(scheme, query), "marker");
    }
    if (scheme !== "trello") assert.equal((await get(scheme, "", { method: "HEAD" })).answer.status, 405);
    if (scheme === "woocommerce") continue;
    const request = { target: `/in/${scheme}`, headers: FORM, body: Buffer.from("webhook_id=12") };
    assertRefused(await ask(request), 401, "missing_signature");
  }
});

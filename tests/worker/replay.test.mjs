// A request is accepted once: what is remembered and for how long, when it is forgotten, and what
// happens where the store fails.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { json, send } from "./harness/client.mjs";
import { startOrigin } from "./harness/origin.mjs";
import { BODY, faultyStore, policyWith, SECRET, startReplayGate, withNonce, withoutNonce } from "./harness/replay.mjs";
import { mac, now, xHmac } from "./harness/sign.mjs";
import { startGate } from "./harness/workerd.mjs";

async function setUp(t, replay, { answer, ...settings } = {}) {
  const origin = await startOrigin({ answer });
  const gate = await startReplayGate(origin, replay, settings);
  t.after(async () => {
    await gate.stop();
    await origin.stop();
  });
  return { origin, gate, ask: (request) => send(gate.port, request) };
}

const REPLAYED = { status: 409, code: "replayed" };

async function assertRefused(answer, { status, code }) {
  assert.equal(answer.status, status);
  assert.equal(answer.headers["content-type"], "application/problem+json");
  assert.equal(json(answer).code, code);
}

test("row_12_a_nonce_is_accepted_once", async (t) => {
  const { origin, gate, ask } = await setUp(t, "nonce");
  const request = withNonce();
  assert.equal((await ask(request)).status, 200);
  const again = await ask(request);
  await assertRefused(again, REPLAYED);
  assert.equal(json(again).detail, "The request was accepted before");
  assert.equal(origin.received.length, 1);
  // The same nonce in another request of the sender is one too many as well.
  const [, , [, nonce]] = request.headers;
  await assertRefused(await ask(withNonce(nonce, Buffer.from('{"text":"other"}'))), REPLAYED);
  await assertRefused(await ask(withNonce(nonce, BODY, now() - 5)), REPLAYED);
  assert.equal((await ask(withNonce())).status, 200);
  assert.equal(origin.received.length, 2);
  const { code, status, sender, secret_index } = gate.log()[1];
  assert.deepEqual({ code, status, sender, secret_index }, { ...REPLAYED, sender: "app", secret_index: 0 });
});

test("row_12_a_changed_nonce_is_not_signed", async (t) => {
  const { origin, ask } = await setUp(t, "nonce");
  const request = withNonce();
  assert.equal((await ask(request)).status, 200);
  const headers = request.headers.map(([name, value]) => [name, name === "X-HMAC-Nonce" ? `${value}x` : value]);
  await assertRefused(await ask({ ...request, headers }), { status: 401, code: "invalid_signature" });
  assert.equal(origin.received.length, 1);
});

test("row_13_what_is_not_verified_burns_no_nonce", async (t) => {
  const { origin, ask } = await setUp(t, "nonce");
  const nonce = "b2Nlbm5vbmNlbm9uY2U1";
  const request = withNonce(nonce);
  const forged = { ...request, body: Buffer.from('{"text":"ho"}') };
  for (let i = 0; i < 3; i += 1) await assertRefused(await ask(forged), { status: 401, code: "invalid_signature" });
  await assertRefused(await ask(withNonce(nonce, BODY, now() - 61)), { status: 401, code: "stale_timestamp" });
  assert.equal((await ask(request)).status, 200);
  assert.equal(origin.received.length, 1);
});

test("row_12_without_a_nonce_the_signed_bytes_are_remembered", async (t) => {
  const { origin, ask } = await setUp(t, "signature", { sender: { scheme: "x-hmac" } });
  const at = now();
  const request = withoutNonce(BODY, at);
  assert.equal((await ask(request)).status, 200);
  await assertRefused(await ask(request), REPLAYED);
  assert.equal((await ask(withoutNonce(BODY, at - 1))).status, 200, "another second");
  assert.equal((await ask(withoutNonce(Buffer.from("{}"), at))).status, 200, "another body");
  assert.equal(origin.received.length, 3);
});

test("row_12_another_spelling_or_key_makes_no_other_request", async (t) => {
  const secrets = { APP_SECRET: SECRET, NEXT: "Wv5cE8xN2bQ7mA1zK4jT9gH6fS3dP0lR" };
  const { origin, ask } = await setUp(t, "signature", {
    sender: { scheme: "stripe", secrets: Object.keys(secrets) },
    secrets,
  });
  const at = now();
  const [old, next] = Object.values(secrets).map((secret) => mac(secret, `${at}.`, BODY));
  const sign = (...tags) => ({
    target: "/v1/infer",
    headers: [["Stripe-Signature", [`t=${at}`, ...tags.map((tag) => `v1=${tag}`)].join(",")]],
    body: BODY,
  });
  assert.equal((await ask(sign(old, next))).status, 200);
  for (const request of [sign(old), sign(next), sign(next, old), sign(old.toUpperCase())]) {
    await assertRefused(await ask(request), REPLAYED);
  }
  assert.equal(origin.received.length, 1);
});

test("row_18_equal_bodies_in_one_second_are_one_request_without_a_nonce", async (t) => {
  const { ask } = await setUp(t, "signature", { sender: { scheme: "x-hmac" } });
  const at = now();
  assert.equal((await ask(withoutNonce(BODY, at))).status, 200);
  await assertRefused(await ask(withoutNonce(BODY, at)), REPLAYED);
});

test("a_request_without_a_time_is_remembered_as_long_as_the_policy_says", async (t) => {
  const { origin, ask } = await setUp(t, { by: "signature", retention: 3600 }, { sender: { scheme: "github" } });
  const signed = (body) => ({
    target: "/v1/infer",
    headers: [["X-Hub-Signature-256", `sha256=${mac(SECRET, body)}`]],
    body,
  });
  assert.equal((await ask(signed(BODY))).status, 200);
  await assertRefused(await ask(signed(BODY)), REPLAYED);
  assert.equal((await ask(signed(Buffer.from("{}")))).status, 200);
  assert.equal(origin.received.length, 2);
});

test("row_14_a_claim_outlives_the_worker", async (t) => {
  const storage = await mkdtemp(join(tmpdir(), "countersign-claims-"));
  t.after(() => rm(storage, { recursive: true }));
  const origin = await startOrigin();
  t.after(() => origin.stop());
  const request = withNonce();
  for (const status of [200, 409, 409]) {
    const gate = await startReplayGate(origin, "nonce", { storage });
    assert.equal((await send(gate.port, request)).status, status);
    await gate.stop();
  }
  assert.equal(origin.received.length, 1);
});

test("row_17_an_origin_that_was_not_reached_may_be_tried_again", async (t) => {
  const { origin, gate } = await setUp(t, "nonce");
  const { port } = origin;
  await origin.stop();
  const request = withNonce();
  await assertRefused(await send(gate.port, request), { status: 502, code: "origin_unreachable" });
  await assertRefused(await send(gate.port, request), { status: 502, code: "origin_unreachable" });
  const back = await startOrigin({ port });
  t.after(() => back.stop());
  assert.equal((await send(gate.port, request)).status, 200);
  await assertRefused(await send(gate.port, request), REPLAYED);
  assert.equal(back.received.length, 1);
});

test("row_17_unless_the_policy_says_never", async (t) => {
  const { origin, gate } = await setUp(t, { by: "nonce", release: "never" });
  await origin.stop();
  const request = withNonce();
  await assertRefused(await send(gate.port, request), { status: 502, code: "origin_unreachable" });
  await assertRefused(await send(gate.port, request), REPLAYED);
});

for (const [release, second] of [["unreached", 409], ["5xx", 503], ["never", 409]]) {
  test(`row_17_after_an_origins_503_with_release_${release}`, async (t) => {
    const answer = (_, response, request) => {
      request.resume().on("end", () => response.writeHead(503, { "content-type": "text/plain" }).end("busy"));
      return true;
    };
    const { origin, ask } = await setUp(t, { by: "nonce", release }, { answer });
    const request = withNonce();
    const first = await ask(request);
    assert.deepEqual([first.status, first.body.toString()], [503, "busy"], "the origin's own answer passes");
    assert.equal((await ask(request)).status, second);
    assert.equal(origin.received.length, release === "5xx" ? 2 : 1);
  });
}

test("row_17_an_origin_that_is_late_may_still_act_so_the_claim_stays", async (t) => {
  const policy = policyWith("nonce");
  policy.routes[0].origin_timeout = 1;
  const { ask } = await setUp(t, "nonce", { policy, answer: () => true });
  const request = withNonce();
  await assertRefused(await ask(request), { status: 504, code: "origin_timeout" });
  await assertRefused(await ask(request), REPLAYED);
});

async function assertUnavailable(t, before, error) {
  const { origin, gate, ask } = await setUp(t, "nonce", { before });
  const answer = await ask(withNonce());
  await assertRefused(answer, { status: 503, code: "replay_store_unavailable" });
  assert.equal(answer.headers["retry-after"], "1");
  assert.equal(origin.received.length, 0);
  const [line] = gate.log();
  assert.deepEqual([line.code, line.status, line.sender], ["replay_store_unavailable", 503, "app"]);
  assert.match(line.error, error);
  return { origin, ask };
}

test("row_19_a_store_that_fails_lets_nothing_through", (t) =>
  assertUnavailable(t, faultyStore(`throw new Error("disk gone");`), /disk gone/));

test("row_19_a_store_that_is_slow_lets_nothing_through", async (t) => {
  const started = Date.now();
  const wait = `await new Promise((resolve) => setTimeout(resolve, 6000));`;
  await assertUnavailable(t, faultyStore(wait), /^no answer in time$/);
  assert.ok(Date.now() - started < 5000, "the wait is bounded");
});

test("a_claim_that_was_made_too_late_is_given_up", async (t) => {
  const wait = `this.late = (this.late ?? 0) + 1;
    if (this.late === 1) await new Promise((resolve) => setTimeout(resolve, 2500));`;
  const { origin, gate, ask } = await setUp(t, "nonce", { before: faultyStore(wait) });
  const request = withNonce();
  await assertRefused(await ask(request), { status: 503, code: "replay_store_unavailable" });
  await new Promise((resolve) => setTimeout(resolve, 1500));
  assert.equal((await ask(request)).status, 200, "an honest retry passes");
  assert.equal(origin.received.length, 1);
  assert.equal(gate.log().length, 2);
});

test("an_answer_that_was_lost_is_asked_for_again", async (t) => {
  // The object claims and breaks off before its answer.
  const lose = `this.lost = (this.lost ?? 0) + 1;
    if (this.lost === 1) { await super.claim(...claimed); throw new Error("connection lost"); }`;
  const { origin, ask } = await setUp(t, "nonce", { before: faultyStore(lose) });
  const request = withNonce();
  assert.equal((await ask(request)).status, 200);
  await assertRefused(await ask(request), REPLAYED);
  assert.equal(origin.received.length, 1);
});

test("row_16_a_full_store_refuses_and_forgets_nothing", async (t) => {
  const { origin, ask } = await setUp(t, { by: "nonce", capacity: 3 });
  const requests = [withNonce(), withNonce(), withNonce()];
  for (const request of requests) assert.equal((await ask(request)).status, 200);
  const full = await ask(withNonce());
  await assertRefused(full, { status: 503, code: "replay_store_unavailable" });
  assert.equal(full.headers["retry-after"], "1");
  for (const request of requests) await assertRefused(await ask(request), REPLAYED);
  assert.equal(origin.received.length, 3);
});

test("without_its_binding_nothing_is_let_through", async (t) => {
  const origin = await startOrigin();
  const gate = await startGate({ policy: policyWith("nonce"), secrets: { APP_SECRET: SECRET }, origin: origin.url });
  t.after(async () => {
    await gate.stop();
    await origin.stop();
  });
  assert.equal((await send(gate.port, withNonce())).status, 503);
  assert.deepEqual(gate.log()[0].errors, ["REPLAY: is required: the binding of the Durable Object ReplayStore"]);
  assert.equal(origin.received.length, 0);
});

test("a_sender_without_replay_needs_no_store", async (t) => {
  const broken = faultyStore(`throw new Error("asked");`);
  const { origin, ask } = await setUp(t, "off", { before: broken });
  const request = withNonce();
  for (let i = 0; i < 2; i += 1) assert.equal((await ask(request)).status, 200);
  assert.equal(origin.received.length, 2);
});

test("senders_and_shards_do_not_share_claims", async (t) => {
  const policy = policyWith({ by: "signature", shards: 7 }, { scheme: "x-hmac" });
  policy.senders.push({ id: "other", scheme: "x-hmac", secrets: ["OTHER_SECRET"], replay: "signature" });
  policy.routes.push({ path: "/v1/other", methods: ["POST"], senders: ["other"] });
  const OTHER = "Wv5cE8xN2bQ7mA1zK4jT9gH6fS3dP0lR";
  const { origin, ask } = await setUp(t, "signature", { policy, secrets: { APP_SECRET: SECRET, OTHER_SECRET: OTHER } });
  const at = now();
  for (let i = 0; i < 20; i += 1) {
    const request = withoutNonce(Buffer.from(`{"n":${i}}`), at);
    assert.equal((await ask(request)).status, 200);
    assert.equal((await ask(request)).status, 409);
  }
  const other = { target: "/v1/other", headers: xHmac(OTHER, BODY, at), body: BODY };
  assert.equal((await ask(withoutNonce(BODY, at))).status, 200);
  assert.equal((await ask(other)).status, 200);
  assert.equal(origin.received.length, 22);
});

// The runtime's clock cannot be moved, so the Worker is handed one that is behind it: an alarm that
// it sets for a minute ahead then rings in a moment. `/clock` moves it on.
const MOVED_CLOCK = {
  "main.js": `const real = Date.now;
let offset = -58_500;
Date.now = () => real() + offset;
import gate, * as own from "index.js";
import { env } from "cloudflare:workers";
export class ReplayStore extends own.ReplayStore {
  count() {
    return this.ctx.storage.sql.exec("SELECT count(*) AS number FROM claims").one().number;
  }
  async alarm() {
    await super.alarm();
    this.rang = (this.rang ?? 0) + 1;
  }
  async state() {
    return [this.count(), this.rang ?? 0, (await this.ctx.storage.getAlarm()) !== null];
  }
}
export default {
  async fetch(request, ...rest) {
    const url = new URL(request.url);
    if (url.pathname === "/clock") offset += Number(url.search.slice(1)) * 1000;
    else if (url.pathname !== "/state") return gate.fetch(request, ...rest);
    return Response.json(await env.REPLAY.get(env.REPLAY.idFromName("app/0")).state());
  },
};`,
};

test("ended_claims_are_removed_by_alarm_and_the_last_one_sets_no_other", async (t) => {
  const { ask } = await setUp(t, "nonce", { before: MOVED_CLOCK });
  const state = async (target) => json(await ask({ method: "GET", target }));
  const old = now() - 59;
  for (let i = 0; i < 3; i += 1) assert.equal((await ask(withNonce(undefined, BODY, old))).status, 200);
  assert.deepEqual(await state("/state"), [3, 0, true]);
  // Tolerance, margin and the minute for a clock that is set back have passed for all of them.
  await state("/clock?181");
  for (let waits = 0; waits < 100 && (await state("/state"))[1] === 0; waits += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.deepEqual(await state("/state"), [0, 1, false]);
});

test("row_51_a_claim_is_given_up_so_often_and_no_more", async (t) => {
  const answer = (request, response) => {
    response.writeHead(503).end("busy");
    return true;
  };
  const { origin, ask } = await setUp(t, { by: "nonce", release: "5xx" }, { answer });
  const request = withNonce();
  // Twenty times after the first.
  for (let at = 0; at <= 20; at += 1) assert.equal((await ask(request)).body.toString(), "busy", `${at}`);
  await assertRefused(await ask(request), REPLAYED);
  assert.equal(origin.received.length, 21);
});

test("claims_of_an_earlier_version_stay", async (t) => {
  // The table as it was before releases were counted.
  const before = {
    "main.js": `import gate, * as own from "index.js";
export class ReplayStore extends own.ReplayStore {
  constructor(state, env) {
    super(state, env);
    state.storage.sql.exec("CREATE TABLE IF NOT EXISTS claims (id BLOB PRIMARY KEY, expires INTEGER NOT NULL, claimant BLOB NOT NULL) WITHOUT ROWID");
    if (state.storage.sql.exec("SELECT count(*) AS number FROM claims").one().number > 0) return;
    this.first = true;
  }
  claim(id, ...rest) {
    if (this.first) {
      this.first = false;
      const bytes = Uint8Array.from(id.match(/../g), (digits) => parseInt(digits, 16));
      const expires = Math.floor(Date.now() / 1000) + 100;
      this.ctx.storage.sql.exec("INSERT INTO claims (id, expires, claimant) VALUES (?, ?, ?)", bytes, expires, new Uint8Array(16).fill(7));
    }
    return super.claim(id, ...rest);
  }
}
export default gate;`,
  };
  const { origin, ask } = await setUp(t, { by: "nonce", release: "5xx" }, { before });
  await assertRefused(await ask(withNonce()), REPLAYED);
  assert.equal((await ask(withNonce())).status, 200);
  assert.equal(origin.received.length, 1);
});

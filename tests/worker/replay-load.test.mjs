// Replays among many requests at a time: none passes twice, and no honest one is refused. A longer
// run: `make soak`, which sets REQUESTS.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { startOrigin } from "./harness/origin.mjs";
import { faultyStore, nonces, sendAll, shuffled, startReplayGate, tally, withNonce, withoutNonce } from "./harness/replay.mjs";

const REQUESTS = Number(process.env.REQUESTS ?? 10_000);
const DUPLICATES = REQUESTS / 20;

// Requests are signed before the first is sent, and a long run takes longer than the usual window.
const sender = { tolerance: 3600 };

async function setUp(t, replay, settings) {
  const origin = await startOrigin();
  const gate = await startReplayGate(origin, replay, { sender, ...settings });
  t.after(async () => {
    await gate.stop();
    await origin.stop();
  });
  return { origin, gate };
}

/** Different requests, with one in twenty sent twice, all mixed. */
function mixed() {
  const honest = Array.from({ length: REQUESTS }, () => withNonce());
  return shuffled([...honest, ...shuffled(honest).slice(0, DUPLICATES)]);
}

const assertOnce = (origin) => assert.ok([...nonces(origin).values()].every((times) => times === 1), "none passes twice");

test("row_15_of_1000_equal_requests_one_passes", async (t) => {
  for (const [replay, scheme, request] of [
    ["nonce", "x-hmac-nonce", withNonce()],
    [{ by: "nonce", shards: 8 }, "x-hmac-nonce", withNonce()],
    ["signature", "x-hmac", withoutNonce()],
  ]) {
    const { origin, gate } = await setUp(t, replay, { sender: { ...sender, scheme } });
    const equal = new Array(1000).fill(request);
    const statuses = await sendAll(gate.port, equal, { connections: 100 });
    assert.deepEqual(tally(statuses), { 200: 1, 409: 999 });
    assert.equal(origin.received.length, 1);
  }
});

test("row_15_no_duplicate_among_many_passes_and_no_honest_request_is_refused", async (t) => {
  const { origin, gate } = await setUp(t, { by: "nonce", shards: 4 });
  const statuses = await sendAll(gate.port, mixed());
  assert.deepEqual(tally(statuses), { 200: REQUESTS, 409: DUPLICATES });
  assert.equal(origin.received.length, REQUESTS);
  assertOnce(origin);
});

test("row_14_the_same_while_the_objects_are_thrown_out_again_and_again", async (t) => {
  // Each object ends itself now and then, with claims under way; its next life reads its storage.
  const end = `this.claims = (this.claims ?? 0) + 1;
    if (this.claims === 400) this.ctx.abort("thrown out");`;
  const { origin, gate } = await setUp(t, { by: "nonce", shards: 2 }, { before: faultyStore(end) });
  const statuses = await sendAll(gate.port, mixed());
  assert.deepEqual(tally(statuses), { 200: REQUESTS, 409: DUPLICATES });
  assertOnce(origin);
});

test("row_14_no_request_passes_twice_though_the_worker_is_killed_in_mid_run", async (t) => {
  const storage = await mkdtemp(join(tmpdir(), "countersign-claims-"));
  t.after(() => rm(storage, { recursive: true }));
  const origin = await startOrigin();
  t.after(() => origin.stop());
  const requests = mixed();
  const start = () => startReplayGate(origin, { by: "nonce", shards: 2 }, { sender, storage });
  let gate = await start();
  let answered = 0;
  const killed = gate;
  const before = await sendAll(gate.port, requests, {
    each() {
      answered += 1;
      if (answered === Math.floor(requests.length / 2)) killed.stop();
    },
  });
  gate = await start();
  t.after(() => gate.stop());
  // Whoever got no answer sends again.
  const unanswered = requests.filter((_, at) => before[at] === 0);
  assert.ok(unanswered.length > requests.length / 4, "it was killed in mid-run");
  const after = await sendAll(gate.port, unanswered);
  const counts = tally([...before, ...after]);
  assertOnce(origin);
  assert.equal(counts[200] + counts[409], requests.length);
  // A request that was claimed and not forwarded when the Worker died is refused from then on: the
  // safe of the two outcomes. There is one a connection at the most.
  assert.ok(REQUESTS - origin.received.length <= 32, `${REQUESTS - origin.received.length} were lost`);
});

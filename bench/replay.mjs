// What replay protection costs: time a request, rows and requests that Cloudflare bills, and how
// claims spread over the shards. docs/replay.md has the figures and what follows from them.
//
//   node_modules/.bin/node bench/replay.mjs          about 90 seconds, longer on a busy machine
//   PARTS=speed,rows,spread ROUNDS=5                 to run less, or more
//   STORAGE=/dev/shm                                 claims in memory: without the disk's share
//
// Each claim waits for the disk once (fsync), and on a busy machine for its turn after that.
// It needs what `make build` leaves in build/, and nothing else.

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sendAll, startReplayGate, tally, withNonce } from "../tests/worker/harness/replay.mjs";
import { now } from "../tests/worker/harness/sign.mjs";
import { origin as originWorker } from "./competitors.mjs";
import { bodyOf } from "./loads.mjs";
import { ratio, summary } from "./statistics.mjs";
import { start } from "./workerd.mjs";

const PARTS = (process.env.PARTS ?? "speed,rows,spread").split(",");
const ROUNDS = Number(process.env.ROUNDS ?? 5);
/** A size takes no more seconds than this, and has fewer rounds then. */
const SECONDS = 25;
const row = (cells) => console.log(`| ${cells.join(" | ")} |`);
const head = (cells) => (row(cells), row(cells.map((_, index) => (index ? "--:" : "---"))));
const figure = ({ median, spread }, digits) => `${median.toFixed(digits)} ±${spread.toFixed(digits)}`;
const title = (text) => console.log(`\n### ${text}\n`);

/** A gate that does not outlive this run, however it ends. */
async function startGate(origin, replay, settings = {}) {
  const storage = mkdtempSync(join(process.env.STORAGE ?? tmpdir(), "countersign-claims-"));
  const gate = await startReplayGate(origin, replay, { storage, ...settings });
  process.once("exit", () => {
    gate.stop();
    rmSync(storage, { recursive: true });
  });
  return gate;
}

// Speed: the same requests to four gates, which take turns in front of one origin.

const KINDS = [
  ["off", "off"],
  ["nonce, 1 shard", "nonce"],
  ["nonce, 8 shards", { by: "nonce", shards: 8 }],
  ["signature, 1 shard", "signature"],
];
const SIZES = [["200 B", 200], ["10 KB", 10_000]];
/** Connections, each of which waits for its answer, and the requests of one round over all of them. */
const LOADS = [[1, 200], [16, 300], [64, 300]];

function wire({ target, headers, body }) {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return Buffer.concat([Buffer.from(`POST ${target} HTTP/1.1\r\nHost: gate\r\n${lines}Content-Length: ${body.length}\r\n\r\n`), body]);
}

/** A connection that sends a request and waits for the end of its answer. */
function open(port) {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  let text = "";
  let finish;
  socket.on("data", (data) => {
    text += data.toString("latin1");
    const end = text.indexOf("\r\n\r\n");
    if (end < 0) return;
    const length = /content-length: (\d+)/i.exec(text.slice(0, end));
    if (length && text.length < end + 4 + Number(length[1])) return;
    const status = length ? Number(text.slice(9, 12)) : 0;
    text = "";
    finish(status);
  });
  socket.on("close", () => finish?.(0));
  const ask = (bytes) => new Promise((resolve) => ((finish = resolve), socket.write(bytes)));
  return new Promise((resolve, reject) => socket.on("error", reject).on("connect", () => resolve({ ask, end: () => socket.destroy() })));
}

const quantile = (times, share) => times.toSorted((a, b) => a - b)[Math.floor(times.length * share)];

/** One round: every request is signed before the first is sent, and every one must be accepted. */
async function measure(port, size, connections, count) {
  const body = bodyOf(size);
  const requests = Array.from({ length: count }, () => wire(withNonce(undefined, body)));
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(port)));
  const times = [];
  let next = 0;
  const began = performance.now();
  await Promise.all(
    sockets.map(async ({ ask }) => {
      while (next < count) {
        const sent = performance.now();
        assert.equal(await ask(requests[next++]), 200);
        times.push(performance.now() - sent);
      }
    }),
  );
  const rate = (1000 * count) / (performance.now() - began);
  sockets.forEach(({ end }) => end());
  return { rate, times, p50: quantile(times, 0.5) };
}

async function measureSpeed() {
  const origin = await start(originWorker);
  const gates = [];
  for (const [, replay] of KINDS) gates.push(await startGate(origin, replay));
  for (const [name, size] of SIZES) {
    const rounds = KINDS.map(() => LOADS.map(() => []));
    const began = performance.now();
    let done = 0;
    for (let round = -1; round < ROUNDS && (done < 2 || performance.now() - began < 1000 * SECONDS); round += 1) {
      if (round >= 0) done += 1;
      for (const [at, [connections, count]] of LOADS.entries()) {
        for (let turn = 0; turn < KINDS.length; turn += 1) {
          // Each round begins with another one. The first round only warms up.
          const kind = (turn + round + 1) % KINDS.length;
          const measured = await measure(gates[kind].port, size, connections, count);
          if (round >= 0) rounds[kind][at].push(measured);
        }
      }
    }
    title(`Bodies of ${name}: medians of ${done} rounds, ± half the way from the least to the most`);
    head(["replay", "median ms", "more than off", ": off", "p99 ms", ": off", ...[16, 64].flatMap((n) => [`requests/s, ${n} connections`, ": off"])]);
    for (const [kind, [label]] of KINDS.entries()) {
      const [one, ...more] = rounds[kind];
      const [off, ...moreOff] = rounds[0];
      // A round has too few of the slowest: they are taken from all rounds together.
      const p99 = (list) => quantile(list.flatMap(({ times }) => times), 0.99);
      const of = (list, what) => summary(list.map((each) => each[what]));
      row([
        label,
        figure(of(one, "p50"), 2),
        figure(summary(one.map(({ p50 }, round) => p50 - off[round].p50)), 2),
        figure(ratio(one, off, "p50"), 2),
        p99(one).toFixed(2),
        (p99(one) / p99(off)).toFixed(2),
        ...more.flatMap((list, at) => [figure(of(list, "rate"), 0), figure(ratio(list, moreOff[at], "rate"), 2)]),
      ]);
    }
  }
  for (const gate of gates) await gate.stop();
  await origin.stop();
}

// Rows: a module before the gate's own counts what its objects do, and can set the clock forward.

const COUNTING = {
  "main.js": `import gate, * as own from "index.js";
import { env } from "cloudflare:workers";
const clock = Date.now;
let ahead = 0;
Date.now = () => clock() + ahead;
const randomId = () => crypto.randomUUID().replaceAll("-", "");
const stub = (shard) => env.REPLAY.get(env.REPLAY.idFromName("app/" + shard));

export class ReplayStore extends own.ReplayStore {
  counts = { requests: 0, read: 0, written: 0, alarms_set: 0 };
  ids = [];
  constructor(ctx, env) {
    super(ctx, env);
    const { storage, storage: { sql } } = ctx;
    const { exec } = sql;
    const { setAlarm } = storage;
    // A cursor has counted its rows once the next statement runs.
    let last;
    this.settle = () => {
      if (last) this.counts.read += last.rowsRead;
      if (last) this.counts.written += last.rowsWritten;
      last = undefined;
    };
    sql.exec = (...args) => (this.settle(), (last = exec.apply(sql, args)));
    storage.setAlarm = (at) => {
      this.counts.alarms_set += 1;
      this.wait = at - Date.now();
      return setAlarm.call(storage, at);
    };
  }
  claim(...claimed) {
    this.counts.requests += 1;
    this.ids.push(claimed[0]);
    return super.claim(...claimed);
  }
  release(...released) {
    this.counts.requests += 1;
    return super.release(...released);
  }
  alarm() {
    this.counts.requests += 1;
    return super.alarm();
  }
  takeIds() {
    return this.ids.splice(0);
  }
  take() {
    this.settle();
    const taken = { ...this.counts, bytes: this.ctx.storage.sql.databaseSize };
    for (const name in this.counts) this.counts[name] = 0;
    return taken;
  }
  /** Claims that end after so many seconds, without a call for each. */
  fill(count, life, capacity = 1e9) {
    const expires = Math.floor(Date.now() / 1000) + life;
    for (let n = 0; n < count; n += 1) super.claim(randomId(), crypto.randomUUID(), expires, 0, capacity);
  }
  /** A minute of claims, ten times as many. */
  minute(count, life) {
    for (let tenth = 0; tenth < 10; tenth += 1, ahead += 6000) this.fill(count, life);
  }
  /** Lets time pass, and runs the alarms of that moment, a second apart: what each one took. */
  async pass(seconds) {
    ahead += 1000 * seconds;
    const alarms = [];
    do {
      this.wait = undefined;
      const began = clock();
      await this.alarm();
      alarms.push(clock() - began);
    } while (this.wait <= 1000 && (ahead += 1000));
    return alarms;
  }
  countRows() {
    this.ctx.storage.sql.exec("SELECT count(*) FROM claims").toArray();
  }
}

export default {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (!pathname.startsWith("/bench/")) return gate.fetch(request);
    const [shard, name, ...args] = JSON.parse(decodeURIComponent(pathname.slice(7)));
    if (name !== "claims") return Response.json((await stub(shard)[name](...args)) ?? null);
    const [count, connections] = args;
    let made = 0;
    const expires = Math.floor(Date.now() / 1000) + 120;
    const worker = async () => {
      while (made++ < count) await stub(shard).claim(randomId(), crypto.randomUUID(), expires, 0, 1e9);
    };
    await Promise.all(Array.from({ length: connections }, worker));
    return Response.json(null);
  },
};`,
};

/** Asks something of a shard's object: its answer. */
const asker = (gate) => async (shard, ...call) => {
  const answer = await fetch(`${gate.url}/bench/${encodeURIComponent(JSON.stringify([shard, ...call]))}`);
  assert.equal(answer.status, 200, gate.output.stderr);
  return answer.json();
};

const timed = async (run) => {
  const began = performance.now();
  await run();
  return performance.now() - began;
};

async function measureRows() {
  let origin = await start(originWorker);
  const gate = await startGate(origin, "nonce", { before: COUNTING });
  const ask = asker(gate);
  const count = (taken, per) => [taken.requests, taken.read, taken.written, taken.alarms_set].map((n) => ((1000 * n) / per).toFixed(0));
  const send = async (requests, status) => assert.deepEqual(tally(await sendAll(gate.port, requests)), { [status]: requests.length });

  title("One shard, per 1,000 requests of each kind (policy: nonce, tolerance 60)");
  head(["what", "object requests", "rows read", "rows written", "setAlarm"]);
  const requests = Array.from({ length: 1000 }, () => withNonce());
  await send([withNonce()], 200);
  const { bytes: empty } = await ask(0, "take"); // The table is made, the first alarm set.
  await send(requests, 200);
  const accepted = await ask(0, "take");
  row(["accepted", ...count(accepted, 1000)]);
  await send(requests, 409);
  row(["a replay, refused", ...count(await ask(0, "take"), 1000)]);
  const forged = Array.from({ length: 1000 }, () => ({ ...withNonce(), body: Buffer.from("{}") }));
  await send(forged, 401);
  row(["not verified, refused", ...count(await ask(0, "take"), 1000)]);
  await origin.stop();
  await send(Array.from({ length: 1000 }, () => withNonce()), 502);
  row(["origin not reached: claimed and released", ...count(await ask(0, "take"), 1000)]);
  await ask(0, "pass", 240);
  row(["removed at the end", ...count(await ask(0, "take"), 1001)]);
  console.log(`\n${((accepted.bytes - empty) / 1000).toFixed(0)} bytes of storage a claim, the first thousand`);

  title("A shard in the long run: the 7th to 9th minute, per 1,000 claims (each ends after 120 s)");
  head(["claims/s", "rows read", "rows written", "alarms a minute", "ms of alarms a minute", "the longest, ms", "most claims there", "bytes a claim"]);
  for (const [index, rate] of [1, 20, 100, 600].entries()) {
    const shard = 10 + index;
    const alarms = [];
    const sums = { read: 0, written: 0 };
    let there, bytes;
    for (let minute = 1; minute <= 9; minute += 1) {
      await ask(shard, "take");
      await ask(shard, "minute", 6 * rate, 120);
      const made = await ask(shard, "take");
      await ask(shard, "countRows");
      ({ read: there, bytes } = await ask(shard, "take"));
      const took = await ask(shard, "pass", 0);
      const removed = await ask(shard, "take");
      if (minute <= 6) continue;
      alarms.push(...took);
      for (const what in sums) sums[what] += made[what] + removed[what];
    }
    const per = (sum) => ((1000 * sum) / (3 * 60 * rate)).toFixed(0);
    const aMinute = (sum) => (sum / 3).toFixed(0);
    row([rate, per(sums.read), per(sums.written), aMinute(alarms.length), aMinute(alarms.reduce((a, b) => a + b)),
      Math.max(...alarms), there, (bytes / there).toFixed(0)]);
  }

  title("A shard with 100,000 claims that all live");
  await ask(20, "fill", 100_000, 3600);
  await ask(20, "take");
  await ask(20, "countRows");
  console.log(`to start again: ${(await ask(20, "take")).read} rows read`);
  const spent = await timed(() => ask(20, "fill", 10, 3600, 100_000));
  console.log(`a claim refused since it is full: ${(await ask(20, "take")).read / 10} rows read, ${(spent / 10).toFixed(1)} ms`);

  title("One claim asked of one object, caller included: the model's service time");
  const rounds = [];
  for (let n = -1; n < ROUNDS; n += 1) {
    const each = (await timed(() => ask(30, "claims", 2000, 16))) / 2000;
    if (n >= 0) rounds.push(each);
  }
  console.log(`median of ${ROUNDS} rounds ${summary(rounds).median.toFixed(2)} ms, least ${Math.min(...rounds).toFixed(2)} ms`);
  await gate.stop();
}

// Spread: the claim ids and shards as the core makes them, checked against those it did make.

const idOf = (nonce) => createHash("sha256").update(`nonce\0${nonce}`).digest().subarray(0, 16);
const shardOf = (id, shards) => id.readUInt32BE(0) % shards;

async function measureSpread() {
  const origin = await start(originWorker);
  const gate = await startGate(origin, { by: "nonce", shards: 8 }, { before: COUNTING });
  const ask = asker(gate);
  const nonces = Array.from({ length: 1000 }, () => randomBytes(16).toString("hex"));
  await sendAll(gate.port, nonces.map((nonce) => withNonce(nonce, undefined, now())));
  for (let shard = 0; shard < 8; shard += 1) {
    const expected = nonces.map(idOf).filter((id) => shardOf(id, 8) === shard).map((id) => id.toString("hex"));
    assert.deepEqual((await ask(shard, "takeIds")).sort(), expected.sort());
  }
  await gate.stop();
  await origin.stop();
  title("100,000 claim ids over the shards");
  const ids = Array.from({ length: 100_000 }, () => idOf(randomBytes(16).toString("hex")));
  head(["shards", "fullest : mean", "emptiest : mean"]);
  for (const shards of [8, 64]) {
    const counts = new Array(shards).fill(0);
    for (const id of ids) counts[shardOf(id, shards)] += 1;
    const mean = ids.length / shards;
    row([shards, (Math.max(...counts) / mean).toFixed(3), (Math.min(...counts) / mean).toFixed(3)]);
  }
}

if (PARTS.includes("speed")) await measureSpeed();
if (PARTS.includes("rows")) await measureRows();
if (PARTS.includes("spread")) await measureSpread();
process.exit(0);

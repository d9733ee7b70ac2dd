// What happens to claims at a rate: how long they wait for their shard, and how many shards it takes.
//
//   node_modules/.bin/node bench/replay-model.mjs                              about half a minute
//   SERVICE_MS=0.5,2 RATES=5000 node_modules/.bin/node bench/replay-model.mjs
//
// Requests come at random (Poisson) and fall to shards by a hash. A shard does one thing at a time,
// and each claim takes it the same time. Who would wait over 2 s is answered 503, as by the gate.

import { fileURLToPath } from "node:url";

/** Milliseconds: what bench/replay.mjs measures, and 1,000 requests a second for each object. */
const SERVICE_MS = [0.3, 1];
const RATES = [1000, 100_000];
/** At least so many arrivals, and so many seconds: an overfull queue takes some to grow. */
const ARRIVALS = 1_000_000;
const SECONDS = 30;
/** The gate's CLAIM_TIMEOUT, in seconds. */
export const MOST_WAIT = 2;
/** A shard is meant to be busy so much of the time at the most. */
const MOST_BUSY = 0.6;

/** Evenly spread whole numbers of 32 bits, the same ones from the same seed (mulberry32). */
function randomNumbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/**
 * Lets so many requests arrive, `rate` a second, at `shards` that take `service` seconds for each.
 *
 * `late` says what becomes of those that wait too long: "dropped", where the object sheds them; or
 * "served", where it does their work all the same, and a release for each, since nobody told it.
 * The first third of the arrivals fills the queues, and is not counted.
 */
export function simulate({ rate, shards, service, arrivals = Math.max(ARRIVALS, SECONDS * rate), late = "dropped", seed = 1 }) {
  const random = randomNumbers(seed);
  const free = new Float64Array(shards);
  const first = Math.floor(arrivals / 3);
  const waits = new Float64Array(arrivals - first);
  let [time, served, refused] = [0, 0, 0];
  for (let n = 0; n < arrivals; n += 1) {
    time -= Math.log((random() + 1) / 2 ** 32) / rate;
    // What the core does with the first 32 bits of a claim's id.
    const shard = random() % shards;
    const wait = Math.max(0, free[shard] - time);
    const refuse = wait > MOST_WAIT;
    if (!refuse) free[shard] = time + wait + service;
    else if (late === "served") free[shard] += 2 * service;
    if (n < first) continue;
    if (refuse) refused += 1;
    else waits[served++] = wait;
  }
  const sorted = waits.subarray(0, served).sort();
  const quantile = (share) => (served ? sorted[Math.min(served - 1, Math.floor(share * served))] : NaN);
  return {
    utilisation: (rate * service) / shards,
    mean: sorted.reduce((sum, wait) => sum + wait, 0) / served,
    p50: quantile(0.5),
    p99: quantile(0.99),
    p999: quantile(0.999),
    refused: refused / (arrivals - first),
  };
}

/** The mean wait of an M/D/1 queue without a bound, in seconds (Pollaczek and Khinchine). */
export function meanWait({ rate, shards, service }) {
  const busy = (rate * service) / shards;
  return busy < 1 ? (busy * service) / (2 * (1 - busy)) : Infinity;
}

/** The fewest shards that are busy less than so much of the time. */
export const fewestShards = (rate, service, busy = MOST_BUSY) => Math.floor((rate * service) / busy + 1e-9) + 1;

/** Shard counts worth a line: too few, just enough to keep up, and with more and more room. */
function countsFor(rate, service) {
  const load = rate * service;
  const counts = [0.8, 1.02, 1.1, 1.25].map((room) => Math.ceil(load * room - 1e-9));
  const enough = fewestShards(rate, service);
  return [...new Set([...counts, enough, 2 * enough])].filter((count) => count > 0).sort((a, b) => a - b);
}

const list = (name, usual) => process.env[name]?.split(",").map(Number) ?? usual;
const row = (cells) => console.log(`| ${cells.join(" | ")} |`);
const head = (cells) => (row(cells), row(cells.map(() => "--:")));
const ms = (seconds) => (Number.isFinite(seconds) ? (1000 * seconds).toFixed(2) : "–");
const percent = (share) => `${(100 * share).toFixed(share > 0 && share < 0.001 ? 3 : 1)} %`;

function print() {
  for (const milliseconds of list("SERVICE_MS", SERVICE_MS)) {
    for (const rate of list("RATES", RATES)) {
      const service = milliseconds / 1000;
      console.log(`\n### ${rate.toLocaleString("en-US")} requests a second, ${milliseconds} ms each\n`);
      head(["shards", "busy", "mean wait, ms", "by M/D/1", "median", "p99", "p99.9", "answered 503", "503 if late ones are served"]);
      for (const shards of countsFor(rate, service)) {
        const queue = { rate, shards, service };
        const { utilisation, mean, p50, p99, p999, refused } = simulate(queue);
        const worse = simulate({ ...queue, late: "served" }).refused;
        row([shards, percent(utilisation), ms(mean), ms(meanWait(queue)), ...[p50, p99, p999].map(ms), percent(refused), percent(worse)]);
      }
      console.log(`\nfewest shards that are busy less than ${percent(MOST_BUSY)}: ${fewestShards(rate, service)}`);
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) print();

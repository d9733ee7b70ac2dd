// From which size on the runtime should hash a body: CPU time a request where the core hashes all of
// them, and where the runtime does. Takes about three minutes; ROUNDS is 5 where it is not set.
//
//   node bench/hashes.mjs         after `make build` and `. scripts/toolchain.sh worker`

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { environment, origin, ours } from "./competitors.mjs";
import { prepareLoad } from "./load.mjs";
import { scratch } from "./scratch.mjs";
import { ratio, summary } from "./statistics.mjs";
import { start } from "./workerd.mjs";

const ROUNDS = Number(process.env.ROUNDS ?? 5);
const SIZES = [200, 1000, 2000, 3000, 5000, 10_000, 30_000, 100_000];

const source = readFileSync(join(scratch, "index.js"), "utf8");
if (source.match(/\b3072\b/g)?.length !== 1) throw new Error("HASH_FROM is not where it was");

async function hashingFrom(bytes, originUrl) {
  const id = `hashing-from-${bytes}`;
  writeFileSync(join(scratch, `${id}.js`), source.replace(/\b3072\b/, `${bytes}`));
  const modules = [`${id}.js`, ...ours.modules.slice(1)];
  return start({ id, modules }, environment(originUrl));
}

async function cpuOf(worker, send, seconds) {
  const before = worker.cpu();
  const { requests, refused, broken } = await send(worker.url, seconds);
  if (refused > 0 || broken > 0 || requests === 0) throw new Error("a request was not let through");
  return { cpu: (worker.cpu() - before) / requests };
}

const behind = await start(origin);
const core = await hashingFrom(1e9, behind.url);
const runtime = await hashingFrom(0, behind.url);
console.log("| body | core, CPU µs | runtime, CPU µs | core : runtime |\n| --- | --: | --: | --: |");
for (const bytes of SIZES) {
  const send = prepareLoad({ bytes, requests: ["valid"], connections: 16 });
  const rounds = { core: [], runtime: [] };
  for (const worker of [core, runtime]) await cpuOf(worker, send, 1);
  for (let round = 0; round < ROUNDS; round += 1) {
    rounds.core.push(await cpuOf(core, send, 1));
    rounds.runtime.push(await cpuOf(runtime, send, 1));
  }
  const median = (name) => Math.round(summary(rounds[name].map(({ cpu }) => cpu)).median);
  const { median: times, spread } = ratio(rounds.core, rounds.runtime, "cpu");
  console.log(`| ${bytes} B | ${median("core")} | ${median("runtime")} | ${times.toFixed(2)} ±${spread.toFixed(2)} |`);
}
process.exit(0);

// How long a fresh process of the runtime takes to its first answer, with each Worker in it:
//
//   node bench/start.mjs          after `make build` and `. scripts/toolchain.sh worker`
//
// The Worker that answers at once shows what the process itself takes. ROUNDS is 15 where it is not set.

import { performance } from "node:perf_hooks";
import { answers401, environment, nodeCrypto, origin, ours, PATH, webcrypto } from "./competitors.mjs";
import { bodyOf, headersOf } from "./loads.mjs";
import { summary } from "./statistics.mjs";
import { start } from "./workerd.mjs";

const ROUNDS = Number(process.env.ROUNDS ?? 15);
const competitors = [answers401, webcrypto, nodeCrypto, ours];
const body = bodyOf(200);
const behind = await start(origin);
const times = Object.fromEntries(competitors.map(({ id }) => [id, []]));

async function measure(competitor) {
  const began = performance.now();
  const worker = await start(competitor, environment(behind.url));
  const answer = await fetch(worker.url + PATH, { method: "POST", headers: headersOf.valid(body), body });
  await answer.text();
  const took = performance.now() - began;
  if (answer.status !== (competitor.refuses ?? 200)) throw new Error(`${competitor.id} answered ${answer.status}`);
  await worker.stop();
  return took;
}

await measure(ours);
for (let round = 0; round < ROUNDS; round += 1) {
  for (const competitor of competitors) times[competitor.id].push(await measure(competitor));
}
await behind.stop();

const least = summary(times[answers401.id]).median;
const reference = summary(times[webcrypto.id]).median;
console.log("| Worker | ms to the first answer | beyond (f) | : (c) |\n| --- | --: | --: | --: |");
for (const { id, title } of competitors) {
  const { median, spread } = summary(times[id]);
  console.log(`| ${title} | ${median.toFixed(1)} ±${spread.toFixed(1)} | ${(median - least).toFixed(1)} | ${(median / reference).toFixed(2)} |`);
}
process.exit(0);

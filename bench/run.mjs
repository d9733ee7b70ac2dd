// Measures the competitors side by side, prints the tables to standard output and the progress
// to standard error. README.md says how to read them.

import { cpus } from "node:os";
import { version } from "workerd";
import { check } from "./check.mjs";
import { environment, origin } from "./competitors.mjs";
import { prepareLoad } from "./load.mjs";
import { loads } from "./loads.mjs";
import { chosenLoads, fail, say, wholeNumber } from "./options.mjs";
import { loadTable, targetTable } from "./table.mjs";
import { start } from "./workerd.mjs";

const WARM_UP_SECONDS = 5;
const pause = () => new Promise((resolve) => setTimeout(resolve, 200));

const ROUNDS = wholeNumber("ROUNDS", 5);
const SECONDS = wholeNumber("SECONDS_PER_ROUND", 3);
if (SECONDS > 30) fail("SECONDS_PER_ROUND may be 30 at most: a signature is fresh for 60 s");

/** One round of one competitor; an answer that should not be there ends the run. */
async function measure(competitor, worker, load, seconds, send) {
  const before = worker.cpu();
  const { requests, microseconds, refused, broken, p50, p99 } = await send(worker.url, seconds);
  const after = worker.cpu();
  const what = `${competitor.id}, ${load.id}`;
  const share = competitor.refuses ? 1 : competitor.gate ? load.refused : 0;
  if (requests === 0) throw new Error(`${what}: no request was answered`);
  if (broken > 0) throw new Error(`${what}: ${broken} connections failed\n${worker.errors()}`);
  // Of a mixed load, those on their way at the end of a round may be of one kind.
  const doubt = share > 0 && share < 1 ? load.connections : 0;
  if (Math.abs(refused - share * requests) > doubt) {
    throw new Error(`${what}: ${refused} of ${requests} were refused, expected the share ${share}`);
  }
  const cpu = after === undefined ? undefined : (after - before) / requests;
  return { rate: (requests * 1e6) / microseconds, cpu, p50, p99 };
}

async function measureLoad(load, originUrl) {
  const round = prepareLoad(load);
  const workers = {};
  const rounds = Object.fromEntries(load.competitors.map(({ id }) => [id, []]));
  for (const competitor of load.competitors) {
    workers[competitor.id] = await start(competitor, environment(originUrl));
    await measure(competitor, workers[competitor.id], load, WARM_UP_SECONDS, round);
  }
  for (let n = 0; n < ROUNDS; n += 1) {
    // Each round begins with another one, so that none is always behind the same one.
    const first = n % load.competitors.length;
    for (const competitor of [...load.competitors.slice(first), ...load.competitors.slice(0, first)]) {
      await pause();
      rounds[competitor.id].push(await measure(competitor, workers[competitor.id], load, SECONDS, round));
    }
  }
  const peaks = Object.fromEntries(Object.entries(workers).map(([id, worker]) => [id, worker.peak()]));
  for (const worker of Object.values(workers)) await worker.stop();
  return { load, rounds, peaks };
}

const chosen = chosenLoads(loads);
const everybody = [...new Set(chosen.flatMap(({ competitors }) => competitors))];
say("checking every competitor's answers");
await check(everybody);

const { url, stop } = await start(origin);
const results = [];
for (const [index, load] of chosen.entries()) {
  const seconds = load.competitors.length * (WARM_UP_SECONDS + ROUNDS * SECONDS);
  say(`${index + 1} of ${chosen.length}: ${load.title}, about ${seconds} s`);
  results.push(await measureLoad(load, url));
}
await stop();

const processors = cpus();
const doubt = ROUNDS < 5 ? " (too few for a result)" : "";
const rounds = `medians of ${ROUNDS} rounds of ${SECONDS} s${doubt}`;
console.log(`workerd ${version}, ${processors.length} × ${processors[0].model.trim()}, ${rounds}, ± half the range\n`);
if (!results[0].peaks.countersign) console.log("CPU time and memory are left out: there is no /proc here\n");
for (const result of results) console.log(`${loadTable(result)}\n`);
console.log(targetTable(results));
process.exit(0);

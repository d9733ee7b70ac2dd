// How many instructions a request costs the whole process of a Worker, counted by callgrind:
//
//   make bench-instructions       LOADS, WARM_UP and WINDOWS as below
//
// That hardly depends on the machine or on what else runs there, so it tells apart what times on a
// shared machine do not. It knows nothing of caches, of the kernel, and of waiting.

import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { availableParallelism } from "node:os";
import { basename, join } from "node:path";
import { check } from "./check.mjs";
import {
  answers401,
  environment,
  forwardsUnverified,
  origin,
  ours,
  PATH,
  readsBody,
  refusesUnread,
  webcrypto,
} from "./competitors.mjs";
import { bodyOf, headersOf, loads } from "./loads.mjs";
import { chosenLoads, say, wholeNumber } from "./options.mjs";
import { scratch } from "./scratch.mjs";
import { start } from "./workerd.mjs";

const USUAL = ["valid-200B", "valid-2KB", "forged-200B", "stale", "unsigned"];
/** Requests before the first is counted: JavaScript and WebAssembly are compiled anew until then. */
const WARM_UP = wholeNumber("WARM_UP", 15_000);
const WINDOWS = wholeNumber("WINDOWS", 9);
const REQUESTS_A_WINDOW = 100;

/** The gate, what a user would write, and the floors. */
const COMPARED = [readsBody, webcrypto, ours, answers401, forwardsUnverified, refusesUnread];
const competitorsOf = (load) => load.competitors.filter((competitor) => COMPARED.includes(competitor));

/** Sends one request of a load and gives the status, over the one connection of the agent. */
const send = (worker, agent, kind, body) =>
  new Promise((resolve, reject) => {
    const headers = { ...Object.fromEntries(headersOf[kind](body)), "content-length": body.length };
    const sent = request({ agent, method: "POST", host: "127.0.0.1", port: worker.port, path: PATH, headers }, (answer) => {
      answer.resume().once("end", () => resolve(answer.statusCode));
    });
    sent.once("error", reject).end(body);
  });

/** What callgrind wrote last: the instructions since it was set to zero. */
function counted(file) {
  const dumps = readdirSync(scratch).filter((name) => name.startsWith(`${basename(file)}.`));
  const newest = dumps.toSorted((a, b) => b.split(".").at(-1) - a.split(".").at(-1))[0];
  return Number(readFileSync(join(scratch, newest), "utf8").match(/^(?:totals|summary): (\d+)/m)[1]);
}

/** The instructions a request, window by window. */
async function measure(load, competitor, originUrl) {
  const file = join(scratch, `callgrind-${load.id}-${competitor.id}`);
  const under = ["valgrind", "--tool=callgrind", `--callgrind-out-file=${file}`, "--instr-atstart=no", "--smc-check=all-non-file"];
  const worker = await start({ ...competitor, id: `${load.id}-${competitor.id}` }, environment(originUrl), { under });
  const control = (...options) => execFileSync("callgrind_control", [...options, String(worker.pid)], { stdio: "pipe" });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const body = bodyOf(load.bytes);
  const expected = competitor.refuses ?? (competitor.gate && load.refused ? 401 : 200);
  const sendAll = async (count) => {
    for (let n = 0; n < count; n += 1) {
      const status = await send(worker, agent, load.kind, body);
      if (status !== expected) throw new Error(`${competitor.id}, ${load.id}: answered ${status}`);
    }
  };
  await sendAll(WARM_UP);
  control("--instr=on");
  await sendAll(20);
  const windows = [];
  for (let n = 0; n < WINDOWS; n += 1) {
    control("--zero");
    await sendAll(REQUESTS_A_WINDOW);
    control("--dump");
    windows.push(counted(file) / REQUESTS_A_WINDOW);
  }
  agent.destroy();
  await worker.stop();
  return windows;
}

/** As many at a time as there are processors: that changes no count. */
async function each(jobs) {
  const left = [...jobs];
  const work = async () => {
    for (let job = left.shift(); job; job = left.shift()) await job();
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
}

/** Of the least: garbage collection falls into some windows of every Worker, and into few of them. */
function table(load, windows) {
  const least = (id) => Math.min(...windows.get(`${load.id} ${id}`));
  const lines = competitorsOf(load).map(({ id, title }) => {
    const ratio = (least(id) / least(webcrypto.id)).toFixed(2);
    return `| ${title} | ${Math.round(least(id)).toLocaleString("en-US")} | ${ratio} |`;
  });
  return [`### ${load.title}\n`, "| Worker | instructions | : (c) |", "| --- | --: | --: |", ...lines, ""].join("\n");
}

const ofOneKind = loads.filter(({ requests }) => requests.length === 1);
const chosen = chosenLoads(ofOneKind, USUAL);
say("checking every competitor's answers");
await check([...new Set(chosen.flatMap(competitorsOf))]);
const behind = await start(origin);
const windows = new Map();
await each(
  chosen.flatMap((load) =>
    competitorsOf(load).map((competitor) => async () => {
      say(`${load.title}: ${competitor.title}`);
      windows.set(`${load.id} ${competitor.id}`, await measure(load, competitor, behind.url));
    }),
  ),
);
await behind.stop();
console.log(`Instructions a request, least of ${WINDOWS} windows of ${REQUESTS_A_WINDOW} requests after ${WARM_UP}\n`);
for (const load of chosen) console.log(table(load, windows));
process.exit(0);

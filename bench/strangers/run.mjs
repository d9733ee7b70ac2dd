// What a request without a right signature costs the gate, beside a wrong `x-hmac` signature over as
// many bytes with as many keys, in the same run: bench/README.md.
//
//   make bench-strangers      CASES=contentful,adyen ROUNDS=5 SECONDS_PER_ROUND=1 ALL=1

import { randomBytes } from "node:crypto";
import { Agent, request } from "node:http";
import { xHmac } from "../../tests/worker/harness/sign.mjs";
import { fail, say, wholeNumber } from "../options.mjs";
import { summary } from "../statistics.mjs";
import { start } from "../workerd.mjs";
import { cases } from "./cases.mjs";

/** What no request may cost more than: so many µs, or so many times the other, whichever is more. */
const LIMIT_MICROSECONDS = 5000;
const LIMIT_RATIO = 2;
/** What a ratio or a time near the limit may be off by. */
const NOISE = 1.1;

const ROUNDS = wholeNumber("ROUNDS", 3);
const SECONDS = wholeNumber("SECONDS_PER_ROUND", 1);
const PATH = "/in";
const MAX_BODY = 16_777_216;
const now = () => Math.floor(Date.now() / 1000);
const secret = () => randomBytes(32).toString("hex");

const schemeOf = ({ scheme }) => (typeof scheme === "string" ? scheme : "a policy's own");
const wanted = process.env.CASES?.split(",");
const chosen = cases.filter((one) => !wanted || wanted.some((word) => `${schemeOf(one)} ${one.name}`.includes(word)));
if (chosen.length === 0) fail(`no case has one of ${wanted} in its scheme or name`);

/** The environment of a gate with these keys on its one route. */
function environment({ scheme, keys, secret: make = secret, sender = {}, urls, route = {} }) {
  const names = Array.from({ length: keys }, (_, at) => `SECRET_${at}`);
  const base = { scheme, ...sender };
  // Two senders may not share a token.
  const tokens = names.map((_, at) => (sender.verify_token ? { verify_token: `TOKEN_${at}` } : {}));
  const senders = urls
    ? names.map((name, at) => ({ id: `s${at}`, secrets: [name], url: `https://h${at}.example`, ...base, ...tokens[at] }))
    : [{ id: "s", secrets: names, ...base, ...tokens[0] }];
  const routes = [{ path: PATH, methods: ["POST"], senders: senders.map(({ id }) => id), max_body: MAX_BODY, ...route }];
  const texts = Object.fromEntries([...names, ...names.map((_, at) => `TOKEN_${at}`)].map((name) => [name, make()]));
  return { texts: { ...texts, ORIGIN: "http://127.0.0.1:9" }, json: { POLICY: { senders, routes } } };
}

const gate = (id) => ({ id, modules: ["index.js", "index_bg.wasm"] });

/** Sends a request, and gives the code of the answer. */
const send = (worker, agent, { method = "POST", query, headers, body }) =>
  new Promise((resolve, reject) => {
    const path = query ? `${PATH}?${query}` : PATH;
    const lines = headers.map(([name, value]) => [name, Array.isArray(value) ? value : String(value)]);
    const length = body === undefined ? {} : { "content-length": body.length };
    const options = { agent, method, host: "127.0.0.1", port: worker.port, path, headers: { ...Object.fromEntries(lines), ...length } };
    const sent = request(options, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (data) => (text += data)).once("end", () => resolve(codeOf(answer, text)));
    });
    sent.once("error", reject).end(body);
  });

const codeOf = (answer, text) => {
  try {
    return JSON.parse(text).code;
  } catch {
    return `${answer.statusCode}`;
  }
};

/** The bytes that a request brings. */
const bytesOf = ({ query = "", headers, body }) =>
  query.length + (body?.length ?? 0) + headers.flat(2).reduce((sum, text) => sum + String(text).length, 0);

/** The CPU time a request, in µs, over about a second. */
async function measure(worker, agent, make, code) {
  const before = worker.cpu();
  const started = Date.now();
  let count = 0;
  // What is sent is made while nothing is measured but this process.
  const made = make();
  while (count < 3 || Date.now() - started < SECONDS * 1000) {
    const answered = await send(worker, agent, made);
    if (answered !== code) throw new Error(`answered ${answered}, not ${code}`);
    count += 1;
  }
  return (worker.cpu() - before) / count;
}

/** A gate, warm, and how its requests are measured. */
async function prepare(id, settings, make, code) {
  const worker = await start(gate(id), environment(settings));
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const first = await send(worker, agent, make()).catch((error) => `nothing: ${error.message}`);
  if (first !== code) {
    await worker.stop();
    throw new Error(`${id}: answered ${first}, not ${code}`);
  }
  const round = () => measure(worker, agent, make, code);
  await round();
  const stop = async () => {
    agent.destroy();
    await worker.stop();
  };
  return { round, peak: worker.peak, stop };
}

async function compare(one, at) {
  const code = one.code ?? "invalid_signature";
  const make = () => ({ method: one.method, ...one.request(now()) });
  const bytes = bytesOf(make());
  const forged = Buffer.alloc(bytes, "a");
  const usual = () => ({ headers: xHmac("another", forged), body: forged });
  const subject = await prepare(`case-${at}`, one, make, code);
  const beside = await prepare(`beside-${at}`, { scheme: "x-hmac", keys: one.keys }, usual, "invalid_signature");
  const rounds = { subject: [], beside: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    rounds.subject.push(await subject.round());
    rounds.beside.push(await beside.round());
  }
  const [own, other] = [summary(rounds.subject).median, summary(rounds.beside).median];
  const peaks = [subject.peak(), beside.peak()];
  await Promise.all([subject.stop(), beside.stop()]);
  return { one, bytes, own, other, peaks, limit: Math.max(LIMIT_MICROSECONDS, LIMIT_RATIO * other) };
}

const number = (value) => Math.round(value).toLocaleString("en-US");
const row = (cells) => `| ${cells.join(" | ")} |`;

function line({ one, bytes, own, other, peaks, limit }) {
  const verdict = own <= limit * NOISE ? "yes" : "**no**";
  const memory = peaks.map((kilobytes) => number(kilobytes / 1024));
  const times = [number(own), number(other), (own / other).toFixed(2), number(limit)];
  const why = verdict === "yes" ? "" : (one.why ?? "");
  return row([schemeOf(one), one.name, one.keys, number(bytes), ...times, ...memory, verdict, why]);
}

const results = [];
const broken = [];
for (const [at, one] of chosen.entries()) {
  say(`${at + 1} of ${chosen.length}: ${schemeOf(one)}, ${one.name}`);
  try {
    results.push(await compare(one, at));
  } catch (error) {
    broken.push(`${schemeOf(one)}, ${one.name}: ${error.message}`);
    say(broken.at(-1));
  }
}
console.log(row(["Scheme", "Request", "Keys", "Bytes", "CPU µs", "`x-hmac` µs", "Ratio", "Limit µs", "Peak MiB", "`x-hmac` MiB", "Within", "Why not"]));
console.log(row(["---", "---", ...Array(8).fill("--:"), "---", "---"]));
const over = results.filter(({ own, limit }) => own > limit * NOISE);
/** The dearest of each scheme, and those that are over the limit; with ALL=1, all. */
const sorted = results.toSorted((a, b) => b.own / b.limit - a.own / a.limit);
const seen = new Set();
for (const result of sorted) {
  const scheme = schemeOf(result.one);
  if (process.env.ALL || over.includes(result) || !seen.has(scheme)) console.log(line(result));
  seen.add(scheme);
}
console.log(`\n${results.length} requests, ${over.length} over the limit: 5 ms of CPU, or twice the wrong \`x-hmac\` signature, whichever is more.`);
// A case that measured nothing, or one that is over the limit for no reason that is known, is a fault.
const unexplained = over.filter(({ one }) => one.why === undefined);
for (const { one } of unexplained) say(`over the limit: ${schemeOf(one)}, ${one.name}`);
process.exit(broken.length + unexplained.length > 0 ? 1 : 0);

// The Worker's half in JavaScript: takes the request from the runtime, asks the core, and carries
// out its answer. It decides nothing. worker-build uses this file as its shim.

import { DurableObject, env, waitUntil } from "cloudflare:workers";
import * as core from "./index_bg.js";
import module from "./index.wasm";
$SNIPPET_JS_IMPORTS

// Milliseconds that the replay store may take, and that a new one waits until it is tidied.
const CLAIM_TIMEOUT = 2000;
const FIRST_PURGE = 60_000;
// Statuses with which Cloudflare says that it could not reach the origin with the request.
const UNREACHED = new Set([521, 523, 525, 526, 530]);
// Bytes of body from which the runtime's own hashes are faster than the core's: bench/README.md has why.
const HASH_FROM = 3072;
// The verdict that a request is the first; what the others mean is the core's business.
const CLAIMED = 0;

const encoder = new TextEncoder();
// Where a head is written for the core: the glue takes more than twice as long for a string.
const headBytes = new Uint8Array(1 << 16);

let instance;
// The names of the header fields that are read of every request, where they are not all.
let fieldsRead;
let generation = 0;
let broken = true;
let lastTicket = 0;

function instantiate() {
  // Detaches the old instance's memory, so that the glue drops its views of it.
  instance?.exports.memory.grow(0);
  instance = new WebAssembly.Instance(module, { "./index_bg.js": core, $SNIPPET_WASM_IMPORTS });
  core.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start?.();
  core.start(env);
  fieldsRead = core.fields_read()?.split("\n");
  generation += 1;
  broken = false;
}

// After a trap the instance's memory cannot be trusted; the next call gets a new one.
function call(run) {
  if (broken) instantiate();
  try {
    return run();
  } catch (error) {
    broken = true;
    throw error;
  }
}

const ask = (question, ...args) => call(() => core[question](...args));

instantiate();

export default {
  async fetch(request) {
    const requestId = crypto.randomUUID();
    try {
      return await handle(request, requestId);
    } catch (error) {
      // The message is left out: it may quote the request.
      const at = error.stack?.split("\n").slice(1, 6);
      console.error(JSON.stringify({ code: "internal_error", error: error.name, at, request_id: requestId }));
      return answer(ask("failure", "internal_error", requestId));
    }
  },
};

// A store is freed in its own instance only: the glue's registry would free it in the one that came after
// a trap.
const stores = new FinalizationRegistry(({ pointer, of }) => {
  if (of === generation && !broken) call(() => instance.exports.__wbg_replaystore_free(pointer, 1));
});

function openStore(state) {
  const store = new core.ReplayStore(state);
  const pointer = store.__destroy_into_raw();
  store.__wbg_ptr = pointer;
  stores.register(store, { pointer, of: generation });
  return store;
}

// One shard of a sender's claims. One call is one decision: nothing else runs between its start and
// its end, and its answer leaves only once the claim is on disk.
export class ReplayStore extends DurableObject {
  #store;
  #generation = 0;
  #purgeIsSet = false;

  claim(id, requestId, expires, retention, capacity) {
    const now = Date.now();
    const verdict = this.#ask((store) => store.claim(id, requestId, expires, retention ?? 0, capacity, now));
    if (!this.#purgeIsSet) this.ctx.waitUntil(this.#setFirstPurge());
    return verdict;
  }

  release(id, requestId) {
    this.#ask((store) => store.release(id, requestId));
  }

  async alarm() {
    const wait = this.#ask((store) => store.purge(Date.now()));
    this.#purgeIsSet = wait >= 0;
    if (this.#purgeIsSet) await this.ctx.storage.setAlarm(Date.now() + wait);
  }

  // An alarm outlives the object in memory; one that is set is not put off.
  async #setFirstPurge() {
    this.#purgeIsSet = true;
    const set = await this.ctx.storage.getAlarm();
    if (set === null) await this.ctx.storage.setAlarm(Date.now() + FIRST_PURGE);
  }

  #ask(question) {
    return call(() => {
      if (this.#generation !== generation) {
        this.#store = openStore(this.ctx);
        this.#generation = generation;
      }
      return question(this.#store);
    });
  }
}

async function handle(request, requestId) {
  const { headers } = request;
  const head = headLines(request, headers, requestId);
  const now = Date.now();
  const [ticket, refused] = begin(head, now);
  if (refused !== undefined) return answer(refused);
  let body;
  try {
    body = await readBody(request, headers, ticket);
  } catch {
    ask("give_up", ticket);
    return answer(ask("failure", "body_incomplete", requestId));
  }
  const order = decide(ticket, body) ?? decideAnew(head, now, body);
  if (!order.startsWith(FORWARD)) return answer(order);
  const plan = planOf(order);
  if (fieldsRead) plan.remove = leftBehind(headers);
  if (!plan.remove) return answer(ask("failure", "no_route", requestId));
  const { claim, log } = plan;
  const refusal = claim && (await makeClaim(claim, requestId));
  return refusal ? answerInstead(refusal.order, log, refusal.error) : forward(request, headers, body, plan, requestId);
}

// What order_lines.rs writes where a request goes on.
const FORWARD = "\n";

function planOf(order) {
  const [, url, timeout, claim, log, removed, ...fields] = order.split("\n");
  const remove = fields.splice(0, Number(removed));
  return { url, timeout: Number(timeout), claim: claim && JSON.parse(claim), log, remove, set: fields };
}

// Decides by the head: a ticket under which the core waits for the body, and the refusal, if there is one.
function begin(head, now) {
  const ticket = (lastTicket += 1);
  return [ticket, ask("begin", ticket, bytesOf(head), now)];
}

function bytesOf(head) {
  // A character may take three bytes.
  if (3 * head.length > headBytes.length) return encoder.encode(head);
  return headBytes.subarray(0, encoder.encodeInto(head, headBytes).written);
}

// The order for a request that was forgotten while its body was on the way.
function decideAnew(head, now, body) {
  const [ticket, refused] = begin(head, now);
  return refused ?? decide(ticket, body);
}

let createHash;

// The order; nothing where the core has forgotten the request.
function decide(ticket, body) {
  if (body.length < HASH_FROM) return ask("finish", ticket, body);
  // Looked up late: loading it takes longer than the start of everything else.
  createHash ??= globalThis.process?.getBuiltinModule?.("node:crypto")?.createHash;
  const hashes = createHash && ask("hashes", ticket);
  if (hashes === undefined) return ask("finish", ticket, body);
  const digests = [];
  for (let i = 0; i < hashes.length; i += 3) {
    digests.push(createHash(hashes[i]).update(hashes[i + 1]).update(body).update(hashes[i + 2]).digest());
  }
  return ask("finish_hashed", ticket, body.length, digests);
}

// The id, the method, the URL, then names and values in turn. None of them can hold a line feed.
function headLines({ method, url }, headers, requestId) {
  let lines = `${requestId}\n${method}\n${url}`;
  const add = (value, name) => {
    lines += `\n${name}\n${value}`;
  };
  if (fieldsRead === undefined) headers.forEach(add);
  else {
    for (const name of fieldsRead) {
      const value = headers.get(name);
      if (value !== null) add(value, name);
    }
  }
  return lines;
}

// The names of all fields that stay behind, of a head that did not have all fields; nothing where there
// are more than a head may have.
function leftBehind(headers) {
  let lines = headers.get("connection") ?? "";
  for (const name of headers.keys()) lines += `\n${name}`;
  const names = ask("left_behind", bytesOf(lines));
  return names === "" ? [] : names?.split("\n");
}

// The whole body; or, of one that is longer than it may be, its start, which is longer too.
async function readBody(request, headers, ticket) {
  // The core has refused a declared length over the limit, and the runtime holds the peer to it.
  if (headers.has("content-length") || request.body === null) {
    return new Uint8Array(await request.arrayBuffer());
  }
  const maxBody = ask("max_body", ticket);
  // It has just begun to wait. Were it gone, a body that is cut short could pass for a whole one.
  if (maxBody === undefined) throw new Error("the request does not wait");
  const chunks = [];
  let length = 0;
  for await (const chunk of request.body) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > maxBody) break;
  }
  const body = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    body.set(chunk, offset);
    offset += chunk.length;
  }
  return body;
}

// Claims the request: nothing where it is the first, else the order to refuse it.
async function makeClaim(claim, requestId) {
  let verdict, cause;
  const claiming = tryTwice((store) => {
    const { id, expires, retention, capacity } = claim;
    return store.claim(id, requestId, expires, retention, capacity);
  }, claim);
  try {
    verdict = await within(CLAIM_TIMEOUT, claiming);
  } catch (error) {
    cause = error;
  }
  if (verdict === CLAIMED) return undefined;
  if (verdict !== undefined) return { order: ask("refused_claim", verdict, requestId, Date.now()) };
  // It may have been made, or be made yet, for a request that is being refused; not by an object that
  // has too much to do already.
  if (!cause?.overloaded) waitUntil(claiming.catch(() => {}).then(() => release(claim, requestId)));
  const order = ask("failure", "replay_store_unavailable", requestId);
  return { order, error: cause?.message ?? "no answer in time" };
}

// Gives a claim up, so that the request may be sent again. Where that fails, it may not.
async function release(claim, requestId) {
  await within(CLAIM_TIMEOUT, tryTwice((store) => store.release(claim.id, requestId), claim)).catch(() => {});
}

// Whether a claim is given up, after the origin answered with this status or none.
function mayBeSentAgain(claim, status) {
  if (!claim || claim.release === "never") return false;
  if (status === undefined || UNREACHED.has(status)) return true;
  return claim.release === "5xx" && status >= 500;
}

// Asks the object that decides about a claim; once more where it was lost, by an object that moved
// or a new version of the Worker. What one request asks of it may be asked twice.
async function tryTwice(question, { object }) {
  const stub = () => env.REPLAY.get(env.REPLAY.idFromName(object));
  try {
    return await question(stub());
  } catch (error) {
    if (error.overloaded) throw error;
    return question(stub());
  }
}

// The value of a promise; nothing where it takes longer.
async function within(timeout, promise) {
  let timer;
  const late = new Promise((resolve) => (timer = setTimeout(resolve, timeout)));
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function forward(request, received, body, { url, timeout, claim, log, remove, set }, requestId) {
  const headers = new Headers(received);
  for (const name of remove) headers.delete(name);
  for (let i = 0; i < set.length; i += 2) headers.set(set[i], set[i + 1]);
  const init = { method: request.method, headers, body: body.length > 0 ? body : null, redirect: "manual" };
  let response;
  try {
    // A late one ends with the answer to the client: it needs no signal to abort it.
    response = await within(timeout, fetch(url, init));
  } catch {
    if (mayBeSentAgain(claim)) await release(claim, requestId);
    return answerInstead(ask("failure", "origin_unreachable", requestId), log);
  }
  // An origin that is late may still act on the request, so its claim stays.
  if (response === undefined) return answerInstead(ask("failure", "origin_timeout", requestId), log);
  const { status } = response;
  // Before it stands the code, which is a word.
  console.log(log.replace('"status":null', `"status":${status}`));
  if (mayBeSentAgain(claim, status)) await release(claim, requestId);
  return response;
}

// An answer in place of the origin's, with what was found out about the request in the log.
function answerInstead(order, log, error) {
  const [, own] = order.split("\n", 2);
  const { code, status } = JSON.parse(own);
  return answer(order, JSON.stringify({ ...JSON.parse(log), code, status, error }));
}

// The fields of answers, by their line: the policy's schemes and routes have no more than a few.
const answerHeaders = new Map();

function headersOf(line) {
  let headers = answerHeaders.get(line);
  if (headers === undefined) {
    answerHeaders.set(line, (headers = new Headers()));
    const fields = line.split("\t");
    for (let i = 0; i + 1 < fields.length; i += 2) headers.set(fields[i], fields[i + 1]);
  }
  return headers;
}

function answer(order, line) {
  const atLog = order.indexOf("\n") + 1;
  const atFields = order.indexOf("\n", atLog) + 1;
  const atBody = order.indexOf("\n", atFields) + 1;
  console.log(line ?? order.slice(atLog, atFields - 1));
  const status = Number(order.slice(0, atLog - 1));
  const headers = headersOf(order.slice(atFields, atBody - 1));
  // Without a body, some statuses may not even have an empty one.
  return new Response(order.slice(atBody) || null, { status, headers });
}

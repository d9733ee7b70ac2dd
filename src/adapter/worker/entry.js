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
// Bytes that a body without a declared length is read into at first.
const FIRST_BUFFER = 16 << 10;

// How many heads' names are remembered, and of how many characters at the most.
const MOST_HEADS = 256;
const LONGEST_HEAD = 1024;

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

// After a trap the instance's memory cannot be trusted; the next call gets a new one. No question has
// more than four arguments: a rest of them would be made into an array for every call.
function ask(question, first, second, third, fourth) {
  if (broken) instantiate();
  try {
    return question(first, second, third, fourth);
  } catch (error) {
    broken = true;
    throw error;
  }
}

instantiate();

export default {
  // What is refused by its head needs no promise.
  fetch(request) {
    const requestId = crypto.randomUUID();
    try {
      const { headers } = request;
      const head = headLines(request, headers, requestId);
      const now = Date.now();
      const ticket = newTicket();
      const refused = begin(ticket, head, now);
      if (refused !== undefined) return answer(refused);
      const received = { request, headers, head, now, ticket, requestId };
      return finish(received).catch((error) => answerFailure(error, requestId));
    } catch (error) {
      return answerFailure(error, requestId);
    }
  },
};

function answerFailure(error, requestId) {
  // The message is left out: it may quote the request.
  const at = error.stack?.split("\n").slice(1, 6);
  console.error(JSON.stringify({ code: "internal_error", error: error.name, at, request_id: requestId }));
  return answer(ask(core.failure, "internal_error", requestId));
}

// A store is freed in its own instance only: the glue's registry would free it in the one that came after
// a trap.
const stores = new FinalizationRegistry(({ pointer, of }) => {
  if (of === generation && !broken) ask(instance.exports.__wbg_replaystore_free, pointer, 1);
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

  release(id, requestId, forwarded) {
    this.#ask((store) => store.release(id, requestId, forwarded));
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
    return ask(() => {
      if (this.#generation !== generation) {
        this.#store = openStore(this.ctx);
        this.#generation = generation;
      }
      return question(this.#store);
    });
  }
}

// What is done with a request whose head has passed.
async function finish({ request, headers, head, now, ticket, requestId }) {
  const timeout = 1000 * ask(core.body_timeout, ticket);
  let body;
  let failure = "body_timeout";
  try {
    body = await within(timeout, readBody(request, headers, ticket));
  } catch {
    failure = "body_incomplete";
  }
  if (body === undefined) {
    ask(core.give_up, ticket);
    return answer(ask(core.failure, failure, requestId));
  }
  const order = decide(ticket, body) ?? decideAnew(head, now, body);
  if (!order.startsWith(FORWARD)) return answer(order);
  const plan = planOf(order);
  // The core has not seen the other names.
  if (fieldsRead !== undefined) plan.remove = leftBehind(headers);
  if (plan.remove === undefined) return answer(ask(core.failure, "no_route", requestId));
  const { claim, log } = plan;
  const refusal = claim && (await makeClaim(claim, requestId));
  if (refusal) return answerInstead(refusal.order, log, refusal.error);
  return await forward(request, headers, body, plan, requestId);
}

// What order_lines.rs writes where a request goes on.
const FORWARD = "\n";

function planOf(order) {
  const [, url, timeout, claim, log, removed, ...fields] = order.split("\n");
  const remove = fields.splice(0, Number(removed));
  return { url, timeout: Number(timeout), claim: claim && JSON.parse(claim), log, remove, set: fields };
}

// Under a ticket the core waits for the body of a request whose head has passed.
const newTicket = () => (lastTicket += 1);

// Decides by the head: the refusal, if there is one.
const begin = (ticket, head, now) => ask(core.begin, ticket, bytesOf(head), now);

function bytesOf(lines) {
  // A character may take three bytes.
  if (3 * lines.length > headBytes.length) return encoder.encode(lines);
  return headBytes.subarray(0, encoder.encodeInto(lines, headBytes).written);
}

// The order for a request that was forgotten while its body was on the way.
function decideAnew(head, now, body) {
  const ticket = newTicket();
  return begin(ticket, head, now) ?? decide(ticket, body);
}

let createHash;

// The order; nothing where the core has forgotten the request. The clock is read once more: a body may
// have taken long.
function decide(ticket, body) {
  const now = Date.now();
  if (body.length < HASH_FROM) return ask(core.finish, ticket, body, now);
  // Looked up late: loading it takes longer than the start of everything else.
  createHash ??= globalThis.process?.getBuiltinModule?.("node:crypto")?.createHash;
  if (createHash === undefined) return ask(core.finish, ticket, body, now);
  return ask(core.finish_hashed, ticket, body.length, new HeldBody(body), now);
}

// A body that the core has hashed here. It keeps no view of the core's memory.
class HeldBody {
  #bytes;

  constructor(bytes) {
    this.#bytes = bytes;
  }

  bytes() {
    return this.#bytes;
  }

  hash(algorithm, before, after, digest) {
    const bytes = createHash(algorithm).update(before).update(this.#bytes).update(after).digest();
    // A shorter one would leave zeros, which a scheme without a MAC would compare.
    if (bytes.length !== digest.length) throw new Error("not a digest");
    digest.set(bytes);
  }
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

// The names of those fields that stay behind, of a head that did not have all fields; nothing where there
// are more than a head may have. A client sends the same names again and again, and the answer for them
// never changes.
const leftBehindOf = new Map();

function leftBehind(headers) {
  let lines = headers.get("connection") ?? "";
  for (const name of headers.keys()) lines += `\n${name}`;
  const known = leftBehindOf.get(lines);
  if (known !== undefined) return known;
  const names = ask(core.left_behind, bytesOf(lines));
  if (names === undefined) return undefined;
  const list = names === "" ? [] : names.split("\n");
  if (leftBehindOf.size >= MOST_HEADS) leftBehindOf.clear();
  if (lines.length <= LONGEST_HEAD) leftBehindOf.set(lines, list);
  return list;
}

// The whole body; or, of one that is longer than it may be, its start, which is longer too.
async function readBody(request, headers, ticket) {
  // The core has refused a declared length over the limit, and the runtime holds the peer to it.
  if (headers.has("content-length") || request.body === null) return new Uint8Array(await request.arrayBuffer());
  const maxBody = ask(core.max_body, ticket);
  // It has just begun to wait. Were it gone, a body that is cut short could pass for a whole one.
  if (maxBody === undefined) throw new Error("the request does not wait");
  return await readStream(request.body, maxBody + 1);
}

// Up to so many bytes of a stream, in one buffer that is filled before it grows: a chunk of a byte costs
// a byte, however many there are.
async function readStream(stream, most) {
  const reader = stream.getReader({ mode: "byob" });
  let buffer = new ArrayBuffer(Math.min(FIRST_BUFFER, most));
  let length = 0;
  for (;;) {
    const wanted = buffer.byteLength - length;
    // The runtime takes the buffer away and gives it back with the view.
    const { value, done } = await reader.readAtLeast(wanted, new Uint8Array(buffer, length));
    buffer = value.buffer;
    length += value.length;
    if (done || value.length < wanted || length === most) return new Uint8Array(buffer, 0, length);
    const larger = new Uint8Array(Math.min(2 * length, most));
    larger.set(new Uint8Array(buffer));
    buffer = larger.buffer;
  }
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
  if (verdict !== undefined) return { order: ask(core.refused_claim, verdict, requestId, Date.now()) };
  // It may have been made, or be made yet, for a request that is being refused; not by an object that
  // has too much to do already.
  if (!cause?.overloaded) waitUntil(claiming.catch(() => {}).then(() => release(claim, requestId, false)));
  const order = ask(core.failure, "replay_store_unavailable", requestId);
  return { order, error: cause?.message ?? "no answer in time" };
}

// Gives a claim up, whose request was forwarded or was not, so that it may be sent again. Where that
// fails, it may not.
async function release(claim, requestId, forwarded) {
  const releasing = tryTwice((store) => store.release(claim.id, requestId, forwarded), claim);
  await within(CLAIM_TIMEOUT, releasing).catch(() => {});
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
function within(timeout, promise) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, timeout);
    const ends = (settle) => (outcome) => {
      clearTimeout(timer);
      settle(outcome);
    };
    promise.then(ends(resolve), ends(reject));
  });
}

async function forward(request, received, body, { url, timeout, claim, log, remove, set }, requestId) {
  const headers = new Headers(received);
  for (const name of remove) headers.delete(name);
  for (let i = 0; i < set.length; i += 2) headers.set(set[i], set[i + 1]);
  const { method } = request;
  const init = { method, headers, body: body.length > 0 ? body : null, redirect: "manual" };
  // No other method is cached, and the origin is told about it by two fields more.
  if (method === "GET" || method === "HEAD") init.cache = "no-store";
  let response;
  try {
    // A late one ends with the answer to the client: it needs no signal to abort it.
    response = await within(timeout, fetch(url, init));
  } catch {
    if (mayBeSentAgain(claim)) await release(claim, requestId, true);
    return answerInstead(ask(core.failure, "origin_unreachable", requestId), log);
  }
  // An origin that is late may still act on the request, so its claim stays.
  if (response === undefined) return answerInstead(ask(core.failure, "origin_timeout", requestId), log);
  const { status } = response;
  // Before it stands the code, which is a word.
  console.log(log.replace('"status":null', `"status":${status}`));
  if (mayBeSentAgain(claim, status)) await release(claim, requestId, true);
  return response;
}

// An answer in place of the origin's, with what was found out about the request in the log.
function answerInstead(order, log, error) {
  const [, own] = order.split("\n", 2);
  const { code, status } = JSON.parse(own);
  return answer(order, JSON.stringify({ ...JSON.parse(log), code, status, error }));
}

// Answers without a body, by status and fields as lines: the policy's schemes and routes have no more
// than a few. A new answer takes less time after one of them than from a status and fields.
const bodiless = new Map();

function bodilessAnswer(status, fields) {
  const key = `${status}\n${fields}`;
  let response = bodiless.get(key);
  if (response === undefined) {
    const headers = new Headers();
    const parts = fields.split("\t");
    for (let i = 0; i + 1 < parts.length; i += 2) headers.set(parts[i], parts[i + 1]);
    bodiless.set(key, (response = new Response(null, { status: Number(status), headers })));
  }
  return response;
}

function answer(order, line) {
  const atLog = order.indexOf("\n") + 1;
  const atFields = order.indexOf("\n", atLog) + 1;
  const atBody = order.indexOf("\n", atFields) + 1;
  console.log(line ?? order.slice(atLog, atFields - 1));
  const model = bodilessAnswer(order.slice(0, atLog - 1), order.slice(atFields, atBody - 1));
  // Without a body, some statuses may not even have an empty one.
  return new Response(order.slice(atBody) || null, model);
}

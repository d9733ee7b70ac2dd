// The Worker's half in JavaScript: takes the request from the runtime, asks the core, and carries
// out its answer. It decides nothing. worker-build uses this file as its shim.

import { env } from "cloudflare:workers";
import * as core from "./index_bg.js";
import module from "./index.wasm";
$SNIPPET_JS_IMPORTS

let instance;
let broken = true;

function instantiate() {
  // Detaches the old instance's memory, so that the glue drops its views of it.
  instance?.exports.memory.grow(0);
  instance = new WebAssembly.Instance(module, { "./index_bg.js": core, $SNIPPET_WASM_IMPORTS });
  core.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start?.();
  core.start(env);
  broken = false;
}

// After a trap the instance's memory cannot be trusted; the next call gets a new one.
function ask(question, ...args) {
  if (broken) instantiate();
  try {
    return core[question](...args);
  } catch (error) {
    broken = true;
    throw error;
  }
}

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
      return answer(JSON.parse(ask("failure", "internal_error", requestId)));
    }
  },
};

async function handle(request, requestId) {
  const head = headLines(request);
  const now = Date.now();
  const maxBody = ask("begin", head, requestId, now);
  if (maxBody < 0) return answer(JSON.parse(ask("refusal")));
  let body;
  try {
    body = await readBody(request, maxBody);
  } catch {
    return answer(JSON.parse(ask("failure", "body_incomplete", requestId)));
  }
  const outcome = JSON.parse(ask("finish", head, requestId, now, body));
  return outcome.url === undefined ? answer(outcome) : forward(request, body, outcome, requestId);
}

const encoder = new TextEncoder();

// Method, URL, then names and values in turn. None of them can hold a line feed. As bytes, which
// the glue copies at once, where it would copy a string character by character.
function headLines(request) {
  let lines = `${request.method}\n${request.url}`;
  for (const [name, value] of request.headers) lines += `\n${name}\n${value}`;
  return encoder.encode(lines);
}

// The whole body; or, of one that is longer than it may be, its start, which is longer too.
async function readBody(request, maxBody) {
  // The core has refused a declared length over the limit, and the runtime holds the peer to it.
  if (request.body === null || request.headers.has("content-length")) {
    return new Uint8Array(await request.arrayBuffer());
  }
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

async function forward(request, body, { url, remove, set, timeout_ms, log }, requestId) {
  const headers = new Headers(request.headers);
  for (const name of remove) headers.delete(name);
  for (const [name, value] of set) headers.set(name, value);
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), timeout_ms);
  try {
    const response = await fetch(url, {
      method: request.method,
      headers,
      body: body.length > 0 ? body : null,
      redirect: "manual",
      signal: giveUp.signal,
    });
    console.log(JSON.stringify({ ...log, status: response.status }));
    return response;
  } catch {
    const failure = JSON.parse(
      ask("failure", giveUp.signal.aborted ? "origin_timeout" : "origin_unreachable", requestId),
    );
    return answer({ ...failure, log: { ...log, code: failure.log.code, status: failure.status } });
  } finally {
    clearTimeout(timer);
  }
}

function answer({ status, fields, body, log }) {
  console.log(JSON.stringify(log));
  // Without a body, some statuses may not even have an empty one.
  return new Response(body || null, { status, headers: fields });
}

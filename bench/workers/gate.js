// A careful JavaScript gate for `x-hmac`, with the checks, the header hygiene, the answers and
// the log line of ours. Only `verify(timestamp, body, signature)` is left to the two that use it.

import { env } from "cloudflare:workers";

const PATH = "/v1/infer";
const SENDER = "bench";
const SCHEME = "x-hmac";
const MAX_BODY = 16_777_216;
const TOLERANCE_SECONDS = 60;
const ORIGIN_TIMEOUT_MS = 30_000;

const STAYS_BEHIND = new Set([
  "connection", "expect", "keep-alive", "proxy-authenticate", "proxy-authorization",
  "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
  "x-forwarded-uri", "x-http-method", "x-http-method-override", "x-method-override",
  "x-original-url", "x-rewrite-url",
]);

/** Code to status, title, detail, and the fields that come with it. */
const PROBLEMS = {
  missing_signature: [401, "Signature required", "Missing HMAC headers"],
  invalid_timestamp: [401, "Timestamp not readable", "Invalid timestamp"],
  stale_timestamp: [401, "Timestamp outside the window", "Request timestamp too old"],
  invalid_signature: [401, "Signature not valid", "Invalid HMAC signature"],
  body_too_large: [413, "Body too large", `The body may have ${MAX_BODY} bytes at most`],
  body_required: [400, "Body required", "A request without a body is not taken here"],
  body_incomplete: [400, "Body incomplete", "The body ended too early"],
  unsupported_content_encoding: [
    415, "Content coding not supported", "The body must be sent without a content coding",
    { "accept-encoding": "identity" },
  ],
  no_route: [404, "No such route", "Nothing is served at this path"],
  method_not_allowed: [405, "Method not allowed", "This path does not take the method", { allow: "POST" }],
  origin_unreachable: [502, "Origin unreachable", "The origin did not take the request or broke off"],
  origin_timeout: [504, "Origin timed out", "The origin did not answer in time"],
  internal_error: [500, "Internal error", "The request could not be processed"],
};
const CHALLENGE = { "www-authenticate": `Countersign scheme="${SCHEME}"` };

export const gate = (verify) => ({
  async fetch(request) {
    const log = {
      code: "accepted", status: null, sender: null, scheme: null, route: null,
      skew_seconds: null, body_bytes: null, request_id: crypto.randomUUID(),
    };
    try {
      return await handle(request, verify, log);
    } catch {
      return refuse(log, "internal_error");
    }
  },
});

async function handle(request, verify, log) {
  const { pathname, search } = new URL(request.url);
  if (pathname !== PATH) return refuse(log, "no_route");
  if (request.method !== "POST") return refuse(log, "method_not_allowed");
  log.route = PATH;

  const { headers } = request;
  const length = headers.get("content-length");
  if (length && !(/^[0-9]+$/.test(length) && Number(length) <= MAX_BODY)) return refuse(log, "body_too_large");
  const coding = headers.get("content-encoding");
  if (coding && coding.toLowerCase() !== "identity") return refuse(log, "unsupported_content_encoding");

  log.scheme = SCHEME;
  const signature = headers.get("x-hmac-signature");
  const timestamp = headers.get("x-hmac-timestamp");
  if (!signature || !timestamp) return refuse(log, "missing_signature");
  // The runtime joins repeated fields with a comma.
  if (timestamp.includes(",")) return refuse(log, "invalid_signature");
  if (!/^[1-9][0-9]{9}$/.test(timestamp)) {
    return refuse(log, "invalid_timestamp", /^[1-9][0-9]{12}$/.test(timestamp) && {
      detail: "Invalid timestamp: it looks like milliseconds, send unix seconds",
      reason: "timestamp_looks_like_ms",
    });
  }
  const now = Math.floor(Date.now() / 1000);
  log.skew_seconds = now - Number(timestamp);
  if (Math.abs(log.skew_seconds) > TOLERANCE_SECONDS) return refuse(log, "stale_timestamp", { server_time: now });
  if (!/^[0-9a-f]{64}$/.test(signature)) return refuse(log, "invalid_signature");

  let body;
  try {
    body = await readBody(request, length);
  } catch {
    return refuse(log, "body_incomplete");
  }
  log.body_bytes = body.length;
  if (body.length > MAX_BODY) return refuse(log, "body_too_large");
  if (!(await verify(timestamp, body, signature))) return refuse(log, "invalid_signature");
  log.sender = SENDER;
  if (body.length === 0) return refuse(log, "body_required");
  return forward(request, pathname + search, body, log);
}

/** The whole body; or, of one that is too long, its start, which is too long too. */
async function readBody(request, length) {
  if (request.body === null || length) return new Uint8Array(await request.arrayBuffer());
  const chunks = [];
  let read = 0;
  for await (const chunk of request.body) {
    chunks.push(chunk);
    read += chunk.length;
    if (read > MAX_BODY) break;
  }
  const body = new Uint8Array(read);
  let offset = 0;
  for (const chunk of chunks) {
    body.set(chunk, offset);
    offset += chunk.length;
  }
  return body;
}

async function forward(request, target, body, log) {
  const headers = originHeaders(request.headers, log.request_id);
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), ORIGIN_TIMEOUT_MS);
  try {
    const response = await fetch(env.ORIGIN + target, {
      method: request.method,
      headers,
      body,
      redirect: "manual",
      signal: giveUp.signal,
    });
    log.status = response.status;
    console.log(JSON.stringify(log));
    return response;
  } catch {
    return refuse(log, giveUp.signal.aborted ? "origin_timeout" : "origin_unreachable");
  } finally {
    clearTimeout(timer);
  }
}

function originHeaders(received, requestId) {
  const headers = new Headers(received);
  const connection = received.get("connection");
  const named = connection === null ? [] : connection.split(",").map((name) => plain(name.trim()));
  for (const name of received.keys()) {
    const spelled = plain(name);
    if (spelled.startsWith("countersign-") || STAYS_BEHIND.has(spelled) || named.includes(spelled)) {
      headers.delete(name);
    }
  }
  headers.set("countersign-request-id", requestId);
  headers.set("countersign-sender", SENDER);
  headers.set("countersign-scheme", SCHEME);
  return headers;
}

/** A name as an origin may read it, which takes `_` for `-` and forgets the case. */
const plain = (name) => name.toLowerCase().replaceAll("_", "-");

function refuse(log, code, more) {
  const [status, title, detail, fields] = PROBLEMS[code];
  log.code = code;
  log.status = status;
  console.log(JSON.stringify(log));
  const problem = {
    type: `urn:countersign:problem:${code}`, title, status, detail, code, request_id: log.request_id, ...more,
  };
  return new Response(JSON.stringify(problem), {
    status,
    headers: {
      "content-type": "application/problem+json",
      "cache-control": "no-store",
      ...(status === 401 ? CHALLENGE : fields),
    },
  });
}

// Before anything is measured: every competitor gives the right answer, and the gates give the
// same one, and send the same on to the origin.

import assert from "node:assert/strict";
import { json, send } from "../tests/worker/harness/client.mjs";
import { startOrigin } from "../tests/worker/harness/origin.mjs";
import { SECRET } from "../tests/worker/harness/setup.mjs";
import { now, xHmac } from "../tests/worker/harness/sign.mjs";
import { environment, PATH } from "./competitors.mjs";
import { bodyOf, headersOf } from "./loads.mjs";
import { start } from "./workerd.mjs";

const BODY = bodyOf(200);
const SPOOFED = [
  ["Countersign-Sender", "root"],
  ["countersign_scheme", "none"],
  ["Connection", "X-Named"],
  ["X-Named", "1"],
  ["Proxy-Authorization", "Basic x"],
  ["X-Original-URL", "/admin"],
  ["X-Kept", "1"],
];
const [[, signature], [, timestamp]] = xHmac(SECRET, BODY);
const signed = (one, other) => [["X-HMAC-Signature", one], ["X-HMAC-Timestamp", other]];

/** What everybody is sent; proxies forward all of it. */
const forAll = () => [
  { name: "valid", headers: [...SPOOFED, ...headersOf.valid(BODY)], status: 200 },
  { name: "forged", headers: headersOf.forged(BODY), status: 401, code: "invalid_signature" },
  { name: "stale", headers: headersOf.stale(BODY), status: 401, code: "stale_timestamp" },
  { name: "unsigned", headers: headersOf.unsigned(), status: 401, code: "missing_signature" },
];

const forGates = () => [
  { name: "another path", target: "/v1/other", status: 404, code: "no_route" },
  { name: "another method", method: "PUT", status: 405, code: "method_not_allowed" },
  { name: "declared too long", declare: 16_777_217, status: 413, code: "body_too_large" },
  { name: "compressed", headers: [["Content-Encoding", "gzip"]], status: 415, code: "unsupported_content_encoding" },
  { name: "milliseconds", headers: signed(signature, `${timestamp}000`), status: 401, code: "invalid_timestamp" },
  { name: "a sign", headers: signed(signature, `+${timestamp}`), status: 401, code: "invalid_timestamp" },
  { name: "from the future", headers: xHmac(SECRET, BODY, now() + 70), status: 401, code: "stale_timestamp" },
  { name: "upper case", headers: signed(signature.toUpperCase(), timestamp), status: 401, code: "invalid_signature" },
  { name: "two signatures", headers: signed(`${signature}, ${signature}`, timestamp), status: 401, code: "invalid_signature" },
  { name: "no body", headers: xHmac(SECRET, ""), body: Buffer.alloc(0), status: 400, code: "body_required" },
];

/** Checks these competitors; throws where one is wrong. */
export async function check(competitors) {
  const origin = await startOrigin();
  try {
    const gates = [];
    for (const competitor of competitors) {
      const seen = await ask(competitor, origin);
      if (competitor.gate) gates.push([competitor.id, seen]);
    }
    const [[, first], ...others] = gates;
    for (const [id, seen] of others) {
      for (const name of Object.keys(first)) assert.deepEqual(seen[name], first[name], `${id}: ${name}`);
    }
  } finally {
    await origin.stop();
  }
}

async function ask(competitor, origin) {
  const worker = await start(competitor, environment(origin.url));
  const seen = {};
  for (const { name, status, code, ...request } of [...forAll(), ...(competitor.gate ? forGates() : [])]) {
    origin.received.length = 0;
    const answer = await send(worker.port, { target: PATH, body: BODY, ...request });
    const what = `${competitor.id}: ${name}`;
    assert.equal(answer.status, competitor.gate ? status : competitor.refuses ?? 200, what);
    if (!competitor.gate) continue;
    if (code) assert.equal(json(answer).code, code, what);
    assert.equal(origin.received.length, code ? 0 : 1, `${what}: requests that reached the origin`);
    seen[name] = code ? problem(answer) : forwarded(origin.received[0]);
  }
  await worker.stop();
  return seen;
}

/** An answer without what differs from one request to the next. */
function problem(answer) {
  const { request_id, server_time, ...members } = json(answer);
  assert.match(request_id, /^[0-9a-f-]{36}$/);
  const fields = answer.pairs.filter(([name]) => !["content-length", "transfer-encoding", "date"].includes(name));
  return { fields: fields.sort(), members, server_time: typeof server_time };
}

function forwarded({ method, target, pairs, body }) {
  const changing = /^(countersign-request-id|host|x-hmac-.*)$/;
  return { method, target, fields: pairs.map(([name, value]) => [name, changing.test(name) ? "" : value]).sort(), body };
}

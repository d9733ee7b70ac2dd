// A gate whose sender's requests are accepted once, and many requests at a time.

import { randomBytes } from "node:crypto";
import { Agent, request } from "node:http";
import { now, xHmac, xHmacNonce } from "./sign.mjs";
import { startGate } from "./workerd.mjs";

export const SECRET = "kP2vX9mQ4sT7wZ1cF6hJ3nR8bL5dG0yA";
export const BODY = Buffer.from('{"text":"hi"}');

/** A policy with one sender; `sender` has more of its fields. */
export const policyWith = (replay, sender = {}) => ({
  senders: [{ id: "app", scheme: "x-hmac-nonce", secrets: ["APP_SECRET"], replay, ...sender }],
  routes: [{ path: "/v1/infer", methods: ["POST"], senders: ["app"], origin_timeout: 5 }],
});

/** Starts it; `settings` as for any gate. */
export const startReplayGate = (origin, replay, { sender, ...settings } = {}) =>
  startGate({
    policy: policyWith(replay, sender),
    secrets: { APP_SECRET: SECRET },
    origin: origin.url,
    replay: true,
    ...settings,
  });

/** A request with a nonce of its own, or this one. */
export const withNonce = (nonce = randomBytes(16).toString("hex"), body = BODY, at = now()) => ({
  target: "/v1/infer",
  headers: xHmacNonce(SECRET, body, nonce, at),
  body,
});

/** A request of the scheme without nonces. */
export const withoutNonce = (body = BODY, at = now()) => ({
  target: "/v1/infer",
  headers: xHmac(SECRET, body, at),
  body,
});

/** Sends many requests over so many connections that stay open; gives each one's status in turn. */
export async function sendAll(port, requests, { connections = 32, each = () => {} } = {}) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const statuses = new Array(requests.length);
  let next = 0;
  async function worker() {
    for (let at = next++; at < requests.length; at = next++) {
      statuses[at] = await sendOne(agent, port, requests[at]);
      each(at, statuses[at]);
    }
  }
  await Promise.all(Array.from({ length: connections }, worker));
  agent.destroy();
  return statuses;
}

/** The status of the answer; 0 where there was none. */
const sendOne = (agent, port, { target, headers, body }) =>
  new Promise((resolve) => {
    const fields = { "Content-Length": body.length, ...Object.fromEntries(headers) };
    const sent = request({ agent, port, host: "127.0.0.1", method: "POST", path: target, headers: fields });
    sent.on("response", (response) => response.resume().on("end", () => resolve(response.statusCode)));
    // Behind the end of an answer this changes nothing.
    sent.on("error", () => {}).on("close", () => resolve(0));
    sent.end(body);
  });

/** How often each status came. */
export function tally(statuses) {
  const counts = {};
  for (const status of statuses) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

/** How often the origin received each nonce. */
export function nonces(origin) {
  const counts = new Map();
  for (const { headers } of origin.received) {
    const nonce = headers["x-hmac-nonce"];
    counts.set(nonce, (counts.get(nonce) ?? 0) + 1);
  }
  return counts;
}

/** The list in another order. */
export function shuffled(list) {
  const random = randomBytes(4 * list.length);
  return list
    .map((item, at) => [random.readUInt32LE(4 * at), item])
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item);
}

/**
 * A module that stands before the gate's own and has another `ReplayStore`, which does what the
 * statements in `claim` say before it asks the real one. `faults` counts the claims.
 */
export const faultyStore = (claim) => ({
  "main.js": `import gate, * as own from "index.js";
export class ReplayStore extends own.ReplayStore {
  async claim(...claimed) {
    ${claim}
    return super.claim(...claimed);
  }
}
export default gate;`,
});

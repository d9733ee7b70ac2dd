// What the core says is to be done, as lines: order_lines.rs writes them.

import { ask, core } from "./instance.js";

// How the lines begin where a request goes on.
const FORWARD = "\n";
// What stands in their place where the runtime is asked first.
const ASKS = "?";

/** Whether the core has questions before it gives an order. */
export const isAsking = (order) => order === ASKS;

/** Whether a request goes on. */
export const isForward = (order) => order.startsWith(FORWARD);

/** What is to be forwarded, and how. */
export function planOf(order) {
  const [, url, timeout, claim, log, removed, ...fields] = order.split("\n");
  const remove = fields.splice(0, Number(removed));
  return { url, timeout: Number(timeout), claim: claim && JSON.parse(claim), log, remove, set: fields };
}

/** The order where something went wrong outside the verifier. */
export const failure = (code, requestId) => ask(core.failure, code, requestId);

// What the core asks the runtime before it gives an order.

import { Keys, answersTo } from "../../js/cryptography.js";
import { ask, core } from "./instance.js";
import { isAsking } from "./order.js";

// Bytes of body from which it is hashed piece by piece, and not copied beside what is hashed with it.
const PIECES_FROM = 256 << 10;

const keys = new Keys(
  (number) => ask(core.public_key, number),
  () => ask(core.sealing_key),
);

/**
 * The order that is given in the end: the same, or once the runtime has answered what the core asked about a
 * request with this body. `again` asks the core once more, with the answers.
 */
export const settled = (order, ticket, body, again) => (isAsking(order) ? settle(ticket, body, again) : order);

async function settle(ticket, body, again) {
  for (;;) {
    const questions = ask(core.questions, ticket);
    // The runtime's answers come before another request: only a flood within one could push it out.
    if (questions === undefined) throw new Error("the request does not wait");
    const hash = body.length < PIECES_FROM ? undefined : hashOfPieces;
    const order = again(await answersTo(questions, body, keys, hash));
    if (!isAsking(order)) return order;
  }
}

let createHash;

// By Node's name of a hash: WebCrypto's without the dash.
function hashOfPieces(name, pieces) {
  // Looked up late: loading it takes longer than the start of everything else.
  createHash ??= globalThis.process?.getBuiltinModule?.("node:crypto")?.createHash;
  const hash = createHash?.(name.replace("-", ""));
  for (const piece of pieces) hash?.update(piece);
  return hash?.digest();
}

// The body of a request: read whole, and decided about.

import { fill } from "../../js/stream.js";
import { settled } from "./answers.js";
import { ask, core } from "./instance.js";

// Bytes of body from which the runtime's own hashes are faster than the core's: bench/README.md has why.
const HASH_FROM = 3072;

/** The whole body; or, of one that is longer than it may be, its start, which is longer too. */
export async function readBody(request, headers, ticket) {
  // The core has refused a declared length over the limit, and the runtime holds the peer to it.
  if (headers.has("content-length") || request.body === null) return new Uint8Array(await request.arrayBuffer());
  const maxBody = ask(core.max_body, ticket);
  // It has just begun to wait. Were it gone, a body that is cut short could pass for a whole one.
  if (maxBody === undefined) throw new Error("the request does not wait");
  return await fill(request.body.getReader({ mode: "byob" }), maxBody + 1);
}

/** Decides by the body: the order, or its promise; nothing where the core has forgotten the request. */
export function decide(ticket, body) {
  // Read once more: a body may have taken long.
  const now = Date.now();
  const { length } = body;
  if (length < HASH_FROM) {
    return settled(ask(core.finish, ticket, body, now), ticket, body, (answers) =>
      ask(core.finish_answered, ticket, body, answers),
    );
  }
  const held = new HeldBody(body);
  return settled(ask(core.finish_held, ticket, length, held, now), ticket, body, (answers) =>
    ask(core.finish_held_answered, ticket, length, held, answers),
  );
}

// A body that stays here: the core asks for its hashes, and for its bytes only where it needs them.
class HeldBody {
  #bytes;

  constructor(bytes) {
    this.#bytes = bytes;
  }

  bytes() {
    return this.#bytes;
  }
}

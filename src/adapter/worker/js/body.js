// The body of a request: read whole, and hashed where the core asks for it.

import { fill } from "../../js/stream.js";
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

let createHash;

/** Decides by the body: the order; nothing where the core has forgotten the request. */
export function decide(ticket, body) {
  // Read once more: a body may have taken long.
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

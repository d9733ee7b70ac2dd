// The Durable Object that holds claims: replay_store.rs decides about them.

import { DurableObject } from "cloudflare:workers";
import { ask, core, free, generation } from "./instance.js";

// Milliseconds that a new object waits until it is tidied.
const FIRST_PURGE = 60_000;

// A store is freed in its own instance only: the glue's registry would free it in the one that came after
// a trap.
const stores = new FinalizationRegistry((store) => free("__wbg_replaystore_free", store));

function openStore(state) {
  const store = new core.ReplayStore(state);
  const pointer = store.__destroy_into_raw();
  store.__wbg_ptr = pointer;
  stores.register(store, { pointer, of: generation });
  return store;
}

/**
 * One shard of a sender's claims. One call is one decision: nothing else runs between its start and its
 * end, and its answer leaves only once the claim is on disk.
 */
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

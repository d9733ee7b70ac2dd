// The core's instance, and how it is asked.

import { env } from "cloudflare:workers";
import * as core from "./index_bg.js";
import module from "./index.wasm";
$SNIPPET_JS_IMPORTS

export { core };

let instance;
let broken = true;

/** How often the core was instantiated. What is kept of one instance is of no use to the next. */
export let generation = 0;
/** The names of the header fields that are read of every request; nothing where they are all. */
export let fieldsRead;

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

instantiate();

/**
 * Asks the core. After a trap the instance's memory cannot be trusted; the next call gets a new one.
 *
 * No question has more than four arguments: a rest of them would be made into an array for every call.
 */
export function ask(question, first, second, third, fourth) {
  if (broken) instantiate();
  try {
    return question(first, second, third, fourth);
  } catch (error) {
    broken = true;
    throw error;
  }
}

/** Frees what the core holds under a pointer, if it is still of this instance. */
export function free(release, { pointer, of }) {
  if (of === generation && !broken) ask(instance.exports[release], pointer, 1);
}

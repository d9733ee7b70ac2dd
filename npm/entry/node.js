// Node, Deno and Bun: the core is a file beside this one.

import { readFileSync } from "node:fs";
import { initSync } from "../core/countersign.js";

const bytes = readFileSync(new URL("../core/countersign_bg.wasm", import.meta.url));
initSync({ module: new WebAssembly.Module(bytes) });

export * from "../index.js";

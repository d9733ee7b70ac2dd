// Cloudflare Workers: the core comes compiled, since none may be compiled at run time.

import module from "../core/countersign_bg.wasm";
import { initSync } from "../core/countersign.js";

initSync({ module });

export * from "../index.js";

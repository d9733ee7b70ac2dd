// Browsers and their bundlers: the core is fetched from beside this file.

import load from "../core/countersign.js";

await load({ module_or_path: new URL("../core/countersign_bg.wasm", import.meta.url) });

export * from "../index.js";

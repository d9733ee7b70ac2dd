// Runs the suite in Node, Deno or Bun, and prints what came of it.

import * as countersign from "countersign";
import { readFileSync } from "node:fs";
import { run } from "./suite.mjs";

const read = (name) => JSON.parse(readFileSync(new URL(name, import.meta.url), "utf8"));
const data = { resolved: read("./resolved.json"), examples: read("./examples.json") };
console.log(JSON.stringify(await run(countersign, data)));

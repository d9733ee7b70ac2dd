// Runs the built Worker in workerd for a test that is not written in JavaScript.
//
//   node tests/worker/run-gate.mjs config.json
//
// The file holds `policy`, `secrets` and `origin`. Prints {"url": …} once the gate answers, and
// ends when its standard input is closed.

import { readFile } from "node:fs/promises";
import { startGate } from "./harness/workerd.mjs";

const gate = await startGate(JSON.parse(await readFile(process.argv[2], "utf8")));
console.log(JSON.stringify({ url: gate.url }));
process.stdin.resume();
process.stdin.once("end", async () => {
  await gate.stop();
  process.exit(0);
});

// Runs the suite in a browser, and leaves what came of it where the test looks.

import * as countersign from "countersign";
import { run } from "./suite.mjs";

const read = async (name) => (await fetch(name)).json();
const [resolved, examples] = [await read("resolved.json"), await read("examples.json")];
globalThis.told = await run(countersign, { resolved, examples });

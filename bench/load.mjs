// One round of load: signs, runs wrk for some seconds, and gives what it measured.

import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { PATH } from "./competitors.mjs";
import { bodyOf, headersOf } from "./loads.mjs";
import { scratch } from "./scratch.mjs";

const run = promisify(execFile);
const SCRIPT = fileURLToPath(new URL("load.lua", import.meta.url));

const bodyFile = join(scratch, "body");
const loadFile = join(scratch, "load.lua");
const lua = (headers) => `{${headers.map(([name, value]) => `["${name}"]="${value}"`).join(",")}}`;

/** Gives a function that sends this load to a Worker's URL for so many seconds. */
export function prepareLoad(load) {
  const body = bodyOf(load.bytes);
  writeFileSync(bodyFile, body);
  return async (url, seconds) => {
    // Signed now, so that it is still fresh when the round ends.
    const made = Object.fromEntries([...new Set(load.requests)].map((kind) => [kind, lua(headersOf[kind](body))]));
    const requests = load.requests.map((kind) => made[kind]).join(",");
    writeFileSync(loadFile, `return {body="${bodyFile}", requests={${requests}}}\n`);
    const { stdout } = await run(
      "wrk",
      ["-t1", `-c${load.connections}`, `-d${seconds}s`, "--timeout=20s", `-s${SCRIPT}`, url + PATH],
      { env: { ...process.env, LOAD: loadFile } },
    );
    return JSON.parse(stdout.trim().split("\n").at(-1));
  };
}

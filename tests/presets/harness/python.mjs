// The signers of provider_signers.py: one process, a request a line.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const SCRIPT = fileURLToPath(new URL("../provider_signers.py", import.meta.url));

let child;
const waiting = [];

function start() {
  child = spawn("python3", [SCRIPT], { stdio: ["pipe", "pipe", "inherit"] });
  createInterface({ input: child.stdout }).on("line", (line) => waiting.shift().resolve(JSON.parse(line)));
  child.on("exit", (code) => {
    for (const one of waiting.splice(0)) one.reject(new Error(`provider_signers.py ended with ${code}`));
  });
}

/** The fields and the body of a request as the preset's provider makes it. */
export async function pythonSigns(preset, { secret, at, body, url, id }) {
  if (!child) start();
  const answer = new Promise((resolve, reject) => waiting.push({ resolve, reject }));
  child.stdin.write(`${JSON.stringify({ preset, secret, at, url, id, body: body.toString("hex") })}\n`);
  const { fields, body: signed } = await answer;
  return { headers: fields, body: Buffer.from(signed, "hex") };
}

/** Ends the process. */
export const stopPython = () => child?.stdin.end();

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

/** The fields, the body and the target of a request as the preset's provider makes it. */
export async function pythonSigns(preset, { secret, at, body, target, url, id }) {
  if (!child) start();
  const answer = new Promise((resolve, reject) => waiting.push({ resolve, reject }));
  const hex = body?.toString("hex") ?? "";
  child.stdin.write(`${JSON.stringify({ preset, secret, at, target, url, id, body: hex })}\n`);
  const made = await answer;
  return { headers: made.fields, body: body && Buffer.from(made.body, "hex"), target: made.target };
}

/** Ends the process. */
export const stopPython = () => child?.stdin.end();

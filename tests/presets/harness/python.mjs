// Signers written in Python: one process for each script, a request a line.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const children = [];

/** What asks a script of tests/presets: a JSON object a line, and the same back. */
export function pythonScript(name, command = "python3") {
  const script = fileURLToPath(new URL(`../${name}`, import.meta.url));
  const waiting = [];
  let child;
  function start() {
    child = spawn(command, [script], { stdio: ["pipe", "pipe", "inherit"] });
    children.push(child);
    createInterface({ input: child.stdout }).on("line", (line) => waiting.shift().resolve(JSON.parse(line)));
    child.on("exit", (code) => {
      for (const one of waiting.splice(0)) one.reject(new Error(`${name} ended with ${code}`));
    });
  }
  return (question) => {
    if (!child) start();
    const answer = new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    child.stdin.write(`${JSON.stringify(question)}\n`);
    return answer;
  };
}

const askProvider = pythonScript("provider_signers.py");

/** The fields, the body and the target of a request as the preset's provider makes it. */
export async function pythonSigns(preset, { secret, at, body, target, url, id }) {
  const hex = body?.toString("hex") ?? "";
  const made = await askProvider({ preset, secret, at, target, url, id, body: hex });
  return { headers: made.fields, body: body && Buffer.from(made.body, "hex"), target: made.target };
}

/** Ends the processes. */
export function stopPython() {
  for (const child of children) child.stdin.end();
}

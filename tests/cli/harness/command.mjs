// Runs the built command: `cargo build --package countersign-cli` makes it.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const ROOT = new URL("../../../", import.meta.url).pathname;
export const COMMAND = join(process.env.CARGO_TARGET_DIR ?? join(ROOT, "target"), "debug/countersign");
export const SECRET = "kP2vX9mQ4sT7wZ1cF6hJ3nR8bL5dG0yA";

/** Runs it with these arguments. Gives exit status, standard output and standard error. */
export const countersign = (args, options = {}) => execute(COMMAND, args, options);

/** Runs any program; `input` goes to its standard input. */
export function execute(program, args, { input = "", env = {}, cwd } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env: { PATH: process.env.PATH, APP_SECRET: SECRET, ...env } });
    const output = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"]) child[name].setEncoding("utf8").on("data", (data) => (output[name] += data));
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, ...output }));
    child.stdin.on("error", () => {}).end(input);
  });
}

/** A folder that goes with the test. */
export function folder(t) {
  const path = mkdtempSync(join(tmpdir(), "countersign-cli-"));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

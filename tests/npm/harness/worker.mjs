// A Worker as wrangler bundles it, in workerd on a free loopback port.

import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { COMPATIBILITY_DATE, startWorkerd } from "../../harness/workerd.mjs";
import { ROOT } from "./install.mjs";

const WRANGLER = join(ROOT, "node_modules/.bin/wrangler");

/** Bundles a file of a project as `wrangler deploy` would: the folder with what it uploads. */
export function bundle(folder, main) {
  const out = join(folder, `out-${main}`);
  const options = ["--dry-run", "--name", "test", "--compatibility-date", COMPATIBILITY_DATE, "--outdir", out];
  execFileSync(WRANGLER, ["deploy", main, ...options], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  return { out, main };
}

/** Starts it, with texts as bindings and Durable Objects by their binding. */
export async function startWorker({ out, main }, { bindings = {}, objects = {} } = {}) {
  const wasm = readdirSync(out).filter((name) => name.endsWith(".wasm"));
  const modules = [[main, main.replace(/\.\w+$/, ".js")], ...wasm.map((name) => [`./${name}`, name])];
  const { url, stop } = await startWorkerd(out, { modules, texts: bindings, objects });
  return { fetch: (path, options) => fetch(`${url}${path}`, options), stop };
}

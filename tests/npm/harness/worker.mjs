// A Worker as wrangler bundles it, in workerd on a free loopback port.

import { execFileSync, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "./install.mjs";

const bin = (name) => join(ROOT, "node_modules/.bin", name);
/** The date that the gate is deployed with. */
const DATE = readFileSync(join(ROOT, "wrangler.toml"), "utf8").match(/^compatibility_date = "(.+)"$/m)[1];

/** Bundles a file of a project as `wrangler deploy` would: the folder with what it uploads. */
export function bundle(folder, main) {
  const out = join(folder, `out-${main}`);
  const options = ["--dry-run", "--name", "test", "--compatibility-date", DATE, "--outdir", out];
  execFileSync(bin("wrangler"), ["deploy", main, ...options], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  return { out, main };
}

/** Starts it, with texts as bindings and Durable Objects by their binding. */
export async function startWorker({ out, main }, { bindings = {}, objects = {} } = {}) {
  const wasm = readdirSync(out).filter((name) => name.endsWith(".wasm"));
  const modules = [`(name = "${main}", esModule = embed "${main.replace(/\.\w+$/, ".js")}")`];
  for (const name of wasm) modules.push(`(name = "./${name}", wasm = embed "${name}")`);
  const texts = Object.entries(bindings).map(([name, text]) => `(name = "${name}", text = ${JSON.stringify(text)})`);
  const spaces = Object.entries(objects);
  texts.push(...spaces.map(([name, type]) => `(name = "${name}", durableObjectNamespace = "${type}")`));
  await mkdir(join(out, "storage"));
  await writeFile(
    join(out, "config.capnp"),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "test", worker = .test), (name = "storage", disk = (path = "${join(out, "storage")}", writable = true))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "test")],
);
const test :Workerd.Worker = (
  modules = [${modules.join(", ")}],
  compatibilityDate = "${DATE}",
  durableObjectNamespaces = [${spaces.map(([, type]) => `(className = "${type}", uniqueKey = "${type}", enableSql = true)`).join(", ")}],
  ${spaces.length > 0 ? 'durableObjectStorage = (localDisk = "storage"),' : ""}
  bindings = [${texts.join(", ")}],
);
`,
  );
  const child = spawn(bin("workerd"), ["serve", join(out, "config.capnp"), "--control-fd=3"], {
    stdio: ["ignore", "ignore", "pipe", "pipe"],
  });
  let [errors, control] = ["", ""];
  child.stderr.on("data", (data) => (errors += data));
  const port = await new Promise((resolve, reject) => {
    child.stdio[3].on("data", (data) => {
      control += data;
      const listening = control.match(/"socket":"http","port":(\d+)/);
      if (listening) resolve(Number(listening[1]));
    });
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`workerd ended with ${code}:\n${errors}`)));
  });
  return {
    fetch: (path, options) => fetch(`http://127.0.0.1:${port}${path}`, options),
    async stop() {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      await ended;
    },
  };
}

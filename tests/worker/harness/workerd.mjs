// Runs the built Worker in workerd, on a free loopback port.

import { spawn } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = new URL("../../../", import.meta.url).pathname;
const BUILD = join(ROOT, process.env.BUILD ?? "build");
const WORKERD = join(ROOT, "node_modules/.bin/workerd");

/** The date that is deployed is the date that is tested. */
async function compatibilityDate() {
  const text = await readFile(join(ROOT, "wrangler.toml"), "utf8");
  return text.match(/^compatibility_date = "(.+)"$/m)[1];
}

function bindings({ policy, secrets = {}, origin, originJson, hosts }) {
  const list = Object.entries(secrets).map(([name, text]) => ({ name, text }));
  if (policy !== undefined) list.push({ name: "POLICY", json: JSON.stringify(policy) });
  if (originJson !== undefined) list.push({ name: "ORIGIN", json: JSON.stringify(originJson) });
  else if (origin !== undefined) list.push({ name: "ORIGIN", text: origin });
  if (hosts !== undefined) list.push({ name: "HOSTS", json: JSON.stringify(hosts) });
  // A Cap'n Proto string, with every byte of the UTF-8 text escaped.
  const quote = (text) => `"${Buffer.from(text).toString("hex").replace(/../g, "\\x$&")}"`;
  return list.map((binding) => {
    const [kind] = Object.keys(binding).filter((key) => key !== "name");
    return `(name = ${quote(binding.name)}, ${kind} = ${quote(binding[kind])})`;
  });
}

/** The built Worker with another number of bytes from which the runtime hashes bodies. */
function hashingFrom(bytes, source) {
  if (bytes === undefined) return source;
  const usual = /\b3072\b/g;
  if (source.match(usual)?.length !== 1) throw new Error("HASH_FROM is not where it was");
  return source.replace(usual, `${bytes}`);
}

const REPLAY_BINDING = `(name = "REPLAY", durableObjectNamespace = "ReplayStore")`;

async function configure(folder, settings) {
  const { replay = false, storage = join(folder, "storage") } = settings;
  if (replay) await mkdir(storage, { recursive: true });
  const objects = replay
    ? `durableObjectNamespaces = [(className = "ReplayStore", uniqueKey = "replay", enableSql = true)],
  durableObjectStorage = (localDisk = "storage"),`
    : "";
  await writeFile(join(folder, "index.js"), hashingFrom(settings.hashFrom, await readFile(join(BUILD, "index.js"), "utf8")));
  await copyFile(join(BUILD, "index_bg.wasm"), join(folder, "index_bg.wasm"));
  const modules = [`(name = "index.js", esModule = embed "index.js")`, `(name = "index_bg.wasm", wasm = embed "index_bg.wasm")`];
  const before = Object.entries(settings.before ?? {});
  for (const [name, source] of before) await writeFile(join(folder, name), source);
  modules.unshift(...before.map(([name]) => `(name = "${name}", esModule = embed "${name}")`));
  for (const [name, bytes] of Object.entries(settings.wasm ?? {})) {
    await writeFile(join(folder, name), bytes);
    modules.push(`(name = "${name}", wasm = embed "${name}")`);
  }
  const config = join(folder, "config.capnp");
  await writeFile(
    config,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "gate", worker = .gate),
    ${replay ? `(name = "storage", disk = (path = "${storage}", writable = true)),` : ""}
    (name = "internet", network = (allow = ["public", "private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "gate")],
);
const gate :Workerd.Worker = (
  modules = [${modules.join(", ")}],
  compatibilityDate = "${await compatibilityDate()}",
  ${objects}
  bindings = [${[...bindings(settings), ...(replay ? [REPLAY_BINDING] : [])].join(", ")}],
);
`,
  );
  return config;
}

/**
 * Starts the gate.
 *
 * `policy`, `secrets`, `origin` and `hosts` are its environment; each may be left out, as in a deployment
 * where somebody forgot it. `before` maps names to sources of modules; the first named is then
 * the Worker's main module, and imports `index.js` itself. `wasm` maps names to further modules.
 * `hashFrom` replaces the number of bytes from which the runtime hashes bodies.
 * `replay` binds the Durable Object, which keeps its claims in the folder `storage`, else for its own life only.
 *
 * Gives its URL, its port, the process's number, `log()` with the parsed log lines so far, and `stop()`.
 */
export async function startGate(settings) {
  const folder = await mkdtemp(join(tmpdir(), "countersign-"));
  const config = await configure(folder, settings);
  const child = spawn(WORKERD, ["serve", config, "--control-fd=3"], {
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (data) => (output.stdout += data));
  child.stderr.on("data", (data) => (output.stderr += data));
  const port = await new Promise((resolve, reject) => {
    let control = "";
    child.stdio[3].on("data", (data) => {
      control += data;
      const listening = control.match(/"socket":"http","port":(\d+)/);
      if (listening) resolve(Number(listening[1]));
    });
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`workerd ended with ${code}:\n${output.stderr}`)));
  });
  return {
    port,
    pid: child.pid,
    url: `http://127.0.0.1:${port}`,
    output,
    /** The structured lines; the runtime's own are left out. */
    log: () =>
      output.stdout
        .split("\n")
        .filter((line) => line.startsWith("{"))
        .map((line) => JSON.parse(line)),
    async stop() {
      if (child.exitCode === null) {
        const ended = new Promise((resolve) => child.once("exit", resolve));
        child.kill("SIGKILL");
        await ended;
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

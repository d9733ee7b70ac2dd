// Runs a Worker in a workerd process of its own, on a free loopback port: for tests and benchmarks.

import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import workerd from "workerd";

const running = new Set();
process.once("exit", () => running.forEach((child) => child.kill("SIGKILL")));

const WRANGLER = readFileSync(new URL("../../wrangler.toml", import.meta.url), "utf8");
/** The date that is deployed is the date that is tested and measured. */
export const COMPATIBILITY_DATE = WRANGLER.match(/^compatibility_date = "(.+)"$/m)[1];

/** A Cap'n Proto string, every byte of the UTF-8 text escaped. */
const quote = (text) => `"${Buffer.from(text).toString("hex").replace(/../g, "\\x$&")}"`;

function module(entry) {
  const [name, file = name] = [entry].flat();
  return `(name = ${quote(name)}, ${file.endsWith(".wasm") ? "wasm" : "esModule"} = embed ${quote(file)})`;
}

function configuration({ modules, texts = {}, json = {}, objects = {}, storage }) {
  const bind = (values, kind, write) =>
    Object.entries(values).map(([name, value]) => `(name = ${quote(name)}, ${kind} = ${quote(write(value))})`);
  const bindings = [
    ...bind(texts, "text", String),
    ...bind(json, "json", JSON.stringify),
    ...bind(objects, "durableObjectNamespace", String),
  ];
  const classes = Object.values(objects).map((name) => `(className = "${name}", uniqueKey = "${name}", enableSql = true)`);
  const keepsObjects = classes.length > 0;
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .main),
    ${keepsObjects ? `(name = "storage", disk = (path = ${quote(storage)}, writable = true)),` : ""}
    (name = "internet", network = (allow = ["private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const main :Workerd.Worker = (
  modules = [${modules.map(module).join(", ")}],
  compatibilityDate = "${COMPATIBILITY_DATE}",
  durableObjectNamespaces = [${classes.join(", ")}],
  ${keepsObjects ? 'durableObjectStorage = (localDisk = "storage"),' : ""}
  bindings = [${bindings.join(", ")}],
);
`;
}

/**
 * Starts a Worker whose modules are files of `folder`, the main one first: each by its name, or as a pair
 * of its name and its file's. `texts` and `json` are bindings by name, `objects` the classes of Durable
 * Objects by binding, kept in the folder `storage`. `id` tells Workers of one folder apart. It reaches
 * nothing but this machine.
 *
 * `under` is another program to run it under, with its arguments; `inspect` opens an inspector. Without
 * `logs`, what it prints is thrown away; of its errors the last `keep` characters are kept.
 *
 * Gives its URL, its ports, the process's number, `output` with what it has printed so far, and `stop()`.
 */
export async function startWorkerd(folder, worker, { under = [], inspect = false, logs = true, keep = Infinity } = {}) {
  const { id = "worker", storage = join(folder, `${id}-storage`) } = worker;
  if (worker.objects) mkdirSync(storage, { recursive: true });
  const config = join(folder, `${id}.capnp`);
  writeFileSync(config, configuration({ ...worker, storage }));
  const inspector = inspect ? ["--inspector-addr=127.0.0.1:0"] : [];
  const [program, ...options] = [...under, workerd.default, "serve", config, "--control-fd=3", ...inspector];
  const child = spawn(program, options, { stdio: ["ignore", logs ? "pipe" : "ignore", "pipe", "pipe"] });
  running.add(child);
  const ended = new Promise((resolve) => child.once("exit", resolve)).then(() => running.delete(child));
  const output = { stdout: "", stderr: "" };
  child.stdout?.on("data", (data) => (output.stdout += data));
  child.stderr.on("data", (data) => (output.stderr = (output.stderr + data).slice(-keep)));
  const ports = await new Promise((resolve, reject) => {
    let control = "";
    child.stdio[3].on("data", (data) => {
      control += data;
      const port = (event) => Number(control.match(new RegExp(`"event":"${event}".*?"port":(\\d+)`))?.[1]);
      const found = { http: port("listen"), inspector: port("listen-inspector") };
      if (found.http && (found.inspector || !inspect)) resolve(found);
    });
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`workerd with ${id} ended with ${code}:\n${output.stderr}`)));
  });
  return {
    pid: child.pid,
    port: ports.http,
    inspector: ports.inspector,
    url: `http://127.0.0.1:${ports.http}`,
    output,
    async stop() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

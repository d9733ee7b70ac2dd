// Runs one Worker in one workerd process, on a free loopback port, and reads what it has used.

import { spawn } from "node:child_process";
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import workerd from "workerd";
import { scratch } from "./scratch.mjs";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
/** Of `/proc/PID/stat`: Linux shows every program 100 ticks a second. */
const MICROSECONDS_PER_TICK = 10_000;

const running = new Set();
process.once("exit", () => running.forEach((child) => child.kill("SIGKILL")));

/** Where the built Worker is. */
const BUILD = resolve(ROOT, process.env.BUILD ?? "build");

/** Copies of the Workers, so that a build during the run changes nothing. */
const workers = readdirSync(join(ROOT, "bench/workers")).map((name) => join(ROOT, "bench/workers", name));
for (const file of [...workers, join(BUILD, "index.js"), join(BUILD, "index_bg.wasm")]) {
  copyFileSync(file, join(scratch, basename(file)));
}

/** The date that is deployed is the date that is measured. */
const COMPATIBILITY_DATE = readFileSync(join(ROOT, "wrangler.toml"), "utf8").match(/^compatibility_date = "(.+)"$/m)[1];

/** A Cap'n Proto string, every byte escaped. */
const quote = (text) => `"${Buffer.from(text).toString("hex").replace(/../g, "\\x$&")}"`;

function configuration({ modules }, { texts = {}, json = {} }) {
  const bindings = [
    ...Object.entries(texts).map(([name, text]) => `(name = "${name}", text = ${quote(text)})`),
    ...Object.entries(json).map(([name, value]) => `(name = "${name}", json = ${quote(JSON.stringify(value))})`),
  ];
  const kind = (file) => (file.endsWith(".wasm") ? "wasm" : "esModule");
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .main),
    (name = "internet", network = (allow = ["private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const main :Workerd.Worker = (
  modules = [${modules.map((file) => `(name = "${file}", ${kind(file)} = embed "${file}")`).join(", ")}],
  compatibilityDate = "${COMPATIBILITY_DATE}",
  bindings = [${bindings.join(", ")}],
);
`;
}

/**
 * Starts a Worker, with an inspector where that is asked for, and `under` another program where one is
 * named with its arguments. What it logs to the console is thrown away.
 */
export async function start(worker, bindings = {}, { inspect = false, under = [] } = {}) {
  const config = join(scratch, `${worker.id}.capnp`);
  writeFileSync(config, configuration(worker, bindings));
  const inspector = inspect ? ["--inspector-addr=127.0.0.1:0"] : [];
  const [program, ...before] = [...under, workerd.default];
  const child = spawn(program, [...before, "serve", config, "--control-fd=3", ...inspector], {
    stdio: ["ignore", "ignore", "pipe", "pipe"],
  });
  running.add(child);
  // The last of it, for when something goes wrong: a cut connection is an error to workerd too.
  let errors = "";
  child.stderr.on("data", (data) => (errors = (errors + data).slice(-2000)));
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const ports = await new Promise((resolve, reject) => {
    let control = "";
    child.stdio[3].on("data", (data) => {
      control += data;
      const port = (event) => Number(control.match(new RegExp(`"event":"${event}".*?"port":(\\d+)`))?.[1]);
      const found = { http: port("listen"), inspector: port("listen-inspector") };
      if (found.http && (found.inspector || !inspect)) resolve(found);
    });
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`workerd with ${worker.id} ended with ${code}:\n${errors}`)));
  });
  return {
    pid: child.pid,
    port: ports.http,
    inspector: ports.inspector,
    url: `http://127.0.0.1:${ports.http}`,
    cpu: () => cpuMicroseconds(child.pid),
    peak: () => peakKilobytes(child.pid),
    errors: () => errors,
    async stop() {
      child.kill("SIGKILL");
      await ended;
      running.delete(child);
    },
  };
}

const proc = (pid, file) => {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return undefined; // Not Linux.
  }
};

/** User and system time so far (proc(5): the 14th and 15th field, the 2nd may hold spaces). */
function cpuMicroseconds(pid) {
  const stat = proc(pid, "stat");
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields && (Number(fields[11]) + Number(fields[12])) * MICROSECONDS_PER_TICK;
}

/** The most memory the process has had resident. */
function peakKilobytes(pid) {
  const line = proc(pid, "status")?.match(/^VmHWM:\s+(\d+) kB$/m);
  return line ? Number(line[1]) : undefined;
}

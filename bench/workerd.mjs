// Runs one Worker in one workerd process, on a free loopback port, and reads what it has used.

import { copyFileSync, readdirSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { startWorkerd } from "../tests/harness/workerd.mjs";
import { scratch } from "./scratch.mjs";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
/** Of `/proc/PID/stat`: Linux shows every program 100 ticks a second. */
const MICROSECONDS_PER_TICK = 10_000;

/** Where the built Worker is. */
const BUILD = resolve(ROOT, process.env.BUILD ?? "build");

/** Copies of the Workers, so that a build during the run changes nothing. */
const workers = readdirSync(join(ROOT, "bench/workers")).map((name) => join(ROOT, "bench/workers", name));
for (const file of [...workers, join(BUILD, "index.js"), join(BUILD, "index_bg.wasm")]) {
  copyFileSync(file, join(scratch, basename(file)));
}

/**
 * Starts a Worker, with an inspector where that is asked for, and `under` another program where one is
 * named with its arguments. What it logs to the console is thrown away. Of its errors the last are kept,
 * for when something goes wrong: a cut connection is an error to workerd too.
 */
export async function start(worker, bindings = {}, { inspect = false, under = [] } = {}) {
  const started = await startWorkerd(scratch, { ...worker, ...bindings }, { inspect, under, logs: false, keep: 2000 });
  return {
    ...started,
    cpu: () => cpuMicroseconds(started.pid),
    peak: () => peakKilobytes(started.pid),
    errors: () => started.output.stderr,
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

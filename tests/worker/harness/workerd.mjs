// Runs the built Worker in workerd, with the environment of a deployment.

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startWorkerd } from "../../harness/workerd.mjs";

const ROOT = new URL("../../../", import.meta.url).pathname;
const BUILD = join(ROOT, process.env.BUILD ?? "build");

/** The environment of a deployment: each may be missing, as where somebody forgot it. */
function environment({ policy, secrets = {}, origin, originJson, hosts }) {
  const json = { POLICY: policy, ORIGIN: originJson, HOSTS: hosts };
  const texts = originJson === undefined && origin !== undefined ? { ...secrets, ORIGIN: origin } : secrets;
  return { texts, json: Object.fromEntries(Object.entries(json).filter(([, value]) => value !== undefined)) };
}

/** The built Worker with another number of bytes from which the runtime hashes bodies. */
function hashingFrom(bytes, source) {
  if (bytes === undefined) return source;
  const usual = /\b3072\b/g;
  if (source.match(usual)?.length !== 1) throw new Error("HASH_FROM is not where it was");
  return source.replace(usual, `${bytes}`);
}

/** Writes the modules into the folder: their names, the main one first. */
async function writeModules(folder, { before = {}, wasm = {}, hashFrom }) {
  const index = hashingFrom(hashFrom, await readFile(join(BUILD, "index.js"), "utf8"));
  const core = await readFile(join(BUILD, "index_bg.wasm"));
  const modules = { ...before, "index.js": index, "index_bg.wasm": core, ...wasm };
  for (const [name, source] of Object.entries(modules)) await writeFile(join(folder, name), source);
  return Object.keys(modules);
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
 * Gives what any Worker here has, and `log()` with the parsed log lines so far.
 */
export async function startGate(settings) {
  const { replay = false, storage } = settings;
  const folder = await mkdtemp(join(tmpdir(), "countersign-"));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const worker = { id: "gate", modules: await writeModules(folder, settings), ...environment(settings) };
    const objects = replay ? { REPLAY: "ReplayStore" } : {};
    const { stop, ...started } = await startWorkerd(folder, { ...worker, objects, storage });
    return {
      ...started,
      /** The structured lines; the runtime's own are left out. */
      log: () =>
        started.output.stdout
          .split("\n")
          .filter((line) => line.startsWith("{"))
          .map((line) => JSON.parse(line)),
      async stop() {
        await stop();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

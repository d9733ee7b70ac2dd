// A folder with the packed tarball installed, as a user's project has it.

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
export const TARBALL = join(ROOT, "build-npm/countersign.tgz");
const tools = join(ROOT, "tests/npm/node_modules");

/** A tool of tests/npm, where this machine has it. */
export const tool = (name) => join(tools, ".bin", name);

/** Installs the tarball with npm, beside the packages of tests/npm that are named. */
export async function project({ files = {}, packages = [] } = {}) {
  if (!existsSync(TARBALL)) throw new Error("build-npm is missing: run scripts/build-npm.sh");
  const folder = await mkdtemp(join(tmpdir(), "countersign-npm-"));
  await writeFile(join(folder, "package.json"), '{"private":true,"type":"module"}\n');
  execFileSync("npm", ["install", "--offline", "--no-audit", "--no-fund", "--loglevel=error", TARBALL], {
    cwd: folder,
  });
  for (const name of packages) await symlink(join(tools, name), join(folder, "node_modules", name));
  for (const [name, source] of Object.entries(files)) {
    await mkdir(join(folder, name, ".."), { recursive: true });
    await copyFile(join(ROOT, source), join(folder, name));
  }
  return { folder, remove: () => rm(folder, { recursive: true }) };
}

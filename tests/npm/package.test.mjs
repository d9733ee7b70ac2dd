// The packed tarball, installed, in each runtime: the same suite, with the same answers.

import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { read } from "../cases/read.mjs";
import { project, ROOT, TARBALL, tool } from "./harness/install.mjs";
import { serveFolder } from "./harness/serve.mjs";
import { bundle, startWorker } from "./harness/worker.mjs";

const run = promisify(execFile);
/** A case for each of resolved.json, an example for each preset, and what the suite has of its own. */
const resolved = read("resolved.json");
const examples = JSON.parse(readFileSync(join(ROOT, "www/examples.json"), "utf8"));
const LEAST = resolved.cases.length + examples.length + 15;

const FILES = {
  "main.mjs": "tests/npm/main.mjs",
  "worker.mjs": "tests/npm/worker.mjs",
  "page.html": "tests/npm/page.html",
  "page.mjs": "tests/npm/page.mjs",
  "suite.mjs": "tests/npm/suite.mjs",
  "examples.json": "www/examples.json",
  "consumer.ts": "tests/npm/consumer.ts",
};

function works(name) {
  try {
    execFileSync(tool(name), ["--version"], { stdio: "ignore", timeout: 20_000 });
    return false;
  } catch {
    return `${name} does not run on this machine`;
  }
}

describe("the npm package", () => {
  let installed;
  before(async () => {
    installed = await project({ files: FILES });
    await writeFile(join(installed.folder, "resolved.json"), JSON.stringify(resolved));
  });
  after(() => installed?.remove());

  function assertAll({ passed, failures }) {
    assert.deepEqual(failures, []);
    assert.ok(passed >= LEAST, `${passed} checks ran, of ${LEAST} at least`);
    console.log(`# npm | ${passed} checks`);
  }

  for (const [name, command, options, reason] of [
    ["Node", process.execPath, [], false],
    ["Deno", tool("deno"), ["run", "--allow-read=."], works("deno")],
    ["Bun", tool("bun"), ["run"], works("bun")],
  ]) {
    test(`gives the right answers in ${name}`, { skip: reason }, async () => {
      const env = { ...process.env, DENO_NO_UPDATE_CHECK: "1" };
      const { stdout } = await run(command, [...options, "main.mjs"], { cwd: installed.folder, timeout: 60_000, env });
      assertAll(JSON.parse(stdout));
    });
  }

  test("gives the right answers in workerd, bundled by wrangler", async () => {
    const worker = await startWorker(bundle(installed.folder, "worker.mjs"));
    try {
      const answer = await worker.fetch("/");
      const text = await answer.text();
      assert.equal(answer.status, 200, text);
      assertAll(JSON.parse(text));
    } finally {
      await worker.stop();
    }
  });

  const browser = process.env.CHROMIUM ? false : "no browser: set CHROMIUM to the path of one";
  test("gives the right answers in a browser", { skip: browser }, async () => {
    const { chromium } = await import("playwright-core");
    const site = await serveFolder(installed.folder);
    const running = await chromium.launch({
      executablePath: process.env.CHROMIUM,
      args: ["--headless", "--no-sandbox", "--disable-gpu"],
    });
    try {
      const page = await running.newPage();
      await page.goto(`${site.url}page.html`);
      const told = await page.waitForFunction(() => globalThis.told);
      assertAll(await told.jsonValue());
    } finally {
      await running.close();
      await site.stop();
    }
  });

  test("has types that a strict program is checked against", async () => {
    await writeTsconfig(installed.folder);
    await run(tool("tsc"), ["--project", "."], { cwd: installed.folder }).catch(({ stdout }) => assert.fail(stdout));
  });

  test("holds what it needs, and no more", async () => {
    const listed = execFileSync("tar", ["tzf", TARBALL], { encoding: "utf8" }).trim().split("\n").sort();
    assert.deepEqual(
      listed.map((name) => name.replace("package/", "")),
      [
        "README.md",
        "core/countersign.js",
        "core/countersign_bg.wasm",
        "core/stream.js",
        "core/within.js",
        "entry/node.js",
        "entry/web.js",
        "entry/workerd.js",
        "index.d.ts",
        "index.js",
        "package.json",
      ],
    );
    const wasm = await readFile(join(installed.folder, "node_modules/countersign/core/countersign_bg.wasm"));
    const [tarball, gzipped] = [statSync(TARBALL).size, gzipSync(wasm).length];
    console.log(`# npm | tarball ${tarball} bytes; wasm ${wasm.length}, gzipped ${gzipped}`);
    assert.ok(gzipped <= 400_000, "the budget of the core is 400 kB gzipped");
    const manifest = JSON.parse(
      await readFile(join(installed.folder, "node_modules/countersign/package.json"), "utf8"),
    );
    assert.deepEqual([manifest.private, manifest.dependencies], [true, undefined]);
  });
});

/** The strictest that a program is commonly compiled with. */
async function writeTsconfig(folder) {
  const compilerOptions = {
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    skipLibCheck: false,
    target: "es2022",
    module: "nodenext",
    lib: ["es2022", "dom", "dom.iterable"],
    types: [],
  };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["consumer.ts"] }));
}

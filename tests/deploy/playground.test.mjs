// The playground as `wrangler deploy` uploads it and as the runtime of static assets serves it, and as
// `make playground` does.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { freePort } from "./harness/port.mjs";

const ROOT = new URL("../../", import.meta.url).pathname;
const built = existsSync(join(ROOT, "www/pkg/countersign_bg.wasm"))
  ? false
  : "www/pkg is missing: run scripts/build-page.sh";
const CONFIG = ["--config", "www/wrangler.toml"];

/** The answer, once the server is up. */
async function fetchSoon(url) {
  for (let waits = 0; ; waits += 1) {
    try {
      return await fetch(url);
    } catch (error) {
      if (waits > 150) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

async function assertServed(url) {
  const page = await fetchSoon(url);
  assert.equal(page.status, 200);
  assert.match(page.headers.get("content-type"), /^text\/html/);
  const policy = page.headers.get("content-security-policy");
  assert.match(policy, /^default-src 'none'; script-src 'self' 'wasm-unsafe-eval';.*frame-ancestors 'none'/);
  assert.equal(page.headers.get("x-content-type-options"), "nosniff");
  for (const [path, type] of [
    ["js/main.js", /^text\/javascript/],
    ["pkg/countersign_bg.wasm", /^application\/wasm/],
    ["examples.json", /^application\/json/],
    ["css/page.css", /^text\/css/],
  ]) {
    const file = await fetch(new URL(path, url));
    assert.equal(file.status, 200, path);
    assert.match(file.headers.get("content-type"), type);
    assert.equal(file.headers.get("content-security-policy"), policy, path);
    await file.arrayBuffer();
  }
  for (const path of ["wrangler.toml", "_headers", ".assetsignore", "nothing"]) {
    assert.equal((await fetch(new URL(path, url))).status, 404, path);
  }
}

async function served(command, options, url) {
  const child = spawn(command, options, {
    cwd: ROOT,
    stdio: "ignore",
    detached: true,
    env: { ...process.env, PORT: new URL(url).port, CI: "1" },
  });
  try {
    await assertServed(url);
  } finally {
    process.kill(-child.pid, "SIGKILL");
  }
}

test("wrangler_deploy_takes_the_playground", { skip: built }, () => {
  const output = execFileSync("wrangler", ["deploy", ...CONFIG, "--dry-run"], {
    cwd: ROOT,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  assert.match(output, /--dry-run: exiting now/);
});

test("static_assets_are_served_with_their_headers", { skip: built }, async () => {
  const port = await freePort();
  const options = [
    "dev",
    ...CONFIG,
    "--ip",
    "127.0.0.1",
    "--port",
    String(port),
    "--inspector-port",
    String(await freePort()),
  ];
  await served("wrangler", options, `http://127.0.0.1:${port}/`);
});

test("make_playground_serves_the_same", { skip: built }, async () => {
  await served(process.execPath, ["scripts/serve.mjs"], `http://127.0.0.1:${await freePort()}/`);
});

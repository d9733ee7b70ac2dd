// What `wrangler deploy` would upload, and that the doors beside the route are shut.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const ROOT = new URL("../../", import.meta.url).pathname;
const settings = readFileSync(join(ROOT, "wrangler.toml"), "utf8");

test("row_33_workers_dev_and_preview_urls_are_off", () => {
  assert.match(settings, /^workers_dev = false$/m);
  assert.match(settings, /^preview_urls = false$/m);
});

test("row_20_no_secret_stands_in_wrangler_toml", () => {
  const vars = settings.slice(settings.indexOf("[vars]"));
  assert.match(vars, /^secrets = \["DJANGO_APP_SECRET"\]$/m);
  assert.doesNotMatch(vars, /^DJANGO_APP_SECRET/m);
});

test("wrangler_deploy_takes_the_built_worker", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "countersign-deploy-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const output = execFileSync("wrangler", ["deploy", "--dry-run", "--outdir", folder], { cwd: ROOT, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  assert.match(output, /env\.POLICY/);
  const [wasm] = readdirSync(folder).filter((name) => name.endsWith(".wasm"));
  assert.deepEqual(readFileSync(join(folder, wasm)), readFileSync(join(ROOT, "build/index_bg.wasm")));
  const upload = output.match(/gzip: ([\d.]+) KiB/);
  console.log(`upload: ${upload[0]}`);
  assert.ok(Number(upload[1]) <= 154, "the budget is 154 KiB gzipped");
});

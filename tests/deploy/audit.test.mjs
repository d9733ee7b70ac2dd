// scripts/audit.sh with a registry and a cargo-deny of this test: what it passes, skips and fails for.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const ROOT = new URL("../../", import.meta.url).pathname;
const locked = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8"));
const { version } = locked.packages["node_modules/wrangler"];

/** Runs it. `answer` is the registry's: a status, or the advisories; `deny` are the lines of a cargo-deny. */
async function audit(t, answer, deny) {
  const folder = mkdtempSync(join(tmpdir(), "countersign-audit-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const server = createServer((request, response) => {
    request.resume();
    const isAudit = request.url.endsWith("/advisories/bulk");
    if (isAudit && typeof answer === "object") return response.end(JSON.stringify(answer));
    response.writeHead(isAudit ? answer : 404).end("{}");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.closeAllConnections() ?? server.close());
  const file = join(folder, "cargo-deny");
  writeFileSync(file, `#!/bin/sh\n${deny}\n`);
  chmodSync(file, 0o755);
  const env = { ...process.env, PATH: `${folder}:${process.env.PATH}`, npm_config_registry: `http://127.0.0.1:${server.address().port}/`, npm_config_cache: folder, npm_config_fetch_retries: "0" };
  const child = spawn(join(ROOT, "scripts/audit.sh"), { env });
  let output = "";
  child.stdout.on("data", (data) => (output += data));
  child.stderr.resume();
  const status = await new Promise((resolve) => child.on("close", resolve));
  return { status, skipped: output.split("\n").filter((line) => line.startsWith("SKIPPED ")), output };
}

const LOCKS = ["./package-lock.json", "tests/npm/package-lock.json", "tests/presets/package-lock.json"];

test("an_audit_without_a_finding_passes", async (t) => {
  const { status, skipped, output } = await audit(t, {}, "exit 0");
  assert.deepEqual([status, skipped], [0, []], output);
  for (const lock of LOCKS) assert.ok(output.includes(`${lock}: nothing is known`), output);
});

test("what_cannot_be_audited_is_skipped_with_the_reason", async (t) => {
  const { status, skipped } = await audit(t, 405, "exit 1");
  const crates = "SKIPPED licences and advisories of the crates: cargo-deny is not installed (cargo install --locked cargo-deny)";
  assert.deepEqual([status, skipped], [0, [crates, ...LOCKS.map((lock) => `SKIPPED advisories of ${lock}: the registry answers no npm audit`)]]);
  const noDatabase = 'case "$*" in *fetch*) echo "no route to it" >&2; exit 1 ;; *" advisories"*) exit 1 ;; esac';
  const offline = await audit(t, 404, noDatabase);
  assert.equal(offline.status, 0, offline.output);
  assert.equal(offline.skipped[0], "SKIPPED advisories of Cargo.toml: their database cannot be had: no route to it");
  assert.equal(offline.skipped.length, 5);
});

test("a_finding_of_npm_fails", async (t) => {
  const advisory = { id: 1, url: "https://advisories.test/1", title: "it is broken", severity: "high", vulnerable_versions: `<=${version}`, cwe: [], cvss: { score: 7.5, vectorString: null } };
  const { status, output } = await audit(t, { wrangler: [advisory] }, "exit 0");
  assert.equal(status, 1, output);
  assert.match(output, /it is broken/);
});

test("a_finding_of_cargo_deny_fails", async (t) => {
  for (const part of [" licenses bans sources", " advisories"]) {
    const { status } = await audit(t, {}, `case "$*" in *"${part}") exit 1 ;; esac`);
    assert.equal(status, 1, part);
  }
});

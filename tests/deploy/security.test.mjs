// Every test that SECURITY.md names exists.

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";

const ROOT = new URL("../../", import.meta.url).pathname;
const sources = globSync(["src/**/*.rs", "tests/**/*.{rs,mjs,json}"], { cwd: ROOT })
  .filter((file) => !file.endsWith("security.test.mjs"))
  .map((file) => readFileSync(ROOT + file, "utf8"))
  .join("\n");

test("every_test_that_security_md_names_exists", () => {
  const rows = readFileSync(`${ROOT}SECURITY.md`, "utf8").match(/^\|.*\|$/gm);
  const named = rows.flatMap((row) => row.split("|").at(-2).match(/`[^`]+`/g) ?? []).map((name) => name.slice(1, -1));
  assert.ok(named.length > 25);
  for (const name of named) {
    if (name.includes("/")) readFileSync(ROOT + name);
    else assert.match(sources, new RegExp(`(?:fn |test\\(["\`]|check\\("|"name": ")${name.replace("*", "\\w+")}\\b`), name);
  }
});

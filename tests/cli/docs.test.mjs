// The examples of docs/command-line.md print what it says. UPDATE=1 writes what they print.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { copyFileSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { startOrigin } from "../worker/harness/origin.mjs";
import { startGate } from "../worker/harness/workerd.mjs";
import { COMMAND, countersign, execute, folder, ROOT, SECRET } from "./harness/command.mjs";

const PAGE = join(ROOT, "docs/command-line.md");
const SIGNED = '{"text":"hi"}';
const SENT = '{"text": "hi"}';

/** A request that was signed over other bytes than it has. */
const request = () => [
  "POST /v1/infer HTTP/1.1", "Host: api.example.com", "Content-Type: application/json", "X-HMAC-Timestamp: 1760000000",
  `X-HMAC-Signature: ${createHmac("sha256", SECRET).update(`1760000000.${SIGNED}`).digest("hex")}`, `Content-Length: ${SENT.length}`, "", SENT, "",
].join("\n");

test("the_examples_print_what_the_page_says", async (t) => {
  const path = folder(t);
  const origin = await startOrigin();
  const gate = await startGate({
    policy: { senders: [{ id: "app", scheme: "x-hmac", secrets: ["APP_SECRET"], replay: "signature" }], routes: [{ path: "/v1/infer", methods: ["POST"], senders: ["app"] }] },
    secrets: { APP_SECRET: SECRET }, origin: origin.url, replay: true,
  });
  t.after(async () => {
    await gate.stop();
    await origin.stop();
  });
  symlinkSync(COMMAND, join(path, "countersign"));
  copyFileSync(join(ROOT, "wrangler.toml"), join(path, "wrangler.toml"));
  writeFileSync(join(path, "request.http"), request());

  const page = readFileSync(PAGE, "utf8");
  let told = page;
  let commands = 0;
  for (const [block, text] of page.matchAll(/^```console\n([^]*?)^```$/gm)) {
    let printed = "";
    for (const [, command] of text.matchAll(/^\$ (.*)$/gm)) {
      const run = command.replace("http://127.0.0.1:8787", gate.url);
      const { stdout, stderr } = await execute("sh", ["-c", run], { cwd: path, env: { PATH: `${path}:${process.env.PATH}` } });
      // Two clocks of one machine may be read in two seconds.
      printed += `$ ${command}\n${stdout}${stderr}`.replace(/[+-]1 s from/, "+0 s from");
      commands += 1;
    }
    told = told.replace(block, () => `\`\`\`console\n${printed}\`\`\``);
  }
  assert.ok(commands >= 8);
  if (process.env.UPDATE === "1") writeFileSync(PAGE, told);
  else assert.equal(told, page);
});

test("the_page_names_every_cause_and_every_subcommand", async () => {
  const page = readFileSync(PAGE, "utf8");
  const source = readFileSync(join(ROOT, "src/explain/mistake.rs"), "utf8");
  const codes = [...source.matchAll(/=> "([a-z_]+)",/g)].map(([, code]) => code);
  assert.ok(codes.length > 45);
  for (const code of codes) assert.ok(page.includes(`\`${code}\``), code);
  const { stdout } = await countersign(["--help"]);
  for (const [, name] of stdout.matchAll(/^ {2}([a-z]+) {2,}[A-Z]/gm)) {
    if (name !== "help") assert.ok(page.includes(`countersign ${name}`), name);
  }
});

// `make dev` as README tells it: what it prints is pasted into a shell, letter for letter.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { freePort } from "./harness/port.mjs";

const ROOT = new URL("../../", import.meta.url).pathname;
let dev, port;
let output = "";

/** Waits until the output holds `text`. */
async function printed(text, seconds) {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; ) {
    if (output.includes(text)) return;
    if (dev.exitCode !== null) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail(`make dev did not print ${JSON.stringify(text)}:\n${output}`);
}

before(async () => {
  port = await freePort();
  dev = spawn("make", ["dev"], { cwd: ROOT, detached: true, env: { ...process.env, PORT: String(port) } });
  for (const stream of [dev.stdout, dev.stderr]) stream.on("data", (data) => (output += data));
  await printed("Ctrl-C ends both.", 300);
});

after(async () => {
  const ended = new Promise((resolve) => dev.once("exit", resolve));
  process.kill(-dev.pid, "SIGINT");
  await ended;
});

/** The block of indented lines behind the line that holds `title`. */
const blockBehind = (text, title) => text.slice(text.indexOf(title)).match(/\n\n((?: {2}.*\n)+)/)[1];

/** Runs such a block of the output, as if pasted. */
function paste(title) {
  const block = blockBehind(output, title);
  const answer = execFileSync("bash", ["-c", `. ./.dev.vars\n${block.replace("curl -i", "curl -sSi")}`], { cwd: ROOT, encoding: "utf8" });
  const [head, body] = answer.split("\r\n\r\n");
  return { status: Number(head.split(" ")[1]), body: JSON.parse(body) };
}

test("the_signed_command_reaches_the_origin", async () => {
  const { status, body } = paste("A signed request.");
  assert.equal(status, 200);
  assert.equal(body.reached_the_origin, "POST /v1/infer");
  assert.equal(body["countersign-sender"], "django-app");
  assert.equal(body["countersign-scheme"], "x-hmac");
  assert.equal(body.body, '{"text":"hello"}');
  await printed(`"countersign-request-id":"${body["countersign-request-id"]}"`, 5);
});

test("readme_shows_the_signed_command_that_is_printed", () => {
  const lines = (block) => block.replaceAll(`:${port}/`, ":8787/").split("\n").map((line) => line.trim());
  const readme = readFileSync(`${ROOT}README.md`, "utf8");
  assert.deepEqual(lines(blockBehind(readme, "The signed one:")), lines(blockBehind(output, "A signed request.")));
});

test("the_forged_command_is_refused_and_the_origin_sees_nothing", async () => {
  const reached = output.split("origin: ").length;
  const { status, body } = paste("A forged one:");
  assert.equal(status, 401);
  assert.equal(body.code, "invalid_signature");
  await printed(body.request_id, 5);
  assert.equal(output.split("origin: ").length, reached);
});

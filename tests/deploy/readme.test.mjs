// README's senders, run letter for letter against the built Worker with the policy of
// wrangler.toml.

import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { send } from "../worker/harness/client.mjs";
import { startOrigin } from "../worker/harness/origin.mjs";
import { SECRET } from "../worker/harness/setup.mjs";
import { mac, now, xHmac, xHmacNonce } from "../worker/harness/sign.mjs";
import { startGate } from "../worker/harness/workerd.mjs";

const ROOT = new URL("../../", import.meta.url).pathname;
const readme = readFileSync(join(ROOT, "README.md"), "utf8");

/** The first block of README in this language. */
const block = (language) => readme.match(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, "m"))[1];

const policy = {
  senders: [{ id: "django-app", scheme: "x-hmac", secrets: ["DJANGO_APP_SECRET"] }],
  routes: [{ path: "/v1/infer", methods: ["POST"], senders: ["django-app"] }],
};
let gate, origin, folder;

before(async () => {
  origin = await startOrigin();
  gate = await startGate({ policy, secrets: { DJANGO_APP_SECRET: SECRET }, origin: origin.url });
  folder = mkdtempSync(join(tmpdir(), "countersign-readme-"));
});

after(async () => {
  await gate.stop();
  await origin.stop();
  rmSync(folder, { recursive: true });
});

function parseToml(input) {
  const parse = "import json, sys, tomllib; print(json.dumps(tomllib.loads(sys.stdin.read())))";
  return JSON.parse(execFileSync(process.env.PYTHON, ["-c", parse], { input, encoding: "utf8" }));
}

async function run(language, file, command) {
  const source = block(language);
  assert.ok(source.includes("https://api.example.com/v1/infer"));
  writeFileSync(join(folder, file), source.replace("https://api.example.com", gate.url));
  const seen = origin.received.length;
  await new Promise((resolve, reject) => {
    const env = { ...process.env, DJANGO_APP_SECRET: SECRET };
    execFile(command, [file], { cwd: folder, env }, (error) => (error ? reject(error) : resolve()));
  });
  assert.equal(origin.received.length, seen + 1);
  assert.equal(origin.received[seen].headers["countersign-sender"], "django-app");
  return origin.received[seen].body.toString("utf8");
}

test("the_python_sender", async () => {
  assert.equal(await run("python", "send.py", process.env.PYTHON), '{"text":"h\\u00e9llo"}');
});

test("the_javascript_sender", async () => {
  assert.equal(await run("js", "send.mjs", process.execPath), '{"text":"héllo"}');
});

test("the_shell_sender", async () => {
  writeFileSync(join(folder, "body.json"), '{"text": "from a file"}\n');
  assert.equal(await run("sh", "send.sh", "bash"), '{"text": "from a file"}\n');
});

test("the_scheme_of_ones_own", async (t) => {
  const [, toml] = readme.match(/^```toml\n(\[\[vars\.POLICY\.senders\]\]\nid = "gravitee"[^]*?)^```$/m);
  const { POLICY } = parseToml(toml).vars;
  POLICY.routes = [{ path: "/v1/infer", methods: ["POST"], senders: ["gravitee"] }];
  const own = await startGate({ policy: POLICY, secrets: { GRAVITEE_SECRET: SECRET }, origin: origin.url });
  t.after(() => own.stop());
  const body = Buffer.from("{}");
  const timestamp = String(now());
  const signature = createHmac("sha256", SECRET).update(`${timestamp}.`).update(body).digest("base64");
  const ask = (value) =>
    send(own.port, { target: "/v1/infer", headers: [["X-HMAC-Signature", value], ["X-HMAC-Timestamp", timestamp]], body });
  assert.equal((await ask(signature)).status, 200);
  assert.equal(origin.received.at(-1).headers["countersign-scheme"], "gravitee");
  assert.equal((await ask(Buffer.from(signature, "base64").toString("hex"))).status, 401);
});

test("the_sender_whose_requests_are_accepted_once", async (t) => {
  const [, toml] = readme.match(/### Accept a request once[^]*?^```toml\n([^]*?)^```$/m);
  const { POLICY } = parseToml(toml).vars;
  POLICY.routes = [{ path: "/v1/infer", methods: ["POST"], senders: ["django-app"] }];
  const secrets = { DJANGO_APP_SECRET: SECRET };
  const once = await startGate({ policy: POLICY, secrets, origin: origin.url, replay: true });
  t.after(() => once.stop());
  const body = Buffer.from("{}");
  const request = { target: "/v1/infer", headers: xHmacNonce(SECRET, body, "0123456789abcdef"), body };
  assert.equal((await send(once.port, request)).status, 200);
  assert.equal((await send(once.port, request)).status, 409);
});

test("the_seal", async (t) => {
  const [, toml] = readme.match(/### Seal what is forwarded[^]*?^```toml\n([^]*?)^```$/m);
  const secrets = { DJANGO_APP_SECRET: SECRET, SEAL_SECRET: "Wv5cE8xN2bQ7mA1zK4jT9gH6fS3dP0lR" };
  const sealing = await startGate({ policy: { ...policy, ...parseToml(toml).vars.POLICY }, secrets, origin: origin.url });
  t.after(() => sealing.stop());
  const body = Buffer.from("{}");
  assert.equal((await send(sealing.port, { target: "/v1/infer", headers: xHmac(SECRET, body), body })).status, 200);
  const { headers } = origin.received.at(-1);
  assert.equal(headers["x-hmac-signature"], mac(secrets.SEAL_SECRET, `${headers["x-hmac-timestamp"]}.`, body));
});

test("the_policy_of_readme_is_the_one_of_wrangler_toml", () => {
  const settings = readFileSync(join(ROOT, "wrangler.toml"), "utf8");
  const policyBlock = readme.match(/^```toml\n(\[\[vars\.POLICY\.senders\]\][^]*?)^```$/m)[1];
  assert.ok(settings.endsWith(policyBlock), "README shows the policy that is deployed");
});

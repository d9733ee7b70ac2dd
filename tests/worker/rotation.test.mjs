// README's recipe for a new secret, step by step, with a sender that never stops and the two
// versions of the Worker that a deployment leaves running side by side for a while.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { send } from "./harness/client.mjs";
import { startOrigin } from "./harness/origin.mjs";
import { now, xHmac } from "./harness/sign.mjs";
import { startGate } from "./harness/workerd.mjs";

const OLD = "kP2vX9mQ4sT7wZ1cF6hJ3nR8bL5dG0yA";
const NEW = "Wv5cE8xN2bQ7mA1zK4jT9gH6fS3dP0lR";
const BODY = Buffer.from('{"text":"hi"}');

const policy = (...secrets) => ({
  senders: [{ id: "django-app", scheme: "x-hmac", secrets }],
  routes: [{ path: "/v1/infer", methods: ["POST"], senders: ["django-app"] }],
});

const request = (gate, secret) =>
  send(gate.port, { target: "/v1/infer", headers: xHmac(secret, BODY), body: BODY });

/** The policy and the secrets after each step, and what senders sign with while it is taken. */
const STEPS = [
  { policy: policy("SECRET_OLD"), secrets: ["OLD"], senders: [OLD] },
  // 1. wrangler secret put: the Worker starts anew with a secret that no policy names.
  { policy: policy("SECRET_OLD"), secrets: ["OLD", "NEW"], senders: [OLD] },
  // 2. The policy names both.
  { policy: policy("SECRET_OLD", "SECRET_NEW"), secrets: ["OLD", "NEW"], senders: [OLD] },
  // 3. The senders change over, one by one.
  { policy: policy("SECRET_OLD", "SECRET_NEW"), secrets: ["OLD", "NEW"], senders: [OLD, NEW] },
  // 4. The log shows secret_index 1 only; the policy names the new one alone.
  { policy: policy("SECRET_NEW"), secrets: ["OLD", "NEW"], senders: [NEW] },
  // 5. wrangler secret delete.
  { policy: policy("SECRET_NEW"), secrets: ["NEW"], senders: [NEW] },
];
const VALUES = { OLD, NEW };

const start = (step, origin) =>
  startGate({
    policy: step.policy,
    secrets: Object.fromEntries(step.secrets.map((name) => [`SECRET_${name}`, VALUES[name]])),
    origin: origin.url,
  });

test("the_recipe_refuses_no_request", async (t) => {
  const origin = await startOrigin();
  t.after(() => origin.stop());
  let sent = 0;
  let current = await start(STEPS[0], origin);
  for (const [index, step] of STEPS.entries()) {
    const next = await start(step, origin);
    // While a deployment spreads, a request reaches the version before or the one after.
    const answers = [];
    for (const secret of step.senders) {
      for (const gate of [current, next]) for (let i = 0; i < 5; i += 1) answers.push(request(gate, secret));
    }
    sent += answers.length;
    for (const answer of await Promise.all(answers)) assert.equal(answer.status, 200, `step ${index}`);
    await current.stop();
    current = next;
  }
  await current.stop();
  assert.equal(origin.received.length, sent, "every request reached the origin");
});

test("the_log_says_which_secret_verified", async (t) => {
  const origin = await startOrigin();
  const gate = await start(STEPS[3], origin);
  t.after(async () => {
    await gate.stop();
    await origin.stop();
  });
  assert.equal((await request(gate, OLD)).status, 200);
  assert.equal((await request(gate, NEW)).status, 200);
  assert.equal((await request(gate, `${NEW}x`)).status, 401);
  assert.deepEqual(
    gate.log().map(({ code, sender, secret_index }) => [code, sender, secret_index]),
    [
      ["accepted", "django-app", 0],
      ["accepted", "django-app", 1],
      ["invalid_signature", null, null],
    ],
  );
  assert.ok(!gate.output.stdout.includes(OLD) && !gate.output.stdout.includes(NEW));
});

test("a_secret_ends_at_the_moment_the_policy_says", async (t) => {
  const origin = await startOrigin();
  const last = now() + 2;
  const gate = await startGate({
    policy: policy({ name: "SECRET_OLD", not_after: new Date(last * 1000).toISOString() }, "SECRET_NEW"),
    secrets: { SECRET_OLD: OLD, SECRET_NEW: NEW },
    origin: origin.url,
  });
  t.after(async () => {
    await gate.stop();
    await origin.stop();
  });
  assert.equal((await request(gate, OLD)).status, 200);
  while (now() <= last) await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal((await request(gate, OLD)).status, 401);
  assert.equal((await request(gate, NEW)).status, 200);
  assert.equal(origin.received.length, 2);
});

test("README_has_the_steps", () => {
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  const recipe = readme.match(/### Change a secret\n([^]*?)\n### /)[1];
  for (const step of ["1.", "2.", "3.", "4.", "5."]) assert.ok(recipe.includes(`\n${step} `));
  for (const command of ["wrangler secret put", "wrangler secret delete", "wrangler deploy"]) {
    assert.ok(recipe.includes(command), command);
  }
});

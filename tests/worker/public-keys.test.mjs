// Public keys, with which the runtime computes: what becomes of a request where it does so wrongly, late, not
// at all, or throws. That right and wrong signatures of every kind are told apart, tests/presets shows.

import assert from "node:assert/strict";
import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { after, before, test } from "node:test";
import { json, send } from "./harness/client.mjs";
import { startOrigin } from "./harness/origin.mjs";
import { SECRET } from "./harness/setup.mjs";
import { now, xHmac } from "./harness/sign.mjs";
import { startGate } from "./harness/workerd.mjs";

const pair = (kind, options = {}) => {
  const { publicKey, privateKey } = generateKeyPairSync(kind, options);
  return { der: publicKey.export({ format: "der", type: "spki" }), privateKey };
};
const ours = pair("ed25519");
const stranger = pair("ed25519");
const sendgrid = pair("ec", { namedCurve: "P-256" });

/** One digit of a point on P-256 changed: none is left on the curve beside it. */
const offTheCurve = () => {
  const der = Buffer.from(sendgrid.der);
  der[der.length - 1] ^= 1;
  return der.toString("base64");
};

const CUSTOM = {
  name: "own",
  algorithm: "ed25519",
  key: "hex",
  signature: "X-Signature",
  timestamp: { field: "X-Time" },
  signed: ["{timestamp}", ".", "{body}"],
};
const POLICY = {
  senders: [
    { id: "keys", scheme: CUSTOM, secrets: ["KEY"] },
    { id: "off", scheme: "sendgrid", secrets: ["OFF"] },
    { id: "hmac", scheme: "x-hmac", secrets: ["APP_SECRET"] },
  ],
  routes: [
    { path: "/keys", methods: ["POST"], senders: ["keys"] },
    { path: "/off", methods: ["POST"], senders: ["off"] },
    { path: "/hmac", methods: ["POST"], senders: ["hmac"] },
  ],
};
const SECRETS = { KEY: ours.der.toString("hex"), OFF: offTheCurve(), APP_SECRET: SECRET };

let origin;

before(async () => {
  origin = await startOrigin();
});

after(() => origin.stop());

/** A gate whose runtime has another function of that name, made of the real one. */
async function gateWith(t, name, replaced, more = {}) {
  const gate = await startGate({
    policy: POLICY,
    secrets: SECRETS,
    origin: origin.url,
    before: {
      "main.js": `import "./replace.js";\nimport gate, { ReplayStore } from "./index.js";\nexport { ReplayStore };\nexport default gate;`,
      "replace.js": `let calls = 0;
const real = crypto.subtle.${name}.bind(crypto.subtle);
crypto.subtle.${name} = (${replaced})(real, () => (calls += 1));`,
    },
    ...more,
  });
  t.after(() => gate.stop());
  return gate;
}

/** Status and code of a signed request; what the origin got is what was answered. */
async function ask(gate, { by = ours, body = randomBytes(20), sent = body, target = "/keys" } = {}) {
  const time = String(now());
  const signature = sign(null, Buffer.concat([Buffer.from(`${time}.`), body]), by.privateKey).toString("hex");
  const headers = target === "/hmac" ? xHmac(SECRET, body) : [["X-Signature", signature], ["X-Time", time]];
  const seen = origin.received.length;
  const answer = await send(gate.port, { target, headers, body: sent });
  assert.deepEqual(origin.received.slice(seen).map((request) => request.body), answer.status === 200 ? [sent] : []);
  return answer.status === 200 ? [200] : [answer.status, json(answer).code];
}

for (const bytes of [20, 5000, 300_000]) {
  test(`a_signature_over_a_body_of_${bytes}_bytes`, async (t) => {
    const gate = await gateWith(t, "verify", "(real) => real");
    const body = randomBytes(bytes);
    const sent = Buffer.from(body);
    sent[bytes >> 1] ^= 1;
    assert.deepEqual(await ask(gate, { body }), [200]);
    assert.deepEqual(await ask(gate, { body, sent }), [401, "invalid_signature"]);
    assert.deepEqual(await ask(gate, { body, by: stranger }), [401, "invalid_signature"]);
  });
}

test("a_runtime_that_does_not_answer_with_true_lets_nothing_through", async (t) => {
  for (const said of ["false", "1", "'true'", "undefined", "null", "({})", "[true]"]) {
    const gate = await gateWith(t, "verify", `() => async () => (${said})`);
    assert.deepEqual(await ask(gate), [401, "invalid_signature"], said);
  }
});

test("a_runtime_that_fails_costs_one_request", async (t) => {
  const fails = [
    "(real, count) => (...all) => { if (count() === 1) throw new Error('no verdict'); return real(...all); }",
    "(real, count) => async (...all) => { if (count() === 1) throw new Error('no verdict'); return real(...all); }",
    "(real, count) => async (...all) => { if (count() === 1) throw undefined; return real(...all); }",
  ];
  for (const replaced of fails) {
    for (const bytes of [20, 5000]) {
      const gate = await gateWith(t, "verify", replaced);
      const body = randomBytes(bytes);
      assert.deepEqual(await ask(gate, { body }), [500, "internal_error"]);
      assert.deepEqual(await ask(gate, { body }), [200]);
    }
  }
});

test("a_late_answer_is_waited_for_and_holds_nobody_up", async (t) => {
  const late = "(real, count) => async (...all) => { if (count() === 1) await scheduler.wait(1000); return real(...all); }";
  const gate = await gateWith(t, "verify", late);
  let isAnswered = false;
  const first = ask(gate, { body: Buffer.from("first") }).finally(() => (isAnswered = true));
  await new Promise((resolve) => setTimeout(resolve, 200));
  const seen = origin.received.length;
  const body = Buffer.from("meanwhile");
  const { status } = await send(gate.port, { target: "/hmac", headers: xHmac(SECRET, body), body });
  assert.deepEqual([status, isAnswered, origin.received.slice(seen).map((request) => request.body)], [200, false, [body]]);
  origin.received.splice(seen, 1);
  assert.deepEqual(await first, [200]);
});

test("no_answer_at_all_is_the_end_of_one_request", async (t) => {
  const never = "(real, count) => (...all) => (count() === 1 ? new Promise(() => {}) : real(...all))";
  const gate = await gateWith(t, "verify", never);
  const seen = origin.received.length;
  const time = String(now());
  const signature = sign(null, Buffer.from(`${time}.{}`), ours.privateKey).toString("hex");
  const headers = [["X-Signature", signature], ["X-Time", time]];
  // The runtime sees that nothing can ever come.
  const answer = await send(gate.port, { target: "/keys", headers, body: "{}" });
  assert.equal(answer.status, 500);
  assert.equal(origin.received.length, seen);
  assert.deepEqual(await ask(gate), [200]);
});

test("a_key_that_the_runtime_does_not_take_stops_its_sender", async (t) => {
  const gate = await gateWith(t, "verify", "(real) => real");
  const time = String(now());
  const body = Buffer.from("{}");
  const signature = sign("sha256", Buffer.concat([Buffer.from(time), body]), sendgrid.privateKey).toString("base64");
  const headers = [["X-Twilio-Email-Event-Webhook-Signature", signature], ["X-Twilio-Email-Event-Webhook-Timestamp", time]];
  const seen = origin.received.length;
  const answer = await send(gate.port, { target: "/off", headers, body });
  assert.deepEqual([answer.status, json(answer).code, origin.received.length], [503, "misconfigured", seen]);
  assert.deepEqual(await ask(gate), [200]);
  assert.deepEqual(await ask(gate, { target: "/hmac" }), [200]);
});

test("a_key_is_imported_once_and_again_where_that_failed", async (t) => {
  const fails = "(real, count) => async (...all) => { const call = count(); console.log(JSON.stringify({ call })); if (call === 1) throw new Error('not now'); return real(...all); }";
  const gate = await gateWith(t, "importKey", fails);
  assert.deepEqual(await ask(gate), [503, "misconfigured"]);
  for (let n = 0; n < 3; n += 1) assert.deepEqual(await ask(gate), [200]);
  assert.deepEqual(gate.log().flatMap(({ call }) => call ?? []), [1, 2]);
});

test("a_seal_that_cannot_be_made_forwards_nothing", async (t) => {
  const { privateKey } = generateKeyPairSync("ed25519");
  const more = {
    policy: { ...POLICY, seal: { scheme: "rfc9421-ed25519", secret: "SEAL" } },
    secrets: { ...SECRETS, SEAL: privateKey.export({ format: "pem", type: "pkcs8" }) },
  };
  for (const failing of ["throw new Error('no key')", "return new ArrayBuffer(63)", "return new ArrayBuffer(0)", "return 'x'.repeat(64)"]) {
    const gate = await gateWith(t, "sign", `(real, count) => async (...all) => { if (count() === 1) { ${failing} } return real(...all); }`, more);
    assert.deepEqual(await ask(gate, { target: "/hmac" }), [500, "internal_error"], failing);
    assert.deepEqual(await ask(gate, { target: "/hmac" }), [200]);
  }
});

// Bodies that the runtime hashes and bodies that the core hashes: the same answers, whoever does.

import assert from "node:assert/strict";
import { createHash, createHmac, randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import { json, send } from "./harness/client.mjs";
import { startOrigin } from "./harness/origin.mjs";
import { now, xHmac } from "./harness/sign.mjs";
import { startGate } from "./harness/workerd.mjs";

const SECRETS = {
  OLD: "kP2vX9mQ4sT7wZ1cF6hJ3nR8bL5dG0yA",
  NEW: "Wv5cE8xN2bQ7mA1zK4jT9gH6fS3dP0lR",
  OTHER: "qJ8rT2yU6iO0pA4sD7fG1hK5lZ9xC3vB",
  GITHUB: "mN4bV7cX1zL0kJ3hG6fD9sA2pO5iU8yT",
  MESSAGE: "tR5eW2qY8uI1oP4aS7dF0gH3jK6lZ9xC",
  SLACK: "hJ6kL2zX8cV4bN0mQ7wE3rT9yU5iO1pA",
  HUBSPOT: "nB3vC7xZ1lK5jH9gF2dS6aP0oI4uY8tR",
  CONTENTFUL: randomBytes(32).toString("hex"),
};
const policy = {
  senders: [
    { id: "rotating", scheme: "x-hmac", secrets: ["OLD", "NEW"] },
    { id: "other", scheme: "x-hmac", secrets: ["OTHER"] },
    { id: "github", scheme: "github", secrets: ["GITHUB"], replay: { by: "signature", retention: 3600 } },
    { id: "message", scheme: "rfc9421-hmac-sha256", secrets: ["MESSAGE"] },
    { id: "slack", scheme: "slack", secrets: ["SLACK"], handshake: true },
    { id: "hubspot", scheme: "hubspot-v1", secrets: ["HUBSPOT"] },
    { id: "contentful", scheme: "contentful", secrets: ["CONTENTFUL"], replay: "signature" },
  ],
  routes: [
    { path: "/v1/infer", methods: ["POST"], senders: ["rotating", "other"] },
    { path: "/open", methods: ["POST"], access: "public" },
    { path: "/github", methods: ["POST"], senders: ["github"] },
    { path: "/message", methods: ["POST"], senders: ["message"] },
    { path: "/slack", methods: ["POST"], senders: ["slack"] },
    { path: "/hubspot", methods: ["POST"], senders: ["hubspot"] },
    { path: "/contentful", methods: ["POST"], senders: ["contentful"] },
  ],
};

/** Counts how bodies are decided about and what the runtime hashes, and tells at `/ways`. */
const COUNTING = {
  "main.js": `import { ways } from "./count.js";
import gate, { ReplayStore } from "./index.js";
export { ReplayStore };
export default {
  async fetch(request, ...rest) {
    return request.url.endsWith("/ways") ? Response.json(ways) : gate.fetch(request, ...rest);
  },
};`,
  "count.js": `export const ways = { begin: 0, finish: 0, finish_held: 0, digest: 0, createHash: 0, bytes: 0 };
const { Instance } = WebAssembly;
const counting = (way, real) => (...all) => { ways[way] += 1; return real(...all); };
const counted = (table) => Object.fromEntries(Object.entries(table).map(([name, it]) => {
  const [, way] = name.match(/^(?:__wbg_)?(begin|finish_held|finish|bytes)(?:_[0-9a-f]{16})?$/) ?? [];
  return [name, way === undefined ? it : counting(way, it)];
}));
WebAssembly.Instance = class {
  constructor(module, imports) {
    imports["./index_bg.js"] = counted(imports["./index_bg.js"]);
    this.exports = counted(new Instance(module, imports).exports);
  }
};
crypto.subtle.digest = counting("digest", crypto.subtle.digest.bind(crypto.subtle));
const { createHash } = process.getBuiltinModule("node:crypto");
process.getBuiltinModule = () => ({ createHash: createHash && counting("createHash", createHash) });`,
};

/** Bytes of body from which it is hashed piece by piece. */
const PIECES_FROM = 262_144;

const gates = {};
let origin;

before(async () => {
  origin = await startOrigin();
  for (const [name, hashFrom] of [["runtime", 0], ["core", 1e9]]) {
    gates[name] = await startGate({ policy, secrets: SECRETS, origin: origin.url, replay: true, before: COUNTING, hashFrom });
  }
});

after(async () => {
  for (const gate of Object.values(gates)) await gate.stop();
  await origin.stop();
});

const ways = async (gate) => (await fetch(`${gate.url}/ways`)).json();

/** What is asked of a gate, and how often it went each of the ways meanwhile, in the order of `COUNTING`. */
async function counted(gate, action) {
  const was = await ways(gate);
  const answer = await action();
  const is = await ways(gate);
  return { answer, went: Object.keys(is).map((way) => is[way] - was[way]) };
}

/** What a gate makes of a request, without what differs from one to the next. */
async function ask(gate, request) {
  const seen = origin.received.length;
  const answer = await send(gate.port, request);
  const { request_id, skew_seconds, ...line } = gate.log().at(-1);
  const forwarded = origin.received.slice(seen).map(({ target, body, headers }) => [target, body.toString("hex"), headers["countersign-sender"]]);
  const code = forwarded.length > 0 ? undefined : json(answer).code;
  return { status: answer.status, code, line, forwarded };
}

/**
 * Asks both, checks that they went different ways, and gives the answer they agree in. The runtime makes so
 * many hashes, and the bytes stay where they are.
 */
async function both(request, hashes) {
  const answers = [];
  const made = (request.body?.length ?? 0) < PIECES_FROM ? [hashes, 0] : [0, hashes];
  for (const [name, gate] of Object.entries(gates)) {
    const { answer, went } = await counted(gate, () => ask(gate, request));
    answers.push(answer);
    assert.deepEqual(went, name === "runtime" ? [1, 0, 1, ...made, 0] : [1, 1, 0, 0, 0, 0], name);
  }
  assert.deepEqual(answers[0], answers[1]);
  return answers[0];
}

const infer = (secret, body, sent = body, more = []) =>
  both({ target: "/v1/infer", headers: [...xHmac(secret, body), ...more], body: sent }, 3);

for (const bytes of [1, 63, 64, 3071, 3072, 100_000, PIECES_FROM - 1, PIECES_FROM, 1_048_576]) {
  test(`every_secret_verifies_a_body_of_${bytes}_bytes`, async () => {
    const body = randomBytes(bytes);
    for (const [secret, sender, index] of [["OLD", "rotating", 0], ["NEW", "rotating", 1], ["OTHER", "other", 0]]) {
      const { status, line, forwarded } = await infer(SECRETS[secret], body);
      assert.deepEqual([status, line.sender, line.secret_index, line.body_bytes], [200, sender, index, bytes]);
      assert.deepEqual(forwarded, [["/v1/infer", body.toString("hex"), sender]]);
    }
  });

  test(`row_01_a_body_of_${bytes}_bytes_that_was_changed_is_refused`, async () => {
    const body = randomBytes(bytes);
    const changed = Buffer.from(body);
    changed[bytes >> 1] ^= 1;
    for (const [sent, secret] of [[changed, SECRETS.NEW], [body, SECRETS.GITHUB], [Buffer.concat([body, Buffer.alloc(1)]).subarray(1), SECRETS.OLD]]) {
      const { status, code, line, forwarded } = await infer(secret, body, sent);
      assert.deepEqual([status, code, line.sender, forwarded], [401, "invalid_signature", null, []]);
    }
  });
}

test("a_signature_of_another_time_is_refused", async () => {
  const body = randomBytes(5000);
  const [[name, signature]] = xHmac(SECRETS.OLD, body, now() - 1);
  const { status, code } = await both({ target: "/v1/infer", headers: [[name, signature], ["X-HMAC-Timestamp", String(now())]], body }, 3);
  assert.deepEqual([status, code], [401, "invalid_signature"]);
});

test("an_empty_body_is_refused_after_its_signature", async () => {
  assert.equal((await infer(SECRETS.OLD, Buffer.alloc(0))).code, "body_required");
  assert.equal((await infer(SECRETS.GITHUB, Buffer.alloc(0))).code, "invalid_signature");
});

test("a_public_body_is_not_hashed_and_not_copied", async () => {
  const body = randomBytes(5000);
  const { status, line } = await both({ target: "/open", body }, 0);
  assert.deepEqual([status, line.code, line.body_bytes], [200, "public", 5000]);
});

test("row_16_a_claim_is_the_same_whoever_hashes", async () => {
  const body = randomBytes(5000);
  const headers = [["X-Hub-Signature-256", `sha256=${createHmac("sha256", SECRETS.GITHUB).update(body).digest("hex")}`]];
  assert.equal((await both({ target: "/github", headers, body }, 2)).status, 200);
  assert.equal((await both({ target: "/github", headers, body }, 2)).code, "replayed");
});

test("row_44_a_body_behind_what_contentful_signs_of_the_head", async () => {
  const body = randomBytes(5000);
  const [list, time] = ["x-contentful-signed-headers,x-contentful-timestamp", `${now()}000`];
  const start = `POST\n/contentful\nx-contentful-signed-headers:${list};x-contentful-timestamp:${time}\n`;
  const signature = createHmac("sha256", SECRETS.CONTENTFUL).update(start).update(body).digest("hex");
  const headers = [["x-contentful-signature", signature], ["x-contentful-signed-headers", list], ["x-contentful-timestamp", time]];
  const request = (sent, hashes) => both({ target: "/contentful", headers, body: sent }, hashes);
  assert.equal((await request(randomBytes(5000), 1)).code, "invalid_signature");
  const { status, forwarded } = await request(body, 2);
  assert.deepEqual([status, forwarded], [200, [["/contentful", body.toString("hex"), "contentful"]]]);
  assert.equal((await request(body, 2)).code, "replayed");
});

test("a_body_that_a_message_signature_covers", async () => {
  const body = randomBytes(5000);
  const digest = (hash, bytes) => createHash(hash).update(bytes).digest("base64");
  const request = (field, sent, hashes) => {
    const covered = `("@method" "@authority" "@path" "@query" "content-digest");created=${now()};keyid="k"`;
    const base = `"@method": POST\n"@authority": gate.test\n"@path": /message\n"@query": ?\n"content-digest": ${field}\n"@signature-params": ${covered}`;
    const signature = createHmac("sha256", SECRETS.MESSAGE).update(base).digest("base64");
    const headers = [["Content-Digest", field], ["Signature-Input", `a=${covered}`], ["Signature", `a=:${signature}:`]];
    return both({ target: "/message", headers, body: sent }, hashes);
  };
  const field = `sha-256=:${digest("sha256", body)}:, sha-512=:${digest("sha512", body)}:`;
  assert.equal((await request(field, body, 2)).status, 200);
  assert.equal((await request(field, randomBytes(5000), 1)).code, "invalid_signature");
  const half = `sha-256=:${digest("sha256", body)}:, sha-512=:${digest("sha512", "")}:`;
  assert.equal((await request(half, body, 2)).code, "invalid_signature");
});

for (const [bytes, way] of [[100, "finish"], [4000, "finish_held"]]) {
  test(`a_request_that_was_forgotten_begins_anew_with_${bytes}_bytes`, async (t) => {
    const gate = await startGate({ policy, secrets: SECRETS, origin: origin.url, replay: true, before: COUNTING });
    t.after(() => gate.stop());
    const body = randomBytes(bytes);
    // More bytes of heads than the core keeps while bodies are on the way.
    const long = ["X-Long", "x".repeat(15_000)];
    const requests = Array.from({ length: 350 }, (_, index) => {
      const secret = index % 2 ? SECRETS.OLD : SECRETS.GITHUB;
      return send(gate.port, { target: "/v1/infer", headers: [long, ...xHmac(secret, body)], body, pause: 5000 });
    });
    const answers = await Promise.all(requests);
    assert.deepEqual(answers.map(({ status }) => status), requests.map((_, index) => (index % 2 ? 200 : 401)));
    const { begin, [way]: finished } = await ways(gate);
    assert.ok(begin > 350, "some had to begin anew");
    assert.equal(finished, 350 + (begin - 350), "each of them asked twice");
  });
}

/** A runtime whose own hashes are replaced, each as a function of the real one, before the gate uses them. */
const replacing = ({ digest = "(real) => real", createHash = "(real) => real" }) => ({
  ...COUNTING,
  "main.js": `import "./replace.js";\n${COUNTING["main.js"]}`,
  "replace.js": `let calls = 0;
const count = () => (calls += 1);
crypto.subtle.digest = (${digest})(crypto.subtle.digest.bind(crypto.subtle), count);
const node = process.getBuiltinModule("node:crypto");
process.getBuiltinModule = () => ({ createHash: (${createHash})(node.createHash, count) });`,
});

async function gateWith(t, replaced) {
  const gate = await startGate({ policy, secrets: SECRETS, origin: origin.url, replay: true, before: replacing(replaced) });
  t.after(() => gate.stop());
  return gate;
}

/** Asks for an inference with a body of so many random bytes; what the origin got is what was answered. */
async function inferWith(gate, bytes) {
  const body = randomBytes(bytes);
  const seen = origin.received.length;
  const answer = await send(gate.port, { target: "/v1/infer", headers: xHmac(SECRETS.NEW, body), body });
  const forwarded = origin.received.slice(seen).map((request) => request.body);
  assert.deepEqual(forwarded, answer.status === 200 ? [body] : []);
  return [answer.status, json(answer)?.code];
}

test("without_node_crypto_webcrypto_hashes_long_bodies_too", async (t) => {
  const gate = await gateWith(t, { createHash: "() => undefined" });
  assert.equal((await inferWith(gate, PIECES_FROM))[0], 200);
  const { digest, createHash } = await ways(gate);
  assert.deepEqual([digest, createHash], [3, 0]);
});

test("without_node_crypto_a_long_body_is_put_together_once_at_a_time", async (t) => {
  const digest = `(real) => async (...all) => {
    console.log(JSON.stringify({ open: (globalThis.open = (globalThis.open ?? 0) + 1) }));
    await scheduler.wait(20);
    globalThis.open -= 1;
    return real(...all);
  }`;
  const gate = await gateWith(t, { digest, createHash: "() => undefined" });
  assert.equal((await inferWith(gate, PIECES_FROM))[0], 200);
  assert.deepEqual(gate.log().flatMap(({ open }) => open ?? []), [1, 1, 1]);
});

test("the_bytes_cross_where_they_are_needed", async () => {
  const body = Buffer.from(JSON.stringify({ type: "url_verification", challenge: "c".repeat(5000) }));
  const timestamp = String(now());
  const signature = createHmac("sha256", SECRETS.SLACK).update(`v0:${timestamp}:`).update(body).digest("hex");
  const headers = [["X-Slack-Signature", `v0=${signature}`], ["X-Slack-Request-Timestamp", timestamp]];
  const { answer, went } = await counted(gates.runtime, () => send(gates.runtime.port, { target: "/slack", headers, body }));
  assert.deepEqual(went, [1, 0, 1, 1, 0, 1]);
  assert.equal(answer.status, 200);
  assert.ok(json(answer).challenge === "c".repeat(5000));
  const forged = { target: "/slack", headers, body: Buffer.concat([body, Buffer.from(" ")]) };
  const refused = await counted(gates.runtime, () => send(gates.runtime.port, forged));
  assert.equal(json(refused.answer).code, "invalid_signature");
  assert.deepEqual(refused.went, [1, 0, 1, 1, 0, 0], "nothing crosses that is not proven");
});

/** Both ways of the runtime with one digest in place of the right one. */
const hashingTo = (digest) => [
  [5000, { digest: `(real) => async (name) => ${digest}` }],
  [PIECES_FROM, { createHash: `(real) => (name) => ({ update() { return this; }, digest: () => ${digest} })` }],
];

test("row_01_a_runtime_that_hashes_wrongly_lets_nothing_through", async (t) => {
  const ofNothing = [
    [5000, { digest: "(real) => (name) => real(name, new Uint8Array())" }],
    [PIECES_FROM, { createHash: "(real) => (name) => ({ update() { return this; }, digest: () => real(name).digest() })" }],
  ];
  for (const [bytes, replaced] of [...hashingTo("new Uint8Array(32)"), ...ofNothing]) {
    assert.deepEqual(await inferWith(await gateWith(t, replaced), bytes), [401, "invalid_signature"]);
  }
});

/** Where no MAC is made, the digest is what is compared: zeros in its place would be a signature. */
test("row_01_what_is_no_digest_is_not_filled_up_with_zeros", async (t) => {
  const none = ["new Uint8Array(0)", "new Uint8Array(31)", "new ArrayBuffer(33)", "new Uint8Array(300)", "32", "({})", "[...new Uint8Array(32)]"];
  // `createHash` gives its digest at once.
  const late = hashingTo("Promise.resolve(new Uint8Array(32))").slice(1);
  for (const [bytes, replaced] of [...none.flatMap(hashingTo), ...late]) {
    const body = randomBytes(bytes);
    const request = { target: "/hubspot", headers: [["X-HubSpot-Signature", "0".repeat(64)]], body };
    const answer = await send((await gateWith(t, replaced)).port, request);
    assert.deepEqual([answer.status, json(answer).code], [500, "internal_error"], JSON.stringify(replaced));
  }
});

test("a_runtime_that_fails_to_hash_is_an_internal_error_and_the_next_request_is_answered", async (t) => {
  for (const [bytes, replaced] of [
    [5000, { digest: "(real, count) => async (...all) => { if (count() <= 3) throw new Error('no hash'); return real(...all); }" }],
    [5000, { digest: "(real, count) => (...all) => { if (count() <= 3) throw new Error('no hash'); return real(...all); }" }],
    [5000, { digest: "(real, count) => async (...all) => (count() <= 3 ? undefined : real(...all))" }],
    [PIECES_FROM, { createHash: "(real, count) => (name) => { if (count() <= 3) throw new Error('no hash'); return real(name); }" }],
    [PIECES_FROM, { createHash: "(real, count) => (name) => (count() <= 3 ? { update() { return this; }, digest: () => new Uint8Array(33) } : real(name))" }],
  ]) {
    const gate = await gateWith(t, replaced);
    assert.deepEqual(await inferWith(gate, bytes), [500, "internal_error"]);
    assert.equal((await inferWith(gate, bytes))[0], 200);
  }
});

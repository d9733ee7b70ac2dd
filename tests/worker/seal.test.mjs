// The seal, as a real origin receives it and checks it with Node's own crypto.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { json, send } from "./harness/client.mjs";
import { assertMessageSeal } from "./harness/message-seal.mjs";
import { SECRET, policyWith, setUp as setUpBoth } from "./harness/setup.mjs";
import { mac, now, xHmac, xHmacNonce } from "./harness/sign.mjs";

const NEXT_SECRET = "Zq3tB6yM9pL1sD4vG7kX0wC2nF5hJ8rE";
const SEAL = "Wv5cE8xN2bQ7mA1zK4jT9gH6fS3dP0lR";
const BODY = Buffer.from('{"text":"\0\xff\xfe"}\r\n', "latin1");
const X_HMAC_SEAL = { scheme: "x-hmac", secret: "SEAL_SECRET" };

function setUp(t, { sender, secrets, route, seal = X_HMAC_SEAL, ...settings } = {}) {
  const policy = { ...policyWith({ allow_empty_body: true, ...route }), seal };
  Object.assign(policy.senders[0], sender);
  secrets ??= { APP_SECRET: SECRET, NEXT_SECRET, SEAL_SECRET: SEAL };
  return setUpBoth(t, { policy, secrets, ...settings });
}

const ask = (gate, headers, body = BODY, target = "/v1/infer") => send(gate.port, { target, headers, body });

/** The values of each field that stands for a seal, in whatever spelling. */
const sealFields = (received) =>
  ["signature", "timestamp"].map((part) =>
    received.pairs.filter(([name]) => name.replaceAll("_", "-") === `x-hmac-${part}`).map(([, value]) => value),
  );

function assertSealed(received, from) {
  const [signatures, timestamps] = sealFields(received);
  assert.equal(signatures.length, 1);
  assert.equal(timestamps.length, 1);
  assert.match(timestamps[0], /^[1-9][0-9]{9}$/);
  assert.ok(from <= Number(timestamps[0]) && Number(timestamps[0]) <= now(), "the gate's clock");
  assert.equal(signatures[0], mac(SEAL, `${timestamps[0]}.`, received.body));
}

test("row_33_the_origin_gets_one_seal_over_the_bytes_it_receives", async (t) => {
  const { gate, origin } = await setUp(t);
  for (const body of [BODY, Buffer.alloc(0), Buffer.alloc(300_000, "é")]) {
    const from = now();
    // Signed at another time, so that the seal's own is told from it.
    assert.equal((await ask(gate, xHmac(SECRET, body, from - 30), body)).status, 200);
    const received = origin.received.at(-1);
    assert.deepEqual(received.body, body);
    assertSealed(received, from);
    assert.equal(received.headers["countersign-sender"], "django-app");
  }
});

test("row_33_fields_of_a_seal_that_a_peer_sends_are_dropped", async (t) => {
  const { gate, origin } = await setUp(t, { sender: { scheme: "github" } });
  const from = now();
  const forged = xHmac(NEXT_SECRET, BODY).map(([name, value]) => [name.toUpperCase(), value]);
  const headers = [
    ...forged,
    ...forged.map(([name, value]) => [name.replaceAll("-", "_"), value]),
    ...forged.map(([name, value]) => [name.toLowerCase(), value]),
    ["Connection", "X-HMAC-Signature, X-HMAC-Timestamp"],
    ["X-Hub-Signature-256", `sha256=${mac(SECRET, BODY)}`],
  ];
  assert.equal((await ask(gate, headers)).status, 200);
  assertSealed(origin.received[0], from);
});

test("a_sender_with_a_nonce_is_sealed_like_any_other", async (t) => {
  const { gate, origin } = await setUp(t, { sender: { scheme: "x-hmac-nonce", replay: "nonce" }, replay: true });
  const from = now();
  const headers = xHmacNonce(SECRET, BODY, "0123456789abcdef", from - 30);
  assert.equal((await ask(gate, headers)).status, 200);
  assert.equal((await ask(gate, headers)).status, 409);
  assert.equal(origin.received.length, 1);
  assertSealed(origin.received[0], from);
});

test("either_secret_of_a_sender_leads_to_the_same_seal", async (t) => {
  const { gate, origin } = await setUp(t, { sender: { secrets: ["APP_SECRET", "NEXT_SECRET"] } });
  for (const secret of [SECRET, NEXT_SECRET]) {
    const from = now();
    assert.equal((await ask(gate, xHmac(secret, BODY))).status, 200);
    assertSealed(origin.received.at(-1), from);
  }
});

test("row_33_a_public_route_is_not_sealed", async (t) => {
  const { gate, origin } = await setUp(t);
  assert.equal((await ask(gate, xHmac(SEAL, BODY), BODY, "/open/x")).status, 200);
  assert.deepEqual(sealFields(origin.received[0]), [[], []]);
  assert.deepEqual(origin.received[0].body, BODY);
});

test("row_33_a_request_that_carries_a_seal_is_refused_at_the_edge", async (t) => {
  const { gate, origin } = await setUp(t);
  assert.equal((await ask(gate, xHmac(SECRET, BODY))).status, 200);
  const [[signature], [timestamp]] = sealFields(origin.received[0]);
  const headers = [["X-HMAC-Signature", signature], ["X-HMAC-Timestamp", timestamp]];
  assert.equal((await ask(gate, headers)).status, 401);
  assert.equal(origin.received.length, 1);
});

test("row_20_a_gate_that_cannot_seal_forwards_nothing", async (t) => {
  for (const [SEAL_SECRET, reason] of [
    [undefined, /^seal\.secret: is not set/],
    ["", /^seal\.secret: the secret is empty$/],
    [SEAL.slice(1), /^seal\.secret: the secret's key has fewer than 32 bytes$/],
    [SECRET, /^seal\.secret: another sender or name has this key/],
  ]) {
    const secrets = { APP_SECRET: SECRET, ...(SEAL_SECRET !== undefined && { SEAL_SECRET }) };
    const { gate, origin } = await setUp(t, { secrets });
    for (const target of ["/v1/infer", "/open/x"]) {
      const answer = await ask(gate, xHmac(SECRET, BODY), BODY, target);
      assert.equal(answer.status, 503);
      assert.equal(json(answer).code, "misconfigured");
      assert.doesNotMatch(answer.body.toString(), /seal/i);
    }
    assert.equal(origin.received.length, 0);
    assert.match(gate.log()[0].errors[0], reason);
  }
});

test("row_30_no_seal_stands_in_an_answer_or_in_the_log", async (t) => {
  const { gate, origin } = await setUp(t);
  const answer = await ask(gate, xHmac(SECRET, BODY));
  const [[signature]] = sealFields(origin.received[0]);
  for (const text of [JSON.stringify(answer.pairs), answer.body.toString(), gate.output.stdout, gate.output.stderr]) {
    assert.ok(!text.includes(signature) && !text.includes(SEAL));
  }
});

const byHmac = (base, signature) => createHmac("sha256", SEAL).update(base).digest().equals(signature);

test("row_05_a_message_signature_seals_method_host_target_body_and_sender_as_the_origin_sees_them", async (t) => {
  const { gate, origin } = await setUp(t, {
    seal: { scheme: "rfc9421-hmac-sha256", secret: "SEAL_SECRET" },
    route: { methods: ["GET", "POST"] },
  });
  const spoofed = [
    ["Signature-Input", `countersign=("@method");created=${now()};keyid="countersign";tag="countersign-seal"`],
    ["Signature", "countersign=:AAAA:"],
    ["Content-Digest", "sha-256=:AAAA:"],
    ["Countersign-Sender", "root"],
  ];
  for (const target of ["/v1/infer", "/v1/infer?", "/v1/infer?a=1&b=%2F%27", "/v1/infer?q='|^`{}[]\\~%C3%A9%z", "/v1/infer?q='#f"]) {
    for (const [method, body] of [["POST", BODY], ["POST", Buffer.alloc(70_000, "é")], ["GET", Buffer.alloc(0)]]) {
      const from = now();
      const headers = [...spoofed, ...xHmac(SECRET, body, from - 30)];
      const answer = await send(gate.port, { method, target, headers, body });
      assert.equal(answer.status, 200, `${method} ${target}: ${answer.body}`);
      const received = origin.received.at(-1);
      assert.equal(received.headers["countersign-sender"], "django-app");
      assertMessageSeal(received, from, byHmac);
    }
  }
});

test("row_33_a_public_route_has_no_message_seal", async (t) => {
  const { gate, origin } = await setUp(t, { seal: { scheme: "rfc9421-hmac-sha256", secret: "SEAL_SECRET" } });
  const headers = [["Signature-Input", "sig1=()"], ["Signature", "sig1=:AAAA:"], ["signature_input", "x"]];
  assert.equal((await ask(gate, headers, BODY, "/open/x")).status, 200);
  const names = origin.received[0].pairs.map(([name]) => name.replaceAll("_", "-"));
  assert.ok(!names.some((name) => name === "signature" || name === "signature-input"), names);
});

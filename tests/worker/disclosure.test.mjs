// What answers and logs say, and what they never say.

import assert from "node:assert/strict";
import { test } from "node:test";
import { send } from "./harness/client.mjs";
import { SECRET, sendSigned, setUp } from "./harness/setup.mjs";
import { mac, now, xHmac } from "./harness/sign.mjs";

const BODY = Buffer.from('{"card":"4242 4242 4242 4242"}');
const STRANGER = "Wv5cE8xN2bQ7mA1zK4jT9gH6fS3dP0lR";

const withoutId = (answer) => answer.body.toString().replace(/"request_id":"[^"]+"/, "");

test("row_31_every_wrong_signature_gets_the_same_bytes", async (t) => {
  const { gate } = await setUp(t);
  const timestamp = ["X-HMAC-Timestamp", String(now())];
  const good = mac(SECRET, `${timestamp[1]}.`, BODY);
  const wrong = [
    xHmac(STRANGER, BODY),
    xHmac(SECRET, Buffer.from("another body")),
    [["X-HMAC-Signature", "not a signature"], timestamp],
    [["X-HMAC-Signature", good.toUpperCase()], timestamp],
    [["X-HMAC-Signature", good], ["X-HMAC-Signature", good], timestamp],
    [["X-HMAC-Signature", good], timestamp, timestamp],
  ];
  const answers = [];
  for (const headers of wrong) answers.push(await send(gate.port, { target: "/v1/infer", headers, body: BODY }));
  for (const answer of answers) {
    assert.equal(answer.status, 401);
    assert.deepEqual(answer.pairs, answers[0].pairs);
    assert.equal(withoutId(answer), withoutId(answers[0]));
  }
});

test("row_30_no_secret_mac_or_body_in_answers_or_log", async (t) => {
  const { gate, origin } = await setUp(t);
  const expected = mac(SECRET, `${now()}.`, BODY);
  const forged = mac(STRANGER, `${now()}.`, BODY);
  const seen = [];
  for (const headers of [
    xHmac(SECRET, BODY),
    xHmac(STRANGER, BODY),
    xHmac(SECRET, BODY, now() - 1000),
    [["X-HMAC-Signature", "attacker's text"], ["X-HMAC-Timestamp", "attacker's text"]],
    [],
  ]) {
    const answer = await send(gate.port, { target: "/v1/infer?attackers=text", headers, body: BODY });
    if (answer.status !== 200) seen.push(JSON.stringify(answer.pairs), answer.body.toString());
  }
  assert.equal(origin.received.length, 1);
  seen.push(gate.output.stdout, gate.output.stderr);
  for (const text of seen) {
    for (const hidden of [SECRET, STRANGER, "4242", "attacker"]) assert.ok(!text.includes(hidden), text);
    assert.doesNotMatch(text, /[0-9a-f]{64}/);
    for (const tag of [expected, forged]) assert.ok(!text.includes(tag.slice(0, 16)), text);
  }
});

test("one_line_of_json_for_each_decision", async (t) => {
  const { gate } = await setUp(t);
  await sendSigned(gate, BODY);
  await send(gate.port, { target: "/v1/infer", headers: xHmac(SECRET, BODY, now() - 100), body: BODY });
  await send(gate.port, { method: "GET", target: "/nowhere" });
  const [accepted, stale, nowhere] = gate.log();
  const { request_id: id, skew_seconds: skew, ...rest } = accepted;
  assert.match(id, /^[0-9a-f-]{36}$/);
  assert.ok(skew === 0 || skew === 1);
  assert.deepEqual(rest, {
    code: "accepted",
    status: 200,
    sender: "django-app",
    secret_index: 0,
    scheme: "x-hmac",
    route: "/v1/{name}",
    body_bytes: BODY.length,
  });
  assert.equal(stale.code, "stale_timestamp");
  assert.ok(stale.skew_seconds === 100 || stale.skew_seconds === 101);
  assert.deepEqual([stale.sender, stale.body_bytes], [null, null]);
  assert.deepEqual([nowhere.code, nowhere.route, nowhere.scheme], ["no_route", null, null]);
  assert.equal(gate.log().length, 3);
  assert.equal(gate.output.stderr, "");
});

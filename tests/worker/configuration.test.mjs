// A gate with something wrong in its environment lets nothing through, and says why in its log
// only.

import assert from "node:assert/strict";
import { test } from "node:test";
import { json, send } from "./harness/client.mjs";
import { policyWith, SECRET, sendSigned, setUp } from "./harness/setup.mjs";
import { xHmac } from "./harness/sign.mjs";

const BODY = Buffer.from('{"text":"hi"}');
const OTHER = "Wv5cE8xN2bQ7mA1zK4jT9gH6fS3dP0lR";

/** Everything is 503, on every route and path, and the log has these errors. */
async function assertClosed(t, settings, errors) {
  const { gate, origin } = await setUp(t, settings);
  const answers = [
    await sendSigned(gate, BODY),
    await send(gate.port, { method: "GET", target: "/open/x" }),
    await send(gate.port, { method: "GET", target: "/nowhere" }),
  ];
  for (const answer of answers) {
    assert.equal(answer.status, 503);
    assert.deepEqual(Object.keys(json(answer)), ["type", "title", "status", "detail", "code", "request_id"]);
    assert.equal(json(answer).code, "misconfigured");
    assert.equal(json(answer).detail, "The request cannot be verified at present");
  }
  assert.equal(origin.received.length, 0);
  for (const line of gate.log()) assert.deepEqual(line.errors, errors);
  assert.equal(gate.log().length, 3);
}

test("without_a_policy_everything_is_refused", (t) =>
  assertClosed(t, { policy: undefined }, ["POLICY: is required"]));

test("row_36_a_misspelt_field_refuses_everything", (t) =>
  assertClosed(t, { route: { max_bodi: 100 } }, ["routes[0].max_bodi: no such field exists"]));

test("row_36_a_truth_value_as_text_refuses_everything", (t) =>
  assertClosed(t, { route: { allow_empty_body: "true" } }, [
    "routes[0].allow_empty_body: must be true or false, not a string",
  ]));

test("a_scheme_that_was_not_built_in_refuses_everything", (t) => {
  const policy = policyWith();
  policy.senders[0].scheme = "discord";
  return assertClosed(t, { policy }, [
    "senders[0].scheme: this build has no ed25519: `make build` adds it where wrangler.toml names the scheme",
  ]);
});

test("row_37_there_is_no_report_only_mode", (t) =>
  assertClosed(t, { route: { report_only: true } }, ["routes[0].report_only: no such field exists"]));

test("row_20_an_empty_secret_refuses_everything", (t) =>
  assertClosed(t, { secrets: { APP_SECRET: "" } }, ["senders[0].secrets[0] of django-app: the secret is empty"]));

test("row_20_a_short_secret_refuses_everything", (t) =>
  assertClosed(t, { secrets: { APP_SECRET: SECRET.slice(1) } }, [
    "senders[0].secrets[0] of django-app: the secret has fewer than 32 bytes",
  ]));

test("row_20_a_sample_secret_refuses_everything", (t) =>
  assertClosed(t, { secrets: { APP_SECRET: "super-secret-key-from-env-0123456789" } }, [
    "senders[0].secrets[0] of django-app: the secret is, or holds, a sample from a document",
  ]));

test("row_24_a_secret_in_two_schemes_refuses_everything", (t) => {
  const policy = policyWith();
  policy.senders.push({ id: "nonce-app", scheme: "x-hmac-nonce", secrets: ["OTHER_SECRET"] });
  policy.routes.push({ path: "/once", methods: ["POST"], senders: ["nonce-app"] });
  return assertClosed(t, { policy, secrets: { APP_SECRET: SECRET, OTHER_SECRET: SECRET } }, [
    "senders[1].secrets[0] of nonce-app: another sender or name has this secret; each needs its own",
  ]);
});

test("a_broken_origin_refuses_everything", (t) =>
  assertClosed(t, { origin: "https://origin.example.com/path" }, [
    'ORIGIN: must be http:// or https://, a host, perhaps a port, and nothing behind it; or "route"',
  ]));

test("an_origin_of_another_type_refuses_everything", (t) =>
  assertClosed(t, { originJson: ["https://origin.example.com"] }, [
    'ORIGIN: must be http:// or https://, a host, perhaps a port, and nothing behind it; or "route"',
  ]));

test("row_49_without_a_word_on_where_requests_go_everything_is_refused", (t) =>
  assertClosed(t, { origin: undefined }, [
    'ORIGIN: is required: where verified requests go, or "route" for the origin of the Cloudflare route that they came by',
  ]));

for (const hosts of [[], "gate.test", ["gate.test/"], [7]]) {
  test(`row_49_hosts_of_${JSON.stringify(hosts)}_refuse_everything`, (t) =>
    assertClosed(t, { hosts }, ['HOSTS: must be a list of hosts, such as ["api.example.com"]']));
}

test("a_policy_of_json_text_works_too", async (t) => {
  const { gate } = await setUp(t, { policy: JSON.stringify(policyWith()) });
  assert.equal((await sendSigned(gate, BODY)).status, 200);
});

test("a_policy_of_text_that_is_no_json_refuses_everything", (t) =>
  assertClosed(t, { policy: '{"senders":' }, ["policy: not JSON at line 1, column 11"]));

test("row_20_a_missing_secret_refuses_its_own_sender_only", async (t) => {
  const policy = policyWith();
  policy.senders.push({ id: "other", scheme: "x-hmac", secrets: ["OTHER_SECRET"] });
  policy.routes.push(
    { path: "/other", methods: ["POST"], senders: ["other"] },
    { path: "/shared", methods: ["POST"], senders: ["django-app", "other"] },
  );
  const { gate, origin } = await setUp(t, { policy });
  const ask = async (target, secret) => {
    const answer = await send(gate.port, { target, headers: xHmac(secret, BODY), body: BODY });
    return [answer.status, answer.status === 200 ? "accepted" : json(answer).code];
  };
  assert.deepEqual(await ask("/v1/infer", SECRET), [200, "accepted"]);
  assert.deepEqual(await ask("/v1/infer", OTHER), [401, "invalid_signature"]);
  assert.deepEqual(await ask("/other", OTHER), [503, "misconfigured"]);
  assert.deepEqual(gate.log().at(-1).errors, [
    "senders[1].secrets[0] of other: the Worker has no such secret; its sender is refused with 503",
  ]);
  // Where several may call, the one that has its secret passes; of any other request nobody can
  // say that it is forged.
  assert.deepEqual(await ask("/shared", SECRET), [200, "accepted"]);
  assert.deepEqual(await ask("/shared", OTHER), [503, "misconfigured"]);
  assert.equal((await send(gate.port, { target: "/shared", body: BODY })).status, 401);
  assert.equal((await send(gate.port, { method: "GET", target: "/open/x" })).status, 200);
  assert.equal(origin.received.length, 3);
});

// A gate with something wrong in its environment lets nothing through, and says why in its log
// only.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
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

test("row_37_there_is_no_report_only_mode", (t) =>
  assertClosed(t, { route: { report_only: true } }, ["routes[0].report_only: no such field exists"]));

/** The sender that a broken secret stops, another beside it, and a route that both may call. */
const twoSenders = (scheme = "x-hmac") => {
  const policy = policyWith();
  policy.senders.push({ id: "other", scheme, secrets: ["OTHER_SECRET"] });
  policy.routes.push({ path: "/other", methods: ["POST"], senders: ["other"] });
  if (scheme === "x-hmac") {
    policy.routes.push({ path: "/shared", methods: ["POST"], senders: ["django-app", "other"] });
  }
  return policy;
};

test("row_47_a_broken_secret_refuses_its_own_sender_only", async (t) => {
  for (const [broken, reason] of [
    ["", "the secret is empty"],
    [OTHER.slice(1), "the secret's key has fewer than 32 bytes"],
    [`${OTHER}\n`, "the secret starts or ends with white space"],
    [` ${OTHER}`, "the secret starts or ends with white space"],
    ["ab".repeat(32), "the secret repeats itself or has too few different bytes"],
    ["super-secret-key-from-env-0123456789", "the secret is, or holds, a sample from a document"],
    ["correct-horse-battery-staple", "the secret is, or holds, a sample from a document"],
    [
      "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==",
      "the secret is, or holds, a sample from a document",
    ],
  ]) {
    const { gate, origin } = await setUp(t, {
      policy: twoSenders(),
      secrets: { APP_SECRET: SECRET, OTHER_SECRET: broken },
    });
    const ask = async (target, secret) => {
      const answer = await send(gate.port, { target, headers: xHmac(secret, BODY), body: BODY });
      return [answer.status, answer.status === 200 ? "accepted" : json(answer).code];
    };
    const key = broken.trim() || "x";
    assert.deepEqual(await ask("/other", key), [503, "misconfigured"]);
    assert.deepEqual(await ask("/other", broken || "x"), [503, "misconfigured"]);
    assert.deepEqual(await ask("/shared", key), [503, "misconfigured"]);
    assert.equal(origin.received.length, 0);
    assert.deepEqual(gate.log().at(-1).errors, [`senders[1].secrets[0] of other: ${reason}`]);
    if (broken.trim() !== "") assert.ok(!gate.output.stdout.includes(broken.trim()), "no value in the log");
    assert.deepEqual(await ask("/v1/infer", SECRET), [200, "accepted"]);
    assert.deepEqual(await ask("/shared", SECRET), [200, "accepted"]);
    assert.equal((await send(gate.port, { method: "GET", target: "/open/x" })).status, 200);
    assert.equal(origin.received.length, 3);
  }
});

test("row_47_a_key_that_two_senders_share_stops_both_and_no_third", async (t) => {
  const policy = twoSenders("adyen-platforms");
  policy.senders.push({ id: "third", scheme: "x-hmac-nonce", secrets: ["THIRD_SECRET"] });
  policy.routes.push({ path: "/third", methods: ["POST"], senders: ["third"] });
  // The bytes of the one secret are the digits of the other.
  const digits = Buffer.from(SECRET).toString("hex").toUpperCase();
  const secrets = { APP_SECRET: SECRET, OTHER_SECRET: digits, THIRD_SECRET: OTHER };
  const { gate, origin } = await setUp(t, { policy, secrets });
  const hmac = createHmac("sha256", SECRET).update(BODY).digest("base64");
  const asAdyen = { target: "/other", headers: [["HmacSignature", hmac]], body: BODY };
  for (const answer of [await sendSigned(gate, BODY), await send(gate.port, asAdyen)]) {
    assert.deepEqual([answer.status, json(answer).code], [503, "misconfigured"]);
  }
  const shared = "another sender or name has this key; each needs its own";
  assert.deepEqual(gate.log().at(-1).errors, [
    `senders[0].secrets[0] of django-app: ${shared}`,
    `senders[1].secrets[0] of other: ${shared}`,
  ]);
  assert.ok(!gate.output.stdout.includes(SECRET) && !gate.output.stdout.includes(digits));
  assert.equal(origin.received.length, 0);
  const nonce = "0123456789abcdef";
  const time = String(Math.floor(Date.now() / 1000));
  const signature = createHmac("sha256", OTHER).update(`${time}.${nonce}.`).update(BODY).digest("hex");
  const headers = [["X-HMAC-Timestamp", time], ["X-HMAC-Nonce", nonce], ["X-HMAC-Signature", signature]];
  assert.equal((await send(gate.port, { target: "/third", headers, body: BODY })).status, 200);
  assert.equal((await send(gate.port, { method: "GET", target: "/open/x" })).status, 200);
});

test("row_47_an_eight_byte_key_of_sixteen_digits_is_too_short", async (t) => {
  const secrets = { APP_SECRET: SECRET, OTHER_SECRET: "7f3a9c1b5d2e8f4a" };
  const { gate, origin } = await setUp(t, { policy: twoSenders("adyen-platforms"), secrets });
  const hmac = createHmac("sha256", Buffer.from(secrets.OTHER_SECRET, "hex")).update(BODY).digest("base64");
  const answer = await send(gate.port, { target: "/other", headers: [["HmacSignature", hmac]], body: BODY });
  assert.deepEqual([answer.status, json(answer).code], [503, "misconfigured"]);
  assert.deepEqual(gate.log().at(-1).errors, [
    "senders[1].secrets[0] of other: the secret's key has fewer than 16 bytes",
  ]);
  assert.equal(origin.received.length, 0);
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
    "senders[1].secrets[0] of other: is not set; its sender is refused with 503",
  ]);
  // Where several may call, the one that has its secret passes; of any other request nobody can
  // say that it is forged.
  assert.deepEqual(await ask("/shared", SECRET), [200, "accepted"]);
  assert.deepEqual(await ask("/shared", OTHER), [503, "misconfigured"]);
  assert.equal((await send(gate.port, { target: "/shared", body: BODY })).status, 401);
  assert.equal((await send(gate.port, { method: "GET", target: "/open/x" })).status, 200);
  assert.equal(origin.received.length, 3);
});

test("a_secret_in_place_of_its_name_refuses_everything_and_is_not_logged", async (t) => {
  const policy = policyWith();
  policy.senders[0].secrets = ["d6a1f0c97e2b4583a9d0c6e1f7b24e8d"];
  const { gate, origin } = await setUp(t, { policy });
  assert.equal((await sendSigned(gate, BODY)).status, 503);
  assert.match(gate.log().at(-1).errors[0], /^senders\[0\]\.secrets\[0\]: looks like a secret itself/);
  assert.ok(!gate.output.stdout.includes(policy.senders[0].secrets[0]));
  assert.equal(origin.received.length, 0);
});

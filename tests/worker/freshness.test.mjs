// Requests that are held back with a slow body, by the runtime's own clock. All wait at once: a minute.

import assert from "node:assert/strict";
import { test } from "node:test";
import { json, send } from "./harness/client.mjs";
import { SECRET, policyWith, setUp } from "./harness/setup.mjs";
import { xHmac } from "./harness/sign.mjs";

const BODY = Buffer.from('{"text":"hi"}');
const OTHER = "Wv5cE8xN2bQ7mA1zK4jT9gH6fS3dP0lR";
/** Milliseconds: within the minute that a body may take, and behind it. */
const IN_TIME = 55_000;
const LATE = 64_000;

test("row_42_a_request_that_is_held_back_is_not_forwarded", async (t) => {
  const policy = policyWith({ body_timeout: 120 });
  policy.senders[0].tolerance = 1;
  const not_after = new Date(Date.now() + 1000).toISOString().replace(/\.\d+/, "");
  policy.senders.push({ id: "ends", scheme: "x-hmac", tolerance: 300, secrets: [{ name: "OTHER_SECRET", not_after }] });
  policy.routes[1].body_timeout = 120;
  policy.routes.push({ path: "/ends", methods: ["POST"], senders: ["ends"], body_timeout: 120 });
  const { gate, origin } = await setUp(t, { policy, secrets: { APP_SECRET: SECRET, OTHER_SECRET: OTHER } });
  const signed = { target: "/v1/infer", headers: xHmac(SECRET, BODY) };
  const ends = { target: "/ends", headers: xHmac(OTHER, BODY) };
  const codeOf = async (request) => {
    const answer = await send(gate.port, { idle: 2 * LATE, ...request });
    return answer.status === 200 ? "passed" : `${answer.status} ${json(answer).code}`;
  };
  const codes = await Promise.all([
    codeOf({ ...signed, body: BODY, pause: IN_TIME }),
    codeOf({ ...signed, body: BODY, pause: LATE }),
    codeOf({ ...signed, chunks: [BODY], pause: LATE }),
    codeOf({ ...ends, body: BODY, pause: IN_TIME }),
    codeOf({ ...ends, body: BODY, pause: LATE }),
    codeOf({ target: "/open/late", body: BODY, pause: LATE }),
  ]);
  const stale = "401 stale_timestamp";
  assert.deepEqual(codes, ["passed", stale, stale, "passed", "401 invalid_signature", "passed"]);
  assert.deepEqual(origin.received.map(({ target }) => target).sort(), ["/ends", "/open/late", "/v1/infer"]);
});

// Every case of tests/cases/ that a client can send, sent to the built Worker: the exact answer, and
// that the origin received exactly what was sent, or nothing at all.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { read } from "../cases/read.mjs";
import { json, send } from "./harness/client.mjs";
import { startOrigin } from "./harness/origin.mjs";
import { all, cases, policy, resolve, secrets, withinOneSecond } from "./harness/requests.mjs";
import { startGate } from "./harness/workerd.mjs";

let gate, origin;

before(async () => {
  origin = await startOrigin();
  gate = await startGate({ policy, secrets, origin: origin.url });
});

after(async () => {
  await gate.stop();
  await origin.stop();
});

test("node_signs_every_case_as_python_did", () => {
  const resolved = read("resolved.json");
  const made = all.map((one) => {
    const { body = Buffer.alloc(0), ...request } = resolve(one, resolved.now);
    return { name: one.name, ...request, body_hex: body.toString("hex"), expect: one.expect };
  });
  assert.deepEqual(made, resolved.cases);
});

for (const one of cases) {
  test(one.name, async () => {
    const { expect } = one;
    const seen = origin.received.length;
    const logged = gate.log().length;
    let request;
    const answer = await withinOneSecond((now) => {
      request = resolve(one, now);
      // What the head alone shows is answered although the body never comes.
      const { body } = request;
      return send(gate.port, expect.head_only && body?.length > 0 ? { ...request, body: Buffer.alloc(0), declare: body.length } : request);
    });
    assert.equal(answer.status, expect.status, answer.body.toString());
    const line = gate.log()[logged];
    assert.equal(line.code, expect.code);
    assert.equal(line.status, expect.status);
    assert.equal(line.sender, expect.sender ?? expect.verified_sender ?? null);
    if (expect.code === "accepted" || expect.code === "public") {
      assert.equal(origin.received.length, seen + 1);
      assertForwarded(origin.received[seen], request, expect, line);
    } else {
      assert.equal(origin.received.length, seen, "the origin received nothing");
      assertProblem(answer, expect, line);
    }
  });
}

function assertForwarded(received, request, expect, line) {
  assert.equal(received.method, request.method);
  assert.equal(received.target, request.target);
  assert.deepEqual(received.body, request.body ?? Buffer.alloc(0));
  const sender = received.pairs.filter(([name]) => name.startsWith("countersign"));
  const set = [["countersign-request-id", line.request_id]];
  if (expect.sender) {
    const scheme = expect.sender === "nonce-app" ? "x-hmac-nonce" : "x-hmac";
    set.push(["countersign-scheme", scheme], ["countersign-sender", expect.sender]);
  }
  assert.deepEqual(sender.sort(), set);
}

function assertProblem(answer, expect, line) {
  assert.equal(answer.headers["content-type"], "application/problem+json");
  assert.equal(answer.headers["cache-control"], "no-store");
  assert.equal("www-authenticate" in answer.headers, expect.status === 401);
  assert.equal(answer.headers.allow, expect.allow);
  assert.equal(answer.headers["accept-encoding"], expect.status === 415 ? "identity" : undefined);
  const problem = json(answer);
  assert.equal(problem.type, `urn:countersign:problem:${expect.code}`);
  assert.equal(problem.code, expect.code);
  assert.equal(problem.status, expect.status);
  assert.equal(problem.reason, expect.reason);
  assert.equal(problem.request_id, line.request_id);
  const details = {
    missing_signature: "Missing HMAC headers",
    stale_timestamp: "Request timestamp too old",
    invalid_signature: "Invalid HMAC signature",
  };
  if (expect.code in details) assert.equal(problem.detail, details[expect.code]);
  if (expect.code === "stale_timestamp") assert.ok(Math.abs(problem.server_time - Date.now() / 1000) < 5);
}

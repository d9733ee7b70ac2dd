// Bodies: their limits, and that none is ever forwarded in part.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { json, send } from "./harness/client.mjs";
import { policyWith, SECRET, sendSigned, setUp } from "./harness/setup.mjs";
import { xHmac } from "./harness/sign.mjs";

const MIB = 1024 * 1024;

const sendChunks = (gate, signed, chunks, more = {}) =>
  send(gate.port, { target: "/v1/infer", headers: xHmac(SECRET, signed), chunks, ...more });

test("row_07_chunked_body_of_exactly_the_limit_passes", async (t) => {
  const { gate, origin } = await setUp(t, { route: { max_body: 100 } });
  const body = randomBytes(100);
  const answer = await sendChunks(gate, body, [body.subarray(0, 1), body.subarray(1, 60), body.subarray(60)]);
  assert.equal(answer.status, 200);
  assert.deepEqual(origin.received[0].body, body);
});

test("row_07_chunked_body_of_a_byte_more_is_refused_whole", async (t) => {
  const { gate, origin } = await setUp(t, { route: { max_body: 100 } });
  const body = randomBytes(101);
  for (const chunks of [[body], [body.subarray(0, 100), body.subarray(100)]]) {
    const answer = await sendChunks(gate, body, chunks);
    assert.equal(answer.status, 413);
    assert.equal(json(answer).code, "body_too_large");
  }
  // The start that fits the limit, signed as if it were the whole.
  assert.equal((await sendChunks(gate, body.subarray(0, 100), [body])).status, 413);
  assert.equal(origin.received.length, 0);
});

test("row_07_an_endless_body_is_refused_while_it_is_still_coming", async (t) => {
  const { gate, origin } = await setUp(t, { route: { max_body: 1000 } });
  const chunks = Array.from({ length: 4 }, () => Buffer.alloc(500));
  // `cut` leaves out the end: only the length can be why it is refused.
  const answer = await sendChunks(gate, Buffer.alloc(2000), chunks, { cut: "never" });
  assert.equal(answer.status, 413);
  assert.equal(origin.received.length, 0);
});

test("a_body_cut_short_is_not_forwarded", async (t) => {
  const { gate, origin } = await setUp(t);
  const body = randomBytes(50);
  await sendChunks(gate, body, [body], { cut: true });
  await sendSigned(gate, body, { declare: 80, cut: true });
  // The signature of what did arrive does not help: it was not the whole.
  await send(gate.port, { target: "/v1/infer", headers: xHmac(SECRET, body.subarray(0, 20)), chunks: [body.subarray(0, 20)], cut: true });
  assert.equal((await sendSigned(gate, body)).status, 200);
  assert.equal(origin.received.length, 1);
  assert.ok(gate.log().slice(0, -1).every((line) => line.code === "body_incomplete"));
});

test("a_request_is_as_old_as_its_head_while_its_body_is_on_the_way", async (t) => {
  const policy = policyWith();
  policy.senders[0].tolerance = 1;
  const { gate, origin } = await setUp(t, { policy });
  const body = randomBytes(50);
  assert.equal((await sendSigned(gate, body, { pause: 2500 })).status, 200);
  assert.deepEqual(origin.received[0].body, body);
});

test("empty_bodies_pass_in_every_form_where_allowed", async (t) => {
  const { gate, origin } = await setUp(t, { route: { allow_empty_body: true } });
  const empty = Buffer.alloc(0);
  assert.equal((await sendSigned(gate, empty)).status, 200);
  assert.equal((await sendChunks(gate, empty, [])).status, 200);
  assert.equal((await send(gate.port, { target: "/v1/infer", headers: xHmac(SECRET, empty) })).status, 200);
  assert.deepEqual(origin.received.map(({ body }) => body.length), [0, 0, 0]);
});

test("the_default_limit_is_one_mebibyte", async (t) => {
  const { gate, origin } = await setUp(t);
  const body = randomBytes(MIB);
  assert.equal((await sendSigned(gate, body)).status, 200);
  assert.deepEqual(origin.received[0].body, body);
  assert.equal((await sendSigned(gate, Buffer.alloc(0), { declare: MIB + 1 })).status, 413);
  assert.equal(origin.received.length, 1);
});

test("the_largest_limit_works", async (t) => {
  const { gate, origin } = await setUp(t, { route: { max_body: 32 * MIB } });
  const body = randomBytes(32 * MIB);
  assert.equal((await sendSigned(gate, body)).status, 200);
  assert.ok(origin.received[0].body.equals(body));
  body[MIB] ^= 1;
  assert.equal((await send(gate.port, { target: "/v1/infer", headers: [...Object.entries(origin.received[0].headers).filter(([name]) => name.startsWith("x-hmac"))], body })).status, 401);
  assert.equal(origin.received.length, 1);
});

test("row_07_a_declared_length_that_is_none_is_refused", async (t) => {
  const { gate, origin } = await setUp(t);
  for (const declare of ["-1", "1e3", "99999999999999999999999", "0x10", "5, 5"]) {
    const answer = await sendSigned(gate, Buffer.from("hello"), { declare });
    assert.ok([0, 400, 413].includes(answer.status), `${declare}: ${answer.status}`);
  }
  assert.equal(origin.received.length, 0);
});

test("row_07_public_routes_have_a_limit_too", async (t) => {
  const { gate, origin } = await setUp(t);
  const body = Buffer.alloc(MIB);
  assert.equal((await send(gate.port, { target: "/open/x", body: Buffer.alloc(0), declare: MIB + 1 })).status, 413);
  assert.equal((await send(gate.port, { target: "/open/x", chunks: [body, Buffer.alloc(1)] })).status, 413);
  assert.equal((await send(gate.port, { target: "/open/x", body })).status, 200);
  assert.deepEqual(origin.received.map((received) => received.body.length), [MIB]);
});

/** What a process has used so far: seconds of CPU time, and its largest size in MB. */
async function used(pid) {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  // The fields 14 and 15 of proc(5), in hundredths; the name before them may hold spaces.
  const [user, system] = (await readFile(`/proc/${pid}/stat`, "utf8")).split(") ")[1].split(" ").slice(11, 13);
  return { cpu: (Number(user) + Number(system)) / 100, megabytes: Number(status.match(/^VmHWM:\s+(\d+) kB$/m)[1]) / 1000 };
}

const TINY = 65_536;

for (const [kind, target] of [["signed", "/v1/infer"], ["public", "/open/x"]]) {
  const skip = process.platform !== "linux" && "what a process uses is read from /proc";
  test(`row_38_tiny_chunks_cost_no_more_than_one_body_on_a_${kind}_route`, { skip }, async (t) => {
    const body = randomBytes(TINY);
    const headers = kind === "signed" ? xHmac(SECRET, body) : [];
    const costOf = async (request) => {
      const { gate, origin } = await setUp(t);
      // What the process takes anyway, once.
      assert.equal((await send(gate.port, { target, headers, body })).status, 200);
      const before = await used(gate.pid);
      assert.equal((await send(gate.port, { target, headers, ...request })).status, 200);
      const after = await used(gate.pid);
      assert.ok(origin.received[1].body.equals(body));
      return { cpu: after.cpu - before.cpu, megabytes: after.megabytes };
    };
    const whole = await costOf({ body });
    const tiny = await costOf({ chunks: Array.from(body, (byte) => Buffer.of(byte)) });
    t.diagnostic(`a body of ${TINY} bytes: ${whole.megabytes} MB; in chunks of a byte: ${tiny.megabytes} MB, ${tiny.cpu} s of CPU time`);
    assert.ok(tiny.megabytes - whole.megabytes < 20, `${tiny.megabytes} MB beside ${whole.megabytes} MB`);
    assert.ok(tiny.cpu < 1, `${tiny.cpu} s`);
  });
}

test("chunked_bodies_of_every_size_arrive_whole", async (t) => {
  const { gate, origin } = await setUp(t);
  // Around the sizes at which a buffer is full.
  for (const size of [0, 1, 16_383, 16_384, 16_385, 32_768, 32_769, 65_537, MIB - 1, MIB]) {
    const body = randomBytes(size);
    const answer = await send(gate.port, { target: "/open/x", chunks: size ? [body.subarray(0, size >> 1), body.subarray(size >> 1)].filter((chunk) => chunk.length) : [] });
    assert.equal(answer.status, 200, `${size}`);
    assert.ok(origin.received.at(-1).body.equals(body), `${size}`);
  }
});

test("row_43_a_body_that_does_not_come_in_time_is_refused", async (t) => {
  const policy = policyWith({ body_timeout: 1 });
  policy.routes[1].body_timeout = 1;
  policy.routes.push({ path: "/slow/{name}", methods: ["POST"], senders: ["django-app"], body_timeout: 5 });
  const { gate, origin } = await setUp(t, { policy });
  const body = randomBytes(50);
  const signed = xHmac(SECRET, body);
  const slow = { pause: 2000 };
  const stalled = { cut: "never" };
  const requests = [
    { target: "/v1/infer", headers: signed, body, ...slow },
    { target: "/v1/infer", headers: signed, chunks: [body], ...slow },
    { target: "/v1/infer", headers: signed, chunks: [body], ...stalled },
    { target: "/v1/infer", headers: signed, body: body.subarray(0, 49), declare: 50, ...stalled },
    { target: "/open/x", body, ...slow },
    { target: "/open/x", chunks: [body], ...stalled },
  ];
  for (const answer of await Promise.all(requests.map((request) => send(gate.port, request)))) {
    assert.equal(answer.status, 408);
    assert.equal(answer.headers["content-type"], "application/problem+json");
    const { request_id, ...problem } = json(answer);
    assert.deepEqual(problem, {
      type: "urn:countersign:problem:body_timeout",
      title: "Body timed out",
      status: 408,
      detail: "The body did not arrive in time",
      code: "body_timeout",
    });
  }
  assert.equal(origin.received.length, 0);
  assert.equal((await send(gate.port, { target: "/slow/x", headers: signed, body, ...slow })).status, 200);
  assert.deepEqual(origin.received.map((received) => received.target), ["/slow/x"]);
});

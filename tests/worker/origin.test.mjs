// Origins that are down, slow, hasty or broken.

import assert from "node:assert/strict";
import { createServer } from "node:net";
import { test } from "node:test";
import { json } from "./harness/client.mjs";
import { startOrigin } from "./harness/origin.mjs";
import { sendSigned, setUp } from "./harness/setup.mjs";

const BODY = Buffer.from('{"text":"hi"}');

/** An origin that handles its connections by hand. */
async function startRawOrigin(t, handle) {
  const sockets = new Set();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    handle(socket);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    sockets.forEach((socket) => socket.destroy());
    server.close();
  });
  return `http://127.0.0.1:${server.address().port}`;
}

function assertRefused(gate, answer, status, code) {
  assert.equal(answer.status, status, answer.body.toString());
  assert.equal(json(answer).code, code);
  assert.equal(answer.headers["content-type"], "application/problem+json");
  const line = gate.log().at(-1);
  assert.equal(line.code, code);
  assert.equal(line.status, status);
  assert.equal(line.sender, "django-app", "it was verified before");
}

test("an_origin_that_is_down_is_502_and_a_retry_passes", async (t) => {
  const { gate, origin } = await setUp(t);
  const { port } = origin;
  await origin.stop();
  assertRefused(gate, await sendSigned(gate, BODY), 502, "origin_unreachable");
  const back = await startOrigin({ port });
  t.after(() => back.stop());
  assert.equal((await sendSigned(gate, BODY)).status, 200);
  assert.equal(back.received.length, 1);
});

test("an_origin_that_does_not_answer_in_time_is_504", async (t) => {
  const { gate, origin } = await setUp(t, {
    route: { origin_timeout: 1 },
    answer: ({ target }) => target.includes("slow"),
  });
  const started = Date.now();
  assertRefused(gate, await sendSigned(gate, BODY, { target: "/v1/slow" }), 504, "origin_timeout");
  const waited = Date.now() - started;
  assert.ok(waited >= 1000 && waited < 5000, `${waited} ms`);
  assert.equal((await sendSigned(gate, BODY)).status, 200);
  assert.equal(origin.received.length, 2);
});

test("an_answer_that_has_begun_in_time_may_take_longer", async (t) => {
  const { gate } = await setUp(t, {
    route: { origin_timeout: 1 },
    answer: (received, response) => {
      response.writeHead(200);
      response.write("begin");
      setTimeout(() => response.end(" end"), 1800);
      return true;
    },
  });
  const answer = await sendSigned(gate, BODY);
  assert.equal(answer.status, 200);
  assert.equal(answer.body.toString(), "begin end");
});

test("an_origin_that_answers_before_it_has_read_the_body_is_survived", async (t) => {
  const body = Buffer.alloc(1024 * 1024, 7);
  const { gate } = await setUp(t, {
    answer: ({ target }, response, request) => {
      if (!target.includes("hasty")) return false;
      response.writeHead(429, { "content-type": "text/plain" });
      response.end("not now");
      request.socket.end();
      return true;
    },
  });
  for (let i = 0; i < 5; i += 1) {
    const hasty = await sendSigned(gate, body, { target: "/v1/hasty" });
    assert.ok([429, 502].includes(hasty.status), String(hasty.status));
    if (hasty.status === 502) assert.equal(json(hasty).code, "origin_unreachable");
  }
  // A connection the origin has closed may still cost one request, but not the gate.
  const after = [await sendSigned(gate, BODY), await sendSigned(gate, BODY), await sendSigned(gate, BODY)];
  assert.deepEqual(after.slice(1).map(({ status }) => status), [200, 200]);
});

test("an_origin_that_closes_in_mid_body_is_survived", async (t) => {
  const url = await startRawOrigin(t, (socket) => socket.once("data", () => socket.destroy()));
  const { gate } = await setUp(t, { origin: url });
  for (let i = 0; i < 3; i += 1) {
    assertRefused(gate, await sendSigned(gate, Buffer.alloc(1024 * 1024, 7)), 502, "origin_unreachable");
  }
});

test("an_origin_that_breaks_off_its_answer_is_passed_on_as_broken", async (t) => {
  const url = await startRawOrigin(t, (socket) =>
    socket.once("data", () => {
      socket.end("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this");
    }),
  );
  const { gate } = await setUp(t, { origin: url });
  const answer = await sendSigned(gate, BODY).catch(() => null);
  assert.ok(answer === null || answer.body.length < 100);
  assert.equal((await sendSigned(gate, Buffer.from("x"), { target: "/nowhere" })).status, 404, "the gate goes on");
});

test("an_origin_that_speaks_no_http_is_502", async (t) => {
  const url = await startRawOrigin(t, (socket) => socket.once("data", () => socket.end("SSH-2.0-OpenSSH_9.9\r\n")));
  const { gate } = await setUp(t, { origin: url });
  assertRefused(gate, await sendSigned(gate, BODY), 502, "origin_unreachable");
});

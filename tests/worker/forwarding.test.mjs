// What the origin gets, and that what it answers comes back as it is.

import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { json, send } from "./harness/client.mjs";
import { startOrigin } from "./harness/origin.mjs";
import { SECRET, policyWith, sendSigned, setUp } from "./harness/setup.mjs";

const BODY = Buffer.from('{"text":"hi"}');
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const FORGED = [
  ["Countersign-Sender", "root"],
  ["countersign_sender", "root"],
  ["COUNTERSIGN-SCHEME", "none"],
  ["Countersign_Request-Id", "1"],
  ["Countersign-Anything", "1"],
  ["Countersign-Request-Id", "chosen-by-the-client"],
  ["Countersign.Sender", "root"],
  ["Countersign!Sender", "root"],
];

/** A gate that reads every field, since a message signature may cover any. */
function readsAll() {
  const { senders, routes } = policyWith();
  const any = { id: "any", scheme: "rfc9421-hmac-sha256", secrets: ["ANY_SECRET"] };
  const route = { path: "/any", methods: ["POST"], senders: ["any"] };
  const secrets = { APP_SECRET: SECRET, ANY_SECRET: `${SECRET}${SECRET.toLowerCase()}` };
  return { policy: { senders: [...senders, any], routes: [...routes, route] }, secrets };
}

/** The gate asks for fields by name where its policy reads a few, and lists them where it reads all. */
function testBothWays(name, run) {
  test(name, (t) => run(t, {}));
  test(`${name}_where_all_are_read`, (t) => run(t, readsAll()));
}

const identity = (received) => received.pairs.filter(([name]) => /^countersign/i.test(name)).sort();

testBothWays("row_26_identity_fields_of_a_peer_are_replaced", async (t, settings) => {
  const { gate, origin } = await setUp(t, settings);
  const answer = await sendSigned(gate, BODY, { headers: [...FORGED, ["Connection", "Countersign-Sender, countersign-scheme"]] });
  assert.equal(answer.status, 200);
  const [id, scheme, sender] = identity(origin.received[0]);
  assert.match(id[1], UUID);
  assert.deepEqual([scheme, sender], [["countersign-scheme", "x-hmac"], ["countersign-sender", "django-app"]]);
});

testBothWays("row_26_identity_fields_are_stripped_on_public_routes_too", async (t, settings) => {
  const { gate, origin } = await setUp(t, settings);
  const answer = await send(gate.port, { method: "GET", target: "/open/x", headers: FORGED });
  assert.equal(answer.status, 200);
  const fields = identity(origin.received[0]);
  assert.deepEqual(fields.map(([name]) => name), ["countersign-request-id"]);
  assert.match(fields[0][1], UUID);
});

testBothWays("row_27_no_field_can_move_the_path_behind_the_gate", async (t, settings) => {
  const { gate, origin } = await setUp(t, settings);
  const headers = [["SCRIPT_NAME", "/open"], ["PATH_INFO", "/admin"], ["Script_Name", "/open"]];
  assert.equal((await send(gate.port, { method: "GET", target: "/open/admin", headers })).status, 200);
  assert.deepEqual(origin.received[0].pairs.map(([name]) => name).filter((name) => name.includes("_")), []);
});

test("row_27_a_host_that_holds_a_path_has_no_route", async (t) => {
  const { gate, origin } = await setUp(t, { origin: "route" });
  for (const suffix of ["?", "#", "\\admin", "@127.0.0.1:1"]) {
    const host = `127.0.0.1:${origin.port}${suffix}`;
    const answer = await send(gate.port, { method: "GET", target: "/open/x", host });
    assert.ok([0, 400, 404].includes(answer.status), `${host}: ${answer.status}`);
  }
  assert.equal(origin.received.length, 0);
});

testBothWays("hop_by_hop_fields_and_what_connection_names_stay_behind", async (t, settings) => {
  const { gate, origin } = await setUp(t, settings);
  const headers = [
    ["Connection", "X-Named, x-also-named"],
    ["X-Named", "1"],
    ["X-Also_Named", "1"],
    ["Keep-Alive", "timeout=5"],
    ["Proxy-Authorization", "Basic x"],
    ["Proxy-Connection", "keep-alive"],
    ["TE", "trailers"],
    ["Trailer", "X-T"],
    ["X-Kept", "1"],
  ];
  assert.equal((await sendSigned(gate, BODY, { headers })).status, 200);
  const { headers: received } = origin.received[0];
  for (const [name] of headers.slice(1, -1)) assert.ok(!(name.toLowerCase() in received), name);
  assert.equal(received["x-kept"], "1");
});

testBothWays("what_connection_names_is_told_for_each_request_anew", async (t, settings) => {
  const { gate, origin } = await setUp(t, settings);
  const arrived = async (connection, extra = []) => {
    const headers = [["X-One", "1"], ["X-Two", "2"], ["Connection", connection], ...extra];
    assert.equal((await sendSigned(gate, BODY, { headers })).status, 200);
    return ["x-one", "x-two"].filter((name) => name in origin.received.at(-1).headers);
  };
  for (let n = 0; n < 2; n += 1) {
    assert.deepEqual(await arrived("X-One"), ["x-two"]);
    assert.deepEqual(await arrived("X-Two"), ["x-one"]);
    assert.deepEqual(await arrived("close"), ["x-one", "x-two"]);
    assert.deepEqual(await arrived("x-two, X-One"), []);
    // More heads than are remembered, and one that is too long for that.
    for (let i = 0; i < 260; i += 1) assert.deepEqual(await arrived("X-One", [[`X-${i}`, ""]]), ["x-two"]);
    assert.deepEqual(await arrived("X-Two", [[`X-${"long".repeat(300)}`, ""]]), ["x-one"]);
  }
});

testBothWays("row_27_fields_that_name_another_target_stay_behind", async (t, settings) => {
  const { gate, origin } = await setUp(t, settings);
  const headers = ["X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Uri", "X-HTTP-Method-Override", "X-Method-Override", "X_HTTP_Method"];
  for (const target of ["/v1/infer", "/open/x"]) {
    const request = { target, headers: headers.map((name) => [name, "/admin"]) };
    assert.equal((await sendSigned(gate, BODY, request)).status, 200);
    assert.deepEqual(headers.filter((name) => name.toLowerCase() in origin.received.at(-1).headers), []);
  }
});

testBothWays("all_other_fields_arrive_as_they_were_sent", async (t, settings) => {
  const { gate, origin } = await setUp(t, settings);
  const headers = [
    ["Content-Type", "application/json; charset=utf-8"],
    ["Authorization", "Bearer abc"],
    ["Cookie", "a=1; b=2"],
    ["User-Agent", "python-requests/2"],
    ["X-Forwarded-For", "192.0.2.7"],
    ["Accept-Encoding", "gzip, deflate"],
    ["X-Empty", ""],
  ];
  assert.equal((await sendSigned(gate, BODY, { headers })).status, 200);
  const { headers: received } = origin.received[0];
  for (const [name, value] of headers) assert.equal(received[name.toLowerCase()], value, name);
  assert.match(received["x-hmac-signature"], /^[0-9a-f]{64}$/);
  assert.match(received["x-hmac-timestamp"], /^[0-9]{10}$/);
});

testBothWays("fields_of_any_bytes_and_names_arrive_too", async (t, settings) => {
  const { gate, origin } = await setUp(t, settings);
  const headers = [
    ["x-utf-8", Buffer.from("é, 日本")],
    ["x-latin-1", Buffer.from("\xe9\xff\x80", "latin1")],
    ["x-tab", "a\tb"],
    ["constructor", "c"],
    ["tostring", "d"],
    ["1", "e"],
    ["x-twice", "f"],
    ["x-twice", "g"],
    ["set-cookie", "h=1"],
    ["set-cookie", "i=2"],
  ];
  assert.equal((await sendSigned(gate, BODY, { headers })).status, 200);
  const names = new Set(headers.map(([name]) => name));
  // Node shows each byte as a character.
  const sent = headers.map(([name, value]) => [name, value.toString("latin1")]);
  assert.deepEqual(origin.received[0].pairs.filter(([name]) => names.has(name)).sort(), sent.sort());
});

test("row_35_a_redirect_of_the_origin_is_passed_on_and_not_followed", async (t) => {
  const { gate, origin } = await setUp(t, {
    answer: (received, response) => {
      response.writeHead(307, { location: "http://127.0.0.1:1/elsewhere" });
      response.end();
    },
  });
  const answer = await sendSigned(gate, BODY);
  assert.equal(answer.status, 307);
  assert.equal(answer.headers.location, "http://127.0.0.1:1/elsewhere");
  assert.equal(origin.received.length, 1);
});

test("what_the_origin_answers_comes_back_untouched", async (t) => {
  const coded = gzipSync("x".repeat(1000));
  const { gate } = await setUp(t, {
    answer: (received, response) => {
      response.writeHead(422, [
        ["Content-Type", "application/json"],
        ["Content-Encoding", "gzip"],
        ["Set-Cookie", "a=1"],
        ["Set-Cookie", "b=2"],
        ["Countersign-Sender", "the origin may say what it likes"],
      ].flat());
      response.end(coded);
    },
  });
  const answer = await sendSigned(gate, BODY, { headers: [["Accept-Encoding", "gzip"]] });
  assert.equal(answer.status, 422);
  assert.deepEqual(answer.body, coded);
  assert.equal(answer.headers["content-encoding"], "gzip");
  assert.deepEqual(answer.pairs.filter(([name]) => name === "set-cookie").map(([, value]) => value), ["a=1", "b=2"]);
  assert.equal(answer.headers["countersign-sender"], "the origin may say what it likes");
});

test("row_32_an_origins_own_refusals_and_errors_pass", async (t) => {
  let status;
  const { gate } = await setUp(t, {
    answer: (received, response) => {
      response.writeHead(status, { "content-type": "text/plain" });
      response.end(status === 204 ? undefined : "the origin's own");
    },
  });
  for (status of [204, 400, 401, 403, 404, 500, 503]) {
    const answer = await sendSigned(gate, BODY);
    assert.equal(answer.status, status);
    assert.equal(answer.body.toString(), status === 204 ? "" : "the origin's own");
    assert.equal(gate.log().at(-1).code, "accepted");
    assert.equal(gate.log().at(-1).status, status);
  }
});

test("head_is_forwarded_as_head", async (t) => {
  const { gate, origin } = await setUp(t);
  const answer = await send(gate.port, { method: "HEAD", target: "/open/x" });
  assert.equal(answer.status, 200);
  assert.equal(answer.body.length, 0);
  assert.equal(origin.received[0].method, "HEAD");
});

test("every_request_has_an_id_of_its_own", async (t) => {
  const { gate, origin } = await setUp(t);
  await Promise.all(Array.from({ length: 20 }, () => sendSigned(gate, BODY)));
  const ids = origin.received.map((received) => received.headers["countersign-request-id"]);
  assert.equal(new Set(ids).size, 20);
  assert.deepEqual(gate.log().map((line) => line.request_id).sort(), ids.sort());
});

test("with_the_origin_of_the_route_a_request_goes_to_its_own_url", async (t) => {
  const { gate, origin } = await setUp(t, { origin: "route" });
  const request = { host: `127.0.0.1:${origin.port}`, target: "/v1/infer?a=1" };
  assert.equal((await sendSigned(gate, BODY, request)).status, 200);
  assert.equal(origin.received[0].target, "/v1/infer?a=1");
  assert.equal(origin.received[0].headers.host, `127.0.0.1:${origin.port}`);
});

for (const settings of [{ origin: undefined }, { origin: "route" }, {}]) {
  test(`row_49_only_named_hosts_are_served_${Object.keys(settings).length ? settings.origin : "before_an_origin"}`, async (t) => {
    // The port of its origin is known once it listens.
    const origin = await startOrigin();
    const named = `127.0.0.1:${origin.port}`;
    const { gate } = await setUp(t, { origin: origin.url, hosts: ["api.example.com", named], ...settings });
    t.after(() => origin.stop());
    for (const host of ["gate.test", "127.0.0.1", `127.0.0.1:${origin.port + 1}`, `localhost:${origin.port}`, "api.example.com:1"]) {
      for (const answer of [await sendSigned(gate, BODY, { host }), await send(gate.port, { method: "GET", target: "/open/x", host })]) {
        assert.deepEqual([answer.status, json(answer).code], [404, "no_route"], host);
      }
    }
    assert.equal(origin.received.length, 0);
    assert.equal((await sendSigned(gate, BODY, { host: named })).status, 200);
    assert.equal(origin.received.length, 1);
  });
}

test("row_39_nothing_that_is_forwarded_may_be_answered_from_a_cache", async (t) => {
  const { gate, origin } = await setUp(t);
  const told = async (method, headers = []) => {
    assert.equal((await send(gate.port, { method, target: "/open/x", headers })).status, 200);
    return ["cache-control", "pragma"].map((name) => origin.received.at(-1).headers[name]);
  };
  // What the runtime tells the origin where it passes the cache by.
  for (const method of ["GET", "HEAD"]) assert.deepEqual(await told(method), ["no-cache", "no-cache"]);
  assert.deepEqual(await told("GET", [["Cache-Control", "max-age=0"], ["Pragma", "x"]]), ["max-age=0", "x"]);
  // No cache answers another method, and its fields stay as they were.
  assert.deepEqual(await told("POST"), [undefined, undefined]);
  assert.equal((await sendSigned(gate, BODY)).status, 200);
  assert.equal(origin.received.at(-1).headers["cache-control"], undefined);
});

test("a_websocket_upgrade_is_not_passed_on", async (t) => {
  const { gate, origin } = await setUp(t);
  const headers = [["Connection", "Upgrade"], ["Upgrade", "websocket"], ["Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA=="], ["Sec-WebSocket-Version", "13"]];
  await send(gate.port, { method: "GET", target: "/open/x", headers });
  assert.ok(origin.received.every((received) => !("upgrade" in received.headers)));
});

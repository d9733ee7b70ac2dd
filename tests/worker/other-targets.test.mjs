// What an origin could read as another target than the one that has the route, and bytes and fields that
// it would get otherwise than they were verified.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { json, send } from "./harness/client.mjs";
import { startOrigin } from "./harness/origin.mjs";
import { messageSignature, xHmac } from "./harness/sign.mjs";
import { startGate } from "./harness/workerd.mjs";

const SECRET = "kP2vX9mQ4sT7wZ1cF6hJ3nR8bL5dG0yA";
const RFC_SECRET = "Wv5cE8xN2bQ7mA1zK4jT9gH6fS3dP0lR";
const BODY = Buffer.from('{"text":"hi"}');
const METHOD = ['"@method"', "POST"];

const hmac = { id: "app", scheme: "x-hmac", secrets: ["APP_SECRET"] };
const rfc = {
  id: "rfc", scheme: "rfc9421-hmac-sha256", secrets: ["RFC_SECRET"],
  message_signature: { components: ["@method"] },
};
const routes = [
  { path: "/a/{*rest}", methods: ["POST"], senders: ["app"] },
  { path: "/odd/{*rest}", methods: ["POST"], senders: ["app"], allow_ambiguous_escapes: true },
  { path: "/open/{*rest}", methods: ["POST"], access: "public" },
];
// The first asks for a few fields by name, the second lists them all.
const policies = [
  { senders: [hmac], routes },
  { senders: [hmac, rfc], routes: [...routes, { path: "/rfc", methods: ["POST"], senders: ["rfc"], allow_empty_body: true }] },
];
let origin;
const gates = [];

before(async () => {
  origin = await startOrigin();
  for (const policy of policies) {
    gates.push(await startGate({ policy, secrets: { APP_SECRET: SECRET, RFC_SECRET }, origin: origin.url }));
  }
});

after(async () => {
  for (const gate of gates) await gate.stop();
  await origin.stop();
});

/** The answer's code, and what the origin received. */
async function ask(gate, request) {
  const seen = origin.received.length;
  const answer = await send(gate.port, request);
  const received = origin.received.slice(seen);
  return { status: answer.status, code: answer.status < 400 ? "passed" : json(answer).code, received };
}

async function isRefused(gate, request, status, code) {
  const answer = await ask(gate, request);
  assert.deepEqual([answer.status, answer.code, answer.received.length], [status, code, 0], JSON.stringify(request.headers ?? request.target));
}

async function passes(gate, request) {
  const { status, received } = await ask(gate, request);
  assert.deepEqual([status, received.length], [200, 1], JSON.stringify(request.headers ?? request.target));
  return received[0];
}

/** A request of `x-hmac` with further fields. */
const signed = (headers = [], target = "/a/b") => ({ target, headers: [...xHmac(SECRET, BODY), ...headers], body: BODY });

/** Values of `Connection` that name a field. */
const spellings = (name) =>
  [[name], [name.toUpperCase()], [`x,\t ${name} ,, keep-alive`], [`${"x, ".repeat(100)}${name}`], ["x-1", name]].map((values) =>
    values.map((value) => ["Connection", value]),
  );

test("row_45_connection_takes_no_field_that_was_verified", async () => {
  const names = ["x-hmac-signature", "X-HMAC-Timestamp", "content-type", "Content-Length", "content-encoding", "host"];
  for (const gate of gates) {
    for (const name of names) {
      for (const connection of spellings(name)) {
        await isRefused(gate, signed(connection), 401, "invalid_signature");
      }
    }
    const { headers } = await passes(gate, signed([["X-Tenant", "a"], ["X-Kept", "b"], ["Connection", "x-tenant"]]));
    assert.deepEqual([headers["x-tenant"], headers["x-kept"]], [undefined, "b"]);
    const open = { target: "/open/x", headers: [["X-Tenant", "a"], ["Connection", "content-type, x-tenant"]], body: BODY };
    assert.equal((await passes(gate, open)).headers["x-tenant"], undefined);
    const many = (count) => [["Connection", Array(count).fill("x").join()]];
    await passes(gate, signed(many(255)));
    await isRefused(gate, signed(many(256)), 401, "invalid_signature");
    await isRefused(gate, { ...open, headers: many(256) }, 404, "no_route");
  }
});

test("row_45_the_head_alone_shows_it", async () => {
  for (const gate of gates) {
    const { headers } = signed([["Connection", "x-hmac-timestamp"]]);
    // The body never comes.
    const answer = await ask(gate, { target: "/a/b", headers, body: Buffer.alloc(0), declare: 13, cut: "never" });
    assert.deepEqual([answer.status, answer.code, answer.received.length], [401, "invalid_signature", 0]);
  }
});

test("row_45_connection_takes_no_field_that_a_message_signature_covers", async () => {
  const [, gate] = gates;
  for (const covered of [['"x-tenant"', "a=1"], ['"x-tenant";key="a"', "1"], ['"x-tenant";bs', ":YT0x:"]]) {
    const headers = [["X-Tenant", "a=1"], ["X-Other", "b"], ...messageSignature(RFC_SECRET, [METHOD, covered])];
    assert.equal((await passes(gate, { target: "/rfc", headers })).headers["x-tenant"], "a=1");
    for (const name of ["X-Tenant", "signature", "Signature-Input", "content-digest"]) {
      for (const connection of spellings(name)) {
        await isRefused(gate, { target: "/rfc", headers: [...headers, ...connection] }, 401, "invalid_signature");
      }
    }
    const other = await passes(gate, { target: "/rfc", headers: [...headers, ["Connection", "x-other"]] });
    assert.deepEqual([other.headers["x-tenant"], other.headers["x-other"]], ["a=1", undefined]);
  }
});

// workerd reads a value as UTF-8, with U+FFFD for each byte that is none, and sends the bytes on as they
// came: what it shows of the first two here is one text.
test("row_52_other_bytes_than_those_that_were_verified_are_refused", async () => {
  const [, gate] = gates;
  const covered = (value, sent = value) => {
    const wrapped = ['"x-name";bs', `:${value.toString("base64")}:`];
    return { target: "/rfc", headers: [["X-Name", sent], ...messageSignature(RFC_SECRET, [METHOD, wrapped])] };
  };
  const replacement = Buffer.from("\ufffd");
  await isRefused(gate, covered(replacement), 401, "invalid_signature");
  const others = ["ff", "e9", "80", "c3", "ed", "fe"].map((byte) => Buffer.from(byte, "hex"));
  for (const bytes of others) {
    await isRefused(gate, covered(replacement, bytes), 401, "invalid_signature");
    await isRefused(gate, covered(bytes), 401, "invalid_signature");
  }
  for (const [text, sent] of [["\ufffd\ufffd", "c0af"], ["\ufffd\ufffd\ufffd", "eda080"], ["a\ufffdb", "61ff62"], ["é\ufffd", "c3a9e9"]]) {
    await isRefused(gate, covered(Buffer.from(text), Buffer.from(sent, "hex")), 401, "invalid_signature");
  }
  for (const text of ["a", "é, 日本", "😀", "\ufeffa"]) {
    const value = Buffer.from(text);
    const received = await passes(gate, covered(value));
    // Node shows each byte as a character.
    assert.equal(received.headers["x-name"], value.toString("latin1"));
  }
  // Latin-1 characters are not their bytes: neither spelling is verified for the other.
  await isRefused(gate, covered(Buffer.from("é"), Buffer.from("é", "latin1")), 401, "invalid_signature");
  await isRefused(gate, covered(Buffer.from("é", "latin1"), Buffer.from("é")), 401, "invalid_signature");
});

test("row_52_other_bytes_of_a_parameter_are_refused", async () => {
  const [, gate] = gates;
  const covered = (value, query) => {
    const headers = messageSignature(RFC_SECRET, [METHOD, ['"@query-param";name="q"', value]]);
    return { target: `/rfc?q=${query}`, headers };
  };
  await passes(gate, covered("%C3%A9", "%c3%a9"));
  for (const query of ["%EF%BF%BD", "%ff", "%C3", "%ed%a0%80"]) {
    await isRefused(gate, covered("%EF%BF%BD", query), 401, "invalid_signature");
  }
});

const OVERRIDES = [
  "X-Original-URI", "X-Original-URL", "X-Original-Method", "X-Original-Host", "X-Rewrite-Uri", "X-Rewrite-URL",
  "X-Forwarded-Prefix", "X-Forwarded-Path", "X-Forwarded-Method", "X-Forwarded-Uri", "X-Forwarded-Host",
  "X-Forwarded-Server", "X-Forwarded-Port", "X-Forwarded-Context", "Forwarded", "X-Host", "X-HTTP-Method",
  "X-HTTP-Method-Override", "X-HTTP-Path-Override", "X-Script-Name", "X-Traversal-Path", "X-ProxyContextPath",
  "X-Envoy-Original-Path", "X-Accel-Mapping", "X-Sendfile-Type", "Base-Url", "REQUEST-URI",
];

test("row_50_fields_that_name_another_target_stay_behind", async () => {
  const headers = OVERRIDES.map((name) => [name, "/admin"]);
  const kept = [["X-Forwarded-For", "192.0.2.7"], ["X-Forwarded-Proto", "https"]];
  for (const gate of gates) {
    for (const target of ["/a/b", "/open/b"]) {
      const received = await passes(gate, signed([...headers, ...kept], target));
      assert.deepEqual(OVERRIDES.filter((name) => name.toLowerCase() in received.headers), []);
      for (const [name, value] of kept) assert.equal(received.headers[name.toLowerCase()], value);
    }
  }
});

test("row_50_a_path_that_readers_take_for_another_has_no_route", async () => {
  const ambiguous = ["%252e%252e", "a%252Fb", "%25%32%65", "%c0%af", "%e0%80%af", "%ed%a0%80", "caf%e9", "%ff"];
  for (const gate of gates) {
    for (const segment of ambiguous) {
      for (const place of ["/a/", "/a/b/", "/open/"]) {
        await isRefused(gate, signed([], place + segment), 404, "no_route");
        await isRefused(gate, signed([], `${place}${segment}/b?q=1`), 404, "no_route");
      }
      assert.equal((await passes(gate, signed([], `/odd/${segment}`))).target, `/odd/${segment}`);
    }
    for (const segment of ["caf%C3%A9", "100%25", "%25zz"]) {
      assert.equal((await passes(gate, signed([], `/a/${segment}`))).target, `/a/${segment}`);
    }
    for (const segment of ["b%2f..", "%5c", "%00"]) await isRefused(gate, signed([], `/odd/${segment}`), 404, "no_route");
  }
});

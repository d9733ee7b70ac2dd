// What a signature binds: schemes of one's own whose bytes can be cut in one way, URLs that are signed and
// called, and what a policy demands of message signatures.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { json, send } from "./harness/client.mjs";
import { SECRET, setUp } from "./harness/setup.mjs";
import { now } from "./harness/sign.mjs";

const mac = (encoding, ...parts) => createHmac("sha256", SECRET).update(Buffer.concat(parts.map((part) => Buffer.from(part)))).digest(encoding);
const INVALID = [401, "invalid_signature"];
const outcome = (answer) => (answer.status === 200 ? [200, "accepted"] : [answer.status, json(answer).code]);

const policyOf = (sender, routes = ["/in"]) => ({
  senders: [{ id: "own", secrets: ["APP_SECRET"], ...sender }],
  routes: routes.map((path) => ({ path, methods: ["POST"], senders: ["own"] })),
});

test("row_40_nothing_moves_between_id_time_and_body", async (t) => {
  const scheme = { name: "own", signature: "X-Sig", id: "X-Id", timestamp: { field: "X-Time" }, signed: ["{id}", "{timestamp}", ".", "{body}"] };
  const { gate, origin } = await setUp(t, { policy: policyOf({ scheme }) });
  const ask = async (id, time, body, signature) => {
    const headers = [["X-Sig", signature], ["X-Id", id], ["X-Time", time]];
    return outcome(await send(gate.port, { target: "/in", headers, body: Buffer.from(body) }));
  };
  const time = String(now());
  const signature = mac("hex", "order-7", time, ".", "{}");
  assert.deepEqual(await ask("order-7", time, "{}", signature), [200, "accepted"]);
  // The same bytes, cut elsewhere.
  for (const [id, at, body] of [
    [`order-7${time.slice(0, 1)}`, `${time.slice(1)}.`, "{}"],
    ["order-", `7${time.slice(0, 9)}`, `${time.slice(9)}.{}`],
    ["order-7", time, ".{}"],
    [`order-7${time}`, "", ".{}"],
    [`order-7${time}.`, time, "{}"],
  ]) {
    const [status, code] = await ask(id, at, body, signature);
    assert.equal(status, 401, `${id} ${at}`);
    assert.ok(["invalid_signature", "invalid_timestamp", "missing_signature", "stale_timestamp"].includes(code), code);
  }
  // An id that holds what ends it, rightly signed.
  assert.deepEqual(await ask("a.b-7", time, "{}", mac("hex", "a.b-7", time, ".", "{}")), INVALID);
  assert.equal(origin.received.length, 1);
});

test("row_40_a_scheme_with_two_cuts_is_no_policy", async (t) => {
  const scheme = { name: "own", signature: "X-Sig", id: "X-Id", signed: ["{body}", "{id}"] };
  const { gate } = await setUp(t, { policy: policyOf({ scheme }) });
  const answer = await send(gate.port, { target: "/in", body: Buffer.from("{}") });
  assert.deepEqual([answer.status, json(answer).code], [503, "misconfigured"]);
  const [error] = gate.log().at(-1).errors;
  assert.match(error, /^senders\[0\]\.scheme\.signed: cannot be taken apart again: nothing shows where "{body}" ends and "{id}" begins/);
});

const HUB = "https://hooks.example/hooks/hub?a=1";
const square = (url, body) => [["x-square-hmacsha256-signature", mac("base64", url, body)]];

test("row_41_a_whole_url_is_signed_and_called", async (t) => {
  const { gate, origin } = await setUp(t, { policy: policyOf({ scheme: "square", url: HUB }, ["/hooks/{name}"]) });
  const body = Buffer.from('{"a":1}');
  const ask = async (target) => outcome(await send(gate.port, { target, headers: square(HUB, body), body }));
  assert.deepEqual(await ask("/hooks/hub?a=1"), [200, "accepted"]);
  for (const target of ["/hooks/hub", "/hooks/hub?", "/hooks/hub?a=1&b", "/hooks/hub?a=%31", "/hooks/other?a=1", "/hooks/%68ub?a=2"]) {
    assert.deepEqual(await ask(target), INVALID, target);
  }
  // The answer is that of a wrong signature, but for the request's id.
  const [elsewhere, wrong] = [
    await send(gate.port, { target: "/hooks/hub?b", headers: square(HUB, body), body }),
    await send(gate.port, { target: "/hooks/hub?a=1", headers: square(HUB, "{}"), body }),
  ].map((answer) => ({ ...json(answer), request_id: "" }));
  assert.deepEqual(elsewhere, wrong);
  assert.deepEqual(origin.received.map(({ target }) => target), ["/hooks/hub?a=1"]);
});

test("row_41_behind_a_rewrite_the_target_is_open_and_said_to_be", async (t) => {
  const { gate, origin } = await setUp(t, { policy: policyOf({ scheme: "square", url: HUB, behind_rewrite: true }, ["/admin/{name}"]) });
  const body = Buffer.from('{"a":1}');
  const ask = async (target, sent = body) => outcome(await send(gate.port, { target, headers: square(HUB, sent), body: sent }));
  assert.deepEqual(await ask("/admin/export?all=1"), [200, "accepted"]);
  assert.deepEqual(await ask("/admin/export", Buffer.alloc(0)), [400, "body_required"]);
  assert.equal(origin.received.length, 1);
});

test("row_41_a_route_that_the_url_does_not_reach_is_no_policy", async (t) => {
  const { gate } = await setUp(t, { policy: policyOf({ scheme: "square", url: HUB }, ["/admin/export"]) });
  const answer = await send(gate.port, { target: "/admin/export?all=1", headers: square(HUB, "{}"), body: Buffer.from("{}") });
  assert.deepEqual([answer.status, json(answer).code], [503, "misconfigured"]);
  assert.match(gate.log().at(-1).errors[0], /^routes\[0\]\.path: never matches the path of senders\[0\]\.url/);
});

test("row_46_what_the_policy_does_not_demand_binds_no_empty_body", async (t) => {
  const signed = (names) => {
    const parameters = `(${names.map((name) => `"${name}"`).join(" ")});created=${now()};keyid="k"`;
    const values = { "@method": "POST", "@path": "/in", "@query": "?" };
    const base = [...names.map((name) => `"${name}": ${values[name]}`), `"@signature-params": ${parameters}`].join("\n");
    return [["Signature-Input", `a=${parameters}`], ["Signature", `a=:${mac("base64", base)}:`]];
  };
  const names = ["@method", "@path", "@query"];
  for (const [components, expected, reached] of [
    [names, [200, "accepted"], 1],
    [["@method", "@path"], [400, "body_required"], 0],
    [["@path", "@query"], [400, "body_required"], 0],
  ]) {
    const { gate, origin } = await setUp(t, { policy: policyOf({ scheme: "rfc9421-hmac-sha256", message_signature: { components } }) });
    // The signature covers all three; what counts is what is demanded.
    const answer = await send(gate.port, { target: "/in", headers: signed(names), body: Buffer.alloc(0) });
    assert.deepEqual(outcome(answer), expected, components.join());
    assert.equal(origin.received.length, reached);
  }
});

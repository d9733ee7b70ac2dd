// Every preset through the built Worker, on requests made by somebody else's code: the provider's
// own library where it has one that signs or verifies, else Python's standard library or OpenSSL.
//
// Ends with a table of which preset was proved by what.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { withinOneSecond } from "../worker/harness/requests.mjs";
import { now } from "../worker/harness/sign.mjs";
import { startPresets } from "./harness/gate.mjs";
import { altered, providers, withOtherBody } from "./harness/providers.mjs";

const ACCEPTED = "accepted";
const INVALID = { code: "invalid_signature", status: 401 };
const STALE = { code: "stale_timestamp", status: 401 };

const read = (name) => readFile(new URL(name, import.meta.url), "utf8");
const lock = JSON.parse(await read("package-lock.json"));
const proved = [];

let gate;

before(async () => {
  gate = await startPresets();
});

after(async () => {
  await gate.stop();
  console.log("preset | oracle\n--- | ---");
  for (const row of proved) console.log(row.join(" | "));
});

for (const one of providers) {
  test(one.name, async () => {
    const request = await one.request(now());
    const outcome = await gate.outcome(request);
    assert.deepEqual(outcome, { code: ACCEPTED, scheme: one.name });
    if (one.sdk) {
      assert.equal(await one.accepts(request), true, "the library accepts the same request");
      assert.equal(await one.accepts(altered(request)), false, "the library refuses it altered");
    }
    if (one.signsNothing) {
      // The provider signs no body, so anything may stand in it: the signature says who sends.
      assert.equal((await gate.outcome(withOtherBody(request))).code, ACCEPTED);
      // What is signed still counts.
      for (const changed of one.signedParts?.(request) ?? []) assert.deepEqual(await gate.outcome(changed), INVALID);
    } else {
      assert.deepEqual(await gate.outcome(altered(request)), INVALID);
    }
    const stranger = await one.request(now(), { secret: one.newSecret() });
    assert.deepEqual(await gate.outcome(stranger), INVALID, "another secret");
    if (!one.sdk && !one.event && request.body) await assertAnyBytes(one);
    if (one.tolerance) await assertWindow(one);
    proved.push([one.name, oracle(one)]);
  });
}

/** Bytes that are no text at all. */
async function assertAnyBytes(one) {
  const body = Buffer.from([0x00, 0xff, 0xfe, 0x0d, 0x0a, 0x80, 0xc3, 0x28, 0x20]);
  const outcome = await gate.outcome(await one.request(now(), { body }));
  assert.deepEqual(outcome, { code: ACCEPTED, scheme: one.name });
}

/** Taken to the very second of the tolerance, both ways, and not one further. */
async function assertWindow(one) {
  const [oldest, newest, older, newer] = await withinOneSecond(async (second) => {
    const outcomes = [];
    for (const age of [one.tolerance, -one.tolerance, one.tolerance + 1, -one.tolerance - 1]) {
      outcomes.push(await gate.outcome(await one.request(second - age)));
    }
    return outcomes;
  });
  assert.equal(oldest.code, ACCEPTED);
  assert.equal(newest.code, ACCEPTED);
  assert.deepEqual(older, STALE);
  assert.deepEqual(newer, STALE);
}

function oracle(one) {
  if (!one.sdk) return one.signer;
  const { version } = lock.packages[`node_modules/${one.sdk.package}`];
  return `${one.sdk.package}@${version} (${one.sdk.sign ? "signs and verifies" : `verifies; signed by ${one.signer}`})`;
}

test("every preset has its test here", async () => {
  const source = await read("../../src/scheme/presets.rs");
  const rows = /(?:\b(?:over|own|body_only!|standard_webhooks|components)\(\s*|\bname: )"([^"]+)"/g;
  const names = [...source.matchAll(rows)].map((match) => match[1]);
  const count = source.match(/\bpreset\(\s*"/g).length;
  assert.equal(names.length, count, "the names are found where the rows are");
  assert.deepEqual(names.sort(), providers.map(({ name }) => name).sort());
});

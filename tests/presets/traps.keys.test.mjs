// Signatures by private keys: the many ways to write one, of which one is right.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { now } from "../worker/harness/sign.mjs";
import { startPresets } from "./harness/gate.mjs";
import { signed } from "./harness/keys.mjs";
import { provider } from "./harness/providers.mjs";
import { ACCEPTED, BODY, hook, INVALID, mac, MISSING, secretOf } from "./harness/traps.mjs";

let gate;

before(async () => {
  gate = await startPresets();
});

after(() => gate.stop());

const code = async (request) => (await gate.outcome(request)).code;

/** The outcome for a signature in hexadecimal. */
const discord = (signature, at = now(), body = BODY) =>
  code(hook("discord", { "X-Signature-Ed25519": signature, "X-Signature-Timestamp": String(at) }, body));

/** The outcome for a list of signatures, each made of the right one's bytes. */
function v1a(list, id = "msg_1") {
  const time = String(now());
  const right = signed(secretOf("standard-webhooks-v1a"), `${id}.${time}.`, BODY);
  const fields = { "webhook-id": id, "webhook-timestamp": time, "webhook-signature": list(right) };
  return code(hook("standard-webhooks-v1a", fields));
}

/** The outcome for a signature made of the right one's DER. */
function sendgrid(change) {
  const time = String(now());
  const right = signed(secretOf("sendgrid"), time, BODY);
  const fields = { "X-Twilio-Email-Event-Webhook-Signature": change(right), "X-Twilio-Email-Event-Webhook-Timestamp": time };
  return code(hook("sendgrid", fields));
}

/** Ed25519's order, and P-256's. */
const L = 2n ** 252n + 27742317777372353535851937790883648493n;
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

const littleEndian = (bytes) => BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`);
/** The same signature with a number that is not reduced; some libraries take it. */
function plusOrder(signature) {
  const s = (littleEndian(signature.subarray(32)) + L).toString(16).padStart(64, "0");
  return Buffer.concat([signature.subarray(0, 32), Buffer.from(s, "hex").reverse()]);
}

/** What is not an Ed25519 signature, though it is made of one. */
const spoiled = (right) => [
  plusOrder(right),
  right.subarray(0, 63),
  right.subarray(0, 32),
  Buffer.concat([right, Buffer.alloc(1)]),
  Buffer.concat([right, right]),
  Buffer.concat([right.subarray(32), right.subarray(0, 32)]),
  Buffer.alloc(64),
  // The neutral element and zero: right for any message under a key of small order.
  Buffer.concat([Buffer.from([1]), Buffer.alloc(63)]),
];

test("one text for each signature: Discord", async () => {
  const at = now();
  const right = signed(secretOf("discord"), String(at), BODY);
  assert.equal(await discord(right.toString("hex"), at), ACCEPTED);
  assert.equal(await discord(right.toString("hex").toUpperCase(), at), ACCEPTED, "hexadecimal of either case");
  for (const wrong of spoiled(right)) assert.equal(await discord(wrong.toString("hex"), at), INVALID, wrong.toString("hex"));
  assert.equal(await discord(right.toString("base64"), at), INVALID);
  assert.equal(await discord(right.toString("hex").slice(1), at), INVALID);
  assert.equal(await discord("", at), MISSING);
});

test("the time is ten digits, so none can move to the body: Discord, SendGrid", async () => {
  const at = String(now());
  const body = Buffer.from('1{"amount":1250}');
  const right = signed(secretOf("discord"), at, body).toString("hex");
  assert.equal(await discord(right, at, body), ACCEPTED);
  assert.equal(await discord(right, `${at}1`, body.subarray(1)), "invalid_timestamp");
  assert.equal(await discord(right, at.slice(0, -1), Buffer.concat([Buffer.from(at.slice(-1)), body])), "invalid_timestamp");
  assert.equal(await discord(right, String(Number(at) - 1), body), INVALID);
  const fields = {
    "X-Twilio-Email-Event-Webhook-Signature": signed(secretOf("sendgrid"), at, body).toString("base64"),
    "X-Twilio-Email-Event-Webhook-Timestamp": at,
  };
  assert.equal(await code(hook("sendgrid", fields, body)), ACCEPTED);
  const moved = { ...fields, "X-Twilio-Email-Event-Webhook-Timestamp": `${at}1` };
  assert.equal(await code(hook("sendgrid", moved, body.subarray(1))), "invalid_timestamp");
});

test("a public key is no secret of an HMAC: Discord, SendGrid, Standard Webhooks with a public key", async () => {
  const at = String(now());
  const discordKey = Buffer.from(secretOf("discord"), "hex");
  for (const key of [secretOf("discord"), discordKey]) {
    assert.equal(await discord(mac("hex", key, at + BODY, "sha512"), at), INVALID);
    assert.equal(await discord(mac("hex", key, at + BODY), at), INVALID);
  }
  const text = secretOf("standard-webhooks-v1a");
  for (const key of [text, Buffer.from(text.slice("whpk_".length), "base64")]) {
    for (const hash of ["sha256", "sha512"]) {
      const outcome = await v1a(() => `v1a,${mac("base64", key, `msg_1.${at}.${BODY}`, hash)}`);
      assert.equal(outcome, INVALID);
    }
  }
  assert.equal(await sendgrid(() => mac("base64", secretOf("sendgrid"), at + BODY)), INVALID);
});

test("the signature in the one form that DER has: SendGrid", async () => {
  const base64 = (change) => sendgrid((der) => Buffer.from(change(der)).toString("base64"));
  const sequence = (...parts) => {
    const content = Buffer.concat(parts);
    return Buffer.concat([Buffer.from([0x30, content.length]), content]);
  };
  const integer = (number, padding = 0) => {
    const digits = number.toString(16);
    let bytes = Buffer.from(digits.padStart(digits.length + (digits.length % 2), "0"), "hex");
    if (bytes[0] & 0x80) bytes = Buffer.concat([Buffer.alloc(1), bytes]);
    bytes = Buffer.concat([Buffer.alloc(padding), bytes]);
    return Buffer.concat([Buffer.from([2, bytes.length]), bytes]);
  };
  const numbers = (der) => {
    const rEnd = 4 + der[3];
    return [der.subarray(4, rEnd), der.subarray(rEnd + 2)].map((bytes) => BigInt(`0x${bytes.toString("hex")}`));
  };
  const rewritten = (write) => base64((der) => write(...numbers(der)));
  assert.equal(await base64((der) => der), ACCEPTED);
  assert.equal(await rewritten((r, s) => sequence(integer(r), integer(s))), ACCEPTED);
  // By nature of ECDSA there is a second signature; it says the same about the same bytes.
  assert.equal(await rewritten((r, s) => sequence(integer(r), integer(N - s))), ACCEPTED);

  const big = (number) => Buffer.from(number.toString(16).padStart(64, "0"), "hex");
  for (const [what, outcome] of Object.entries({
    "a trailing byte": base64((der) => [...der, 0]),
    "a trailing byte inside": rewritten((r, s) => sequence(integer(r), integer(s), Buffer.from([0]))),
    "a third number": rewritten((r, s) => sequence(integer(r), integer(s), integer(1n))),
    "a length in BER": base64((der) => [0x30, 0x81, der[1], ...der.subarray(2)]),
    "no stated length": base64((der) => [0x30, 0x80, ...der.subarray(2), 0, 0]),
    "a length in BER of a number": rewritten((r, s) => {
      const first = integer(r);
      return sequence(Buffer.from([2, 0x81, first[1], ...first.subarray(2)]), integer(s));
    }),
    "a zero in front": rewritten((r, s) => sequence(integer(r, 1), integer(s))),
    "a number that is not reduced": rewritten((r, s) => sequence(integer(r), integer(s + N))),
    "zero": rewritten((r) => sequence(integer(r), integer(0n))),
    "zeros": base64(() => sequence(integer(0n), integer(0n))),
    "turned round": rewritten((r, s) => sequence(integer(s), integer(r))),
    "r and s alone": rewritten((r, s) => Buffer.concat([big(r), big(s)])),
    "a byte short": base64((der) => der.subarray(0, -1)),
    "half": base64((der) => der.subarray(0, 36)),
    "hexadecimal": sendgrid((der) => der.toString("hex")),
    "base64 and more": sendgrid((der) => `${der.toString("base64")}A`),
  })) {
    assert.equal(await outcome, INVALID, what);
  }
  assert.equal(await sendgrid(() => ""), MISSING);
});

test("the line end of the body is signed: SendGrid", async () => {
  const request = await provider("sendgrid").request(now());
  assert.equal(String(request.body.subarray(-2)), "\r\n");
  assert.equal(await code({ ...request, body: request.body.subarray(0, -2) }), INVALID);
});

test("one text for each signature: Standard Webhooks with a public key", async () => {
  const entry = (bytes) => `v1a,${Buffer.from(bytes).toString("base64")}`;
  assert.equal(await v1a(entry), ACCEPTED);
  for (let at = 0; at < 8; at += 1) assert.equal(await v1a((right) => entry(spoiled(right)[at])), INVALID, `spoiled ${at}`);
  assert.equal(await v1a((right) => entry(right).slice(0, -1)), INVALID, "no full padding");
  assert.equal(await v1a((right) => `v1a,${right.toString("hex")}`), INVALID);
  assert.equal(await v1a(() => "v1a,"), INVALID);
  assert.equal(await v1a(() => ""), MISSING);
});

test("entries of other versions count for nothing: Standard Webhooks with a public key", async () => {
  const time = String(now());
  const right = (bytes) => bytes.toString("base64");
  const key = Buffer.from(secretOf("standard-webhooks-v1a").slice("whpk_".length), "base64");
  const hmac = `v1,${mac("base64", key, `msg_1.${time}.${BODY}`)}`;
  assert.equal(await v1a(() => hmac), INVALID);
  assert.equal(await v1a((bytes) => `v1,${right(bytes)}`), INVALID);
  assert.equal(await v1a((bytes) => `v1b,${right(bytes)}`), INVALID);
  assert.equal(await v1a((bytes) => right(bytes)), INVALID);
  assert.equal(await v1a((bytes) => `${hmac} v1a,${right(bytes)}`), ACCEPTED);
  assert.equal(await v1a((bytes) => `v1a,${right(bytes)} v2,x v9z,,, nothing`), ACCEPTED);
  assert.equal(await v1a((bytes) => `v1a,${right(bytes)}`, "msg.1"), INVALID, "a full stop would move the boundary");
});

test("any of several signatures may match: Standard Webhooks with a public key", async () => {
  const right = (bytes) => `v1a,${bytes.toString("base64")}`;
  const wrong = right(signed(provider("standard-webhooks-v1a").newSecret(), BODY));
  const times = (count) => `${wrong} `.repeat(count);
  assert.equal(await v1a((bytes) => `${wrong} ${right(bytes)}`), ACCEPTED);
  assert.equal(await v1a((bytes) => `${right(bytes)} ${wrong}`), ACCEPTED);
  assert.equal(await v1a(() => `${wrong} ${wrong}`), INVALID);
  assert.equal(await v1a((bytes) => times(1) + right(bytes)), ACCEPTED);
  assert.equal(await v1a((bytes) => times(2) + right(bytes)), INVALID, "more than are tried");
});

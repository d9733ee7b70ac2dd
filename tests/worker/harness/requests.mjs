// The cases of tests/cases/, composed and signed at the time of the run.

import { createHash, createHmac } from "node:crypto";
import { families, read } from "../../cases/read.mjs";

const { request: REQUEST, answers, ...gate } = read("defaults.json");
export const { policy, secrets } = gate;

/** A case beside the defaults: each layer replaces what it names, and single header fields. */
function compose(name, ...layers) {
  const one = Object.assign({}, ...layers);
  const headers = Object.assign({}, ...layers.map((layer) => layer.headers));
  return { ...one, name, headers, expect: { ...answers[one.expect.code], ...one.expect } };
}

/** Every case. */
export const all = families().flatMap(({ defaults = {}, cases }) =>
  Object.entries(cases).map(([name, one]) => compose(name, REQUEST, defaults, one)),
);

/** Those that a client can put on the wire. */
export const cases = all.filter((one) => !one.levels);

/** Name and value of each field: none for null, several for a list. */
const pairs = (headers) =>
  Object.entries(headers).flatMap(([name, values]) =>
    [values].flat().filter((value) => value !== null).map((value) => [name, value]),
  );

const fill = (template, values) =>
  template.replace(/\{(\w+)\}/g, (_, name) => {
    if (!(name in values)) throw new Error(`no value for {${name}}`);
    return values[name];
  });

const otherDigit = (digit) => (digit === "0" ? "1" : "0");
const arabic = (digits) => digits.replace(/\d/g, (digit) => String.fromCharCode(0x660 + Number(digit)));

/** The request to send, signed for the second `now`: method, target, headers and body. */
export function resolve(one, now) {
  const { nonce } = one;
  const seconds = String(now - one.age);
  const times = {
    now,
    seconds,
    seconds_head: seconds.slice(0, 5),
    seconds_tail: seconds.slice(5),
    seconds_nine: seconds.slice(0, 9),
    seconds_arabic: arabic(seconds),
  };
  const timestamp = fill(one.timestamp, times);
  const body = "body_hex" in one ? Buffer.from(one.body_hex, "hex") : Buffer.from(one.body ?? "");
  const signed = one.scheme === "x-hmac-nonce" ? `${timestamp}.${nonce}.` : `${timestamp}.`;
  const mac = (algorithm) => createHmac(algorithm, secrets[one.secret]).update(signed).update(body).digest();
  const signature = mac("sha256").toString("hex");
  const sha512 = mac("sha512").toString("hex");
  // A function as the replacement, since `$` in a replacing text would have a meaning.
  const sent =
    "sent_body" in one
      ? Buffer.from(one.sent_body.replace("{nonce}", () => nonce).replace("{body}", () => body.toString()))
      : body;
  const values = {
    ...times,
    timestamp,
    nonce,
    signature,
    signature_upper: signature.toUpperCase(),
    signature_63: signature.slice(0, 63),
    signature_base64: Buffer.from(signature, "hex").toString("base64"),
    signature_first_digit_changed: otherDigit(signature[0]) + signature.slice(1),
    signature_last_digit_changed: signature.slice(0, -1) + otherDigit(signature.at(-1)),
    sha1: mac("sha1").toString("hex"),
    sha512,
    sha512_head: sha512.slice(0, 64),
    plain_hash: createHash("sha256").update(secrets[one.secret]).update(signed).update(body).digest("hex"),
    sent_sha256_base64: createHash("sha256").update(sent).digest("base64"),
  };
  return {
    method: one.method,
    target: one.target,
    headers: pairs(one.headers).map(([name, value]) => [name, fill(value, values)]),
    body: one.body === null ? undefined : sent,
  };
}

/**
 * Runs `send` early in a second of the clock, with that second, so that a timestamp at the very
 * edge of the window means the same to sender and gate. Where the second has passed before the
 * answer came, the try says nothing and is made again.
 */
export async function withinOneSecond(send) {
  for (;;) {
    const late = Date.now() % 1000;
    if (late > 300) await new Promise((resolve) => setTimeout(resolve, 1000 - late));
    const now = Math.floor(Date.now() / 1000);
    const answer = await send(now);
    if (Math.floor(Date.now() / 1000) === now) return answer;
  }
}

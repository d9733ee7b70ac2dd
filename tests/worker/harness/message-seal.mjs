// What a seal that is an HTTP Message Signature must be, from the text of RFC 9421 and Node's crypto.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { now } from "./sign.mjs";

const COVERED = [
  ..."@method @authority @path @query content-digest".split(" "),
  ..."countersign-request-id countersign-sender countersign-scheme".split(" "),
];
const QUOTED = COVERED.map((name) => `"${name}"`).join(" ");

/** The signature base (section 2.5) of what an origin received. */
function signatureBase({ method, target, headers }, parameters) {
  const query = target.indexOf("?");
  const [path, rest] = query < 0 ? [target, "?"] : [target.slice(0, query), target.slice(query)];
  const derived = { "@method": method, "@authority": headers.host, "@path": path, "@query": rest };
  const lines = COVERED.map((name) => `"${name}": ${derived[name] ?? headers[name]}`);
  return [...lines, `"@signature-params": (${QUOTED})${parameters}`].join("\n");
}

/** Checks the one seal of a request, made since a moment; `verifies` gets the base and the signature. */
export function assertMessageSeal(received, from, verifies) {
  const { headers, body } = received;
  const digest = createHash("sha256").update(body).digest("base64");
  assert.equal(headers["content-digest"], `sha-256=:${digest}:`);
  const [, covered, parameters, created] = headers["signature-input"].match(
    /^countersign=\((.*)\)(;created=(\d{10});keyid="countersign";tag="countersign-seal")$/,
  );
  assert.equal(covered, QUOTED);
  assert.ok(from <= Number(created) && Number(created) <= now(), "the gate's clock");
  const [, signature] = headers.signature.match(/^countersign=:([A-Za-z0-9+/]+={0,2}):$/);
  assert.ok(verifies(Buffer.from(signatureBase(received, parameters)), Buffer.from(signature, "base64")));
}

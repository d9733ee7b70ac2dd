// Seals by a private key: the origin needs the public one only. Verified by Node's crypto.

import assert from "node:assert/strict";
import { generateKeyPairSync, verify } from "node:crypto";
import { test } from "node:test";
import { send } from "../worker/harness/client.mjs";
import { assertMessageSeal } from "../worker/harness/message-seal.mjs";
import { startOrigin } from "../worker/harness/origin.mjs";
import { policyWith, SECRET } from "../worker/harness/setup.mjs";
import { now, xHmac } from "../worker/harness/sign.mjs";
import { startGate } from "../worker/harness/workerd.mjs";

const BODY = Buffer.from('{"text":"\0\xff"}\r\n', "latin1");

for (const { scheme, kind, options, type, hash } of [
  { scheme: "rfc9421-ed25519", kind: "ed25519", options: {}, type: "pkcs8", hash: null },
  { scheme: "rfc9421-ecdsa-p256-sha256", kind: "ec", options: { namedCurve: "P-256" }, type: "pkcs8", hash: "sha256" },
  { scheme: "rfc9421-ecdsa-p256-sha256", kind: "ec", options: { namedCurve: "P-256" }, type: "sec1", hash: "sha256" },
]) {
  test(`${scheme}, its key in ${type}`, async (t) => {
    const { publicKey, privateKey } = generateKeyPairSync(kind, options);
    const origin = await startOrigin();
    const gate = await startGate({
      policy: { ...policyWith(), seal: { scheme, secret: "SEAL_KEY" } },
      secrets: { APP_SECRET: SECRET, SEAL_KEY: privateKey.export({ format: "pem", type }) },
      origin: origin.url,
    });
    t.after(async () => {
      await gate.stop();
      await origin.stop();
    });
    const from = now();
    const answer = await send(gate.port, { target: "/v1/infer?a=1", headers: xHmac(SECRET, BODY), body: BODY });
    assert.equal(answer.status, 200, answer.body.toString());
    assertMessageSeal(origin.received[0], from, (base, signature) => {
      assert.equal(signature.length, 64, "two numbers of 32 bytes");
      return verify(hash, base, { key: publicKey, dsaEncoding: "ieee-p1363" }, signature);
    });
  });
}

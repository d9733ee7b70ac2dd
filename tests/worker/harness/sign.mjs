// The schemes' senders, written from DESIGN's wire contract with Node's own crypto. It shares
// nothing with the code under test.

import { createHmac } from "node:crypto";

export const now = () => Math.floor(Date.now() / 1000);

/** Lower-case hex of HMAC-SHA256 over the parts, one behind the other. */
export function mac(secret, ...parts) {
  const hmac = createHmac("sha256", secret);
  for (const part of parts) hmac.update(part);
  return hmac.digest("hex");
}

/** The fields of an `x-hmac` request. */
export function xHmac(secret, body, timestamp = now()) {
  return [
    ["X-HMAC-Signature", mac(secret, `${timestamp}.`, body)],
    ["X-HMAC-Timestamp", String(timestamp)],
  ];
}

/** The fields of an `x-hmac-nonce` request. */
export function xHmacNonce(secret, body, nonce, timestamp = now()) {
  return [
    ["X-HMAC-Signature", mac(secret, `${timestamp}.${nonce}.`, body)],
    ["X-HMAC-Timestamp", String(timestamp)],
    ["X-HMAC-Nonce", nonce],
  ];
}

/** The fields of a message signature (RFC 9421) over components, as identifiers and their values. */
export function messageSignature(secret, components, at = now()) {
  const input = `(${components.map(([identifier]) => identifier).join(" ")});created=${at};keyid="k"`;
  const lines = components.map(([identifier, value]) => `${identifier}: ${value}\n`);
  const signed = `${lines.join("")}"@signature-params": ${input}`;
  const signature = createHmac("sha256", secret).update(signed).digest("base64");
  return [
    ["Signature-Input", `s=${input}`],
    ["Signature", `s=:${signature}:`],
  ];
}

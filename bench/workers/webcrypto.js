// The JavaScript gate with WebCrypto. `verify` takes the message in one piece, so the timestamp
// is put before a copy of the body.

import { env } from "cloudflare:workers";
import { gate } from "./gate.js";

const encoder = new TextEncoder();
let key;

async function verify(timestamp, body, signature) {
  key ??= await crypto.subtle.importKey(
    "raw",
    encoder.encode(env.APP_SECRET),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["verify"],
  );
  const start = encoder.encode(`${timestamp}.`);
  const signed = new Uint8Array(start.length + body.length);
  signed.set(start);
  signed.set(body, start.length);
  return crypto.subtle.verify("HMAC", key, Uint8Array.fromHex(signature), signed);
}

export default gate(verify);

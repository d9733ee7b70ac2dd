// The JavaScript gate with node:crypto, which takes the message in parts.

import { Buffer } from "node:buffer";
import { createHmac, createSecretKey, timingSafeEqual } from "node:crypto";
import { env } from "cloudflare:workers";
import { gate } from "./gate.js";

const key = createSecretKey(env.APP_SECRET, "utf8");

function verify(timestamp, body, signature) {
  const expected = createHmac("sha256", key).update(`${timestamp}.`).update(body).digest();
  return timingSafeEqual(expected, Buffer.from(signature, "hex"));
}

export default gate(verify);

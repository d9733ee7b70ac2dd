// For providers that sign with a private key: key pairs, and what OpenSSL signs with them. A pair
// goes by the text of its public key, which is what the gate gets for a secret.

import { generateKeyPairSync, sign } from "node:crypto";

const privateKeys = new Map();

function pair(kind, options, write) {
  const { publicKey, privateKey } = generateKeyPairSync(kind, options);
  const text = write(publicKey);
  privateKeys.set(text, privateKey);
  return text;
}

/** Makers of pairs, which give the public key as the provider shows it. */
export const ed25519Pair = (prefix, encoding) => () =>
  pair("ed25519", {}, (key) => prefix + Buffer.from(key.export({ format: "jwk" }).x, "base64url").toString(encoding));
export const p256Pair = () =>
  pair("ec", { namedCurve: "P-256" }, (key) => key.export({ format: "der", type: "spki" }).toString("base64"));

/** The same with the public key in PEM, without the line end behind it. */
export const ed25519Pem = () => pair("ed25519", {}, pem);
export const p256Pem = () => pair("ec", { namedCurve: "P-256" }, pem);
export const p384Pem = () => pair("ec", { namedCurve: "P-384" }, pem);
export const rsaPem = (modulusLength) => () => pair("rsa", { modulusLength }, pem);
/** With the identifier of RSASSA-PSS, which says that the key is for that padding alone. */
export const rsaPssPem = (modulusLength) => () => pair("rsa-pss", { modulusLength }, pem);

const pem = (key) => key.export({ format: "pem", type: "spki" }).trim();

/** The private key of a public one. */
export const privateKeyOf = (publicText) => privateKeys.get(publicText);

/** The signature over parts, with the private key of a public one; ECDSA's in DER. */
export function signed(publicText, ...parts) {
  const key = privateKeys.get(publicText);
  const hash = key.asymmetricKeyType === "ec" ? "sha256" : null;
  return sign(hash, Buffer.concat(parts.map((part) => Buffer.from(part))), key);
}

/** The fields of a request as the preset's provider makes it. */
export const opensslSigners = {
  discord: ({ secret, at, body }) => [
    ["X-Signature-Ed25519", signed(secret, String(at), body).toString("hex")],
    ["X-Signature-Timestamp", String(at)],
  ],
  sendgrid: ({ secret, at, body }) => [
    ["X-Twilio-Email-Event-Webhook-Signature", signed(secret, String(at), body).toString("base64")],
    ["X-Twilio-Email-Event-Webhook-Timestamp", String(at)],
  ],
  "standard-webhooks-v1a": ({ secret, at, body, id }) => [
    ["webhook-id", id],
    ["webhook-timestamp", String(at)],
    ["webhook-signature", `v1a,${signed(secret, `${id}.${at}.`, body).toString("base64")}`],
  ],
};

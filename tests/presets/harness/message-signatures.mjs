// Signers of HTTP Message Signatures (RFC 9421): two libraries for JavaScript, one for Python, and by
// hand with Node's own crypto, for what a library cannot say. All take the covered components as
// identifiers in their full form, such as `"@method"` or `"a";key="b"`.

import { constants, createHash, createHmac, sign as signWith } from "node:crypto";
import { spawnSync } from "node:child_process";
import * as cloudflare from "http-message-sig";
import { createSigner, createVerifier, httpbis } from "http-message-signatures";
import { privateKeyOf } from "./keys.mjs";
import { pythonScript } from "./python.mjs";

export const HOST = "gate.test";
/** What a policy asks for where it does not say. */
export const USUAL = ["@method", "@authority", "@path", "@query", "content-digest"].map((name) => `"${name}"`);

/** The `Content-Digest` of a body (RFC 9530 section 2). */
export const digestOf = (body, ...hashes) =>
  (hashes.length > 0 ? hashes : ["sha256"])
    .map((hash) => `${hash.replace("sha", "sha-")}=:${createHash(hash).update(body).digest("base64")}:`)
    .join(", ");

const ALGORITHMS = {
  "rfc9421-ecdsa-p256-sha256": "ecdsa-p256-sha256",
  "rfc9421-ecdsa-p384-sha384": "ecdsa-p384-sha384",
  "rfc9421-ed25519": "ed25519",
  "rfc9421-hmac-sha256": "hmac-sha256",
  "rfc9421-hmac-sha256-base64": "hmac-sha256",
  "rfc9421-rsa-pss-sha512": "rsa-pss-sha512",
  "rfc9421-rsa-v1_5-sha256": "rsa-v1_5-sha256",
};

/** A key to sign with: of a preset, and of the secret or the public key that the gate gets. */
export function keyOf(preset, secret, id = "key-1") {
  const algorithm = ALGORITHMS[preset];
  if (algorithm !== "hmac-sha256") return { id, algorithm, key: privateKeyOf(secret), verifies: secret };
  const key = Buffer.from(secret, preset.endsWith("base64") ? "base64" : "utf8");
  return { id, algorithm, key, verifies: key };
}

/** What OpenSSL is asked for: the hash, and how the signature is written or padded. */
const BY_OPENSSL = {
  ed25519: [null, {}],
  "ecdsa-p256-sha256": ["sha256", { dsaEncoding: "ieee-p1363" }],
  "ecdsa-p384-sha384": ["sha384", { dsaEncoding: "ieee-p1363" }],
  "rsa-pss-sha512": ["sha512", { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 64 }],
  "rsa-v1_5-sha256": ["sha256", { padding: constants.RSA_PKCS1_PADDING }],
};

/** The signature over these bytes (RFC 9421 section 3.3). */
export function signBytes({ algorithm, key }, bytes, changes = {}) {
  if (algorithm === "hmac-sha256") return createHmac("sha256", key).update(bytes).digest();
  const [hash, options] = BY_OPENSSL[algorithm];
  return signWith(changes.hash ?? hash, bytes, { key, ...options, ...changes });
}

const now = () => Math.floor(Date.now() / 1000);
const urlOf = ({ url, target, host = HOST }) => url ?? `http://${host}${target}`;

/** The fields by hand: each line is an identifier with its value; `params` is what follows the list. */
export function byHand(key, lines, { label = "sig1", created = now(), params = "", text, how } = {}) {
  const covered = lines.map(([identifier]) => identifier).join(" ");
  const input = `(${covered})${text ?? `;created=${created};keyid="${key.id}"${params}`}`;
  const base = [...lines, ['"@signature-params"', input]].map(([identifier, value]) => `${identifier}: ${value}`);
  const signature = signBytes(key, Buffer.from(base.join("\n")), how).toString("base64");
  return [
    ["Signature-Input", `${label}=${input}`],
    ["Signature", `${label}=:${signature}:`],
  ];
}

/** The lines of the usual components for a request without fields that the base changes. */
export function usualLines(request, components = USUAL) {
  const { pathname, search } = new URL(urlOf(request));
  const known = {
    '"@method"': request.method ?? "POST",
    '"@authority"': HOST,
    '"@path"': pathname,
    '"@query"': search || "?",
  };
  const field = (identifier) =>
    request.headers.find(([name]) => `"${name.toLowerCase()}"` === identifier)?.[1].trim() ?? "";
  return components.map((identifier) => [identifier, known[identifier] ?? field(identifier)]);
}

/** The values of each name, as the library wants them. */
function headersOf(pairs) {
  const headers = {};
  for (const [name, value] of pairs) (headers[name] ??= []).push(value);
  return Object.fromEntries(Object.entries(headers).map(([name, all]) => [name, all.length > 1 ? all : all[0]]));
}

const fieldsOf = (headers) => [
  ["Signature-Input", headers["Signature-Input"]],
  ["Signature", headers["Signature"]],
];

/** `http-message-signatures`, by Daniel Hensby. */
async function hensby(key, request, options = {}) {
  const { components = USUAL, created = now(), expires, nonce, tag, alg = true, label = "sig1", ownSalt } = options;
  const { method = "POST", headers = [] } = request;
  const moment = (seconds) => seconds && new Date(seconds * 1000);
  const paramValues = { created: moment(created), expires: moment(expires), nonce, tag };
  const params = [
    "created",
    "keyid",
    ...Object.keys(paramValues).filter((name) => name !== "created" && paramValues[name]),
  ];
  if (alg) params.push("alg");
  // Its own RSASSA-PSS has the longest salt that fits, where section 3.3.1 says 64 bytes.
  const signer =
    key.algorithm === "rsa-pss-sha512" && !ownSalt
      ? { id: key.id, alg: key.algorithm, sign: async (bytes) => signBytes(key, bytes) }
      : createSigner(key.key, key.algorithm, key.id);
  const message = { method, url: urlOf(request), headers: headersOf(headers) };
  const signed = await httpbis.signMessage(
    { key: signer, name: label, fields: components, params, paramValues },
    message,
  );
  return fieldsOf(signed.headers);
}

/** `http-message-sig`, by Cloudflare, which signs for its bots. Its own signers have Ed25519 only. */
async function cloudflareSigns(key, request, options = {}) {
  const { components = USUAL, created = now(), expires, nonce, tag, alg = true, label = "sig1" } = options;
  const { method = "POST", target, headers = [] } = request;
  const message = {
    kind: "request",
    method,
    targetUri: urlOf(request),
    requestTarget: target,
    fields: headers.map(([name, value]) => ({ name, value })),
  };
  const signed = await cloudflare.createSignature(message, {
    label,
    components: components.map((identifier) => {
      const [, name, parameter, value] = identifier.match(/^"([^"]+)"(?:;(\w+)(?:="(.*)")?)?$/);
      return { name, parameters: parameter ? { [parameter]: value ?? true } : {} };
    }),
    parameters: { created, keyid: key.id, nonce, expires, tag, alg: alg ? key.algorithm : undefined },
    signer: { algorithm: key.algorithm, sign: (bytes) => signBytes(key, bytes) },
  });
  return [
    ["Signature-Input", signed.signatureInput],
    ["Signature", signed.signature],
  ];
}

const askPython = pythonScript("message_signers.py", process.env.PYTHON || "python3");

/** `http-message-signatures` for Python, by Andrey Kislyuk, where `$PYTHON` has it. */
async function python(key, request, options = {}) {
  const { components = USUAL, created = now(), expires, nonce, tag, alg = true, label = "sig1" } = options;
  const { method = "POST", headers = [] } = request;
  const text = key.key.export?.({ format: "pem", type: "pkcs8" });
  const secret = Buffer.from(text ?? key.key).toString("hex");
  const one = { algorithm: key.algorithm, keyid: key.id, secret, method, url: urlOf(request), headers };
  const fields = await askPython({ ...one, components, created, expires, nonce, tag, alg, label });
  if (typeof fields === "string") throw new Error(fields);
  return fields;
}

/** The libraries by name; each throws where it cannot sign what it is asked to. */
export const libraries = {
  "http-message-signatures": hensby,
  "http-message-sig": cloudflareSigns,
  "http-message-signatures (Python)": python,
};

/** Why the tests by Python cannot run; false where they can. */
export const withoutPython =
  spawnSync(process.env.PYTHON || "python3", ["-c", "import http_message_signatures"]).status !== 0 &&
  "$PYTHON has no http-message-signatures";

/** A preset's row among the providers: the library signs and verifies, OpenSSL makes the digest. */
export const messageSignaturesOf = (preset) => ({
  package: "http-message-signatures",
  sign: async ({ secret, at, method, target, body }) => {
    const headers = [["Content-Digest", digestOf(body)]];
    const fields = await hensby(keyOf(preset, secret), { method, target, headers }, { created: at });
    return [...headers, ...fields];
  },
  accepts: async ({ secret, method, target, body, fields }) => {
    const { algorithm, verifies } = keyOf(preset, secret);
    const verify = createVerifier(verifies, algorithm);
    const message = { method, url: urlOf({ target }), headers: fields };
    const verified = await httpbis.verifyMessage(
      { keyLookup: async () => ({ verify }), requiredFields: ["content-digest"] },
      message,
    );
    // The library leaves the body to its caller.
    return verified && fields["content-digest"] === digestOf(body);
  },
});

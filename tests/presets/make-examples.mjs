// Writes www/examples.json: for each preset a request as its provider makes it, signed by the
// provider's own library, OpenSSL or Python, at one fixed moment and with a secret made for it.
//
// Run it after a change of examples.mjs; every run makes other secrets.

import { writeFile } from "node:fs/promises";
import { bodies } from "./examples.mjs";
import { privateKeyOf } from "./harness/keys.mjs";
import { HOST } from "./harness/message-signatures.mjs";
import { providers } from "./harness/providers.mjs";
import { stopPython } from "./harness/python.mjs";

const AT = 1_760_000_000;

const contentType = (body) => (body === undefined ? [] : [["Content-Type", "application/json"]]);

const pkcs8 = (key) => key.export({ format: "der", type: "pkcs8" }).toString("base64");

async function example({ name, query = "", url: signsUrl, request, id: makesId, ...row }) {
  const target = `/hooks/${name}${query}`;
  const origin = name.startsWith("rfc9421") ? `https://${HOST}` : "https://hooks.example.com";
  const changes = { target, ...(signsUrl && { url: origin + target }), id: makesId?.() };
  if (bodies[name]) changes.body = Buffer.from(bodies[name]);
  const { headers, body, target: sent, method, signed } = await request(AT, changes);
  const typed = headers.some(([field]) => field.toLowerCase() === "content-type");
  return {
    scheme: name,
    method,
    url: origin + sent,
    fields: typed ? headers : [...headers, ...contentType(body)],
    body: body?.toString() ?? "",
    at: AT,
    secret: signed.secret.replace(/-----[^-]+-----|\n/g, ""),
    ...(privateKeyOf(signed.secret) && { signs_with: pkcs8(privateKeyOf(signed.secret)) }),
    ...(makesId && { id: signed.id }),
    ...(signsUrl && { sender: { url: origin + target } }),
    ...(row.route?.allow_empty_body && { route: { allow_empty_body: true } }),
  };
}

const examples = await Promise.all(providers.map(example));
stopPython();
const lines = examples.sort((a, b) => (a.scheme < b.scheme ? -1 : 1)).map((one) => JSON.stringify(one));
await writeFile(new URL("../../www/examples.json", import.meta.url), `[\n${lines.join(",\n")}\n]\n`);

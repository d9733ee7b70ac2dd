// Mistakes to plant into a request, each the way it happens. One gives what it changes of the form's
// values, or nothing where the request has no place for it.

import { sign } from "../pkg/countersign.js";
import { presetOf } from "./examples.js";
import { readTime } from "./request.js";

const isJson = (text) => {
  try {
    return typeof JSON.parse(text) === "object";
  } catch {
    return false;
  }
};

const asText = ({ form, body }) => (form === "text" && body !== "" ? body : undefined);

/** The request signed anew with another secret, at its own time; nothing where only the provider signs so. */
function signedWith(change, { scheme, method, url, headers, body, time, id, secret, form }) {
  const preset = presetOf(scheme);
  if (!/^HMAC/.test(preset.algorithm) || preset.components || form !== "text") return undefined;
  const asked = { scheme, method, url, now: readTime(time), ...(preset.id && { id }) };
  const made = JSON.parse(sign(JSON.stringify(asked), change(secret), new TextEncoder().encode(body)));
  if (made.error !== undefined) return undefined;
  const signing = new Set(made.fields.map(([name]) => name.toLowerCase()));
  const others = headers.split("\n").filter((line) => !signing.has(line.split(":")[0].trim().toLowerCase()));
  return { headers: [...made.fields.map(([name, value]) => `${name}: ${value}`), ...others].join("\n") };
}

export const MISTAKES = {
  newline: ["A line end behind the body", (request) => asText(request) && { body: `${request.body}\n` }],
  rewritten: [
    "JSON written anew",
    (request) => asText(request) && isJson(request.body) && { body: rewritten(request.body) },
  ],
  altered: ["One byte changed", (request) => asText(request) && { body: changed(request.body) }],
  secret: ["A line end behind the secret", (request) => signedWith((secret) => `${secret}\n`, request)],
  quoted: ["Quotes around the secret", (request) => signedWith((secret) => `"${secret}"`, request)],
  milliseconds: ["Milliseconds", milliseconds],
  late: ["A slow clock", late],
  dropped: ["A header lost", ({ scheme, headers }) => without(headers, presetOf(scheme).fields[0])],
};

function rewritten(body) {
  const spaced = JSON.stringify(JSON.parse(body), null, 2);
  return spaced === body ? JSON.stringify(JSON.parse(body)) : spaced;
}

/** The last digit or letter becomes another one. */
function changed(body) {
  const at = body.search(/[A-Za-z0-9][^A-Za-z0-9]*$/);
  if (at < 0) return `${body}x`;
  return `${body.slice(0, at)}${body[at] === "7" ? "8" : "7"}${body.slice(at + 1)}`;
}

function milliseconds({ scheme, headers }) {
  const { fields } = presetOf(scheme);
  const found = headers
    .split("\n")
    .find(
      (line) =>
        /^[^:]+:\s*[0-9]{10}$/.test(line) &&
        fields.some((name) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`)),
    );
  return found && { headers: headers.replace(found, `${found}000`) };
}

function late({ scheme, time }) {
  const { tolerance } = presetOf(scheme);
  return tolerance === null ? undefined : { time: String(readTime(time) + tolerance + 61) };
}

function without(headers, name) {
  const lines = headers.split("\n");
  const kept = lines.filter((line) => line.split(":")[0].trim().toLowerCase() !== name?.toLowerCase());
  return kept.length === lines.length ? undefined : { headers: kept.join("\n") };
}

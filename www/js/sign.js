// The tab Sign: the headers and the command for a request. The core signs.

import { explain, policyFor, sign, writeAsPython } from "../pkg/countersign.js";
import { byId, fieldLines, sentence, show, withEscapes } from "./dom.js";
import { exampleOf, presetOf } from "./examples.js";
import { addRequestFields, fillRequest, headLines, readRequest } from "./request.js";

/** The longest argument that Linux takes, in bytes. */
const LONGEST_ARGUMENT = 131_071;

const form = byId("sign");
const fields = form.elements;

export const signForm = form;

/** One word of a POSIX shell, whatever the text holds but NUL. */
const quote = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

/** The command that sends exactly these bytes, or why there is none. */
function curlCommand({ method, url, body }, headers) {
  let text;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return "The body is no text, which an argument of a command must be. Send it from a file: --data-binary @file";
  }
  if (text.includes("\0")) return "The body holds a NUL character, which no argument of a command can.";
  if (body.length > LONGEST_ARGUMENT) return "The body is too long for an argument of a command.";
  const words = [`curl --include --globoff --request ${method}`, quote(url)];
  for (const [name, value] of headers) words.push(`--header ${quote(`${name}: ${value}`)}`);
  if (body.length > 0 || !["GET", "HEAD"].includes(method)) words.push(`--data-raw ${quote(text)}`);
  return words.join(" \\\n  ");
}

function contentType(scheme, body) {
  if (body.length === 0) return [];
  const known = exampleOf(scheme).fields.find(([name]) => name === "Content-Type");
  return known ? [known] : [["Content-Type", "application/octet-stream"]];
}

/** The request with the fields that sign it. Throws an error with the reason why there are none. */
function signed() {
  const request = readRequest(form);
  const scheme = fields.scheme.value;
  if (fields.secret.value === "") throw new Error("type the secret");
  const asked = { scheme, method: request.method, url: request.url, now: request.at };
  const { id, components } = presetOf(scheme);
  if (id || (components && fields.id.value !== "")) asked.id = fields.id.value;
  if (components) asked.keyid = fields.keyid.value;
  const made = JSON.parse(sign(JSON.stringify(asked), fields.secret.value.toWellFormed(), request.body));
  if (made.error !== undefined) throw new Error(made.error);
  return { ...request, scheme, headers: [...made.fields, ...contentType(scheme, request.body)] };
}

/** The bytes that were signed, as the verifier reads them from the signed request; none where it refuses the secret. */
function signedBytes(request) {
  const head = headLines(request);
  const secrets = JSON.stringify({ SECRET: fields.secret.value.toWellFormed() });
  const told = JSON.parse(explain(policyFor(request.scheme, head, undefined), secrets, head, request.body, request.at));
  return told.code === "accepted" ? told.comparisons[0].signed_bytes : "";
}

export function updateSign() {
  const scheme = fields.scheme.value;
  const { id, components } = presetOf(scheme);
  fields.id.closest("label").hidden = !id && !components;
  fields.keyid.closest("label").hidden = !components;
  show(
    "secret-hint",
    `${exampleOf(scheme).signs_with ? "The private key, PKCS #8 in base64 or PEM" : "Written as the provider shows it"}. It stays in this page.`,
  );
  let request, error;
  try {
    request = signed();
  } catch (reason) {
    error = reason.message;
  }
  byId("sign-verdict").className = request ? "verdict accepted" : "verdict refused";
  show("sign-verdict", request ? `Signed for ${request.scheme}` : `Nothing is signed: ${error}.`);
  show("sign-headers", request ? fieldLines(request.headers) : "");
  show("sign-curl", request ? curlCommand(request, request.headers) : "");
  const bytes = request && !exampleOf(scheme).signs_with ? signedBytes(request) : "";
  byId("sign-bytes").closest("section").hidden = bytes === "";
  byId("sign-bytes").replaceChildren(...withEscapes(bytes));
  for (const control of byId("panel-sign").querySelectorAll(".output button")) control.disabled = !request;
}

export function fillSign({ scheme, secret, id, ...request }) {
  fields.scheme.value = scheme;
  if (secret !== undefined) fields.secret.value = secret;
  fields.id.value = id ?? "";
  fillRequest(form, request);
  show("as-python-note", "");
  updateSign();
}

function writeBody() {
  const written = JSON.parse(writeAsPython(fields.body.value));
  if (written.error === undefined) {
    fields.body.value = written.text;
    fields.form.value = "text";
  }
  show("as-python-note", sentence(written.error ?? "written as json.dumps writes it: keys sorted, no spaces, ASCII"));
  updateSign();
}

/** What was signed, as the tab Explain takes it: with the public key that belongs to a private one. */
function signedRequest() {
  const { headers, at, scheme, method, url } = signed();
  const { body, form: as, secret } = fields;
  const { signs_with, secret: verifies } = exampleOf(scheme);
  const known = signs_with === undefined ? secret.value : signs_with === secret.value ? verifies : "";
  return { scheme, method, url, fields: headers, body: body.value, as: as.value, at, secret: known };
}

export function startSign(explain) {
  addRequestFields(form);
  form.addEventListener("input", updateSign);
  form.addEventListener("submit", (event) => event.preventDefault());
  byId("as-python").addEventListener("click", writeBody);
  byId("explain-signed").addEventListener("click", () => explain(signedRequest()));
}

// The page's form: reads it, asks the gate's core, and shows what the core says. Nothing is
// signed or decided here.

import load, { check, sign, writeAsPython } from "./pkg/countersign.js";

const NONCE_SCHEME = "x-hmac-nonce";
const SIGNATURE_FIELD = "X-HMAC-Signature";
const TIMESTAMP_FIELD = "X-HMAC-Timestamp";
const SECRET_NAME = "APP_SECRET";
const WINDOW_SECONDS = 60;
/** The longest argument that Linux takes, in bytes. */
const LONGEST_ARGUMENT = 131_071;

const element = (id) => document.getElementById(id);
const form = element("request");
const encoder = new TextEncoder();
const requestId = crypto.randomUUID();
const wrongSecret = randomHex(32);
const now = () => Math.floor(Date.now() / 1000);

// Reading the form

function randomHex(bytes) {
  const random = crypto.getRandomValues(new Uint8Array(bytes));
  return Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function readForm() {
  const scheme = element("scheme").value;
  const body = element("body").value.toWellFormed();
  return {
    secret: element("secret").value.toWellFormed(),
    scheme,
    nonce: scheme === NONCE_SCHEME ? element("nonce").value : undefined,
    method: element("method").value,
    url: readUrl(element("url").value),
    body,
    bytes: encoder.encode(body),
    timestamp: readTimestamp(element("timestamp").value),
  };
}

/** The URL as a client would request it, or `undefined`. */
function readUrl(text) {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  url.hash = "";
  return url.protocol === "https:" || url.protocol === "http:" ? url : undefined;
}

/** Seconds; what is no whole number of them cannot be signed. */
function readTimestamp(text) {
  return /^[0-9]{1,15}$/.test(text) ? Number(text) : Number.NaN;
}

function isJson(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

// The request

/** The fields to send, signature first; or the reason why there are none. */
function signRequest(request) {
  if (request.url === undefined) return { error: "The URL must start with https:// or http:// and name a host." };
  const signed = JSON.parse(
    sign(request.scheme, request.secret, request.bytes, request.timestamp, request.nonce),
  );
  if (signed.error !== undefined) return { error: sentence(signed.error) };
  const type = isJson(request.body) ? "application/json" : "application/octet-stream";
  return { fields: request.bytes.length > 0 ? [...signed.fields, ["Content-Type", type]] : signed.fields };
}

/** One word of a POSIX shell, whatever the text holds but NUL. */
const quote = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

/** The command that sends these fields with exactly these bytes, or why there is none. */
function curlCommand({ method, url, body, bytes }, fields) {
  if (body.includes("\0")) return "The body holds a NUL character, which no argument of a command can.";
  if (bytes.length > LONGEST_ARGUMENT) return "The body is too long for an argument of a command.";
  const words = [`curl --include --globoff --request ${method}`, quote(url.href)];
  for (const [name, value] of fields) words.push(`--header ${quote(`${name}: ${value}`)}`);
  if (bytes.length > 0 || method !== "GET") words.push(`--data-raw ${quote(body)}`);
  return words.join(" \\\n  ");
}

// The gate

/** A policy with one route: this request's. */
function policyFor({ scheme, method, url }) {
  const route = { path: url.pathname, methods: [method], senders: ["this-page"] };
  if (method === "GET") route.allow_empty_body = true;
  const sender = { id: "this-page", scheme, secrets: [SECRET_NAME], tolerance: WINDOW_SECONDS };
  return { senders: [sender], routes: [route] };
}

/** What each mistake makes of a request on its way, and how the page tells it. */
const MISTAKES = {
  none: () => ({}),
  alter({ bytes }) {
    if (bytes.length === 0) return { bytes: encoder.encode(" "), told: "A space was added to the empty body." };
    const altered = bytes.slice();
    const at = altered.length - 1;
    altered[at] ^= 1;
    const hex = (byte) => `0x${byte.toString(16).padStart(2, "0")}`;
    return { bytes: altered, told: `The body’s last byte went from ${hex(bytes[at])} to ${hex(altered[at])}.` };
  },
  wait: ({ timestamp }) => ({ clock: timestamp + 61, told: "It arrived 61 s after its timestamp." }),
  milliseconds: ({ fields, timestamp }) => ({
    fields: fields.map(([name, value]) => [name, name === TIMESTAMP_FIELD ? `${value}000` : value]),
    told: `The timestamp header says ${timestamp}000.`,
  }),
  secret: () => ({ secret: wrongSecret, told: "The gate holds another secret than the sender." }),
  drop: ({ fields }) => ({
    fields: fields.filter(([name]) => name !== SIGNATURE_FIELD),
    told: `${SIGNATURE_FIELD} was not sent.`,
  }),
};

/** The core's outcome for this request after this mistake. */
function decide(request, signed, mistake) {
  const sent = { ...request, fields: signed, clock: now() };
  const { fields, bytes, secret, clock, told } = { ...sent, ...MISTAKES[mistake](sent) };
  const received = bytes.length > 0 ? [...fields, ["Content-Length", String(bytes.length)]] : fields;
  const head = [request.method, request.url.href, ...received.flat()].join("\n");
  const policy = JSON.stringify(policyFor(request));
  const secrets = JSON.stringify({ [SECRET_NAME]: secret });
  return { ...JSON.parse(check(policy, secrets, head, bytes, clock, requestId)), clock, told };
}

// Showing

/** Leaves the text alone where it already stands there, so that it is not announced again. */
function show(id, text) {
  if (element(id).textContent !== text) element(id).textContent = text;
}

const sentence = (text) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
const fieldLines = (fields) => fields.map(([name, value]) => `${name}: ${value}`).join("\n");

function showSigned(request, fields) {
  show("headers", fieldLines(fields));
  show("curl", fields.length > 0 ? curlCommand(request, fields) : "");
  for (const button of document.querySelectorAll(".copy")) button.disabled = fields.length === 0;
}

function showUnsigned(error) {
  showSigned(undefined, []);
  element("decision").className = "decision unsigned";
  show("verdict", "Nothing is signed");
  show("reason", error);
  showErrors([]);
}

function showDecision(request, fields) {
  const outcome = decide(request, fields, document.querySelector("[name=mistake]:checked").value);
  const refused = outcome.status !== undefined;
  element("decision").className = refused ? "decision refused" : "decision accepted";
  show("verdict", refused ? `${outcome.status} ${outcome.log.code}` : `${outcome.log.code}: forwarded to the origin`);
  show("reason", [outcome.told, refused ? whenRefused(outcome) : undefined].filter(Boolean).join(" "));
  showErrors(outcome.log.errors ?? []);
  show("answer-title", refused ? "Answer" : "What the origin gets");
  show("answer-fields", fieldLines(outcome.fields ?? outcome.set));
  show("answer-body", refused ? JSON.stringify(JSON.parse(outcome.body), null, 2) : "");
  show("forwarded", refused ? "" : whatStays(outcome));
  show("log", JSON.stringify(outcome.log));
  show("policy", JSON.stringify(policyFor(request), null, 2));
}

function whenRefused({ log }) {
  if (log.errors) return "The gate is not set up, and lets nothing through:";
  return log.body_bytes === null ? "Refused by the head alone: the body was not read." : "Refused after the body was read.";
}

function whatStays({ remove }) {
  const removed = remove.length > 0 ? `, and ${remove.join(", ")} removed` : "";
  return `These headers are set${removed}. Method, path, query and body stay as they are.`;
}

function showErrors(errors) {
  element("errors").hidden = errors.length === 0;
  if (errors.join("\n") === [...element("errors").children].map((item) => item.textContent).join("\n")) return;
  element("errors").replaceChildren(
    ...errors.map((error) => Object.assign(document.createElement("li"), { textContent: error })),
  );
}

function showTime() {
  const live = element("time-now").checked;
  element("timestamp").readOnly = live;
  if (live) element("timestamp").value = String(now());
  const date = new Date(readTimestamp(element("timestamp").value) * 1000);
  show("timestamp-date", Number.isNaN(date.getTime()) ? "" : `${date.toISOString().slice(0, 19).replace("T", " ")} UTC`);
}

function update() {
  showTime();
  element("nonce-field").hidden = element("scheme").value !== NONCE_SCHEME;
  const request = readForm();
  const { fields, error } = signRequest(request);
  if (error !== undefined) return showUnsigned(error);
  showSigned(request, fields);
  showDecision(request, fields);
}

// Acting

function writeBody() {
  const written = JSON.parse(writeAsPython(element("body").value));
  const failed = written.error !== undefined;
  element("as-python-note").classList.toggle("failed", failed);
  if (!failed) element("body").value = written.text;
  show("as-python-note", failed ? sentence(written.error) : "Written as json.dumps writes it: keys sorted, no spaces, ASCII.");
  update();
}

async function copy(button) {
  const source = element(button.dataset.copies);
  try {
    await navigator.clipboard.writeText(source.textContent);
    button.textContent = "Copied";
    show("copied", "Copied to the clipboard");
  } catch {
    getSelection().selectAllChildren(source);
    show("copied", "The browser did not allow it. The text is selected, to be copied by hand.");
  }
  setTimeout(() => {
    button.textContent = "Copy";
    show("copied", "");
  }, 2000);
}

/** Not while somebody marks text: it would change under the pointer. */
function tick() {
  if (getSelection().isCollapsed) update();
}

function start() {
  element("secret").value = randomHex(32);
  element("nonce").value = randomHex(16);
  element("random-secret").addEventListener("click", () => {
    element("secret").value = randomHex(32);
    update();
  });
  element("random-nonce").addEventListener("click", () => {
    element("nonce").value = randomHex(16);
    update();
  });
  element("as-python").addEventListener("click", writeBody);
  element("body").addEventListener("input", () => show("as-python-note", ""));
  for (const button of document.querySelectorAll(".copy")) button.addEventListener("click", () => copy(button));
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", update);
  element("mistakes").addEventListener("input", update);
  update();
  setInterval(tick, 1000);
}

await load();
start();

// The tab Policy: what is wrong with one, what its routes take, and what it answers a request.

import { explain, Gate, readPolicy } from "../pkg/countersign.js";
import { byId, fieldLines, make, sentence, show } from "./dom.js";
import { explanationParts } from "./explanation.js";
import { addRequestFields, fillRequest, headLines, readRequest } from "./request.js";

const form = byId("policy");
const report = () => JSON.parse(readPolicy(form.elements.policy.value));
const requestId = crypto.randomUUID();
const secrets = new Map();
/** What was drawn last: nothing is drawn, and announced, again for the same. */
const drawn = {};

export const policyForm = form;

/** The JSON of the policy, without the settings around it; `null` where it has an error. */
export const soundPolicy = () => report().policy;

const bytes = (count) =>
  count % 1048576 === 0 && count > 0
    ? `${count / 1048576} MiB`
    : count % 1024 === 0 && count > 0
      ? `${count / 1024} KiB`
      : `${count} B`;

/** A cell with a small line for each of the texts under it. */
const cell = (text, ...small) => make("td", {}, text, ...small.map((line) => make("small", {}, line)));

function row({ path, methods, scheme, senders, tolerance, replay, max_body, gaps }) {
  const life = tolerance === null ? [] : [`within ${tolerance} s`];
  const once = replay === null ? [] : [`once, by ${replay}`];
  return make(
    "tr",
    { class: scheme === null ? "public" : undefined },
    make("th", { scope: "row" }, make("code", {}, path)),
    cell(methods, `up to ${bytes(max_body)}`),
    scheme === null ? cell("everybody") : cell(senders.join(", "), [scheme, ...life, ...once].join(" · ")),
    cell(gaps.map(({ text, senders: of }) => sentence(of.length > 0 ? `${text} (of ${of.join(", ")})` : text)).join(" ")),
  );
}

function table(routes) {
  const head = ["Path", "Methods", "Who may call", "Left open"].map((title) => make("th", { scope: "col" }, title));
  return make(
    "table",
    { class: "routes" },
    make("caption", {}, "What each route takes"),
    make("thead", {}, make("tr", {}, ...head)),
    make("tbody", {}, ...routes.map(row)),
  );
}

const count = (list, word) => `${list.length} ${word}${list.length === 1 ? "" : "s"}`;

function item({ level, line, path, text }) {
  const place = path.replace(/^vars\.POLICY\.?/, "") || "policy";
  return make("li", { class: level }, make("small", {}, `line ${line}`), make("code", {}, place), " ", text);
}

function showReport({ findings, policy, routes }) {
  const errors = findings.filter(({ level }) => level === "error");
  // What a route leaves open stands in the table.
  const warnings = findings.filter(({ level, path }) => level === "warning" && !path.includes(".routes["));
  const sound = policy !== null;
  const verdict = sound
    ? "The policy is sound"
    : `${count(errors, "error")}: with it the gate answers 503 to everything`;
  byId("policy-report").replaceChildren(
    make("p", { class: `verdict ${sound ? "accepted" : "refused"}`, role: "status" }, verdict),
    ...[errors, warnings]
      .filter((list) => list.length > 0)
      .map((list) => make("ul", { class: "errors" }, ...list.map(item))),
    ...(sound ? [table(routes)] : []),
  );
}

/** A field for each secret that the policy names. What was typed is kept while the page is open. */
function showSecrets(names) {
  const place = byId("policy-secrets");
  if ([...place.querySelectorAll("textarea")].map((field) => field.name).join() === names.join()) return;
  place.replaceChildren(
    ...names.map((name) => {
      const field = make("textarea", {
        name,
        rows: "1",
        spellcheck: "false",
        autocapitalize: "off",
        "data-secret": true,
      });
      field.value = secrets.get(name) ?? "";
      return make("label", { class: "field secret" }, make("span", {}, name), field);
    }),
  );
}

function givenSecrets() {
  for (const field of byId("policy-secrets").querySelectorAll("textarea")) secrets.set(field.name, field.value);
  return Object.fromEntries([...secrets].filter(([, value]) => value !== ""));
}

function decide(policy) {
  const request = readRequest(form);
  const head = headLines(request);
  const secretsText = JSON.stringify(givenSecrets());
  const gate = new Gate(policy, secretsText);
  try {
    const told = JSON.parse(gate.finish(head, request.body, request.at, request.at, requestId));
    const refused = told.status >= 400 && told.log.errors === undefined;
    return refused ? { ...told, why: JSON.parse(explain(policy, secretsText, head, request.body, request.at)) } : told;
  } finally {
    gate.free();
  }
}

function answerParts({ error, status, fields, body, set, remove, claim, log, why }) {
  if (error !== undefined) return [make("p", { class: "verdict refused", role: "status" }, sentence(error))];
  const refused = status !== undefined;
  const ok = !refused || status < 300;
  const verdict = refused ? `${status} ${log.code}` : `${log.code}: forwarded to the origin`;
  const errors = (log.errors ?? []).map((error) => make("li", {}, error));
  const document = refused && body.startsWith("{") ? JSON.stringify(JSON.parse(body), null, 2) : body;
  return [
    make("p", { class: `verdict ${ok ? "accepted" : "refused"}`, role: "status" }, verdict),
    ...(errors.length > 0 ? [make("ul", { class: "errors" }, ...errors)] : []),
    claim && make("p", { class: "hint" }, "First it is claimed, so that it is accepted once."),
    make(
      "section",
      { class: "block" },
      make("h3", {}, refused ? "What the sender gets" : "What the origin gets"),
      make("pre", {}, fieldLines(fields ?? set)),
    ),
    refused && document && make("pre", {}, document),
    !refused && remove.length > 0 && make("p", { class: "hint" }, `Removed: ${remove.join(", ")}.`),
    make(
      "section",
      { class: "block" },
      make("h3", {}, "Log line"),
      make("pre", {}, JSON.stringify(log, null, 1).replace(/\n\s*/g, " ")),
    ),
    why?.steps && make("details", { open: true }, make("summary", {}, "Why"), ...explanationParts(why)),
  ].filter(Boolean);
}

function answer(policy) {
  try {
    return decide(policy);
  } catch (error) {
    return { error: error.message };
  }
}

/** Draws what differs from what was drawn in this place before. */
function redraw(place, told, draw) {
  const text = JSON.stringify(told);
  if (drawn[place] === text) return;
  drawn[place] = text;
  draw(told);
}

export function updatePolicy() {
  const told = report();
  showSecrets(told.secrets);
  redraw("report", told, showReport);
  const place = byId("policy-answer");
  place.hidden = told.policy === null;
  if (!place.hidden)
    redraw("answer", answer(told.policy), (answered) => place.replaceChildren(...answerParts(answered)));
}

const SECRET = "EXAMPLE_SECRET";

/** The policy for one example, as `wrangler.toml` has it. */
function policyOf({ scheme, method, url, sender, route }) {
  const lines = [
    "[[vars.POLICY.senders]]",
    `id = "${scheme}"`,
    `scheme = "${scheme}"`,
    `secrets = ["${SECRET}"]`,
    ...(sender?.url ? [`url = "${sender.url}"`] : []),
    "",
    "[[vars.POLICY.routes]]",
    `path = "${new URL(url).pathname}"`,
    `methods = ["${method}"]`,
    `senders = ["${scheme}"]`,
    ...(route?.allow_empty_body ? ["allow_empty_body = true"] : []),
    "",
    "[[vars.POLICY.routes]]",
    'path = "/healthz"',
    'methods = ["GET"]',
    'access = "public"',
    "",
  ];
  return lines.join("\n");
}

export function fillPolicy(example) {
  form.elements.policy.value = example.policy ?? policyOf(example);
  if (example.secret !== undefined) {
    secrets.set(SECRET, example.secret);
    byId("policy-secrets").replaceChildren();
  }
  fillRequest(form, example);
  updatePolicy();
}

export function startPolicy() {
  addRequestFields(form);
  form.addEventListener("input", updatePolicy);
  form.addEventListener("submit", (event) => event.preventDefault());
  show("policy-report", "");
}

// The tab Explain: the request that arrived and the receiver's secret, and what the core says of them.

import { explain, policyFor } from "../pkg/countersign.js";
import { byId, make } from "./dom.js";
import { presetOf } from "./examples.js";
import { explanationParts, unexplained } from "./explanation.js";
import { MISTAKES } from "./mistakes.js";
import { addRequestFields, fillRequest, headLines, readRequest, showDate } from "./request.js";

const form = byId("explain");
const fields = form.elements;
const NAMES = ["scheme", "secret", "senderUrl", "method", "url", "headers", "body", "form", "time"];

/** The id that the request was filled in with, to sign it anew. */
let id;
/** The form's values before a mistake was planted, and which one it is. */
let before, planted;
/** What was explained last: nothing is drawn again for the same. */
let last;
/** Milliseconds that the last explanation took, and when the next one is due. */
let took = 0,
  due;

export const explainForm = form;

const values = () => Object.fromEntries(NAMES.map((name) => [name, fields[name].value]));

function explanation() {
  const request = readRequest(form);
  const secret = fields.secret.value;
  if (secret === "") return { errors: [{ text: "type the receiver’s secret to see why the signature does not match" }] };
  const head = headLines(request);
  const scheme = fields.scheme.value;
  const url = presetOf(scheme).url ? fields.senderUrl.value.trim() : "";
  const policy = policyFor(scheme, head, url || undefined);
  const told = JSON.parse(
    explain(policy, JSON.stringify({ SECRET: secret.toWellFormed() }), head, request.body, request.at),
  );
  return { ...told, at: request.at };
}

/** Explains once the typing pauses, where that takes long: a public key is tried a thousand times. */
function explainSoon() {
  clearTimeout(due);
  due = setTimeout(updateExplain, took > 50 ? 400 : 0);
}

export function updateExplain() {
  clearTimeout(due);
  fields.senderUrl.closest("label").hidden = !presetOf(fields.scheme.value).url;
  const started = performance.now();
  let told;
  try {
    told = explanation();
  } catch (error) {
    told = { errors: [{ text: error.message }] };
  }
  took = performance.now() - started;
  updateMistakes();
  const text = JSON.stringify(told);
  if (text === last) return;
  last = text;
  const parts = told.errors ? unexplained(told.errors) : explanationParts(told);
  byId("explanation").replaceChildren(...parts);
}

function updateMistakes() {
  const request = { ...(before ?? values()), id };
  for (const button of byId("mistakes").children) {
    const name = button.dataset.mistake;
    button.setAttribute("aria-pressed", String(name === planted));
    button.disabled = !MISTAKES[name][1](request);
  }
}

/** Plants a mistake into the request as it was before; once more takes it back. */
function plant(name) {
  const request = before ?? values();
  for (const key of NAMES) fields[key].value = request[key];
  before = request;
  planted = planted === name ? undefined : name;
  if (planted)
    for (const [key, value] of Object.entries(MISTAKES[name][1]({ ...request, id }))) fields[key].value = value;
  else before = undefined;
  showDate(form);
  updateExplain();
}

function forgetMistake() {
  before = planted = undefined;
}

export function fillExplain({ scheme, secret, sender, id: signedId, ...request }) {
  fields.scheme.value = scheme;
  fields.secret.value = secret ?? "";
  fields.senderUrl.value = sender?.url ?? "";
  id = signedId;
  forgetMistake();
  fillRequest(form, request);
  updateExplain();
}

export function startExplain() {
  addRequestFields(form);
  byId("mistakes").replaceChildren(
    ...Object.entries(MISTAKES).map(([name, [label]]) => {
      const button = make("button", { type: "button", "data-mistake": name, "aria-pressed": "false" }, label);
      button.addEventListener("click", () => plant(name));
      return button;
    }),
  );
  form.addEventListener("input", () => {
    forgetMistake();
    explainSoon();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
}

// Loads the core and the examples, and lets the parts of the page know of each other.

import load, { presets } from "../pkg/countersign.js";
import { byId, show, startCopying } from "./dom.js";
import { exampleOf, presetOf, showPreset, startExamples } from "./examples.js";
import { explainForm, fillExplain, startExplain, updateExplain } from "./explain.js";
import { readLink, startSharing } from "./link.js";
import { fillPolicy, policyForm, soundPolicy, startPolicy, updatePolicy } from "./policy.js";
import { showDate } from "./request.js";
import { fillSign, signForm, startSign, updateSign } from "./sign.js";
import { activeTab, openTab, startTabs } from "./tabs.js";

const FIRST = "x-hmac";
const forms = { sign: signForm, explain: explainForm, policy: policyForm };
const updates = { sign: updateSign, explain: updateExplain, policy: updatePolicy };

/** The example goes into all three tabs; it is signed anew for the present second. */
function choose(name) {
  const example = exampleOf(name);
  showPreset(name);
  fillSign({ ...example, secret: example.signs_with ?? example.secret, url: withoutSignature(example), at: undefined });
  fillExplain(example);
  fillPolicy(example);
  for (const select of [signForm, explainForm]) select.elements.scheme.value = name;
}

/** A URL that carries the signature is signed without it. */
function withoutSignature({ scheme, url }) {
  const bare = new URL(url);
  if (["cloudflare-token", "shopify-link", "shopify-proxy"].includes(scheme)) {
    for (const name of ["verify", "hmac", "signature", "timestamp"]) bare.searchParams.delete(name);
    return bare.href;
  }
  return url;
}

/** Fills the form of the link's tab. The secret is for the reader to type. */
function follow(fragment) {
  const link = readLink(fragment);
  if (!link) return;
  const { tab, values } = link;
  const form = forms[tab];
  if (presetOf(values.scheme)) showPreset(values.scheme);
  for (const field of form.querySelectorAll("[name=secret], [data-secret]")) field.value = "";
  for (const name of ["id", "keyid", "senderUrl", "headers", "body", "time"])
    if (form.elements[name]) form.elements[name].value = "";
  for (const [name, value] of Object.entries(values)) {
    const field = form.elements[name];
    if (field.tagName !== "SELECT" || [...field.options].some((option) => option.value === value)) field.value = value;
  }
  showDate(form);
  openTab(tab);
  updates[tab]();
}

/** A time that is left open is the present second, for a request that is signed. Not while somebody marks text. */
function tick() {
  const open = activeTab() === "sign" && signForm.elements.time.value.trim() === "";
  if (open && getSelection().isCollapsed && !document.hidden) updateSign();
}

async function start() {
  const [examples] = await Promise.all([fetch("examples.json").then((answer) => answer.json()), load()]);
  startExamples(JSON.parse(presets()), examples, choose);
  startTabs();
  startSign((request) => {
    fillExplain(request);
    openTab("explain", { focus: true });
  });
  startExplain();
  startPolicy();
  startCopying();
  startSharing(() => ({
    tab: activeTab(),
    form: forms[activeTab()],
    policy: activeTab() === "policy" ? soundPolicy() : undefined,
  }));
  for (const form of [signForm, explainForm])
    form.elements.scheme.addEventListener("change", ({ target }) => showPreset(target.value));
  document.addEventListener("tab", ({ detail }) => updates[detail]());
  addEventListener("hashchange", () => follow(location.hash));
  choose(FIRST);
  follow(location.hash);
  setInterval(tick, 1000);
  document.documentElement.dataset.ready = "";
}

try {
  await start();
} catch (error) {
  byId("broken").hidden = false;
  show("broken", `The playground could not start: ${error.message}`);
}

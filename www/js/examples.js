// The index of examples: a list of buttons that is one stop for the Tab key, found by typing.

import { byId, make, show } from "./dom.js";

let presets, examples, choose;
const buttons = () => [...byId("presets").querySelectorAll("button")].filter((button) => !button.closest("li").hidden);

export const presetOf = (name) => presets.find((preset) => preset.name === name);
export const exampleOf = (name) => examples.find((example) => example.scheme === name);
export const allPresets = () => presets;

function moveTo(button) {
  if (!button) return;
  for (const other of byId("presets").querySelectorAll("button")) other.tabIndex = other === button ? 0 : -1;
  button.focus();
}

function onKey(event) {
  const all = buttons();
  const at = all.indexOf(document.activeElement);
  const steps = {
    ArrowDown: at + 1,
    ArrowRight: at + 1,
    ArrowUp: at - 1,
    ArrowLeft: at - 1,
    Home: 0,
    End: all.length - 1,
  };
  const to = steps[event.key];
  if (to === undefined) return;
  event.preventDefault();
  if (to < 0) byId("find").focus();
  else moveTo(all[Math.min(to, all.length - 1)]);
}

function find() {
  const wanted = byId("find").value.trim().toLowerCase();
  let found = 0;
  for (const item of byId("presets").children) {
    item.hidden = !item.dataset.words.includes(wanted);
    if (!item.hidden) found += 1;
  }
  show("none-found", found === 0 ? "No preset has that in its name." : "");
  const [first] = buttons();
  if (first && !buttons().some((button) => button.tabIndex === 0)) first.tabIndex = 0;
}

/** Marks the chosen one, and says what its signature binds. */
export function showPreset(name) {
  for (const button of byId("presets").querySelectorAll("button")) {
    const chosen = button.dataset.preset === name;
    if (chosen) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
    button.tabIndex = chosen ? 0 : -1;
  }
  reveal(byId("presets").querySelector("[aria-current]"));
  const preset = presetOf(name);
  show("preset-provider", preset.provider);
  byId("preset-facts").replaceChildren(
    make("li", {}, make("code", {}, name)),
    ...facts(preset).map(([kind, text]) => make("li", { class: kind }, text)),
    ...(preset.documentation.startsWith("https:")
      ? [make("li", {}, make("a", { href: preset.documentation, rel: "noreferrer" }, "documentation"))]
      : []),
  );
}

/** Moves the list, and nothing but the list, until the button is to be seen. */
function reveal(button) {
  const list = byId("presets");
  const [inner, outer] = [button.getBoundingClientRect(), list.getBoundingClientRect()];
  list.scrollTop += Math.max(0, inner.bottom - outer.bottom) + Math.min(0, inner.top - outer.top);
  list.scrollLeft += Math.max(0, inner.right - outer.right) + Math.min(0, inner.left - outer.left);
}

/** What a valid signature proves, and what it leaves open. */
function facts(preset) {
  const { components, tolerance } = preset;
  const bound = [
    ["the body", preset.body],
    ["the time", tolerance !== null],
    ["an id", preset.id],
    ["the method", preset.method],
    [preset.url ? "the URL" : "path and query", preset.url || preset.target],
  ];
  const words = bound.filter(([, is]) => is).map(([word]) => word);
  const open = bound
    .filter(([, is]) => !is)
    .map(([word]) => word)
    .filter((word) => word !== "an id" && word !== "the time");
  return [
    ["", preset.algorithm],
    ["binds", components ? "binds what it names" : `binds ${list(words) || "nothing of the request"}`],
    ["open", tolerance === null ? "never expires" : `good for ${tolerance} s`],
    ...(open.length > 0 && !components ? [["open", `leaves ${list(open)} open`]] : []),
    ...(preset.caveat ? [["open", `also: ${preset.caveat}`]] : []),
  ];
}

const list = (words) => words.join(", ").replace(/, ([^,]*)$/, " and $1");

export function startExamples(rows, requests, chosen) {
  [presets, examples, choose] = [rows, requests, chosen];
  byId("presets").replaceChildren(
    ...presets.map(({ name, provider }) => {
      const button = make("button", { type: "button", "data-preset": name, title: provider }, name);
      button.addEventListener("click", () => choose(name));
      return make("li", { "data-words": `${name} ${provider}`.toLowerCase() }, button);
    }),
  );
  byId("presets").addEventListener("keydown", onKey);
  byId("find").addEventListener("input", find);
  byId("find").addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") {
      event.preventDefault();
      moveTo(buttons()[0]);
    }
    if (event.key === "Enter" && buttons()[0]) buttons()[0].click();
  });
  for (const select of document.querySelectorAll("select[name=scheme]")) {
    select.replaceChildren(...presets.map(({ name }) => make("option", {}, name)));
  }
}

// The tabs, by the pattern of the ARIA Authoring Practices Guide: one stop for the Tab key, the
// arrows, Home and End move, and what is reached is shown.

import { byId } from "./dom.js";

const NAMES = ["sign", "explain", "policy"];
let chosen = "sign";

export const activeTab = () => chosen;

export function openTab(name, { focus = false } = {}) {
  chosen = NAMES.includes(name) ? name : "sign";
  for (const one of NAMES) {
    const active = one === chosen;
    const tab = byId(`tab-${one}`);
    tab.setAttribute("aria-selected", String(active));
    tab.tabIndex = active ? 0 : -1;
    byId(`panel-${one}`).hidden = !active;
    if (active && focus) tab.focus();
  }
  document.dispatchEvent(new CustomEvent("tab", { detail: chosen }));
}

function next(key) {
  const at = NAMES.indexOf(chosen);
  if (key === "Home") return NAMES[0];
  if (key === "End") return NAMES.at(-1);
  if (key === "ArrowLeft") return NAMES.at(at - 1);
  if (key === "ArrowRight") return NAMES[(at + 1) % NAMES.length];
  return undefined;
}

export function startTabs() {
  for (const name of NAMES) byId(`tab-${name}`).addEventListener("click", () => openTab(name));
  document.querySelector("[role=tablist]").addEventListener("keydown", (event) => {
    const name = next(event.key);
    if (name === undefined) return;
    event.preventDefault();
    openTab(name, { focus: true });
  });
}

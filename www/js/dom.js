// What every part of the page needs of the document.

export const byId = (id) => document.getElementById(id);

/** An element with attributes and children; a child that is no node is text. */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== undefined && child !== false));
  return element;
}

/** Leaves the text alone where it already stands there, so that it is not announced again. */
export function show(target, text) {
  const element = typeof target === "string" ? byId(target) : target;
  if (element.textContent !== text) element.textContent = text;
}

export const sentence = (text) =>
  text === "" ? "" : `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?:]$/.test(text) ? "" : "."}`;

export const fieldLines = (fields) => fields.map(([name, value]) => `${name}: ${value}`).join("\n");

/** A text with its escapes, as the core writes what cannot be seen, each in a mark of its own. */
export function withEscapes(text) {
  const parts = text.split(/(\\(?:[nrt\\0]|x[0-9a-f]{2}|u\{[0-9a-f]+\}))/);
  const nodes = parts.map((part, at) => (at % 2 === 0 ? part : make("span", { class: "escape" }, part)));
  // A line ends behind its line feed, to be read as the lines it has.
  const goesOn = (at) => parts.slice(at + 1).some((part) => part !== "");
  return nodes.flatMap((node, at) => (parts[at] === "\\n" && goesOn(at) ? [node, "\n"] : [node]));
}

async function copy(button) {
  const source = byId(button.dataset.copies);
  const label = button.textContent;
  try {
    await navigator.clipboard.writeText(source.textContent);
    button.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(source);
    button.textContent = "Selected";
  }
  setTimeout(() => (button.textContent = label), 1500);
}

/** Copies what a button with `data-copies` names, now and whatever is drawn later. */
export function startCopying() {
  document.addEventListener("click", ({ target }) => {
    const button = target.closest("button.copy");
    if (button) copy(button);
  });
}

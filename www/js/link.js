// A link that opens the page with what a form holds. It is all in the fragment, which no server
// sees, written so that a person can read it; and it never holds a secret.

import { byId, show } from "./dom.js";
import { allPresets, presetOf } from "./examples.js";

/** The longest fragment that every common chat and mail program keeps whole, in characters. */
const LONGEST = 8000;
/** Form fields that a link may hold, by the tab. Nothing else is even looked at. */
const HELD = {
  sign: ["scheme", "id", "keyid", "method", "url", "body", "form", "time"],
  explain: ["scheme", "senderUrl", "method", "url", "headers", "body", "form", "time"],
  policy: ["policy", "method", "url", "headers", "body", "form", "time"],
};
/** Headers beside those of the schemes that a decision may rest on. */
const HARMLESS = [
  "host",
  "content-type",
  "content-length",
  "content-encoding",
  "content-digest",
  "transfer-encoding",
  "signature",
  "signature-input",
  "date",
  "digest",
];
const CREDENTIALS = /^(authorization|proxy-authorization|cookie|set-cookie)$|secret|token|password|api-?key/i;

/** The headers that go into the link, and the names of those that do not. */
function split(text, policy) {
  const signing = allPresets().filter((preset) => preset.algorithm !== presetOf("gitlab").algorithm);
  const known = new Set([...signing.flatMap((preset) => preset.fields.map((name) => name.toLowerCase())), ...HARMLESS]);
  const covered = /^signature-input:(.*)$/im.exec(text)?.[1].toLowerCase() ?? "";
  const named = (name) =>
    known.has(name) ||
    name.startsWith("x-contentful-") ||
    covered.includes(`"${name}"`) ||
    policy.toLowerCase().includes(`"${name}"`);
  const kept = [],
    left = [];
  for (const line of text.split("\n").filter(Boolean)) {
    const name = line.split(":")[0].trim();
    if (named(name.toLowerCase()) && !CREDENTIALS.test(name)) kept.push(line);
    else left.push(name);
  }
  return { kept: kept.join("\n"), left };
}

function withoutPassword(text) {
  if (!URL.canParse(text)) return text;
  const url = new URL(text);
  if (!url.username && !url.password) return text;
  url.username = url.password = "";
  return url.href;
}

/** The spellings under which a secret could stand in a text. */
function spellings(secret) {
  const bare = secret.trim();
  const all = [
    bare,
    bare.replace(/^(whsec_|whpk_)/, ""),
    JSON.stringify(bare).slice(1, -1),
    encodeURIComponent(bare),
    btoa(String.fromCharCode(...new TextEncoder().encode(bare))),
  ];
  return all.filter((text) => text !== "");
}

/**
 * The fragment for a form; or why there is none. `left` are the headers that it leaves out. `policy` is
 * the JSON of a sound policy, of which a link holds that and nothing of the settings around it.
 */
export function linkOf(tab, form, policy) {
  if (tab === "policy" && policy === null)
    return { error: "No link: the policy has errors, and what cannot be read may hold a secret." };
  const held = new URLSearchParams();
  let left = [];
  for (const name of HELD[tab]) {
    let { value } = form.elements[name];
    if (name === "url" || name === "senderUrl") value = withoutPassword(value);
    if (name === "policy") value = JSON.stringify(JSON.parse(policy), null, 1);
    if (name === "headers") ({ kept: value, left } = split(value, policy ?? ""));
    if (value !== "") held.set(name, value);
  }
  const secrets = [...form.querySelectorAll("[name=secret], [data-secret]")].map((field) => field.value);
  const texts = [...held.values()].flatMap((text) => [
    text,
    text.replace(/%[0-9a-f]{2}/gi, (code) => String.fromCharCode(Number.parseInt(code.slice(1), 16))),
  ]);
  if (secrets.flatMap(spellings).some((secret) => texts.some((text) => text.includes(secret)))) {
    return { error: "No link: the secret stands in the request itself." };
  }
  const fragment = `#${tab}?${held}`;
  return fragment.length > LONGEST ? { error: "No link: the request is too long for one." } : { fragment, left };
}

/** What a fragment holds: the tab, and the values of its fields; nothing where it is no such link. */
export function readLink(fragment) {
  const [tab, query] = fragment.replace(/^#/, "").split(/\?(.*)/s);
  if (!Object.hasOwn(HELD, tab)) return undefined;
  const held = new URLSearchParams(query ?? "");
  return {
    tab,
    values: Object.fromEntries(HELD[tab].filter((name) => held.has(name)).map((name) => [name, held.get(name)])),
  };
}

export function startSharing(current) {
  byId("share").addEventListener("click", async () => {
    const { tab, form, policy } = current();
    const { fragment, left, error } = linkOf(tab, form, policy);
    if (error) return show("shared", error);
    const link = new URL(fragment, location.href).href;
    const omitted = left.length > 0 ? `, without the secret and ${[...new Set(left)].join(", ")}` : ", without the secret";
    // The form to sign holds no signature.
    const signed = HELD[tab].includes("headers") && form.elements.headers.value.trim() !== "";
    const note = signed
      ? `${omitted}. It holds the request with its signature: whoever has the link can send it while it is fresh, and where the scheme signs no time, for ever.`
      : omitted;
    try {
      await navigator.clipboard.writeText(link);
      show("shared", `Copied${note}`);
    } catch {
      history.replaceState(null, "", link);
      show("shared", `The link is in the address bar${note}`);
    }
  });
  document.addEventListener("input", () => show("shared", ""));
}

// What the built Worker weighs, by part, as a Markdown table: `make size`.
//
// It reads the names of functions, which a build with NAMES=1 keeps. The code is the same. What a
// part weighs gzipped is that of its functions alone; together they do better.

import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const ROOT = new URL("../", import.meta.url);
const wasm = readFileSync(new URL("build/index_bg.wasm", ROOT));
const js = readFileSync(new URL("build/index.js", ROOT));
const IMPORTS = 2;
const CODE = 10;
const DATA = 11;
/** Marks imports that share their module's name. */
const GROUP = 0x7f;

function reader(bytes) {
  let at = 0;
  const number = () => {
    let [value, shift, byte] = [0, 0];
    do {
      byte = bytes[at++];
      value += (byte & 127) * 2 ** shift;
      shift += 7;
    } while (byte & 128);
    return value;
  };
  const take = (length) => bytes.subarray(at, (at += length));
  return { number, take, text: () => take(number()).toString("utf8"), ended: () => at >= bytes.length };
}

function sections() {
  const input = reader(wasm.subarray(8));
  const found = [];
  while (!input.ended()) {
    const id = input.take(1)[0];
    const content = input.take(input.number());
    found.push({ id, content, name: id === 0 ? reader(content).text() : undefined });
  }
  return found;
}

/** How many of the first functions are imported: one by one, or a module's in one group. */
function importedFunctions(content) {
  const input = reader(content);
  let functions = 0;
  const limits = () => {
    if (input.number() & 1) input.number();
    input.number();
  };
  const skip = (kind) => {
    if (kind === 0) functions += 1;
    if (kind === 0) input.number();
    else if (kind === 1) input.take(1), limits();
    else if (kind === 2) limits();
    else if (kind === 3) input.take(2);
    else throw new Error(`an import of kind ${kind}`);
  };
  for (let left = input.number(); left > 0; left -= 1) {
    input.text();
    const name = input.text();
    const kind = input.take(1)[0];
    if (name !== "" || kind !== GROUP) {
      skip(kind);
      continue;
    }
    for (let of = input.number(); of > 0; of -= 1) {
      input.text();
      skip(input.take(1)[0]);
    }
  }
  return functions;
}

function functionNames(content) {
  const input = reader(content);
  input.text();
  const names = new Map();
  while (!input.ended()) {
    const id = input.take(1)[0];
    const part = reader(input.take(input.number()));
    if (id === 1) for (let left = part.number(); left > 0; left -= 1) names.set(part.number(), part.text());
  }
  return names;
}

const PARTS = {
  countersign: "this package",
  sha1: "SHA-1", sha2: "SHA-2", hmac: "HMAC", digest: "HMAC",
  ed25519_dalek: "Ed25519", curve25519_dalek: "Ed25519",
  p256: "ECDSA", ecdsa: "ECDSA", primeorder: "ECDSA", elliptic_curve: "ECDSA", crypto_bigint: "ECDSA",
  serde_json: "JSON (serde)", serde_core: "JSON (serde)", serde: "JSON (serde)",
  dlmalloc: "allocator",
  js_sys: "wasm-bindgen", wasm_bindgen: "wasm-bindgen", worker_sys: "wasm-bindgen",
  base64ct: "base64 and hex", hex: "base64 and hex",
  std: "Rust's standard library", core: "Rust's standard library", alloc: "Rust's standard library",
};

/** The part that a function belongs to, by the first known crate in its name. */
function partOf(name = "") {
  const crates = name.match(/[a-z_][a-z0-9_]*(?=(?:\[[0-9a-f]+\])?::)/g) ?? [];
  // What is generic belongs to who instantiates it.
  const own = crates.find((crate) => PARTS[crate] && !/^(std|core|alloc)$/.test(crate));
  const found = own ?? crates.find((crate) => PARTS[crate]);
  return PARTS[found] ?? "glue and the rest";
}

const all = sections();
const named = all.find(({ name }) => name === "name");
if (!named) {
  console.error("size: build/index_bg.wasm has no names; use make size");
  process.exit(2);
}
const names = functionNames(named.content);
const parts = new Map();
const add = (part, bytes) => parts.set(part, [...(parts.get(part) ?? []), bytes]);
const code = reader(all.find(({ id }) => id === CODE).content);
const first = importedFunctions(all.find(({ id }) => id === IMPORTS).content);
const count = code.number();
for (let index = 0; index < count; index += 1) add(partOf(names.get(first + index)), code.take(code.number()));
for (const { id, content } of all) {
  if (id === DATA) add("constants and texts", content);
  else if (id !== CODE && id !== 0) add("WebAssembly's own tables", content);
}

const kilo = (bytes) => (bytes / 1000).toFixed(1);
const gzipped = (bytes) => gzipSync(bytes, { level: 9 }).length;
const rows = [...parts].map(([part, list]) => [part, Buffer.concat(list)]);
// Without the names, as it is uploaded.
const uploaded = Buffer.concat(rows.map(([, bytes]) => bytes));
rows.push(["JavaScript", js]);
rows.sort(([, a], [, b]) => b.length - a.length);
console.log("| Part | KB | KB gzipped alone |\n| --- | --: | --: |");
for (const [part, bytes] of rows) console.log(`| ${part} | ${kilo(bytes.length)} | ${kilo(gzipped(bytes))} |`);
const whole = uploaded.length + js.length;
console.log(`| **all** | **${kilo(whole)}** | **${kilo(gzipped(uploaded) + gzipped(js))}** |`);

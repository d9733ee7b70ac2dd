// The head of a request as lines, which the core takes apart in less time than anything else.

import { ask, core, fieldsRead } from "./instance.js";

// How many heads' names are remembered, and of how many characters at the most.
const MOST_HEADS = 256;
const LONGEST_HEAD = 1024;

const encoder = new TextEncoder();
// Where a head is written for the core: the glue takes more than twice as long for a string.
const headBytes = new Uint8Array(1 << 16);

/** The id, the method, the URL, then names and values in turn. None of them can hold a line feed. */
export function headLines({ method, url }, headers, requestId) {
  let lines = `${requestId}\n${method}\n${url}`;
  const add = (value, name) => {
    lines += `\n${name}\n${value}`;
  };
  if (fieldsRead === undefined) headers.forEach(add);
  else {
    for (const name of fieldsRead) {
      const value = headers.get(name);
      if (value !== null) add(value, name);
    }
  }
  return lines;
}

/** The bytes of lines, good until those of others are asked for. */
export function bytesOf(lines) {
  // A character may take three bytes.
  if (3 * lines.length > headBytes.length) return encoder.encode(lines);
  return headBytes.subarray(0, encoder.encodeInto(lines, headBytes).written);
}

// A client sends the same names again and again, and the answer for them never changes.
const leftBehindOf = new Map();

/**
 * The names of those fields that stay behind, of a head that did not have all fields; nothing where there
 * are more than a head may have.
 */
export function leftBehind(headers) {
  let lines = headers.get("connection") ?? "";
  for (const name of headers.keys()) lines += `\n${name}`;
  const known = leftBehindOf.get(lines);
  if (known !== undefined) return known;
  const names = ask(core.left_behind, bytesOf(lines));
  if (names === undefined) return undefined;
  const list = names === "" ? [] : names.split("\n");
  if (leftBehindOf.size >= MOST_HEADS) leftBehindOf.clear();
  if (lines.length <= LONGEST_HEAD) leftBehindOf.set(lines, list);
  return list;
}

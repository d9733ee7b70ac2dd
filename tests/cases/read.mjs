// Reads the files of this folder, whose format README.md describes.

import { readdirSync, readFileSync } from "node:fs";

/** What a file says; `{"repeat": "x", "times": 3}` is the text "xxx". */
export const read = (name) =>
  JSON.parse(readFileSync(new URL(name, import.meta.url), "utf8"), (_, value) =>
    typeof value?.repeat === "string" ? value.repeat.repeat(value.times) : value,
  );

/** Every family: its cases, and perhaps its own defaults. */
export const families = () =>
  readdirSync(new URL(".", import.meta.url))
    .filter((name) => name.endsWith(".json") && !["defaults.json", "resolved.json"].includes(name))
    .sort()
    .map(read);

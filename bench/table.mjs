// The results as Markdown. `results` has, for each load, the rounds and the peak of each competitor.

import { answers401, nodeCrypto, ours, readsBody, webcrypto } from "./competitors.mjs";
import { ratio, summary } from "./statistics.mjs";

const NONE = "–";
const row = (cells) => `| ${cells.join(" | ")} |`;
const head = (cells) => `${row(cells)}\n${row(cells.map((_, index) => (index ? "--:" : "---")))}`;

function figure(value, digits = 0, unit = 1) {
  if (!value) return NONE;
  const number = (value.median / unit).toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return `${number} ±${Math.round((100 * value.spread) / value.median)} %`;
}

/** The table of one load. */
export function loadTable({ load, rounds, peaks }) {
  const lines = load.competitors.map(({ id, title }) => {
    const of = (name) => summary(rounds[id].map((round) => round[name]));
    return row([
      title,
      figure(of("rate"), of("rate").median < 100 ? 1 : 0),
      ratio(rounds[id], rounds[webcrypto.id], "rate").median.toFixed(2),
      figure(of("cpu")),
      figure(of("p50"), 2, 1000),
      figure(of("p99"), 2, 1000),
      peaks[id] === undefined ? NONE : Math.round(peaks[id] / 1024),
    ]);
  });
  const columns = ["Worker", "requests/s", ": (c)", "CPU µs/request", "p50 ms", "p99 ms", "peak MiB"];
  return [`### ${load.title} (${load.connections} connections)\n`, head(columns), ...lines].join("\n");
}

/** What issue 6 asks of a load: a competitor to compare with, the figure, and the bound. */
function targets({ load, rounds }) {
  if (load.kind === "concurrency") return [];
  const rate = (id) => summary(rounds[id].map((round) => round.rate)).median;
  const slowest = load.competitors.filter(({ id }) => id !== ours.id).toSorted((a, b) => rate(a.id) - rate(b.id))[0];
  const better = rate(nodeCrypto.id) > rate(webcrypto.id) ? nodeCrypto : webcrypto;
  const atLeast = (competitor, bound) => ({ competitor, of: "rate", bound });
  const list = [];
  if (load.kind === "valid" && load.bytes <= 10_000) list.push(atLeast(webcrypto, 1.1), atLeast(readsBody, 0.97));
  if (load.kind === "valid" && load.bytes > 10_000) list.push(atLeast(webcrypto, 1.1), atLeast(better, 1));
  if (load.kind === "valid") list.push({ ...atLeast(slowest, 1), note: "the slowest other: " });
  if (load.kind === "forged") list.push(atLeast(webcrypto, 1.3));
  if (load.competitors.includes(answers401)) list.push(atLeast(answers401, 0.9));
  list.push({ competitor: webcrypto, of: "cpu", bound: 1, most: true });
  return list;
}

/** Our ratios beside the targets of issue 6. */
export function targetTable(results) {
  const lines = results.flatMap((result) =>
    targets(result).map(({ competitor, of, bound, most, note = "" }) => {
      const value = ratio(result.rounds[ours.id], result.rounds[competitor.id], of);
      const met = value && (most ? value.median <= bound : value.median >= bound);
      return row([
        result.load.title,
        `${of === "cpu" ? "CPU a request" : "requests/s"} : ${note}${competitor.title}`,
        figure(value, 2),
        `${most ? "≤" : "≥"} ${bound.toFixed(2)}`,
        value ? (met ? "yes" : "**no**") : NONE,
      ]);
    }),
  );
  return ["### Countersign against the targets\n", head(["Load", "Ratio", "Measured", "Target", "Met"]), ...lines].join("\n");
}

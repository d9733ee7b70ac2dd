// A figure of several rounds: their median and half the way from the least to the most.

const median = (sorted) => {
  const middle = sorted.length / 2;
  return sorted.length % 2 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/** `undefined` where a round has no figure. */
export function summary(figures) {
  if (figures.some((figure) => figure === undefined)) return undefined;
  const sorted = figures.toSorted((a, b) => a - b);
  return { median: median(sorted), spread: (sorted.at(-1) - sorted[0]) / 2 };
}

/** The ratio round by round, so that what slows a whole round down weighs on both. */
export const ratio = (above, below, of) =>
  summary(above.map((round, index) => (below[index][of] === undefined ? undefined : round[of] / below[index][of])));

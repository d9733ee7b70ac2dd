// What a benchmark is told by the environment, and how it says what it does or what is wrong.

/** Tells the progress, on standard error. */
export const say = (text) => process.stderr.write(`bench: ${text}\n`);

/** Says what is wrong, and ends. */
export function fail(message) {
  say(message);
  process.exit(2);
}

/** A variable that is a whole number above 0. */
export function wholeNumber(name, usual) {
  const value = Number(process.env[name] ?? usual);
  return Number.isInteger(value) && value > 0 ? value : fail(`${name} must be a whole number above 0`);
}

/** Those of the loads that `LOADS` names, or the usual ones: all where none are given. */
export function chosenLoads(loads, usual = loads.map(({ id }) => id)) {
  const ids = process.env.LOADS?.split(",") ?? usual;
  const find = (id) => loads.find((load) => load.id === id);
  const unknown = ids.filter((id) => !find(id));
  if (unknown.length) fail(`LOADS has ${unknown}; there are ${loads.map(({ id }) => id).join(",")}`);
  return ids.map(find);
}

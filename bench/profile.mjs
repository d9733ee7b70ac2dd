// Prints where one Worker's JavaScript and wasm spend their time under one load.
//
//   node bench/profile.mjs countersign valid-200B

import * as competitors from "./competitors.mjs";
import { prepareLoad } from "./load.mjs";
import { loads } from "./loads.mjs";
import { start } from "./workerd.mjs";

const [id, loadId] = process.argv.slice(2);
const competitor = Object.values(competitors).find((one) => one.id === id);
const load = loads.find((one) => one.id === loadId);
if (!competitor || !load) {
  console.error("usage: node bench/profile.mjs COMPETITOR LOAD");
  process.exit(2);
}

const origin = await start(competitors.origin);
const worker = await start(competitor, competitors.environment(origin.url), { inspect: true });
const round = prepareLoad(load);
await round(worker.url, 2);

const [target] = await (await fetch(`http://127.0.0.1:${worker.inspector}/json`)).json();
const socket = new WebSocket(target.webSocketDebuggerUrl);
await new Promise((resolve, reject) => Object.assign(socket, { onopen: resolve, onerror: reject }));

let last = 0;
const waiting = new Map();
socket.onmessage = ({ data }) => {
  const { id, result } = JSON.parse(data);
  waiting.get(id)?.(result);
};
const call = (method, params = {}) =>
  new Promise((resolve) => {
    waiting.set((last += 1), resolve);
    socket.send(JSON.stringify({ id: last, method, params }));
  });

await call("Profiler.enable");
await call("Profiler.setSamplingInterval", { interval: 200 });
await call("Profiler.start");
const { requests } = await round(worker.url, 3);
const { profile } = await call("Profiler.stop");

const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
const self = new Map();
profile.samples.forEach((node, index) => {
  const { functionName, url, lineNumber, columnNumber } = frames.get(node);
  const place = lineNumber < 0 ? "" : `:${lineNumber + 1}:${columnNumber + 1}`;
  const name = `${functionName || "(anonymous)"} ${url.split("/").at(-1)}${place}`;
  self.set(name, (self.get(name) ?? 0) + profile.timeDeltas[index]);
});
console.log("µs/request  share  function");
const whole = profile.endTime - profile.startTime;
for (const [name, time] of [...self].sort((a, b) => b[1] - a[1]).slice(0, 30)) {
  console.log(`${(time / requests).toFixed(1).padStart(10)}  ${((100 * time) / whole).toFixed(1).padStart(4)} %  ${name}`);
}
process.exit(0);

// What is sent. Every load is a list of requests that are sent in turn, all with one body.

import { SECRET } from "../tests/worker/harness/setup.mjs";
import { now, xHmac } from "../tests/worker/harness/sign.mjs";
import {
  answers401,
  forwardsUnverified,
  nodeCrypto,
  ours,
  passThrough,
  readsBody,
  refusesUnread,
  webcrypto,
} from "./competitors.mjs";

const KB = 1000;
const MB = 1000 * KB;
const FORWARDING = [passThrough, readsBody, webcrypto, nodeCrypto, ours];

/** What a Python client sends beside the signature. */
const USUAL = [
  ["Content-Type", "application/json"],
  ["User-Agent", "python-requests/2.32.3"],
  ["Accept", "*/*"],
  ["Accept-Encoding", "gzip, deflate"],
];

/** A JSON document of so many bytes. */
export const bodyOf = (bytes) => Buffer.from(`{"text":"${"countersign ".repeat(bytes / 12 + 1)}`.slice(0, bytes - 2) + '"}');

export const headersOf = {
  valid: (body) => [...USUAL, ...xHmac(SECRET, body)],
  forged: (body) => [...USUAL, ...xHmac(`${SECRET}?`, body)],
  stale: (body) => [...USUAL, ...xHmac(SECRET, body, now() - 3600)],
  unsigned: () => USUAL,
};

const one = (kind, size, bytes, more) => ({
  id: `${kind}-${size.replace(" ", "")}`,
  title: `${kind}, ${size}`,
  kind,
  bytes,
  requests: [kind],
  refused: kind === "valid" ? 0 : 1,
  connections: 16,
  competitors: FORWARDING,
  ...more,
});
const small = { competitors: [...FORWARDING, forwardsUnverified] };
const byHead = { competitors: [...FORWARDING, answers401, refusesUnread] };

/** The same request over other numbers of connections; without targets. */
const concurrent = (connections) =>
  one("concurrency", `${connections}`, 200, {
    title: "valid, 200 B",
    requests: ["valid"],
    refused: 0,
    connections,
    competitors: [readsBody, webcrypto, ours],
  });

/** `refused` is the share that a gate refuses. */
export const loads = [
  one("valid", "200 B", 200, small),
  one("valid", "2 KB", 2 * KB, small),
  one("valid", "10 KB", 10 * KB, small),
  one("valid", "100 KB", 100 * KB),
  one("valid", "1 MB", MB),
  one("valid", "10 MB", 10 * MB, { connections: 4 }),
  one("forged", "200 B", 200),
  one("forged", "100 KB", 100 * KB),
  one("stale", "200 B", 200, { id: "stale", ...byHead }),
  one("unsigned", "200 B", 200, { id: "unsigned", ...byHead }),
  one("mixed", "2 KB", 2 * KB, {
    id: "mixed",
    title: "90 % forged, 10 % valid, 2 KB",
    requests: ["valid", ...Array(9).fill("forged")],
    refused: 0.9,
  }),
  ...[1, 4, 64, 256].map(concurrent),
];

// Who is compared. `modules` are files of workers/ or build/, the main one first.

import { SECRET } from "../tests/worker/harness/setup.mjs";

export const PATH = "/v1/infer";
const MAX_BODY = 16_777_216;

/** What workers/gate.js has as constants. */
const POLICY = {
  senders: [{ id: "bench", scheme: "x-hmac", secrets: ["APP_SECRET"] }],
  routes: [{ path: PATH, methods: ["POST"], senders: ["bench"], max_body: MAX_BODY }],
};

export const origin = { id: "origin", modules: ["origin.js"] };

export const passThrough = { id: "pass-through", title: "(a) forwards without reading", modules: ["pass-through.js"] };
export const readsBody = { id: "reads-body", title: "(b) reads the body, forwards", modules: ["reads-body.js"] };
export const webcrypto = {
  id: "webcrypto",
  title: "(c) JavaScript gate, WebCrypto",
  modules: ["webcrypto.js", "gate.js"],
  gate: true,
};
export const nodeCrypto = {
  id: "node-crypto",
  title: "(d) JavaScript gate, node:crypto",
  modules: ["node-crypto.js", "gate.js"],
  gate: true,
};
export const ours = {
  id: "countersign",
  title: "**(e) Countersign**",
  modules: ["index.js", "index_bg.wasm"],
  gate: true,
};
export const answers401 = {
  id: "answers-401",
  title: "(f) answers 401 at once",
  modules: ["answers-401.js"],
  refuses: 401,
};
export const forwardsUnverified = {
  id: "forwards-unverified",
  title: "(g) a gate's duties, not verifying",
  modules: ["forwards-unverified.js"],
};
export const refusesUnread = {
  id: "refuses-unread",
  title: "(h) a gate's 401, nothing read",
  modules: ["refuses-unread.js"],
  refuses: 401,
};

/** Every competitor gets the same environment. */
export const environment = (originUrl) => ({
  texts: { ORIGIN: originUrl, APP_SECRET: SECRET },
  json: { POLICY },
});

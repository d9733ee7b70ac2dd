// One gate for all presets: a route, a sender and a secret each, at `/hook/<preset>`.

import assert from "node:assert/strict";
import { json, send } from "../../worker/harness/client.mjs";
import { startOrigin } from "../../worker/harness/origin.mjs";
import { startGate } from "../../worker/harness/workerd.mjs";
import { stopPython } from "./python.mjs";
import { providers } from "./providers.mjs";

/**
 * Starts it. Each of `more` is a further sender: id, preset, secrets, and perhaps a URL, and what the
 * sender and its route have of their own.
 */
export async function startPresets(more = []) {
  const senders = [
    ...providers.map(({ name, secret, url, route }) => ({ id: name, preset: name, secrets: [secret], url, route })),
    ...more,
  ];
  const secrets = {};
  const policy = { senders: [], routes: [] };
  for (const { id, preset, secrets: texts, url, sender, route } of senders) {
    const names = texts.map((text, at) => {
      const name = `SECRET_${id.replace(/-/g, "_").toUpperCase()}_${at}`;
      secrets[name] = text;
      return name;
    });
    // A whole URL is what the sender was told; its requests come to the route, as if a proxy had moved them.
    const isWhole = url !== undefined && new URL(url).pathname !== "/";
    const told = { ...(url && { url }), ...(isWhole && { behind_rewrite: true }) };
    policy.senders.push({ id, scheme: preset, secrets: names, ...told, ...sender });
    policy.routes.push({ path: `/hook/${id}`, methods: ["POST", "PUT"], senders: [id], ...route });
  }
  const origin = await startOrigin();
  const gate = await startGate({ policy, secrets, origin: origin.url });
  let sent = 0;
  /** The code of the last request, which some answers do not give: Xero's must have no body. */
  async function loggedCode() {
    for (let waits = 0; waits < 1000 && gate.log().length < sent; waits += 1) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return gate.log()[sent - 1].code;
  }
  return {
    port: gate.port,
    /** What the origin received. */
    received: origin.received,
    /** Counts a request that was sent without `outcome`. */
    skipped: () => (sent += 1),
    /** Sends a request, and gives the code of the refusal, or "accepted". */
    async outcome(request) {
      const seen = origin.received.length;
      const answer = await send(gate.port, request);
      sent += 1;
      if (answer.status === 200) {
        assert.equal(origin.received.length, seen + 1);
        const received = origin.received[seen];
        assert.equal(received.target, request.target);
        assert.equal(received.method, request.method ?? "POST");
        const body = request.chunks ? Buffer.concat(request.chunks) : (request.body ?? Buffer.alloc(0));
        assert.deepEqual(received.body, body, "the origin received exactly the bytes");
        return { code: "accepted", scheme: received.headers["countersign-scheme"] };
      }
      assert.equal(origin.received.length, seen, "the origin received nothing");
      const code = answer.body.length > 0 ? json(answer).code : await loggedCode();
      return { code, status: answer.status };
    },
    async stop() {
      stopPython();
      await gate.stop();
      await origin.stop();
    },
  };
}

// A gate in front of an origin, and a client that signs, for tests that change one thing.

import { startOrigin } from "./origin.mjs";
import { send } from "./client.mjs";
import { xHmac } from "./sign.mjs";
import { startGate } from "./workerd.mjs";

export const SECRET = "kP2vX9mQ4sT7wZ1cF6hJ3nR8bL5dG0yA";

/** A policy with one sender and these fields on its one signed route, and a public route. */
export const policyWith = (route = {}) => ({
  senders: [{ id: "django-app", scheme: "x-hmac", secrets: ["APP_SECRET"] }],
  routes: [
    { path: "/v1/{name}", methods: ["POST"], senders: ["django-app"], ...route },
    { path: "/open/{name}", methods: ["GET", "HEAD", "POST"], access: "public" },
  ],
});

/**
 * Starts both for one test, and stops them with it. `route` goes into the policy, `answer` to
 * the origin.
 */
export async function setUp(t, { route, answer, ...settings } = {}) {
  const origin = await startOrigin({ answer });
  const gate = await startGate({
    policy: policyWith(route),
    secrets: { APP_SECRET: SECRET },
    origin: origin.url,
    ...settings,
  });
  t.after(async () => {
    await gate.stop();
    await origin.stop();
  });
  return { gate, origin };
}

/** Sends a signed request; `headers` go in front of the signature's. */
export function sendSigned(gate, body, { headers = [], ...request } = {}) {
  return send(gate.port, { target: "/v1/infer", ...request, headers: [...headers, ...xHmac(SECRET, body)], body });
}

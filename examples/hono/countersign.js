// Hono's middleware: only what a known sender signed reaches the handlers behind it.

import { Verifier } from "countersign";

/**
 * `options` gives the policy and the secrets, from the context. Where the policy has `replay`, `claims` is
 * the store: `claim` gives its verdict, and `release` forgets a claim whose request was not answered well.
 * Without a store such a request is refused.
 *
 * A handler reads `c.get("sender")`; `c.req` has the verified bytes and no header that was pretended.
 */
export function countersign(options, claims) {
  let verifier;
  return async (c, next) => {
    verifier ??= new Verifier(options(c));
    let result = await verifier.verify(c.req.raw);
    if (result.outcome === "claim") result = result.settle(await verdict(claims, c, result.claim));
    console.log(JSON.stringify(result.log));
    if (result.outcome === "refused" || result.outcome === "answer") return result.response;
    const { body, headers } = result;
    const { method, url } = c.req.raw;
    c.req.raw = new Request(url, { method, headers, body: body.length > 0 ? body : null });
    if (result.outcome === "accepted") c.set("sender", result.sender);
    await next();
    const status = c.error === undefined ? c.res.status : undefined;
    if (result.outcome === "accepted" && result.releases(status)) {
      // Where that fails, the sender may not send the request again.
      await Promise.resolve(claims.release(c, result.claim)).catch(() => {});
    }
  };
}

async function verdict(claims, c, asked) {
  try {
    return (await claims?.claim(c, asked)) ?? "unavailable";
  } catch {
    return "unavailable";
  }
}

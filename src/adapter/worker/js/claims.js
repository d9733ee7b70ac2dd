// Claims, by which a request is accepted once: made at the Durable Object, and given up.

import { env, waitUntil } from "cloudflare:workers";
import { within } from "../../js/within.js";
import { ask, core } from "./instance.js";
import { failure } from "./order.js";

// Milliseconds that the replay store may take.
const CLAIM_TIMEOUT = 2000;
// Statuses with which Cloudflare says that it could not reach the origin with the request.
const UNREACHED = new Set([521, 523, 525, 526, 530]);
// The verdict that a request is the first; what the others mean is the core's business.
const CLAIMED = 0;

/** Claims the request: nothing where it is the first, else the order to refuse it. */
export async function makeClaim(claim, requestId) {
  let verdict, cause;
  const claiming = tryTwice((store) => {
    const { id, expires, retention, capacity } = claim;
    return store.claim(id, requestId, expires, retention, capacity);
  }, claim);
  try {
    verdict = await within(CLAIM_TIMEOUT, claiming);
  } catch (error) {
    cause = error;
  }
  if (verdict === CLAIMED) return undefined;
  if (verdict !== undefined) return { order: ask(core.refused_claim, verdict, requestId, Date.now()) };
  // It may have been made, or be made yet, for a request that is being refused; not by an object that
  // has too much to do already.
  if (!cause?.overloaded) waitUntil(claiming.catch(() => {}).then(() => release(claim, requestId, false)));
  const order = failure("replay_store_unavailable", requestId);
  return { order, error: cause?.message ?? "no answer in time" };
}

/**
 * Gives a claim up, whose request was forwarded or was not, so that it may be sent again. Where that
 * fails, it may not.
 */
export async function release(claim, requestId, forwarded) {
  const releasing = tryTwice((store) => store.release(claim.id, requestId, forwarded), claim);
  await within(CLAIM_TIMEOUT, releasing).catch(() => {});
}

/** Whether a claim is given up, after the origin answered with this status or none. */
export function mayBeSentAgain(claim, status) {
  if (!claim || claim.release === "never") return false;
  if (status === undefined || UNREACHED.has(status)) return true;
  return claim.release === "5xx" && status >= 500;
}

// Asks the object that decides about a claim; once more where it was lost, by an object that moved
// or a new version of the Worker. What one request asks of it may be asked twice.
async function tryTwice(question, { object }) {
  const stub = () => env.REPLAY.get(env.REPLAY.idFromName(object));
  try {
    return await question(stub());
  } catch (error) {
    if (error.overloaded) throw error;
    return question(stub());
  }
}

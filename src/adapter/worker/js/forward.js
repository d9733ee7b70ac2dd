// Sends on to the origin what the core has let through.

import { within } from "../../js/within.js";
import { answerInstead } from "./answer.js";
import { mayBeSentAgain, release } from "./claims.js";
import { failure } from "./order.js";

/** The origin's answer, or one in its place. */
export async function forward({ request, headers: received, requestId }, body, plan) {
  const { url, timeout, claim, log, remove, set } = plan;
  const headers = new Headers(received);
  for (const name of remove) headers.delete(name);
  for (let i = 0; i < set.length; i += 2) headers.set(set[i], set[i + 1]);
  const { method } = request;
  const init = { method, headers, body: body.length > 0 ? body : null, redirect: "manual" };
  // No other method is cached, and the origin is told about it by two fields more.
  if (method === "GET" || method === "HEAD") init.cache = "no-store";
  let response;
  try {
    // A late one ends with the answer to the client: it needs no signal to abort it.
    response = await within(timeout, fetch(url, init));
  } catch {
    if (mayBeSentAgain(claim)) await release(claim, requestId, true);
    return answerInstead(failure("origin_unreachable", requestId), log);
  }
  // An origin that is late may still act on the request, so its claim stays.
  if (response === undefined) return answerInstead(failure("origin_timeout", requestId), log);
  const { status } = response;
  // Before it stands the code, which is a word.
  console.log(log.replace('"status":null', `"status":${status}`));
  if (mayBeSentAgain(claim, status)) await release(claim, requestId, true);
  return response;
}

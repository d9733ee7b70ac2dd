// The Worker's half in JavaScript: takes the request from the runtime, asks the core, and carries
// out its answer. It decides nothing. scripts/build-worker.sh joins these modules into worker-build's shim.

import { within } from "../../js/within.js";
import { answer, answerFailure, answerInstead } from "./answer.js";
import { settled } from "./answers.js";
import { decide, readBody } from "./body.js";
import { makeClaim } from "./claims.js";
import { forward } from "./forward.js";
import { bytesOf, headLines, leftBehind } from "./head.js";
import { ask, core, fieldsRead } from "./instance.js";
import { failure, isAsking, isForward, planOf } from "./order.js";

export { ReplayStore } from "./replay_store.js";

let lastTicket = 0;

export default {
  // What is refused by its head needs no promise.
  fetch(request) {
    const requestId = crypto.randomUUID();
    try {
      const { headers } = request;
      const head = headLines(request, headers, requestId);
      const now = Date.now();
      const ticket = newTicket();
      const refused = begin(ticket, head, now);
      if (refused !== undefined && !isAsking(refused)) return answer(refused);
      const received = { request, headers, head, now, ticket, requestId };
      return finish(received, refused).catch((error) => answerFailure(error, requestId));
    } catch (error) {
      return answerFailure(error, requestId);
    }
  },
};

// Under a ticket the core waits for the body of a request whose head has passed.
const newTicket = () => (lastTicket += 1);

// Decides by the head: the refusal, if there is one.
const begin = (ticket, head, now) => ask(core.begin, ticket, bytesOf(head), now);

const NO_BODY = new Uint8Array();

// The same once the runtime has answered what is asked about a head.
function settleHead(refused, ticket) {
  return settled(refused, ticket, NO_BODY, (answers) => ask(core.begin_answered, ticket, answers));
}

// The order for a request that was forgotten while its body was on the way.
async function decideAnew({ head, now }, body) {
  const ticket = newTicket();
  return (await settleHead(begin(ticket, head, now), ticket)) ?? decide(ticket, body);
}

// What is done with a request that its head does not refuse, or about which the runtime is asked first.
async function finish(received, asking) {
  const { request, headers, ticket, requestId } = received;
  if (asking !== undefined) {
    const refused = await settleHead(asking, ticket);
    if (refused !== undefined) return answer(refused);
  }
  const timeout = 1000 * ask(core.body_timeout, ticket);
  let body;
  let reason = "body_timeout";
  try {
    body = await within(timeout, readBody(request, headers, ticket));
  } catch {
    reason = "body_incomplete";
  }
  if (body === undefined) {
    ask(core.give_up, ticket);
    return answer(failure(reason, requestId));
  }
  let order = decide(ticket, body);
  if (order instanceof Promise) order = await order;
  order ??= await decideAnew(received, body);
  if (!isForward(order)) return answer(order);
  const plan = planOf(order);
  // The core has not seen the other names.
  if (fieldsRead !== undefined) plan.remove = leftBehind(headers);
  if (plan.remove === undefined) return answer(failure("no_route", requestId));
  const { claim, log } = plan;
  const refusal = claim && (await makeClaim(claim, requestId));
  if (refusal) return answerInstead(refusal.order, log, refusal.error);
  return await forward(received, body, plan);
}

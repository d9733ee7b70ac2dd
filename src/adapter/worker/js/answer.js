// Answers of the gate's own, each with its line in the log.

import { failure } from "./order.js";

/** Carries out an order to answer. `line` replaces what it would log. */
export function answer(order, line) {
  const atLog = order.indexOf("\n") + 1;
  const atFields = order.indexOf("\n", atLog) + 1;
  const atBody = order.indexOf("\n", atFields) + 1;
  console.log(line ?? order.slice(atLog, atFields - 1));
  const model = bodilessAnswer(order.slice(0, atLog - 1), order.slice(atFields, atBody - 1));
  // Without a body, some statuses may not even have an empty one.
  return new Response(order.slice(atBody) || null, model);
}

/** An answer in place of the origin's, with what was found out about the request in the log. */
export function answerInstead(order, log, error) {
  const [, own] = order.split("\n", 2);
  const { code, status } = JSON.parse(own);
  return answer(order, JSON.stringify({ ...JSON.parse(log), code, status, error }));
}

/** The answer to a request on which the gate itself failed. */
export function answerFailure(error, requestId) {
  // The message is left out: it may quote the request.
  const at = error.stack?.split("\n").slice(1, 6);
  console.error(JSON.stringify({ code: "internal_error", error: error.name, at, request_id: requestId }));
  return answer(failure("internal_error", requestId));
}

// Answers without a body, by status and fields as lines: the policy's schemes and routes have no more
// than a few. A new answer takes less time after one of them than from a status and fields.
const bodiless = new Map();

function bodilessAnswer(status, fields) {
  const key = `${status}\n${fields}`;
  let response = bodiless.get(key);
  if (response === undefined) {
    const headers = new Headers();
    const parts = fields.split("\t");
    for (let i = 0; i + 1 < parts.length; i += 2) headers.set(parts[i], parts[i + 1]);
    bodiless.set(key, (response = new Response(null, { status: Number(status), headers })));
  }
  return response;
}

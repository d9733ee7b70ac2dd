// What the package exports, over the core that an entry has loaded. It decides nothing.

import * as core from "./core/countersign.js";
import { collect, fill } from "./core/stream.js";
import { within } from "./core/within.js";

const encoder = new TextEncoder();
const sentence = ({ text }) => text;
const seconds = () => Math.floor(Date.now() / 1000);

/** A policy or the secret of its seal is broken; to explain, a sender's as well. */
export class PolicyError extends Error {
  constructor(problems) {
    const errors = problems.map(sentence);
    super(`the policy is not in order: ${errors.join("; ")}`);
    this.name = "PolicyError";
    this.errors = errors;
    this.problems = problems;
  }
}

/** A request cannot be signed. */
export class SignError extends Error {
  constructor(message, code) {
    super(message);
    this.name = "SignError";
    this.code = code;
  }
}

export class Verifier {
  #gate;

  /** Why senders are refused: a sentence for each of their secrets that is missing or broken. */
  brokenSecrets;

  /** The same, each with its code and the path of its field. */
  problems;

  constructor({ policy, secrets }) {
    this.#gate = new core.Gate(policyText(policy), JSON.stringify(secrets));
    const { errors, broken } = JSON.parse(this.#gate.report());
    if (errors.length > 0) throw new PolicyError(errors);
    this.problems = Object.freeze(broken);
    this.brokenSecrets = Object.freeze(broken.map(sentence));
  }

  async verify(request, { now, requestId = crypto.randomUUID() } = {}) {
    const head = headLines(request);
    const begun = now ?? seconds();
    const admitted = JSON.parse(this.#gate.begin(head, begun, requestId));
    if (admitted.max_body === undefined) return answered(admitted);
    let body;
    try {
      body = await readBody(request, admitted.max_body, admitted.body_timeout);
    } catch (error) {
      if (typeof request.body?.getReader !== "function") throw error;
      return answered(JSON.parse(core.incompleteBody(requestId)));
    }
    if (body === undefined) return answered(JSON.parse(core.lateBody(requestId)));
    // A body may have taken long.
    const received = now ?? seconds();
    const outcome = JSON.parse(this.#gate.finish(head, body, begun, received, requestId));
    if (outcome.set === undefined) return answered(outcome);
    if (outcome.claim === undefined) return passed(request, body, outcome);
    return claimed(request, body, outcome, requestId, received);
  }
}

export function sign({ secret, body = "", scheme, method = "POST", url, id, keyid, now = seconds() }) {
  if (typeof secret !== "string") throw new SignError("the secret is not a text", "undecodable-secret");
  const asked = JSON.stringify({ scheme, method, url: String(url), now, id, keyid });
  const { fields, error, code } = JSON.parse(core.sign(asked, secret, bytesOf(body)));
  if (error !== undefined) throw new SignError(error, code);
  return fields;
}

/** Bytes of body that an explanation reads at the most: what a policy can allow. */
const LARGEST_BODY = 32 << 20;

export async function explain(request, { policy, secrets, scheme, secret, senderUrl }, { now = seconds() } = {}) {
  const head = headLines(request);
  const body = await readBody(request, LARGEST_BODY);
  const lone = policy === undefined;
  const text = lone ? core.policyFor(scheme, head, senderUrl) : policyText(policy);
  const told = JSON.parse(core.explain(text, JSON.stringify(lone ? { SECRET: secret } : secrets), head, body, now));
  if (told.errors !== undefined) throw new PolicyError(told.errors);
  return told;
}

export const presets = () => JSON.parse(core.presets());

const policyText = (policy) => (typeof policy === "string" ? policy : JSON.stringify(policy));

function bytesOf(body) {
  if (typeof body === "string") return encoder.encode(body.toWellFormed());
  if (body instanceof Uint8Array) return body;
  throw new TypeError("a body is raw bytes or a text, and nothing that was parsed");
}

// One runtime gives the bytes of a value beyond ASCII as characters of Latin-1, another as UTF-8. What they
// were cannot be told, so nothing can be verified over them: U+FFFD says so.
const asciiOf = (value) => String(value).replace(/[^\0-\x7f]/gu, "\ufffd");

// Method, URL, then names and values in turn. A line feed in any of them would move the others.
function headLines({ method = "POST", url, headers }) {
  const fields =
    Array.isArray(headers) || typeof headers?.[Symbol.iterator] === "function"
      ? [...headers]
      : Object.entries(headers ?? {});
  const lines = [method, String(url), ...fields.flatMap(([name, value]) => [name, asciiOf(value)])];
  if (lines.some((line) => /[\r\n\0]/.test(line))) throw new TypeError("a line end in the head of a request");
  return lines.join("\n");
}

// The whole body; or, of one that is longer than it may be, its start, which is longer too. Nothing where it
// takes longer than so many seconds.
async function readBody(request, maxBody, timeout) {
  const { body } = request;
  if (body === null || body === undefined) return new Uint8Array();
  if (typeof body.getReader !== "function") return bytesOf(body);
  const reader = readerOf(body);
  const read = reader.readAtLeast ? fill(reader, maxBody + 1) : collect(reader, maxBody + 1);
  try {
    return await (timeout === undefined ? read : within(1000 * timeout, read));
  } finally {
    reader.cancel().catch(() => {});
  }
}

// In Workers, a reader that fills a buffer before it gives it back.
function readerOf(stream) {
  try {
    const reader = stream.getReader({ mode: "byob" });
    if (reader.readAtLeast) return reader;
    reader.releaseLock();
  } catch {
    // The stream does not say that it has bytes.
  }
  return stream.getReader();
}

function passed({ headers }, body, { set, remove, log }, claim) {
  const cleaned = new Headers(headers);
  for (const name of remove) cleaned.delete(name);
  for (const [name, value] of set) cleaned.set(name, value);
  const { sender, scheme } = log;
  return log.code === "accepted"
    ? { outcome: "accepted", sender, scheme, headers: cleaned, body, log, claim, releases: releasesOf(claim) }
    : { outcome: "public", headers: cleaned, body, log };
}

// Whether a claim is given up after an answer with this status, or after none.
const releasesOf = (claim) => (status) => {
  if (claim === undefined || claim.release === "never") return false;
  return status === undefined || (claim.release === "5xx" && status >= 500);
};

// Says nothing about the request yet: who reads a sender here has not claimed.
function claimed(request, body, outcome, requestId, received) {
  let settled = false;
  const { retention, ...claim } = outcome.claim;
  // A request without a time does not grow stale, only what is remembered of it.
  claim.expires ??= received + retention;
  const late = retention === undefined ? "expired" : "unavailable";
  return {
    outcome: "claim",
    claim,
    settle(verdict) {
      if (settled) throw new Error("this claim was settled before");
      settled = true;
      const now = seconds();
      const word = now > claim.expires ? late : String(verdict);
      const refusal = JSON.parse(core.refusedClaim(word, now, requestId));
      if (refusal === null) return passed(request, body, outcome, claim);
      const { code, status } = refusal.log;
      return answered({ ...refusal, log: { ...outcome.log, code, status } });
    },
  };
}

function answered({ status, fields, body, log }) {
  // Without a body, some statuses may not even have an empty one.
  const response = new Response(body || null, { status, headers: fields });
  if (log.code === "handshake") return { outcome: "answer", response, log };
  return { outcome: "refused", code: log.code, status, response, log };
}

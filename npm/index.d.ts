/**
 * Verifies requests that other servers signed, says why one is refused, and signs requests.
 *
 * @example
 * const verifier = new Verifier({
 *   policy: {
 *     senders: [{ id: "stripe", scheme: "stripe", secrets: ["STRIPE_SECRET"] }],
 *     routes: [{ path: "/hooks/stripe", methods: ["POST"], senders: ["stripe"] }],
 *   },
 *   secrets: { STRIPE_SECRET: env.STRIPE_SECRET },
 * });
 * const result = await verifier.verify(request);
 * if (result.outcome !== "accepted") return answer(result);
 */

/** A value of JSON. */
export type Json = null | boolean | number | string | Json[] | { [member: string]: Json };

/** Who may call what: the policy of the Countersign Worker, as an object or as its JSON text. */
export type Policy = string | { senders: Json[]; routes: Json[]; seal?: Json };

export interface VerifierOptions {
  policy: Policy;
  /** The secrets that the policy names, each written as its provider shows it. */
  secrets: Record<string, string>;
}

/** A request whose parts are at hand. A `Request` is one as well. */
export interface RequestParts {
  /** In capitals. */
  method?: string;
  /** The absolute URL as the sender called it, not as a proxy calls you. */
  url: string | URL;
  /** Every field as it came, each line on its own. */
  headers: Headers | Iterable<readonly [string, string]> | Record<string, string>;
  /** The raw bytes as they came. Nothing that was parsed and written again has a valid signature. */
  body?: Uint8Array | string | ReadableStream<Uint8Array> | null;
}

/** A line for the log: one decision, with `null` for what was not found out. It holds no secret. */
export interface LogLine {
  /** `accepted`, `public`, `handshake`, or the code of the refusal. */
  code: string;
  status: number | null;
  sender: string | null;
  /** Which of the sender's secrets verified the request, from 0. */
  secret_index: number | null;
  scheme: string | null;
  route: string | null;
  /** Seconds by which the clock here is ahead of the sender's. */
  skew_seconds: number | null;
  body_bytes: number | null;
  request_id: string;
}

/** Signed by a known sender, in time, and bound to these bytes. */
export interface Accepted {
  outcome: "accepted";
  /** The sender's id in the policy. */
  sender: string;
  /** The name of the scheme that verified. */
  scheme: string;
  /** The bytes that were verified: read these, and no others. */
  body: Uint8Array;
  /** The request's headers without what a sender could pretend, and with `Countersign-Sender`. */
  headers: Headers;
  log: LogLine;
  /** What the store remembers of it, where the policy asks that it is accepted once (`replay`). */
  claim?: Claim;
  /**
   * Whether the store is to give the claim up, so that the sender may send the request again: ask when you
   * have answered, with your status, or without one where you failed before you had any. Always false
   * where there is no claim.
   */
  releases(status?: number): boolean;
}

/**
 * The signature is right, and the policy asks that the request is accepted once (`replay`). It is
 * not accepted yet: store the claim, and hand the store's verdict to `settle`.
 */
export interface ClaimRequired {
  outcome: "claim";
  claim: Claim;
  /**
   * Says what became of the claim. Only `"claimed"` leads to {@link Accepted}, and only as long as
   * the claim has not expired; every other word leads to a refusal. A second call throws.
   */
  settle(verdict: Verdict): Accepted | Refused;
}

/** What a store remembers. One call to the store must be one decision: set it if it is not there. */
export interface Claim {
  /** The sender's id and a shard of its claims: with the id, the key to store under. */
  object: string;
  /** 32 hexadecimal digits. */
  id: string;
  /**
   * Unix seconds until which the claim is kept, and after which it cannot be made. Where the scheme signs no
   * time, so long after the request was verified as `retention` in the policy says.
   */
  expires: number;
  /** The most claims of the sender to keep at a time; above it the verdict is `"full"`. */
  capacity: number;
  /** When the claim is to be given up: {@link Accepted.releases} has the answer. */
  release: "never" | "unreached" | "5xx";
}

/**
 * - `claimed`: it was not there, and now is.
 * - `replayed`: it was there already: 409.
 * - `expired`: it came after `expires`: 401.
 * - `full`, `unavailable`: nobody can tell: 503.
 */
export type Verdict = "claimed" | "replayed" | "expired" | "full" | "unavailable";

/** A request to a public route. Nothing of it is verified. */
export interface Public {
  outcome: "public";
  body: Uint8Array;
  headers: Headers;
  log: LogLine;
}

/** A provider tries the endpoint out, and the policy lets it be answered (`handshake`). */
export interface Answered {
  outcome: "answer";
  /** Send this. */
  response: Response;
  log: LogLine;
}

/** The request goes no further. */
export interface Refused {
  outcome: "refused";
  /** Stable, such as `invalid_signature` or `stale_timestamp`. */
  code: string;
  status: number;
  /** The answer to send: `application/problem+json`, with nothing that helps to forge. */
  response: Response;
  log: LogLine;
}

export type Verification = Accepted | ClaimRequired | Public | Answered | Refused;

/** Decides about requests by one policy. Make one and keep it: the keys are prepared here. */
export class Verifier {
  /**
   * A sender's secret that is missing or broken is no error: it stops its own sender, whose requests are
   * refused with `misconfigured`, and no other. Look at `brokenSecrets`.
   *
   * @throws {PolicyError} where the policy has an error, or the secret of its seal is missing or broken.
   */
  constructor(options: VerifierOptions);

  /**
   * A sentence for each sender's secret that is missing, weak, not written as its scheme's are, or another
   * name's as well: the path of its field, the sender, and why. It never holds the secret. Empty where all
   * are in order.
   */
  readonly brokenSecrets: readonly string[];

  /** The same for programs: what `brokenSecrets` says, one for one. */
  readonly problems: readonly Problem[];

  /**
   * Verifies a request. It reads the body of a `Request`, and no more of it than the route takes:
   * go on with the `body` of the result.
   *
   * @param options.now Unix seconds; the present second where it is left out.
   * @param options.requestId Goes into the answer and the log; a UUID where it is left out.
   */
  verify(request: Request | RequestParts, options?: { now?: number; requestId?: string }): Promise<Verification>;
}

export interface SignOptions {
  /** The name of a preset, such as `x-hmac`. */
  scheme: string;
  /** Written as the scheme's secrets are. */
  secret: string;
  /** Absolute, as the receiver knows it. */
  url: string | URL;
  /** `POST` where it is left out. */
  method?: string;
  /** The bytes that will be sent; a text stands for its UTF-8. */
  body?: Uint8Array | string;
  /** The id or nonce, given exactly where the scheme signs one; another one for every request. */
  id?: string;
  /** The key's name, which HTTP Message Signatures carry. */
  keyid?: string;
  /** Unix seconds; the present second where it is left out. */
  now?: number;
}

/**
 * The fields to send with the body: names and values.
 *
 * @throws {SignError} where there is no such scheme, or it cannot sign this.
 */
export function sign(options: SignOptions): [name: string, value: string][];

/** Whose policy it is, or, without one, the scheme and the one secret of a receiver. */
export type Receiver =
  | VerifierOptions
  | {
      /** The name of a preset. */
      scheme: string;
      secret: string;
      /** The URL that the sender was told to call, where the scheme signs one and it is not the request's. */
      senderUrl?: string;
    };

/**
 * Decides about a request as a {@link Verifier} does, and says why: each check, the signed bytes, and
 * the mistake that explains a signature which does not match.
 *
 * For the holder of the secrets, at a desk. The explanation holds a valid signature: never answer
 * with it, and never log it.
 *
 * @param options.now Unix seconds at which the request arrived.
 * @throws {PolicyError} where the policy is broken, or a secret that is needed for the request.
 */
export function explain(
  request: Request | RequestParts,
  receiver: Receiver,
  options?: { now?: number },
): Promise<Explanation>;

/** Texts have what cannot be seen written out: `\\n`, `\\t`, `\\u{feff}`, `\\xff`, and `\\`. */
export interface Explanation {
  /** `accepted`, `public`, `handshake`, or the code of the refusal. */
  code: string;
  /** `null` where the origin would answer. */
  status: number | null;
  /** The sentence of the refusal. */
  detail: string | null;
  route: string | null;
  scheme: string | null;
  sender: string | null;
  /** The checks in their order. Of a refused request the last one failed. */
  steps: Step[];
  /** The values of the signature fields. */
  received: string[];
  /** Each key that counted, with what it signs. */
  comparisons: Comparison[];
  /** What went wrong, where it was found: each of these explains it alone. */
  causes: Cause[];
  /** How far it was looked. */
  effort: { tries: number; bytes: number; complete: boolean };
}

export interface Step {
  /** Such as `fields`, `window` or `signature`. */
  check: string;
  passed: boolean;
  read: string;
  compared: string;
}

export interface Comparison {
  sender: string;
  /** The secret's name. */
  secret: string;
  /** Whether it counts at this moment. */
  valid_now: boolean;
  signed_bytes: string;
  signed_length: number;
  /** A valid signature; `null` for a public key, which makes none. */
  expected: string | null;
  matches: boolean;
}

export interface Cause {
  /** All of them together. */
  mistakes: { code: string; text: string }[];
  /** Whose secret it was signed with, where it is one of the policy's. */
  sender: string | null;
  secret: string | null;
}

/** A scheme that a policy can name. */
export interface Preset {
  name: string;
  /** Whose requests these are. */
  provider: string;
  /** The page that describes them. */
  documentation: string;
  algorithm: string;
  /** The fewest bytes of the secret's key, once it is decoded; `null` where it is a public key. */
  min_key_bytes: number | null;
  /** The header fields that make a request a signed one. */
  fields: string[];
  /** Seconds a timestamp may be off; `null` where no time is signed. */
  tolerance: number | null;
  /** Whether an id or nonce must be given to sign. */
  id: boolean;
  /** What a signature binds. */
  body: boolean;
  url: boolean;
  method: boolean;
  target: boolean;
  /** Whether a signature says itself what it covers (RFC 9421). */
  components: boolean;
  /** What else a signature leaves open. */
  caveat: string | null;
  /** Whether the provider's handshake can be answered. */
  handshake: boolean;
}

/** Every preset, in the order of their names. */
export function presets(): Preset[];

/** What is wrong with a policy or a secret. */
export interface Problem {
  /** Stable, such as `unknown-scheme` or `missing-secret`; the words of `text` may change. */
  code: string;
  /** The field, such as `senders[0].scheme`; empty for the policy as a whole. */
  path: string;
  /** A sentence that names the field and never holds a secret. */
  text: string;
}

/** A policy or its secrets are broken. */
export class PolicyError extends Error {
  /** A sentence for each error, with the path of its field. */
  readonly errors: readonly string[];
  /** The same for programs, one for one. */
  readonly problems: readonly Problem[];
}

/** A request cannot be signed. */
export class SignError extends Error {
  /** Stable, such as `unknown-scheme` or `id-required`; the words of `message` may change. */
  readonly code: string;
}

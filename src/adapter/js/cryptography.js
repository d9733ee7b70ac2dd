// Answers the core's questions about cryptography by the runtime's own: asking.rs has how they cross.

const DIGEST = 0;
const VERIFY = 1;

const RIGHT = 1;
const WRONG = 0;
const NO_KEY = 2;

const HASHES = ["SHA-1", "SHA-256", "SHA-384", "SHA-512"];

// By their places: how a public key comes, how WebCrypto imports it, and how it verifies and signs.
const ECDSA = (namedCurve, hash) => ["spki", { name: "ECDSA", namedCurve }, { name: "ECDSA", hash }];
const ALGORITHMS = [
  ["raw", "Ed25519", "Ed25519"],
  ECDSA("P-256", "SHA-256"),
  ECDSA("P-384", "SHA-384"),
  ["spki", { name: "RSA-PSS", hash: "SHA-512" }, { name: "RSA-PSS", saltLength: 64 }],
  ["spki", { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }, "RSASSA-PKCS1-v1_5"],
];

/** The keys of one policy, imported once each. `publicKey(number)` and `privateKey()` give their bytes. */
export class Keys {
  #publicKey;
  #privateKey;
  #imported = new Map();

  constructor(publicKey, privateKey) {
    this.#publicKey = publicKey;
    this.#privateKey = privateKey;
  }

  verifying(number) {
    return this.#get(number, "verify", () => this.#publicKey(number));
  }

  signing() {
    return this.#get("signing", "sign", this.#privateKey);
  }

  // The promise of a key is not kept: it may fail, or end with the request that made it.
  async #get(name, usage, bytes) {
    let key = this.#imported.get(name);
    if (key === undefined) {
      key = await imported(bytes(), usage);
      this.#imported.set(name, key);
    }
    return key;
  }
}

function imported(bytes, usage) {
  const [format, algorithm] = ALGORITHMS[bytes[0]];
  return crypto.subtle.importKey(usage === "sign" ? "pkcs8" : format, bytes.slice(1), algorithm, false, [usage]);
}

/**
 * The answers to all questions, about a request with this body. Where a `hash` of pieces is given, the body is
 * long: it may give a digest at once, and what has to be put together is put together for one answer at a time.
 */
export async function answersTo(questions, body, keys, hash) {
  const answers = [];
  for (const question of read(questions, body)) {
    const answer = answered(question, keys, hash);
    answers.push(hash === undefined ? answer : await answer);
  }
  const all = await Promise.all(answers);
  return joined(all.flatMap((answer) => [Uint8Array.of(answer.length), answer]));
}

// What lets nothing through, where no answer can be had.
const NONE = new Uint8Array();
// No answer is longer.
const MOST_BYTES = 255;

async function answered(question, keys, hash) {
  try {
    const { kind, place, message } = question;
    const digest = kind === DIGEST ? hash?.(HASHES[place], message.parts) : undefined;
    const answer = digest ?? (await answerTo(question, keys));
    const bytes = answer instanceof ArrayBuffer ? new Uint8Array(answer) : answer;
    return bytes instanceof Uint8Array && bytes.length <= MOST_BYTES ? bytes : NONE;
  } catch {
    return NONE;
  }
}

async function answerTo({ kind, place, number, message, signature }, keys) {
  // No other question has its bytes.
  if (kind === DIGEST) return await crypto.subtle.digest(HASHES[place], joined(message.parts));
  const [, , use] = ALGORITHMS[place];
  if (kind !== VERIFY) return await crypto.subtle.sign(use, await keys.signing(), message.bytes);
  let key;
  try {
    key = await keys.verifying(number);
  } catch {
    return Uint8Array.of(NO_KEY);
  }
  const isRight = await crypto.subtle.verify(use, key, signature, message.bytes);
  return Uint8Array.of(isRight === true ? RIGHT : WRONG);
}

function read(questions, body) {
  const view = new DataView(questions.buffer, questions.byteOffset, questions.byteLength);
  const list = [];
  let message;
  for (let at = 0; at < questions.length; ) {
    const [kind, place, hasBody, isLast] = questions.subarray(at, at + 4);
    const [number, ...lengths] = [4, 8, 12, 16].map((offset) => view.getUint32(at + offset, true));
    at += 20;
    const [before, after, signature] = lengths.map((length) => questions.subarray(at, (at += length)));
    if (!isLast) message = new Message(hasBody ? [before, body, after] : [before, after]);
    list.push({ kind, place, number, message, signature });
  }
  return list;
}

// What is hashed or signed. For keys it is put together once, and only where it is asked for.
class Message {
  #bytes;

  constructor(parts) {
    this.parts = parts;
  }

  get bytes() {
    this.#bytes ??= joined(this.parts);
    return this.#bytes;
  }
}

function joined(parts) {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

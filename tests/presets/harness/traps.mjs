// What the tests of single traps share.

import { createHmac } from "node:crypto";
import { provider } from "./providers.mjs";

export const ACCEPTED = "accepted";
export const INVALID = "invalid_signature";
export const MISSING = "missing_signature";
export const BODY = Buffer.from('{"amount":1250}');

export const mac = (encoding, key, text, hash = "sha256") => createHmac(hash, key).update(text).digest(encoding);

/** A request to a preset's route with these fields. */
export const hook = (name, fields, body = BODY, rest = {}) => ({
  target: `/hook/${name}`,
  headers: Object.entries(fields),
  body,
  ...rest,
});

export const secretOf = (name) => provider(name).secret;

// The same answers everywhere: the requests that the core and the Worker are tested with go through
// the command as messages, and every preset that can be signed is signed and verified.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { read } from "../cases/read.mjs";
import { countersign, folder, ROOT } from "./harness/command.mjs";

const file = read("resolved.json");

/** A request as it goes over the wire. */
function wire({ method, target, headers, body_hex }) {
  const body = Buffer.from(body_hex, "hex");
  const lines = [`${method} ${target} HTTP/1.1`, "Host: gate.test", ...headers.map(([name, value]) => `${name}: ${value}`), `Content-Length: ${body.length}`];
  return Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`), body]);
}

test("every_request_of_the_table_has_the_code_that_the_worker_gives", async (t) => {
  const policy = join(folder(t), "policy.json");
  writeFileSync(policy, JSON.stringify(file.policy));
  const decide = async (one, subcommand) => {
    const args = [subcommand, "--request", "-", "--policy", policy, "--at", String(file.now), "--format", "json"];
    const { status, stdout, stderr } = await countersign(args, { input: wire(one), env: file.secrets });
    assert.equal(stderr, "", one.name);
    return { ...JSON.parse(stdout), exit: status };
  };
  for (const one of file.cases) {
    const { exit, code, sender } = await decide(one, "verify");
    assert.equal(code, one.expect.code, one.name);
    assert.equal(exit, one.expect.status === 200 ? 0 : 1, one.name);
    assert.equal(sender ?? undefined, one.expect.sender ?? one.expect.verified_sender, one.name);
    assert.equal((await decide(one, "explain")).code, code, one.name);
  }
  assert.ok(file.cases.length > 110);
});

/** Why a preset cannot be signed by its secret. */
const UNSIGNABLE = {
  "adyen-standard": /provider's own rules/,
  "cloudflare-token": /provider's own rules/,
  contentful: /provider's own rules/,
  "shopify-link": /provider's own rules/,
  "shopify-proxy": /provider's own rules/,
  twilio: /provider's own rules/,
  gitlab: /sends the secret itself/,
  linear: /into the body/,
  mailgun: /into the body/,
};

/** Whose key pairs the command does not make. */
const NO_KEYGEN = {
  "rfc9421-ecdsa-p384-sha384": "ECDSA P-384",
  "rfc9421-rsa-pss-sha512": "RSA-PSS",
  "rfc9421-rsa-v1_5-sha256": "RSA PKCS #1 v1.5",
};

test("every_preset_that_can_be_signed_is_signed_and_verified", async (t) => {
  const docs = readFileSync(join(ROOT, "docs/schemes.md"), "utf8");
  const presets = [...docs.matchAll(/^\| `([\w-]+)` \|.*?\| ([^|]+) \|/gm)].map(([, name]) => name).filter((name) => name !== "scheme");
  assert.ok(presets.length > 50);
  const path = folder(t);
  const body = join(path, "body");
  writeFileSync(body, '{"text":"hi"}');
  const url = "https://api.example.com/hook?a=1";
  let signed = 0;
  for (const scheme of presets) {
    // What signs, and what verifies: one secret, or a private key in a file and its public key.
    const file = join(path, scheme);
    const key = await countersign(["keygen", scheme, "--out", file]);
    if (scheme in NO_KEYGEN) {
      assert.deepEqual([key.status, key.stderr], [2, `countersign: a key for ${NO_KEYGEN[scheme]} is made with openssl genpkey\n`]);
      continue;
    }
    assert.equal(key.status, 0, `${scheme}: ${key.stderr}`);
    const verifying = `${file}.verify`;
    writeFileSync(verifying, key.stdout === "" ? readFileSync(file) : key.stdout);
    const made = await countersign(["sign", url, "--scheme", scheme, "--secret-file", file, "--body", body, "--format", "json"]);
    if (scheme in UNSIGNABLE) {
      assert.equal(made.status, 2, scheme);
      assert.match(made.stderr, UNSIGNABLE[scheme]);
      continue;
    }
    assert.equal(made.status, 0, `${scheme}: ${made.stderr}`);
    const { fields } = JSON.parse(made.stdout);
    const headers = fields.flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
    const verified = await countersign(["verify", "--url", url, ...headers, "--body", body, "--scheme", scheme, "--secret-file", verifying]);
    assert.deepEqual([verified.status, verified.stdout], [0, "accepted: sender\n"], `${scheme}: ${verified.stderr}`);
    signed += 1;
  }
  assert.equal(signed, 45);
});

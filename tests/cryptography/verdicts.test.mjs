// The same questions to both halves: what RustCrypto's crates said of each signature in the core's tests
// (Wycheproof, RFC 8032, RFC 9421, published and hostile ones), and what WebCrypto says of it by the
// code that the Worker asks through, in Node and in workerd.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Keys, answersTo } from "../../src/adapter/js/cryptography.js";
import { startWorkerd } from "../harness/workerd.mjs";

const ROOT = new URL("../../", import.meta.url).pathname;
const ALGORITHMS = ["ed25519", "ecdsa-p256-sha256", "ecdsa-p384-sha384", "rsa-pss-sha512", "rsa-v1_5-sha256"];
const [WRONG, RIGHT, NO_KEY] = [0, 1, 2];
const VERIFY = 1;

let folder;
let questions;
let workerd;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "countersign-"));
  const verdicts = join(folder, "verdicts");
  const tests = ["public_key", "published_vectors", "the_signatures_of_rfc_9421"];
  const { status, stderr } = spawnSync("cargo", ["test", "--locked", "--workspace", "--lib", "--", ...tests], {
    cwd: ROOT,
    env: { ...process.env, COUNTERSIGN_VERDICTS: verdicts },
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
  questions = readFileSync(verdicts, "utf8").trim().split("\n").map((line) => JSON.parse(line));
  await cp(join(ROOT, "src/adapter/js/cryptography.js"), join(folder, "cryptography.js"));
  await writeFile(
    join(folder, "main.js"),
    `import { Keys, answersTo } from "./cryptography.js";
export default {
  async fetch(request) {
    const [questions, key] = (await request.json()).map((hex) => Uint8Array.fromHex(hex));
    return new Response(await answersTo(questions, new Uint8Array(), new Keys(() => key)));
  },
};`,
  );
  workerd = await startWorkerd(folder, { modules: ["main.js", "cryptography.js"] });
});

after(async () => {
  await workerd?.stop();
  await rm(folder, { recursive: true, force: true });
});

const number = (value) => Buffer.from(new Uint32Array([value]).buffer);

/** A question as it crosses, and the key as it does. */
function crossing({ algorithm, key, message, signature }) {
  const place = ALGORITHMS.indexOf(algorithm);
  const [signed, tag] = [message, signature].map((hex) => Buffer.from(hex, "hex"));
  const lengths = [signed.length, 0, tag.length].map(number);
  const question = Buffer.concat([Buffer.of(VERIFY, place, 0, 0), number(7), ...lengths, signed, tag]);
  return [question, Buffer.concat([Buffer.of(place), Buffer.from(key, "hex")])];
}

const RUNTIMES = {
  node: ([question, key]) => answersTo(new Uint8Array(question), new Uint8Array(), new Keys(() => new Uint8Array(key))),
  async workerd(crossed) {
    const body = JSON.stringify(crossed.map((bytes) => bytes.toString("hex")));
    return new Uint8Array(await (await fetch(workerd.url, { method: "POST", body })).arrayBuffer());
  },
};

/** What came of asking about each, so many at a time. */
async function answers(runtime, asked) {
  const given = [];
  for (let at = 0; at < asked.length; at += 32) {
    given.push(...(await Promise.all(asked.slice(at, at + 32).map((one) => RUNTIMES[runtime](crossing(one))))));
  }
  return given.map((answer) => [...answer]);
}

/** So many questions at the least, of each kind of verdict. */
const LEAST = {
  ed25519: [90, 90],
  "ecdsa-p256-sha256": [330, 100],
  "ecdsa-p384-sha384": [190, 100],
  "rsa-pss-sha512": [250, 1000],
  "rsa-v1_5-sha256": [20, 700],
};

for (const runtime of Object.keys(RUNTIMES)) {
  for (const algorithm of ALGORITHMS) {
    test(`${algorithm}: ${runtime} and the crates agree`, async (t) => {
      const asked = questions.filter((question) => question.algorithm === algorithm);
      const counts = [true, false].map((verdict) => asked.filter(({ verified }) => verified === verdict).length);
      assert.ok(counts.every((count, place) => count >= LEAST[algorithm][place]), `${counts}`);
      const given = await answers(runtime, asked);
      const differing = asked.filter(({ verified }, place) => {
        const [length, verdict, ...more] = given[place];
        return length !== 1 || more.length > 0 || verdict !== (verified ? RIGHT : WRONG);
      });
      assert.deepEqual(differing, []);
      t.diagnostic(`${algorithm} | ${runtime}: ${counts[0]} right and ${counts[1]} wrong signatures, no verdict differs`);
    });
  }

  test(`a point that is on no curve verifies nothing in ${runtime}`, async () => {
    for (const algorithm of ["ecdsa-p256-sha256", "ecdsa-p384-sha384"]) {
      const known = questions.find((question) => question.algorithm === algorithm && question.verified);
      const last = (parseInt(known.key.at(-1), 16) ^ 1).toString(16);
      const [answer] = await answers(runtime, [{ ...known, key: known.key.slice(0, -1) + last }]);
      assert.deepEqual(answer, [1, NO_KEY], algorithm);
    }
    // Two is the y of no point.
    const known = questions.find((question) => question.algorithm === "ed25519" && question.verified);
    const [answer] = await answers(runtime, [{ ...known, key: `02${"00".repeat(31)}` }]);
    assert.ok([WRONG, NO_KEY].includes(answer[1]) && answer.length === 2, `${answer}`);
  });
}

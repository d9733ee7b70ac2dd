// The Hono example in workerd, with its Durable Object, against requests that Node signed.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { now, xHmacNonce } from "../worker/harness/sign.mjs";
import { project } from "./harness/install.mjs";
import { bundle, startWorker } from "./harness/worker.mjs";

const SECRET = "kP2vX9mQ4sT7wZ1cF6hJ3nR8bL5dG0yA";
const BODY = '{"text":"hi"}';

describe("the Hono example", () => {
  let installed, worker;

  before(async () => {
    const names = ["countersign.js", "index.js", "wrangler.toml"];
    const files = Object.fromEntries(names.map((name) => [name, `examples/hono/${name}`]));
    installed = await project({ files, packages: ["hono"] });
    worker = await startWorker(bundle(installed.folder, "index.js"), {
      bindings: { DJANGO_APP_SECRET: SECRET },
      objects: { CLAIMS: "Claims" },
    });
  });

  after(async () => {
    await worker?.stop();
    await installed?.remove();
  });

  const post = (headers, body = BODY) => worker.fetch("/v1/infer", { method: "POST", headers, body });

  test("hands on what was signed, with its sender", async () => {
    const answer = await post([
      ...xHmacNonce(SECRET, BODY, "nonce-0123456789", now()),
      ["Countersign-Sender", "admin"],
    ]);
    assert.equal(answer.status, 200);
    assert.deepEqual(await answer.json(), { sender: "django-app", asked: { text: "hi" } });
  });

  test("takes a request once", async () => {
    const headers = xHmacNonce(SECRET, BODY, "nonce-of-a-replay", now());
    const answers = await Promise.all(Array.from({ length: 5 }, () => post(headers)));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409, 409, 409, 409]);
  });

  test("refuses what was altered, is unsigned, or is for nobody", async () => {
    const headers = xHmacNonce(SECRET, BODY, "nonce-of-another", now());
    for (const [answer, status, code] of [
      [await post(headers, '{"text":"ho"}'), 401, "invalid_signature"],
      [await post([]), 401, "missing_signature"],
      [await worker.fetch("/elsewhere"), 404, "no_route"],
    ]) {
      assert.equal(answer.status, status);
      assert.equal((await answer.json()).code, code);
    }
    assert.equal((await post(headers)).status, 200, "a refusal claims nothing");
  });
});

// The Hono example in workerd, with its Durable Object, against requests that Node signed.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
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

describe("the Hono example's store of claims", () => {
  let installed, worker;

  before(async () => {
    const files = { "claims.js": "tests/npm/claims.js" };
    for (const name of ["countersign.js", "index.js", "wrangler.toml"]) files[name] = `examples/hono/${name}`;
    installed = await project({ files, packages: ["hono"] });
    worker = await startWorker(bundle(installed.folder, "claims.js"), { bindings: { SECRET }, objects: { CLAIMS: "Claims" } });
  });

  after(async () => {
    await worker?.stop();
    await installed?.remove();
  });

  let count = 0;
  const body = () => `{"n":${(count += 1)}}`;
  const timed = (body, at = now()) => xHmacNonce(SECRET, body, `nonce-${body.replace(/\D/g, "")}-0123456789`, at);
  const untimed = (body) => [["X-Hub-Signature-256", `sha256=${createHmac("sha256", SECRET).update(body).digest("hex")}`]];
  const post = async (path, headers, body, fate = "200") => {
    const answer = await worker.fetch(path, { method: "POST", headers: [...headers, ["X-Fate", fate]], body });
    return answer.status;
  };
  const ask = async (path) => (await worker.fetch(path)).json();
  const setClock = (seconds) => worker.fetch(`/ahead/${seconds}`);

  for (const [sender, sign, life] of [["time", timed, 120], ["no-time", untimed, 600]]) {
    test(`forgets what is over of a scheme with ${sender}, and nothing before`, async () => {
      const first = now();
      for (let n = 0; n < 3; n += 1) {
        const one = body();
        const headers = sign(one);
        assert.deepEqual([await post(`/${sender}`, headers, one), await post(`/${sender}`, headers, one)], [200, 409]);
      }
      const last = now();
      const [kept, alarm] = await ask(`/store/${sender}`);
      assert.equal(kept, 3);
      assert.ok(first + life + 1 <= alarm / 1000 && alarm / 1000 <= last + life + 1, `${alarm}`);
      await setClock(life - 5);
      assert.equal((await ask(`/store/${sender}?tidy=1`))[0], 3);
      await setClock(life + last - first + 2);
      assert.equal((await ask(`/store/${sender}?tidy=1`))[0], 0, "the alarm left nothing");
      await setClock(0);
    });

    test(`forgets it of a scheme with ${sender} where the next request comes, too`, async () => {
      const [one, other] = [body(), body()];
      assert.equal(await post(`/${sender}`, sign(one), one), 200);
      const ahead = life + 2;
      await setClock(ahead);
      assert.equal(await post(`/${sender}`, sign(other, now() + ahead), other), 200);
      assert.equal((await ask(`/store/${sender}`))[0], 1);
      await setClock(2 * ahead);
      assert.equal((await ask(`/store/${sender}?tidy=1`))[0], 0);
      await setClock(0);
    });
  }

  for (const [sender, fate, again, left] of [
    ["time", "throw", 200, 1],
    ["time", "500", 409, 1],
    ["time", "200", 409, 1],
    ["no-time", "throw", 200, 1],
    ["5xx", "throw", 200, 1],
    ["5xx", "503", 200, 1],
    ["5xx", "404", 409, 1],
    ["never", "throw", 409, 1],
    ["never", "503", 409, 1],
  ]) {
    test(`${again === 200 ? "releases" : "keeps"} a claim of ${sender} after ${fate}`, async () => {
      const one = body();
      const headers = sender === "no-time" ? untimed(one) : timed(one);
      const before = (await ask(`/store/${sender}`))[0];
      assert.equal(await post(`/${sender}`, headers, one, fate), fate === "throw" ? 500 : Number(fate));
      assert.equal((await ask(`/store/${sender}`))[0] - before, again === 200 ? 0 : 1);
      assert.equal(await post(`/${sender}`, headers, one), again);
      assert.equal((await ask(`/store/${sender}`))[0] - before, left);
    });
  }
});

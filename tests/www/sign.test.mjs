// The tab Sign, in a real browser: what it signs is held against Node's own crypto.

import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { startOrigin } from "../worker/harness/origin.mjs";
import { mac, now } from "../worker/harness/sign.mjs";
import { visit, withoutBrowser } from "./harness/browser.mjs";

const SECRET = "kP2vX9mQ4sT7wZ1cF6hJ3nR8bL5dG0yA";
const TIME = 1_760_000_000;
const NONCE = "0123456789abcdef-_AZ";
const BODIES = [
  '{"text":"hi"}',
  "",
  " ",
  "Grüße, 東京, 🦀",
  `it's "quoted" \\ and \`ticked\` $HOME $(id) !! %s`,
  "two\nlines\n\n\tand a tab\n",
  "@/etc/hostname",
  "-d --data",
];

describe("the tab Sign", { skip: withoutBrowser }, () => {
  let page, stop;

  before(async () => {
    ({ page, stop } = await visit());
  });

  after(() => stop?.());

  const text = (selector) => page.locator(selector).textContent();
  const field = (name) => page.locator(`#sign [name=${name}]`);

  async function fill({
    secret = SECRET,
    scheme = "x-hmac",
    method = "POST",
    url = "https://api.example.com/v1/infer",
    body = BODIES[0],
    time = TIME,
    id,
    form = "text",
  }) {
    await field("scheme").selectOption(scheme);
    await field("secret").fill(secret);
    if (id !== undefined) await field("id").fill(id);
    await field("method").selectOption(method);
    await field("url").fill(url);
    await field("form").selectOption(form);
    await field("body").fill(body);
    await field("time").fill(String(time));
  }

  const headers = async () =>
    Object.fromEntries((await text("#sign-headers")).split("\n").map((line) => line.split(/: (.*)/s)));

  test("signs any body as node:crypto does", async () => {
    for (const body of BODIES) {
      await fill({ body });
      const sent = await headers();
      assert.equal(sent["X-HMAC-Signature"], mac(SECRET, `${TIME}.`, body), JSON.stringify(body));
      assert.equal(sent["X-HMAC-Timestamp"], String(TIME));
    }
  });

  test("shows the bytes that it signed", async () => {
    await fill({ body: "a\nb\u00a0" });
    assert.equal((await text("#sign-bytes")).replace("\n", ""), String.raw`${TIME}.a\nb\u{a0}`);
    await fill({ secret: "short" });
    assert.equal(await page.locator("#sign-bytes").isVisible(), false, "no gate takes this secret");
  });

  test("signs the bytes that base64, hexadecimal and CR LF stand for", async () => {
    const bytes = Buffer.from([0, 255, 13, 10, 128]);
    for (const [form, body, signed] of [
      ["base64", bytes.toString("base64"), bytes],
      ["hex", "00 FF 0d\n0a80", bytes],
      ["crlf", "a\nb\n", "a\r\nb\r\n"],
    ]) {
      await fill({ form, body });
      assert.equal((await headers())["X-HMAC-Signature"], mac(SECRET, `${TIME}.`, signed), form);
    }
  });

  test("signs with any secret's UTF-8 bytes", async () => {
    for (const secret of ["ключ från 東京 🦀, a long one", "k".repeat(200)]) {
      await fill({ secret });
      assert.equal((await headers())["X-HMAC-Signature"], mac(secret, `${TIME}.`, BODIES[0]));
    }
  });

  test("signs the id where the scheme does", async () => {
    await fill({ scheme: "x-hmac-nonce", id: NONCE });
    const sent = await headers();
    assert.equal(sent["X-HMAC-Nonce"], NONCE);
    assert.equal(sent["X-HMAC-Signature"], mac(SECRET, `${TIME}.${NONCE}.`, BODIES[0]));
    await field("id").fill("too short");
    assert.match(await text("#sign-verdict"), /^Nothing is signed: .*16 to 64 characters/);
    await fill({});
    assert.equal(await field("id").isVisible(), false);
  });

  test("signs at the present second, every second", async () => {
    await fill({ time: "" });
    const first = await headers();
    await page.waitForFunction(
      (time) => !document.querySelector("#sign-headers").textContent.includes(time),
      first["X-HMAC-Timestamp"],
    );
    const next = await headers();
    const time = next["X-HMAC-Timestamp"];
    assert.ok(Math.abs(now() - Number(time)) <= 2, time);
    assert.equal(next["X-HMAC-Signature"], mac(SECRET, `${time}.`, BODIES[0]));
  });

  test("says why it signs nothing", async () => {
    for (const [change, why] of [
      [{ url: "not a url" }, /URL/],
      [{ url: "ftp://example.com/" }, /URL/],
      [{ time: "1760000000123" }, /ten digits/],
      [{ time: "yesterday" }, /unix seconds/],
      [{ secret: "" }, /type the secret/],
      [{ form: "base64", body: "!" }, /not base64/],
      [{ form: "hex", body: "abc" }, /not hexadecimal/],
      [{ scheme: "gitlab" }, /sends the secret itself/],
      [{ scheme: "mailgun", id: "" }, /into the body/],
      [{ scheme: "twilio" }, /use its library/],
    ]) {
      await fill(change);
      assert.match(await text("#sign-verdict"), why);
      assert.equal((await text("#sign-headers")) + (await text("#sign-curl")), "", JSON.stringify(change));
      assert.equal(await page.locator("#explain-signed").isDisabled(), true);
    }
  });

  test("writes a body as Python does", async () => {
    const program =
      "import json, sys\nsys.stdout.write(json.dumps(json.loads(sys.stdin.read()), sort_keys=True, separators=(',', ':')))";
    for (const value of [
      '{ "b": [1.0, 1e16, 1E-7, -0, 123456789012345678901234567890], "a": null }',
      '{"é": "東京 🦀", "Z": "\\u00e9\\/\\""}',
    ]) {
      await fill({ body: value });
      await page.click("#as-python");
      const expected = execFileSync("python3", ["-c", program], { input: value, encoding: "utf8" });
      assert.equal(await field("body").inputValue(), expected);
    }
    await fill({ body: '{"a":1,}' });
    await page.click("#as-python");
    assert.match(await text("#as-python-note"), /^Not JSON at line 1, column 8/);
    assert.equal(await field("body").inputValue(), '{"a":1,}');
  });

  test("gives a command that sends exactly these bytes", async () => {
    const origin = await startOrigin();
    try {
      for (const body of BODIES.filter((body) => body !== "")) {
        await fill({ body, url: `${origin.url}/v1/a%20b?c='d'&e=[1]` });
        const seen = origin.received.length;
        await promisify(execFile)("sh", ["-c", `${await text("#sign-curl")} --silent`]);
        const received = origin.received[seen];
        assert.equal(received.body.toString(), body);
        assert.equal(received.target, new URL(`${origin.url}/v1/a%20b?c='d'&e=[1]`).href.slice(origin.url.length));
        assert.equal(received.headers["x-hmac-signature"], mac(SECRET, `${TIME}.`, body));
        assert.equal(JSON.stringify(received.headers).includes(SECRET), false);
      }
    } finally {
      await origin.stop();
    }
  });

  test("copies what it shows", async () => {
    await fill({});
    for (const [label, id] of [
      ["Copy the headers", "#sign-headers"],
      ["Copy the curl command", "#sign-curl"],
    ]) {
      await page.getByRole("button", { name: label }).click();
      assert.equal(await page.evaluate(() => navigator.clipboard.readText()), await text(id));
    }
  });
});

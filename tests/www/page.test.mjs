// The page in www/, in a real browser. Needs scripts/build-page.sh to have run, and the variable
// CHROMIUM with the browser's path.

import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";

import { startOrigin } from "../worker/harness/origin.mjs";
import { mac, now } from "../worker/harness/sign.mjs";
import { launch, open } from "./harness/browser.mjs";
import { contrast } from "./harness/contrast.mjs";
import { serve } from "./harness/serve.mjs";

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

const reason = "no browser: set CHROMIUM to the path of one";
if (!process.env.CHROMIUM && process.env.CI) throw new Error(reason);

describe("the page", { skip: process.env.CHROMIUM ? false : reason }, () => {
  let site, browser, opened, page;

  before(async () => {
    const built = existsSync(new URL("../../www/pkg/countersign_bg.wasm", import.meta.url));
    assert.ok(built, "www/pkg is missing: run scripts/build-page.sh");
    site = await serve();
    browser = await launch();
    opened = await open(browser, site.url);
    page = opened.page;
  });

  after(async () => {
    await browser?.close();
    await site?.stop();
  });

  const text = (selector) => page.locator(selector).textContent();
  const plant = (mistake) => page.locator(`[name=mistake][value=${mistake}]`).check();

  async function fill({ secret = SECRET, scheme = "x-hmac", method = "POST", url, body = BODIES[0], time }) {
    await page.fill("#secret", secret);
    await page.selectOption("#scheme", scheme);
    if (scheme === "x-hmac-nonce") await page.fill("#nonce", NONCE);
    await page.selectOption("#method", method);
    await page.fill("#url", url ?? "https://api.example.com/v1/infer");
    await page.fill("#body", body);
    await page.check(time === undefined ? "#time-now" : "#time-fixed");
    if (time !== undefined) await page.fill("#timestamp", String(time));
    await plant("none");
  }

  const headers = async () =>
    Object.fromEntries((await text("#headers")).split("\n").map((line) => line.split(/: (.*)/s)));

  test("signs any body as node:crypto does", async () => {
    for (const body of BODIES) {
      await fill({ body, time: TIME });
      const sent = await headers();
      assert.equal(sent["X-HMAC-Signature"], mac(SECRET, `${TIME}.`, body), JSON.stringify(body));
      assert.equal(sent["X-HMAC-Timestamp"], String(TIME));
    }
  });

  test("signs with any secret's UTF-8 bytes", async () => {
    for (const secret of ["ключ från 東京 🦀, a long one", "k".repeat(200), ""]) {
      await fill({ secret, time: TIME });
      assert.equal((await headers())["X-HMAC-Signature"], mac(secret, `${TIME}.`, BODIES[0]));
    }
  });

  test("signs the nonce where the scheme does", async () => {
    assert.equal(await page.locator("#nonce-field").isVisible(), false);
    await fill({ scheme: "x-hmac-nonce", time: TIME });
    const sent = await headers();
    assert.equal(sent["X-HMAC-Nonce"], NONCE);
    assert.equal(sent["X-HMAC-Signature"], mac(SECRET, `${TIME}.${NONCE}.`, BODIES[0]));
    await page.click("#random-nonce");
    assert.match(await page.inputValue("#nonce"), /^[0-9a-f]{32}$/);
    await page.fill("#nonce", "too short");
    assert.equal(await text("#verdict"), "Nothing is signed");
    assert.match(await text("#reason"), /16 to 64 characters/);
  });

  test("signs at the present second, every second", async () => {
    await fill({});
    const first = await headers();
    await page.waitForFunction((time) => !document.querySelector("#headers").textContent.includes(time), first["X-HMAC-Timestamp"]);
    const next = await headers();
    const time = next["X-HMAC-Timestamp"];
    assert.ok(Math.abs(now() - Number(time)) <= 2, time);
    assert.equal(next["X-HMAC-Signature"], mac(SECRET, `${time}.`, BODIES[0]));
    assert.match(await text("#verdict"), /^accepted/);
  });

  test("makes another random secret at every click", async () => {
    const secrets = new Set();
    for (let i = 0; i < 5; i++) {
      await page.click("#random-secret");
      secrets.add(await page.inputValue("#secret"));
    }
    assert.equal(secrets.size, 5);
    for (const secret of secrets) assert.match(secret, /^[0-9a-f]{64}$/);
  });

  test("says why it signs nothing", async () => {
    for (const [field, value, why] of [
      ["#url", "not a url", /URL/],
      ["#url", "ftp://example.com/", /URL/],
      ["#timestamp", "1760000000123", /ten digits/],
      ["#timestamp", "yesterday", /ten digits/],
    ]) {
      await fill({ time: TIME });
      await page.fill(field, value);
      assert.equal(await text("#verdict"), "Nothing is signed", value);
      assert.match(await text("#reason"), why);
      assert.equal(await text("#headers"), "");
      assert.equal(await text("#curl"), "");
    }
  });

  test("writes a body as Python does", async () => {
    const program =
      "import json, sys\nsys.stdout.write(json.dumps(json.loads(sys.stdin.read()), sort_keys=True, separators=(',', ':')))";
    for (const value of [
      '{ "b": [1.0, 1e16, 1E-7, 0.1, -0, -0.0, 123456789012345678901234567890], "a": null }',
      '{"é": "東京 🦀", "Z": "\\u00e9\\/\\"", "a\\tb": "\u007f"}',
      '[true, false, [], {}, "",\n {"z": {"y": {"x": 1}}}]',
      '{"twice": 1, "twice": 2}',
      '"$serde_json::private::Number"',
    ]) {
      await fill({ body: value, time: TIME });
      await page.click("#as-python");
      const python = execFileSync("python3", ["-c", program], { input: value, env: { ...process.env, PYTHONUTF8: "1" } });
      assert.equal(await page.inputValue("#body"), python.toString());
      assert.equal((await headers())["X-HMAC-Signature"], mac(SECRET, `${TIME}.`, python));
    }
  });

  test("says where a body is not JSON, and leaves it alone", async () => {
    for (const [body, why] of [
      ['{\n  "é": nope\n}', "Not JSON at line 2, column 9: expected ident."],
      ["", "Not JSON at line 1, column 1: EOF while parsing a value."],
      ['{"$serde_json::private::Number":"1"}', /^A key starts with/],
      ['{"\\u0024serde_json::private::Number":"1"}', /^A key starts with/],
      ["[1e999]", /too large/],
    ]) {
      await fill({ body });
      await page.click("#as-python");
      const note = await text("#as-python-note");
      if (typeof why === "string") assert.equal(note, why);
      else assert.match(note, why);
      assert.equal(await page.inputValue("#body"), body);
    }
  });

  describe("shows what the gate answers", () => {
    const DETAILS = {
      invalid_signature: { title: "Signature not valid", detail: "Invalid HMAC signature" },
      stale_timestamp: { title: "Timestamp outside the window", detail: "Request timestamp too old" },
      missing_signature: { title: "Signature required", detail: "Missing HMAC headers" },
      invalid_timestamp: {
        title: "Timestamp not readable",
        detail: "Invalid timestamp: it looks like milliseconds, send unix seconds",
        reason: "timestamp_looks_like_ms",
      },
    };

    for (const [mistake, code, read] of [
      ["alter", "invalid_signature", true],
      ["wait", "stale_timestamp", false],
      ["milliseconds", "invalid_timestamp", false],
      ["secret", "invalid_signature", true],
      ["drop", "missing_signature", false],
    ]) {
      for (const scheme of ["x-hmac", "x-hmac-nonce"]) {
        test(`to ${mistake} with ${scheme}: 401 ${code}`, async () => {
          await fill({ scheme, time: now() });
          await plant(mistake);
          assert.equal(await text("#verdict"), `401 ${code}`);
          const { request_id, server_time, ...problem } = JSON.parse(await text("#answer-body"));
          assert.deepEqual(problem, { type: `urn:countersign:problem:${code}`, status: 401, code, ...DETAILS[code] });
          assert.match(request_id, /^[0-9a-f-]{36}$/);
          if (code === "stale_timestamp") {
            assert.equal(server_time, Number((await headers())["X-HMAC-Timestamp"]) + 61);
          } else {
            assert.equal(server_time, undefined);
          }
          const fields = await text("#answer-fields");
          assert.match(fields, /^content-type: application\/problem\+json$/m);
          assert.ok(fields.includes(`www-authenticate: Countersign scheme="${scheme}"`), fields);
          const { body_bytes } = JSON.parse(await text("#log"));
          assert.equal(body_bytes !== null, read);
          await plant("none");
          assert.equal(await text("#verdict"), "accepted: forwarded to the origin");
        });
      }
    }

    test("to an honest request: what the origin gets", async () => {
      await fill({});
      assert.equal(await text("#verdict"), "accepted: forwarded to the origin");
      const fields = (await text("#answer-fields")).split("\n");
      assert.match(fields.shift(), /^countersign-request-id: [0-9a-f-]{36}$/);
      assert.deepEqual(fields, ["countersign-sender: this-page", "countersign-scheme: x-hmac"]);
      const log = JSON.parse(await text("#log"));
      assert.equal(log.route, "/v1/infer");
      assert.equal(log.body_bytes, BODIES[0].length);
    });

    test("to a request whose time has passed while one watched", async () => {
      await fill({ time: now() });
      assert.match(await text("#verdict"), /^accepted/);
      await page.evaluate(() => {
        const clock = Date.now;
        Date.now = () => clock() + 61_000;
        globalThis.resetClock = () => (Date.now = clock);
      });
      await page.locator("#verdict", { hasText: "401 stale_timestamp" }).waitFor();
      await page.evaluate(() => globalThis.resetClock());
      await page.locator("#verdict", { hasText: "accepted" }).waitFor();
    });

    test("to an empty body, and to one that GET may not have", async () => {
      await fill({ body: "" });
      assert.equal(await text("#verdict"), "400 body_required");
      await fill({ method: "GET" });
      assert.equal(await text("#verdict"), "400 body_not_allowed");
      await fill({ method: "GET", body: "" });
      assert.match(await text("#verdict"), /^accepted/);
      await plant("alter");
      assert.equal(await text("#verdict"), "400 body_not_allowed");
    });

    test("with a secret it does not take, or a path no route can have", async () => {
      await fill({ secret: "short" });
      assert.equal(await text("#verdict"), "503 misconfigured");
      assert.equal(await text("#errors"), "senders[0].secrets[0] of this-page: the secret has fewer than 32 bytes");
      await fill({ url: "https://api.example.com/a//b" });
      assert.equal(await text("#verdict"), "503 misconfigured");
      assert.match(await text("#errors"), /^routes\[0\]\.path: /);
      await fill({});
      assert.equal(await page.locator("#errors").isVisible(), false);
    });

    test("without a word to a screen reader while only the clock runs", async () => {
      await fill({});
      const spoken = await page.evaluate(async () => {
        let changes = 0;
        const observer = new MutationObserver((records) => (changes += records.length));
        for (const region of document.querySelectorAll("[role=status]")) {
          observer.observe(region, { subtree: true, childList: true, characterData: true });
        }
        await new Promise((resolve) => setTimeout(resolve, 2500));
        return changes;
      });
      assert.equal(spoken, 0);
    });
  });

  test("gives a command that sends the signed bytes", async () => {
    const origin = await startOrigin();
    try {
      for (const method of ["POST", "PUT", "GET"]) {
        for (const body of method === "POST" ? BODIES : BODIES.slice(0, 2)) {
          const target = "/v1/it's?a[]={1..3}&b=$HOME&c=%20'";
          await fill({ method, body, url: origin.url + target, scheme: "x-hmac-nonce" });
          await page.click("[data-copies=curl]");
          const command = await page.evaluate(() => navigator.clipboard.readText());
          await promisify(execFile)("sh", ["-c", `${command} --silent`], { env: { PATH: process.env.PATH } });
          const { headers: received, ...request } = origin.received.at(-1);
          assert.equal(request.method, method);
          assert.equal(request.target, new URL(target, origin.url).href.slice(origin.url.length));
          assert.equal(request.body.toString(), body);
          const time = received["x-hmac-timestamp"];
          assert.equal(received["x-hmac-signature"], mac(SECRET, `${time}.${NONCE}.`, request.body));
          const type = body.startsWith("{") ? "application/json" : "application/octet-stream";
          if (body !== "") assert.equal(received["content-type"], type);
        }
      }
    } finally {
      await origin.stop();
    }
  });

  test("gives no command where no shell could take it", async () => {
    await fill({ body: "x".repeat(140_000) });
    assert.equal(await text("#curl"), "The body is too long for an argument of a command.");
    await page.locator("#body").evaluate((field) => {
      field.value = "a\0b";
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
    assert.match(await text("#curl"), /NUL/);
  });

  test("names every code the gate can answer", async () => {
    const source = await readFile(new URL("../../src/rejection.rs", import.meta.url), "utf8");
    const inCode = [...source.matchAll(/\((\d{3}), "([a-z_]+)", "/g)].map(([, status, code]) => `${status} ${code}`);
    const rows = await page.locator(".answers tbody tr").evaluateAll((rows) =>
      rows.map((row) => `${row.cells[0].textContent} ${row.cells[1].textContent}`),
    );
    assert.ok(inCode.length > 10);
    assert.deepEqual(rows.sort(), inCode.sort());
  });

  test("labels every control, and shows where the focus is", async () => {
    await fill({ scheme: "x-hmac-nonce", time: TIME });
    await page.locator("#secret").focus();
    const names = await page.locator("input, select, textarea, button, summary").evaluateAll((controls) =>
      controls.map((control) => ({
        id: control.id || control.value,
        name: control.labels?.[0]?.textContent.trim() || control.getAttribute("aria-label") || control.textContent.trim(),
        described: (control.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean)
          .every((id) => document.getElementById(id)),
      })),
    );
    for (const { id, name, described } of names) assert.ok(name && described, `${id} has no label or description`);

    await page.locator("#secret").blur();
    await page.locator("h1").click();
    const reached = new Set();
    for (let i = 0; i < 40; i++) {
      const focus = await page.evaluate(() => {
        const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
        const { id, name, className, tagName } = document.activeElement;
        return { at: id || name || className || tagName, shown: outlineStyle !== "none" && outlineWidth !== "0px" };
      });
      if (focus.at !== "BODY") assert.ok(focus.shown, `${focus.at} does not show its focus`);
      reached.add(focus.at);
      await page.keyboard.press("Tab");
    }
    for (const id of ["random-secret", "secret", "scheme", "nonce", "random-nonce", "method", "url", "body", "as-python", "timestamp", "copy"]) {
      assert.ok(reached.has(id), `Tab does not reach ${id}`);
    }
    await fill({});
    await page.locator("[name=mistake][value=none]").focus();
    await page.keyboard.press("ArrowDown");
    assert.equal(await text("#verdict"), "401 invalid_signature");
  });

  for (const colorScheme of ["light", "dark"]) {
    test(`has enough contrast: ${colorScheme}`, async () => {
      await page.emulateMedia({ colorScheme });
      const rgb = (name) =>
        page.evaluate((name) => {
          const probe = document.body.appendChild(document.createElement("span"));
          probe.style.color = `var(--${name})`;
          const color = getComputedStyle(probe).color.match(/\d+/g).map(Number);
          probe.remove();
          return color;
        }, name);
      const least = { ink: 7, muted: 4.5, accent: 4.5, refused: 4.5, accepted: 4.5, edge: 3 };
      for (const ground of ["paper", "panel", "field"]) {
        for (const [name, ratio] of Object.entries(least)) {
          const found = contrast(await rgb(name), await rgb(ground));
          assert.ok(found >= ratio, `${name} on ${ground}: ${found.toFixed(2)}`);
        }
      }
      assert.ok(contrast(await rgb("on-accent"), await rgb("accent")) >= 4.5);
    });
  }

  test("fits a window of 375 pixels", async () => {
    const phone = await open(browser, site.url, { viewport: { width: 375, height: 812 } });
    await phone.page.locator("[name=mistake][value=wait]").check();
    await phone.page.selectOption("#scheme", "x-hmac-nonce");
    await phone.page.locator("summary").click();
    const wide = await phone.page.evaluate(() => {
      const edges = [];
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) {
        const range = document.createRange();
        range.selectNodeContents(walker.currentNode);
        for (const box of range.getClientRects()) {
          const hidden = walker.currentNode.parentElement.closest(".visually-hidden, .skip, option, textarea");
          if (!hidden && (box.right > 375 || box.left < 0)) edges.push([walker.currentNode.data.slice(0, 40), box.right]);
        }
      }
      for (const element of document.querySelectorAll("main *, header *")) {
        const { overflowX } = getComputedStyle(element);
        if (overflowX === "visible" && element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0) {
          edges.push([element.tagName, element.className, element.scrollWidth, element.clientWidth]);
        }
      }
      return { edges, page: document.documentElement.scrollWidth };
    });
    assert.deepEqual(wide, { edges: [], page: 375 });
    assert.deepEqual(phone.complaints, []);
    await phone.close();
  });

  test("could not reach another origin if it tried", async () => {
    const other = await startOrigin();
    const { page, complaints, close } = await open(browser, site.url);
    try {
      const answered = await page.evaluate((url) => fetch(url, { mode: "no-cors" }).then(() => true, () => false), other.url);
      assert.equal(answered, false);
      assert.deepEqual(other.received, []);
      assert.match(complaints.join("\n"), /connect-src/);
    } finally {
      await close();
      await other.stop();
    }
  });

  test("asks nobody else for anything, and breaks no rule of its own", async () => {
    const policy = await page.locator("[http-equiv=Content-Security-Policy]").getAttribute("content");
    assert.ok(policy.startsWith("default-src 'none';"));
    assert.doesNotMatch(policy, /unsafe-inline|'unsafe-eval'|https?:|\*/);
    const paths = opened.requests.map((url) => url.replace(site.url, "/"));
    const own = ["/", "/icon.svg", "/page.js", "/pkg/countersign.js", "/pkg/countersign_bg.wasm", "/style.css"];
    assert.deepEqual([...new Set(paths)].sort(), own);
    assert.deepEqual(opened.complaints, []);
  });
});

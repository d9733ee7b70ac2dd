// The page itself, in a real browser: nothing leaves it, and nothing comes in.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { startOrigin } from "../worker/harness/origin.mjs";
import { open, visit, withoutBrowser } from "./harness/browser.mjs";

const TABS = ["sign", "explain", "policy"];

describe("the page", { skip: withoutBrowser }, () => {
  let site, browser, opened, page;

  before(async () => {
    assert.ok(
      existsSync(new URL("../../www/pkg/countersign_bg.wasm", import.meta.url)),
      "www/pkg is missing: run scripts/build-page.sh",
    );
    opened = await visit();
    ({ site, browser, page } = opened);
  });

  after(() => opened?.stop());

  test("asks for its own files once, and then for nothing at all", async () => {
    const visited = await open(browser, site.url);
    await visited.page.waitForLoadState("networkidle");
    const paths = visited.requests.map((url) => url.replace(site.url, "/")).filter((path) => !path.startsWith("/js/"));
    const own = [
      "/",
      "/css/explanation.css",
      "/css/fields.css",
      "/css/index.css",
      "/css/page.css",
      "/css/results.css",
      "/examples.json",
      "/icon.svg",
      "/pkg/countersign.js",
      "/pkg/countersign_bg.wasm",
      "/theme.js",
    ];
    assert.deepEqual([...new Set(paths)].sort(), own);
    const before = visited.requests.length;
    for (const tab of TABS) {
      await visited.page.click(`#tab-${tab}`);
      for (const preset of ["stripe", "gitlab", "rfc9421-ed25519"])
        await visited.page.click(`[data-preset="${preset}"]`);
    }
    await visited.page.click("#tab-explain");
    await visited.page.click("[data-mistake=altered]");
    await visited.page.fill("#explain [name=secret]", "another secret, long enough for all");
    await visited.page.click("#share");
    await visited.page.selectOption("#theme", "dark");
    await visited.page.waitForTimeout(1200);
    assert.deepEqual(visited.requests.slice(before), []);
    assert.deepEqual(visited.complaints, []);
    await visited.close();
  });

  test("keeps nothing but the theme", async () => {
    await page.selectOption("#theme", "dark");
    const kept = await page.evaluate(async () => [
      { ...localStorage },
      { ...sessionStorage },
      document.cookie,
      (await indexedDB.databases()).length,
      (await caches.keys()).length,
    ]);
    assert.deepEqual(kept, [{ theme: "dark" }, {}, "", 0, 0]);
    await page.reload();
    await page.locator("[data-ready]").waitFor();
    assert.equal(await page.evaluate(() => getComputedStyle(document.body).colorScheme), "dark");
    await page.selectOption("#theme", "");
  });

  test("could not reach another origin if it tried, nor run what is no file of its own", async () => {
    const other = await startOrigin();
    const visited = await open(browser, site.url);
    try {
      const answered = await visited.page.evaluate(
        (url) =>
          fetch(url, { mode: "no-cors" }).then(
            () => true,
            () => false,
          ),
        other.url,
      );
      assert.equal(answered, false);
      assert.deepEqual(other.received, []);
      assert.match(visited.complaints.join("\n"), /connect-src/);
      const evaluated = await visited.page.evaluate(() => {
        try {
          document.body.innerHTML = "<b>x</b>";
          return true;
        } catch {
          return false;
        }
      });
      assert.equal(evaluated, false, "Trusted Types");
    } finally {
      await visited.close();
      await other.stop();
    }
  });

  test("has one Content-Security-Policy, in the page and in its headers", async () => {
    const { headers } = await fetch(site.url).then(({ headers }) => ({ headers: Object.fromEntries(headers) }));
    const sent = headers["content-security-policy"];
    const written = await page.locator("[http-equiv=Content-Security-Policy]").getAttribute("content");
    assert.equal(sent.replace(" frame-ancestors 'none';", ""), written, "a page cannot forbid its own frames");
    assert.ok(written.startsWith("default-src 'none';"));
    assert.doesNotMatch(sent, /unsafe-inline|'unsafe-eval'|https?:|\*/);
    assert.equal(headers["x-content-type-options"], "nosniff");
    assert.equal(headers["referrer-policy"], "no-referrer");
    for (const path of ["../package.json", "..%2fpackage.json", "wrangler.toml", "_headers", "pkg", ".assetsignore"]) {
      assert.equal((await fetch(new URL(path, site.url))).status, 404, path);
    }
  });

  test("is ready soon", async () => {
    const visited = await open(browser, site.url);
    const ready = await visited.page.evaluate(() => performance.now());
    const size = await visited.page.evaluate(() =>
      performance.getEntriesByType("resource").reduce((sum, one) => sum + one.decodedBodySize, 0),
    );
    console.log(`# page | ready after ${Math.round(ready)} ms, ${size} bytes`);
    assert.ok(ready < 5000);
    await visited.close();
  });
});

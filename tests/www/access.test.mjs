// Everybody can use the page, in a real browser: in both themes, by the keyboard alone, on a phone.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, describe, test } from "node:test";
import { open, visit, withoutBrowser } from "./harness/browser.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TABS = ["sign", "explain", "policy"];

/** What axe finds, in a world of its own, where the page's Content-Security-Policy does not count. */
async function violations(page) {
  const protocol = await page.context().newCDPSession(page);
  const { frameTree } = await protocol.send("Page.getFrameTree");
  const { executionContextId: contextId } = await protocol.send("Page.createIsolatedWorld", {
    frameId: frameTree.frame.id,
    worldName: "axe",
  });
  const evaluate = async (expression) => {
    const { result, exceptionDetails } = await protocol.send("Runtime.evaluate", {
      expression,
      contextId,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  };
  await evaluate(`${axe};undefined`);
  return evaluate(`axe.run({ resultTypes: ["violations"] }).then(({ violations, passes }) => ({
    checked: passes.length,
    found: violations.map(({ id, impact, nodes }) => [impact, id, nodes.map(({ target, any }) => target.join(" ") + " " + (any[0]?.message ?? "")).slice(0, 3)]),
  }))`);
}

describe("everybody", { skip: withoutBrowser }, () => {
  let site, browser, page, stop;

  before(async () => {
    ({ site, browser, page, stop } = await visit());
  });

  after(() => stop?.());

  for (const colorScheme of ["light", "dark"]) {
    for (const width of [1440, 390]) {
      test(`axe finds nothing: ${colorScheme}, ${width} pixels`, async () => {
        const visited = await open(browser, site.url, { colorScheme, viewport: { width, height: 900 } });
        await visited.page.click("[data-preset=stripe]");
        for (const tab of TABS) {
          await visited.page.click(`#tab-${tab}`);
          if (tab === "explain") await visited.page.click("[data-mistake=newline]");
          const { checked, found } = await violations(visited.page);
          assert.ok(checked > 20, `${checked} rules had something to check`);
          assert.deepEqual(found, [], tab);
        }
        await visited.page.fill("[name=policy]", "{");
        assert.deepEqual((await violations(visited.page)).found, [], "a policy with errors");
        await visited.page.click("#tab-sign");
        await visited.page.fill("#sign [name=secret]", "");
        assert.deepEqual((await violations(visited.page)).found, [], "nothing signed");
        await visited.close();
      });
    }
  }

  test("axe would find something", async () => {
    const visited = await open(browser, site.url);
    await visited.page.evaluate(() => document.querySelector("#share").replaceChildren());
    const { found } = await violations(visited.page);
    assert.deepEqual(
      found.map(([impact, id]) => [impact, id]),
      [["critical", "button-name"]],
    );
    await visited.close();
  });

  test("is used by the keyboard alone", async () => {
    await page.goto(`${site.url}?`);
    await page.locator("[data-ready]").waitFor();
    const focused = () =>
      page.evaluate(
        () =>
          document.activeElement.id ||
          document.activeElement.dataset.preset ||
          document.activeElement.name ||
          document.activeElement.tagName,
      );
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
    await page.keyboard.press("Tab");
    assert.equal(await focused(), "tab-sign");
    for (const [key, tab] of [
      ["ArrowRight", "explain"],
      ["ArrowRight", "policy"],
      ["ArrowRight", "sign"],
      ["ArrowLeft", "policy"],
      ["Home", "sign"],
      ["End", "policy"],
    ]) {
      await page.keyboard.press(key);
      assert.equal(await focused(), `tab-${tab}`);
      const shown = await page.locator("[role=tabpanel]:visible").evaluateAll((all) => all.map((one) => one.id));
      assert.deepEqual(shown, [`panel-${tab}`]);
    }
    for (const wanted of ["share", "theme", "find", "x-hmac"]) {
      await page.keyboard.press("Tab");
      assert.equal(await focused(), wanted);
    }
    await page.keyboard.press("ArrowUp");
    assert.equal(await focused(), "woocommerce");
    await page.keyboard.press("Enter");
    assert.equal(await page.locator("#preset-facts code").textContent(), "woocommerce");
    await page.focus("#find");
    await page.keyboard.type("strip");
    await page.keyboard.press("ArrowDown");
    assert.equal(await focused(), "stripe");
    await page.keyboard.press("ArrowUp");
    assert.equal(await focused(), "find");
    await page.keyboard.press("Enter");
    assert.equal(await page.locator("#preset-facts code").textContent(), "stripe");
    await page.fill("#find", "nobody");
    assert.match(await page.locator("#none-found").textContent(), /No preset/);
    await page.fill("#find", "");
  });

  test("shows where the focus is, wherever it goes", async () => {
    for (const tab of TABS) {
      await page.click(`#tab-${tab}`);
      await page.evaluate(() => document.activeElement.blur());
      const reached = new Set();
      for (let i = 0; i < 40; i += 1) {
        await page.keyboard.press("Tab");
        const focus = await page.evaluate(() => {
          const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
          const { id, name, tagName } = document.activeElement;
          return { at: id || name || tagName, shown: outlineStyle !== "none" && outlineWidth !== "0px" };
        });
        if (focus.at !== "BODY") assert.ok(focus.shown, `${focus.at} does not show its focus`);
        reached.add(focus.at);
      }
      for (const name of {
        sign: ["secret", "body", "as-python", "explain-signed"],
        explain: ["secret", "headers", "time"],
        policy: ["policy", "EXAMPLE_SECRET", "headers"],
      }[tab]) {
        assert.ok(reached.has(name), `Tab does not reach ${name}`);
      }
    }
  });

  test("fits a phone of 390 pixels, and one of 320", async () => {
    for (const width of [390, 320]) {
      const phone = await open(browser, site.url, { viewport: { width, height: 844 } });
      for (const tab of TABS) {
        await phone.page.click("[data-preset=rfc9421-hmac-sha256-base64]");
        await phone.page.click(`#tab-${tab}`);
        if (tab === "explain") await phone.page.click("[data-mistake=altered]");
        const wide = await phone.page.evaluate((width) => {
          const edges = [];
          for (const element of document.querySelectorAll("body *")) {
            if (element.closest(".skip, .visually-hidden, #presets, option")) continue;
            const { right, left, width: own } = element.getBoundingClientRect();
            if (own > 0 && (right > width + 0.5 || left < -0.5))
              edges.push([element.tagName, element.id, element.className, Math.round(right)]);
          }
          return { edges, page: document.documentElement.scrollWidth };
        }, width);
        assert.deepEqual(wide, { edges: [], page: width }, `${tab} at ${width}`);
      }
      assert.deepEqual(phone.complaints, []);
      await phone.close();
    }
  });
});

// The link that opens the page with what a form holds, in a real browser: it never holds a secret.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { open, visit, withoutBrowser } from "./harness/browser.mjs";

const SECRET = "whsec_c2VjcmV0IG9mIGEgdGVzdCwgMzIgYnl0ZXM=";

describe("the link", { skip: withoutBrowser }, () => {
  let site, browser, page, stop;

  before(async () => {
    ({ site, browser, page, stop } = await visit());
  });

  after(() => stop?.());

  const note = () => page.locator("#shared").textContent();
  const value = (form, name) => page.inputValue(`#${form} [name=${name}]`);

  /** Opens a tab with an example, and gives the copied link after `change`. */
  async function share(tab, preset, change = async () => {}) {
    await page.goto(`${site.url}?`);
    await page.locator("[data-ready]").waitFor();
    await page.click(`#tab-${tab}`);
    await page.click(`[data-preset="${preset}"]`);
    await change();
    await page.evaluate(() => navigator.clipboard.writeText("nothing"));
    await page.click("#share");
    await page.waitForFunction(() => document.querySelector("#shared").textContent !== "");
    return page.evaluate(() => navigator.clipboard.readText());
  }

  for (const tab of ["sign", "explain", "policy"]) {
    test(`opens ${tab} as it was, without the secret`, async () => {
      const link = await share(tab, "stripe");
      const held = new URL(link);
      assert.equal(held.search, "", "nothing stands where a server would see it");
      assert.match(held.hash, new RegExp(`^#${tab}\\?`));
      const name = tab === "policy" ? "EXAMPLE_SECRET" : "secret";
      const secret = await value(tab, name);
      assert.ok(secret.length > 20);
      const plain = decodeURIComponent(link.replaceAll("+", " "));
      for (const form of [
        secret,
        secret.replace("whsec_", ""),
        Buffer.from(secret).toString("base64"),
        Buffer.from(secret).toString("hex"),
      ]) {
        assert.equal(plain.includes(form) || link.includes(form), false);
      }
      const body = await value(tab, "body");
      const reader = await open(browser, link);
      assert.equal(await reader.page.inputValue(`#${tab} [name=body]`), body);
      assert.equal(await reader.page.inputValue(`#${tab} [name=${name}]`), "");
      assert.equal(await reader.page.locator(`#tab-${tab}`).getAttribute("aria-selected"), "true");
      await reader.page.fill(`#${tab} [name=${name}]`, secret);
      const verdict = { sign: "#sign-verdict", explain: "#explanation .code", policy: "#policy-answer .verdict" }[tab];
      assert.match(await reader.page.locator(verdict).textContent(), /^(Signed for|accepted)/);
      assert.deepEqual(reader.complaints, []);
      await reader.close();
    });
  }

  test("leaves out what opens other doors", async () => {
    // A signature may cover what nobody else may see.
    const covering = 'Signature-Input: sig1=("authorization" "cookie");created=1760000000';
    const others = ["Authorization: Bearer tok-en", "Cookie: session=abc", "X-Api-Key: k-e-y", "X-Anything: else"];
    const link = await share("explain", "slack", async () => {
      await page.fill("#explain [name=headers]", [await value("explain", "headers"), covering, ...others].join("\n"));
      await page.fill("#explain [name=url]", "https://user:pass-word@hooks.example.com/a");
    });
    assert.doesNotMatch(link, /tok-en|session|k-e-y|else|user|pass-word/);
    assert.match(link, /X-Slack-Signature/);
    assert.match(await note(), /without the secret and Authorization, Cookie, X-Api-Key, X-Anything/);
  });

  test("leaves out the header that is the secret", async () => {
    const secret = await share("explain", "gitlab").then(() => value("explain", "secret"));
    for (const typed of [secret, ""]) {
      const link = await share("explain", "gitlab", () => page.fill("#explain [name=secret]", typed));
      assert.equal(link.includes(secret), false);
      assert.match(await note(), /X-Gitlab-Token/);
    }
  });

  test("is not made where the secret stands in the request itself", async () => {
    const places = [
      ["body", `{"key":"${SECRET}"}`],
      ["body", SECRET.replace("whsec_", "")],
      ["url", `https://hooks.example.com/?key=${encodeURIComponent(SECRET)}`],
      ["url", `https://hooks.example.com/?key=${SECRET}`],
    ];
    for (const [name, text] of places) {
      const link = await share("explain", "stripe", async () => {
        await page.fill("#explain [name=secret]", SECRET);
        await page.fill(`#explain [name=${name}]`, text);
      });
      assert.equal(link, "nothing", `${name}: ${text}`);
      assert.match(await note(), /^No link: the secret stands in the request itself/);
      assert.equal(page.url().includes("#"), false);
    }
  });

  test("holds the policy and nothing of the settings around it", async () => {
    const link = await share("policy", "stripe", async () => {
      const policy = await value("policy", "policy");
      await page.fill("[name=policy]", `name = "gate"\n[vars]\nOTHER_SECRET = "${SECRET}"\n${policy}`);
    });
    assert.match(link, /#policy\?/);
    assert.doesNotMatch(decodeURIComponent(link), /OTHER_SECRET|c2VjcmV0|"gate"/);
    const broken = await share("policy", "stripe", () => page.fill("[name=policy]", `secret = "${SECRET}"`));
    assert.equal(broken, "nothing");
    assert.match(await note(), /^No link: the policy has errors/);
    const asName = await share("policy", "stripe", async () => {
      const policy = await value("policy", "policy");
      await page.fill("[name=policy]", policy.replace("EXAMPLE_SECRET", "d6a1f0c97e2b4583a9d0c6e1f7b24e8d"));
    });
    assert.equal(asName, "nothing");
    assert.match(await note(), /^No link: the policy has errors/);
    const inPolicy = await share("policy", "stripe", async () => {
      const secret = await value("policy", "EXAMPLE_SECRET");
      await page.fill("[name=policy]", `${await value("policy", "policy")}\n# ${secret}\n`);
    });
    assert.match(inPolicy, /#policy\?/);
    assert.equal(
      inPolicy.includes(encodeURIComponent(await value("policy", "EXAMPLE_SECRET")).slice(0, 20)),
      false,
      "a comment",
    );
  });

  test("is not made of more than fits", async () => {
    const link = await share("sign", "x-hmac", () => page.fill("#sign [name=body]", "x".repeat(9000)));
    assert.equal(link, "nothing");
    assert.match(await note(), /too long/);
  });

  test("is data and nothing else, whoever wrote it", async () => {
    const evil = "<img src=x onerror=alert(1)>";
    const hash = new URLSearchParams({
      scheme: evil,
      secret: "planted",
      method: evil,
      url: `javascript:${evil}`,
      headers: `A: ${evil}`,
      body: evil,
      form: evil,
      time: evil,
      __proto__: evil,
    });
    const reader = await open(browser, `${site.url}#explain?${hash}`);
    assert.equal(await reader.page.locator("#workbench img, #workbench script").count(), 0);
    assert.equal(await reader.page.inputValue("#explain [name=secret]"), "");
    assert.equal(await reader.page.inputValue("#explain [name=body]"), evil);
    assert.equal(await reader.page.inputValue("#explain [name=scheme]"), "x-hmac");
    assert.deepEqual(reader.complaints, []);
    for (const hash of [
      "#",
      "#nothing?a=b",
      "#sign",
      "#__proto__?x=y",
      "#constructor?x",
      "#%",
      "#policy?policy=%E0%A4%A",
    ]) {
      await reader.page.goto(`${site.url}${hash}`);
      await reader.page.locator("[data-ready]").waitFor();
    }
    assert.deepEqual(reader.complaints, []);
    await reader.close();
  });
});

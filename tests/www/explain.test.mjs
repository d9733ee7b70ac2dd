// The tabs Explain and Policy, in a real browser: each example, each mistake that can be planted, and
// what a policy is told.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { read } from "../cases/read.mjs";
import { mac, now } from "../worker/harness/sign.mjs";
import { visit, withoutBrowser } from "./harness/browser.mjs";

const examples = JSON.parse(readFileSync(new URL("../../www/examples.json", import.meta.url), "utf8"));
const resolved = read("resolved.json");
/** Presets for which only the provider can sign, by whatever means. */
const UNSIGNABLE = [
  "adyen-standard",
  "cloudflare-token",
  "contentful",
  "gitlab",
  "linear",
  "mailgun",
  "rfc9421-rsa-pss-sha512",
  "rfc9421-rsa-v1_5-sha256",
  "shopify-link",
  "shopify-proxy",
  "twilio",
];
/** Presets whose signature leaves the body out. */
const UNSIGNED_BODY = ["gitlab", "mailgun"];

describe("the tabs Explain and Policy", { skip: withoutBrowser }, () => {
  let site, opened, page;

  before(async () => {
    opened = await visit();
    ({ site, page } = opened);
  });

  after(() => opened?.stop());

  const textOf = (selector) => page.locator(selector).textContent();
  const texts = (selector) => page.locator(selector).allTextContents();
  const causes = () =>
    page.locator("#explanation [data-cause]").evaluateAll((all) => all.map((one) => one.dataset.cause));
  const explain = async (preset) => {
    await page.click("#tab-explain");
    await page.click(`[data-preset="${preset}"]`);
  };

  for (const { scheme } of examples) {
    test(`${scheme}: its example is accepted in each tab, and not once it is altered`, async () => {
      await page.click(`[data-preset="${scheme}"]`);
      await page.click("#tab-sign");
      const signable = !UNSIGNABLE.includes(scheme);
      assert.equal(/^Signed for/.test(await textOf("#sign-verdict")), signable, await textOf("#sign-verdict"));
      await page.click("#tab-policy");
      assert.equal(await textOf("#policy-answer .verdict"), "accepted: forwarded to the origin");
      await page.click("#tab-explain");
      assert.equal(await textOf("#explanation .code"), "accepted");
      assert.equal(await page.locator("#explanation .failed").count(), 0);
      if (signable) {
        await page.click("#tab-sign");
        await page.click("#explain-signed");
        assert.equal(await textOf("#explanation .code"), "accepted", "what the page signed");
      }
      const alter = page.locator("[data-mistake=altered]");
      if (UNSIGNED_BODY.includes(scheme) || (await alter.isDisabled())) return;
      await page.click("#tab-explain");
      await alter.click();
      assert.equal(await textOf("#explanation .code"), "401 invalid_signature");
    });
  }

  for (const [mistake, preset, code, cause] of [
    ["newline", "stripe", "invalid_signature", "newline_not_signed"],
    ["rewritten", "github", "invalid_signature", "json_rewritten"],
    ["secret", "x-hmac", "invalid_signature", "secret_with_extra_characters"],
    ["quoted", "slack", "invalid_signature", "secret_with_extra_characters"],
    ["late", "x-hmac", "stale_timestamp", "clock"],
    ["milliseconds", "x-hmac", "invalid_timestamp", undefined],
    ["dropped", "slack", "missing_signature", undefined],
    ["altered", "zoom", "invalid_signature", undefined],
  ]) {
    test(`names what is planted: ${mistake}`, async () => {
      await explain(preset);
      await page.click(`[data-mistake=${mistake}]`);
      assert.match(await textOf("#explanation .code"), new RegExp(`^\\d{3} ${code}$`));
      const found = await causes();
      if (cause) assert.deepEqual(found, [cause]);
      else assert.ok((await textOf("#explanation .said")).length > 10);
      assert.equal(await page.locator("#explanation .failed").count(), 1, "one check failed");
      assert.equal(await page.locator(`[data-mistake=${mistake}]`).getAttribute("aria-pressed"), "true");
      await page.click(`[data-mistake=${mistake}]`);
      assert.equal(await textOf("#explanation .code"), "accepted", "taken back");
    });
  }

  test("shows the bytes that were signed, and what cannot be seen of them", async () => {
    const secret = "kP2vX9mQ4sT7wZ1cF6hJ3nR8bL5dG0yA";
    await explain("x-hmac");
    const form = page.locator("#explain");
    await form.locator("[name=secret]").fill(secret);
    await form.locator("[name=time]").fill("1760000000");
    await form.locator("[name=form]").selectOption("crlf");
    await form.locator("[name=body]").fill("a\tb\u200b\nc");
    await form.locator("[name=headers]").fill(`X-HMAC-Timestamp: 1760000000\nX-HMAC-Signature: ${"0".repeat(64)}`);
    assert.equal((await textOf("#explanation .bytes")).replaceAll("\n", ""), String.raw`1760000000.a\tb\u{200b}\r\nc`);
    assert.deepEqual(await texts("#explanation .bytes .escape"), ["\\t", "\\u{200b}", "\\r", "\\n"]);
    assert.equal(await textOf("#explanation .signatures mark"), mac(secret, "1760000000.", "a\tb\u200b\r\nc"));
    const failed = page.locator("#explanation .failed");
    assert.equal(await failed.getAttribute("data-check"), "signature");
    assert.equal(await failed.locator(".mark").getAttribute("aria-label"), "failed");
  });

  test("takes a raw request apart that is pasted among the headers", async () => {
    await explain("x-hmac");
    const secret = "kP2vX9mQ4sT7wZ1cF6hJ3nR8bL5dG0yA";
    const time = now();
    const raw = `PUT /v1/a?b=c HTTP/1.1\nHost: api.example.com\nX-HMAC-Timestamp: ${time}\nX-HMAC-Signature: ${mac(secret, `${time}.`, "{}\n\n[]")}\n\n{}\n\n[]`;
    await page.fill("#explain [name=secret]", secret);
    await page.fill("#explain [name=time]", "");
    await page.fill("#explain [name=headers]", raw);
    const value = (name) => page.inputValue(`#explain [name=${name}]`);
    assert.deepEqual(
      [await value("method"), await value("url"), await value("body")],
      ["PUT", "https://api.example.com/v1/a?b=c", "{}\n\n[]"],
    );
    assert.equal(await textOf("#explanation .code"), "accepted");
  });

  test("says what the form lacks", async () => {
    for (const [name, value, why] of [
      ["secret", "", /secret/],
      ["secret", "short", /fewer than 32 bytes/],
      ["headers", "no colon", /Name: value/],
      ["url", "nowhere", /URL/],
    ]) {
      await explain("x-hmac");
      await page.fill(`#explain [name=${name}]`, value);
      assert.match(await textOf("#explanation .errors"), why);
    }
  });

  test("shows every error of a policy with its field, and what it takes once there is none", async () => {
    await page.click("#tab-policy");
    await page.click("[data-preset=github]");
    const policy = await page.inputValue("[name=policy]");
    await page.fill("[name=policy]", policy.replace('"POST"', '"POTS"').replace("secrets =", "secret ="));
    assert.deepEqual(await texts("#policy-report .errors code"), [
      "senders[0].secrets",
      "senders[0].secret",
      "routes[0].methods[0]",
    ]);
    assert.deepEqual((await texts("#policy-report .errors small")).at(-1), "line 8");
    assert.equal(await page.locator("#policy-answer").isVisible(), false);
    for (const text of ["[[vars.POLICY.senders]\nid = 1", "{", '{"senders": 7}', ""]) {
      await page.fill("[name=policy]", text);
      assert.match(await textOf("#policy-report .verdict"), /^\d errors?: with it the gate answers 503/, text);
      assert.match((await texts("#policy-report .errors small"))[0], /^line 1$/);
    }
    for (const way of [policy, policy.replaceAll("vars.POLICY.", "")]) {
      await page.fill("[name=policy]", way);
      assert.equal(await textOf("#policy-report .verdict"), "The policy is sound");
      assert.deepEqual(await texts("#policy-report tbody th"), ["/hooks/github", "/healthz"]);
    }
    assert.match(
      await textOf("#policy-report tbody tr:first-child"),
      /POST.*1 MiB.*github.*Can be sent again for ever/,
    );
  });

  test("answers a request as the gate does, case by case", async () => {
    await page.click("#tab-policy");
    await page.fill("[name=policy]", JSON.stringify(resolved.policy));
    const names = resolved.policy.senders.flatMap(({ secrets }) => secrets);
    for (const name of names) await page.fill(`[name=${name}]`, resolved.secrets[name]);
    await page.fill("#policy [name=time]", String(resolved.now));
    const typed = resolved.cases.filter(
      ({ method, target, headers }) =>
        method !== "CONNECT" &&
        !/\.\.|\/\.|\\|%2e/i.test(target) &&
        headers.every(([name, value]) => value.trim() === value && /^[\w-]+$/.test(name)),
    );
    assert.ok(typed.length > 70, `${typed.length} cases can be typed`);
    const methods = new Set(await page.locator("#policy [name=method] option").allTextContents());
    let tried = 0;
    for (const { name, method, target, headers, body_hex, expect } of typed) {
      const url = `https://gate.test${target}`;
      if (!methods.has(method) || !URL.canParse(url) || new URL(url).href !== url) continue;
      await page.selectOption("#policy [name=method]", method);
      await page.fill("#policy [name=url]", url);
      await page.fill("#policy [name=headers]", headers.map((pair) => pair.join(": ")).join("\n"));
      await page.selectOption("#policy [name=form]", "hex");
      await page.fill("#policy [name=body]", body_hex);
      const verdict = await textOf("#policy-answer .verdict");
      const wanted =
        expect.status === 200 ? `${expect.code}: forwarded to the origin` : `${expect.status} ${expect.code}`;
      assert.equal(verdict, wanted, name);
      tried += 1;
    }
    assert.ok(tried > 60, `${tried} cases were tried`);
  });

  test("says why a policy refuses a request, with the secrets of all its senders", async () => {
    await page.click("#tab-policy");
    await page.click("[data-preset=x-hmac]");
    await page.fill("[name=policy]", JSON.stringify(resolved.policy));
    for (const { secrets } of resolved.policy.senders) {
      for (const name of secrets) await page.fill(`[name=${name}]`, resolved.secrets[name]);
    }
    const signature = mac(resolved.secrets.REPORTS_SECRET, `${resolved.now}.`, "{}");
    await page.fill("#policy [name=url]", "https://gate.test/v1/infer");
    await page.fill("#policy [name=headers]", `X-HMAC-Timestamp: ${resolved.now}\nX-HMAC-Signature: ${signature}`);
    await page.fill("#policy [name=body]", "{}");
    assert.equal(await textOf("#policy-answer .verdict"), "401 invalid_signature");
    const cause = page.locator("#policy-answer [data-cause]");
    assert.equal(await cause.getAttribute("data-cause"), "another_sender");
    assert.match(await cause.textContent(), /reports/);
  });

  test("asked nobody for anything, in all of this", () => {
    assert.deepEqual(opened.complaints, []);
    const foreign = opened.requests.filter((url) => !url.startsWith(site.url));
    assert.deepEqual(foreign, []);
  });
});

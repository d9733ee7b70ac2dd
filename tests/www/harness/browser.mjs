// Chromium with the page open, and a record of everything it should not do.

import { chromium } from "playwright-core";
import { serve } from "../../../scripts/serve.mjs";

const ARGUMENTS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts the browser that the variable CHROMIUM names. */
export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM, args: ARGUMENTS });
}

/**
 * Opens the page in a new context and waits until the core is loaded.
 *
 * `requests` lists the URLs of everything that the browser asked the network for, by its own protocol;
 * `complaints` the page's errors, warnings and breaches of its Content-Security-Policy.
 */
export async function open(browser, url, options = {}) {
  const context = await browser.newContext({ permissions: ["clipboard-read", "clipboard-write"], ...options });
  const page = await context.newPage();
  const requests = [];
  const complaints = [];
  const protocol = await context.newCDPSession(page);
  await protocol.send("Network.enable");
  protocol.on("Network.requestWillBeSent", ({ request }) => requests.push(request.url));
  protocol.on("Network.webSocketCreated", (socket) => requests.push(socket.url));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.exposeFunction("reportBreach", (breach) => complaints.push(breach));
  await page.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) => {
      globalThis.reportBreach(`${event.violatedDirective}: ${event.blockedURI}`);
    });
  });
  await page.goto(url);
  await page.locator("[data-ready]").waitFor();
  return { page, requests, complaints, close: () => context.close() };
}

/** Serves the site, starts a browser and opens the page: as `open` gives it, with the two and `stop`. */
export async function visit() {
  const site = await serve();
  let browser;
  const stop = async () => {
    await browser?.close();
    await site.stop();
  };
  try {
    browser = await launch();
    return { ...(await open(browser, site.url)), site, browser, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Why there may be no browser. */
export const withoutBrowser = process.env.CHROMIUM ? false : "no browser: set CHROMIUM to the path of one";
if (withoutBrowser && process.env.CI) throw new Error(withoutBrowser);

// What the providers' own libraries say. `sign` gives the fields of a request; `accepts` throws or
// gives false where the library would refuse it. Where a library only verifies, Python or OpenSSL
// signs.

import { hmacValidator } from "@adyen/api-library";
import { signRequest, verifyRequest } from "@contentful/node-apps-toolkit/requests";
import hubspot from "@hubspot/api-client";
import { LinearWebhookClient } from "@linear/sdk/webhooks";
import Mux from "@mux/mux-node";
import * as octokit from "@octokit/webhooks-methods";
import { Paddle } from "@paddle/paddle-node-sdk";
import { EventWebhook } from "@sendgrid/eventwebhook";
import { shopifyApi } from "@shopify/shopify-api";
import "@shopify/shopify-api/adapters/web-api";
import bolt from "@slack/bolt";
import { AwsLambdaReceiver } from "@zoom/rivet/teamchat";
import { WebhooksManager } from "box-node-sdk/lib/managers/webhooks";
import coinbase from "coinbase-commerce-node";
import customerio from "customerio-node";
import { verifyKey } from "discord-interactions";
import Razorpay from "razorpay";
import { WebhooksHelper } from "square";
import { Webhook as StandardWebhook } from "standardwebhooks";
import Stripe from "stripe";
import { Webhook as SvixWebhook } from "svix";
import twilio from "twilio/lib/webhooks/webhooks.js";
import { messageSignaturesOf } from "./message-signatures.mjs";

const stripe = new Stripe("sk_test_none");
const adyen = new hmacValidator();

function hubspotOf(version, field) {
  const options = ({ secret, body, url, at }) => ({
    clientSecret: secret,
    requestBody: body.toString(),
    url,
    timestamp: at * 1000,
  });
  return {
    package: "@hubspot/api-client",
    sign: (one) => {
      const headers = [[field, hubspot.Signature.getSignature("POST", version, options(one))]];
      if (version === "v3") headers.push(["X-HubSpot-Request-Timestamp", String(one.at * 1000)]);
      return headers;
    },
    accepts: (one) =>
      hubspot.Signature.isValid({
        ...options(one),
        method: "POST",
        signatureVersion: version,
        signature: one.fields[field.toLowerCase()],
      }),
  };
}

function standardWebhooksOf(name, Library, prefix) {
  return {
    package: name,
    sign: ({ secret, at, body, id }) => [
      [`${prefix}-id`, id],
      [`${prefix}-timestamp`, String(at)],
      [`${prefix}-signature`, new Library(secret).sign(id, new Date(at * 1000), body.toString())],
    ],
    // Throws where it refuses; what it gives else differs.
    accepts: ({ secret, body, fields }) => {
      new Library(secret).verify(body.toString(), fields);
      return true;
    },
  };
}

const shopifyOf = (secret) =>
  shopifyApi({
    apiKey: "none",
    apiSecretKey: secret,
    apiVersion: "2026-10",
    hostName: "gate.test",
    isEmbeddedApp: false,
    logger: { log: () => {} },
  });

/** Links into an app and requests of its proxy; the library does not sign. */
const shopifyQueryOf = (signator) => ({
  package: "@shopify/shopify-api",
  accepts: ({ secret, target }) => {
    const { searchParams } = new URL(target, "https://gate.test");
    return shopifyOf(secret).utils.validateHmac(searchParams, { signator });
  },
});

/** A form as Twilio's library wants it: the values of each name. */
function formOf(body) {
  const form = {};
  for (const [name, value] of new URLSearchParams(body.toString())) (form[name] ??= []).push(value);
  return form;
}

export const sdks = {
  "adyen-platforms": {
    package: "@adyen/api-library",
    sign: ({ secret, body }) => [
      ["Protocol", "HmacSHA256"],
      ["HmacSignature", adyen.calculateHmac(body.toString(), secret)],
    ],
    accepts: ({ secret, body, fields }) => adyen.validateHMACSignature(secret, fields.hmacsignature, body.toString()),
  },
  "adyen-standard": {
    package: "@adyen/api-library",
    // The signatures stand in the body.
    sign: (one) => {
      const document = JSON.parse(one.body);
      for (const { NotificationRequestItem: item } of document.notificationItems) {
        item.additionalData = { ...item.additionalData, hmacSignature: adyen.calculateHmac(item, one.secret) };
      }
      one.body = Buffer.from(JSON.stringify(document));
      return [];
    },
    accepts: ({ secret, body }) =>
      JSON.parse(body).notificationItems.every((item) => adyen.validateHMAC(item.NotificationRequestItem, secret)),
  },
  box: {
    package: "box-node-sdk",
    accepts: ({ secret, body, fields }) => WebhooksManager.validateMessage(body.toString(), fields, secret),
  },
  "coinbase-commerce": {
    package: "coinbase-commerce-node",
    sign: ({ secret, body }) => [["X-CC-Webhook-Signature", coinbase.Webhook.computeSignature(body.toString(), secret)]],
    accepts: ({ secret, body, fields }) =>
      coinbase.Webhook.verifySigHeader(body.toString(), fields["x-cc-webhook-signature"], secret),
  },
  contentful: {
    package: "@contentful/node-apps-toolkit",
    sign: ({ secret, at, method, target, body }) => {
      const headers = { "Content-Type": "application/json; charset=utf-8", "X-Contentful-Topic": "Entry.publish" };
      const request = { method, path: target, headers, body: body.toString() };
      const context = { spaceId: "8a3vqnlm2yr1", userId: "4FLrUHftHW3v2BLi9fzfjU" };
      return Object.entries({ ...headers, ...signRequest(secret, request, at * 1000, context) });
    },
    accepts: ({ secret, method, target, body, fields }) =>
      verifyRequest(secret, { method, path: target, headers: fields, body: body.toString() }),
  },
  "customer-io": {
    package: "customerio-node",
    accepts: ({ secret, body, fields }) =>
      customerio.verifyRequestSignature({
        signingSecret: secret,
        timestamp: fields["x-cio-timestamp"],
        signature: fields["x-cio-signature"],
        body,
      }),
  },
  discord: {
    package: "discord-interactions",
    accepts: ({ secret, body, fields }) =>
      verifyKey(body, fields["x-signature-ed25519"], fields["x-signature-timestamp"], secret),
  },
  github: {
    package: "@octokit/webhooks-methods",
    sign: async ({ secret, body }) => [["X-Hub-Signature-256", await octokit.sign(secret, body.toString())]],
    accepts: ({ secret, body, fields }) => octokit.verify(secret, body.toString(), fields["x-hub-signature-256"]),
  },
  "hubspot-v1": hubspotOf("v1", "X-HubSpot-Signature"),
  "hubspot-v2": hubspotOf("v2", "X-HubSpot-Signature"),
  "hubspot-v3": hubspotOf("v3", "X-HubSpot-Signature-v3"),
  linear: {
    package: "@linear/sdk",
    accepts: ({ secret, body, fields }) => new LinearWebhookClient(secret).verify(body, fields["linear-signature"]),
  },
  mux: {
    package: "@mux/mux-node",
    accepts: async ({ secret, body, fields }) => {
      const mux = new Mux({ tokenId: "none", tokenSecret: "none" });
      await mux.webhooks.verifySignature(body.toString(), fields, secret);
      return true;
    },
  },
  paddle: {
    package: "@paddle/paddle-node-sdk",
    accepts: ({ secret, body, fields }) =>
      new Paddle("none").webhooks.isSignatureValid(body.toString(), secret, fields["paddle-signature"]),
  },
  razorpay: {
    package: "razorpay",
    accepts: ({ secret, body, fields }) =>
      Razorpay.validateWebhookSignature(body.toString(), fields["x-razorpay-signature"], secret),
  },
  "rfc9421-ecdsa-p256-sha256": messageSignaturesOf("rfc9421-ecdsa-p256-sha256"),
  "rfc9421-ecdsa-p384-sha384": messageSignaturesOf("rfc9421-ecdsa-p384-sha384"),
  "rfc9421-ed25519": messageSignaturesOf("rfc9421-ed25519"),
  "rfc9421-hmac-sha256": messageSignaturesOf("rfc9421-hmac-sha256"),
  "rfc9421-hmac-sha256-base64": messageSignaturesOf("rfc9421-hmac-sha256-base64"),
  "rfc9421-rsa-pss-sha512": messageSignaturesOf("rfc9421-rsa-pss-sha512"),
  "rfc9421-rsa-v1_5-sha256": messageSignaturesOf("rfc9421-rsa-v1_5-sha256"),
  sendgrid: {
    package: "@sendgrid/eventwebhook",
    accepts: ({ secret, body, fields }) => {
      const webhook = new EventWebhook();
      return webhook.verifySignature(
        webhook.convertPublicKeyToECDSA(secret),
        body,
        fields["x-twilio-email-event-webhook-signature"],
        fields["x-twilio-email-event-webhook-timestamp"],
      );
    },
  },
  shopify: {
    package: "@shopify/shopify-api",
    accepts: async ({ secret, body, fields }) => {
      // The library also wants the fields that say what happened; none of them is signed.
      const headers = {
        "X-Shopify-Topic": "orders/paid",
        "X-Shopify-Shop-Domain": "shop.myshopify.com",
        "X-Shopify-API-Version": "2026-10",
        "X-Shopify-Webhook-Id": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
        ...fields,
      };
      const rawRequest = new Request("https://gate.test/hook/shopify", { method: "POST", headers });
      return (await shopifyOf(secret).webhooks.validate({ rawBody: body.toString(), rawRequest })).valid;
    },
  },
  "shopify-link": shopifyQueryOf("admin"),
  "shopify-proxy": shopifyQueryOf("appProxy"),
  slack: {
    package: "@slack/bolt",
    accepts: ({ secret, body, fields }) => {
      const headers = { ...fields, "x-slack-request-timestamp": Number(fields["x-slack-request-timestamp"]) };
      bolt.verifySlackRequest({ signingSecret: secret, body: body.toString(), headers });
      return true;
    },
  },
  square: {
    package: "square",
    accepts: ({ secret, body, url, fields }) =>
      WebhooksHelper.verifySignature({
        requestBody: body.toString(),
        signatureHeader: fields["x-square-hmacsha256-signature"],
        signatureKey: secret,
        notificationUrl: url,
      }),
  },
  "standard-webhooks": standardWebhooksOf("standardwebhooks", StandardWebhook, "webhook"),
  stripe: {
    package: "stripe",
    sign: ({ secret, body, at }) => [
      [
        "Stripe-Signature",
        stripe.webhooks.generateTestHeaderString({ payload: body.toString(), secret, timestamp: at }),
      ],
    ],
    accepts: ({ secret, body, fields }) =>
      stripe.webhooks.constructEvent(body.toString(), fields["stripe-signature"], secret) !== undefined,
  },
  svix: standardWebhooksOf("svix", SvixWebhook, "svix"),
  twilio: {
    package: "twilio",
    sign: ({ secret, body, url }) => [
      ["Content-Type", "application/x-www-form-urlencoded; charset=UTF-8"],
      ["X-Twilio-Signature", twilio.getExpectedTwilioSignature(secret, url, formOf(body))],
    ],
    accepts: ({ secret, body, url, fields }) =>
      twilio.validateRequest(secret, fields["x-twilio-signature"], url, formOf(body)),
  },
  zoom: {
    package: "@zoom/rivet",
    accepts: async ({ secret, body, fields }) => {
      const receiver = new AwsLambdaReceiver({ webhooksSecretToken: secret });
      const event = { headers: fields, body: body.toString(), isBase64Encoded: false };
      // The library prints every event it gets.
      const { debug } = console;
      console.debug = () => {};
      const answer = await receiver.start()(event, {}).finally(() => (console.debug = debug));
      return answer.statusCode === 200;
    },
  },
};

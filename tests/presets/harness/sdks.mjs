// What the providers' own libraries say. `sign` gives the fields of a request; `accepts` throws or
// gives false where the library would refuse it. Where a library only verifies, Python signs.

import { hmacValidator } from "@adyen/api-library";
import hubspot from "@hubspot/api-client";
import { LinearWebhookClient } from "@linear/sdk/webhooks";
import Mux from "@mux/mux-node";
import * as octokit from "@octokit/webhooks-methods";
import { Paddle } from "@paddle/paddle-node-sdk";
import { shopifyApi } from "@shopify/shopify-api";
import "@shopify/shopify-api/adapters/web-api";
import bolt from "@slack/bolt";
import { AwsLambdaReceiver } from "@zoom/rivet/teamchat";
import { WebhooksManager } from "box-node-sdk/lib/managers/webhooks";
import coinbase from "coinbase-commerce-node";
import customerio from "customerio-node";
import Razorpay from "razorpay";
import { WebhooksHelper } from "square";
import { Webhook as StandardWebhook } from "standardwebhooks";
import Stripe from "stripe";
import { Webhook as SvixWebhook } from "svix";

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

export const sdks = {
  "adyen-platforms": {
    package: "@adyen/api-library",
    sign: ({ secret, body }) => [
      ["Protocol", "HmacSHA256"],
      ["HmacSignature", adyen.calculateHmac(body.toString(), secret)],
    ],
    accepts: ({ secret, body, fields }) => adyen.validateHMACSignature(secret, fields.hmacsignature, body.toString()),
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
  shopify: {
    package: "@shopify/shopify-api",
    accepts: async ({ secret, body, fields }) => {
      const shopify = shopifyApi({
        apiKey: "none",
        apiSecretKey: secret,
        apiVersion: "2026-10",
        hostName: "gate.test",
        isEmbeddedApp: false,
        logger: { log: () => {} },
      });
      // The library also wants the fields that say what happened; none of them is signed.
      const headers = {
        "X-Shopify-Topic": "orders/paid",
        "X-Shopify-Shop-Domain": "shop.myshopify.com",
        "X-Shopify-API-Version": "2026-10",
        "X-Shopify-Webhook-Id": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
        ...fields,
      };
      const rawRequest = new Request("https://gate.test/hook/shopify", { method: "POST", headers });
      return (await shopify.webhooks.validate({ rawBody: body.toString(), rawRequest })).valid;
    },
  },
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

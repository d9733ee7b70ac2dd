// Senders whose `url` is an origin alone: the path and query received are signed beside the body,
// and nothing of one may be passed off as part of the other.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { now } from "../worker/harness/sign.mjs";
import { startPresets } from "./harness/gate.mjs";
import { provider } from "./harness/providers.mjs";
import { ACCEPTED, INVALID } from "./harness/traps.mjs";

const ORIGIN = "https://hooks.example";
const PRESETS = ["hubspot-v2", "hubspot-v3", "square", "trello"];
const secrets = Object.fromEntries(PRESETS.map((name) => [name, provider(name).newSecret()]));
const pagesSecret = provider("hubspot-v3").newSecret();

let gate;

before(async () => {
  const route = { allow_empty_body: true };
  gate = await startPresets(
    [
      ...PRESETS.map((preset) => ({ id: `${preset}-open`, preset, secrets: [secrets[preset]], url: ORIGIN, route })),
      {
        id: "hubspot-pages",
        preset: "hubspot-v3",
        secrets: [pagesSecret],
        url: ORIGIN,
        route: { path: "/hook/hubspot-pages/{page}" },
      },
    ],
  );
});

after(() => gate.stop());

const code = async (request) => (await gate.outcome(request)).code;

/** A request signed by the preset's oracle for the URL with this query; `sent` changes what is sent. */
async function signed(preset, query, body, sent = {}) {
  const path = `/hook/${preset}-open`;
  const made = await provider(preset).request(now(), {
    secret: secrets[preset],
    url: ORIGIN + path + query,
    body: Buffer.from(body),
  });
  const changed = { query, body, ...sent };
  return { ...made, target: path + changed.query, body: Buffer.from(changed.body) };
}

for (const preset of PRESETS) {
  test(`the query may vary, and is signed: ${preset}`, async () => {
    for (const [query, body] of [
      ["", '{"amount":1250}'],
      ["?q=1", '{"amount":1250}'],
      ["?q=2&r=%20%26%C3%BC+", '[{"amount":1250}]\r\n'],
      ["?q=1", ""],
    ]) {
      assert.equal(await code(await signed(preset, query, body)), ACCEPTED, `${query} ${body}`);
    }
    assert.equal(await code(await signed(preset, "?q=1", "{}", { query: "?q=2" })), INVALID);
    assert.equal(await code(await signed(preset, "?q=1", "{}", { query: "" })), INVALID);
    assert.equal(await code(await signed(preset, "?q=1", "{}", { body: "{ }" })), INVALID);
    assert.equal(await code(await signed(preset, "?q=1", "{}", { query: "?q=1&r=2" })), INVALID);
  });

  test(`nothing moves between query and body: ${preset}`, async () => {
    const json = '{"a":1}';
    for (const [query, body, sent] of [
      // A part of the query as body, and all of it.
      ["?q=1", json, { query: "?q=", body: `1${json}` }],
      ["?q=1", json, { query: "", body: `?q=1${json}` }],
      ["?q=1", "", { query: "?q=", body: "1" }],
      ["?q=1", "", { query: "", body: "?q=1" }],
      // A part of the body as query, and all of it.
      ["?q=", json, { query: "?q={", body: '"a":1}' }],
      ["?q=", "{1}", { query: "?q={1", body: "}" }],
      ["?q=", "{1}", { query: "?q={1}", body: "" }],
      ["?q=", "[1]", { query: "?q=[1]", body: "" }],
      ["?q=", "{'?a'}", { query: "?q={'?a'}", body: "" }],
    ]) {
      const request = await signed(preset, query, body, sent);
      assert.equal(await code(request), INVALID, JSON.stringify([query, body, sent]));
    }
    // Where the body starts or ends like a URL, nobody can tell, so the right one is refused too.
    for (const body of ["1", "a=1", '1{"a":1}', '{"a":1}1', "{}="]) {
      assert.equal(await code(await signed(preset, "?q=1", body)), INVALID, body);
    }
  });
}

test("the body's end does not move to the URL's start: Trello", async () => {
  const path = "/hook/trello-open";
  const own = `${ORIGIN}${path}`;
  // The signed bytes are body and URL; both hold another place where the URL could start.
  const inQuery = await signed("trello", `?u=${own}?x=1`, "{}", { query: "?x=1", body: `{}${own}?u=` });
  assert.equal(await code(inQuery), INVALID);
  const inBody = await signed("trello", "", `{${own}?x}`, { query: `?x}${own}`, body: "{" });
  assert.equal(await code(inBody), INVALID);
});

test("HubSpot's URL has some escapes decoded: HubSpot, version 3", async () => {
  const received = "?at=%3A%2F%3F%40%21%24%27%28%29%2A%2C%3B&kept=%20%26%25%C3%BC%23%2B%3D%22";
  const url = "?at=:/?@!$'()*,;&kept=%20%26%25%C3%BC%23%2B%3D%22";
  assert.equal(await code(await signed("hubspot-v3", url, "{}", { query: received })), ACCEPTED);
  const lower = received.replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase());
  const kept = url.replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase());
  assert.equal(await code(await signed("hubspot-v3", kept, "{}", { query: lower })), ACCEPTED);
  assert.equal(await code(await signed("hubspot-v3", url, "{}", { query: lower })), INVALID);
  assert.equal(await code(await signed("hubspot-v3", received, "{}")), INVALID, "signed with the escapes");
  const all = url.replace("%20%26%25%C3%BC%23%2B%3D%22", ' &%ü#+="');
  assert.equal(await code(await signed("hubspot-v3", all, "{}", { query: received })), INVALID, "signed without any");
  assert.equal(await code(await signed("hubspot-v2", url, "{}", { query: received })), INVALID, "version 2 has them");
  assert.equal(await code(await signed("hubspot-v2", received, "{}")), ACCEPTED);
});

test("what is decoded is no part of the body either: HubSpot, version 3", async () => {
  // The escapes of brackets stay, and a body that starts with what is decoded is none.
  assert.equal(await code(await signed("hubspot-v3", "?q=", "{1}", { query: "?q=%7B1%7D", body: "" })), INVALID);
  assert.equal(await code(await signed("hubspot-v3", "?q=(1)", "", { query: "?q=", body: "(1)" })), INVALID);
});

test("a query cannot become a part of the path: HubSpot, version 3", async () => {
  const signedFor = (target) =>
    provider("hubspot-v3").request(now(), { secret: pagesSecret, url: ORIGIN + target, body: Buffer.from("{}") });
  const made = await signedFor("/hook/hubspot-pages/x?a=1");
  assert.equal(await code({ ...made, target: "/hook/hubspot-pages/x?a=1" }), ACCEPTED);
  assert.equal(await code({ ...made, target: "/hook/hubspot-pages/x%3Fa=1" }), INVALID);
  const semicolon = await signedFor("/hook/hubspot-pages/x;b");
  assert.equal(await code({ ...semicolon, target: "/hook/hubspot-pages/x;b" }), ACCEPTED);
  assert.equal(await code({ ...semicolon, target: "/hook/hubspot-pages/x%3Bb" }), INVALID);
});

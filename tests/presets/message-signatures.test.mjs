// HTTP Message Signatures (RFC 9421) through the built Worker, signed by two libraries for JavaScript,
// one for Python, and, where none can say what is to be said, by hand from the RFC's text: the tests
// of that kind have "by hand" in their names. Digests (RFC 9530) are made by OpenSSL.

import assert from "node:assert/strict";
import { constants, createHash, randomBytes } from "node:crypto";
import { connect } from "node:net";
import { after, before, test } from "node:test";
import { json, send } from "../worker/harness/client.mjs";
import { startOrigin } from "../worker/harness/origin.mjs";
import { SECRET as REPLAY_SECRET, startReplayGate } from "../worker/harness/replay.mjs";
import { withinOneSecond } from "../worker/harness/requests.mjs";
import { now } from "../worker/harness/sign.mjs";
import { startPresets } from "./harness/gate.mjs";
import { ed25519Pem, p256Pem, p384Pem, rsaPem, rsaPssPem } from "./harness/keys.mjs";
import {
  byHand,
  digestOf,
  HOST,
  keyOf,
  libraries,
  USUAL,
  usualLines,
  withoutPython,
} from "./harness/message-signatures.mjs";

const HMAC = "rfc9421-hmac-sha256";
const PRESETS = {
  [HMAC]: () => randomBytes(32).toString("base64url"),
  "rfc9421-hmac-sha256-base64": () => randomBytes(32).toString("base64"),
  "rfc9421-ed25519": ed25519Pem,
  "rfc9421-ecdsa-p256-sha256": p256Pem,
  "rfc9421-ecdsa-p384-sha384": p384Pem,
  "rfc9421-rsa-pss-sha512": rsaPem(2048),
  "rfc9421-rsa-v1_5-sha256": rsaPem(2048),
};
const INVALID = { code: "invalid_signature", status: 401 };
const MISSING = { code: "missing_signature", status: 401 };
const STALE = { code: "stale_timestamp", status: 401 };
const accepted = (scheme = HMAC) => ({ code: "accepted", scheme });

/** Bytes that are no text, spaces, and a line end. */
const BODY = Buffer.concat([Buffer.from('{ "amount": 1250 }\r\n'), Buffer.from([0x00, 0xff, 0xc3, 0x28])]);
const OTHER = Buffer.concat([Buffer.from('{ "amount": 1251 }\r\n'), Buffer.from([0x00, 0xff, 0xc3, 0x28])]);

const ASKED = ["@method", "@path", "content-type", "content-digest"];
/** The senders by the first segment of their route. */
const senders = {
  ...Object.fromEntries(Object.keys(PRESETS).map((preset) => [preset.replace("rfc9421", "usual"), { preset }])),
  loose: { rule: { components: ["@method"] } },
  tagged: { rule: { tag: "orders", keyid: "key-1" } },
  fields: { rule: { components: ASKED } },
  public: { rule: { components: ["@method"] }, url: "https://Hooks.example:8443" },
  rotating: { next: PRESETS[HMAC]() },
  "pss-only": { preset: "rfc9421-rsa-pss-sha512", make: rsaPssPem(2048) },
  "rsa-2049": { preset: "rfc9421-rsa-pss-sha512", make: rsaPem(2049) },
  "rsa-4096": { preset: "rfc9421-rsa-v1_5-sha256", make: rsaPem(4096) },
};
for (const sender of Object.values(senders)) {
  sender.preset ??= HMAC;
  sender.secret = (sender.make ?? PRESETS[sender.preset])();
  sender.key = keyOf(sender.preset, sender.secret);
}

/** The key that signs a request by rights. */
const keyFor = ({ target }) => senders[target.split("/")[1]].key;
const stranger = (preset = HMAC) => keyOf(preset, PRESETS[preset]());

const usable = Object.keys(libraries).filter((name) => !name.includes("Python") || !withoutPython);

let gate;

before(async () => {
  const rows = Object.entries(senders).map(([id, { preset, secret, next, url, rule }]) => ({
    id,
    preset,
    secrets: next ? [secret, next] : [secret],
    url,
    sender: rule && { message_signature: rule },
    route: { path: `/${id}/{name}`, methods: ["GET", "POST", "PUT"], ...(rule && { allow_empty_body: true }) },
  }));
  gate = await startPresets(rows);
});

after(() => gate.stop());

/** A request to a preset's route, not signed yet. */
function usual(changes = {}) {
  const { preset = HMAC, id = preset.replace("rfc9421", "usual"), body = BODY, headers = [], ...more } = changes;
  const fields = [["Content-Type", "application/octet-stream"], ["X-Note", "a  b, c"], ...headers];
  if (body) fields.push(["Content-Digest", digestOf(body)]);
  return { method: body ? "POST" : "GET", target: `/${id}/infer?a=1&b=%20x`, headers: fields, body, ...more };
}

const withFields = (request, fields) => ({ ...request, headers: [...request.headers, ...fields] });
/** Signed by hand, from the lines of the RFC. */
const handSigned = (request, lines = usualLines(request), options = {}, by = keyFor(request)) =>
  withFields(request, byHand(by, lines, options));

/** Signed by a library. */
const signedBy = async (name, request, options = {}, by = keyFor(request)) =>
  withFields(request, await libraries[name](by, request, options));

/** With each value of a field changed by a function; where it gives nothing, the field goes. */
const edited = (request, name, change) => ({
  ...request,
  headers: request.headers
    .map(([own, value]) => [own, own.toLowerCase() === name.toLowerCase() ? change(value) : value])
    .filter(([, value]) => value !== undefined),
});
const input = (request, from, to) => edited(request, "Signature-Input", (value) => replaced(value, from, to));

function replaced(text, from, to) {
  const changed = text.replace(from, to);
  assert.notEqual(changed, text, `${from} is there`);
  return changed;
}

// ------------------------------------------------------------------- libraries sign what is usual

const more = [...USUAL, '"content-type"', '"x-note"'];

for (const preset of Object.keys(PRESETS)) {
  for (const name of Object.keys(libraries)) {
    const skip = name.includes("Python") && withoutPython;
    test(`${preset} by ${name}: what is signed is accepted, and nothing that is altered`, { skip }, async () => {
      const request = usual({ preset });
      const signed = await signedBy(name, request, { components: more });
      assert.deepEqual(await gate.outcome(signed), accepted(preset));

      const digest = (value) => edited(signed, "Content-Digest", () => value);
      const created = Number(
        signed.headers.find(([field]) => field === "Signature-Input")[1].match(/created=(\d+)/)[1],
      );
      const altered = {
        method: { ...signed, method: "PUT" },
        path: { ...signed, target: signed.target.replace("infer", "other") },
        query: { ...signed, target: signed.target.replace("a=1", "a=2") },
        "another spelling of the query": { ...signed, target: signed.target.replace("%20", "+") },
        "no query": { ...signed, target: signed.target.split("?")[0] },
        authority: { ...signed, host: "other.test" },
        port: { ...signed, host: `${HOST}:8080` },
        body: { ...signed, body: OTHER },
        "body and digest": { ...digest(digestOf(OTHER)), body: OTHER },
        digest: digest(digestOf(OTHER)),
        "another digest of the same body": digest(digestOf(BODY, "sha512")),
        "no digest": digest(undefined),
        "a covered field": edited(signed, "X-Note", (value) => replaced(value, "  ", " ")),
        "another line of a covered field": withFields(signed, [["X-Note", "d"]]),
        "no covered field": edited(signed, "X-Note", () => undefined),
        "no type": edited(signed, "Content-Type", () => undefined),
        created: input(signed, `created=${created}`, `created=${created - 1}`),
        keyid: input(signed, "key-1", "key-2"),
        "a component less": input(signed, '"x-note"', ""),
        "another order": input(signed, '"@method" "@authority"', '"@authority" "@method"'),
        "a bit of the signature": edited(signed, "Signature", (value) =>
          value.replace(/:(.)/, (_, first) => `:${first === "A" ? "B" : "A"}`),
        ),
      };
      for (const [what, changed] of Object.entries(altered)) {
        assert.deepEqual(await gate.outcome(changed), INVALID, what);
      }
      // The time is looked at first.
      assert.deepEqual(await gate.outcome(input(signed, `created=${created}`, `created=${created - 120}`)), STALE);
      for (const field of ["Signature", "Signature-Input"]) {
        assert.deepEqual(await gate.outcome(edited(signed, field, () => undefined)), MISSING, field);
      }
      assert.deepEqual(await gate.outcome(await signedBy(name, request, {}, stranger(preset))), INVALID, "another key");
    });

    test(`${preset} by ${name}: the window, expires, nonce, tag and alg`, { skip }, async () => {
      const request = usual({ preset });
      const outcome = async (options) => gate.outcome(await signedBy(name, request, options));
      for (const [created, expires, expected] of [
        [60, undefined, accepted(preset)],
        [-60, undefined, accepted(preset)],
        [61, undefined, STALE],
        [-61, undefined, STALE],
        [30, -30, accepted(preset)],
        [30, 1, STALE],
      ]) {
        const got = await withinOneSecond((second) =>
          outcome({ created: second - created, expires: expires && second - expires }),
        );
        assert.deepEqual(got, expected, `created ${created} s ago, expires ${expires} s ago`);
      }
      assert.deepEqual(await outcome({ nonce: "n-1", tag: "any", alg: false }), accepted(preset));
    });
  }
}

test("a request without a body needs no digest", async () => {
  const bare = USUAL.filter((identifier) => identifier !== '"content-digest"');
  for (const name of usable) {
    for (const target of ["/usual-hmac-sha256/infer?a=1", "/usual-hmac-sha256/infer", "/usual-hmac-sha256/infer?"]) {
      const request = { method: "GET", target, headers: [] };
      const signed = await signedBy(name, request, { components: bare });
      assert.deepEqual(await gate.outcome(signed), accepted(), `${name} ${target}`);
      // A body that was added is refused, with a digest of its own or without.
      for (const headers of [[], [["Content-Digest", digestOf(BODY)]]]) {
        const post = { ...withFields(signed, headers), method: "POST", body: BODY };
        assert.deepEqual(await gate.outcome(post), INVALID);
      }
    }
  }
});

// ------------------------------------------------------------------------------- each component

const DICTIONARY = ["Example-Dict", "  a=1,    b=2;x=1;y=2,   c=(a   b   c), d  "];
const QUERY =
  "?param=value&foo=bar&baz=bat%2Dman&qux=&bar=with+plus%20space&fa%C3%A7ade%22%3A%20=something&marks=%21%27%28%29%7E*";
const base64 = (text) => Buffer.from(text).toString("base64");
const get = (target, headers = []) => ({ method: "GET", target, headers });
const of = (headers, name, from, to) => ({
  request: get("/loose/infer", headers),
  alter: (one) => edited(one, name, (value) => replaced(value, from, to)),
});
const dictionary = (from, to) => of([DICTIONARY], DICTIONARY[0], from, to);
const query = (from, to) => ({
  request: get(`/loose/infer${QUERY}`),
  alter: (one) => ({ ...one, target: replaced(one.target, from, to) }),
});

const H = "http-message-signatures";
const C = "http-message-sig";
const P = "http-message-signatures (Python)";
/**
 * Identifier, its value by the RFC, a request with an alteration that shows, and the libraries that
 * cannot say it (they throw) or deviate (the gate refuses what they make), with the reason.
 */
const components = [
  ['"@method"', "GET", { request: get("/loose/infer"), alter: (one) => ({ ...one, method: "PUT" }) }],
  ['"@authority"', HOST, { request: get("/loose/infer"), alter: (one) => ({ ...one, host: "other.test" }) }],
  ['"@scheme"', "http", { request: get("/loose/infer") }],
  [
    '"@path"',
    "/loose/a-b_c.~d:e@f!$&'()*+,;=",
    {
      request: get("/loose/a-b_c.~d:e@f!$&'()*+,;=?x=1"),
      alter: (one) => ({ ...one, target: one.target.replace("a-b", "a-c") }),
    },
  ],
  ['"@query"', QUERY, query("bar=with+", "bar=with%20")],
  ['"@query"', "?", { request: get("/loose/infer"), alter: (one) => ({ ...one, target: `${one.target}?a` }) }],
  ['"@query"', "?", { request: get("/loose/infer?") }],
  ['"@request-target"', `/loose/infer${QUERY}`, query("qux=", "qux")],
  [
    '"@request-target"',
    "/loose/infer",
    { request: get("/loose/infer"), alter: (one) => ({ ...one, target: `${one.target}?` }) },
  ],
  ['"@target-uri"', `http://${HOST}/loose/infer${QUERY}`, query("param", "parax")],
  [
    '"@target-uri"',
    `http://${HOST}/loose/infer`,
    { request: get("/loose/infer"), alter: (one) => ({ ...one, host: "other.test" }) },
  ],
  ['"@query-param";name="baz"', "bat-man", query("%2Dman", "%2Dmen"), { cannot: [C] }],
  ['"@query-param";name="qux"', "", query("qux=", "qux=1"), { cannot: [C] }],
  ['"@query-param";name="bar"', "with%20plus%20space", query("with+", "with-"), { cannot: [C] }],
  ['"@query-param";name="fa%C3%A7ade%22%3A%20"', "something", query("something", "nothing"), { cannot: [C] }],
  // Section 2.2.8 escapes as a form does, which leaves but `*-._`; this library leaves `!'()~` as well.
  ['"@query-param";name="marks"', "%21%27%28%29%7E*", query("%21", "%22"), { cannot: [C], deviates: [H] }],
  ['"example-dict"', "a=1,    b=2;x=1;y=2,   c=(a   b   c), d", dictionary("a=1,  ", "a=1, ")],
  // Python's library knows the kinds of registered fields only (section 2.1.1).
  ['"example-dict";sf', "a=1, b=2;x=1;y=2, c=(a b c), d", dictionary("a=1", "a=2"), { cannot: [C, P] }],
  ['"example-dict";key="a"', "1", dictionary("a=1", "a=2"), {}],
  ['"example-dict";key="b"', "2;x=1;y=2", dictionary("y=2", "y=3"), {}],
  ['"example-dict";key="c"', "(a b c)", dictionary("c=(a", "c=(b"), {}],
  ['"example-dict";key="d"', "?1", dictionary(", d", ", d=?0"), {}],
  [
    '"example-list";sf',
    '("a" b;q=1.5), tok/en, :AQI=:, ?0',
    of([["Example-List", '("a"   b;q=1.50)  ,tok/en,\t:AQI=:,?0']], "Example-List", "1.50", "1.51"),
    { cannot: [C, P] },
  ],
  [
    '"example-item";sf',
    '"te\\"xt";a;b=-1',
    of([["Example-Item", '"te\\"xt";  a=?1; b=-1']], "Example-Item", "b=-1", "b=1"),
    { cannot: [C, P] },
  ],
  // It takes a text that can be read as a list for one, and then finds no member in it (section 2.1.2).
  [
    '"cache-control";key="must-revalidate"',
    "?1",
    of([["Cache-Control", "must-revalidate"]], "Cache-Control", "must-re", "re"),
    { cannot: [H] },
  ],
  [
    '"cache-control"',
    "max-age=60, must-revalidate",
    of(
      [
        ["Cache-Control", "max-age=60"],
        ["Cache-Control", " must-revalidate "],
      ],
      "Cache-Control",
      "a",
      "o",
    ),
  ],
  [
    '"cache-control";sf',
    "max-age=60, must-revalidate",
    of(
      [
        ["Cache-Control", "max-age=60"],
        ["Cache-Control", "must-revalidate"],
      ],
      "Cache-Control",
      "a",
      "o",
    ),
    { cannot: [C] },
  ],
  ['"x-text"', "inner   spaces\tand tab", of([["X-Text", "  inner   spaces\tand tab \t"]], "X-Text", "   ", "  ")],
  ['"x-text";bs', `:${base64("a, b   c")}:`, of([["X-Text", " a, b   c "]], "X-Text", "a,", "a ,"), { cannot: [C] }],
  ['"x-empty"', "", of([["X-Empty", ""]], "X-Empty", "", "x")],
  ['"date"', "Tue, 20 Apr 2021 02:07:55 GMT", of([["Date", "Tue, 20 Apr 2021 02:07:55 GMT"]], "Date", "55", "56")],
];

for (const [identifier, value, { request, alter }, { cannot = [], deviates = [] } = {}] of components) {
  test(`${identifier} of ${request.target} is ${JSON.stringify(value)}, by hand and by the libraries`, async () => {
    const lines = [['"@method"', "GET"], ...(identifier === '"@method"' ? [] : [[identifier, value]])];
    const components = lines.map(([one]) => one);
    for (const name of ["by hand", ...usable]) {
      if (cannot.includes(name)) {
        await assert.rejects(async () => signedBy(name, request, { components }), `${name} cannot`);
        continue;
      }
      const signed = name === "by hand" ? handSigned(request, lines) : await signedBy(name, request, { components });
      if (deviates.includes(name)) {
        assert.deepEqual(await gate.outcome(signed), INVALID, `${name} deviates`);
        continue;
      }
      assert.deepEqual(await gate.outcome(signed), accepted(), name);
      if (alter) assert.deepEqual(await gate.outcome(alter(signed)), INVALID, `${name}, altered`);
    }
    const [first, last] = [lines[0], lines.at(-1)];
    const wrong = handSigned(request, lines.length > 1 ? [first, [last[0], `${last[1]}x`]] : [[first[0], "POST"]]);
    assert.deepEqual(await gate.outcome(wrong), INVALID, "by hand with another value");
  });
}

test(
  "@query-param of what is no UTF-8 is refused, by hand: other bytes have the same replacement character (section 2.2.8)",
  async () => {
    const request = get("/loose/infer?a=%FF");
    const lines = [
      ['"@method"', "GET"],
      ['"@query-param";name="a"', "%EF%BF%BD"],
    ];
    assert.deepEqual(await gate.outcome(handSigned(request, lines)), INVALID);
  },
);

test("key and sf may stand together, by hand: sf adds nothing (section 2.1)", async () => {
  const request = get("/loose/infer", [DICTIONARY]);
  for (const identifier of ['"example-dict";key="b";sf', '"example-dict";sf;key="b"']) {
    const signed = handSigned(request, [
      ['"@method"', "GET"],
      [identifier, "2;x=1;y=2"],
    ]);
    assert.deepEqual(await gate.outcome(signed), accepted(), identifier);
  }
});

test("bs of several lines is refused, by hand: the runtime has joined them before (section 2.1.3)", async () => {
  const request = get("/loose/infer", [
    ["X-Text", "a, b"],
    ["X-Text", "c"],
  ]);
  const lines = (value) => [
    ['"@method"', "GET"],
    ['"x-text";bs', value],
  ];
  const wrapped = (...texts) => texts.map((text) => `:${base64(text)}:`).join(", ");
  assert.deepEqual(await gate.outcome(handSigned(request, lines(wrapped("a, b", "c")))), INVALID);
});

test("non-ASCII in a covered field is taken wrapped as bytes only, by hand (sections 2.1 and 2.5)", async () => {
  const request = get("/loose/infer", [["X-Text", "grün ☃"]]);
  const lines = (identifier, value) => [
    ['"@method"', "GET"],
    [identifier, value],
  ];
  assert.deepEqual(await gate.outcome(handSigned(request, lines('"x-text"', "grün ☃"))), INVALID);
  assert.deepEqual(await gate.outcome(handSigned(request, lines('"x-text";bs', `:${base64("grün ☃")}:`))), accepted());
});

test("an authority is in lower case and without the port of its scheme, by hand (section 2.2.3)", async () => {
  for (const host of ["GATE.Test:80", "gate.test:80", "Gate.test"]) {
    const signed = handSigned(get("/loose/infer"), [
      ['"@method"', "GET"],
      ['"@authority"', HOST],
    ]);
    assert.deepEqual(await gate.outcome({ ...signed, host }), accepted(), host);
  }
  const port = [
    ['"@method"', "GET"],
    ['"@authority"', `${HOST}:8080`],
  ];
  assert.deepEqual(await gate.outcome({ ...handSigned(get("/loose/infer"), port), host: `${HOST}:8080` }), accepted());
});

test("a URL that the policy names stands for what the signer called, by hand", async () => {
  const request = get("/public/infer?a=1");
  const lines = [
    ['"@method"', "GET"],
    ['"@target-uri"', "https://hooks.example:8443/public/infer?a=1"],
    ['"@authority"', "hooks.example:8443"],
    ['"@scheme"', "https"],
  ];
  assert.deepEqual(await gate.outcome(handSigned(request, lines)), accepted());
  for (let at = 1; at < lines.length; at += 1) {
    const received = [`http://${HOST}/public/infer?a=1`, HOST, "http"][at - 1];
    const wrong = lines.map(([identifier, value], place) => [identifier, place === at ? received : value]);
    assert.deepEqual(await gate.outcome(handSigned(request, wrong)), INVALID, lines[at][0]);
  }
});

for (const name of Object.keys(libraries)) {
  const skip = name === P && withoutPython;
  test(`the policy's tag, keyid and components by ${name}`, { skip }, async () => {
    const outcome = async (...how) => gate.outcome(await signedBy(name, ...how));
    const tagged = usual({ id: "tagged" });
    assert.deepEqual(await outcome(tagged, { tag: "orders" }), accepted());
    for (const tag of [undefined, "order", "Orders"]) assert.deepEqual(await outcome(tagged, { tag }), INVALID, tag);
    assert.deepEqual(await outcome(tagged, { tag: "orders" }, { ...keyFor(tagged), id: "key-2" }), INVALID, "keyid");
    const fields = usual({ id: "fields" });
    const listed = ASKED.map((component) => `"${component}"`);
    assert.deepEqual(await outcome(fields, { components: listed }), accepted());
    for (const identifier of listed) {
      const others = listed.filter((other) => other !== identifier);
      assert.deepEqual(await outcome(fields, { components: others }), INVALID, `without ${identifier}`);
    }
    // What is within another component counts as covered.
    const within = usual();
    for (const components of [
      ['"@method"', '"@target-uri"', '"content-digest"'],
      ['"@request-target"', '"@method"', '"content-digest"', '"@authority"'],
    ]) {
      assert.deepEqual(await outcome(within, { components }), accepted(), components.join(" "));
    }
    assert.deepEqual(
      await outcome(within, { components: ['"@method"', '"@request-target"', '"content-digest"'] }),
      INVALID,
    );
  });

  test(`several labels by ${name}`, { skip }, async () => {
    const request = usual();
    const sign = libraries[name];
    const own = await sign(keyFor(request), request, { label: "app" });
    const options = { label: "proxy", components: ['"@method"'], tag: "proxy" };
    const proxy = await sign(stranger("rfc9421-ed25519"), request, options);
    const join = (one, other) => one.map(([field, value], at) => [field, `${value}, ${other[at][1]}`]);
    for (const fields of [join(own, proxy), join(proxy, own), [...own, ...proxy], [...proxy, ...own]]) {
      assert.deepEqual(await gate.outcome(withFields(request, fields)), accepted());
    }
    assert.deepEqual(await gate.outcome(withFields(request, proxy)), INVALID, "only the other's");
    const swapped = join(own, proxy).map(([field, value]) => [
      field,
      field === "Signature" ? value.replace("app=", "x=").replace("proxy=", "app=").replace("x=", "proxy=") : value,
    ]);
    assert.deepEqual(await gate.outcome(withFields(request, swapped)), INVALID, "the labels of the signatures swapped");
  });
}

// ----------------------------------------------------------------------------------- digests

test("digests of the body: which are compared", async () => {
  const outcome = (value, changes = {}) => {
    const request = edited(usual(), "Content-Digest", () => value);
    return gate.outcome({ ...handSigned(request), ...changes });
  };
  const wrong = digestOf(OTHER, "sha512");
  const md5 = `md5=:${createHash("md5").update(BODY).digest("base64")}:`;
  for (const value of [digestOf(BODY, "sha512"), digestOf(BODY, "sha256", "sha512"), `${md5}, ${digestOf(BODY)}`]) {
    assert.deepEqual(await outcome(value), accepted(), value);
    assert.deepEqual(await outcome(value, { body: OTHER }), INVALID, `${value}, another body`);
    assert.deepEqual(await outcome(value, { body: Buffer.alloc(0) }), INVALID, `${value}, no body`);
  }
  for (const value of [
    md5,
    `${digestOf(BODY)}, ${wrong}`,
    `${wrong}, ${digestOf(BODY)}`,
    digestOf(BODY).replace("sha-256", "SHA-256"),
    digestOf(BODY).replaceAll(":", '"'),
    "sha-256=::",
    "sha-256",
  ]) {
    assert.deepEqual(await outcome(value), INVALID, value);
  }
});

test("a digest that comes twice, in two lines, by hand", async () => {
  const [right, sha512, wrong] = [digestOf(BODY), digestOf(BODY, "sha512"), digestOf(OTHER)];
  const outcome = (...values) => {
    const request = edited(usual(), "Content-Digest", () => undefined);
    const both = withFields(
      request,
      values.map((value) => ["Content-Digest", value]),
    );
    const lines = usualLines(both).map(([identifier, value]) => [
      identifier,
      identifier === '"content-digest"' ? values.join(", ") : value,
    ]);
    return gate.outcome(handSigned(both, lines));
  };
  assert.deepEqual(await outcome(right, sha512), accepted(), "two algorithms");
  for (const values of [
    [right, right],
    [right, wrong],
    [wrong, right],
  ])
    assert.deepEqual(await outcome(...values), INVALID);
});

test("a digest that is not covered as a whole is none, by hand", async () => {
  const request = usual();
  const bare = usualLines(request).filter(([identifier]) => identifier !== '"content-digest"');
  assert.deepEqual(await gate.outcome(handSigned(request, bare)), INVALID);
  const member = [...bare, ['"content-digest";key="sha-256"', digestOf(BODY).replace("sha-256=", "")]];
  assert.deepEqual(await gate.outcome(handSigned(request, member)), INVALID, "a member only");
  for (const [identifier, value] of [
    ['"content-digest";sf', digestOf(BODY)],
    ['"content-digest";bs', `:${base64(digestOf(BODY))}:`],
  ]) {
    const signed = handSigned(request, [...bare, [identifier, value]]);
    assert.deepEqual(await gate.outcome(signed), accepted(), identifier);
    assert.deepEqual(await gate.outcome({ ...signed, body: OTHER }), INVALID, `${identifier}, another body`);
  }
});

test("a body in chunks, by hand: its digest must be covered", async () => {
  const chunks = [BODY.subarray(0, 5), BODY.subarray(5)];
  const { body, ...request } = usual();
  assert.deepEqual(await gate.outcome({ ...handSigned(request), chunks }), accepted());
  assert.deepEqual(await gate.outcome({ ...handSigned(request), chunks: [OTHER] }), INVALID);
  const bare = usualLines(request).filter(([identifier]) => identifier !== '"content-digest"');
  assert.deepEqual(await gate.outcome({ ...handSigned(request, bare), chunks }), INVALID);
  // Even where no byte comes: that shows too late.
  assert.deepEqual(await gate.outcome({ ...handSigned(request, bare), chunks: [] }), INVALID);
});

// --------------------------------------------------------------------------------- hostile input

/** Signs these lines in place of the usual ones, and expects a refusal. */
async function refused(lines, options, what, code = INVALID) {
  assert.deepEqual(await gate.outcome(handSigned(usual(), lines, options)), code, what);
}
const lines = () => usualLines(usual());

test("components that no request has are refused, by hand", async () => {
  for (const [identifier, value] of [
    ['"@status"', "200"],
    ['"@foo"', "x"],
    ['"@"', "x"],
    ['"@signature-params"', "x"],
    ['"@method";req', "POST"],
    ['"x-note";req', "a  b, c"],
    ['"x-note";tr', "a  b, c"],
    ['"x-note";foo', "a  b, c"],
    ['"x-note";sf=?0', "a  b, c"],
    ['"x-note";bs;sf', `:${base64("a  b, c")}:`],
    ['"x-note";key=a', "?1"],
    ['"x-note";key="none"', ""],
    ['"@path";sf', "/usual-hmac-sha256/infer"],
    ['"@query-param"', "1"],
    ['"@query-param";name="none"', ""],
    ['"@query-param";name=a', "1"],
    ['"X-Note"', "a  b, c"],
    ['"@Method"', "POST"],
    ['""', ""],
    ['"x-missing"', ""],
    ["x-note", "a  b, c"],
    ["1", "x"],
  ]) {
    await refused([...lines(), [identifier, value]], {}, identifier);
  }
});

test("components that stand twice are refused, by hand (section 2.5)", async () => {
  for (const again of lines()) await refused([...lines(), again], {}, again[0]);
  const request = withFields(usual(), [DICTIONARY]);
  const twice = [...lines(), ['"example-dict";key="a"', "1"], ['"example-dict";key="a"', "1"]];
  assert.deepEqual(await gate.outcome(handSigned(request, twice)), INVALID);
  const apart = [
    ...lines(),
    ['"example-dict";key="a"', "1"],
    ['"example-dict";key="d"', "?1"],
    ['"example-dict"', DICTIONARY[1].trim()],
  ];
  assert.deepEqual(await gate.outcome(handSigned(request, apart)), accepted(), "parts of one field");
});

test("a query parameter that comes twice may not be covered, by hand (section 2.2.8)", async () => {
  const request = get("/loose/infer?a=1&a=2");
  for (const values of [["1"], ["2"], ["1", "2"]]) {
    const listed = [
      ['"@method"', "GET"],
      ['"@query-param";name="a"', values.join(", ")],
    ];
    assert.deepEqual(await gate.outcome(handSigned(request, listed)), INVALID);
  }
  // This library writes a line for each (section 2.2.8 forbids it).
  const fields = await libraries[H](keyFor(request), request, { components: ['"@method"', '"@query-param";name="a"'] });
  assert.deepEqual(await gate.outcome(withFields(request, fields)), INVALID);
});

test("parameters of a signature, by hand", async () => {
  const second = now();
  const known = `;created=${second};keyid="key-1"`;
  for (const [text, code] of [
    ["", MISSING],
    [`;created=${second}`, MISSING],
    [';keyid="key-1"', MISSING],
    [`${known};foo=1`, INVALID],
    [`${known};foo`, INVALID],
    [`${known};alg="ed25519"`, INVALID],
    [`${known};alg=hmac-sha256`, INVALID],
    [`${known};alg="rsa-v1_5-sha256"`, INVALID],
    [`${known};alg=""`, INVALID],
    [`;created="${second}";keyid="key-1"`, INVALID],
    [`;created=${second}.0;keyid="key-1"`, INVALID],
    [`;created=@${second};keyid="key-1"`, INVALID],
    [`;created=${second};created=${second};keyid="key-1"`, INVALID],
    [`;created=${second};keyid=key-1`, INVALID],
    [`;created=-${second};keyid="key-1"`, { code: "invalid_timestamp", status: 401 }],
    [`;created=${second}000;keyid="key-1"`, { code: "invalid_timestamp", status: 401 }],
    [`${known};expires=${second - 1}`, STALE],
    [`${known};expires="${second}"`, INVALID],
    [`${known};nonce=1`, INVALID],
    [`${known};tag=orders`, INVALID],
  ]) {
    await refused(lines(), { text }, text, code);
  }
  const request = usual();
  for (const text of [
    `;keyid="key-1";created=${second}`,
    `${known};alg="hmac-sha256"`,
    `${known};nonce="";tag=""`,
    `;created=${second};keyid="k\\"e\\\\y"`,
  ]) {
    assert.deepEqual(await gate.outcome(handSigned(request, lines(), { text })), accepted(), text);
  }
});

test("an empty list, and lists without what must be covered, by hand", async () => {
  await refused([], {}, "empty");
  for (const [identifier] of lines()) {
    await refused(
      lines().filter(([other]) => other !== identifier),
      {},
      `without ${identifier}`,
    );
  }
  // A parameter of the query is not the query, nor a member of a field the field.
  const some = lines().map(([identifier, value]) =>
    identifier === '"@query"' ? ['"@query-param";name="a"', "1"] : [identifier, value],
  );
  await refused(some, {}, "@query-param for @query");
  const loose = get("/loose/infer");
  assert.deepEqual(await gate.outcome(handSigned(loose, [])), INVALID, "empty, where only @method must be covered");
});

test("labels, by hand: twice, in one field only, and five", async () => {
  const request = usual();
  const one = byHand(keyFor(request), lines());
  const field = (fields, name) => fields.find(([own]) => own === name)[1];
  const both = (inputs, signatures) =>
    withFields(request, [
      ["Signature-Input", inputs],
      ["Signature", signatures],
    ]);
  const [own, signature] = [field(one, "Signature-Input"), field(one, "Signature")];
  const other = byHand(stranger(), lines(), { label: "sig2" });
  const [otherInput, otherSignature] = [field(other, "Signature-Input"), field(other, "Signature")];
  assert.deepEqual(await gate.outcome(both(`${own}, ${otherInput}`, `${signature}, ${otherSignature}`)), accepted());
  for (const [what, changed] of [
    ["an input without a signature", both(`${own}, ${otherInput}`, signature)],
    ["a signature without an input", both(own, `${signature}, ${otherSignature}`)],
    ["another label", both(own, signature.replace("sig1", "sig2"))],
    ["twice in one line", both(`${own}, ${own}`, `${signature}, ${signature}`)],
    ["twice in the inputs", both(`${own}, ${own}`, `${signature}, ${otherSignature}`)],
    ["twice in two lines", withFields(request, [...one, ...one])],
    [
      "a wrong one first",
      both(`${otherInput.replace("sig2", "sig1")}, ${own}`, `${otherSignature.replace("sig2", "sig1")}, ${signature}`),
    ],
    ["an upper-case label", both(own.replace("sig1", "Sig1"), signature.replace("sig1", "Sig1"))],
    ["no label", both(own.replace("sig1=", ""), signature.replace("sig1=", ""))],
    ["a signature in quotes", both(own, signature.replace(":", '"').replace(/:$/, '"'))],
    ["a signature without padding", both(own, replaced(signature, /=:$/, ":"))],
    ["a comma behind", both(`${own},`, `${signature},`)],
    ["what is no list", both("sig1=1", signature)],
  ]) {
    assert.deepEqual(await gate.outcome(changed), INVALID, what);
  }
  const many = (count) =>
    Array.from({ length: count }, (_, at) => byHand(keyFor(request), lines(), { label: `s${at}` }));
  const joined = (fields) =>
    both(
      fields.map((one) => field(one, "Signature-Input")).join(", "),
      fields.map((one) => field(one, "Signature")).join(", "),
    );
  assert.deepEqual(await gate.outcome(joined(many(4))), accepted());
  assert.deepEqual(await gate.outcome(joined(many(5))), INVALID);
});

test(
  "of two signatures by one key, it does not matter which comes first, by hand",
  async () => {
    const request = usual();
    const whole = byHand(keyFor(request), lines(), { label: "whole" });
    const part = byHand(
      keyFor(request),
      lines().filter(([identifier]) => identifier !== '"content-digest"'),
      { label: "part" },
    );
    const join = (one, other) => one.map(([field, value], at) => [field, `${value}, ${other[at][1]}`]);
    assert.deepEqual(await gate.outcome(withFields(request, join(whole, part))), accepted(), "whole, part");
    assert.deepEqual(await gate.outcome(withFields(request, join(part, whole))), accepted(), "part, whole");
  },
);

test("long fields, by hand", async () => {
  await refused(lines(), { params: `;nonce="${"n".repeat(9000)}"` }, "Signature-Input of 9 KB");
  const request = usual();
  assert.deepEqual(
    await gate.outcome(handSigned(request, lines(), { params: `;nonce="${"n".repeat(7000)}"` })),
    accepted(),
    "7 KB",
  );
  const spaced = handSigned(request);
  assert.deepEqual(
    await gate.outcome(edited(spaced, "Signature", (value) => `${value}${" ".repeat(9000)}`)),
    accepted(),
    "spaces are no value",
  );
  const fields = Array.from({ length: 70 }, (_, at) => [`X-F${at}`, "1"]);
  const covering = (count) => [...lines(), ...fields.slice(0, count).map(([name]) => [`"${name.toLowerCase()}"`, "1"])];
  const wide = withFields(usual(), fields);
  assert.deepEqual(await gate.outcome(handSigned(wide, covering(59))), accepted(), "64 components");
  assert.deepEqual(await gate.outcome(handSigned(wide, covering(60))), INVALID, "65 components");
});

test("signatures of another form or algorithm, by hand", async () => {
  const preset = "rfc9421-ecdsa-p256-sha256";
  const request = usual({ preset });
  const own = usualLines(request);
  const signed = handSigned(request, own);
  assert.deepEqual(await gate.outcome(signed), accepted(preset));
  // In DER, as OpenSSL writes it by itself, where section 3.3.4 wants two numbers.
  const [r, s] = [0, 32].map((at) =>
    Buffer.from(signed.headers.at(-1)[1].slice(6, -1), "base64").subarray(at, at + 32),
  );
  const integer = (number) => Buffer.concat([Buffer.from([2, 33, 0]), number]);
  const der = Buffer.concat([Buffer.from([0x30, 70]), integer(r), integer(s)]);
  assert.deepEqual(await gate.outcome(edited(signed, "Signature", () => `sig1=:${der.toString("base64")}:`)), INVALID);
  for (const size of [0, 1, 63, 65, 1000]) {
    const junk = `sig1=:${Buffer.alloc(size).toString("base64")}:`;
    assert.deepEqual(await gate.outcome(edited(signed, "Signature", () => junk)), INVALID, `${size} bytes`);
  }
  // The public key is no secret: what is signed with it as one is refused.
  const publicKey = senders["usual-ed25519"].secret;
  const ed25519 = usual({ preset: "rfc9421-ed25519" });
  const confused = handSigned(
    ed25519,
    usualLines(ed25519),
    { params: ';alg="hmac-sha256"' },
    { id: "key-1", algorithm: "hmac-sha256", key: publicKey },
  );
  assert.deepEqual(await gate.outcome(confused), INVALID);
});

test("ECDSA over P-384, by hand: no other curve, hash or form", async () => {
  const preset = "rfc9421-ecdsa-p384-sha384";
  const request = usual({ preset });
  const sign = (how, by) => gate.outcome(handSigned(request, usualLines(request), { how }, by));
  assert.deepEqual(await sign(), accepted(preset));
  for (const how of [{ hash: "sha256" }, { hash: "sha512" }, { dsaEncoding: "der" }]) {
    assert.deepEqual(await sign(how), INVALID, JSON.stringify(how));
  }
  assert.deepEqual(await sign({}, stranger("rfc9421-ecdsa-p256-sha256")), INVALID, "P-256");
  for (const size of [64, 95, 96, 97]) {
    const junk = `sig1=:${Buffer.alloc(size).toString("base64")}:`;
    assert.deepEqual(
      await gate.outcome(edited(handSigned(request), "Signature", () => junk)),
      INVALID,
      `${size} zeros`,
    );
  }
});

test("RSA, by hand: keys of each size, and no other padding, hash, mask or salt", async () => {
  const { RSA_PKCS1_PADDING, RSA_PKCS1_PSS_PADDING } = constants;
  const [pss, v15] = ["rfc9421-rsa-pss-sha512", "rfc9421-rsa-v1_5-sha256"];
  for (const [id, preset, wrong] of [
    ["usual-rsa-pss-sha512", pss, [{ saltLength: 63 }, { saltLength: 0 }, { saltLength: 190 }, { hash: "sha256" }]],
    ["pss-only", pss, [{ saltLength: 63 }]],
    ["rsa-2049", pss, [{ saltLength: 65 }, { padding: RSA_PKCS1_PADDING }]],
    ["usual-rsa-v1_5-sha256", v15, [{ hash: "sha512" }, { hash: "sha1" }]],
    ["rsa-4096", v15, [{ padding: RSA_PKCS1_PSS_PADDING, saltLength: 64, hash: "sha512" }]],
  ]) {
    const request = usual({ id });
    const outcome = (how) => gate.outcome(handSigned(request, usualLines(request), { how }));
    assert.deepEqual(await outcome(), accepted(preset), id);
    for (const how of wrong) assert.deepEqual(await outcome(how), INVALID, `${id} ${JSON.stringify(how)}`);
    const signed = handSigned(request);
    const own = Buffer.from(signed.headers.at(-1)[1].slice(6, -1), "base64");
    for (const [what, bytes] of [
      ["a byte less", own.subarray(1)],
      ["a zero in front", Buffer.concat([Buffer.alloc(1), own])],
      ["a zero behind", Buffer.concat([own, Buffer.alloc(1)])],
      ["zeros", Buffer.alloc(own.length)],
      ["no less than the modulus", Buffer.alloc(own.length, 0xff)],
      ["64 bytes", own.subarray(0, 64)],
      ["1000 bytes", Buffer.alloc(1000, 1)],
    ]) {
      const field = `sig1=:${bytes.toString("base64")}:`;
      assert.deepEqual(await gate.outcome(edited(signed, "Signature", () => field)), INVALID, `${id} ${what}`);
    }
    assert.deepEqual(
      await gate.outcome(handSigned(request, usualLines(request), { params: `;alg="${preset.slice(8)}"` })),
      accepted(preset),
      "alg",
    );
    const other = { params: `;alg="${(preset === pss ? v15 : pss).slice(8)}"` };
    assert.deepEqual(await gate.outcome(handSigned(request, usualLines(request), other)), INVALID, "another alg");
  }
});

test(`RSASSA-PSS by ${H}'s own signer is refused: its salt is not of 64 bytes (section 3.3.1)`, async () => {
  const request = usual({ preset: "rfc9421-rsa-pss-sha512" });
  assert.deepEqual(await gate.outcome(await signedBy(H, request, { ownSalt: true })), INVALID);
});

test("a sender's next secret signs as well", async () => {
  const request = usual({ id: "rotating" });
  const { secret, next } = senders.rotating;
  for (const own of [secret, next]) {
    assert.deepEqual(await gate.outcome(await signedBy(H, request, {}, keyOf(HMAC, own))), accepted());
  }
});

/** Sends a head that announces 1 MB, and a few bytes of it: the answer, and how long it took. */
function announced(request) {
  const started = Date.now();
  const head = [`POST ${request.target} HTTP/1.1`, `Host: ${HOST}`, "Content-Length: 1000000"];
  const fields = request.headers.map(([name, value]) => `${name}: ${value}`);
  const socket = connect(gate.port, "127.0.0.1");
  socket.write(`${[...head, ...fields].join("\r\n")}\r\n\r\n{"te`);
  return new Promise((resolve, reject) => {
    let text = "";
    socket.setTimeout(5000, () => reject(new Error("no answer within 5 s")));
    socket.on("error", reject);
    socket.on("data", (data) => {
      text += data.toString("latin1");
      const code = text.match(/"code":"(\w+)"/)?.[1];
      if (!code) return;
      socket.destroy();
      resolve({ code, status: Number(text.split(" ")[1]), took: Date.now() - started });
    });
  });
}

test("who may not pass is answered before the body is there, by hand", async () => {
  const request = usual();
  const bare = lines().filter(([identifier]) => identifier !== '"content-digest"');
  const before = gate.received.length;
  for (const [what, one, expected] of [
    ["nobody's", { ...request, headers: [] }, MISSING],
    ["a stranger's", handSigned(request, lines(), {}, stranger()), INVALID],
    ["another path", { ...handSigned(request), target: request.target.replace("infer", "other") }, INVALID],
    ["a digest that is not covered", handSigned(request, bare), INVALID],
    ["no digest", edited(handSigned(request), "Content-Digest", () => undefined), INVALID],
    ["an old one", handSigned(request, lines(), { created: now() - 120 }), STALE],
  ]) {
    const { took, ...answer } = await announced(one);
    assert.deepEqual(answer, expected, what);
    assert.ok(took < 2000, `${what}: ${took} ms`);
    gate.skipped();
  }
  assert.equal(gate.received.length, before, "the origin received nothing");
});

// ------------------------------------------------------------------------------------- replay

/** A gate that takes a nonce once, its origin, and the key of its sender. */
async function setUpOnce(t) {
  const origin = await startOrigin();
  const once = await startReplayGate(origin, "nonce", { sender: { scheme: HMAC } });
  t.after(async () => {
    await once.stop();
    await origin.stop();
  });
  return { origin, once, signer: keyOf(HMAC, REPLAY_SECRET) };
}

test("row_12 with replay = nonce, a nonce is accepted once", async (t) => {
  const { origin, once, signer } = await setUpOnce(t);
  const request = { target: "/v1/infer?a=1", headers: [["Content-Digest", digestOf(BODY)]], body: BODY };
  const ask = async (to) => {
    const answer = await send(once.port, to);
    return answer.status === 200 ? 200 : [answer.status, json(answer).code];
  };
  const REPLAYED = [409, "replayed"];
  let passed = 0;
  for (const name of usable) {
    const nonce = randomBytes(16).toString("base64url");
    const signed = await signedBy(name, request, { nonce }, signer);
    assert.deepEqual([await ask(signed), await ask(signed)], [200, REPLAYED], name);
    const later = await signedBy(name, request, { nonce, created: now() - 5 }, signer);
    assert.deepEqual(await ask(later), REPLAYED, `${name}: the nonce in another request`);
    const changed = edited(signed, "Signature-Input", (value) => replaced(value, nonce, `${nonce}x`));
    assert.deepEqual(await ask(changed), [401, "invalid_signature"], `${name}: a nonce that was not signed`);
    const without = await signedBy(name, request, {}, signer);
    assert.deepEqual(await ask(without), [401, "missing_signature"], `${name}: no nonce`);
    passed += 1;
  }
  const byLength = (length) =>
    handSigned(request, usualLines(request), { params: `;nonce="${"n".repeat(length)}"` }, signer);
  assert.deepEqual(await ask(byLength(256)), 200);
  assert.deepEqual(await ask(byLength(0)), [401, "missing_signature"]);
  assert.deepEqual(await ask(byLength(257)), [401, "invalid_signature"]);
  // A wrong request burns no nonce.
  const fresh = handSigned(request, usualLines(request), { params: ';nonce="fresh"' }, signer);
  assert.deepEqual(await ask({ ...fresh, body: OTHER }), [401, "invalid_signature"]);
  assert.deepEqual(await ask(fresh), 200);
  assert.equal(origin.received.length, passed + 2);
});

test("row_12 a request with two signatures is accepted once, by hand", async (t) => {
  const { origin, once, signer } = await setUpOnce(t);
  const request = { target: "/v1/infer", headers: [["Content-Digest", digestOf(BODY)]], body: BODY };
  const sign = (label, nonce) => byHand(signer, usualLines(request), { label, params: `;nonce="${nonce}"` });
  const ask = async (...signatures) => {
    const fields = signatures[0].map(([field], at) => [field, signatures.map((one) => one[at][1]).join(", ")]);
    return (await send(once.port, withFields(request, fields))).status;
  };
  // With two nonces, whoever has seen it could send it again with the second signature alone.
  assert.equal(await ask(sign("a", "one"), sign("b", "two")), 401);
  assert.equal(await ask(sign("a", "same"), sign("b", "same")), 200);
  assert.equal(await ask(sign("b", "same")), 409);
  assert.equal(origin.received.length, 1);
});

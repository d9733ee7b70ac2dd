// What the package must do in every runtime. It uses nothing but what all of them have, and gives the
// names of what passed and what did not.

const SECRET = "kP2vX9mQ4sT7wZ1cF6hJ3nR8bL5dG0yA";
const NOW = 1_760_000_000;
const URL_ = "https://api.example.com/v1/once";
const encoder = new TextEncoder();

const policy = (sender = {}, route = {}) => ({
  senders: [{ id: "app", scheme: "x-hmac-nonce", secrets: ["APP"], ...sender }],
  routes: [{ path: "/v1/once", methods: ["POST"], senders: ["app"], ...route }],
});

function equal(found, expected, what) {
  const [one, other] = [JSON.stringify(found), JSON.stringify(expected)];
  if (one !== other) throw new Error(`${what ?? "value"}: ${one} is not ${other}`);
}

function throws(run, Type, what) {
  try {
    run();
  } catch (error) {
    if (error instanceof Type) return error;
    throw new Error(`${what}: threw ${error}`);
  }
  throw new Error(`${what}: nothing was thrown`);
}

async function hmac(secret, text) {
  const key = await crypto.subtle.importKey("raw", encoder.encode(secret), { name: "HMAC", hash: "SHA-256" }, false, [
    "sign",
  ]);
  const tag = new Uint8Array(await crypto.subtle.sign("HMAC", key, encoder.encode(text)));
  return Array.from(tag, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const fromHex = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

/** A `Request` signed now, by the package. */
function signedRequest(sign, { body = '{"text":"hi"}', id = crypto.randomUUID(), headers = [] } = {}) {
  const fields = sign({ scheme: "x-hmac-nonce", secret: SECRET, url: URL_, body, id });
  return new Request(URL_, { method: "POST", headers: [...fields, ...headers], body });
}

export function checks({ Verifier, explain, sign, presets, PolicyError, SignError }, { resolved, examples }) {
  const all = [];
  const check = (name, run) => all.push([name, run]);

  const gate = new Verifier({ policy: resolved.policy, secrets: resolved.secrets });
  for (const { name, method, target, headers, body_hex, expect } of resolved.cases) {
    check(`case ${name}`, async () => {
      const body = fromHex(body_hex);
      const length = body.length > 0 ? [["Content-Length", String(body.length)]] : [];
      const request = { method, url: `https://gate.test${target}`, headers: [...headers, ...length], body };
      const found = await gate.verify(request, { now: resolved.now, requestId: "r-1" });
      equal(found.log.code, expect.code, "code");
      if (found.outcome === "refused") {
        equal(
          [found.code, found.status, found.response.status],
          [expect.code, expect.status, expect.status],
          "refusal",
        );
        equal((await found.response.json()).code, expect.code, "document");
      } else {
        equal([...found.body], [...body], "body");
        equal(found.headers.get("countersign-sender"), expect.sender ?? null, "sender");
      }
    });
  }

  for (const { scheme, method, url, fields, body, at, secret, sender, route } of examples) {
    check(`example of ${scheme}`, async () => {
      const one = new Verifier({
        policy: {
          senders: [{ id: "them", scheme, secrets: ["S"], ...sender }],
          routes: [{ path: new URL(url).pathname, methods: [method], senders: ["them"], ...route }],
        },
        secrets: { S: secret },
      });
      const found = await one.verify({ method, url, headers: fields, body }, { now: at });
      equal([found.outcome, found.sender, found.scheme], ["accepted", "them", scheme]);
    });
  }

  check("signs as WebCrypto does", async () => {
    const fields = sign({ scheme: "x-hmac", secret: SECRET, url: URL_, body: "Grüße", now: NOW });
    equal(Object.fromEntries(fields), {
      "X-HMAC-Signature": await hmac(SECRET, `${NOW}.Grüße`),
      "X-HMAC-Timestamp": String(NOW),
    });
  });

  check("says why it signs nothing", () => {
    const refused = (options) =>
      throws(() => sign({ secret: SECRET, url: URL_, ...options }), SignError, "sign").message;
    equal(refused({ scheme: "x-hmac-nonce" }), "the scheme signs an id or nonce: give one");
    equal(/no preset/.test(refused({ scheme: "none" })), true, refused({ scheme: "none" }));
    equal(refused({ scheme: "gitlab" }), "the scheme sends the secret itself and signs nothing");
  });

  check("verifies a Request, and hands on its bytes and no header that was pretended", async () => {
    const verifier = new Verifier({ policy: policy(), secrets: { APP: SECRET } });
    const request = signedRequest(sign, {
      headers: [
        ["Countersign-Sender", "admin"],
        ["X-Kept", "yes"],
      ],
    });
    const found = await verifier.verify(request);
    equal([found.outcome, found.sender, new TextDecoder().decode(found.body)], ["accepted", "app", '{"text":"hi"}']);
    equal([found.headers.get("countersign-sender"), found.headers.get("x-kept")], ["app", "yes"]);
    equal(request.bodyUsed, true);
  });

  check("a claim must be settled before there is anything to read", async () => {
    const verifier = new Verifier({ policy: policy({ replay: "nonce" }), secrets: { APP: SECRET } });
    const found = await verifier.verify(signedRequest(sign));
    equal([found.outcome, found.sender, found.body, found.headers], ["claim", undefined, undefined, undefined]);
    equal([/^app\/\d+$/.test(found.claim.object), /^[0-9a-f]{32}$/.test(found.claim.id)], [true, true]);
    const accepted = found.settle("claimed");
    equal([accepted.outcome, accepted.sender], ["accepted", "app"]);
    throws(() => found.settle("claimed"), Error, "a second settlement");
  });

  check("one nonce has one claim, whatever the body", async () => {
    const verifier = new Verifier({ policy: policy({ replay: "nonce" }), secrets: { APP: SECRET } });
    const id = "0123456789abcdef";
    const claims = [];
    for (const body of ["1", "2"]) claims.push((await verifier.verify(signedRequest(sign, { body, id }))).claim.id);
    equal(claims[0], claims[1]);
  });

  for (const [verdict, code, status] of [
    ["replayed", "replayed", 409],
    ["expired", "stale_timestamp", 401],
    ["full", "replay_store_unavailable", 503],
    ["unavailable", "replay_store_unavailable", 503],
    [undefined, "replay_store_unavailable", 503],
    [true, "replay_store_unavailable", 503],
  ]) {
    check(`a claim that is ${verdict} is refused`, async () => {
      const verifier = new Verifier({ policy: policy({ replay: "nonce" }), secrets: { APP: SECRET } });
      const found = (await verifier.verify(signedRequest(sign))).settle(verdict);
      equal([found.outcome, found.code, found.status, found.response.status], ["refused", code, status, status]);
      equal(found.log.sender, "app");
    });
  }

  check("a claim that comes too late is refused, whatever the store says", async () => {
    const verifier = new Verifier({ policy: policy({ replay: "nonce" }), secrets: { APP: SECRET } });
    const id = "0123456789abcdef";
    const headers = sign({ scheme: "x-hmac-nonce", secret: SECRET, url: URL_, body: "x", id, now: NOW });
    const found = await verifier.verify({ url: URL_, headers, body: "x" }, { now: NOW });
    equal(found.claim.expires, NOW + 120);
    equal(found.settle("claimed").code, "stale_timestamp");
  });

  check("a claim has a moment to be forgotten at, also where the scheme signs no time", async () => {
    const sender = { scheme: "github", replay: { by: "signature", retention: 600 } };
    const verifier = new Verifier({ policy: policy(sender), secrets: { APP: SECRET } });
    const headers = sign({ scheme: "github", secret: SECRET, url: URL_, body: "x" });
    const found = await verifier.verify({ url: URL_, headers, body: "x" }, { now: NOW });
    equal([found.claim.expires, "retention" in found.claim], [NOW + 600, false]);
    equal(found.settle("claimed").code, "replay_store_unavailable", "a claim that is over remembers nothing");
    const fresh = await verifier.verify({ url: URL_, headers, body: "x" });
    equal(fresh.settle("claimed").claim, fresh.claim);
  });

  for (const [release, given] of [
    ["never", [false, false, false]],
    ["unreached", [true, false, false]],
    ["5xx", [true, true, false]],
  ]) {
    check(`with release = ${release} a claim is given up as the policy says`, async () => {
      const sender = { replay: { by: "nonce", release } };
      const verifier = new Verifier({ policy: policy(sender), secrets: { APP: SECRET } });
      const accepted = (await verifier.verify(signedRequest(sign))).settle("claimed");
      equal([undefined, 503, 404].map((status) => accepted.releases(status)), given);
      const free = new Verifier({ policy: policy(), secrets: { APP: SECRET } });
      equal((await free.verify(signedRequest(sign))).releases(), false);
    });
  }

  check("row_45 Connection names no field that is verified", async () => {
    const verifier = new Verifier({ policy: policy(), secrets: { APP: SECRET } });
    const id = "0123456789abcdef";
    const fields = sign({ scheme: "x-hmac-nonce", secret: SECRET, url: URL_, body: "x", id });
    for (const [connection, code] of [
      ["close, X-HMAC-NONCE", "invalid_signature"],
      ["x-other,\t content-type", "invalid_signature"],
      ["close, x-other", "accepted"],
    ]) {
      const headers = [...fields, ["Connection", connection], ["X-Other", "1"]];
      const found = await verifier.verify({ url: URL_, headers, body: "x" });
      equal(found.log.code, code, connection);
      if (code === "accepted") equal(found.headers.has("x-other"), false);
    }
  });

  check("row_50 what names another target goes no further", async () => {
    const verifier = new Verifier({ policy: policy({}, { path: "/v1/{name}" }), secrets: { APP: SECRET } });
    const found = await verifier.verify(signedRequest(sign, { headers: [["X-Forwarded-Host", "h"], ["X-Forwarded-For", "192.0.2.7"], ["Base-Url", "/admin"]] }));
    equal(["x-forwarded-host", "base-url", "x-forwarded-for"].map((name) => found.headers.has(name)), [false, false, true]);
    const odd = await verifier.verify({ url: `${URL_}%252e`, headers: [], body: "x" });
    equal(odd.code, "no_route");
  });

  check("row_52 nothing is verified over what may have been other bytes", async () => {
    const secret = "Wv5cE8xN2bQ7mA1zK4jT9gH6fS3dP0lR";
    const sender = { scheme: "rfc9421-hmac-sha256", message_signature: { components: ["@method"] } };
    const verifier = new Verifier({ policy: policy(sender, { allow_empty_body: true }), secrets: { APP: secret } });
    const decide = async (value, signed) => {
      const base64 = btoa(String.fromCharCode(...encoder.encode(signed)));
      const input = `("@method" "x-name";bs);created=${NOW};keyid="k"`;
      const base = `"@method": POST\n"x-name";bs: :${base64}:\n"@signature-params": ${input}`;
      const mac = btoa(String.fromCharCode(...fromHex(await hmac(secret, base))));
      const headers = [["X-Name", value], ["Signature-Input", `s=${input}`], ["Signature", `s=:${mac}:`]];
      return (await verifier.verify({ url: URL_, headers }, { now: NOW })).log.code;
    };
    equal(await decide("a", "a"), "accepted");
    for (const value of ["\u00e9", "\u00c3\u00a9", "\ufffd"]) {
      for (const signed of [value, "\ufffd", "\ufffd\ufffd"]) equal(await decide(value, signed), "invalid_signature", value);
    }
  });

  check("reads no more of a body than the route takes", async () => {
    const verifier = new Verifier({ policy: policy({}, { max_body: 100 }), secrets: { APP: SECRET } });
    const headers = sign({ scheme: "x-hmac-nonce", secret: SECRET, url: URL_, body: "x", id: "0123456789abcdef" });
    let pulled = 0;
    const body = new ReadableStream({
      pull(controller) {
        pulled += 1;
        controller.enqueue(new Uint8Array(64));
      },
    });
    const found = await verifier.verify({ url: URL_, headers, body });
    equal([found.code, found.status], ["body_too_large", 413]);
    if (pulled > 5) throw new Error(`read ${pulled} chunks of a body without an end`);
  });

  check("row_38_tiny_chunks_are_not_kept", async () => {
    const verifier = new Verifier({ policy: policy(), secrets: { APP: SECRET } });
    const text = "x".repeat(65_536);
    const bytes = encoder.encode(text);
    for (const type of [undefined, "bytes"]) {
      const headers = sign({ scheme: "x-hmac-nonce", secret: SECRET, url: URL_, body: text, id: "0123456789abcdef" });
      let at = 0;
      // Each piece keeps a buffer of its own alive, as those of a connection do.
      const body = new ReadableStream({
        type,
        pull(controller) {
          if (at === bytes.length) {
            controller.close();
            controller.byobRequest?.respond(0);
            return;
          }
          const piece = new Uint8Array(16_384).subarray(0, 1);
          piece[0] = bytes[at++];
          controller.enqueue(piece);
        },
      });
      const found = await verifier.verify({ url: URL_, headers, body });
      equal([found.outcome, found.body?.length], ["accepted", 65_536], type ?? "any");
      // A buffer that grows has twice the room at the most.
      if (found.body.buffer.byteLength > 2 * 65_536) throw new Error(`${found.body.buffer.byteLength} bytes are held`);
    }
  });

  check("row_43_a_body_that_does_not_come_in_time_is_refused", async () => {
    const verifier = new Verifier({ policy: policy({}, { body_timeout: 1 }), secrets: { APP: SECRET } });
    const headers = sign({ scheme: "x-hmac-nonce", secret: SECRET, url: URL_, body: "x", id: "0123456789abcdef" });
    let cancelled = false;
    const body = new ReadableStream({ cancel: () => void (cancelled = true) });
    const found = await verifier.verify({ url: URL_, headers, body });
    equal([found.code, found.status, found.response.status, cancelled], ["body_timeout", 408, 408, true]);
    const late = (wait) =>
      new ReadableStream({
        async pull(controller) {
          await new Promise((resolve) => setTimeout(resolve, wait));
          controller.enqueue(encoder.encode("x"));
          controller.close();
        },
      });
    equal((await verifier.verify({ url: URL_, headers, body: late(2000) })).code, "body_timeout");
    equal((await verifier.verify({ url: URL_, headers, body: late(100) })).outcome, "accepted");
  });

  check("row_42_a_request_is_fresh_by_the_time_of_its_body", async () => {
    // By the clock, which a fixed `now` stands for twice.
    const real = Date.now;
    const verifier = new Verifier({ policy: policy({ tolerance: 1 }), secrets: { APP: SECRET } });
    const slow = async (seconds) => {
      const headers = sign({ scheme: "x-hmac-nonce", secret: SECRET, url: URL_, body: "x", id: "0123456789abcdef" });
      const body = new ReadableStream({
        pull(controller) {
          const start = real();
          Date.now = () => start + 1000 * seconds;
          controller.enqueue(encoder.encode("x"));
          controller.close();
        },
      }, { highWaterMark: 0 });
      try {
        const found = await verifier.verify({ url: URL_, headers, body });
        return found.code ?? found.outcome;
      } finally {
        Date.now = real;
      }
    };
    equal(await slow(55), "accepted");
    equal(await slow(65), "stale_timestamp");
  });

  check("a body that breaks off is refused", async () => {
    const verifier = new Verifier({ policy: policy(), secrets: { APP: SECRET } });
    const headers = sign({ scheme: "x-hmac-nonce", secret: SECRET, url: URL_, body: "x", id: "0123456789abcdef" });
    const body = new ReadableStream({ pull: (controller) => controller.error(new Error("gone")) });
    equal((await verifier.verify({ url: URL_, headers, body })).code, "body_incomplete");
  });

  check("answers a handshake", async () => {
    const verifier = new Verifier({
      policy: policy({ scheme: "slack", handshake: true }),
      secrets: { APP: SECRET },
    });
    const body = '{"type":"url_verification","challenge":"3eZbrw1aB"}';
    const headers = sign({ scheme: "slack", secret: SECRET, url: URL_, body });
    const found = await verifier.verify({
      url: URL_,
      headers: [...headers, ["Content-Type", "application/json"]],
      body,
    });
    equal([found.outcome, await found.response.text()], ["answer", '{"challenge":"3eZbrw1aB"}']);
  });

  check("a broken policy is told at once", () => {
    const broken = (options) => throws(() => new Verifier(options), PolicyError, "Verifier").errors;
    equal(broken({ policy: "{", secrets: {} }), ["policy: not JSON at line 1, column 1"]);
    const seal = { scheme: "x-hmac", secret: "SEAL" };
    equal(broken({ policy: { ...policy(), seal }, secrets: { APP: SECRET } }), [
      "seal.secret: is not set; without it nothing can be sealed, and everything is refused with 503",
    ]);
  });

  check("an error has a code, a path and its sentence", async () => {
    const refused = (options) => throws(() => new Verifier(options), PolicyError, "Verifier");
    const both = refused({ policy: policy({ scheme: "x-hmca" }, { methods: ["post"] }), secrets: {} });
    equal(both.problems, [
      { code: "unknown-scheme", path: "senders[0].scheme", text: "senders[0].scheme: no preset has this name" },
      {
        code: "unknown-method",
        path: "routes[0].methods[0]",
        text: "routes[0].methods[0]: must be GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS",
      },
    ]);
    equal(
      both.problems.map(({ text }) => text),
      both.errors,
    );
    equal(
      refused({ policy: "{", secrets: {} }).problems.map(({ code, path }) => [code, path]),
      [["not-json", ""]],
    );
    const { brokenSecrets, problems } = new Verifier({ policy: policy(), secrets: { APP: "short" } });
    const path = "senders[0].secrets[0]";
    equal(problems, [{ code: "weak-secret", path, text: `${path} of app: the secret's key has fewer than 32 bytes` }]);
    equal(brokenSecrets, [problems[0].text]);
    equal(new Verifier({ policy: policy(), secrets: { APP: SECRET } }).problems, []);
    await explain({ url: URL_, headers: {}, body: "" }, { scheme: "github", secret: "short" }).then(
      () => Promise.reject(new Error("it was taken")),
      (error) => equal(error.problems.map(({ code }) => code), ["weak-secret"]),
    );
    const right = { scheme: "x-hmac-nonce", secret: SECRET, url: URL_, id: "0123456789abcdef" };
    for (const [asked, code] of [
      [{ scheme: "x-hmca" }, "unknown-scheme"],
      [{ id: undefined }, "id-required"],
      [{ id: "!" }, "invalid-id"],
      [{ scheme: "x-hmac" }, "id-not-signed"],
      [{ scheme: "discord", id: undefined }, "undecodable-secret"],
      [{ secret: undefined }, "undecodable-secret"],
      [{ scheme: "adyen-standard", id: undefined, secret: "00" }, "own-rules"],
    ]) {
      equal(throws(() => sign({ ...right, ...asked }), SignError, "sign").code, code);
    }
  });

  check("row_47 a broken secret stops its own sender and no other", async () => {
    const both = policy();
    both.senders.push({ id: "other", scheme: "github", secrets: ["OTHER"] });
    both.routes.push({ path: "/other", methods: ["POST"], senders: ["other"] });
    const body = '{"text":"hi"}';
    const other = { url: "https://gate.example/other", body };
    for (const [secrets, reason] of [
      [{}, "is not set; its sender is refused with 503"],
      [{ OTHER: "short" }, "the secret's key has fewer than 16 bytes"],
      [{ OTHER: "It's a Secret to Everybody" }, "the secret is, or holds, a sample from a document"],
    ]) {
      const verifier = new Verifier({ policy: both, secrets: { APP: SECRET, ...secrets } });
      const error = `senders[1].secrets[0] of other: ${reason}`;
      equal(verifier.brokenSecrets, [error]);
      const headers = sign({ scheme: "github", secret: secrets.OTHER ?? SECRET, ...other });
      const refused = await verifier.verify({ ...other, headers });
      equal([refused.outcome, refused.code, refused.status], ["refused", "misconfigured", 503]);
      equal(refused.log.errors, [error]);
      const signed = sign({ scheme: "x-hmac-nonce", secret: SECRET, url: URL_, body, id: "0123456789abcdef" });
      const accepted = await verifier.verify({ url: URL_, headers: signed, body });
      equal(accepted.outcome, "accepted");
    }
    equal(new Verifier({ policy: policy(), secrets: { APP: SECRET } }).brokenSecrets, []);
  });

  check("takes bytes, and nothing that was parsed", async () => {
    const verifier = new Verifier({ policy: policy(), secrets: { APP: SECRET } });
    const headers = sign({ scheme: "x-hmac-nonce", secret: SECRET, url: URL_, body: "x", id: "0123456789abcdef" });
    await verifier.verify({ url: URL_, headers, body: { text: "hi" } }).then(
      () => Promise.reject(new Error("it was taken")),
      (error) => equal(error.name, "TypeError"),
    );
    throws(() => sign({ scheme: "x-hmac", secret: SECRET, url: URL_, body: { text: "hi" } }), TypeError, "sign");
    throws(() => sign({ scheme: "x-hmac", url: URL_, body: "x" }), SignError, "sign");
  });

  check("takes no line end in a head", async () => {
    const verifier = new Verifier({ policy: policy(), secrets: { APP: SECRET } });
    for (const head of [
      { headers: [["A", "b\nX-HMAC-Nonce"]] },
      { headers: {}, method: "POST\nx" },
      { headers: {}, url: "https://a/\n" },
    ]) {
      await verifier.verify({ url: URL_, body: "x", ...head }).then(
        () => Promise.reject(new Error("it was taken")),
        (error) => equal(error.name, "TypeError"),
      );
    }
  });

  check("explains a mismatch, with a policy and without", async () => {
    const body = '{"text":"hi"}';
    const headers = sign({ scheme: "x-hmac-nonce", secret: SECRET, url: URL_, body, id: "0123456789abcdef", now: NOW });
    const request = { url: URL_, headers, body: `${body}\n` };
    for (const receiver of [
      { policy: policy(), secrets: { APP: SECRET } },
      { scheme: "x-hmac-nonce", secret: SECRET },
    ]) {
      const told = await explain(request, receiver, { now: NOW });
      equal(
        [told.code, told.status, told.causes[0].mistakes[0].code],
        ["invalid_signature", 401, "newline_not_signed"],
      );
      equal(told.comparisons[0].signed_bytes, `${NOW}.0123456789abcdef.{"text":"hi"}\\n`);
      equal(told.comparisons[0].expected, await hmac(SECRET, `${NOW}.0123456789abcdef.${request.body}`));
      equal(
        told.steps.filter(({ passed }) => !passed).map(({ check }) => check),
        ["signature"],
      );
    }
    const right = await explain({ ...request, body }, { scheme: "x-hmac-nonce", secret: SECRET }, { now: NOW });
    equal([right.code, right.status, right.causes], ["accepted", null, []]);
    await explain(request, { scheme: "x-hmac-nonce", secret: "short" }).then(
      () => Promise.reject(new Error("it was taken")),
      (error) => equal([error instanceof PolicyError, error.errors.length], [true, 1]),
    );
  });

  check("knows every preset", () => {
    equal(
      presets().map(({ name }) => name),
      examples.map(({ scheme }) => scheme),
    );
  });

  return all;
}

/** Runs them all: the number that passed, and a sentence for each that did not. */
export async function run(countersign, data) {
  const failures = [];
  const all = checks(countersign, data);
  for (const [name, check] of all) {
    try {
      await check();
    } catch (error) {
      failures.push(`${name}: ${error.message}`);
    }
  }
  return { passed: all.length - failures.length, failures };
}

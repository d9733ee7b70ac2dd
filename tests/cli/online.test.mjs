// The command against the built Worker in workerd: what it sends is accepted, its snippets run, and
// `doctor` finds what is wrong with a deployment.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createServer, request } from "node:http";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { startOrigin } from "../worker/harness/origin.mjs";
import { startGate } from "../worker/harness/workerd.mjs";
import { COMMAND, countersign, execute, folder, SECRET } from "./harness/command.mjs";

const WEBHOOK_SECRET = "whsec_a1AyVlg5bVE0c1Q3d1oxY0Y2aEozblI4Ykw1ZEcweUE=";
const secrets = { APP_SECRET: SECRET, GITHUB_SECRET: "Wv5cE8xN2bQ7mA1zK4jT9gH6fS3dP0lR", RFC_SECRET: "uR4nV8cX1zL6kJ9hG3fD7sA2pQ5wE0tY", WEBHOOK_SECRET };
const route = (path, sender, more = {}) => ({ path, methods: ["POST", "GET"], senders: [sender], allow_empty_body: true, ...more });
const policy = {
  senders: [
    { id: "app", scheme: "x-hmac", secrets: ["APP_SECRET"], replay: "signature" },
    { id: "git", scheme: "github", secrets: ["GITHUB_SECRET"] },
    { id: "rfc", scheme: "rfc9421-hmac-sha256", secrets: ["RFC_SECRET"] },
    { id: "hook", scheme: "standard-webhooks", secrets: ["WEBHOOK_SECRET"] },
  ],
  routes: [route("/v1/infer", "app"), route("/git", "git"), route("/rfc", "rfc"), route("/hook", "hook")],
};
const X_HMAC = ["--scheme", "x-hmac", "--secret-env", "APP_SECRET"];
let origin, gate;

before(async () => {
  origin = await startOrigin();
  gate = await startGate({ policy, secrets, origin: origin.url, replay: true });
});

after(async () => {
  await gate.stop();
  await origin.stop();
});

test("send_shows_the_answer_and_its_status_is_the_outcome", async () => {
  const accepted = await countersign(["send", `${gate.url}/v1/infer`, ...X_HMAC, "--json", '{"text":"hé"}']);
  assert.equal(accepted.status, 0);
  assert.match(accepted.stdout, /^200 OK\n[^]*\n\n\{"ok":true\}\n$/);
  assert.equal(origin.received.at(-1).body.toString(), '{"text":"h\\u00e9"}');
  assert.equal(origin.received.at(-1).headers["countersign-sender"], "app");
  const stale = await countersign(["send", `${gate.url}/v1/infer`, ...X_HMAC, "--time", "1760000000", "--body", "-", "--format", "json"], { input: "{}" });
  assert.equal(stale.status, 1);
  const answer = JSON.parse(stale.stdout);
  assert.equal(answer.status, 401);
  assert.equal(JSON.parse(answer.body).code, "stale_timestamp");
  const nobody = await countersign(["send", "http://127.0.0.1:9/", ...X_HMAC]);
  assert.equal(nobody.status, 3);
  assert.match(nobody.stderr, /^countersign: http:\/\/127\.0\.0\.1:9\/: /);
});

test("send_signs_under_each_kind_of_scheme", async () => {
  for (const [path, scheme, secret] of [["/git", "github", "GITHUB_SECRET"], ["/rfc?a=1", "rfc9421-hmac-sha256", "RFC_SECRET"], ["/hook", "standard-webhooks", "WEBHOOK_SECRET"]]) {
    for (const input of ["{}", "\x00\r\n"]) {
      const sent = await countersign(["send", gate.url + path, "--scheme", scheme, "--secret-env", secret, "--body", "-"], { input, env: secrets });
      assert.equal(sent.status, 0, `${scheme}: ${sent.stdout}${sent.stderr}`);
      assert.equal(origin.received.at(-1).headers["countersign-scheme"], scheme);
      assert.equal(origin.received.at(-1).body.toString(), input);
    }
  }
});

const RUNNERS = {
  curl: (file) => execute("bash", [file]),
  python: (file) => execute(process.env.PYTHON ?? "python3", [file]),
  javascript: (file) => execute(process.execPath, ["--input-type=module", "-e", `await import(${JSON.stringify(file)})`]),
};

for (const [language, run] of Object.entries(RUNNERS)) {
  test(`a_snippet_for_${language}_is_accepted_as_it_is_printed`, async (t) => {
    const file = join(folder(t), language === "javascript" ? "send.mjs" : "send");
    for (const text of ['{"it\'s":"$HOME `x` \\\\ %s é\\n\\""}', "@file", Buffer.from([0, 255, 39, 92, 10, 37]), "line\r\nline\n"]) {
      // Two languages that sign the same bytes in one second would be one request.
      const body = Buffer.concat([Buffer.from(text), Buffer.from(language)]);
      const { status, stdout, stderr } = await countersign(["sign", `${gate.url}/v1/infer?a='b'`, ...X_HMAC, "--as", language, "--body", "-"], { input: body });
      assert.equal(status, 0, stderr);
      assert.ok(!stdout.includes(SECRET));
      writeFileSync(file, stdout);
      const ran = await run(file);
      assert.equal(ran.status, 0, ran.stderr);
      assert.match(ran.stdout, /200[^]*\{"ok":true\}/, ran.stdout);
      assert.deepEqual(origin.received.at(-1).body, body);
      const forged = stdout.replace(/[0-9a-f]{64}/, (mac) => (mac[0] === "0" ? "1" : "0") + mac.slice(1));
      writeFileSync(file, forged);
      assert.match((await run(file)).stdout, /401[^]*invalid_signature/);
    }
    const bare = await countersign(["sign", `${gate.url}/rfc`, "--scheme", "rfc9421-hmac-sha256", "--secret-env", "RFC_SECRET", "--as", language], { env: secrets });
    writeFileSync(file, bare.stdout);
    assert.match((await run(file)).stdout, /200[^]*\{"ok":true\}/);
    assert.equal(origin.received.at(-1).method, "GET");
  });
}

/** Runs doctor; gives its exit status, how many requests it says reach the origin, and each probe's outcome. */
async function doctorAs(signing, url, more = [], options = {}) {
  const { status, stdout, stderr } = await countersign(["doctor", url, ...signing, "--format", "json", ...more], options);
  const [, count] = stderr.match(/^(\d+) requests? reach(?:es)? the origin through a sound gate(?:; 2 without a signature are sent to the origin itself)?\n$/) ?? assert.fail(stderr);
  const findings = JSON.parse(stdout);
  return { status, count: Number(count), findings, outcomes: Object.fromEntries(findings.map(({ probe, outcome }) => [probe, outcome])) };
}
const doctor = (url, ...more) => doctorAs(X_HMAC, url, more);

const SOUND = {
  unsigned: "ok", forged: "ok", altered: "ok", stale: "ok", future: "ok", clock: "ok", oversize: "ok",
  right: "ok", replayed: "skipped", http: "skipped",
};

test("doctor_finds_nothing_wrong_with_a_sound_deployment", async () => {
  const seen = origin.received.length;
  const { status, outcomes, findings } = await doctor(`${gate.url}/v1/infer`);
  assert.deepEqual(outcomes, { ...SOUND, origin: "skipped" }, JSON.stringify(findings));
  assert.equal(status, 0);
  assert.equal(origin.received.length, seen + 1, "one request reached the origin");
  const twice = await doctor(`${gate.url}/v1/infer`, "--replay-on");
  assert.deepEqual([twice.status, twice.outcomes], [0, { ...SOUND, replayed: "ok", origin: "skipped" }]);
  assert.equal(origin.received.length, seen + 2, "one request of each run reached the origin");
});

test("doctor_finds_an_origin_that_answers_without_the_gate", async () => {
  const { status, outcomes } = await doctor(`${gate.url}/v1/infer`, "--origin", origin.url);
  assert.equal(status, 1);
  assert.deepEqual(outcomes, { ...SOUND, origin: "failed", spoofed: "failed" });
  const shut = await startOrigin({ answer: (_, response) => (response.writeHead(403).end(), true) });
  const refused = await doctor(`${gate.url}/v1/infer`, "--origin", shut.url);
  await shut.stop();
  assert.deepEqual([refused.status, refused.outcomes], [0, { ...SOUND, origin: "ok", spoofed: "ok" }]);
  const gone = await doctor(`${gate.url}/v1/infer`, "--origin", shut.url);
  assert.deepEqual([gone.status, gone.outcomes], [0, { ...SOUND, origin: "ok", spoofed: "ok" }]);
});

test("doctor_finds_a_gate_that_lets_a_request_through_twice", async (t) => {
  const [app] = policy.senders;
  const twice = await startGate({
    policy: { senders: [{ ...app, replay: "off" }], routes: [policy.routes[0]] },
    secrets, origin: origin.url,
  });
  t.after(() => twice.stop());
  const { status, outcomes, findings } = await doctor(`${twice.url}/v1/infer`, "--replay-on");
  assert.deepEqual([status, outcomes], [1, { ...SOUND, replayed: "failed", origin: "skipped" }]);
  assert.match(findings.find(({ probe }) => probe === "replayed").text, /^200: the origin got the same request twice/);
  const meant = await doctor(`${twice.url}/v1/infer`, "--replay-off");
  assert.deepEqual([meant.status, meant.outcomes.replayed], [0, "warning"]);
});

/** Stands before a gate and keeps what comes. */
async function recorder(t, gate) {
  const seen = [];
  const server = createServer(async (incoming, outgoing) => {
    const chunks = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const one = { method: incoming.method, path: incoming.url, headers: incoming.headers, body: Buffer.concat(chunks) };
    seen.push(one);
    const { status, type, text } = await resend(gate, one);
    outgoing.writeHead(status, type ? { "content-type": type } : {}).end(text);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.closeAllConnections() ?? server.close());
  return { url: `http://127.0.0.1:${server.address().port}`, seen };
}

/**
 * A gate that refuses a head may close while the body is on its way, and its answer is lost: it is asked
 * again. What it has let through would be counted twice at the origin.
 */
async function resend(gate, one) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await sendOnce(gate, one);
    } catch (error) {
      if (tries === 10 || !["EPIPE", "ECONNRESET"].includes(error.code)) throw error;
    }
  }
}

function sendOnce(gate, { method, path, headers, body }) {
  const { expect, host, connection, ...fields } = headers;
  return new Promise((resolve, reject) => {
    const sent = request(`${gate.url}${path}`, { method, headers: { ...fields, host } }, async (answer) => {
      let text = "";
      for await (const chunk of answer) text += chunk;
      resolve({ status: answer.statusCode, type: answer.headers["content-type"], text });
    });
    sent.on("error", reject).end(body);
  });
}

const KINDS = [
  ["x-hmac", "APP_SECRET", {}],
  ["x-hmac-nonce", "APP_SECRET", {}],
  ["slack", "APP_SECRET", {}],
  ["standard-webhooks", "WEBHOOK_SECRET", {}],
  ["rfc9421-hmac-sha256", "RFC_SECRET", {}],
  ["github", "GITHUB_SECRET", { retention: 3600 }],
];

for (const [scheme, name, more] of KINDS) {
  test(`row_48_doctor_leaves_no_usable_request_behind_under_${scheme}`, async (t) => {
    const by = scheme.startsWith("rfc") || scheme.endsWith("nonce") ? "nonce" : "signature";
    const start = (sender, limits = {}) => startGate({
      policy: { senders: [{ id: "app", scheme, secrets: [name], ...sender }], routes: [{ path: "/in", methods: ["POST"], senders: ["app"], ...limits }] },
      secrets, origin: origin.url, replay: true,
    });
    const once = await start({ replay: { by, ...more } });
    const often = await start({});
    // Takes whatever a gate could be made to take.
    const wide = await start(scheme === "github" ? {} : { tolerance: 3600 }, { max_body: 32 << 20, allow_empty_body: true });
    t.after(() => Promise.all([once, often, wide].map((gate) => gate.stop())));
    const signing = ["--scheme", scheme, "--secret-env", name];
    const file = join(folder(t), "policy.json");
    for (const [gate, replay] of [[once, { by, ...more }], [often, "off"]]) {
      const policy = { senders: [{ id: "app", scheme, secrets: [name], replay }], routes: [{ path: "/in", methods: ["POST"], senders: ["app"] }] };
      writeFileSync(file, JSON.stringify(policy));
      const flags = replay === "off" ? [[], ["--replay-off"]] : [[], ["--replay-on"], ["--replay-off"]];
      const calls = [...flags.map((flags) => [signing, flags]), [["--policy", file, "--sender", "app"], []]];
      for (const [signing, flags] of calls) {
        const { url, seen } = await recorder(t, gate);
        const before = origin.received.length;
        const ran = await doctorAs(signing, `${url}/in`, flags, { env: secrets });
        assert.equal(ran.status, 0, JSON.stringify(ran.findings));
        const arrived = origin.received.slice(before);
        assert.equal(arrived.length, ran.count, `${flags}: as many as it said`);
        const isRight = ({ headers, body }) => body.equals(arrived[0].body) && scheme.length > 0 && Object.entries(arrived[0].headers).every(([name, value]) => !/signature|timestamp|webhook|digest|nonce/i.test(name) || headers[name] === value);
        const others = seen.filter((one) => !isRight(one));
        assert.ok(others.length >= (scheme === "github" ? 4 : 6), `${others.length}`);
        for (const other of others) {
          const { status, text } = await resend(wide, other);
          assert.ok([400, 401].includes(status), `${status} ${text}`);
        }
        assert.equal(origin.received.length, before + ran.count);
      }
    }
  });
}

test("row_48_a_second_delivery_that_is_asked_for_is_a_warning_where_no_time_is_signed", async () => {
  const signing = ["--scheme", "github", "--secret-env", "GITHUB_SECRET"];
  for (const [flags, text] of [[[], /^not tried.* for ever/], [["--replay-on"], /^200: the origin got the same request twice/], [["--replay-off"], /for ever/]]) {
    const { status, outcomes, findings } = await doctorAs(signing, `${gate.url}/git`, flags, { env: secrets });
    assert.deepEqual([status, outcomes.replayed], [0, "warning"]);
    assert.match(findings.find(({ probe }) => probe === "replayed").text, text);
  }
});

test("row_48_the_number_is_said_before_the_first_request", async (t) => {
  const child = spawn(COMMAND, ["doctor", "http://127.0.0.1:1/in", ...X_HMAC, "--origin", origin.url], { env: { APP_SECRET: SECRET } });
  t.after(() => child.kill());
  let stdout = "";
  for await (const chunk of child.stdout) stdout += chunk;
  assert.equal(stdout, "1 request reaches the origin through a sound gate; 2 without a signature are sent to the origin itself\n\n");
});

test("row_48_doctor_says_what_a_503_may_come_from", async (t) => {
  const [app] = policy.senders;
  const [infer] = policy.routes;
  const reason = async (settings, more = []) => {
    const broken = await startGate({ policy: { senders: [app], routes: [infer] }, secrets, origin: origin.url, replay: true, ...settings });
    t.after(() => broken.stop());
    const { status, findings } = await doctor(`${broken.url}/v1/infer`, ...more);
    assert.equal(status, 1);
    return findings.filter(({ probe }) => probe === "503").map(({ text }) => text.match(/^[^:]+/)[0]);
  };
  assert.deepEqual(await reason({ secrets: {} }), ["misconfigured, for this sender"]);
  for (const settings of [{ policy: undefined }, { policy: { senders: [], routes: [{}] } }, { origin: "nowhere" }, { replay: false }]) {
    assert.deepEqual(await reason(settings), ["misconfigured, whoever asks"]);
  }
  const down = { before: { "main.js": `import gate, * as own from "index.js";\nexport class ReplayStore extends own.ReplayStore { claim() { throw new Error("down"); } }\nexport default gate;` } };
  assert.deepEqual(await reason(down), ["replay_store_unavailable"]);
  const elsewhere = createServer((incoming, outgoing) => (incoming.resume(), outgoing.writeHead(503).end("no")));
  await new Promise((resolve) => elsewhere.listen(0, "127.0.0.1", resolve));
  t.after(() => elsewhere.closeAllConnections() ?? elsewhere.close());
  const { findings } = await doctor(`http://127.0.0.1:${elsewhere.address().port}/`);
  assert.match(findings.at(-1).text, /^not from the gate: /);
});

test("doctor_finds_that_there_is_no_gate", async () => {
  const { status, outcomes } = await doctor(`${origin.url}/v1/infer`);
  assert.equal(status, 1);
  for (const probe of ["unsigned", "forged", "altered", "stale", "future", "oversize"]) assert.equal(outcomes[probe], "failed", probe);
  assert.equal(outcomes.clock, "skipped");
});

test("doctor_finds_a_public_route_and_one_that_is_not_there", async (t) => {
  const open = await startGate({ policy: { ...policy, routes: [...policy.routes, { path: "/open", methods: ["POST"], access: "public" }] }, secrets, origin: origin.url, replay: true });
  t.after(() => open.stop());
  const there = await doctor(`${open.url}/open`);
  assert.equal(there.status, 1);
  assert.equal(there.outcomes.unsigned, "failed");
  const gone = await doctor(`${open.url}/gone`);
  assert.equal(gone.status, 1);
  assert.match(gone.findings[0].text, /^404 no_route: the policy has no such route/);
});

test("doctor_finds_a_wrong_secret_a_wide_limit_and_a_redirect", async (t) => {
  const wrong = await countersign(["doctor", `${gate.url}/v1/infer`, "--scheme", "x-hmac", "--secret-env", "OTHER"], { env: { OTHER: secrets.RFC_SECRET } });
  assert.equal(wrong.status, 1);
  assert.match(wrong.stdout, /^FAILED  right      401 invalid_signature: a right request is refused$/m);
  assert.match(wrong.stdout, /^skipped replayed   the right request was not accepted$/m);
  const wide = await startGate({ policy: { ...policy, routes: [{ ...policy.routes[0], max_body: 4 << 20 }, ...policy.routes.slice(1)] }, secrets, origin: origin.url, replay: true });
  t.after(() => wide.stop());
  assert.equal((await doctor(`${wide.url}/v1/infer`)).outcomes.oversize, "failed");
  assert.equal((await doctor(`${wide.url}/v1/infer`, "--max-body", String(4 << 20))).outcomes.oversize, "ok");
  const moved = await startOrigin({ answer: (_, response, request) => (request.resume(), response.writeHead(307, { location: "https://elsewhere.example/" }).end(), true) });
  const redirecting = await startGate({ policy, secrets, origin: moved.url, replay: true });
  t.after(async () => {
    await redirecting.stop();
    await moved.stop();
  });
  const { findings } = await doctor(`${redirecting.url}/v1/infer`);
  const right = findings.find(({ probe }) => probe === "right");
  assert.equal(right.outcome, "warning");
  assert.match(right.text, /a redirect to https:\/\/elsewhere\.example\//);
});

test("doctor_finds_a_gate_whose_clock_is_wrong", async (t) => {
  // A gate that is an hour ahead: what stands before the real one in workerd moves its clock.
  const ahead = await startGate({
    policy, secrets, origin: origin.url, replay: true,
    before: { "main.js": `const real = Date.now; Date.now = () => real() + 3_600_000;\nexport { default, ReplayStore } from "index.js";` },
  });
  t.after(() => ahead.stop());
  const { status, findings } = await doctor(`${ahead.url}/v1/infer`);
  assert.equal(status, 1);
  const clock = findings.find(({ probe }) => probe === "clock");
  assert.equal(clock.outcome, "failed");
  assert.match(clock.text, /^\+3(599|600|601) s from this machine's$/);
});

test("doctor_ends_where_nobody_answers", async () => {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  const { status, stdout, stderr } = await countersign(["doctor", `http://127.0.0.1:${port}/`, ...X_HMAC]);
  assert.deepEqual([status, stdout], [3, "1 request reaches the origin through a sound gate\n\n"]);
  assert.match(stderr, /^countersign: http:/);
});

// The command against the built Worker in workerd: what it sends is accepted, its snippets run, and
// `doctor` finds what is wrong with a deployment.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { startOrigin } from "../worker/harness/origin.mjs";
import { startGate } from "../worker/harness/workerd.mjs";
import { countersign, execute, folder, SECRET } from "./harness/command.mjs";

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

/** Runs doctor; gives its exit status and each probe's outcome. */
async function doctor(url, ...more) {
  const { status, stdout, stderr } = await countersign(["doctor", url, ...X_HMAC, "--format", "json", ...more]);
  assert.equal(stderr, "");
  const findings = JSON.parse(stdout);
  return { status, findings, outcomes: Object.fromEntries(findings.map(({ probe, outcome }) => [probe, outcome])) };
}

const SOUND = {
  unsigned: "ok", forged: "ok", altered: "ok", stale: "ok", future: "ok", clock: "ok", oversize: "ok",
  right: "ok", replayed: "ok", http: "skipped",
};

test("doctor_finds_nothing_wrong_with_a_sound_deployment", async () => {
  const seen = origin.received.length;
  const { status, outcomes, findings } = await doctor(`${gate.url}/v1/infer`);
  assert.deepEqual(outcomes, { ...SOUND, origin: "skipped" }, JSON.stringify(findings));
  assert.equal(status, 0);
  assert.equal(origin.received.length, seen + 1, "one request reached the origin");
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
  const { status, outcomes } = await doctor(`${twice.url}/v1/infer`);
  assert.deepEqual([status, outcomes], [1, { ...SOUND, replayed: "failed", origin: "skipped" }]);
  const meant = await doctor(`${twice.url}/v1/infer`, "--replay-off");
  assert.deepEqual([meant.status, meant.outcomes.replayed], [0, "warning"]);
});

test("doctor_finds_that_there_is_no_gate", async () => {
  const { status, outcomes } = await doctor(`${origin.url}/v1/infer`);
  assert.equal(status, 1);
  for (const probe of ["unsigned", "forged", "altered", "stale", "future", "oversize", "replayed"]) assert.equal(outcomes[probe], "failed", probe);
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
  const { status, stdout } = await countersign(["doctor", `http://127.0.0.1:${port}/`, ...X_HMAC]);
  assert.deepEqual([status, stdout], [3, ""]);
});

// The command without a network: what it prints, and the exit status. Signatures are made and
// checked by Node's crypto, keys by OpenSSL.

import assert from "node:assert/strict";
import { createHmac, createPrivateKey, createPublicKey } from "node:crypto";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { countersign, execute, folder, ROOT, SECRET } from "./harness/command.mjs";

const URL_ = "https://api.example.com/v1/infer";
const mac = (...parts) => createHmac("sha256", SECRET).update(Buffer.concat(parts.map((part) => Buffer.from(part)))).digest("hex");
const X_HMAC = ["--scheme", "x-hmac", "--secret-env", "APP_SECRET"];

test("sign_prints_fields_and_the_body_of_json", async () => {
  const { status, stdout, stderr } = await countersign(["sign", URL_, ...X_HMAC, "--time", "1760000000", "--json", '{"text": "hé", "n": 1.0}']);
  const body = '{"n":1.0,"text":"h\\u00e9"}';
  const expected = `Content-Type: application/json\nX-HMAC-Signature: ${mac("1760000000.", body)}\nX-HMAC-Timestamp: 1760000000\n\n${body}\n`;
  assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: expected, stderr: "" });
});

test("sign_takes_the_body_from_standard_input_and_from_a_file_byte_by_byte", async (t) => {
  const body = Buffer.from("\x00\xff\r\n", "latin1");
  const file = join(folder(t), "body");
  writeFileSync(file, body);
  for (const [from, input] of [["-", body], [file, ""]]) {
    const { stdout } = await countersign(["sign", URL_, ...X_HMAC, "--time", "2025-10-09T08:53:20Z", "--body", from, "--format", "json"], { input });
    const document = JSON.parse(stdout);
    assert.equal(document.body_hex, "00ff0d0a");
    assert.deepEqual(document.fields, [["X-HMAC-Signature", mac("1760000000.", body)], ["X-HMAC-Timestamp", "1760000000"]]);
    assert.equal(document.method, "POST");
  }
});

test("sign_takes_scheme_and_secret_of_a_policy", async (t) => {
  const file = join(folder(t), "policy.json");
  const scheme = { name: "own", signature: "X-Sig", encoding: "base64", signed: ["v9.", "{body}"] };
  writeFileSync(file, JSON.stringify({
    senders: [{ id: "shop", scheme, secrets: ["SHOP_SECRET"] }],
    routes: [{ path: "/hook", methods: ["POST"], senders: ["shop"] }],
  }));
  const args = ["sign", "https://api.example.com/hook", "--policy", file, "--sender", "shop", "--body", "-"];
  const signed = await countersign(args, { input: "{}", env: { SHOP_SECRET: SECRET } });
  assert.equal(signed.stdout, `X-Sig: ${Buffer.from(mac("v9.", "{}"), "hex").toString("base64")}\n`);
  const without = await countersign(args, { input: "{}" });
  assert.deepEqual([without.status, without.stderr], [2, "countersign: the environment has no SHOP_SECRET; or give --secret-file\n"]);
});

test("what_cannot_be_used_is_exit_status_2", async () => {
  for (const [args, error] of [
    [["sign", URL_, "--scheme", "nobody", "--secret-env", "APP_SECRET"], "countersign: no preset is named nobody\n"],
    [["sign", URL_, "--scheme", "x-hmac"], "countersign: give --secret-env or --secret-file\n"],
    [["sign", URL_, "--scheme", "x-hmac", "--secret-env", "GONE"], "countersign: the environment has no GONE\n"],
    [["sign", URL_, "--scheme", "twilio", "--secret-env", "APP_SECRET"], "countersign: what the scheme signs follows the provider's own rules: use its library\n"],
    [["sign", URL_, ...X_HMAC, "--json", "{"], "countersign: --json: EOF while parsing an object at line 1 column 1\n"],
    [["check", "/does/not/exist.toml"], "countersign: /does/not/exist.toml: No such file or directory (os error 2)\n"],
    [["verify", "--url", "nonsense", ...X_HMAC], "countersign: nonsense: no absolute http or https URL with a path\n"],
    [["doctor", "https://api.example.com/a", ...X_HMAC], "countersign: https://api.example.com/a is not on this machine: add --yes if it is yours to probe\n"],
  ]) {
    const { status, stdout, stderr } = await countersign(args);
    assert.deepEqual({ status, stdout, stderr }, { status: 2, stdout: "", stderr: error });
  }
  assert.equal((await countersign(["sign"])).status, 2);
  assert.equal((await countersign(["--help"])).status, 0);
});

test("no_subcommand_takes_a_secret_as_an_argument", async () => {
  for (const subcommand of ["sign", "send", "verify", "explain", "doctor"]) {
    const { stdout } = await countersign([subcommand, "--help"]);
    const options = stdout.match(/--secret[\w-]*/g);
    assert.deepEqual([...new Set(options)].sort(), ["--secret-env", "--secret-file"], subcommand);
    const refused = await countersign([subcommand, "--secret", SECRET]);
    assert.equal(refused.status, 2);
  }
});

test("keygen_makes_secrets_that_the_schemes_take", async (t) => {
  const seen = new Set();
  for (const [scheme, form] of [
    ["x-hmac", /^[\w-]{64}$/],
    ["standard-webhooks", /^whsec_[A-Za-z0-9+/]{43}=$/],
    ["adyen-platforms", /^[0-9a-f]{64}$/],
    ["contentful", /^[\w-]{64}$/],
  ]) {
    const { status, stdout } = await countersign(["keygen", scheme]);
    assert.equal(status, 0);
    assert.match(stdout, form);
    assert.ok(!seen.has(stdout));
    seen.add(stdout);
  }
  const out = join(folder(t), "secret");
  assert.deepEqual(await countersign(["keygen", "github", "--out", out]), { status: 0, stdout: "", stderr: "" });
  assert.equal(statSync(out).mode & 0o777, 0o600);
  const again = await countersign(["keygen", "github", "--out", out]);
  assert.equal(again.status, 2);
  assert.match(again.stderr, /File exists/);
});

test("keygen_makes_key_pairs_that_openssl_reads", async (t) => {
  for (const [scheme, type, written] of [
    ["rfc9421-ed25519", "ed25519", (der) => der.toString("base64")],
    ["rfc9421-ecdsa-p256-sha256", "ec", (der) => der.toString("base64")],
    ["sendgrid", "ec", (der) => der.toString("base64")],
    ["discord", "ed25519", (der) => der.subarray(-32).toString("hex")],
    ["standard-webhooks-v1a", "ed25519", (der) => `whpk_${der.subarray(-32).toString("base64")}`],
  ]) {
    const out = join(folder(t), "private.pem");
    const { status, stdout } = await countersign(["keygen", scheme, "--out", out]);
    assert.equal(status, 0);
    assert.equal(statSync(out).mode & 0o777, 0o600);
    const key = createPrivateKey(readFileSync(out));
    assert.equal(key.asymmetricKeyType, type);
    const der = createPublicKey(key).export({ type: "spki", format: "der" });
    assert.equal(stdout, `${written(der)}\n`, scheme);
  }
  assert.equal((await countersign(["keygen", "discord"])).status, 2);
});

const message = (signature, body, { timestamp = "1760000000", end = "\r\n" } = {}) =>
  ["POST /v1/infer HTTP/1.1", "Host: api.example.com", `X-HMAC-Timestamp: ${timestamp}`, `X-HMAC-Signature: ${signature}`, `Content-Length: ${Buffer.byteLength(body)}`, "", body].join(end);
const AT = ["--at", "1760000010"];

test("verify_reads_a_request_as_it_came_over_the_wire", async () => {
  const good = message(mac("1760000000.", "{}"), "{}");
  const verify = (args, input) => countersign(["verify", "--request", "-", ...X_HMAC, ...args], { input });
  assert.deepEqual(await verify(AT, good), { status: 0, stdout: "accepted: sender\n", stderr: "" });
  assert.equal((await verify(AT, message(mac("1760000000.", "{}"), "{}", { end: "\n" }))).status, 0);
  // What an editor puts behind the body is not the body's.
  assert.equal((await verify(AT, `${good}\n`)).status, 0);
  assert.deepEqual(await verify(["--at", "1760000061"], good), { status: 1, stdout: "stale_timestamp (401): Request timestamp too old\n", stderr: "" });
  const json = await verify([...AT, "--format", "json"], message("00".repeat(32), "{}"));
  assert.equal(json.status, 1);
  assert.deepEqual(JSON.parse(json.stdout), { code: "invalid_signature", status: 401, sender: null });
  const chunked = good.replace("Content-Length: 2", "Transfer-Encoding: chunked").replace("\r\n\r\n{}", "\r\n\r\n1\r\n{\r\n1;x=y\r\n}\r\n0\r\n\r\n");
  assert.equal((await verify(AT, chunked)).status, 0);
  const short = await verify(AT, good.replace("Content-Length: 2", "Content-Length: 3"));
  assert.deepEqual([short.status, short.stderr], [2, "countersign: Content-Length is 3, and 2 bytes follow\n"]);
});

test("explain_names_the_cause_and_shows_the_signed_bytes", async () => {
  const input = message(mac("1760000000.", '{"text":"hi"}'), '{"text":"hi"}\n');
  const explain = (...args) => countersign(["explain", "--request", "-", ...X_HMAC, ...AT, ...args], { input });
  const { status, stdout } = await explain();
  assert.equal(status, 1);
  assert.match(stdout, /^invalid_signature \(401\): Invalid HMAC signature\n/);
  assert.ok(stdout.includes('  signed bytes (25): 1760000000.{"text":"hi"}\\n\n'));
  assert.ok(stdout.includes(`  expected:  ${mac("1760000000.", '{"text":"hi"}\n')}\n`));
  assert.ok(stdout.endsWith("cause: the body that was sent ends with a line end that was not signed [SECRET]\n"));
  assert.ok(!stdout.includes("\x1b"), "no colours into a pipe");
  assert.ok(!stdout.includes(SECRET));
  const json = JSON.parse((await explain("--format", "json")).stdout);
  assert.deepEqual(json.causes, [{
    mistakes: [{ code: "newline_not_signed", text: "the body that was sent ends with a line end that was not signed" }],
    sender: "sender",
    secret: "SECRET",
  }]);
});

test("explain_reads_an_http_archive_with_a_policy", async (t) => {
  const path = folder(t);
  const policy = join(path, "wrangler.toml");
  writeFileSync(policy, readFileSync(join(ROOT, "wrangler.toml")));
  const headers = [{ name: ":authority", value: "x" }, { name: "x-hmac-timestamp", value: "1760000000" }];
  const entry = (signed, text) => ({
    startedDateTime: "2025-10-09T08:53:21.500Z",
    request: { method: "POST", url: URL_, headers: [...headers, { name: "x-hmac-signature", value: mac("1760000000.", signed) }], postData: { text } },
  });
  const har = join(path, "session.har");
  writeFileSync(har, JSON.stringify({ log: { entries: [entry("{}", "{}"), entry('{"a": 1}', '{"a":1}')] } }));
  const run = (...args) => countersign(["explain", "--har", har, "--policy", policy, ...args], { env: { DJANGO_APP_SECRET: SECRET } });
  assert.equal((await run()).status, 0);
  const second = await run("--entry", "1");
  assert.equal(second.status, 1);
  assert.match(second.stdout, /cause: the JSON was written anew .* a space behind each comma and colon.* \[DJANGO_APP_SECRET\]\n$/);
  const third = await run("--entry", "2");
  assert.deepEqual([third.status, third.stderr], [2, "countersign: the archive has 2 entries, counted from 0\n"]);
  const without = await countersign(["explain", "--har", har, "--policy", policy]);
  assert.match(without.stdout, /^misconfigured \(503\)/);
  assert.match(without.stderr, /senders\[0\]\.secrets\[0\] of django-app: is not set/);
});

test("explain_takes_fields_and_body", async (t) => {
  const path = folder(t);
  writeFileSync(join(path, "body"), "{}");
  writeFileSync(join(path, "secret"), `${SECRET}\n`);
  const signature = createHmac("sha256", `${SECRET}\n`).update("{}").digest("hex");
  const { status, stdout } = await countersign([
    "explain", "--url", "https://api.example.com/hook", "-H", `X-Hub-Signature-256: sha256=${signature}`,
    "--body", join(path, "body"), "--scheme", "github", "--secret-file", join(path, "secret"),
  ]);
  assert.equal(status, 1);
  assert.ok(stdout.endsWith("cause: the sender's secret has a line end behind it [SECRET]\n"), stdout);
});

test("check_prints_the_table_and_the_errors", async (t) => {
  const good = await countersign(["check", join(ROOT, "wrangler.toml")]);
  assert.deepEqual(good, {
    status: 0,
    stdout: "\nMETHODS  PATH       SCHEME  SENDERS     WINDOW  ONCE  BODY       OPEN\nPOST     /v1/infer  x-hmac  django-app  60 s    -     1048576 B  method, target, replay\nGET      /healthz   public  -           -       -     1048576 B  public\n",
    stderr: "",
  });
  const file = join(folder(t), "wrangler.toml");
  writeFileSync(file, readFileSync(join(ROOT, "wrangler.toml"), "utf8").replace('"x-hmac"', '"x-hmca"'));
  const bad = await countersign(["check", file]);
  assert.equal(bad.status, 1);
  assert.equal(bad.stdout, `${file}:29: error: vars.POLICY.senders[0].scheme: no preset has this name\n`);
  const json = await countersign(["check", file, "--format", "json"]);
  assert.equal(json.status, 1);
  assert.deepEqual(JSON.parse(json.stdout).environments[0].findings, [
    { level: "error", line: 29, path: "vars.POLICY.senders[0].scheme", text: "no preset has this name", code: "unknown-scheme" },
  ]);
});

test("completions_and_the_manual_page_are_read_by_their_readers", async (t) => {
  const { stdout } = await countersign(["completions", "bash"]);
  const file = join(folder(t), "completions.bash");
  writeFileSync(file, stdout);
  const complete = `. ${file}; COMP_WORDS=(countersign ex); COMP_CWORD=1; _countersign countersign ex countersign; echo "\${COMPREPLY[*]}"`;
  assert.equal((await execute("bash", ["-c", complete])).stdout, "explain\n");
  const man = await countersign(["man"]);
  assert.match(man.stdout, /\.SH SUBCOMMANDS/);
  assert.match(man.stdout, /countersign\\-doctor/);
});

test("row_46_what_is_left_open_unsaid_is_a_warning_that_can_be_denied", async (t) => {
  const file = join(folder(t), "wrangler.toml");
  const settings = readFileSync(join(ROOT, "wrangler.toml"), "utf8");
  writeFileSync(file, settings);
  assert.equal((await countersign(["check", file, "--deny-warnings"])).status, 0);
  writeFileSync(file, settings.replace('accept_open = ["method", "target"]\n', ""));
  const { status, stdout } = await countersign(["check", file]);
  assert.equal(status, 0);
  assert.match(stdout, /:\d+: warning\[open-method\]: vars\.POLICY\.routes\[0\]: the method is not signed; accept_open = \["method"\] says/);
  assert.match(stdout, /:\d+: warning\[open-target\]: vars\.POLICY\.routes\[0\]: path and query are not signed/);
  assert.equal((await countersign(["check", file, "--deny-warnings"])).status, 1);
  const { findings } = JSON.parse((await countersign(["check", file, "--format", "json"])).stdout).environments[0];
  assert.deepEqual(findings.map(({ level, code }) => [level, code]), [["warning", "open-method"], ["warning", "open-target"]]);
  const line = readFileSync(join(ROOT, "scripts/build-worker.sh"), "utf8").match(/^cargo run [^]*?deny-warnings\}$/m)[0];
  const env = { ...process.env, DENY_WARNINGS: "1" };
  assert.equal((await execute("bash", ["-ec", line.replace("wrangler.toml", file)], { cwd: ROOT, env })).status, 1);
});

test("the_deploy_build_stops_at_a_bad_policy", async (t) => {
  const build = readFileSync(join(ROOT, "scripts/build-worker.sh"), "utf8");
  const line = build.match(/^cargo run [^]*?--bin countersign-check wrangler\.toml \$\{DENY_WARNINGS:\+--deny-warnings\}$/m)[0];
  const file = join(folder(t), "wrangler.toml");
  writeFileSync(file, readFileSync(join(ROOT, "wrangler.toml"), "utf8").replace('"/v1/infer"', '"v1"'));
  const env = { ...process.env };
  assert.equal((await execute("bash", ["-ec", line], { cwd: ROOT, env })).status, 0);
  const stopped = await execute("bash", ["-ec", line.replace("wrangler.toml", file)], { cwd: ROOT, env });
  assert.equal(stopped.status, 1);
  assert.match(stopped.stderr, /wrangler\.toml:33: error: vars\.POLICY\.routes\[0\]\.path: must be/);
});

// On a terminal: colours, unless NO_COLOR is set, and no secret. Python's pty is the terminal.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { COMMAND, execute, ROOT } from "./harness/command.mjs";

/** Runs the command with a terminal as its standard output; gives what it shows. */
function onTerminal(args, env = {}) {
  const run = "import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)";
  return execute(process.env.PYTHON ?? "python3", ["-c", run, COMMAND, ...args], { env: { TERM: "xterm", ...env } });
}

const BAD = ["check", join(ROOT, "tests/cli/bad.toml")];

test("colours_are_for_terminals_and_no_color_turns_them_off", async () => {
  const coloured = await onTerminal(BAD);
  assert.equal(coloured.status, 1);
  assert.match(coloured.stdout, /bad\.toml:1: \x1b\[31merror\x1b\[0m: vars\.POLICY\.senders: is required\r\n/);
  const plain = await onTerminal(BAD, { NO_COLOR: "1" });
  assert.match(plain.stdout, /bad\.toml:1: error: /);
  assert.ok(!plain.stdout.includes("\x1b["));
  assert.match((await onTerminal(BAD, { NO_COLOR: "" })).stdout, /\x1b\[31merror/, "an empty NO_COLOR is none");
  for (const env of [{ TERM: "dumb" }, { CLICOLOR: "0" }])
    assert.ok(!(await onTerminal(BAD, env)).stdout.includes("\x1b["), JSON.stringify(env));
});

test("a_secret_is_not_shown_on_a_terminal", async () => {
  const { status, stdout } = await onTerminal(["keygen", "x-hmac"]);
  assert.equal(status, 2);
  assert.equal(stdout, "countersign: a secret is not printed to a terminal: use a pipe, or --out FILE\r\n");
});

test("what_is_waited_for_is_told", async () => {
  const { status, stdout } = await onTerminal(["send", "http://127.0.0.1:9/", "--scheme", "x-hmac", "--secret-env", "APP_SECRET"]);
  assert.equal(status, 3);
  assert.match(stdout, /waiting for http:\/\/127\.0\.0\.1:9\//);
});

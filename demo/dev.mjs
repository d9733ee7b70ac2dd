// Runs the gate in workerd, through `wrangler dev` with this repository's wrangler.toml, in front
// of a demo origin, and prints two requests to try. `make dev` starts it.

import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { startOrigin } from "./origin.mjs";

const GATE_PORT = Number(process.env.PORT ?? 8787);
const gate = `http://localhost:${GATE_PORT}`;

/** The demo's secret: made once, kept in the file where wrangler looks for local secrets. */
function secret() {
  const file = ".dev.vars";
  if (!existsSync(file)) {
    writeFileSync(file, `DJANGO_APP_SECRET=${randomBytes(32).toString("hex")}\n`, { mode: 0o600 });
  }
  const line = readFileSync(file, "utf8").match(/^DJANGO_APP_SECRET=(.*)$/m);
  if (!line) throw new Error(`${file} has no DJANGO_APP_SECRET: add one, or remove the file to have one made`);
  return line[1];
}

/** A request in the shell. The signature is made when it is pasted, with the time of then. */
const command = (body, signedBody) => `  body='${body}'; now=$(date +%s)
  sig=$(printf '%s.%s' "$now" ${signedBody} | openssl dgst -sha256 -hmac "$DJANGO_APP_SECRET" -r | cut -d' ' -f1)
  curl -i ${gate}/v1/infer -H 'Content-Type: application/json' \\
    -H "X-HMAC-Timestamp: $now" -H "X-HMAC-Signature: $sig" --data-binary "$body"`;

const instructions = () => `
The gate listens at ${gate}. Paste in a shell opened in this folder:

  . ./.dev.vars

A signed request. It reaches the origin, which answers 200 and shows what it got:

${command('{"text":"hello"}', '"$body"')}

A forged one: signed, then changed. The gate answers 401 with the code invalid_signature, and
the origin sees nothing of it:

${command('{"text":"forged"}', `'{"text":"hello"}'`)}

Ctrl-C ends both.
`;

secret();
const origin = await startOrigin(0);
const wrangler = spawn(
  "wrangler",
  ["dev", "--port", String(GATE_PORT), "--var", `ORIGIN:http://127.0.0.1:${origin.address().port}`, "--show-interactive-dev-session=false"],
  { stdio: ["ignore", "inherit", "inherit"] },
);
wrangler.once("exit", (code) => process.exit(code ?? 1));
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => wrangler.kill(signal));

for (;;) {
  const answer = await fetch(`${gate}/healthz`).catch(() => undefined);
  if (answer?.ok) break;
  await new Promise((resolve) => setTimeout(resolve, 200));
}
console.log(instructions());

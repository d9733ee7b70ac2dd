// A trap in the WebAssembly instance costs the request that met it, and no other.

import assert from "node:assert/strict";
import { test } from "node:test";
import { json, send } from "./harness/client.mjs";
import { sendSigned, setUp } from "./harness/setup.mjs";

// Wraps the instance's exports, so that a request whose body is `trap` meets a real trap: of a
// module whose one function is `unreachable`. The fetch handler below is the built one.
const SABOTAGE = `
const trap = new WebAssembly.Instance(TRAP).exports.trap;
const { Instance } = WebAssembly;
export const instances = { count: 0 };
WebAssembly.Instance = class {
  constructor(module, imports) {
    instances.count += 1;
    const real = new Instance(module, imports);
    this.exports = { ...real.exports };
    const { finish } = real.exports;
    this.exports.finish = (ticket, pointer, length) => {
      const body = new TextDecoder().decode(new Uint8Array(real.exports.memory.buffer, pointer, length));
      if (body === "trap") trap();
      return finish(ticket, pointer, length);
    };
  }
};
`;

const sabotaged = {
  before: {
    "main.js": `import { instances } from "./sabotage.js";
import gate from "./index.js";
export default {
  async fetch(request, ...rest) {
    if (request.url.endsWith("/instances")) return new Response(String(instances.count));
    return gate.fetch(request, ...rest);
  },
};`,
    "sabotage.js": `import TRAP from "./trap.wasm";${SABOTAGE}`,
  },
  // (module (func (export "trap") unreachable))
  wasm: { "trap.wasm": Buffer.from("0061736d0100000001040160000003020100070801047472617000000a05010300000b", "hex") },
};
const body = Buffer.from("{}");

test("row_29_a_trap_is_one_500_and_the_next_request_gets_a_new_instance", async (t) => {
  const { gate, origin } = await setUp(t, sabotaged);
  const instances = async () => Number(await (await fetch(`${gate.url}/instances`)).text());

  assert.equal((await sendSigned(gate, body)).status, 200);
  assert.equal(await instances(), 1);

  const trapped = await sendSigned(gate, Buffer.from("trap"));
  assert.equal(trapped.status, 500);
  assert.equal(json(trapped).code, "internal_error");
  assert.equal(json(trapped).detail, "The request could not be processed");

  const line = gate.output.stderr.match(/\{"code":"internal_error".*\}/)[0];
  assert.equal(JSON.parse(line).error, "RuntimeError");
  assert.ok(!line.includes("unreachable"), "the message is left out");

  const after = await Promise.all(Array.from({ length: 10 }, () => sendSigned(gate, body)));
  assert.deepEqual(new Set(after.map(({ status }) => status)), new Set([200]));
  assert.equal(await instances(), 2);
  assert.equal(origin.received.length, 11);
  assert.equal((await sendSigned(gate, body, { target: "/nowhere" })).status, 404);
});

test("a_request_whose_body_was_on_the_way_during_a_trap_begins_anew", async (t) => {
  const { gate, origin } = await setUp(t, sabotaged);
  const slow = [body, Buffer.from("another")].map((one) => sendSigned(gate, one, { pause: 600 }));
  const forged = sendSigned(gate, body, { pause: 600, headers: [["X-HMAC-Timestamp", "1760000000"]] });
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal((await sendSigned(gate, Buffer.from("trap"))).status, 500);
  assert.deepEqual((await Promise.all(slow)).map(({ status }) => status), [200, 200]);
  assert.equal((await forged).status, 401);
  assert.equal(origin.received.length, 2);
});

// The limit is asked for as soon as the head has passed; the glue reads this number as no answer.
const WITHOUT_LIMIT = `
const { Instance } = WebAssembly;
WebAssembly.Instance = class {
  constructor(module, imports) {
    this.exports = { ...new Instance(module, imports).exports, max_body: () => Number.MAX_SAFE_INTEGER };
  }
};
`;

test("row_07_a_body_whose_limit_is_not_known_is_not_forwarded_in_part", async (t) => {
  const before = { "main.js": `import "./forget.js";\nexport { default } from "./index.js";`, "forget.js": WITHOUT_LIMIT };
  const { gate, origin } = await setUp(t, { before });
  const answer = await send(gate.port, { target: "/open/x", headers: [], chunks: [body, body] });
  assert.equal(answer.status, 400);
  assert.equal(json(answer).code, "body_incomplete");
  assert.equal(origin.received.length, 0);
});

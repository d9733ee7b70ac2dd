// The Hono example's store and middleware, with a clock that a test can set, two kinds of scheme, and handlers
// that fail when they are told to.

import { Hono } from "hono";
import { countersign } from "./countersign.js";
import { Claims as Store } from "./index.js";

const real = Date.now;
let ahead = 0;
Date.now = () => real() + ahead * 1000;

export class Claims extends Store {
  left() {
    return this.sql.exec("SELECT count(*) AS kept FROM claims").one().kept;
  }

  async alarmIsSetFor() {
    return this.ctx.storage.getAlarm();
  }

  tidy() {
    return super.alarm();
  }
}

const sender = (id, scheme, replay) => ({ id, scheme, secrets: ["SECRET"], replay });
const policies = {
  "/time": sender("time", "x-hmac-nonce", { by: "nonce" }),
  "/5xx": sender("5xx", "x-hmac-nonce", { by: "nonce", release: "5xx" }),
  "/never": sender("never", "x-hmac-nonce", { by: "nonce", release: "never" }),
  "/no-time": sender("no-time", "github", { by: "signature", retention: 600 }),
};

const app = new Hono();
const shard = (env, object) => env.CLAIMS.get(env.CLAIMS.idFromName(object));

app.get("/ahead/:seconds", (c) => {
  ahead = Number(c.req.param("seconds"));
  return c.text("");
});
app.get("/store/:sender", async (c) => {
  const store = shard(c.env, `${c.req.param("sender")}/0`);
  if (c.req.query("tidy")) await store.tidy();
  return c.json([await store.left(), await store.alarmIsSetFor()]);
});
for (const [path, sender] of Object.entries(policies)) {
  const policy = { senders: [sender], routes: [{ path, methods: ["POST"], senders: [sender.id] }] };
  const store = {
    claim: ({ env }, claim) => shard(env, claim.object).claim(claim),
    release: ({ env }, claim) => shard(env, claim.object).release(claim),
  };
  app.use(path, countersign(({ env }) => ({ policy, secrets: { SECRET: env.SECRET } }), store));
  app.post(path, (c) => {
    const fate = c.req.header("x-fate");
    if (fate === "throw") throw new Error("no answer");
    return c.text("", Number(fate ?? 200));
  });
}

export default app;

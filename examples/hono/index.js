// A Worker with Hono that takes a signed request once, and remembers it in a Durable Object.

import { DurableObject } from "cloudflare:workers";
import { Hono } from "hono";
import { countersign } from "./countersign.js";

const policy = {
  senders: [{ id: "django-app", scheme: "x-hmac-nonce", secrets: ["DJANGO_APP_SECRET"], replay: "nonce" }],
  routes: [{ path: "/v1/infer", methods: ["POST"], senders: ["django-app"] }],
};

const app = new Hono();

app.use(
  countersign(({ env }) => ({ policy, secrets: { DJANGO_APP_SECRET: env.DJANGO_APP_SECRET } }), {
    claim: ({ env }, { object, id, expires, capacity }) =>
      env.CLAIMS.get(env.CLAIMS.idFromName(object)).claim(id, expires, capacity),
  }),
);

app.post("/v1/infer", async (c) => c.json({ sender: c.get("sender"), asked: await c.req.json() }));

export default app;

/** One shard of a sender's claims. Nothing else runs in it between the start and the end of a call. */
export class Claims extends DurableObject {
  constructor(state, env) {
    super(state, env);
    this.sql = state.storage.sql;
    this.sql.exec("CREATE TABLE IF NOT EXISTS claims (id TEXT PRIMARY KEY, expires INTEGER) WITHOUT ROWID");
  }

  claim(id, expires, capacity) {
    const now = Math.floor(Date.now() / 1000);
    if (now > expires) return "expired";
    this.sql.exec("DELETE FROM claims WHERE expires < ?", now);
    if (this.sql.exec("SELECT 1 FROM claims WHERE id = ?", id).toArray().length > 0) return "replayed";
    if (this.sql.exec("SELECT count(*) AS kept FROM claims").one().kept >= capacity) return "full";
    this.sql.exec("INSERT INTO claims VALUES (?, ?)", id, expires);
    return "claimed";
  }
}

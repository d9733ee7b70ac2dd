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
    claim: ({ env }, claim) => shard(env, claim).claim(claim),
    release: ({ env }, claim) => shard(env, claim).release(claim),
  }),
);

app.post("/v1/infer", async (c) => c.json({ sender: c.get("sender"), asked: await c.req.json() }));

export default app;

const shard = (env, { object }) => env.CLAIMS.get(env.CLAIMS.idFromName(object));

/** One shard of a sender's claims. Nothing else runs in it between the start and the end of a call. */
export class Claims extends DurableObject {
  constructor(state, env) {
    super(state, env);
    this.sql = state.storage.sql;
    this.sql.exec("CREATE TABLE IF NOT EXISTS claims (id TEXT PRIMARY KEY, expires INTEGER NOT NULL) WITHOUT ROWID");
  }

  async claim({ id, expires, capacity }) {
    if (seconds() > expires) return "expired";
    this.forget();
    if (this.sql.exec("SELECT 1 FROM claims WHERE id = ?", id).toArray().length > 0) return "replayed";
    if (this.sql.exec("SELECT count(*) AS kept FROM claims").one().kept >= capacity) return "full";
    this.sql.exec("INSERT INTO claims VALUES (?, ?)", id, expires);
    const { storage } = this.ctx;
    if ((await storage.getAlarm()) === null) await storage.setAlarm(behind(expires));
    return "claimed";
  }

  /** The moment is compared as well: one that was forgotten may have been claimed anew. */
  release({ id, expires }) {
    this.sql.exec("DELETE FROM claims WHERE id = ? AND expires = ?", id, expires);
  }

  /** Forgets what is over, also where nobody asks any more. */
  async alarm() {
    this.forget();
    const { next } = this.sql.exec("SELECT min(expires) AS next FROM claims").one();
    if (next !== null) await this.ctx.storage.setAlarm(behind(next));
  }

  forget() {
    this.sql.exec("DELETE FROM claims WHERE expires < ?", seconds());
  }
}

const seconds = () => Math.floor(Date.now() / 1000);
/** The first millisecond at which a claim is over. */
const behind = (expires) => (expires + 1) * 1000;

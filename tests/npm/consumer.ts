// A program as a user writes it, to be compiled and not run. What must not compile is marked.

import { explain, PolicyError, presets, sign, SignError, Verifier } from "countersign";
import type { Accepted, Claim, Refused, Verdict, Verification } from "countersign";

const verifier = new Verifier({
  policy: {
    senders: [{ id: "app", scheme: "x-hmac-nonce", secrets: ["APP_SECRET"], replay: "nonce" }],
    routes: [{ path: "/v1/infer", methods: ["POST"], senders: ["app"] }],
  },
  secrets: { APP_SECRET: "…" },
});

declare function store(claim: Claim): Promise<Verdict>;

export async function handle(request: Request): Promise<Response> {
  let result: Verification = await verifier.verify(request, { now: 1_760_000_000 });
  // @ts-expect-error nobody may read a sender before the outcome is known
  void result.sender;
  if (result.outcome === "claim") {
    // @ts-expect-error a request that has to be claimed has no body yet
    void result.body;
    // @ts-expect-error only the store's words settle a claim
    result.settle(true);
    result = result.settle(await store(result.claim));
  }
  switch (result.outcome) {
    case "refused":
    case "answer":
      console.log(JSON.stringify(result.log));
      return result.response;
    case "public":
      // @ts-expect-error nobody signed it
      void result.sender;
      return new Response("up");
    case "accepted":
      return accepted(result);
    default:
      return result satisfies never;
  }
}

declare function forget(claim: Claim, until: number): void;

function accepted({ sender, body, headers, claim, releases }: Accepted): Response {
  if (claim !== undefined && (releases() || releases(503))) forget(claim, claim.expires);
  return new Response(`${sender}: ${body.length} bytes of ${headers.get("content-type")}`);
}

export function call(body: Uint8Array): Request {
  const url = new URL("https://api.example.com/v1/infer");
  const fields: [string, string][] = sign({ scheme: "x-hmac-nonce", secret: "…", url, body, id: crypto.randomUUID() });
  // @ts-expect-error a scheme is always named
  sign({ secret: "…", url });
  return new Request(url, { method: "POST", headers: fields, body: new Uint8Array(body) });
}

export async function why(request: Request): Promise<string | undefined> {
  const { causes } = await explain(request, { scheme: "github", secret: "…" }, { now: 1_760_000_000 });
  // @ts-expect-error a scheme comes with its secret
  void explain(request, { scheme: "github" });
  return causes[0]?.mistakes.map(({ text }) => text).join(", and ");
}

export const parts = verifier.verify({ url: "https://a.example/", headers: { a: "b" }, body: "text" });
export const status = (refused: Refused): number => refused.status;
export const names: string[] = presets().map((preset) => preset.name);
export const reasons = (error: unknown): readonly string[] =>
  error instanceof PolicyError ? error.errors : error instanceof SignError ? [error.message] : [];
export const codes = (error: unknown): string[] =>
  error instanceof PolicyError
    ? error.problems.map(({ code, path }) => `${code} ${path}`)
    : error instanceof SignError
      ? [error.code]
      : verifier.problems.map(({ text }) => text);

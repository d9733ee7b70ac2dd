// Forwards without reading or verifying: the ceiling.

import { env } from "cloudflare:workers";

export default {
  fetch(request) {
    const { pathname, search } = new URL(request.url);
    return fetch(env.ORIGIN + pathname + search, {
      method: request.method,
      headers: request.headers,
      body: request.body,
      redirect: "manual",
    });
  },
};

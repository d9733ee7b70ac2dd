// An origin that writes down everything it receives.

import { createServer } from "node:http";

/**
 * Starts an origin on a free loopback port. `answer(received, response, request)` replaces its
 * usual answer, 200 and the JSON text `{"ok":true}`, which it gives once it has the whole body.
 *
 * `received` lists the requests: method, target, raw header pairs, body.
 */
export async function startOrigin({ answer, port = 0 } = {}) {
  const received = [];
  const server = createServer((request, response) => {
    const chunks = [];
    const entry = { method: request.method, target: request.url, pairs: [], body: undefined };
    for (let i = 0; i < request.rawHeaders.length; i += 2) {
      entry.pairs.push([request.rawHeaders[i].toLowerCase(), request.rawHeaders[i + 1]]);
    }
    entry.headers = Object.fromEntries(entry.pairs);
    received.push(entry);
    if (answer?.(entry, response, request) === true) return;
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      entry.body = Buffer.concat(chunks);
      if (!response.headersSent) {
        response.writeHead(200, { "content-type": "application/json" });
        response.end('{"ok":true}');
      }
    });
  });
  server.keepAliveTimeout = 60_000;
  await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    port: server.address().port,
    received,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

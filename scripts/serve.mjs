// Serves the playground of www/ on loopback, with the types and headers that a static host gives it.
// PORT sets the port, 8788 where it is not set.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";

const WWW = new URL("../www/", import.meta.url);

const TYPES = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/** The headers that `_headers` sets on every path. */
async function headers() {
  const lines = (await readFile(new URL("_headers", WWW), "utf8")).split("\n").slice(1).filter(Boolean);
  return Object.fromEntries(lines.map((line) => line.trim().split(/: (.*)/s, 2)));
}

/** Starts the server on a port, or on a free one: its `url`, and `stop()`. */
export async function serve(port = 0) {
  const always = await headers();
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const type = TYPES[extname(pathname === "/" ? "/index.html" : pathname)];
    try {
      if (type === undefined) throw new Error("not one of the page's files");
      const bytes = await readFile(fileURLToPath(new URL(`.${pathname === "/" ? "/index.html" : pathname}`, WWW)));
      response.writeHead(200, { ...always, "content-type": type, "cache-control": "no-cache" }).end(bytes);
    } catch {
      response.writeHead(404, always).end();
    }
  });
  await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { url } = await serve(Number(process.env.PORT ?? 8788));
  console.log(`playground: ${url}`);
}

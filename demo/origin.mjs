// The demo's origin: answers with what reached it.

import { createServer } from "node:http";

export function startOrigin(port) {
  const server = createServer((request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      const countersign = Object.entries(request.headers).filter(([name]) => name.startsWith("countersign-"));
      const reached = {
        reached_the_origin: `${request.method} ${request.url}`,
        ...Object.fromEntries(countersign),
        body: Buffer.concat(chunks).toString("utf8"),
      };
      console.log("origin:", JSON.stringify(reached));
      response.writeHead(200, { "content-type": "application/json" });
      response.end(`${JSON.stringify(reached)}\n`);
    });
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}

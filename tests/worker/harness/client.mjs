// A client that sends exactly the bytes it is told to: repeated fields, wrong lengths, chunks.

import { connect } from "node:net";

const CRLF = Buffer.from("\r\n");
/** Pieces that are written one by one; more go in one write. */
const MOST_WRITES = 1000;

/**
 * Sends a request and reads the answer.
 *
 * `headers` is a list of pairs; a value may be a Buffer. The first `Connection` joins the client's own. `body` is a Buffer; `chunks` instead, a list of
 * Buffers, is sent with chunked coding. `declare` replaces the `Content-Length` that fits the body; `cut`
 * closes the connection behind what was sent, and "never" leaves it open. `pause` is the time between head
 * and body in milliseconds; `idle`, how long nothing may happen.
 */
export async function send(port, request) {
  const { method = "POST", target = "/", host = "gate.test", headers = [], body, chunks, declare, cut, pause = 0, idle = 30_000 } = request;
  const head = [`${method} ${target} HTTP/1.1`, `Host: ${host}`, "Connection: close"];
  for (const [name, value] of headers) {
    if (name.toLowerCase() === "connection" && head[2] === "Connection: close") head[2] += `, ${value}`;
    else head.push(Buffer.concat([Buffer.from(`${name}: `), Buffer.isBuffer(value) ? value : Buffer.from(`${value}`)]));
  }
  const pieces = [];
  if (chunks) {
    head.push("Transfer-Encoding: chunked");
    for (const chunk of chunks) pieces.push(Buffer.concat([Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, CRLF]));
    if (cut === undefined) pieces.push(Buffer.from("0\r\n\r\n"));
  } else if (body !== undefined) {
    head.push(`Content-Length: ${declare ?? body.length}`);
    pieces.push(body);
  }
  const socket = connect(port, "127.0.0.1");
  const answer = read(socket, idle);
  socket.write(Buffer.concat([...head, ""].flatMap((line) => [Buffer.from(line), Buffer.from("\r\n")])));
  if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
  for (const piece of pieces.length > MOST_WRITES ? [Buffer.concat(pieces)] : pieces) {
    // The gate may have answered and closed already.
    if (socket.writable) socket.write(piece);
  }
  if (cut === true) socket.end();
  return answer;
}

function read(socket, idle) {
  return new Promise((resolve, reject) => {
    const received = [];
    socket.setTimeout(idle, () => socket.destroy(new Error(`nothing came for ${idle} ms`)));
    socket.on("data", (data) => received.push(data));
    socket.on("error", (error) => (received.length > 0 ? resolve(parse(Buffer.concat(received))) : reject(error)));
    socket.on("close", () => resolve(parse(Buffer.concat(received))));
  });
}

function parse(bytes) {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return { status: 0, pairs: [], headers: {}, body: bytes };
  const [start, ...lines] = bytes.subarray(0, end).toString("latin1").split("\r\n");
  const pairs = lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  const headers = Object.fromEntries(pairs);
  let body = bytes.subarray(end + 4);
  if (headers["transfer-encoding"] === "chunked") body = dechunk(body);
  return { status: Number(start.split(" ")[1]), pairs, headers, body };
}

function dechunk(bytes) {
  const parts = [];
  for (let at = 0; at < bytes.length; ) {
    const line = bytes.indexOf("\r\n", at);
    const size = parseInt(bytes.subarray(at, line).toString("latin1"), 16);
    if (!size) break;
    parts.push(bytes.subarray(line + 2, line + 2 + size));
    at = line + 2 + size + 2;
  }
  return Buffer.concat(parts);
}

/** The JSON of an answer. */
export const json = (answer) => JSON.parse(answer.body.toString("utf8"));

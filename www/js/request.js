// The fields of a request, which all three forms have: read, filled, and what was pasted taken apart.

import { byId, show } from "./dom.js";

const encoder = new TextEncoder();

export const now = () => Math.floor(Date.now() / 1000);

/** Puts the fields into the form. The signer's headers are not typed. */
export function addRequestFields(form) {
  const place = form.querySelector("[data-request]");
  place.replaceWith(byId("request").content.cloneNode(true));
  const { headers, time } = form.elements;
  if (place.dataset.request === "sign") headers.closest("label").remove();
  else headers.addEventListener("input", () => takeApart(form));
  time.addEventListener("input", () => showDate(form));
}

export function showDate(form) {
  const { time } = form.elements;
  const date = new Date(readTime(time.value) * 1000);
  const text = Number.isNaN(date.getTime())
    ? "not a number of seconds"
    : `${date.toISOString().slice(0, 19).replace("T", " ")} UTC`;
  show(time.closest("label").querySelector(".date"), time.value.trim() === "" ? "The present second." : text);
}

/** Seconds; nothing stands for now, and what is no whole number of them is no time. */
export function readTime(text) {
  if (text.trim() === "") return now();
  return /^[0-9]{1,15}$/.test(text.trim()) ? Number(text) : Number.NaN;
}

/** A raw request that was pasted among the headers goes to where its parts belong. */
function takeApart(form) {
  const { method, url, headers, body, form: written } = form.elements;
  const raw = /^([A-Z]+) (\S+) HTTP\/[0-9.]+\n([^]*)$/.exec(headers.value.trimStart());
  if (!raw) return;
  const [head, ...rest] = raw[3].split("\n\n");
  const host = /^host:\s*(\S+)/im.exec(head)?.[1] ?? "example.com";
  method.value = raw[1];
  url.value = /^https?:/.test(raw[2]) ? raw[2] : `https://${host}${raw[2]}`;
  headers.value = head.trimEnd();
  body.value = rest.join("\n\n");
  written.value = "text";
}

/** Name and value of each line; a line without a colon is told. */
export function readHeaders(text) {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return lines.map((line) => {
    const colon = line.indexOf(":");
    if (colon < 1) throw new Error(`a header is written “Name: value”, and “${line.slice(0, 40)}” is not`);
    return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
  });
}

const bodies = {
  text: (text) => encoder.encode(text),
  crlf: (text) => encoder.encode(text.replaceAll("\n", "\r\n")),
  base64(text) {
    try {
      return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    } catch {
      throw new Error("the body is not base64");
    }
  },
  hex(text) {
    const digits = text.replace(/\s/g, "");
    if (!/^([0-9a-f]{2})*$/i.test(digits)) throw new Error("the body is not hexadecimal");
    return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  },
};

/** The request's parts as the core wants them. Throws an error with what is wrong with the form. */
export function readRequest(form) {
  const { method, url, headers, body, form: written, time } = form.elements;
  const called = URL.canParse(url.value) ? new URL(url.value) : undefined;
  if (!called || !/^https?:$/.test(called.protocol))
    throw new Error("the URL must start with https:// or http:// and name a host");
  called.hash = "";
  const at = readTime(time.value);
  if (Number.isNaN(at)) throw new Error("the time must be a whole number of unix seconds");
  return {
    method: method.value,
    url: called.href,
    headers: headers ? readHeaders(headers.value) : [],
    body: bodies[written.value](body.value.toWellFormed()),
    at,
  };
}

/** Method, URL, and names and values in turn, as the core reads a head. */
export function headLines({ method, url, headers, body }) {
  const declared = headers.some(([name]) => /^(content-length|transfer-encoding)$/i.test(name));
  const length = declared || body.length === 0 ? [] : [["Content-Length", String(body.length)]];
  return [method, url, ...[...headers, ...length].flat()].join("\n");
}

/** Fills the fields in. Bytes that a text area would change are written in base64. */
export function fillRequest(form, { method, url, headers, fields, body, as, at }) {
  const { elements } = form;
  elements.method.value = method;
  elements.url.value = url;
  if (elements.headers)
    elements.headers.value = headers ?? fields.map(([name, value]) => `${name}: ${value}`).join("\n");
  const plain = as !== undefined || !body.includes("\r");
  elements.body.value = plain ? body : btoa(String.fromCharCode(...encoder.encode(body)));
  elements.form.value = as ?? (plain ? "text" : "base64");
  elements.time.value = at === undefined ? "" : String(at);
  showDate(form);
}

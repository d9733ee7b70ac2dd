// An explanation, drawn: the cause first, then the bytes that were signed, then every check.

import { make, sentence, withEscapes } from "./dom.js";

const CHECKS = {
  route: "Route",
  method: "Method",
  framing: "Length and coding",
  handshake: "Handshake",
  fields: "Signature fields",
  timestamp: "Timestamp",
  window: "Window",
  form: "Form",
  secrets: "Secrets",
  body: "Body",
  signature: "Signature",
  content: "Content digest",
  replay: "Replay",
};

const number = (count) => count.toLocaleString("en");

/** What stands in place of an explanation, where the form does not give one. */
export function unexplained(errors) {
  return [
    make("div", { class: "summary", role: "status" }, make("p", { class: "said" }, "Nothing to explain yet.")),
    make("ul", { class: "errors" }, ...errors.map(({ text }) => make("li", {}, sentence(text)))),
  ];
}

function cause({ mistakes }) {
  return make(
    "li",
    {},
    ...mistakes.map(({ code, text }) => make("p", { "data-cause": code }, ...withEscapes(sentence(text)))),
  );
}

/** What to say where no mistake was found. */
function unnamed({ code, detail, effort }) {
  if (code !== "invalid_signature" || effort.tries === 0) return sentence(detail);
  return `No usual mistake explains it: ${number(effort.tries)} were tried. What is left is another secret, or a body that something changed on the way.`;
}

/** The cause before everything else, and the verdict under it. */
function summary(told) {
  const { code, status, causes } = told;
  const passed = status === null || status < 300;
  const said = passed
    ? [make("p", { class: "said" }, code === "accepted" ? "The signature matches." : sentence(code))]
    : [];
  if (!passed && causes.length > 0) said.push(make("ul", { class: "said" }, ...causes.map(cause)));
  if (!passed && causes.length === 0) said.push(make("p", { class: "said" }, unnamed(told)));
  return make(
    "div",
    { class: `summary ${passed ? "accepted" : "refused"}`, role: "status" },
    make("p", { class: "code" }, passed ? code : `${status} ${code}`),
    ...said,
    ...(causes.length > 1 ? [make("p", { class: "hint" }, "Each of these alone explains it.")] : []),
  );
}

function step({ check, passed, read, compared }) {
  return make(
    "li",
    { class: passed ? "passed" : "failed", "data-check": check },
    make("span", { class: "mark", role: "img", "aria-label": passed ? "passed" : "failed" }, passed ? "✓" : "✗"),
    make("b", {}, CHECKS[check] ?? check),
    make("span", { class: "read" }, ...withEscapes(read)),
    compared && compared !== read && make("span", { class: "compared" }, ...withEscapes(compared)),
  );
}

function comparison({ secret, signed_bytes, signed_length, expected, matches, valid_now }, received) {
  const title = `Signed bytes, ${number(signed_length)} of them`;
  const found = expected !== null && received.some((value) => value.includes(expected));
  return [
    make(
      "section",
      { class: "block" },
      make("h3", {}, title),
      make("pre", { class: "bytes" }, ...withEscapes(signed_bytes)),
    ),
    expected !== null &&
      make(
        "dl",
        { class: "signatures" },
        make("dt", {}, "Received"),
        make("dd", {}, ...received.map((value) => make("code", {}, value))),
        make("dt", {}, "Expected"),
        make("dd", {}, make("code", {}, found || matches ? expected : make("mark", {}, expected))),
      ),
    !valid_now && make("p", { class: "hint" }, `${secret} does not count at this moment.`),
  ].filter(Boolean);
}

export function explanationParts(told) {
  return [
    summary(told),
    ...told.comparisons.flatMap((one) => comparison(one, told.received)),
    told.comparisons.some(({ expected }) => expected !== null) &&
      make("p", { class: "hint apart" }, "The expected signature is a valid one: keep it to yourself."),
    make("h3", {}, "Each check, in the gate’s order"),
    make("ol", { class: "steps" }, ...told.steps.map(step)),
  ].filter(Boolean);
}

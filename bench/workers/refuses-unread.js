// Answers every request as a gate answers one without a signature, with its line in the log, and reads
// nothing of it: what is left for reading the head.

const FIELDS = {
  "content-type": "application/problem+json",
  "cache-control": "no-store",
  "www-authenticate": 'Countersign scheme="x-hmac"',
};
const FOUND = { sender: null, scheme: "x-hmac", route: "/v1/infer", skew_seconds: null, body_bytes: null };

export default {
  fetch() {
    const request_id = crypto.randomUUID();
    const [status, code] = [401, "missing_signature"];
    console.log(JSON.stringify({ code, status, ...FOUND, request_id }));
    const [title, detail] = ["Signature required", "Missing HMAC headers"];
    const problem = { type: `urn:countersign:problem:${code}`, title, status, detail, code, request_id };
    return new Response(JSON.stringify(problem), { status, headers: FIELDS });
  },
};

// Runs the suite in a Worker, and answers with what came of it.

import * as countersign from "countersign";
import examples from "./examples.json";
import resolved from "./resolved.json";
import { run } from "./suite.mjs";

export default {
  async fetch() {
    return Response.json(await run(countersign, { resolved, examples }));
  },
};

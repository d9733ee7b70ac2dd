#!/usr/bin/env bash
# Measures the built Worker beside what a user would write instead. bench/README.md has the
# options and how to read the tables.
set -euo pipefail
cd "$(dirname "$0")/.."
if ! command -v wrk >/dev/null; then
  echo "bench: wrk, which makes the load, is not installed: apt-get install wrk, or brew install wrk" >&2
  exit 2
fi
. scripts/toolchain.sh worker
node bench/run.mjs
echo
node bench/start.mjs

#!/usr/bin/env bash
# Counts the instructions of a request in the built Worker and its competitors: bench/README.md.
set -euo pipefail
cd "$(dirname "$0")/.."
if ! command -v valgrind >/dev/null; then
  echo "bench: valgrind, which counts, is not installed: apt-get install valgrind" >&2
  exit 2
fi
. scripts/toolchain.sh worker
node bench/instructions.mjs

#!/usr/bin/env bash
# Measures what requests without a right signature cost the built Worker: bench/README.md.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/toolchain.sh worker
if [ -z "${BUILD:-}" ]; then
  scripts/build-worker.sh
fi
node bench/strangers/run.mjs

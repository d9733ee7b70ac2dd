#!/usr/bin/env bash
# Replays among very many requests. REQUESTS sets how many different ones each test sends.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/toolchain.sh worker
export REQUESTS="${REQUESTS:-200000}"
exec node --test tests/worker/replay-load.test.mjs

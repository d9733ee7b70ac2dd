#!/usr/bin/env bash
# Runs the gate in front of a demo origin. PORT sets the gate's port, 8787 where it is not set.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/toolchain.sh worker
exec node demo/dev.mjs

#!/usr/bin/env bash
# Builds the playground and serves it on loopback. PORT sets the port, 8788 where it is not set.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/toolchain.sh worker
scripts/build-page.sh
exec node scripts/serve.mjs

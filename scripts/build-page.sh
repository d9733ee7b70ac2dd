#!/usr/bin/env bash
# Builds what the page in www/ loads: www/pkg/countersign.js and www/pkg/countersign_bg.wasm.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/toolchain.sh worker test

rm -rf www/pkg
wasm-pack build --target web --release --mode no-install --no-typescript --no-pack \
  --out-dir www/pkg . -- --features browser --locked

# wasm-pack writes it for its own folder; the repository's covers this one.
rm -f www/pkg/.gitignore

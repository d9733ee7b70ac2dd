#!/usr/bin/env bash
# Builds the core for JavaScript into a folder, countersign.js and countersign_bg.wasm, with further
# features: check, to read policies.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/toolchain.sh worker test

folder=$1
rm -rf "$folder"
wasm-pack build --target web --release --mode no-install --no-typescript --no-pack \
  --out-dir "$folder" . -- --features "browser,inflate${2:+,$2}" --locked

# wasm-pack writes it for its own folder; the repository's covers this one.
rm -f "$folder/.gitignore"

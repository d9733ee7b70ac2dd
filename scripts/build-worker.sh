#!/usr/bin/env bash
# Builds the deployable Worker: build/index.js and build/index_bg.wasm.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/toolchain.sh worker

CUSTOM_SHIM="$PWD/src/adapter/worker/entry.js" worker-build --release --features worker --locked

# With a shim of one's own worker-build puts both files into a folder below; they are moved to
# where it puts them otherwise.
sed 's#"\./index\.wasm"#"./index_bg.wasm"#' build/worker/shim.mjs >build/index.js
mv build/worker/index.wasm build/index_bg.wasm
rm -r build/worker build/package.json

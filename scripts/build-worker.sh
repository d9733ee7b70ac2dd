#!/usr/bin/env bash
# Builds the deployable Worker: build/index.js and build/index_bg.wasm.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/toolchain.sh worker

# With an error in its policy the gate would answer everything 503: such a policy does not ship. With
# DENY_WARNINGS=1 nor does one with a warning.
cargo run --quiet --locked --no-default-features --features check \
  --bin countersign-check wrangler.toml ${DENY_WARNINGS:+--deny-warnings}

# worker-build takes one file for the JavaScript half, and adds the core to it.
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
shim=$folder/shim.mjs
"$ESBUILD_BIN" src/adapter/worker/js/index.js --bundle --format=esm --log-level=warning --outfile="$shim" \
  --external:cloudflare:workers --external:./index_bg.js --external:./index.wasm

CUSTOM_SHIM="$shim" worker-build --release --locked \
  --no-default-features --features worker

# With a shim of one's own worker-build puts both files into a folder below; they are moved to
# where it puts them otherwise.
sed 's#"\./index\.wasm"#"./index_bg.wasm"#' build/worker/shim.mjs >build/index.js
# What Rust and wasm-bindgen use, and no more: a newer encoding could be refused by a runtime.
wasm_features=(--enable-{bulk-memory,multivalue,mutable-globals,nontrapping-float-to-int,reference-types,sign-ext,simd})
# The names of functions are a tenth of the size. NAMES=1 keeps them, to read a stack by; the code is
# the same.
if [ -n "${NAMES:-}" ]; then names=--debuginfo; else names=--strip-debug; fi
"$WASM_OPT_BIN" "${wasm_features[@]}" -O3 "$names" build/worker/index.wasm -o build/index_bg.wasm
rm -r build/worker build/package.json

#!/usr/bin/env bash
# Builds the deployable Worker: build/index.js and build/index_bg.wasm.
#
# Signatures by private keys are linked where wrangler.toml names a scheme that has them. FEATURES
# adds ed25519, ecdsa-p256, ecdsa-p384 or rsa, separated by commas, for a policy that is kept
# elsewhere.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/toolchain.sh worker

# With an error in its policy the gate would answer everything 503: such a policy does not ship. With
# DENY_WARNINGS=1 nor does one with a warning.
cargo run --quiet --locked --no-default-features --features check \
  --bin countersign-check wrangler.toml ${DENY_WARNINGS:+--deny-warnings}

features="worker${FEATURES:+,$FEATURES}"
if grep -qE '"(discord|rfc9421-ed25519|standard-webhooks-v1a|ed25519)"' wrangler.toml; then features+=,ed25519; fi
if grep -qE '"(rfc9421-ecdsa-p256-sha256|sendgrid|ecdsa-p256)"' wrangler.toml; then features+=,ecdsa-p256; fi
if grep -qE '"(rfc9421-ecdsa-p384-sha384)"' wrangler.toml; then features+=,ecdsa-p384; fi
if grep -qE '"(rfc9421-rsa-pss-sha512|rfc9421-rsa-v1_5-sha256)"' wrangler.toml; then features+=,rsa; fi

# worker-build takes one file for the JavaScript half, and adds the core to it.
shim=$(mktemp --suffix=.mjs)
trap 'rm -f "$shim"' EXIT
"$ESBUILD_BIN" src/adapter/worker/js/index.js --bundle --format=esm --log-level=warning --outfile="$shim" \
  --external:cloudflare:workers --external:./index_bg.js --external:./index.wasm

CUSTOM_SHIM="$shim" worker-build --release --locked \
  --no-default-features --features "$features"

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

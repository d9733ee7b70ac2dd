#!/usr/bin/env bash
# Runs every test, one named line a step, and ends with the counts. A step that fails shows its
# output; the steps behind it run all the same.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/toolchain.sh worker test sdks runtimes python chromium

logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
passed=0
failed=0

# How many tests a log tells of, as cargo, node and unittest count them.
count() { # passed|failed log
  local word=${1%ed}
  { grep -oE "(^|[ ;.])[0-9]+ $1(;|,|$)|^[#ℹ] $word [0-9]+$" "$2" || true; } |
    { grep -oE '[0-9]+' || true; } | awk '{ sum += $1 } END { print sum + 0 }'
}

step() { # name command...
  local name=$1 log started verdict=ok ran
  shift
  log="$logs/$(printf %s "$name" | tr -c 'a-z0-9' -)"
  started=$SECONDS
  if ! "$@" >"$log" 2>&1; then
    verdict=FAILED
    cat "$log"
  fi
  grep -hE '^SKIPPED|# SKIP|^# [a-z0-9-]+ \| ' "$log" || true
  ran=$(count passed "$log")
  passed=$((passed + ran))
  failed=$((failed + $(count failed "$log")))
  [ "$verdict" = ok ] || broken="${broken:-} [$name]"
  printf 'test: %-6s %s (%d tests, %d s)\n' "$verdict" "$name" "$ran" $((SECONDS - started))
}

lint() { # features target
  cargo clippy --locked --all-targets --no-default-features --features "$1" --target "$2" -- -D warnings
}

# The fuzz targets without libFuzzer, which needs nightly Rust and a C++ compiler.
on_stable() { # command of cargo, options
  local command=$1
  shift
  cargo "$command" --locked --manifest-path fuzz/Cargo.toml --no-default-features "$@"
}

native=$(rustc -vV | sed -n 's/^host: //p')
wasm=wasm32-unknown-unknown
run() { node --test --test-reporter=tap "$@"; }

step "format" cargo fmt --check
for features in "" public-keys worker browser,check,inflate browser,check,inflate,public-keys; do
  step "lint ${features:-core}, native" lint "$features" "$native"
  step "lint ${features:-core}, wasm" lint "$features" "$wasm"
done
step "lint check, native" lint check "$native"
step "lint of the command" cargo clippy --locked --all-targets --package countersign-cli -- -D warnings
step "documentation" env RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --document-private-items --features check
step "requests signed by Python are current" "$PYTHON" tests/cases/resolve.py --check
step "core and command, native" cargo test --locked --workspace
step "core for JavaScript, native" cargo test --locked --lib --features browser,check,inflate,worker
step "build of the command" cargo build --locked --package countersign-cli
step "format of the fuzz targets" cargo fmt --check --manifest-path fuzz/Cargo.toml
step "lint of the fuzz targets" on_stable clippy --all-targets -- -D warnings
step "fuzz targets over their seeds" on_stable test
step "audit of the dependencies" scripts/audit.sh
step "instructions of a request" scripts/instructions.sh
step "core, wasm" wasm-pack test --node --mode no-install -- --locked
step "build of the Worker" scripts/build-worker.sh
step "public keys by the crates and by WebCrypto" run "tests/cryptography/*.test.mjs"
step "Worker in workerd" run "tests/worker/*.test.mjs"
step "command line" run "tests/cli/*.test.mjs"
step "model of the replay store" run "bench/*.test.mjs"
step "presets against the providers' libraries" run "tests/presets/*.test.mjs"
step "Django and DRF" env NODE="$(command -v node)" "$PYTHON" tests/interop/django/test_interop.py
step "Django origin's seal" "$PYTHON" tests/interop/django/test_countersign_origin.py
step "Django origin's message seal" env NODE="$(command -v node)" "$PYTHON" tests/interop/django/test_message_seal.py
step "Django and DRF around the gate" env NODE="$(command -v node)" "$PYTHON" tests/interop/django/test_seal.py
step "build of the page" scripts/build-page.sh
step "deploy and make dev" run --test-concurrency=1 "tests/deploy/*.test.mjs"
step "build of the npm package" scripts/build-npm.sh
step "npm package in Node and workerd" run "tests/npm/*.test.mjs"
step "page in Chromium" run "tests/www/*.test.mjs"

printf '\n%d passed, %d failed\n' "$passed" "$failed"
if [ -n "${broken:-}" ]; then
  printf 'failed steps:%s\n' "$broken"
  exit 1
fi

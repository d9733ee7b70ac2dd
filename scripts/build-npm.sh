#!/usr/bin/env bash
# Builds the npm package: npm/core, and the tarball build-npm/countersign.tgz.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/toolchain.sh worker

scripts/build-browser.sh npm/core
# What the Worker does in JavaScript as well.
cp src/adapter/js/{stream,within}.js npm/core/
rm -rf build-npm
mkdir build-npm
npm pack ./npm --pack-destination build-npm --loglevel=error
mv build-npm/countersign-*.tgz build-npm/countersign.tgz

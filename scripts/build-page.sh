#!/usr/bin/env bash
# Builds what the playground in www/ loads: the core, in www/pkg.
set -euo pipefail
exec "$(dirname "$0")/build-browser.sh" www/pkg check

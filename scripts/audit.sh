#!/usr/bin/env bash
# Looks for what is known against the dependencies: licences, duplicates, sources and advisories of the
# crates, advisories of the npm packages. A part whose tool or database cannot be had is SKIPPED, with the
# reason; a finding fails.
set -euo pipefail
cd "$(dirname "$0")/.."
broken=0
skip() { echo "SKIPPED $*"; }

if cargo deny --version >/dev/null 2>&1; then
  for manifest in Cargo.toml fuzz/Cargo.toml; do
    deny() { cargo deny --manifest-path "$manifest" --config deny.toml --locked "$@"; }
    deny check licenses bans sources || broken=1
    if fetched=$(deny fetch db 2>&1); then
      deny --offline check advisories || broken=1
    else
      skip "advisories of $manifest: their database cannot be had: $(tail -n 1 <<<"$fetched")"
    fi
  done
else
  skip "licences and advisories of the crates: cargo-deny is not installed (cargo install --locked cargo-deny)"
fi

# The report has its version in it, and a failure has none.
for folder in . tests/npm tests/presets; do
  if report=$(cd "$folder" && npm audit --package-lock-only --json 2>/dev/null); then found=0; else found=1; fi
  if ! grep -q '"auditReportVersion"' <<<"$report"; then
    skip "advisories of $folder/package-lock.json: the registry answers no npm audit"
  elif [ "$found" = 1 ]; then
    (cd "$folder" && npm audit --package-lock-only) || true
    broken=1
  else
    echo "$folder/package-lock.json: nothing is known"
  fi
done
exit "$broken"

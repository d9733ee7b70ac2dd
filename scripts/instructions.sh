#!/usr/bin/env bash
# Counts the instructions of one request in callgrind, which does not depend on the machine: its
# processor has no SHA extensions. They must be those of bench/native/instructions.txt, within 2 %.
# UPDATE=1 writes that file anew.
set -euo pipefail
cd "$(dirname "$0")/.."
counts=bench/native/instructions.txt
tolerance=2
compiler=$(rustc --version)

skip() { echo "SKIPPED instruction counts: $*" && exit 0; }
command -v valgrind >/dev/null || skip "valgrind is not installed"
if [ -z "${UPDATE:-}" ] && ! grep -qxF "# $compiler" "$counts"; then
  skip "they were counted with another compiler than $compiler"
fi

program=$(cargo bench --locked --bench instructions --no-run --message-format=json 2>/dev/null |
  grep -o '"executable":"[^"]*instructions[^"]*"' | cut -d'"' -f4)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

count() { # case times
  valgrind --tool=callgrind --callgrind-out-file="$work/out" "$program" "$1" "$2" 2>"$work/log" ||
    { cat "$work/log" >&2 && exit 1; }
  sed -n 's/.*Collected : \([0-9]*\).*/\1/p' "$work/log"
}

{
  echo "# $compiler"
  echo "# Instructions a request: UPDATE=1 scripts/instructions.sh"
  "$program" | while read -r name; do
    # The difference leaves out the start.
    echo "$name $((($(count "$name" 60) - $(count "$name" 10)) / 50))"
  done
} >"$work/new"

if [ -n "${UPDATE:-}" ]; then
  cp "$work/new" "$counts"
  cat "$counts"
  exit 0
fi
broken=0
while read -r name now; do
  was=$(awk -v name="$name" '$1 == name { print $2 }' "$counts")
  off=$(awk -v now="$now" -v was="${was:-0}" 'BEGIN { printf "%.1f", was ? 100 * (now - was) / was : 100 }')
  printf '%-28s %8d, was %8d (%+.1f %%)\n' "$name" "$now" "${was:-0}" "$off"
  awk -v off="$off" -v most="$tolerance" 'BEGIN { exit !(off > most || off < -most) }' && broken=1
done < <(grep -v '^#' "$work/new")
if [ "$broken" = 1 ]; then
  echo "more than $tolerance % off; where that is meant: UPDATE=1 scripts/instructions.sh" >&2
  exit 1
fi

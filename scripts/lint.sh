#!/usr/bin/env bash
# Runs clang-tidy over sources: those that changed, those that are named, or all.
#
# usage: scripts/lint.sh [--all | FILE.cpp ...]
# "Changed" means: since the commit in STRATAGRAM_LINT_BASE, by default the one before the last; for a
# header, the source of the same name.
# A build of the release preset must exist (it holds the compile commands).
set -euo pipefail
cd "$(dirname "$0")/.."

if [ "${1:-}" = --all ]; then
  mapfile -t files < <(git ls-files '*.cpp')
elif [ $# -gt 0 ]; then
  files=("$@")
else
  base=${STRATAGRAM_LINT_BASE:-HEAD~1}
  if ! git rev-parse --quiet --verify "$base^{commit}" > /dev/null; then
    echo "lint: no commit $base to compare with; scripts/lint.sh --all lints everything"
    exit 0
  fi
  mapfile -t files < <(git diff --name-only --diff-filter=d "$base" -- '*.cpp' '*.h' |
    sed 's/\.h$/.cpp/' | sort -u | while read -r file; do [ ! -f "$file" ] || echo "$file"; done)
fi
if [ ${#files[@]} -eq 0 ]; then
  echo "lint: nothing changed"
  exit 0
fi
echo "lint: ${#files[@]} files"
# Clang as it comes from PyPI has no OpenMP header; the compiler's own declares the same functions.
mkdir -p build/lint
ln -sf "$(c++ -print-file-name=include/omp.h)" build/lint/omp.h
printf '%s\n' "${files[@]}" |
  xargs -P "$(nproc)" -n 1 .venv/bin/clang-tidy -p build/release --quiet --warnings-as-errors='*' \
    --extra-arg="-isystem$PWD/build/lint"

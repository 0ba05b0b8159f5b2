#!/usr/bin/env bash
# Checks the format, builds, lints what changed, runs all tests; ends with CTest's summary.
#
# usage: scripts/test.sh [CTEST-ARGUMENT]...      e.g. scripts/test.sh -L fast
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/bootstrap.sh

mapfile -t sources < <(git ls-files '*.h' '*.cpp')
echo "format: ${#sources[@]} files"
.venv/bin/clang-format --dry-run --Werror "${sources[@]}"

scripts/build.sh release
scripts/lint.sh
ctest --preset release --parallel "$(nproc)" "$@"

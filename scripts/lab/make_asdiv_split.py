#!/usr/bin/env python3
"""Makes the problem sets of the SmolLM2 run: train on ASDiv, hold out MAWPS.

usage: make_asdiv_split.py DATA_FOLDER OUT_DIR

DATA_FOLDER holds benchmarks/asdiv.jsonl and benchmarks/mawps.jsonl. Writes
  asdiv_train.jsonl  problems with a numeric answer whose text is not a MAWPS problem's
  mawps_300.jsonl    300 MAWPS problems, those with the lowest SHA-256 of their id
Texts are compared by their letters and digits alone, lower-cased.
"""
import hashlib
import json
import pathlib
import re
import sys


def rows(path):
    with open(path) as file:
        return [json.loads(line) for line in file if line.strip()]


def fingerprint(text):
    return re.sub(r"[^a-z0-9]", "", text.lower())


def is_number(text):
    return re.fullmatch(r"-?\d[\d,]*(\.\d+)?", str(text).strip()) is not None


def write(path, problems):
    with open(path, "w") as file:
        for p in problems:
            file.write(json.dumps({"id": p["id"], "problem": p["problem"], "answer": str(p["answer"])}) + "\n")
    print(path.name, len(problems), "problems")


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    data, out = pathlib.Path(sys.argv[1]) / "benchmarks", pathlib.Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    mawps = rows(data / "mawps.jsonl")
    known = {fingerprint(p["problem"]) for p in mawps}
    train, seen = [], set()
    for problem in rows(data / "asdiv.jsonl"):
        mark = fingerprint(problem["problem"])
        if is_number(problem["answer"]) and mark not in known and mark not in seen:
            seen.add(mark)
            train.append(problem)
    held_out = sorted(mawps, key=lambda p: hashlib.sha256(p["id"].encode()).hexdigest())[:300]
    write(out / "asdiv_train.jsonl", train)
    write(out / "mawps_300.jsonl", held_out)


if __name__ == "__main__":
    main()

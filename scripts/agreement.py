#!/usr/bin/env python3
"""How often the verifier and math-verify say the same, and where they do not.

usage: agreement.py [--shared DIR] [--program FILE] [--out FILE] [--cache FILE] [--sets NAME,...]
                    [--only-theirs]
  --shared DIR    holds benchmarks/ and traces/ (default: $STRATAGRAM_SHARED_DATA, else
                  ../shared/data beside the checkout)
  --program FILE  default build/release/stratagram
  --out FILE      every disagreement as JSON Lines: set, rule, kind, gold, answer, both verdicts,
                  reason, forms, wanted (what the way the pair was made says: same, different, or
                  the trace's label); and the pairs where both agree against what was wanted
  --cache FILE    verdicts of math-verify by pair, read and added to: it takes minutes
  --sets          of those whose names hold one of these, only
  --only-theirs   fill the cache, no more

Pairs (agreement_pairs.py): the gold answers of the problem sets against themselves in other
spellings (wanted: same), against answers that a small change makes different and against the next
three of their file (wanted: different, but for equal texts), and the gold answers of the traces
against the last boxed answer of each response (wanted: the label). Each distinct pair of a set
counts once. Needs math-verify in the Python that runs it. Both programs get bare answers, so that
extraction plays no part.

Prints a line for each set and for all sets of a sort, and below it how many pairs of each kind
disagree: `+-` where the verifier accepts and math-verify does not, `-+` the reverse, `==` where they
agree against what was wanted. The kind is the rule that made the pair or, for others, what it looks
like.
"""
import argparse
import collections
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

from agreement_pairs import (benchmark_pairs, has_dollars, rows_of, trace_pairs, without_dollars)

ROOT = pathlib.Path(__file__).resolve().parent.parent
BENCHMARKS = ["aime24", "aime25", "amc23", "math500", "minerva_math", "olympiadbench", "gsm8k_test",
              "gaokao2023en", "olymmath_en"]
TIMEOUT = 30  # seconds; theirs is 5, which a busy machine may spend on nothing


def ours(program, pairs):
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        for gold, answer in pairs:
            row = {"gold": gold, "answer": f"\\boxed{{{without_dollars(answer)}}}"}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
        file.flush()
        start = time.time()
        done = subprocess.run([program, "verify", "--pairs", file.name], capture_output=True,
                              text=True, check=False)
        seconds = time.time() - start
    if done.returncode != 0:
        sys.exit(f"{program} verify --pairs: exit code {done.returncode}: {done.stderr}")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return dict(zip(pairs, rows)), seconds


def theirs(pairs, cache_file):
    """Their verdicts, and the seconds and pairs of this run."""
    import logging
    logging.disable(logging.CRITICAL)
    from math_verify import parse, verify
    cache = {}
    if cache_file and cache_file.exists():
        for row in rows_of(cache_file):
            cache[row["gold"], row["answer"]] = row["same"]
    todo = [pair for pair in pairs if pair not in cache]
    start = time.time()
    out = open(cache_file, "a", encoding="utf-8") if cache_file else None
    for gold, answer in todo:
        written = without_dollars(gold)
        written = written if has_dollars(written) else f"${written}$"
        boxed = f"\\boxed{{{without_dollars(answer)}}}"
        try:
            same = bool(verify(parse(written, parsing_timeout=TIMEOUT),
                               parse(boxed, parsing_timeout=TIMEOUT), timeout_seconds=TIMEOUT))
        except Exception as error:  # whatever it throws is its verdict
            same = f"{type(error).__name__}"
        cache[gold, answer] = same
        if out:
            row = {"gold": gold, "answer": answer, "same": same}
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
            out.flush()
    return cache, time.time() - start, len(todo)


def brackets_of(text):
    return re.sub(r"[^()\[\]]", "", text)


def one_side(text):
    return text.rsplit("=", 1)[-1].strip(" $")


# Kinds of pairs that no rule made: name, and whether it holds for (gold, answer). The first decides.
LOOKS = [
    ("equal texts", lambda gold, answer: gold.strip() == answer.strip()),
    ("broken dollars", lambda gold, answer: has_dollars(without_dollars(gold))),
    ("plus or minus", lambda gold, answer: ("\\pm" in gold) != ("\\pm" in answer)),
    ("ends of an interval", lambda gold, answer: "," in gold and
     brackets_of(gold) != brackets_of(answer) and
     sorted(re.findall(r"\w+", gold)) == sorted(re.findall(r"\w+", answer))),
    ("base of a numeral", lambda gold, answer: ("_" in gold) != ("_" in answer)),
    ("time", lambda gold, answer: re.search(r"hours?|minutes?|\d *[ap]\.?m\b|\d:\d\d", gold + answer)),
    ("thousands", lambda gold, answer: re.search(r",\\!|\{,\}|\d,\d{3}", gold + answer)),
    ("name of a function", lambda gold, answer: re.match(r"\W*\w\(\w\)\s*=", gold) and
     re.match(r"\W*\w\(\w\)\s*=", answer)),
    ("side of an equation", lambda gold, answer: ("=" in gold) != ("=" in answer) and
     one_side(gold) == one_side(answer)),
    ("before the interval", lambda gold, answer: ("\\in" in gold) != ("\\in" in answer)),
    ("set of one", lambda gold, answer: ("\\{" in gold) != ("\\{" in answer)),
    ("unit", lambda gold, answer: re.search(r"\d *\\(text|mbox|mathrm)\{ *[a-z]+ *\}", gold) and
     not re.search("[a-z]{2}", answer)),
    ("decimal", lambda gold, answer: bool(re.search(r"\d\.\d", gold)) !=
     bool(re.search(r"\d\.\d", answer))),
    ("part missing", lambda gold, answer: gold.count(",") != answer.count(",")),
    ("words", lambda gold, answer: re.search(r"\\text|[A-Za-z]{4}", gold)),
]


def kind_of(pair, their_verdict):
    if isinstance(their_verdict, str):
        return f"their {their_verdict}"
    if pair.rule not in ("itself", "neighbour", "label"):
        return pair.rule
    for name, holds in LOOKS:
        if holds(pair.gold, pair.answer):
            return name
    return "other"


class Tally:
    """Pairs under both verdicts: how many of each sort, and the disagreements."""

    def __init__(self, name):
        self.name = name
        self.counts = collections.Counter()
        self.kinds = collections.defaultdict(collections.Counter)
        self.rows = []

    def add(self, pair, row, their_verdict):
        us, them = row["verdict"] == "correct", their_verdict is True
        wanted = pair.wanted == "same"
        is_labelled = pair.wanted != "unlabelled"
        self.counts.update({(us, them): 1, "pairs": 1, "labelled": is_labelled,
                            "us right": is_labelled and us == wanted,
                            "them right": is_labelled and them == wanted})
        if us == them and (not is_labelled or us == wanted):
            return
        sign = "==" if us == them else "+-" if us else "-+"
        kind = kind_of(pair, their_verdict)
        self.kinds[sign][kind] += 1
        self.rows.append({"set": self.name, "rule": pair.rule, "kind": kind, "sign": sign,
                          "wanted": pair.wanted, "ours": row["verdict"], "theirs": their_verdict,
                          **row, "gold": pair.gold, "answer": pair.answer})

    def add_all(self, other):
        self.counts.update(other.counts)
        for sign, kinds in other.kinds.items():
            self.kinds[sign].update(kinds)

    def text(self):
        def percent(num, of):
            return f"{100 * num / max(1, self.counts[of]):7.2f}%"

        agree = self.counts[True, True] + self.counts[False, False]
        lines = [f"{self.name:36} {self.counts['pairs']:6} {percent(agree, 'pairs')} "
                 f"{self.counts[True, False]:5} {self.counts[False, True]:5} "
                 f"{percent(self.counts['us right'], 'labelled')} "
                 f"{percent(self.counts['them right'], 'labelled')}"]
        for sign, kinds in sorted(self.kinds.items()):
            listed = ", ".join(f"{kind} {num}" for kind, num in
                               sorted(kinds.items(), key=lambda item: (-item[1], item[0])))
            lines.append(f"    {sign} {listed}")
        return "\n".join(lines)


def tally_of(name, pairs, verdicts, cache):
    """Each distinct pair once, by the first rule that made it."""
    tally = Tally(name)
    for (gold, answer), pair in {(p.gold, p.answer): p for p in reversed(pairs)}.items():
        tally.add(pair, verdicts[gold, answer], cache[gold, answer])
    return tally


def sums_of(tallies):
    """The sets of each sort together; a pair of two sets counts twice."""
    sums = {}
    for tally in tallies:
        sort = "traces" if tally.name.startswith("traces") else tally.name.split()[-1]
        sums.setdefault(sort, Tally(f"all {sort}")).add_all(tally)
    return list(sums.values())


def sets_of(shared, wanted):
    sets = {}
    for name in BENCHMARKS:
        sets.update(benchmark_pairs(shared, name))
    for path in sorted((shared / "traces").glob("*.jsonl")):
        sets.update(trace_pairs(path))
    return {name: pairs for name, pairs in sets.items() if any(w in name for w in wanted)}


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--shared", type=pathlib.Path,
                        default=os.environ.get("STRATAGRAM_SHARED_DATA", ROOT.parent / "shared/data"))
    parser.add_argument("--program", default=ROOT / "build/release/stratagram")
    parser.add_argument("--out", type=pathlib.Path)
    parser.add_argument("--cache", type=pathlib.Path)
    parser.add_argument("--sets", default="")
    parser.add_argument("--only-theirs", action="store_true")
    args = parser.parse_args()
    sets = sets_of(pathlib.Path(args.shared), args.sets.split(","))
    distinct = list(dict.fromkeys((pair.gold, pair.answer) for pairs in sets.values()
                                  for pair in pairs))
    print(f"{len(distinct)} distinct pairs in {len(sets)} sets", flush=True)
    cache, seconds, num = theirs(distinct, args.cache)
    if num:
        print(f"math-verify: {1e6 * seconds / num:.0f} us a pair ({num} pairs)")
    if args.only_theirs:
        return
    verdicts, seconds = ours(args.program, distinct)
    print(f"stratagram verify: {1e6 * seconds / len(distinct):.0f} us a pair, start and JSON included")
    print(f"{'set':36} {'pairs':>6} {'agree':>8} {'+-':>5} {'-+':>5} {'wanted':>8} {'theirs':>8}")
    tallies = [tally_of(name, pairs, verdicts, cache) for name, pairs in sets.items()]
    print("\n".join(tally.text() for tally in tallies + sums_of(tallies)))
    print("+- : the verifier accepts, math-verify does not; -+ : the reverse; == : both agree against "
          "what was\nwanted. wanted, theirs: agreement of each with what the pair was made for")
    if args.out:
        with open(args.out, "w", encoding="utf-8") as file:
            for tally in tallies:
                for row in tally.rows:
                    file.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()

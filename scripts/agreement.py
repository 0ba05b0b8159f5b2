#!/usr/bin/env python3
"""How often the verifier and math-verify say the same, and where they do not.

usage: agreement.py [--shared DIR] [--program FILE] [--out FILE] [--cache FILE] [--sets NAME,...]
  --shared DIR    holds benchmarks/ and traces/ (default: $STRATAGRAM_SHARED_DATA, else
                  ../shared/data beside the checkout)
  --program FILE  default build/release/stratagram
  --out FILE      every disagreement as JSON Lines: set, gold, answer, both verdicts, reason, forms,
                  wanted (what the way the pair was made says: same, different, or the trace's label)
  --cache FILE    verdicts of math-verify by pair, read and added to: it takes minutes

Pairs: the gold answers of the benchmarks against themselves in other spellings (wanted: same), each
against the next three of its file (wanted: different, but for equal texts), and the gold answers of
the traces against the last boxed answer of each response (wanted: the label of the trace). Needs
math-verify in the Python that runs it. Both programs get bare answers, so that extraction plays no
part.
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

ROOT = pathlib.Path(__file__).resolve().parent.parent
BENCHMARKS = ["aime24", "aime25", "amc23", "math500", "minerva_math", "olympiadbench", "gsm8k_test",
              "gaokao2023en", "olymmath_en"]
TIMEOUT = 30  # seconds; theirs is 5, which a busy machine may spend on nothing


def rows_of(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def last_boxed(text):
    """The content of the last \\boxed{} that is closed, or None."""
    for start in reversed([m.end() for m in re.finditer(r"\\boxed\s*\{", text)]):
        depth, at = 1, start
        while at < len(text) and depth:
            if text[at] == "\\":
                at += 1
            elif text[at] == "{":
                depth += 1
            elif text[at] == "}":
                depth -= 1
            at += 1
        if depth == 0:
            return text[start:at - 1].strip()
    return None


def respellings(gold):
    """Other spellings of the same answer, by rules that keep the meaning of any text."""
    bare = gold.strip()
    if bare.count("$") == 2 and bare.startswith("$") and bare.endswith("$"):
        bare = bare[1:-1].strip()
    formula = "$" not in bare
    found = {"spaces": f"  {bare} "}
    if not bare.endswith("."):
        found["full stop"] = bare + "."
    if formula:
        found["dollars"] = f"${bare}$"
        found["display"] = f"\\[{bare}\\]"
    found["dfrac"] = re.sub(r"\\[dt]?frac", r"\\dfrac", bare)
    found["frac"] = re.sub(r"\\[dt]frac", r"\\frac", bare)
    found["left"] = re.sub(r"(?<!\\left)(?<!\\big)(?<!\\Big)\(", r"\\left(",
                           re.sub(r"(?<!\\right)(?<!\\big)(?<!\\Big)\)", r"\\right)", bare))
    if bare.count("(") != bare.count(")"):
        del found["left"]
    found["no left"] = re.sub(r"\\(left|right)(?=[()\[\]|\\])", "", bare)
    found["degree"] = re.sub(r"\^\{?\\circ\}?", r"^{\\circ}", bare)
    found["cdot"] = bare.replace("\\times", "\\cdot")
    found["leq"] = re.sub(r"\\(leq?slant|leq|le)(?![a-zA-Z])", r"\\leq", bare)
    found["minus"] = bare.replace("-", "\u2212")
    found["pi"] = re.sub(r"\\pi(?![a-zA-Z])", "\u03c0", bare)
    found["infinity"] = re.sub(r"\\infty(?![a-zA-Z])", "\u221e", bare)
    found["thin spaces"] = re.sub(r"(?<=[\w}])([+=])(?=[\w\\])", r"\\,\1\\,", bare)
    if re.fullmatch(r"-?\d+", bare):
        found["point zero"] = bare + ".0"
        found["name"] = "x = " + bare
        digits = bare.lstrip("-").lstrip("0") or "0"
        grouped = re.sub(r"(?<=\d)(?=(\d{3})+$)", "{,}", digits)
        found["thousands"] = ("-" if bare[0] == "-" else "") + grouped
        found["over one"] = f"\\frac{{{bare}}}{{1}}"
    if re.fullmatch(r"\\[dt]?frac\{\d+\}\{\d+\}", bare):
        found["slash"] = re.sub(r"\\[dt]?frac\{(\d+)\}\{(\d+)\}", r"\1/\2", bare)
    if re.fullmatch(r"[^()\[\]{}\\$=<>]+(,[^()\[\]{}\\$=<>]+)+", bare) and re.search(r"\d", bare):
        if not re.fullmatch(r"\d{1,3}(,\d{3})+", bare):
            found["order"] = ", ".join(part.strip() for part in reversed(bare.split(",")))
    return {name: text for name, text in found.items() if text != bare}


def without_dollars(text):
    """A formula without the signs around it; both programs get it so."""
    text = text.strip()
    if text.count("$") == 2 and text.startswith("$") and text.endswith("$"):
        text = text[1:-1].strip()
    return text


def benchmark_pairs(shared, name):
    golds = [row["answer"] for row in rows_of(shared / "benchmarks" / f"{name}.jsonl")]
    golds = [gold for gold in golds if gold.strip()]
    spelled = [(gold, gold, "same") for gold in golds]
    spelled += [(gold, other, "same") for gold in golds for other in respellings(gold).values()]
    apart = []
    for step in (1, 2, 3):
        for i, gold in enumerate(golds):
            other = golds[(i + step) % len(golds)]
            if re.sub(r"[\s$]", "", other) != re.sub(r"[\s$]", "", gold):
                apart.append((gold, other, "different"))
    return {f"{name} re-spelled": spelled, f"{name} neighbours": apart}


def trace_pairs(path):
    pairs = []
    for row in rows_of(path):
        answer = last_boxed(row["response"])
        label = {True: "same", False: "different", None: "unlabelled"}[row.get("correct")]
        if answer and row["answer"].strip():
            pairs.append((row["answer"], answer, label))
    return {f"traces {path.stem}": pairs}


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
        written = written if "$" in written else f"${written}$"
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


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--shared", type=pathlib.Path,
                        default=os.environ.get("STRATAGRAM_SHARED_DATA", ROOT.parent / "shared/data"))
    parser.add_argument("--program", default=ROOT / "build/release/stratagram")
    parser.add_argument("--out", type=pathlib.Path)
    parser.add_argument("--cache", type=pathlib.Path)
    parser.add_argument("--sets", default="")
    parser.add_argument("--only-theirs", action="store_true", help="fill the cache, no more")
    args = parser.parse_args()
    shared = pathlib.Path(args.shared)
    sets = {}
    for name in BENCHMARKS:
        sets.update(benchmark_pairs(shared, name))
    for path in sorted((shared / "traces").glob("*.jsonl")):
        sets.update(trace_pairs(path))
    if args.sets:
        wanted = args.sets.split(",")
        sets = {name: pairs for name, pairs in sets.items() if any(w in name for w in wanted)}
    distinct = list(dict.fromkeys((gold, answer) for pairs in sets.values() for gold, answer, _ in pairs))
    print(f"{len(distinct)} distinct pairs in {len(sets)} sets", flush=True)
    cache, seconds, num = theirs(distinct, args.cache)
    if num:
        print(f"math-verify: {1e6 * seconds / num:.0f} us a pair ({num} pairs)")
    if args.only_theirs:
        return
    verdicts, seconds = ours(args.program, distinct)
    print(f"stratagram verify: {1e6 * seconds / len(distinct):.0f} us a pair, start and JSON included")
    disagreements = []
    print(f"{'set':45} {'pairs':>6} {'agree':>8} {'+-':>5} {'-+':>5} {'wanted':>8} {'theirs':>8}")
    for name, pairs in sets.items():
        counts = collections.Counter()
        for gold, answer, wanted in pairs:
            row = verdicts[gold, answer]
            us, them = row["verdict"] == "correct", cache[gold, answer] is True
            counts[us, them] += 1
            if wanted != "unlabelled":
                counts["labelled"] += 1
                counts["us right"] += us == (wanted == "same")
                counts["them right"] += them == (wanted == "same")
            if us != them or (wanted != "unlabelled" and us != (wanted == "same")):
                disagreements.append({"set": name, "wanted": wanted, "ours": row["verdict"],
                                      "theirs": cache[gold, answer], **row, "gold": gold,
                                      "answer": answer})
        share = 100 * (counts[True, True] + counts[False, False]) / max(1, len(pairs))
        labelled = max(1, counts["labelled"])
        print(f"{name:45} {len(pairs):6} {share:7.2f}% {counts[True, False]:5} {counts[False, True]:5} "
              f"{100 * counts['us right'] / labelled:7.2f}% {100 * counts['them right'] / labelled:7.2f}%")
    print("+- : we accept, math-verify does not; -+ : the reverse; wanted, theirs: agreement of each with "
          "what the pair was made for")
    if args.out:
        seen = set()
        with open(args.out, "w", encoding="utf-8") as file:
            for row in disagreements:
                key = (row["set"], row["gold"], row["answer"])
                if key not in seen:
                    seen.add(key)
                    file.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Solutions whose labels others published, judged again, and a ruling on every disagreement.

usage: regrade.py [--shared DIR] [--program FILE] [--rulings FILE] [--out FILE] [--prune]
  --shared DIR    holds traces/ (default: $STRATAGRAM_SHARED_DATA, else ../shared/data beside the
                  checkout)
  --program FILE  default build/release/stratagram
  --rulings FILE  default docs/results/regrading.jsonl: file, id, digest of gold answer and
                  response, label, class, ruling; a disagreement that it does not hold is printed
                  and makes the exit code 1
  --out FILE      every disagreement as JSON Lines with the end of the response, to be ruled on
  --prune         drop the rulings on rows that agree now

Prints the tables of docs/results/regrading.md. Whole responses are judged, as `eval` judges them:
they are laid out as an evaluation's samples, and `stratagram eval --rescore` gives the verdicts. A
response whose thoughts were never closed counts as cut off.
"""
import argparse
import collections
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
JUDGING = {
    "extraction": ["boxed", "answer_tag", "final_answer", "phrase", "hashes", "last_formula",
                   "last_number"],
    "relative_tolerance": 1e-12,
    "error_field": "",
}
CLASSES = {
    "label wrong": "the answer has the meaning of the gold answer exactly where the label denies it",
    "ours wrong": "the label is right, the verifier is not",
    "extraction": "label and verifier took different parts of the response for its answer",
    "gold wrong": "the gold answer does not answer the problem",
    "convention": "a matter of what one wants to count as right",
}
UNRULED = "unruled"


def rows_of(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def digest_of(row):
    text = json.dumps([row["answer"], row["response"]], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def sample_of(row):
    """The row as a sample of an evaluation that has one problem for each response."""
    cut_off = row.get("thinking_closed") is False
    return {"problem_id": row["id"], "sample": 0, "prompt": "", "response": row["response"],
            "length": 0, "verdict": "wrong", "reason": "", "predicted": None, "gold": row["answer"],
            "finish": "length" if cut_off else "stop", "seed": 0}


def judge(program, rows):
    """Judgements by id, and the version of the verifier that gave them."""
    conditions = {
        "benchmark": "traces", "template": {"name": "none"}, "judging": JUDGING, "seed": 0,
        "sampling": {"temperature": 0.0, "top_p": 1.0, "max_new_tokens": 1}, "num_samples": 1,
        "num_problems": len(rows), "problems_digest": "", "position": 0,
    }
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "in").mkdir()
        with open(folder / "in/traces.samples.jsonl", "w", encoding="utf-8") as file:
            for row in rows:
                file.write(json.dumps(sample_of(row), ensure_ascii=False) + "\n")
        (folder / "in/traces.json").write_text(json.dumps(conditions), encoding="utf-8")
        done = subprocess.run([program, "eval", "--rescore", folder / "in", "--out", folder / "out"],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.exit(f"{program} eval --rescore: exit code {done.returncode}: {done.stderr}")
        judged = {row["problem_id"]: row for row in rows_of(folder / "out/traces.samples.jsonl")}
        result = json.loads((folder / "out/traces.json").read_text(encoding="utf-8"))
    return judged, result["verifier"]["version"]


def labeller_of(row):
    """Who labelled: the authors of the solutions, or whoever put the files together."""
    return (row["correct_by"] or "").split(":")[0]


def table(head, rows, align="---:"):
    lines = ["| " + " | ".join(head) + " |",
             "|---" + f"|{align}" * (len(head) - 1) + "|"]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def matrix_row(name, labeller, counts):
    num = sum(counts.values())
    agree = counts[True, True] + counts[False, False]
    return [f"`{name}`", labeller, num, counts[True, True], counts[True, False],
            counts[False, True], counts[False, False], f"{100 * agree / num:.2f} %"]


def never_right(rows):
    """Rows of a table: the problems that at least five models tried, none of them as the gold answer
    has it."""
    tried = collections.defaultdict(list)
    for row, verdict in rows:
        tried[row["problem"], row["answer"]].append((row, verdict))
    lines = []
    for (_, gold), tries in tried.items():
        if (len({row["model"] for row, _ in tries}) < 5 or
                any(verdict["verdict"] == "correct" for _, verdict in tries)):
            continue
        answers = collections.Counter(verdict["predicted"] for _, verdict in tries)
        listed = ", ".join(f"`{answer}` {num}" for answer, num in answers.most_common())
        lines.append([f"`{tries[0][0]['id']}`", f"`{gold}`", len(tries), listed])
    return lines


def read_rulings(path):
    if not path.exists():
        return {}
    rulings = {(row["file"], row["id"], row["digest"]): row for row in rows_of(path)}
    for row in rulings.values():
        if row["class"] not in CLASSES:
            sys.exit(f"{path}: {row['file']} {row['id']}: unknown class '{row['class']}', wanted one "
                     f"of {', '.join(CLASSES)}")
    return rulings


def write_rows(path, rows):
    with open(path, "w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--shared", type=pathlib.Path,
                        default=os.environ.get("STRATAGRAM_SHARED_DATA", ROOT.parent / "shared/data"))
    parser.add_argument("--program", default=ROOT / "build/release/stratagram")
    parser.add_argument("--rulings", type=pathlib.Path, default=ROOT / "docs/results/regrading.jsonl")
    parser.add_argument("--out", type=pathlib.Path)
    parser.add_argument("--prune", action="store_true")
    args = parser.parse_args()
    rulings = read_rulings(args.rulings)

    matrices = collections.defaultdict(collections.Counter)
    classes = collections.defaultdict(collections.Counter)
    disagreements, unruled, used, everything, version = [], [], [], [], None
    for path in sorted((pathlib.Path(args.shared) / "traces").glob("*.jsonl")):
        rows = [row for row in rows_of(path) if row.get("correct") is not None]
        if not rows:
            continue
        judged, version = judge(args.program, rows)
        for row in rows:
            verdict = judged[row["id"]]
            everything.append((row, verdict))
            right = verdict["verdict"] == "correct"
            matrices[path.stem, labeller_of(row)][row["correct"], right] += 1
            if right == row["correct"]:
                continue
            key = (path.stem, row["id"], digest_of(row))
            ruling = rulings.get(key)
            name = ruling["class"] if ruling else UNRULED
            classes[name][labeller_of(row), row["correct"]] += 1
            if ruling:
                used.append(ruling)
            else:
                unruled.append(key)
            disagreements.append({
                "file": path.stem, "id": row["id"], "digest": key[2], "label": row["correct"],
                "by": row["correct_by"], "class": name, "verdict": verdict["verdict"],
                "reason": verdict["reason"], "gold": row["answer"], "their_pred": row.get("pred"),
                "our_pred": verdict["predicted"], "problem": row["problem"],
                "end": row["response"][-1500:]})

    print(f"Verifier version {version}. Rows: label of the file; columns: label, then verdict.\n")
    lines = [matrix_row(name, labeller, counts) for (name, labeller), counts in matrices.items()]
    for labeller in sorted({labeller for _, labeller in matrices}):
        total = sum((c for (_, by), c in matrices.items() if by == labeller), collections.Counter())
        lines.append(matrix_row("all", labeller, total))
    print(table(["file", "label by", "rows", "right, right", "right, not", "wrong, right",
                 "wrong, not", "agree"], lines))
    print()
    columns = [(by, label) for by in ("origin", "computed", "manual") for label in (True, False)]
    print(table(["class"] + [f"{by}: {'right' if label else 'wrong'}" for by, label in columns] +
                ["all"],
                [[name] + [classes[name][column] for column in columns] + [classes[name].total()]
                 for name in [*CLASSES, UNRULED] if classes[name]]))
    print()
    print(table(["problem, by its first response", "gold", "responses", "answers read"],
                never_right(everything), align="---"))
    if args.out:
        write_rows(args.out, disagreements)
    idle = len(rulings) - len(used)
    if idle:
        print(f"\n{idle} rulings are on rows that agree now or are not there" +
              ("; dropped" if args.prune else "; --prune drops them"))
    if args.prune:
        write_rows(args.rulings, used)
    if unruled:
        print(f"\n{len(unruled)} disagreements without a ruling:")
        print("\n".join(f"  {name} {row_id} {digest}" for name, row_id, digest in unruled))
        sys.exit(1)


if __name__ == "__main__":
    main()

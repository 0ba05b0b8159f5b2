#!/usr/bin/env python3
"""Times this program and its peers by turns on the same weights and prints a Markdown table.

usage: compare_speed.py --peers DIR --program build/release/stratagram --problems FILE
           [--rounds 2] [--threads N] [--steps 1] [--lines decode,step,...]
           [--dtypes float32,bfloat16] [--json OUT]

DIR is what scripts/peers/setup.sh made. One program runs at a time, ours first in each round, and
of every figure the best of all rounds counts, of exponents and of the share of products that take
turns with passes the median. Nothing else may run on the machine meanwhile. --dtypes is for the
step and the pass of processors whose bfloat16 takes hours. Definitions: docs/performance.md. Exits
1 when a bound of the table ("at least") is not met.
"""
import argparse
import dataclasses
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
DTYPES = ("float32", "bfloat16")
SEQUENCES = (64, 8, 1)
STEP = {"prompts": 8, "group": 8, "tokens": 128}
MICRO_BATCH = 1280  # packed tokens of a step: one group and its prompt; more take memory
LEAN = ("--recompute-layers", "--kept-logits", "0")  # as TRL's step, which does so by default
PASS_MICRO_BATCH = 4608  # of the training pass, where memory is not the matter


@dataclasses.dataclass
class Row:
    """One line of the table. Without a peer, ours itself is held against the bounds."""
    line: str
    ours: float
    unit: str
    at_least: float | None  # None: the figure is held against no bound
    aim: float | None
    peer: float | None = None
    ratio: float | None = None
    smaller_is_better: bool = False

    def met(self, bound):
        if bound is None:
            return True
        value = self.ours if self.ratio is None else self.ratio
        return value <= bound if self.smaller_is_better else value >= bound

    def markdown(self):
        if self.at_least is None:
            bounds = ["", "", ""]
        else:
            sign = "<= " if self.smaller_is_better else ""
            verdict = ("aim met" if self.met(self.aim) else
                       "met" if self.met(self.at_least) else "not met")
            bounds = [sign + number(self.at_least), sign + number(self.aim), verdict]
        cells = [self.line, f"{number(self.ours)} {self.unit}",
                 "" if self.peer is None else f"{number(self.peer)} {self.unit}",
                 "" if self.ratio is None else f"{self.ratio:.2f}", *bounds]
        return "| " + " | ".join(cells) + " |"


def number(value):
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"


class Programs:
    """Runs ours and the peers, one after the other, and keeps every result for --json."""

    def __init__(self, options):
        self.options = options
        self.results = []
        models = options.peers / "smollm2"
        self.folder = models / "hf"
        self.gguf = models / "SmolLM2-135M-Instruct.BF16.gguf"
        self.environment = {**os.environ, "OMP_NUM_THREADS": str(options.threads)}
        for wanted in (options.program, options.problems, self.folder, self.gguf, self.python()):
            if not wanted.exists():
                sys.exit(f"{wanted}: not there; scripts/peers/setup.sh DIR makes the peers")

    def python(self):
        return self.options.peers / "venv" / "bin" / "python"

    def output(self, command):
        print(" ".join(str(word) for word in command), file=sys.stderr, flush=True)
        done = subprocess.run([str(word) for word in command], env=self.environment,
                              capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"{command[0]}: exit code {done.returncode}\n{done.stderr[-2000:]}")
        return done.stdout

    def ours(self, line, dtype, *more):
        """Figures of one `stratagram bench` line: a list of objects."""
        text = self.output([self.options.program, "bench", line, "--model", self.folder, "--dtype",
                            dtype, "--json", "--log", "warn", *more])
        rows = [json.loads(row) for row in text.splitlines()]
        self.results.append({"program": "stratagram", "rows": rows})
        return rows

    def peer(self, script, *arguments):
        """The object that a peer's script prints last."""
        text = self.output([self.python(), HERE / "peers" / script, *arguments, "--threads",
                            self.options.threads])
        result = json.loads(text.splitlines()[-1])
        self.results.append({"program": script, "result": result})
        return result


def figure(rows, name):
    """The value of the one row of that name."""
    values = [row["value"] for row in rows if row.get("figure") == name]
    if len(values) != 1:
        sys.exit(f"wanted one figure '{name}', got {len(values)}")
    return values[0]


def decode_rows(programs, rounds):
    bounds = {64: (1.2, 1.6), 8: (1.0, 1.2), 1: (0.8, 1.0)}
    sizes = ("--prompt", "64", "--new", "128")
    table = []
    for sequences in SEQUENCES:
        ours, peers = [], []
        for _ in range(rounds):
            ours += [programs.ours("decode", dtype, "--sequences", sequences, *sizes)
                     for dtype in DTYPES]
            peers += [programs.peer("llama_cpp_decode.py", programs.gguf, sequences, *sizes,
                                    "--sampler", sampler) for sampler in ("native", "numpy")]
        best = max(figure(rows, "new tokens") for rows in ours)
        peer = max(result["new_tokens_per_s"] for result in peers)
        table.append(Row(f"decode {sequences} sequences, 64 + 128 tokens", best, "tokens/s",
                         *bounds[sequences], peer=peer, ratio=best / peer))
        if sequences != 64:
            continue
        best = max(figure(rows, "prompts") for rows in ours)
        peer = max(result["prompt_tokens_per_s"] for result in peers)
        table.append(Row("prefill 64 prompts of 64", best, "tokens/s", 2, 3, peer=peer,
                         ratio=best / peer))
    return table


def step_rows(programs, rounds):
    lean, on_disk, fast, peers = [], [], [], []
    sizes = [word for name, value in STEP.items() for word in (f"--{name}", value)]
    sizes += ["--steps", programs.options.steps]
    problems, dtypes = programs.options.problems, programs.options.dtypes

    def step(dtype, *more):
        return programs.ours("grpo_step", dtype, "--problems", problems, *sizes, "--micro",
                             MICRO_BATCH, *more)

    for _ in range(rounds):
        lean.append(step("auto", *LEAN))
        fast += [step(dtype) for dtype in dtypes]
        peers += [programs.peer("trl_step.py", programs.folder, problems, "--dtype", dtype, *sizes)
                  for dtype in dtypes]
        on_disk.append(step("auto", *LEAN, "--state-on-disk"))
    # Memory is that of the run that was fastest, for either program.
    peer = min(peers, key=lambda result: result["seconds"])

    def two_rows(name, runs):
        best = min(runs, key=lambda run: figure(run, "step"))
        seconds, mb = figure(best, "step"), figure(best, "peak memory")
        peer_mb = peer["peak_bytes"] / 1e6
        return [Row(f"one GRPO step 8 x 8 x 128, {name}", seconds, "s", 3, 5, peer=peer["seconds"],
                    ratio=peer["seconds"] / seconds),
                Row(f"peak resident memory of that step, {name}", mb, "MB", 0.5, 0.35, peer=peer_mb,
                    ratio=mb / peer_mb, smaller_is_better=True)]

    return [*two_rows("layers computed again", lean),
            *two_rows("the same, state on disk", on_disk),
            *two_rows("all kept", fast)]


def pass_rows(programs, rounds):
    table = []
    for dtype in programs.options.dtypes:
        runs = [programs.ours("training_pass", dtype, "--problems", programs.options.problems,
                              "--micro", PASS_MICRO_BATCH) for _ in range(rounds)]
        mean = statistics.median(figure(run, "mean utilisation") for run in runs)
        best = max(figure(run, "utilisation") for run in runs)
        table += [Row(f"training pass, {dtype}", best, "of the peak", 0.55, 0.7),
                  Row(f"training pass, {dtype}", mean, "of products in turn", None, None)]
    return table


def head_rows(programs, rounds):
    # The line times both dtypes; the larger of them counts.
    runs = [programs.ours("head", "float32") for _ in range(rounds)]
    worst = min(max(row["value"] for row in rows if row.get("figure") == "extra memory")
                for rows in runs)
    return [Row("head V = 152,000, 2,048 tokens", worst, "MB", 200, 100, smaller_is_better=True)]


def first_output_seconds(command, environment):
    """From the start of a process to the first byte of its stdout."""
    begin = time.perf_counter()
    process = subprocess.Popen([str(word) for word in command], env=environment,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    first = process.stdout.read(1)
    seconds = time.perf_counter() - begin
    process.stdout.close()
    process.wait()
    if not first:
        sys.exit(f"{command[0]}: wrote nothing")
    return seconds


def start_rows(programs, rounds):
    program = programs.options.program
    help_s = min(first_output_seconds([program, "--help"], programs.environment)
                 for _ in range(5 * rounds))
    generate = [program, "generate", "--model", programs.folder, "--prompt", "Count to ten.",
                "--max-new-tokens", "1"]
    token_s = min(first_output_seconds(generate, programs.environment) for _ in range(2 * rounds))
    programs.results.append({"program": "start-up", "help_s": help_s, "first_token_s": token_s})
    return [Row("start-up: --help", 1000 * help_s, "ms", 300, 100, smaller_is_better=True),
            Row("start-up: until the first token of SmolLM2", token_s, "s", 2, 1,
                smaller_is_better=True)]


def host_rows(programs, rounds):
    sizes = [word for name, value in STEP.items() for word in (f"--{name}", value)]
    runs = []
    for _ in range(rounds):
        # The share is of a step, so that is timed in the same run.
        runs.append(programs.ours("host", "auto", "grpo_step", "--problems",
                                  programs.options.problems, "--steps", "1", *sizes))
    best = {name: max(figure(rows, name) for rows in runs) for name in ("matcher", "tokenizer")}
    share = min(figure(rows, "all of them") for rows in runs)
    writer = max(figure(rows, "rollout writer") for rows in runs)
    return [Row("matcher", best["matcher"], "MB/s", 20, 20),
            Row("tokenizer", best["tokenizer"], "MB/s", 10, 10),
            Row(f"those and the writer ({number(writer)} MB/s) together", share, "% of a step", 1, 1,
                smaller_is_better=True)]


def growth_rows(programs, rounds):
    """Exponents of times over sizes. Of rounds the median: a disturbed small size lowers one."""
    runs = []
    for _ in range(rounds):
        exponents = {}
        for row in programs.ours("growth", "auto"):
            series = f"{row.get('figure')} {row.get('over')}"
            exponents.setdefault(row.get("unit"), {})[series] = row.get("value")
        runs.append(exponents)
    if any("exponent at most" not in run for run in runs):
        sys.exit("wanted exponents and what they may be at most, got a growth without")
    return [Row(f"growth of {series}", statistics.median(run["exponent"][series] for run in runs),
                "exponent", most, most, smaller_is_better=True)
            for series, most in runs[0]["exponent at most"].items()]


LINES = {"decode": decode_rows, "step": step_rows, "pass": pass_rows, "head": head_rows,
         "start": start_rows, "host": host_rows, "growth": growth_rows}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peers", type=pathlib.Path, required=True)
    parser.add_argument("--program", type=pathlib.Path, required=True)
    parser.add_argument("--problems", type=pathlib.Path, required=True)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--steps", type=int, default=1)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--lines", default=",".join(LINES), help="of " + ", ".join(LINES))
    parser.add_argument("--dtypes", default=",".join(DTYPES), help="of " + ", ".join(DTYPES))
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    options.dtypes = options.dtypes.split(",")
    for name, given, known in (("lines", options.lines.split(","), LINES),
                               ("dtypes", options.dtypes, DTYPES)):
        unknown = sorted(set(given) - set(known))
        if unknown:
            parser.error(f"unknown {name} {unknown}; wanted some of {', '.join(known)}")
    return options


def main():
    options = arguments()
    programs = Programs(options)
    table = []
    print("| line | ours | peer | ratio | at least | aim | |")
    print("|---|---:|---:|---:|---:|---:|---|", flush=True)
    for line in options.lines.split(","):
        rows = LINES[line](programs, options.rounds)
        table += rows
        # At once: a later line may take hours, or fail.
        print("\n".join(row.markdown() for row in rows), flush=True)
    if options.json:
        options.json.write_text(json.dumps(
            {"rows": [dataclasses.asdict(row) for row in table], "runs": programs.results}, indent=1))
    sys.exit(0 if all(row.met(row.at_least) for row in table) else 1)


if __name__ == "__main__":
    main()

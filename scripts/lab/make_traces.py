#!/usr/bin/env python3
"""Write solved Countdown puzzles as a mind at work would: plans, attempts, checks, changes of mind.

usage: make_traces.py PUZZLES.jsonl OUT.jsonl [--seed 1]

PUZZLES.jsonl comes from `stratagram data make countdown`. Each trace plans, tries expressions,
compares each result with the target, changes its mind, and boxes an expression. Not all traces are
good ones: some guess, some give up after a wrong attempt, some slip in a sum and notice it. What is
left to learn by reinforcement is which of these habits to keep.
"""
import argparse
import json
import random

PLANS = [
    "First need to see what {t} is made of.",
    "The goal is to reach {t}.",
    "We want to find {t}.",
    "The plan is to work towards {t}.",
    "Our strategy is to try and compare.",
    "Let's break this down.",
    "The problem asks for {t}.",
    "We can start by looking at the numbers.",
]
FIRST = ["Let's try", "Perhaps I can take", "We can use", "The first step is", "To see if it fits,"]
NEXT = [
    "Let's try a different angle:",
    "On the other hand,",
    "Let's explore a different possibility:",
    "What if we try",
    "Maybe I can take",
    "Let's go back a step:",
    "On second thought,",
    "Is there a simpler way?",
    "Let me rethink this:",
    "Another try:",
    "Next:",
    "Or",
]
MISS = [
    "That is not {t}.",
    "No.",
    "This approach isn't working.",
    "Wait, that's not right.",
    "This isn't leading anywhere.",
    "Not {t}.",
]
HIT = [
    "This leads to {t}.",
    "That is {t}.",
    "It logically follows that we have {t}.",
    "So we can conclude.",
    "Yes, {t}.",
]
CHECKS = ["Let me verify: {e}={t}.", "Let's check our work: {e}={t}.", "Let's double check: {e}={t}."]
GUESS = ["Perhaps I can guess.", "The key is to realize it at once."]
GIVE_UP = ["So be it.", "The core idea is there.", "This seems a bit long."]

OPERATORS = "+-*/"


def apply(a, b, op):
    """The value, or none where it leaves the whole numbers above 0."""
    if op == "+":
        return a + b
    if op == "-":
        return a - b if a > b else None
    if op == "*":
        return a * b if a * b <= 999 else None
    return a // b if b and a % b == 0 else None


def chain(draw, numbers):
    """A random way to join all numbers: steps "3+4=7", the value, the expression."""
    terms = [(n, str(n), True) for n in numbers]
    steps = []
    while len(terms) > 1:
        for _ in range(50):
            (a, at, _), (b, bt, _) = draw.sample(terms, 2)
            op = draw.choices(OPERATORS, weights=(3, 3, 2, 1))[0]
            value = apply(a, b, op)
            if value is not None:
                break
        else:
            return None
        first = next(t for t in terms if t[:2] == (a, at))
        terms.remove(first)
        second = next(t for t in terms if t[:2] == (b, bt))
        terms.remove(second)
        left = at if first[2] else f"({at})"
        right = bt if second[2] else f"({bt})"
        steps.append(f"{a}{op}{b}={value}")
        terms.append((value, f"{left}{op}{right}", False))
    return steps, terms[0][0], terms[0][1]


def solutions(draw, numbers, target, tries=3000):
    found = []
    for _ in range(tries):
        made = chain(draw, numbers)
        if made and made[1] == target:
            found.append(made)
            if len(found) == 3:
                break
    return found


def near_misses(draw, numbers, target, count):
    """Wrong attempts, rather those that end near the target: what one would try."""
    pool = []
    for _ in range(count * 4):
        made = chain(draw, numbers)
        if made and made[1] != target:
            pool.append(made)
    pool.sort(key=lambda made: abs(made[1] - target) + draw.random() * 30)
    return pool[:count]


def slip(draw, steps):
    """A wrong result that is noticed and put right."""
    step = steps[0]
    left, value = step.split("=")
    wrong = int(value) + draw.choice([-10, -1, 1, 10])
    if wrong < 1:
        return []
    return [f"{left}={wrong}. Something is wrong here,", f"{left}={value}."]


def trace(draw, numbers, target, found):
    say = lambda phrases, **kw: draw.choice(phrases).format(t=target, **kw)
    habit = draw.choices(
        ["search", "guess", "give up", "short"], weights=(45, 20, 25, 10)
    )[0]
    parts = []
    if draw.random() < 0.6:
        parts.append(say(PLANS))
    if habit == "guess":
        if draw.random() < 0.5:
            parts.append(say(GUESS))
        made = draw.choice(found) if draw.random() < 0.15 else chain(draw, numbers)
        return finish(parts, made or found[0])
    wrong_count = {"search": draw.choice([0, 1, 2, 3, 4, 5]), "give up": draw.choice([1, 1, 2]),
                   "short": 0}[habit]
    misses = near_misses(draw, numbers, target, wrong_count)
    for i, (steps, value, _) in enumerate(misses):
        parts.append(say(FIRST if i == 0 else NEXT))
        if draw.random() < 0.06:
            parts.extend(slip(draw, steps))
        parts.append(", ".join(steps) + ".")
        parts.append(say(MISS))
    if habit == "give up" and misses:
        parts.append(say(GIVE_UP))
        return finish(parts, misses[-1])
    made = draw.choice(found)
    parts.append(say(NEXT if misses else FIRST))
    parts.append(", ".join(made[0]) + ".")
    parts.append(say(HIT))
    if draw.random() < 0.3:
        parts.append(say(CHECKS, e=made[2]))
    return finish(parts, made)


def finish(parts, made):
    return " ".join([*parts, f"\\boxed{{{made[2]}}}"])


def listed(numbers):
    return ", ".join(map(str, numbers[:-1])) + f" and {numbers[-1]}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("puzzles")
    parser.add_argument("out")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    written = 0
    with open(arguments.puzzles, encoding="utf-8") as puzzles, open(
        arguments.out, "w", encoding="utf-8"
    ) as out:
        for line in puzzles:
            row = json.loads(line)
            draw = random.Random(f"{arguments.seed} {row['id']}")
            found = solutions(draw, row["nums"], row["target"])
            if not found:
                continue
            row["solution"] = trace(draw, row["nums"], row["target"], found)
            row["prompt"] = f"Make {row['target']} from {listed(row['nums'])}.\n"
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
            written += 1
    print(f"{written} traces in {arguments.out}")


if __name__ == "__main__":
    main()

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
    "Let's outline the steps before adding anything.",
    "Let's formulate a plan: large numbers first, small ones to adjust.",
    "To solve this problem, every attempt should end near {t}.",
    "The problem states that each number may be used at most once.",
    "Analyzing the given numbers, their sum may already be close.",
    "A good starting point is the largest number.",
    "The key insight is how far the product lies from {t}.",
    "We need to determine how many operations are required.",
    "Given the constraints, no number can appear twice.",
    "Let's analyze the possibilities, beginning with simple sums.",
    "Understanding the problem first: reach {t}, nothing else matters.",
    "One way to begin is searching for factors of {t}.",
    "We need to think about multiples of {t} as well.",
    "The key to solving this puzzle is patience.",
    "Identify the given information: a target and several numbers.",
    "What is being asked is an expression worth {t}.",
    "We are dealing with whole numbers only.",
    "Let's consider the properties of the target, whether even or odd.",
    "The core idea is getting close quickly and repairing the difference.",
    "It helps to break down the problem into smaller pieces.",
]
FIRST = [
    "Let's try",
    "Perhaps I can take",
    "We can use",
    "The first step is",
    "To see if it fits,",
    "We can approach this directly:",
    "A simpler approach is addition:",
    "To make it easier, combine two values early:",
    "Consider the case where these go together:",
    "We should look for something near {t}:",
    "If we consider this order,",
    "The correct approach is perhaps",
    "Based on the given numbers,",
    "Let me begin carefully:",
    "I will consider the pair",
    "The most obvious combination:",
]
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
    "Let's consider another case:",
    "An alternative path is",
    "A more direct approach is",
    "What happens if instead",
    "If that doesn't work we can switch:",
    "Go back to the beginning and change everything:",
    "I need to reconsider the order:",
    "What if we assume division helps?",
    "Maybe subtraction brings us closer:",
    "The next step is trying",
    "What am I missing? Possibly",
    "Let's pause and think. Swapping both operators gives",
    "Looking back at the numbers, exchange these:",
    "We could multiply before anything else:",
    "Revisiting the initial assumption,",
    "Find a way to shrink the gap:",
    "Perhaps I can rearrange them:",
    "Find a simpler combination:",
]
MISS = [
    "That is not {t}.",
    "No.",
    "This approach isn't working.",
    "Wait, that's not right.",
    "This isn't leading anywhere.",
    "Not {t}.",
    "That can't be right.",
    "Too far away from {t}.",
    "That assumption was incorrect.",
    "This is not the correct approach.",
    "Does this make sense? It misses {t}.",
    "The result differs from {t}.",
    "Unfortunately wrong again.",
    "This means that the guess failed.",
    "We can see that {t} is not reached.",
    "Close, but still different.",
    "There is a mistake in choosing these.",
    "The path to the solution must lie elsewhere.",
    "This suggests that other operators are needed.",
    "My previous step was flawed.",
]
HIT = [
    "This leads to {t}.",
    "That is {t}.",
    "It logically follows that we have {t}.",
    "So we can conclude.",
    "Yes, {t}.",
    "We can conclude that the target is reached.",
    "This implies that the search is over.",
    "From this we can infer the final expression.",
    "Exactly {t}, as wanted.",
    "This leads us to the answer.",
    "Finally we need to write it down.",
    "Success: precisely {t}.",
    "From the above, everything fits together.",
    "We can deduce that this works.",
]
CHECKS = [
    "Let me verify: {e}={t}.",
    "Let's check our work: {e}={t}.",
    "Let's double check: {e}={t}.",
    "I should verify this result: {e}={t}.",
    "Let's validate this: {e}={t}.",
    "To ensure correctness, evaluate again: {e}={t}.",
    "Double checking the logic: {e}={t}.",
    "Let's check the constraints again: {e}={t} uses no number twice.",
]
GUESS = [
    "Perhaps I can guess.",
    "The key is to realize it at once.",
    "Without calculating, my feeling says this.",
    "There seems to be little time, therefore a quick answer.",
    "Probably it works.",
]
GIVE_UP = [
    "So be it.",
    "The core idea is there.",
    "This seems a bit long.",
    "Given the complexity, this must suffice.",
    "It seems a bit complicated to continue.",
    "Enough; leave it unfinished.",
]

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

"""Pairs of answers for agreement.py: other spellings of a gold answer, answers made different from
it, and what the responses of traces end in. Each rule is named, and its name says how the pair came
about."""
import dataclasses
import fractions
import json
import re

FRACTION = r"\\[dt]?frac\{([^{}]*)\}\{([^{}]*)\}"
NUMBER = r"(?<![\d.,_^{])(?<!frac)\d+(?![\d.,]\d|[_^}])"


@dataclasses.dataclass(frozen=True)
class Pair:
    gold: str
    answer: str
    wanted: str  # same, different or unlabelled
    rule: str


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


def has_dollars(text):
    """Whether dollar signs mark formulas in it; \\$ is money."""
    return re.search(r"(?<!\\)\$", text) is not None


def without_dollars(text):
    """A formula without the signs around it; both programs get it so."""
    text = text.strip()
    if text.count("$") == 2 and text.startswith("$") and text.endswith("$"):
        text = text[1:-1].strip()
    return text


def is_thousands(text):
    return re.fullmatch(r"\d{1,3}(,\d{3})+", text) is not None


def signs(bare):
    """Other signs and commands for the same things."""
    found = {"spaces": f"  {bare} "}
    if not bare.endswith("."):
        found["full stop"] = bare + "."
    if not has_dollars(bare):
        found["dollars"] = f"${bare}$"
        found["display"] = f"\\[{bare}\\]"
    found["dfrac"] = re.sub(r"\\[dt]?frac", r"\\dfrac", bare)
    found["frac"] = re.sub(r"\\[dt]frac", r"\\frac", bare)
    if bare.count("(") == bare.count(")"):
        found["left"] = re.sub(r"(?<!\\left)(?<!\\big)(?<!\\Big)\(", r"\\left(",
                               re.sub(r"(?<!\\right)(?<!\\big)(?<!\\Big)\)", r"\\right)", bare))
    found["no left"] = re.sub(r"\\(left|right)(?=[()\[\]|\\])", "", bare)
    found["degree"] = re.sub(r"\^\{?\\circ\}?", r"^{\\circ}", bare)
    found["cdot"] = bare.replace("\\times", "\\cdot")
    found["leq"] = re.sub(r"\\(leq?slant|leq|le)(?![a-zA-Z])", r"\\leq", bare)
    found["minus sign"] = bare.replace("-", "\u2212")
    found["pi sign"] = re.sub(r"\\pi(?![a-zA-Z])", "\u03c0", bare)
    found["infinity sign"] = re.sub(r"\\infty(?![a-zA-Z])", "\u221e", bare)
    found["degree sign"] = re.sub(r"\^\{?\\circ\}?", "\u00b0", bare)
    found["root sign"] = re.sub(r"\\sqrt\{(\d+)\}", "\u221a\\1", bare)
    found["thin spaces"] = re.sub(r"(?<=[\w}])([+=])(?=[\w\\])", r"\\,\1\\,", bare)
    found["union letter"] = bare.replace("\\cup", " U ")
    found["bmatrix"] = bare.replace("{pmatrix}", "{bmatrix}")
    return found


def forms(bare):
    """Other forms of the same value."""
    found = {}
    if not re.search(r"\d\s*\\[dt]?frac|\{d", bare):  # mixed numbers, derivatives
        found["slash"] = re.sub(FRACTION, r"((\1)/(\2))", bare)
    found["power for root"] = re.sub(r"\\sqrt\{([^{}]*)\}", r"(\1)^{1/2}", bare)
    found["words of units"] = re.sub(r"\^\{?\\circ\}?$", r"\\text{ degrees}", bare)
    fraction = re.fullmatch(r"(-?)\\[dt]?frac\{(\d+)\}\{(\d+)\}", bare)
    if fraction:
        sign, over, under = fraction[1], int(fraction[2]), int(fraction[3])
        found["expanded"] = f"{sign}\\frac{{{3 * over}}}{{{3 * under}}}"
        if under and 10**6 * over % under == 0:
            found["decimal"] = sign + f"{over / under:.6f}".rstrip("0")
        if under and over > under and over % under:
            found["mixed"] = f"{sign}{over // under}\\frac{{{over % under}}}{{{under}}}"
    if re.fullmatch(r"-?\d+", bare):
        digits = bare.lstrip("-").lstrip("0") or "0"
        found["point zero"] = bare + ".0"
        found["name"] = "x = " + bare
        found["units"] = bare + "\\text{ units}"
        found["text"] = f"\\text{{{bare}}}"
        found["bold"] = f"\\mathbf{{{bare}}}"
        found["sum"] = f"{int(bare) - 1} + 1"
        found["over one"] = f"\\frac{{{bare}}}{{1}}"
        grouped = re.sub(r"(?<=\d)(?=(\d{3})+$)", "{,}", digits)
        found["thousands"] = ("-" if bare[0] == "-" else "") + grouped
        found["thousands, thin"] = found["thousands"].replace("{,}", ",\\!")
    sum_of_two = re.fullmatch(r"([^-+=,()<>{}]*[^-+=,()<>{}e])\+([^-+=,()<>{}]+)", bare)
    if sum_of_two:
        found["swapped sum"] = sum_of_two[2] + "+" + sum_of_two[1]
    return found


def kinds_of_answer(bare):
    """Lists, intervals and vectors in other words."""
    found = {}
    if re.fullmatch(r"[^()\[\]{}\\$=<>]+(,[^()\[\]{}\\$=<>]+)+", bare) and re.search(r"\d", bare):
        parts = [part.strip() for part in bare.split(",")]
        if not is_thousands(bare):
            found["order"] = ", ".join(reversed(parts))
            found["braces"] = "\\{" + ", ".join(parts) + "\\}"
            found["and"] = ", ".join(parts[:-1]) + " \\text{ and } " + parts[-1]
            found["names"] = " \\text{ or } ".join("x = " + part for part in parts)
    ends = re.fullmatch(r"(?:\\left)?([(\[])([^,;]+),([^,;]+?)(?:\\right)?([)\]])", bare)
    if ends and ends[1] + ends[4] != "()":
        found["in"] = "x \\in " + bare
        if "\\infty" not in bare:
            signs_of = {"(": " < ", ")": " < ", "[": " \\le ", "]": " \\le "}
            found["inequality"] = ends[2] + signs_of[ends[1]] + "x" + signs_of[ends[4]] + ends[3]
    column = re.fullmatch(r"\\begin\{pmatrix\}([^&]*\\\\[^&]*)\\end\{pmatrix\}", bare)
    if column:
        found["tuple"] = "(" + ", ".join(part.strip() for part in column[1].split("\\\\")) + ")"
    return found


def respellings(gold):
    """Other spellings of the same answer by their rules, which keep the meaning of any text."""
    bare = without_dollars(gold)
    found = signs(bare)
    if not has_dollars(bare):
        found |= forms(bare) | kinds_of_answer(bare)
    return {rule: text for rule, text in found.items() if text != bare}


def replaced(text, match, new):
    return text[:match.start()] + new + text[match.end():]


def rational(text):
    """An integer or a fraction of two, else None."""
    number = re.fullmatch(r"\s*(-?)\s*(?:(\d+)|\\[dt]?frac\{(\d+)\}\{(\d+)\})\s*", text)
    if not number:
        return None
    value = fractions.Fraction(int(number[2] or number[3]), int(number[4] or 1))
    return -value if number[1] else value


def is_interval(opening, first, last):
    """Whether it is one for sure and no point: with a square bracket, or of two rising numbers."""
    numbers = (rational(first), rational(last))
    return opening == "[" or (None not in numbers and numbers[0] < numbers[1])


def alterations(gold):
    """Other answers that look like it, by the rules that made them different."""
    bare = without_dollars(gold)
    found = {}
    numbers = list(re.finditer(NUMBER, bare))
    if numbers:
        found["first number"] = replaced(bare, numbers[0], str(int(numbers[0][0]) + 1))
        found["last number"] = replaced(bare, numbers[-1], str(int(numbers[-1][0]) + 1))
        if int(numbers[-1][0]) > 0:
            found["ten times"] = replaced(bare, numbers[-1], numbers[-1][0] + "0")
    decimal = re.search(r"\d*\.\d+", bare)
    if decimal:
        last = str((int(decimal[0][-1]) + 1) % 10)
        found["last digit"] = replaced(bare, decimal, decimal[0][:-1] + last)
    if re.search(r"[1-9]", bare) and not re.search(r"[,=<>\\]", bare):
        found["sign"] = bare[1:] if bare.startswith("-") else "-" + bare
    if re.search(r"[\w})]\s*[-+]\s*[\w\\]", bare) and not re.search(r"\de[-+]\d", bare):
        found["plus, minus"] = re.sub(r"(?<=[\w})])(\s*)([-+])",
                                      lambda m: m[1] + {"+": "-", "-": "+"}[m[2]], bare, count=1)
    ends = re.fullmatch(r"(?:\\left)?([(\[])(.*),(.*?)(?:\\right)?([)\]])", bare, re.DOTALL)
    if ends and "\\infty" not in bare and bare.count(",") == 1 and is_interval(*ends.groups()[:3]):
        other = {"(": "[", "[": "(", ")": "]", "]": ")"}
        found["end"] = bare[:ends.start(4)] + other[ends[4]]
        found["ends"] = replaced(found["end"], re.search(r"[(\[]", found["end"]), other[ends[1]])
    if "," in bare and not re.search(r"\d,\d{3}|\{,\}|\\!", bare):
        parts = bare.split(",")
        if len({part.strip(" ()[]{}\\") for part in parts}) == len(parts):
            found["part left out"] = ",".join(parts[:-1]) + ("" if bare[-1] not in ")]" else bare[-1])
        if "\\infty" not in bare:
            found["part more"] = bare + ", 7777"
    if not re.search(r"\\infty|[<>]|\\[gl]e|\\neq", bare):
        found["or"] = bare + " \\text{ or } 7777"
    found["pi"] = bare + "\\pi" if re.search(r"[1-9]$", bare) and "=" not in bare else bare
    if "\\sqrt" in bare:
        found["no root"] = bare.replace("\\sqrt", "", 1)
    found["flipped"] = re.sub(FRACTION, r"\\frac{\2}{\1}", bare, count=1)
    found["cap"] = bare.replace("\\cup", "\\cap")
    return {rule: text for rule, text in found.items() if text != bare}


def benchmark_pairs(shared, name):
    """Pairs of one problem set by the name of their group."""
    golds = [row["answer"] for row in rows_of(shared / "benchmarks" / f"{name}.jsonl")]
    golds = [gold for gold in golds if gold.strip()]
    spelled = [Pair(gold, gold, "same", "itself") for gold in golds]
    spelled += [Pair(gold, other, "same", rule)
                for gold in golds for rule, other in respellings(gold).items()]
    altered = [Pair(gold, other, "different", rule)
               for gold in golds for rule, other in alterations(gold).items()]
    neighbours = []
    for step in (1, 2, 3):
        for i, gold in enumerate(golds):
            other = golds[(i + step) % len(golds)]
            if re.sub(r"[\s$]", "", other) != re.sub(r"[\s$]", "", gold):
                neighbours.append(Pair(gold, other, "different", "neighbour"))
    return {f"{name} re-spelled": spelled, f"{name} altered": altered,
            f"{name} neighbours": neighbours}


def trace_pairs(path):
    pairs = []
    for row in rows_of(path):
        answer = last_boxed(row["response"])
        label = {True: "same", False: "different", None: "unlabelled"}[row.get("correct")]
        if answer and row["answer"].strip():
            pairs.append(Pair(row["answer"], answer, label, "label"))
    return {f"traces {path.stem}": pairs}

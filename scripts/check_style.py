#!/usr/bin/env python3
"""Checks the rules of style that a regular expression can see, over every source in git.

usage: check_style.py [ROOT]
exits 1 and names file and line for each fault: file length, bytes outside ASCII, TODO without a
number, output or process exit from a library, torch/torch.h in a header, macros without a prefix.
"""
import pathlib
import re
import subprocess
import sys

HARD_LIMIT = 500
# (rule, pattern, predicate on the path that says where the rule holds)
RULES = [
    ("no TODO without an issue number", re.compile(r"\b(TODO|FIXME|XXX)\b(?!\(#\d+\))"), lambda p: True),
    ("stdout belongs to programs", re.compile(r"std::cout|\bprintf\("), lambda p: p.parts[0] == "src"),
    ("errors are exceptions", re.compile(r"(?<!\.)\b(std::)?(abort|exit|quick_exit)\(|\bassert\("),
     lambda p: p.parts[0] in ("src", "cli")),
    ("no using namespace", re.compile(r"^\s*using namespace"), lambda p: True),
    ("single torch headers only", re.compile(r"#include\s*<(torch/torch\.h|torch/extension\.h|ATen/ATen\.h)>"),
     lambda p: True),
    ("macros carry the project's prefix", re.compile(r"^\s*#define\s+(?!STRATAGRAM_)\w+"), lambda p: True),
    ("no catch-all", re.compile(r"catch \(\.\.\.\)"), lambda p: p.parts[0] == "src"),
]
# _exit in the signal handler is the one documented exit of the library.
# PCRE2's header wants its own macro before it.
EXEMPT = {("errors are exceptions", "src/core/interrupt.cpp"),
          ("macros carry the project's prefix", "src/text/pattern_splitter.cpp")}


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    names = subprocess.run(["git", "-C", root, "ls-files", "*.h", "*.cpp"], check=True,
                           capture_output=True, text=True).stdout.split()
    if not names:
        sys.exit(f"{root}: git lists no sources, wanted at least one")
    faults = []
    for name in names:
        path = root / name
        if not path.exists():
            continue
        relative = pathlib.PurePosixPath(name)
        data = path.read_bytes()
        lines = data.decode("utf-8", "replace").splitlines()
        if len(lines) > HARD_LIMIT:
            faults.append(f"{name}: {len(lines)} lines, at most {HARD_LIMIT}")
        if name.endswith(".h") and "#pragma once" not in lines:
            faults.append(f"{name}: a header without #pragma once")
        for number, line in enumerate(lines, 1):
            if not line.isascii():
                faults.append(f"{name}:{number}: not ASCII")
            for rule, pattern, holds in RULES:
                if holds(relative) and (rule, name) not in EXEMPT and pattern.search(line):
                    faults.append(f"{name}:{number}: {rule}: {line.strip()}")
    print("\n".join(faults) or f"{len(names)} sources keep the style")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Checks that one folder of src/ includes only itself and the folders it may use.

usage: check_layers.py SRC MODULE [--torch] --deps [MODULE ...]
exits 1 and names file, line and include for each that crosses a layer.
"""
import argparse
import pathlib
import re
import sys

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
TORCH = ("ATen/", "c10/", "torch/", "caffe2/")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("src", type=pathlib.Path)
    parser.add_argument("module")
    parser.add_argument("--torch", action="store_true")
    parser.add_argument("--deps", nargs="*", default=[])
    args = parser.parse_args()
    allowed = {args.module, *args.deps}
    files = sorted((args.src / args.module).rglob("*.[ch]*"))
    if not files:
        sys.exit(f"{args.src / args.module}: no sources found, wanted at least one")
    bad = []
    for file in files:
        if file.suffix not in (".h", ".cpp"):
            continue
        for number, line in enumerate(file.read_text().splitlines(), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            bracket, path = match.groups()
            if path.startswith(TORCH) and not args.torch:
                bad.append(f"{file}:{number}: '{path}': {args.module} builds without torch")
            if bracket == '"':
                folder = path.split("/")[0]
                if "/" not in path or folder not in allowed:
                    bad.append(f"{file}:{number}: '{path}': wanted a path in {sorted(allowed)}")
    print("\n".join(bad) or f"{args.module}: {len(files)} files keep their layer")
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()

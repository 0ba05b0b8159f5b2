#!/usr/bin/env python3
"""Print figures of `stratagram analyze --csv` as a Markdown table, and draw them as SVG.

usage: figures.py FIGURES.csv... [--measures position/mean,role/share:deduction,...]
                  [--groups A,B,...] [--svg FILE.svg]

A measure is NAME or NAME:ITEM; a group is a source (default: every one, in the file's order). In
the picture a dot is the value, the bar its 95 % interval, the grey band the middle 95 % of what
random grams give. Differences are groups named "B less A". Needs Python alone.
"""
import argparse
import csv
import html
import math

MEASURES = [
    "length/words",
    "accuracy/mean",
    "planning/word_share",
    "grams/per_response",
    "role/share:deduction",
    "role/share:branching",
    "role/share:backtracing",
    "position/mean",
    "semantic_entropy/rarefied",
    "conditional_entropy/rarefied",
]
COLUMNS = 2
PANEL_WIDTH, LABEL_WIDTH, ROW, HEAD, FOOT, GAP = 300, 190, 18, 26, 22, 14


def read(path):
    """Rows by (measure, item, group), numbers as floats, empty cells as None."""
    rows = {}
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            key = (row.pop("measure"), row.pop("item"), row.pop("group"))
            rows[key] = {name: float(text) if text else None for name, text in row.items()}
    return rows


def key_of(measure, group):
    name, _, item = measure.partition(":")
    return name, item, group


def number(value):
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"


def cell(figure):
    if figure is None:
        return ""
    text = number(figure["value"])
    if figure["low"] is not None:
        text += f" ({number(figure['low'])} to {number(figure['high'])})"
    if figure["null_low"] is not None:
        text += f"; random {number(figure['null_low'])} to {number(figure['null_high'])}"
    if figure["p"] is not None:
        text += f"; p {number(figure['p'])}"
    return text


def print_table(rows, measures, groups):
    print("| measure | " + " | ".join(groups) + " |")
    print("|---|" + "---|" * len(groups))
    for measure in measures:
        name, _, item = measure.partition(":")
        label = f"`{name}`" + (f" `{item}`" if item else "")
        cells = [cell(rows.get(key_of(measure, group))) for group in groups]
        print(f"| {label} | " + " | ".join(cells) + " |")


def text(x, y, words, anchor="start", size=11, colour="#222"):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" '
            f'fill="{colour}">{html.escape(words)}</text>')


def limits(figures):
    values = [f[name] for f in figures for name in ("value", "low", "high", "null_low", "null_high")
              if f[name] is not None]
    low, high = min(values), max(values)
    margin = 0.05 * (high - low) or 0.5
    return low - margin, high + margin


def ticks(low, high):
    """About four round numbers between two others."""
    step = 10 ** math.floor(math.log10((high - low) / 3))
    step *= next(m for m in (1, 2, 5, 10) if (high - low) / (m * step) <= 4.5)
    return [i * step for i in range(math.ceil(low / step), math.floor(high / step) + 1)]


def panel(rows, measure, groups, left, top):
    """One measure: a line a group."""
    figures = {g: rows[key_of(measure, g)] for g in groups if key_of(measure, g) in rows}
    if not figures:
        raise SystemExit(f"no group has the measure {measure}")
    low, high = limits(figures.values())
    first, last = left + LABEL_WIDTH, left + LABEL_WIDTH + PANEL_WIDTH

    def place(value):
        return first + (value - low) / (high - low) * PANEL_WIDTH

    bottom = top + HEAD + ROW * len(groups)
    parts = [text(first, top + 14, measure.replace(":", " "), size=12)]
    parts.append(f'<path d="M{first} {bottom}H{last}" stroke="#888"/>')
    for value in ticks(low, high):
        x = place(value)
        parts.append(f'<path d="M{x:.1f} {bottom}v4" stroke="#888"/>')
        parts.append(text(x, bottom + 16, number(value), "middle", 10, "#555"))
    for i, group in enumerate(groups):
        y = top + HEAD + ROW * (i + 0.5)
        parts.append(text(first - 8, y + 4, group, "end"))
        figure = figures.get(group)
        if figure is None:
            continue
        if figure["null_low"] is not None:
            x, end = place(figure["null_low"]), place(figure["null_high"])
            parts.append(f'<rect x="{x:.1f}" y="{y - 6:.1f}" width="{max(end - x, 1):.1f}" '
                         f'height="12" fill="#ddd"/>')
        if figure["low"] is not None:
            parts.append(f'<path d="M{place(figure["low"]):.1f} {y:.1f}'
                         f'H{place(figure["high"]):.1f}" stroke="#1f5fa8" stroke-width="2"/>')
        parts.append(f'<circle cx="{place(figure["value"]):.1f}" cy="{y:.1f}" r="3.5" '
                     f'fill="#1f5fa8"/>')
    return parts


def draw(rows, measures, groups):
    height = HEAD + ROW * len(groups) + FOOT + GAP
    width = LABEL_WIDTH + PANEL_WIDTH + 2 * GAP
    lines = (len(measures) + COLUMNS - 1) // COLUMNS
    total_height = lines * height + 30
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{COLUMNS * width}" '
             f'height="{total_height}" font-family="sans-serif">',
             '<rect width="100%" height="100%" fill="#fff"/>']
    for i, measure in enumerate(measures):
        parts += panel(rows, measure, groups, GAP + (i % COLUMNS) * width,
                       GAP + (i // COLUMNS) * height)
    parts.append(text(GAP, total_height - 10, "dot: value; bar: 95 % interval over problems; "
                      "grey: middle 95 % of random grams of the same texts", colour="#555"))
    return "\n".join(parts) + "\n</svg>\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("figures", nargs="+")
    parser.add_argument("--measures", default=",".join(MEASURES))
    parser.add_argument("--groups")
    parser.add_argument("--svg")
    arguments = parser.parse_args()
    rows = {}
    for path in arguments.figures:
        rows.update(read(path))
    every = dict.fromkeys(group for _, _, group in rows)
    groups = arguments.groups.split(",") if arguments.groups else list(every)
    for group in groups:
        if group not in every:
            raise SystemExit(f"no group is called '{group}'; there are: {', '.join(every)}")
    measures = arguments.measures.split(",")
    print_table(rows, measures, groups)
    if arguments.svg:
        with open(arguments.svg, "w", encoding="utf-8") as file:
            file.write(draw(rows, measures, groups))


if __name__ == "__main__":
    main()

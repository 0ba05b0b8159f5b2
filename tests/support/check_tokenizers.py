#!/usr/bin/env python3
"""The big run of tokenizer parity: our ids, byte ranges and decodings against Hugging Face's
`tokenizers`, on every real tokenizer at hand.

usage: check_tokenizers.py [--shared DIR] [--gguf FILE] [--test BINARY] [--keep DIR] [NAME ...]

  --shared DIR   holds tokenizers/NAME/tokenizer.json, traces/, benchmarks/ and train/
                 (default: $STRATAGRAM_SHARED_DATA, else shared/data beside the checkout)
  --gguf FILE    also the tokenizer in a GGUF file of SmolLM2; needs the package `gguf`
  --test BINARY  default build/release/test_text
  --keep DIR     write the rows here instead of into a temporary folder
  NAME ...       only these folders of DIR/tokenizers

Each tokenizer gets more than 50,000 lines: every code point of Unicode, lines of problems and
solutions, whole solutions, long runs of spaces, digits and letters, right-to-left text, joined
emoji, added tokens inside text; and decodings of random ids, of bytes that are no UTF-8 and of
texts with tokens taken out. Exits 1 when one of them differs. Takes about half a minute a tokenizer.
"""
import argparse
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

from tokenizers import Tokenizer, decoders, models, pre_tokenizers

from make_tokenizer_goldens import decoding_rows, encoding_rows, random_sequences, varied_lines

ROOT = pathlib.Path(__file__).resolve().parents[2]
SURROGATES = range(0xD800, 0xE000)
ARABIC, HEBREW = "\u0645\u0631\u062d\u0628\u0627", "\u05e9\u05dc\u05d5\u05dd"
FAMILY = "\U0001F468\u200D\U0001F469\u200D\U0001F467\u200D\U0001F466"


def every_code_point(width=32):
    """Each between a letter and a space, and once more in a row with its neighbours."""
    for start in range(0, 0x110000, width):
        points = [chr(c) for c in range(start, start + width) if c not in SURROGATES]
        if points:
            yield "".join("x" + c + " " for c in points)
            yield "".join(points)


def long_runs(rng):
    for unit in (" ", "\t", "\n", "\r\n", " \n", "7", "0", "a", "A", ".", "-", "=", "\u00a0", "\u3000",
                 "e\u0301", HEBREW, ARABIC + " ", FAMILY, "\U0001F1E9\U0001F1EA", "\u0e01\u0e33", "12,", "'s"):
        for times in (1, 2, 3, 5, 17, 64, 257, 1000):
            yield unit * times
            yield "x" + unit * times + "y 1"
    for _ in range(300):  # right to left and left to right in one line, with marks of direction
        yield "".join(rng.choice([HEBREW, ARABIC, "abc", " ", "12", "\u200f", "\u202b", "\u202c", ",", "\u0660\u0661",
                                  "\u05b8", FAMILY, "\U0001F44D\U0001F3FD", "\u2764\ufe0f"]) for _ in range(20))


def with_added_tokens(tokenizer, rng, count):
    added = [t.content for t in tokenizer.get_added_tokens_decoder().values()]
    parts = added[:40] + added[-10:] + [t[:-1] for t in added[:10]] + [t.upper() for t in added[:5]]
    parts += ["Wait", " ", "  ", "\n", "let me", "x", "1", ".", "e\u0301", HEBREW] * 3
    for _ in range(count):
        yield "".join(rng.choice(parts) for _ in range(rng.randrange(1, 15)))


def real_texts(shared, rng, num_lines, num_whole):
    """Lines and whole texts of problems and solutions."""
    whole, lines = [], []
    for file in sorted(shared.glob("traces/*.jsonl")) + sorted(shared.glob("*/*.jsonl")):
        with open(file) as rows:
            for row in map(json.loads, rows):
                texts = [str(row[key]) for key in ("problem", "response", "solution") if row.get(key)]
                whole += texts
    rng.shuffle(whole)
    for text in whole[:4 * num_whole]:
        lines += text.splitlines(keepends=True)
    rng.shuffle(lines)
    return lines[:num_lines] + whole[:num_whole]


def broken_sequences(tokenizer, texts, rng, count):
    """Ids whose bytes are mostly no UTF-8: single bytes, and texts with tokens left out."""
    single = [tokenizer.token_to_id(c) for c in pre_tokenizers.ByteLevel.alphabet()]
    single = [i for i in single if i is not None]
    for _ in range(count):
        yield [rng.choice(single) for _ in range(rng.randrange(1, 30))]
    for text in rng.sample(texts, count):
        ids = tokenizer.encode(text, add_special_tokens=False).ids[:200]
        yield [i for i in ids if rng.random() > 0.3]


def make_rows(tokenizer, shared, out):
    rng = random.Random(21)
    lines = varied_lines(rng, 8000) + list(long_runs(rng)) + list(with_added_tokens(tokenizer, rng, 3000))
    real = real_texts(shared, rng, 8000, 300)
    lines += real + list(every_code_point())
    sequences = random_sequences(tokenizer, rng, 3000)
    sequences += list(broken_sequences(tokenizer, varied_lines(rng, 3000), rng, 2000))
    with open(out, "w") as file:
        for rows in (encoding_rows(tokenizer, lines), decoding_rows(tokenizer, sequences)):
            for row in rows:
                file.write(json.dumps(row) + "\n")
    return len(lines), len(real), len(sequences)


def of_gguf(path):
    """The key-values of a GGUF's tokenizer, and SmolLM2's tokenizer built from them."""
    import gguf
    fields = gguf.GGUFReader(path).fields
    values = {name: field.contents() for name, field in fields.items() if name.startswith("tokenizer.ggml.")}
    tokens, types = values["tokenizer.ggml.tokens"], values["tokenizer.ggml.token_type"]
    merges = [tuple(m.split(" ")) for m in values["tokenizer.ggml.merges"]]
    tokenizer = Tokenizer(models.BPE({t: i for i, t in enumerate(tokens)}, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([t for t, kind in zip(tokens, types) if kind == gguf.TokenType.CONTROL])
    tokenizer.add_tokens([t for t, kind in zip(tokens, types) if kind == gguf.TokenType.USER_DEFINED])
    return values, tokenizer


def run(name, tokenizer, ours, options, folder):
    rows = folder / f"{name}.jsonl"
    num_lines, num_real, num_decodings = make_rows(tokenizer, options.shared, rows)
    environment = dict(os.environ, STRATAGRAM_TOKENIZER=str(ours.resolve()),
                       STRATAGRAM_TOKENIZER_PARITY=str(rows.resolve()))
    result = subprocess.run([options.test.resolve(), "--gtest_filter=TokenizerParity.HoldsOnTheBigRun"],
                            env=environment, cwd=ROOT, capture_output=True, text=True)
    good = result.returncode == 0 and "[  PASSED  ] 1 test" in result.stdout
    print(f"{name}: {'equal' if good else 'DIFFERENT'}: {num_lines} lines ({num_real} real), {num_decodings} decodings")
    if not good:
        print(result.stdout[-6000:], result.stderr[-2000:])
    return good


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--shared", type=pathlib.Path,
                        default=os.environ.get("STRATAGRAM_SHARED_DATA", ROOT.parent / "shared/data"))
    parser.add_argument("--gguf", type=pathlib.Path)
    parser.add_argument("--test", type=pathlib.Path, default=ROOT / "build/release/test_text")
    parser.add_argument("--keep", type=pathlib.Path)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    files = {f.parent.name: f for f in sorted(options.shared.glob("tokenizers/*/tokenizer.json"))}
    names = options.names or list(files)
    unknown = [name for name in names if name not in files]
    if unknown or not (names or options.gguf):
        sys.exit(f"{options.shared}/tokenizers: wanted {unknown or 'a tokenizer'}, it holds {sorted(files)}")
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or pathlib.Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        good = [run(name, Tokenizer.from_file(str(files[name])), files[name], options, folder) for name in names]
        if options.gguf:
            values, tokenizer = of_gguf(options.gguf)
            ours = folder / "gguf.json"
            ours.write_text(json.dumps(values))
            good.append(run(options.gguf.stem, tokenizer, ours, options, folder))
    sys.exit(not all(good))


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Prints src/text/bert_characters.inc: which characters Hugging Face's `tokenizers` takes for what in
BERT's normaliser and pre-tokenizer. Its tables are of an old Unicode, and models were trained on them.

usage: make_bert_tables.py > src/text/bert_characters.inc      needs the package `tokenizers`
"""
from tokenizers import normalizers, pre_tokenizers

POINTS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]


def normalizer(**options):
    off = dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    return normalizers.BertNormalizer(**{**off, **options}).normalize_str


def runs(points):
    found = []
    for c in points:
        if found and found[-1][1] == c - 1:
            found[-1][1] = c
        else:
            found.append([c, c])
    return found


def table(name, comment, points):
    print(f"// {comment}\nconstexpr CharacterRun {name}[] = {{")
    line = "   "
    for first, last in runs(points):
        item = f" {{0x{first:x}, 0x{last:x}}},"
        if len(line) + len(item) > 100:
            print(line)
            line = "   "
        line += item
    print(line + "\n};")


def main():
    clean, strip, chinese = (normalizer(**{name: True}) for name in
                             ("clean_text", "strip_accents", "handle_chinese_chars"))
    cut = pre_tokenizers.BertPreTokenizer().pre_tokenize_str
    parts = {c: [part for part, _ in cut(f"a{chr(c)}b")] for c in POINTS}
    print("// Made by scripts/make_bert_tables.py; first and last of each run.")
    table("kRemoved", "What clean_text takes out.", [c for c in POINTS if clean(f"a{chr(c)}b") == "ab"])
    table("kMarks", "What strip_accents takes out after decomposition.",
          [c for c in POINTS if strip(f"a{chr(c)}b") == "ab"])
    table("kChinese", "What handle_chinese_chars sets spaces around.",
          [c for c in POINTS if chinese(chr(c)) != chr(c)])
    table("kSpaces", "Where words end.", [c for c in POINTS if parts[c] == ["a", "b"]])
    table("kPunctuation", "Words of their own.", [c for c in POINTS if parts[c] == ["a", chr(c), "b"]])


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Makes what the tokenizer tests compare with, by Hugging Face's `tokenizers`.

usage: make_tokenizer_goldens.py OUT_DIR        e.g. tests/data/text

Trains three little byte-level tokenizers on the text below (one per family of split patterns) and
writes them with the ids and byte ranges of varied texts and the decodings of random ids; what is
committed. The big run, on real tokenizers, is check_tokenizers.py.
"""
import json
import pathlib
import random
import sys
import unicodedata

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers
from tokenizers import processors, trainers

QWEN2 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
         r"|\s*[\r\n]+|\s+(?!\S)|\s+")
LLAMA3 = QWEN2.replace(r"\p{N}|", r"\p{N}{1,3}|", 1)
TEXT = """Wait, let me check the sum again. Twenty-three apples and 45 pears make 68 pieces of fruit.
Let's try another way: if x = 12 then 3x + 4 = 40, and 40 / 8 = 5. Don't forget the remainder!
A train leaves at 09:15 and arrives at 11:40; how long did the journey take? We're told it didn't stop.
The area of a circle is \\pi r^2, so with r = 7 the answer is about 153.938.
\tdef add(a, b):\n\t\treturn a + b\n\n
na\u00efve caf\u00e9 \u00fcber stra\u00dfe \u65e5\u672c\u8a9e \u043f\u0440\u0438\u0432\u0435\u0442 \u05e9\u05dc\u05d5\u05dd
"""


def varied_lines(rng, count):
    """Lines over all of Unicode, broken nowhere: `tokenizers` takes text only."""
    planes = [c for start, stop in ((0x20, 0x7F), (0xA0, 0x250), (0x300, 0x370), (0x370, 0x600),
                                    (0x600, 0x700), (0x900, 0xA00), (0x1100, 0x1200),
                                    (0x1E00, 0x1F00), (0x2000, 0x2070), (0x2190, 0x2400),
                                    (0x3000, 0x3100), (0x4E00, 0x4F00), (0xAC00, 0xAD00),
                                    (0xFB00, 0xFB50), (0xFF00, 0xFFF0), (0x10300, 0x10350),
                                    (0x1D400, 0x1D500), (0x1F300, 0x1F700), (0x20000, 0x20100),
                                    (0xE0100, 0xE0110), (0x100000, 0x100010))
              for c in range(start, stop)]
    emoji = ["\U0001F469\u200D\U0001F4BB", "\U0001F3F3\uFE0F\u200D\U0001F308", "\U0001F1E9\U0001F1EA",
             "e\u0301", "\u1100\u1161\u11A8", "\u212B", "\u0928\u093F", "\u0041\u030A\u0327"]
    words = TEXT.split()
    specials = ["<|im_start|>", "<|im_end|>", "<|endoftext|>", "<think>", "</think>",
                "<|begin_of_text|>", "<|eot_id|>"]
    lines = ["", " ", "\n", "\r\n \r\n", "  lead", "trail  ", "'S 'LL 'tis don'T \u017F\u212A'\u017F",
             "a" * 300, " " * 400, "7" * 200, "\u180e\u200b\u00a0\u3000\u2028x", "\t\t \t\n\n\n x"]
    while len(lines) < count:
        kind = rng.randrange(8)
        if kind == 0:
            line = "".join(chr(rng.choice(planes)) for _ in range(rng.randrange(1, 40)))
        elif kind == 1:
            line = " " * rng.randrange(60) + str(rng.randrange(10**rng.randrange(1, 30)))
        elif kind == 2:
            line = " ".join(rng.choice(words) for _ in range(rng.randrange(1, 30)))
        elif kind == 3:
            line = "".join(rng.choice(emoji + words + [" ", "\n", "  "]) for _ in range(rng.randrange(1, 12)))
        elif kind == 4:
            line = "".join(rng.choice(specials + words + [" ", "\n", "x"]) for _ in range(rng.randrange(1, 12)))
        elif kind == 5:
            line = "".join(chr(c) for c in (rng.randrange(0x110000) for _ in range(rng.randrange(1, 20)))
                           if not 0xD800 <= c < 0xE000)
        elif kind == 6:
            line = unicodedata.normalize("NFD", "".join(chr(rng.randrange(0xC0, 0x17F)) for _ in range(12)))
        else:
            line = "".join(rng.choice(" \t\r\n.,!?'\"-_()[]{}$\\/^*+=<>0123456789abcXYZ") for _ in range(rng.randrange(1, 60)))
        lines.append(line)
    return lines


def without_post_processor(tokenizer):
    """The same tokenizer, whose offsets keep the space that a post-processor trims off."""
    spec = json.loads(tokenizer.to_str())
    spec["post_processor"] = None
    return Tokenizer.from_str(json.dumps(spec))


def byte_ranges(line, encoding):
    """The bytes that each token comes from, widened to whole characters."""
    starts = [0]
    for character in line:
        starts.append(starts[-1] + len(character.encode()))
    return [[starts[begin], starts[end]] for begin, end in encoding.offsets]


def encoding_rows(tokenizer, lines):
    """Ids of each line; and byte ranges, but not where the normaliser changes the line (the reference
    and we share composed characters out differently) or where the vocabulary lacks one of its bytes
    (the reference drops the byte and lets the ranges after it slip)."""
    bare = without_post_processor(tokenizer)
    spell = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False).pre_tokenize_str
    lacking = set(pre_tokenizers.ByteLevel.alphabet()) - set(tokenizer.get_vocab())
    for line in lines:
        encoding = bare.encode(line, add_special_tokens=False)
        row = {"text": line, "ids": encoding.ids,
               "special_ids": tokenizer.encode(line, add_special_tokens=True).ids}
        is_normal = tokenizer.normalizer is None or tokenizer.normalizer.normalize_str(line) == line
        if is_normal and not any(lacking & set(spelling) for spelling, _ in spell(line)):
            row["byte_ranges"] = byte_ranges(line, encoding)
        yield row


def decoding_rows(tokenizer, sequences):
    for ids in sequences:
        yield {"ids": ids, "decoded": tokenizer.decode(ids, skip_special_tokens=False),
               "decoded_plain": tokenizer.decode(ids, skip_special_tokens=True)}


def random_sequences(tokenizer, rng, count):
    known = sorted(tokenizer.get_vocab(with_added_tokens=True).values())
    return [[rng.choice(known) for _ in range(rng.randrange(1, 20))] for _ in range(count)]


def train(pre_tokenizer, normalizer, size):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizer
    if normalizer:
        tokenizer.normalizer = normalizer
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=size, show_progress=False,
                                  initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator([TEXT] * 3, trainer)
    tokenizer.add_special_tokens(["<|endoftext|>", "<|im_start|>", "<|im_end|>"])
    tokenizer.add_tokens([AddedToken("<think>", normalized=False),
                          AddedToken("ab", single_word=True, normalized=True),
                          AddedToken("<l>", lstrip=True, normalized=False),
                          AddedToken("<r>", rstrip=True, normalized=False)])
    return tokenizer


def make_small(out):
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    split = lambda pattern: pre_tokenizers.Split(Regex(pattern), behavior="isolated")
    tokenizers = {
        "qwen2": train(pre_tokenizers.Sequence([split(QWEN2), byte_level]), normalizers.NFC(), 380),
        "llama3": train(pre_tokenizers.Sequence([split(LLAMA3), byte_level]), None, 380),
        "smollm": train(pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True),
                                                 pre_tokenizers.ByteLevel(add_prefix_space=False)]), None, 380),
    }
    model = json.loads(tokenizers["llama3"].to_str())
    model["model"]["ignore_merges"] = True
    tokenizers["llama3"] = Tokenizer.from_str(json.dumps(model))
    tokenizers["llama3"].post_processor = processors.TemplateProcessing(
        single="<|im_start|> $A <|im_end|>", special_tokens=[
            (t, tokenizers["llama3"].token_to_id(t)) for t in ("<|im_start|>", "<|im_end|>")])
    rng = random.Random(20)
    for name, tokenizer in tokenizers.items():
        folder = out / name
        folder.mkdir(parents=True, exist_ok=True)
        spec = json.loads(tokenizer.to_str())
        if name == "smollm":  # the older spelling of merges
            spec["model"]["merges"] = [" ".join(m) if isinstance(m, list) else m for m in spec["model"]["merges"]]
        (folder / "tokenizer.json").write_text(json.dumps(spec, ensure_ascii=True, indent=0) + "\n")
        lines = varied_lines(rng, 150) + ["x ab y", "xab ab_ (ab)", "a <l> b <r> c<l><r>  d", " <r>\n\n<l>"]
        with open(folder / "golden.jsonl", "w") as file:
            for row in encoding_rows(tokenizer, lines):
                file.write(json.dumps(row, ensure_ascii=True) + "\n")
            for row in decoding_rows(tokenizer, random_sequences(tokenizer, rng, 50)):
                file.write(json.dumps(row, ensure_ascii=True) + "\n")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    make_small(pathlib.Path(sys.argv[1]))

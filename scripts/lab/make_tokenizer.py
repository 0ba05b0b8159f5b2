#!/usr/bin/env python3
"""Train a small byte-level BPE tokenizer on texts and write an untrained model folder around it.

usage: make_tokenizer.py TEXTS.jsonl OUT_FOLDER [--vocab 768]

TEXTS.jsonl holds `prompt` and `solution` a line. Plain byte pair encoding (Sennrich et al. 2016)
over the words that the split pattern cuts; ties go to the pair that is smaller in text order, so the
result depends on the texts alone. The folder gets tokenizer.json, config.json (Qwen3) and
generation_config.json; `stratagram sft` with model.start = "random" draws the weights.
Needs the package `regex`.
"""
import argparse
import collections
import json
import pathlib

import regex

# Digits stand alone, so that arithmetic is on digits; otherwise words with one space before them.
PATTERN = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
END = "<|end|>"


def byte_letters():
    """The printable letter that byte-level tokenizers write for each byte (GPT-2's table)."""
    kept = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = {b: chr(b) for b in kept}
    for b in range(256):
        if b not in letters:
            letters[b] = chr(256 + len(letters) - len(kept))
    return letters


def train(counts, letters, num_merges):
    words = [([letters[b] for b in word.encode()], n) for word, n in sorted(counts.items())]
    merges = []
    for _ in range(num_merges):
        pairs = collections.Counter()
        for symbols, n in words:
            for pair in zip(symbols, symbols[1:]):
                pairs[pair] += n
        if not pairs:
            break
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        if pairs[best] < 2:
            break
        merges.append(best)
        for symbols, _ in words:
            i = 0
            while i + 1 < len(symbols):
                if (symbols[i], symbols[i + 1]) == best:
                    symbols[i : i + 2] = ["".join(best)]
                i += 1
    return merges


def tokenizer_json(letters, merges):
    vocab = {}
    for symbol in [letters[b] for b in sorted(letters)] + ["".join(pair) for pair in merges]:
        vocab.setdefault(symbol, len(vocab))
    end_id = len(vocab)
    return end_id, {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            {
                "id": end_id,
                "content": END,
                "single_word": False,
                "lstrip": False,
                "rstrip": False,
                "normalized": False,
                "special": True,
            }
        ],
        "normalizer": None,
        "pre_tokenizer": {
            "type": "Sequence",
            "pretokenizers": [
                {
                    "type": "Split",
                    "pattern": {"Regex": PATTERN},
                    "behavior": "Isolated",
                    "invert": False,
                },
                {
                    "type": "ByteLevel",
                    "add_prefix_space": False,
                    "trim_offsets": True,
                    "use_regex": False,
                },
            ],
        },
        "post_processor": None,
        "decoder": {
            "type": "ByteLevel",
            "add_prefix_space": True,
            "trim_offsets": True,
            "use_regex": True,
        },
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "byte_fallback": False,
            "ignore_merges": False,
            "vocab": vocab,
            "merges": [list(pair) for pair in merges],
        },
    }


def model_config(vocab_size, end_id):
    return {
        "architectures": ["Qwen3ForCausalLM"],
        "model_type": "qwen3",
        "vocab_size": vocab_size,
        "hidden_size": 192,
        "intermediate_size": 576,
        "num_hidden_layers": 5,
        "num_attention_heads": 6,
        "num_key_value_heads": 3,
        "head_dim": 32,
        "hidden_act": "silu",
        "max_position_embeddings": 1024,
        "rms_norm_eps": 1e-6,
        "rope_theta": 10000.0,
        "tie_word_embeddings": True,
        "attention_bias": False,
        "use_cache": True,
        "eos_token_id": end_id,
        "bos_token_id": None,
        "torch_dtype": "float32",
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("texts")
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--vocab", type=int, default=768)
    arguments = parser.parse_args()

    counts = collections.Counter()
    with open(arguments.texts, encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            for word in regex.findall(PATTERN, row["prompt"] + row["solution"]):
                counts[word] += 1
    letters = byte_letters()
    merges = train(counts, letters, arguments.vocab - 256 - 1)
    end_id, spec = tokenizer_json(letters, merges)
    arguments.out.mkdir(parents=True, exist_ok=True)
    vocab_size = (end_id + 1 + 63) // 64 * 64

    def write(name, content):
        text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
        (arguments.out / name).write_text(text, encoding="utf-8")

    write("tokenizer.json", spec)
    write("config.json", model_config(vocab_size, end_id))
    write("generation_config.json", {"eos_token_id": end_id})
    print(f"{len(merges)} merges, {end_id + 1} tokens, {vocab_size} rows in {arguments.out}")


if __name__ == "__main__":
    main()

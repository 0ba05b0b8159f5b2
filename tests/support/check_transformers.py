#!/usr/bin/env python3
"""Compares the program with `transformers`: models of every family, checkpoints that it writes,
safetensors in every form, a GGUF, chat templates.

usage: check_transformers.py [--binary FILE] [--shared DIR] [--gguf FILE]

  --binary FILE  default build/release/stratagram
  --shared DIR   holds tokenizers/NAME/ of real models (default: $STRATAGRAM_SHARED_DATA, else
                 shared/data beside the checkout); their checks are left out where it is absent
  --gguf FILE    SmolLM2-135M-Instruct; needs the packages `gguf` and `accelerate` and 3 GB of memory

Run it once with transformers 4 and once with 5: they spell config.json differently. It prints a
line a check, with the largest difference, and exits 1 when one of them fails.
"""
import argparse
import copy
import json
import logging
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

import torch
import transformers
from transformers import (AutoModelForCausalLM, AutoTokenizer, LlamaConfig, LlamaForCausalLM, Qwen2Config,
                          Qwen2ForCausalLM, Qwen3Config, Qwen3ForCausalLM)

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOKENIZER = ROOT / "tests/data/text/qwen2/tokenizer.json"
IS_OLD = transformers.__version__.startswith("4.")
TOLERANCE = 1e-4  # float32 sums in another order; the program prints 6 significant digits

SMALL = dict(vocab_size=448, hidden_size=64, num_hidden_layers=3, num_attention_heads=4, num_key_value_heads=2,
             intermediate_size=96, max_position_embeddings=256, initializer_range=0.08, bos_token_id=380, eos_token_id=382)
LLAMA3_ROPE = dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
                   original_max_position_embeddings=32)


def rope(theta, scaling=None):
    """RoPE's part of a config, as this version of transformers wants it."""
    if IS_OLD:
        return dict(rope_theta=theta, rope_scaling=scaling)
    return dict(rope_parameters=dict(scaling or dict(rope_type="default"), rope_theta=theta))


MODELS = {
    "llama": (LlamaForCausalLM, LlamaConfig, dict(rope(10000.0), tie_word_embeddings=False)),
    "llama-tied-linear": (LlamaForCausalLM, LlamaConfig,
                          dict(rope(10000.0, dict(rope_type="linear", factor=4.0)), tie_word_embeddings=True)),
    "llama3-rope": (LlamaForCausalLM, LlamaConfig, rope(500000.0, LLAMA3_ROPE)),
    "llama-bias": (LlamaForCausalLM, LlamaConfig, dict(rope(10000.0), attention_bias=True)),
    "qwen2": (Qwen2ForCausalLM, Qwen2Config, rope(1000000.0)),
    "qwen2-tied": (Qwen2ForCausalLM, Qwen2Config, dict(rope(1000000.0), tie_word_embeddings=True)),
    "qwen3": (Qwen3ForCausalLM, Qwen3Config, dict(rope(1000000.0), head_dim=24, tie_word_embeddings=True)),
    "qwen3-bias": (Qwen3ForCausalLM, Qwen3Config, dict(rope(1000000.0), head_dim=16, attention_bias=True)),
}

failures = []


def report(name, good, detail):
    print(f"{'ok  ' if good else 'FAIL'} {name}: {detail}", flush=True)
    if not good:
        failures.append(name)


def run(options, *arguments, stdin=None):
    result = subprocess.run([options.binary, "--log", "warn", *map(str, arguments)], input=stdin, text=True,
                            capture_output=True)
    if result.returncode != 0:
        raise RuntimeError(f"stratagram {' '.join(map(str, arguments))}: exit {result.returncode}: {result.stderr[-800:]}")
    return result.stdout


def make_model(name, **changes):
    kind, config, options = MODELS[name]
    torch.manual_seed(len(name))
    model = kind(config(**dict(copy.deepcopy(SMALL), **copy.deepcopy(options), **changes))).eval()
    with torch.no_grad():  # norms and biases start as constants, which would hide mistakes
        for parameter in model.parameters():
            if parameter.dim() == 1:
                parameter.add_(torch.randn_like(parameter) * 0.2)
    return model


def save_tokenizer(folder):
    shutil.copy(TOKENIZER, folder)
    (folder / "tokenizer_config.json").write_text(json.dumps(
        dict(tokenizer_class="PreTrainedTokenizerFast", eos_token="<|im_end|>")))


def random_rows(vocab_size, count=6, longest=90):
    rng = random.Random(3)
    draw = lambda n: [rng.randrange(vocab_size) for _ in range(n)]
    return [dict(prompt_token_ids=draw(rng.randrange(1, 20)), token_ids=draw(rng.randrange(1, longest)))
            for _ in range(count)]


def compare_scores(options, name, model_path, model, rows):
    """Log-probabilities and entropies of the rows at two temperatures."""
    with tempfile.TemporaryDirectory() as temporary:
        file, out = pathlib.Path(temporary) / "rows.jsonl", pathlib.Path(temporary) / "out.jsonl"
        file.write_text("".join(json.dumps(row) + "\n" for row in rows))
        worst = 0.0
        for temperature in (1.0, 0.7):
            run(options, "score", "--model", model_path, "--rollouts", file, "--out", out, "--temperature", temperature)
            for row, ours in zip(rows, map(json.loads, out.read_text().splitlines()), strict=True):
                ids = row["prompt_token_ids"] + row["token_ids"]
                with torch.no_grad():
                    logits = model(torch.tensor([ids])).logits[0, len(row["prompt_token_ids"]) - 1:-1]
                scores = (logits.double() / temperature).log_softmax(-1)
                logprobs = scores.gather(1, torch.tensor(row["token_ids"])[:, None])[:, 0]
                entropies = -(scores.exp() * scores).sum(-1)
                for mine, theirs in ((ours["logprobs"], logprobs), (ours["entropies"], entropies)):
                    worst = max(worst, (torch.tensor(mine, dtype=torch.float64) - theirs).abs().max().item())
    report(f"scores of {name}", worst < TOLERANCE, f"largest difference {worst:.2e}")


def check_families(options, folder):
    for name in MODELS:
        path = folder / name
        model = make_model(name)
        model.save_pretrained(path)
        save_tokenizer(path)
        compare_scores(options, name, path, model, random_rows(SMALL["vocab_size"]))


def check_weight_files(options, folder):
    rows = random_rows(SMALL["vocab_size"])
    for label, dtype, changes in (("bfloat16", torch.bfloat16, {}), ("float16", torch.float16, {}),
                                  ("sharded", torch.float32, dict(max_shard_size="60KB")),
                                  ("sharded bfloat16", torch.bfloat16, dict(max_shard_size="60KB"))):
        path = folder / label.replace(" ", "-")
        make_model("qwen3-bias").to(dtype).save_pretrained(path, **changes)
        save_tokenizer(path)
        num_files = len(list(path.glob("*.safetensors")))
        if (num_files > 1) != bool(changes):
            report(f"{label} safetensors", False, f"transformers wrote {num_files} files")
        # Read again: a model that was cast has rotary frequencies of the lower precision.
        model = AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32).eval()
        compare_scores(options, f"{label} safetensors", path, model, rows)


class Warnings(logging.Handler):
    """What transformers says while something is loaded."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.lines = []

    def emit(self, record):
        self.lines.append(record.getMessage())

    def __enter__(self):
        transformers.logging.get_logger("transformers").addHandler(self)
        return self

    def __exit__(self, *_):
        transformers.logging.get_logger("transformers").removeHandler(self)


def train_two_steps(options, model_path, out):
    problems = out.parent / "problems.jsonl"
    problems.write_text("".join(json.dumps(dict(id=str(i), problem=f"What is {i} + {i}?", answer=str(2 * i),
                                                solution=f"It is {2 * i}.")) + "\n" for i in range(4)))
    config = out.parent / "sft.toml"
    config.write_text(f'[model]\npath = "{model_path}"\n[data]\nproblems = "{problems}"\n'
                      '[run]\nsequences_per_step = 2\n[optimizer]\nlearning_rate = 1e-3\n')
    shutil.rmtree(out, ignore_errors=True)
    run(options, "sft", config, "--out", out)
    return max((out / "checkpoints").iterdir())


TEXTS = ["Wait, let me check 12 + 30 = 42.", "  two  spaces\tand a tab", "<|im_start|>user", "na\u00efve \u65e5\u672c",
         "\U0001F469\u200D\U0001F4BB e\u0301", "don't 3.14159 \\frac{1}{2}"]


def remarks_on_source(model_path):
    """What transformers says of the tokenizer that a checkpoint started from: version 4 takes every
    large vocabulary in a local folder for an old Mistral's, its own folders too."""
    if not model_path.is_dir():
        return []
    with Warnings() as warnings:
        AutoTokenizer.from_pretrained(model_path)
    return [line.replace(str(model_path), "FOLDER") for line in warnings.lines]


def check_checkpoint(options, name, model_path, folder):
    """A checkpoint loads in transformers as it is, and both compute the same from it."""
    known = remarks_on_source(model_path)
    checkpoint = train_two_steps(options, model_path, folder / "run")
    with Warnings() as warnings:
        model, info = AutoModelForCausalLM.from_pretrained(checkpoint, output_loading_info=True, dtype=torch.float32)
        tokenizer = AutoTokenizer.from_pretrained(checkpoint)
    odd = [f"{key}: {value}" for key, value in info.items() if value]
    odd += [line for line in warnings.lines if line.replace(str(checkpoint), "FOLDER") not in known]
    report(f"checkpoint of {name} loads without remark", not odd, "; ".join(odd) or f"{checkpoint.name}")
    compare_scores(options, f"checkpoint of {name}", checkpoint, model.eval(),
                   random_rows(len(tokenizer), count=3, longest=40))
    ours = [json.loads(line) for line in
            run(options, "tokenize", "--model", checkpoint, stdin="\n".join(TEXTS) + "\n").splitlines()]
    theirs = [tokenizer(text, add_special_tokens=False).input_ids for text in TEXTS]
    report(f"tokenizer of the checkpoint of {name}", ours == theirs, f"{sum(map(len, theirs))} ids")


def real_folder(folder, shared, name):
    """A tiny random model with a real tokenizer."""
    path = folder / f"real-{name}"
    spec = json.loads((shared / "tokenizers" / name / "tokenizer.json").read_text())
    size = max([*spec["model"]["vocab"].values(), *(t["id"] for t in spec["added_tokens"])]) + 1
    end = {t["content"]: t["id"] for t in spec["added_tokens"]}
    family = {"llama3.1": "llama3-rope", "qwen2.5": "qwen2", "qwen3": "qwen3"}[name]
    eos = end.get("<|im_end|>", end.get("<|eot_id|>"))
    make_model(family, vocab_size=size, hidden_size=16, num_hidden_layers=1, bos_token_id=None,
               eos_token_id=eos).save_pretrained(path)
    for file in (shared / "tokenizers" / name).iterdir():
        shutil.copy(file, path)
    return path


SYSTEMS = ["", "Answer briefly.", "  Put the answer in \\boxed{}.\nNothing else. \n"]
QUESTIONS = ["What is 2 + 3?", " Why?\n", "Let $x$ be <b>real</b>.\n\nFind 'x' & \"y\".", "<think>no</think> \u65e5\u672c"]


def check_chat(options, name, path, template="auto", **extra):
    tokenizer = AutoTokenizer.from_pretrained(path)
    problems, out = path / "problems.jsonl", path / "out.jsonl"
    problems.write_text("".join(json.dumps(dict(id=str(i), problem=q, answer="1")) + "\n" for i, q in enumerate(QUESTIONS)))
    different = []
    for system in SYSTEMS:
        run(options, "generate", "--model", path, "--problems", problems, "--system", system, "--max-new-tokens", 1,
            "--out", out, "--chat-template", template)
        for question, row in zip(QUESTIONS, map(json.loads, out.read_text().splitlines()), strict=True):
            talk = ([dict(role="system", content=system)] if system else []) + [dict(role="user", content=question)]
            wanted = tokenizer.apply_chat_template(talk, tokenize=False, add_generation_prompt=True, **extra)
            if row["prompt"] != wanted:
                different.append(f"wanted {wanted!r}, got {row['prompt']!r}")
    report(f"chat template of {name}", not different,
           "; ".join(different[:2]) or f"{len(SYSTEMS) * len(QUESTIONS)} conversations")


def check_real_tokenizers(options, folder):
    for name in ("llama3.1", "qwen2.5", "qwen3"):
        if not (options.shared / "tokenizers" / name).exists():
            print(f"skip {name}: no {options.shared}/tokenizers/{name}")
            continue
        path = real_folder(folder, options.shared, name)
        # Llama's template writes the date of the day unless it is told one.
        check_chat(options, name, path, **(dict(date_string="26 Jul 2024") if name == "llama3.1" else {}))
        if name == "qwen3":
            check_chat(options, "qwen3 without thinking", path, "qwen3-no-think", enable_thinking=False)
        check_checkpoint(options, f"{name} (its tokenizer)", path, folder)


def check_gguf(options, folder):
    file = options.gguf.resolve()
    model = AutoModelForCausalLM.from_pretrained(file.parent, gguf_file=file.name, dtype=torch.float32).eval()
    rows = random_rows(model.config.vocab_size, count=2, longest=40)
    rows.append(dict(prompt_token_ids=[1, 9690, 198, 2683, 359, 253, 5356], token_ids=[5646, 11173, 3365, 3511, 2]))
    compare_scores(options, "SmolLM2 as GGUF", file, model, rows)
    check_checkpoint(options, "SmolLM2 from GGUF", file, folder)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--binary", type=pathlib.Path, default=ROOT / "build/release/stratagram")
    parser.add_argument("--shared", type=pathlib.Path,
                        default=os.environ.get("STRATAGRAM_SHARED_DATA", ROOT.parent / "shared/data"))
    parser.add_argument("--gguf", type=pathlib.Path)
    options = parser.parse_args()
    print(f"transformers {transformers.__version__}, torch {torch.__version__}")
    if not IS_OLD:
        transformers.logging.disable_progress_bar()
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        check_families(options, folder)
        check_weight_files(options, folder)
        for name in MODELS:
            check_checkpoint(options, name, folder / name, folder)
        check_real_tokenizers(options, folder)
        if options.gguf:
            check_gguf(options, folder)
    print(f"{len(failures)} failed" + "".join(f"\n  {name}" for name in failures))
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()

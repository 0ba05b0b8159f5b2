#!/usr/bin/env python3
"""Makes the small models and logits that the model tests compare with, by `transformers` and `gguf`.

usage: make_model_goldens.py OUT_DIR [SMOLLM2.gguf]

Writes OUT_DIR/<name>/ (a Hugging Face folder with random weights and logits.json) for each family
and option, OUT_DIR/dequant.json (one block or two of every GGUF type), and with a GGUF of
SmolLM2-135M-Instruct OUT_DIR/smollm2.json (a sample of its logits).
Made with transformers 5.x, torch 2.13 and gguf 0.17 or later.
"""
import json
import pathlib
import sys

import gguf
import numpy as np
import torch
from transformers import (AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM, Qwen2Config,
                          Qwen2ForCausalLM, Qwen3Config, Qwen3ForCausalLM)

SMALL = dict(vocab_size=64, hidden_size=32, num_hidden_layers=2, num_attention_heads=4,
             num_key_value_heads=2, intermediate_size=48, max_position_embeddings=64,
             bos_token_id=1, eos_token_id=2, initializer_range=0.2)
LLAMA3_ROPE = dict(rope_type="llama3", rope_theta=500.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
                   original_max_position_embeddings=16)
MODELS = {
    "llama": (LlamaForCausalLM, LlamaConfig(**SMALL, tie_word_embeddings=False)),
    "llama-tied-linear": (LlamaForCausalLM, LlamaConfig(
        **SMALL, tie_word_embeddings=True,
        rope_parameters=dict(rope_type="linear", factor=4.0, rope_theta=10000.0))),
    "llama-llama3-rope": (LlamaForCausalLM, LlamaConfig(**SMALL, rope_parameters=LLAMA3_ROPE)),
    "llama-bias": (LlamaForCausalLM, LlamaConfig(**SMALL, attention_bias=True)),
    "qwen2": (Qwen2ForCausalLM, Qwen2Config(**SMALL, rope_parameters=dict(rope_type="default", rope_theta=1000000.0))),
    "qwen3": (Qwen3ForCausalLM, Qwen3Config(**SMALL, head_dim=12, tie_word_embeddings=True)),
}
SEQUENCES = [[1, 5, 9, 33, 63, 0, 7, 7, 12, 40], list(range(20, 44))]


def small_models(out):
    for seed, (name, (kind, config)) in enumerate(MODELS.items()):
        torch.manual_seed(seed)
        model = kind(config).eval()
        with torch.no_grad():  # norms and biases start as constants, which would hide mistakes
            for parameter_name, parameter in model.named_parameters():
                if parameter.dim() == 1:
                    parameter.add_(torch.randn_like(parameter) * 0.2)
        folder = out / name
        model.save_pretrained(folder)
        logits = [model(torch.tensor([ids])).logits[0].float() for ids in SEQUENCES]
        rows = [{"ids": ids, "logits": [[round(v, 6) for v in row] for row in x.tolist()]}
                for ids, x in zip(SEQUENCES, logits)]
        (folder / "logits.json").write_text(json.dumps(rows) + "\n")
        print(name, float(logits[0].abs().max()))


def dequantized(out):
    rng = np.random.default_rng(3)
    kinds = gguf.GGMLQuantizationType
    rows = []
    for kind in (kinds.F16, kinds.BF16, kinds.Q8_0, kinds.Q4_0, kinds.Q4_1, kinds.Q4_K, kinds.Q5_K, kinds.Q6_K):
        size, width = gguf.GGML_QUANT_SIZES[kind]
        blocks = 64 if size == 1 else 2
        data = rng.integers(0, 256, size=(blocks, width), dtype=np.uint8)
        # Scales are half floats: keep them finite and small.
        places = {kinds.Q8_0: [0], kinds.Q4_0: [0], kinds.Q4_1: [0, 2], kinds.Q4_K: [0, 2],
                  kinds.Q5_K: [0, 2], kinds.Q6_K: [208], kinds.F16: [0], kinds.BF16: []}[kind]
        for at in places:
            scales = rng.normal(size=blocks).astype(np.float16)
            data[:, at:at + 2] = scales.view(np.uint8).reshape(blocks, 2)
        if kind == kinds.BF16:
            data[:, 1] = rng.choice([0x3F, 0xBF, 0x40], size=blocks)
        values = gguf.quants.dequantize(data.reshape(-1), kind)
        rows.append({"type": kind.name, "gguf_type": int(kind), "bytes": data.reshape(-1).tolist(),
                     "values": [float(v) for v in values.reshape(-1)]})
    (out / "dequant.json").write_text(json.dumps(rows) + "\n")


def smollm2(out, path):
    path = pathlib.Path(path)
    model = AutoModelForCausalLM.from_pretrained(str(path.parent), gguf_file=path.name, dtype=torch.float32).eval()
    rows = []
    for ids in ([1, 9690, 198, 2683, 359, 253, 5356, 5646, 11173], [1, 4093, 198, 1780, 314, 216, 34, 3161, 216, 34, 47, 2]):
        logits = model(torch.tensor([ids])).logits[0]
        columns = torch.arange(0, logits.shape[1], 977)
        rows.append({"ids": ids, "columns": columns.tolist(),
                     "logits": [[round(v, 5) for v in row] for row in logits[:, columns].tolist()],
                     "logsumexp": [round(v, 5) for v in logits.logsumexp(-1).tolist()]})
    (out / "smollm2.json").write_text(json.dumps(rows) + "\n")


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    with torch.no_grad():
        small_models(out)
    dequantized(out)
    if len(sys.argv) == 3:
        with torch.no_grad():
            smollm2(out, sys.argv[2])

#!/usr/bin/env python3
"""Writes tests/data/train/adamw.json: ten updates by torch.optim.AdamW in float64.

usage: .venv/bin/python tests/support/make_adamw_golden.py
Decay 0.1 on the matrix and none on the vector; gradients are clipped to a global norm of 1.5.
"""
import json
import pathlib

import torch

MAX_NORM = 1.5


def main():
    matrix = torch.arange(6, dtype=torch.float64).reshape(2, 3).sin().requires_grad_(True)
    vector = torch.arange(4, dtype=torch.float64).cos().requires_grad_(True)
    optimizer = torch.optim.AdamW(
        [{"params": [matrix], "weight_decay": 0.1}, {"params": [vector], "weight_decay": 0.0}],
        lr=1.0, betas=(0.8, 0.95), eps=1e-6, foreach=False)
    steps = []
    for step in range(10):
        rate = 0.01 * (step + 1)
        gradients = [torch.sin(0.7 * step + 1.3 * torch.arange(6, dtype=torch.float64)).reshape(2, 3),
                     torch.cos(0.4 * step + 2.1 * torch.arange(4, dtype=torch.float64))]
        norm = torch.sqrt(sum((g * g).sum() for g in gradients)).item()
        for parameter, gradient in zip((matrix, vector), gradients):
            parameter.grad = gradient * min(1.0, MAX_NORM / norm)
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.step()
        steps.append({"rate": rate, "norm": norm,
                      "matrix_gradient": gradients[0].flatten().tolist(),
                      "vector_gradient": gradients[1].tolist(),
                      "matrix": matrix.detach().flatten().tolist(),
                      "vector": vector.detach().tolist()})
    out = pathlib.Path(__file__).resolve().parents[1] / "data" / "train" / "adamw.json"
    out.write_text(json.dumps({"torch": torch.__version__, "steps": steps}, indent=1) + "\n")


if __name__ == "__main__":
    main()

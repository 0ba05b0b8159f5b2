#!/usr/bin/env python3
"""Times GRPO steps of TRL on the CPU: seconds and peak resident memory, as JSON on the last line.

usage: trl_step.py MODEL PROBLEMS.jsonl [--dtype float32|bfloat16] [--prompts 8] [--group 8]
           [--tokens 128] [--micro 8] [--steps 1] [--threads 2] [--keep-activations]

The same work as `stratagram bench grpo_step`: each prompt answered --group times with exactly
--tokens tokens from the whole softmax, random rewards of which a group has both, one update.
bfloat16 is TRL's own: float32 weights under autocast. Layers are computed again in the backward
pass, which is TRL's default, unless --keep-activations. The fastest step counts.
"""
import argparse
import itertools
import json
import tempfile
import time

import memory


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("problems")
    parser.add_argument("--dtype", choices=["float32", "bfloat16"], default="float32")
    for name, value in (("prompts", 8), ("group", 8), ("tokens", 128), ("micro", 8), ("steps", 1),
                        ("threads", 2)):
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--keep-activations", action="store_true")
    return parser.parse_args()


def prompts_of(path, count):
    with open(path, encoding="utf-8") as lines:
        rows = [json.loads(line) for line in itertools.islice(lines, count)]
    return [{"prompt": [{"role": "user", "content": row["problem"]}]} for row in rows]


def alternating_rewards(completions, **_):
    """0 and 1 in turn: every group learns something."""
    return [float(i % 2) for i in range(len(completions))]


def config_of(options, folder):
    import torch
    from trl import GRPOConfig

    responses = options.prompts * options.group
    return GRPOConfig(
        output_dir=folder,
        use_cpu=True,
        bf16=options.dtype == "bfloat16",
        model_init_kwargs={"dtype": torch.float32},
        max_steps=options.steps,
        per_device_train_batch_size=options.micro,
        gradient_accumulation_steps=responses // options.micro,
        gradient_checkpointing=not options.keep_activations,
        num_generations=options.group,
        max_completion_length=options.tokens,
        generation_kwargs={"min_new_tokens": options.tokens},
        temperature=1.0,
        beta=0.0,
        learning_rate=1e-6,
        save_strategy="no",
        report_to=[],
        disable_tqdm=True,
        logging_strategy="no")


def timed_trainer(options, folder, seconds):
    """A trainer that appends the seconds of each step to `seconds`."""
    from datasets import Dataset
    from transformers import AutoTokenizer, TrainerCallback
    from trl import GRPOTrainer

    class Stopwatch(TrainerCallback):
        def on_step_begin(self, *_, **__):
            self.begin = time.perf_counter()

        def on_step_end(self, *_, **__):
            seconds.append(time.perf_counter() - self.begin)

    rows = prompts_of(options.problems, options.prompts * options.steps)
    return GRPOTrainer(
        model=options.model,
        args=config_of(options, folder),
        reward_funcs=alternating_rewards,
        train_dataset=Dataset.from_list(rows),
        processing_class=AutoTokenizer.from_pretrained(options.model),
        callbacks=[Stopwatch()])


def main():
    options = arguments()
    import torch

    torch.set_num_threads(options.threads)
    seconds = []
    with tempfile.TemporaryDirectory() as folder:
        trainer = timed_trainer(options, folder, seconds)
        was_reset = memory.reset_peak()
        trainer.train()
    print(json.dumps({"dtype": options.dtype, "seconds": min(seconds), "steps": len(seconds),
                      "peak_bytes": memory.peak_bytes(), "peak_is_of_steps": was_reset}))


if __name__ == "__main__":
    main()

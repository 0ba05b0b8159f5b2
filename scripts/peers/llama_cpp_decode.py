#!/usr/bin/env python3
"""Times llama.cpp: prompts and new tokens a second of sequences in one batch, as JSON on the last
line.

usage: llama_cpp_decode.py MODEL.gguf SEQUENCES [--prompt 64] [--new 128] [--threads 2]
           [--sampler native|numpy]

The same work as `stratagram bench decode`: random prompts, every new token drawn from the whole
softmax and fed back; the peer is not asked for log-probabilities and entropies. `native` is
llama.cpp's own sampler, `numpy` draws from all rows at once.
"""
import argparse
import ctypes
import json
import time

import llama_cpp
import numpy as np

MOST_TOKENS = 2048  # of one call of llama_decode


class Decoder:
    """One context with a batch that is filled anew for each pass."""

    def __init__(self, path, options):
        llama_cpp.llama_backend_init()
        self.model = llama_cpp.llama_model_load_from_file(
            path.encode(), llama_cpp.llama_model_default_params())
        if not self.model:
            raise SystemExit(f"{path}: llama.cpp did not load it")
        self.vocab_size = llama_cpp.llama_vocab_n_tokens(
            llama_cpp.llama_model_get_vocab(self.model))
        settings = llama_cpp.llama_context_default_params()
        settings.n_seq_max = options.sequences
        settings.n_ctx = options.sequences * (options.prompt + options.new)
        settings.n_batch = MOST_TOKENS
        settings.n_threads = settings.n_threads_batch = options.threads
        settings.kv_unified = False
        self.context = llama_cpp.llama_init_from_model(self.model, settings)
        self.batch = llama_cpp.llama_batch_init(MOST_TOKENS, 0, 1)

    def forward(self, tokens, positions, sequences, wanted):
        """One pass; logits are kept of the tokens whose `wanted` is true."""
        batch = self.batch
        batch.n_tokens = len(tokens)
        for i, token in enumerate(tokens):
            batch.token[i] = int(token)
            batch.pos[i] = int(positions[i])
            batch.n_seq_id[i] = 1
            batch.seq_id[i][0] = int(sequences[i])
            batch.logits[i] = bool(wanted[i])
        status = llama_cpp.llama_decode(self.context, batch)
        if status != 0:
            raise SystemExit(f"llama_decode: wanted 0, got {status}")

    def forget(self):
        """Empties the memory for keys and values."""
        llama_cpp.llama_memory_clear(llama_cpp.llama_get_memory(self.context), True)

    def logits(self, rows):
        """[rows, vocabulary] of the last pass, whose tokens all wanted logits."""
        pointer = llama_cpp.llama_get_logits(self.context)
        address = ctypes.cast(pointer, ctypes.POINTER(ctypes.c_float))
        return np.ctypeslib.as_array(address, shape=(rows, self.vocab_size))


def numpy_sampler(decoder, options):
    random = np.random.default_rng(1)

    def draw(rows):
        logits = decoder.logits(rows)
        weights = np.exp(logits - logits.max(axis=1, keepdims=True))
        sums = np.cumsum(weights, axis=1)
        bounds = random.random(rows) * sums[:, -1]
        return [int(np.searchsorted(sums[row], bounds[row])) for row in range(rows)]

    return draw


def native_sampler(decoder, options):
    chain = llama_cpp.llama_sampler_chain_init(llama_cpp.llama_sampler_chain_default_params())
    llama_cpp.llama_sampler_chain_add(chain, llama_cpp.llama_sampler_init_dist(1))
    return lambda rows: [
        llama_cpp.llama_sampler_sample(chain, decoder.context, row) for row in range(rows)]


def read_prompts(decoder, options):
    """Seconds of all prompts, several sequences a pass; the last token of each wants logits. Leaves
    them in memory."""
    random = np.random.default_rng(0)
    tokens = random.integers(0, decoder.vocab_size, options.sequences * options.prompt)
    sequences = np.repeat(np.arange(options.sequences), options.prompt)
    positions = np.tile(np.arange(options.prompt), options.sequences)
    decoder.forget()
    begin = time.perf_counter()
    for first in range(0, len(tokens), MOST_TOKENS):
        part = slice(first, first + MOST_TOKENS)
        decoder.forward(tokens[part], positions[part], sequences[part],
                        positions[part] == options.prompt - 1)
    return time.perf_counter() - begin


def decode(decoder, draw, options):
    """Seconds of --new passes over one token a sequence, and of drawing the next ones."""
    random = np.random.default_rng(2)
    tokens = random.integers(0, decoder.vocab_size, options.sequences)
    sequences = range(options.sequences)
    begin = time.perf_counter()
    for step in range(options.new):
        positions = [options.prompt + step] * options.sequences
        decoder.forward(tokens, positions, sequences, [True] * options.sequences)
        tokens = draw(options.sequences)
    return time.perf_counter() - begin


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("sequences", type=int)
    parser.add_argument("--prompt", type=int, default=64)
    parser.add_argument("--new", type=int, default=128)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--sampler", choices=["native", "numpy"], default="native")
    options = parser.parse_args()
    decoder = Decoder(options.model, options)
    make = numpy_sampler if options.sampler == "numpy" else native_sampler
    draw = make(decoder, options)
    # The first pass also reads the weights from the disk.
    reading = min(read_prompts(decoder, options) for _ in range(2))
    decoding = decode(decoder, draw, options)
    print(json.dumps({
        "sequences": options.sequences,
        "sampler": options.sampler,
        "prompt_tokens_per_s": options.sequences * options.prompt / reading,
        "new_tokens_per_s": options.sequences * options.new / decoding}))


if __name__ == "__main__":
    main()

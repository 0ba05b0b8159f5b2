#!/usr/bin/env python3
"""Makes what the tests of WordPiece and of sentence encoders compare with, by `tokenizers` and
`transformers`.

usage: make_sentence_goldens.py OUT_DIR               writes OUT_DIR/bert/
       make_sentence_goldens.py --real FOLDER OUT.json    reference embeddings of a real encoder
       make_sentence_goldens.py --big TOKENIZER.json OUT.jsonl    the big run of WordPiece

The first makes a little WordPiece vocabulary and a random BERT that uses it, as a
sentence-transformers folder. The others feed the tests named in their skips. Made with transformers 5
and tokenizers 0.23.
"""
import json
import pathlib
import random
import sys

import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from transformers import BertConfig, BertModel

from make_tokenizer_goldens import TEXT, varied_lines

GRAMS = ["let me check", "wait let me double check that", "let's try another way", "the total number of",
         "if x = 12 then", "na\u00efve caf\u00e9 \u65e5\u672c\u8a9e", "so", "", "how long did the journey take? " * 6]


def lines(rng, count):
    extra = ["\u00c0\u00e9\u00ee\u0130\u0131\u1e9e\u03a3\u03c2", "\u65e5\u672cword\u8a9e\uf900", "a\u0000b\ufffdc\u200bd\u00ade", "x\u0085y\u000bz",
             "a" * 100, "a" * 101, "can't [UNK] [CLS]x[SEP] [MASK]", "\u0344\u1fed \u08d4\u08e3", "\U00011938 \u01c4\u01c5",
             "\u2018q\u2019 \u20ac5 \u00a7 \u00b7 \u3002\uff0c~^`|<>=+$", "x\u0315\u0334\u0301y", "\U00020000\U0002b820"]
    return varied_lines(rng, count) + extra


def rows(tokenizer, texts):
    for text in texts:
        yield {"text": text, "ids": tokenizer.encode(text, add_special_tokens=False).ids,
               "special_ids": tokenizer.encode(text, add_special_tokens=True).ids}


def write_rows(file, tokenizer, texts):
    tokenizer.no_truncation()
    tokenizer.no_padding()
    with open(file, "w") as out:
        for row in rows(tokenizer, texts):
            out.write(json.dumps(row) + "\n")


def little_tokenizer():
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.train_from_iterator([TEXT] * 3, trainers.WordPieceTrainer(
        vocab_size=300, show_progress=False, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    return tokenizer


def write_folder(folder, tokenizer):
    torch.manual_seed(5)
    model = BertModel(BertConfig(
        vocab_size=tokenizer.get_vocab_size(), hidden_size=24, num_hidden_layers=2, num_attention_heads=3,
        intermediate_size=40, max_position_embeddings=40, initializer_range=0.3), add_pooling_layer=False).eval()
    with torch.no_grad():  # norms and biases start as constants, which would hide mistakes
        for parameter in model.parameters():
            if parameter.dim() == 1:
                parameter.add_(torch.randn_like(parameter) * 0.2)
    model.save_pretrained(folder)
    kind = "sentence_transformers.models."
    (folder / "modules.json").write_text(json.dumps([
        {"idx": 0, "name": "0", "path": "", "type": kind + "Transformer"},
        {"idx": 1, "name": "1", "path": "1_Pooling", "type": kind + "Pooling"},
        {"idx": 2, "name": "2", "path": "2_Normalize", "type": kind + "Normalize"}]) + "\n")
    (folder / "1_Pooling").mkdir(exist_ok=True)
    (folder / "1_Pooling/config.json").write_text(json.dumps({
        "word_embedding_dimension": 24, "pooling_mode_cls_token": False, "pooling_mode_mean_tokens": True,
        "pooling_mode_max_tokens": False}) + "\n")
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 32, "do_lower_case": False}) + "\n")


def embeddings(folder, tokenizer, texts):
    """As sentence-transformers has it: cut, mean over the mask, length 1."""
    limit = json.loads((folder / "sentence_bert_config.json").read_text())["max_seq_length"]
    model = BertModel.from_pretrained(folder, add_pooling_layer=False, attn_implementation="eager").eval()
    tokenizer.enable_truncation(limit)
    tokenizer.no_padding()
    for text in texts:
        ids = torch.tensor([tokenizer.encode(text).ids])
        with torch.no_grad():
            hidden = model(ids, attention_mask=torch.ones_like(ids)).last_hidden_state[0]
        mean = torch.nn.functional.normalize(hidden.mean(0), dim=0)
        yield {"text": text, "vector": [round(float(x), 7) for x in mean]}


def main():
    if len(sys.argv) == 4 and sys.argv[1] == "--real":
        folder = pathlib.Path(sys.argv[2])
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        pathlib.Path(sys.argv[3]).write_text(json.dumps(list(embeddings(folder, tokenizer, GRAMS))) + "\n")
    elif len(sys.argv) == 4 and sys.argv[1] == "--big":
        every = ["".join(f"x{chr(c)} " for c in range(start, start + 32) if not 0xD800 <= c < 0xE000)
                 for start in range(0, 0x110000, 32)]
        every += ["".join(chr(c) for c in range(start, start + 32) if not 0xD800 <= c < 0xE000)
                  for start in range(0, 0x110000, 32)]
        write_rows(sys.argv[3], Tokenizer.from_file(sys.argv[2]), lines(random.Random(4), 20000) + every)
    elif len(sys.argv) == 2:
        out = pathlib.Path(sys.argv[1])
        folder = out / "bert"
        folder.mkdir(parents=True, exist_ok=True)
        tokenizer = little_tokenizer()
        (folder / "tokenizer.json").write_text(tokenizer.to_str())
        write_folder(folder, tokenizer)
        write_rows(folder / "wordpiece.jsonl", tokenizer, lines(random.Random(3), 150))
        (folder / "embeddings.json").write_text(json.dumps(list(embeddings(folder, tokenizer, GRAMS))) + "\n")
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()

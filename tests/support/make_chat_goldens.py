#!/usr/bin/env python3
"""Renders conversations with real models' own templates, for tests/text/chat_template_test.cpp.

usage: make_chat_goldens.py OUT.json NAME=TOKENIZER_FOLDER_OR_GGUF ...
e.g.   make_chat_goldens.py tests/data/text/chat.json qwen3=.../qwen3 smollm2=.../SmolLM2.gguf
Only the rendered conversations are kept, not the templates.
"""
import json
import pathlib
import sys

from transformers.utils.chat_template_utils import render_jinja_template

TALKS = [
    [{"role": "user", "content": "What is 2 + 3?"}],
    [{"role": "system", "content": "Answer briefly."}, {"role": "user", "content": " Why? \n"}],
    [{"role": "user", "content": "1 + 1?"}, {"role": "assistant", "content": "2"},
     {"role": "user", "content": "And 2 + 2?"}],
    [{"role": "user", "content": "1 + 1?"},
     {"role": "assistant", "content": "<think>\nEasy.\n</think>\n\n2"}, {"role": "user", "content": "Sure?"}],
]


def template_of(path):
    path = pathlib.Path(path)
    if path.suffix == ".gguf":
        import gguf
        return gguf.GGUFReader(path).fields["tokenizer.chat_template"].contents(), ""
    spec = json.loads((path / "tokenizer_config.json").read_text())
    bos = spec.get("bos_token") or ""
    return spec["chat_template"], bos if isinstance(bos, str) else bos["content"]


rows = []
for argument in sys.argv[2:]:
    name, path = argument.split("=", 1)
    template, bos = template_of(path)
    for talk in TALKS:
        if "<think>" in talk[1]["content"] if len(talk) > 1 else False:
            if not name.startswith("qwen3"):
                continue
        options = dict(bos_token=bos, add_generation_prompt=True)
        if name == "qwen3-no-think":
            options["enable_thinking"] = False
        rendered, _ = render_jinja_template(conversations=[talk], chat_template=template, **options)
        rows.append({"model": name, "messages": talk, "rendered": rendered[0]})
pathlib.Path(sys.argv[1]).write_text(json.dumps(rows, indent=1) + "\n")
print(len(rows), "conversations")

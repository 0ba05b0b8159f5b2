#!/usr/bin/env python3
"""Writes the paper's two catalogues from its published list of strategic grams.

usage: make_paper_catalogues.py LIST.txt OUT_DIR

LIST.txt is listing 1 of appendix A of arXiv 2509.03646v3, one gram a line. Entries that are equal
after normalisation are kept once. paper-v3 holds those of three words or more, paper-v3-all holds
all. The paper gives no roles; those here follow from the cue words below and are ours.
"""
import hashlib
import json
import pathlib
import re
import sys

SOURCE = "arXiv 2509.03646v3, appendix A, listing 1; the roles are ours"
CUES = [
    ("backtracing", r"wait|mistake|error|rethink|reconsider|backtrack|go back|revisit|double|verif|check|validate|"
                    r"incorrect|wrong|flawed|isn't|can't be|hold on|second thought|closer inspection|looking back|"
                    r"re evaluate|correct the approach|not the correct|make sense|hold true|confirm|correctness|"
                    r"pause|previous step|missing"),
    ("branching", r"alternativ|another|different|what if|what happens|case|possibilit|doesn't work|simpler|"
                  r"straightforward|more direct|explore|perhaps|maybe|other hand|one way|find a way|approach (is|seems)|"
                  r"we can approach|try|assume|however|consider|it's better|seems"),
    ("deduction", r"conclude|follows|impl|means|infer|deduce|therefore|thus|\bso\b|since|because|leads|suggest|logical|"
                  r"insight|note that|recall|we know|can see|allows us|rewritten|from (the above|earlier)|similarly|"
                  r"the key|states|says|given the|use the fact|property|properties|referring"),
]


def words(text):
    return re.findall(r"[a-z0-9]+(?:'[a-z0-9]+)*", text.lower())


def role(gram):
    for name, cue in CUES:
        if re.search(cue, gram):
            return name
    return "other"


def catalogue(name, grams):
    content = {"schema": 1, "name": name, "source": SOURCE, "normaliser": 1, "corpus_digest": "",
               "grams": [{"text": gram, "role": role(gram), "origin": "paper"} for gram in grams]}
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    content["sha256"] = hashlib.sha256(canonical.encode()).hexdigest()
    return content


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    lines = pathlib.Path(sys.argv[1]).read_text().splitlines()
    grams = sorted({" ".join(words(line)) for line in lines} - {""})
    out = pathlib.Path(sys.argv[2])
    for name, kept in (("paper-v3", [g for g in grams if len(g.split()) >= 3]), ("paper-v3-all", grams)):
        (out / f"{name}.json").write_text(json.dumps(catalogue(name, kept), sort_keys=True, indent=1) + "\n")
        print(name, len(kept), "grams")


if __name__ == "__main__":
    main()

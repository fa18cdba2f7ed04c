"""Scores of options by PyTorch, for test/kinds/choice.test.ts.

    /path/to/venv/bin/python test/models/references/make_choices.py ../shared/models/stories260k

Needs torch, transformers and safetensors. Writes choices.json beside this script: for some of the project's own demo
questions (public/demo/questions.csv) the sum of ln p of every option's tokens behind its question and behind a neutral
prompt, the number of those tokens, and ln p of the options' letters averaged over the cyclic orders.

With --ask it reads {"asked": [{"left": ..., "options": [...]}]} from standard input instead and prints the sums and
numbers of tokens, so that a test can ask about questions that are not the project's to keep.
"""
import csv
import json
import pathlib
import sys

import torch
from safetensors.torch import load_file
from transformers import AutoConfig, LlamaForCausalLM, PreTrainedTokenizerFast

# Many threads only get in each other's way with so small a model.
torch.set_num_threads(1)
folder = pathlib.Path(sys.argv[1])
config = AutoConfig.from_pretrained(folder)
model = LlamaForCausalLM(config)
missing, unexpected = model.load_state_dict(load_file(folder / "model.safetensors"), strict=False)
assert not unexpected and set(missing) <= {"lm_head.weight"}, (missing, unexpected)
model.tie_weights()
model.eval()
tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(folder / "tokenizer.json"))


def encode(text):
    ids = tokenizer.encode(text, add_special_tokens=False)
    return ids if ids[:1] == [config.bos_token_id] else [config.bos_token_id, *ids]


def common(one, other):
    at = 0
    while at < min(len(one), len(other)) and one[at] == other[at]:
        at += 1
    return at


def likelihoods(left, options):
    """For each option the sum of ln p of its tokens behind a text, one text at a time, and how many they are.

    Tokens that hold only what stands before the options, white space included, are no option's where all options have them.
    """
    before, spaced, whole = encode(left.rstrip()), encode(left), [encode(left + option) for option in options]
    of_all = min(common(ids, spaced) for ids in whole)
    found = []
    for ids in whole:
        start = max(common(ids, before), of_all)
        with torch.no_grad():
            rows = torch.log_softmax(model(torch.tensor([ids])).logits[0].double(), dim=-1)
        found.append((sum(rows[at - 1, ids[at]].item() for at in range(start, len(ids))), len(ids) - start))
    return found


def asked(left, options):
    found = likelihoods(left, options)
    return {"sums": [float(f"{total:.9g}") for total, _ in found], "tokens": [tokens for _, tokens in found]}


def letters(head, tail, options):
    """Means over the orders in which each option stands in each place once."""
    names = "ABCDEFGHIJ"
    k = len(options)
    sums = [0.0] * k
    for turn in range(k):
        listed = "\n".join(f"{names[place]}. {options[(place - turn) % k]}" for place in range(k))
        found = likelihoods(f"{head}\n{listed}\n{tail}", [names[(i + turn) % k] for i in range(k)])
        for i in range(k):
            sums[i] += found[i][0] / k
    return [float(f"{total:.9g}") for total in sums]


if "--ask" in sys.argv:
    print(json.dumps([asked(one["left"], one["options"]) for one in json.load(sys.stdin)["asked"]]))
    sys.exit()

root = pathlib.Path(__file__).resolve().parents[3]
rows = list(csv.DictReader((root / "public/demo/questions.csv").open(encoding="utf-8")))
found = []
for at in range(0, len(rows), 10):
    row = rows[at]
    for language, head, tail in (("en", "Question: ", "Answer: "), ("nl", "Vraag: ", "Antwoord: ")):
        options = [row[f"{language}_{letter}"] for letter in "abcd"]
        question = head + row[f"{language}_question"]
        found.append({
            "id": row["id"], "language": language, **asked(f"{question}\n{tail}", options),
            "neutral": asked(tail, options)["sums"], "letters": letters(question, tail, options),
        })
path = pathlib.Path(__file__).with_name("choices.json")
note = "PyTorch float32, from make_choices.py: stories260k on every tenth demo question"
path.write_text("{\"note\":" + json.dumps(note) + ",\"questions\":[\n" + ",\n".join(json.dumps(one, separators=(",", ":")) for one in found) + "\n]}\n")
print(path.name, path.stat().st_size, "bytes", len(found), "questions")

"""Ratings of demo words by stories260k in PyTorch, for test/models/elicit.test.ts.

    /path/to/venv/bin/python test/models/references/make_elicited.py ../shared/models public/demo/concepts.csv

Needs torch, transformers and tokenizers. Writes elicited.json beside this script: for every word and prompt the ids that
are fed, the rating expected under the probabilities of the digits' tokens as the next one (normalised over them), their
probability in all, and the text of the most probable tokens one after the other, each prompt read by itself and whole,
in float64.

The ids fed are those that the prompt followed by a blank and "0", and by a blank and "5", begin with.
"""
import csv
import json
import pathlib
import sys

import torch
from safetensors.torch import load_file
from transformers import AutoConfig, LlamaForCausalLM, PreTrainedTokenizerFast

models, concepts = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
low, high, tokens = 0, 5, 4

prompts = {
    "Visual": [
        "How strongly is what this word means experienced by seeing? Rate it from 0 (not at all) to 5 (greatly). Answer with only a number from 0 to 5.\nWord: {word}\nRating:",
        "You rate a word on a scale from 0 (not at all) to 5 (very strongly). How strongly is what this word means experienced by seeing? Give the number only.\nWord: {word}\nNumber:",
    ],
    "Mouth": [
        "How strongly is what this word means experienced by an action of the mouth or throat? Rate it from 0 (not at all) to 5 (greatly). Answer with only a number from 0 to 5.\nWord: {word}\nRating:",
        "You rate a word on a scale from 0 (not at all) to 5 (very strongly). How strongly is what this word means experienced by an action of the mouth or throat? Give the number only.\nWord: {word}\nNumber:",
    ],
}

folder = models / "stories260k"
config = AutoConfig.from_pretrained(folder)
model = LlamaForCausalLM(config)
missing, unexpected = model.load_state_dict(load_file(folder / "model.safetensors"), strict=False)
assert not unexpected and set(missing) <= {"lm_head.weight"}, (missing, unexpected)
model.tie_weights()
model.eval().double()
tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(folder / "tokenizer.json"), bos_token="<s>", eos_token="</s>", unk_token="<unk>", clean_up_tokenization_spaces=False)

digits = {}
for token in range(config.vocab_size):
    text = tokenizer.decode([token]).strip()
    if len(text) == 1 and text.isascii() and text.isdigit() and low <= int(text) <= high:
        digits[token] = int(text)


def common(lists):
    length = 0
    while all(length < len(ids) and ids[length] == lists[0][length] for ids in lists):
        length += 1
    return lists[0][:length]


def ask(text):
    ids = common([tokenizer.encode(f"{text} {digit}") for digit in (low, high)])
    logs = []
    answer = []
    with torch.no_grad():
        for _ in range(tokens):
            logs.append(torch.log_softmax(model(torch.tensor([ids + answer])).logits[0, -1], dim=-1))
            token = int(logs[-1].argmax())
            if token == config.eos_token_id:
                break
            answer.append(token)
    shares = {token: float(logs[0][token].exp()) for token in digits}
    mass = sum(shares.values())
    return {
        "ids": ids,
        "expected": float(f"{sum(digits[token] * share for token, share in shares.items()) / mass:.9g}"),
        "mass": float(f"{mass:.9g}"),
        "text": tokenizer.decode(answer),
    }


with concepts.open(encoding="utf-8") as file:
    words = [row["word"] for row in list(csv.DictReader(file))[::120]]
answers = {
    dimension: [[ask(wording.replace("{word}", word)) for word in words] for wording in wordings]
    for dimension, wordings in prompts.items()
}
path = pathlib.Path(__file__).with_name("elicited.json")
reference = {"note": "PyTorch float64, from make_elicited.py", "words": words, "tokens": tokens, "digits": digits, "prompts": prompts, "answers": answers}
path.write_text(json.dumps(reference, separators=(",", ":"), ensure_ascii=False) + "\n", encoding="utf-8")
print(path.name, path.stat().st_size, "bytes")

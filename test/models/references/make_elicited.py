"""Ratings by stories260k and sensorium-mini-causal in PyTorch, for test/models/elicit.test.ts.

    /path/to/venv/bin/python test/models/references/make_elicited.py ../shared/models public

Needs torch, transformers, tokenizers and onnx. Writes elicited.json beside this script: for every word and prompt the
rating expected under the probabilities of the digits' tokens as the next one (normalised over them), their probability in
all, the text of the most probable tokens one after the other, whether it was cut off, and its number where it is nothing
but one digit of the scale; each prompt read by itself and whole, in float64. And the ids that are fed for the first word.

The ids fed are those that the prompt followed by a blank and "0", and by a blank and "5", begin with; in a chat without
the blank, and where the prompt ends in a Chinese colon. Words are of the demo list; the Chinese ones are ours.
"""
import csv
import json
import pathlib
import re
import sys

import torch
from safetensors.torch import load_file
from transformers import AutoConfig, LlamaForCausalLM, PreTrainedTokenizerFast

models, public = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
sys.path.insert(0, str(public.resolve().parent / "tools" / "model"))
from weights import from_onnx  # noqa: E402

low, high = 0, 5
with (public / "demo/concepts.csv").open(encoding="utf-8") as file:
    concepts = list(csv.DictReader(file))[::80]
english, dutch, chinese = [row["word"] for row in concepts], [row["dutch"] for row in concepts], ["狗", "面包"]

template = (
    "{{ bos_token }}{% for message in messages %}({{ message['role'] }}) {{ message['content'] | trim }}\n{% endfor %}"
    "{% if add_generation_prompt %}(answer){% if enable_thinking is defined and not enable_thinking %} no thoughts:{% endif %}\n{% endif %}"
)
seeing = "How strongly is what this word means experienced by seeing?"
speaking = "How strongly is what this word means experienced by an action of the mouth or throat?"
scale = "Rate it from 0 (not at all) to 5 (greatly). Answer with only a number from 0 to 5.\nWord: {word}\nRating:"
number = "Give the number only.\nWord: {word}\nNumber:"
begin = "You rate a word on a scale from 0 (not at all) to 5 (very strongly)."
grade = "Beoordeel het van 0 (helemaal niet) tot 5 (heel sterk). Antwoord met alleen een getal van 0 tot 5.\nWoord: {word}\nBeoordeling:"

# Prompts: wordings by dimensions. `own`: what the reader writes in place of ours.
sets = [
    dict(name="English", model="stories260k", language="en", words=english, tokens=4,
         prompts=[[f"{seeing} {scale}", f"{speaking} {scale}"], [f"{begin} {seeing} {number}", f"{begin} {speaking} {number}"]]),
    dict(name="Dutch", model="stories260k", language="nl", words=dutch[:2], tokens=2, prompts=[[
        f"Hoe sterk wordt wat dit woord betekent ervaren door te zien? {grade}",
        f"Hoe sterk wordt wat dit woord betekent ervaren door een handeling van de mond of de keel? {grade}",
    ]]),
    dict(name="Chinese", model="stories260k", language="zh", words=chinese, tokens=2, prompts=[[
        f"人们在多大程度上通过{sense}来体验这个词所表示的事物？请从0（完全没有）到5（非常强烈）打分，只回答一个0到5之间的数字。\n词语：{{word}}\n评分："
        for sense in ("视觉", "嘴或喉咙的动作")
    ]]),
    dict(name="in a chat", model="stories260k", language="en", words=english[:2], tokens=2, template=template, system="You judge words.",
         prompts=[[f"{seeing} {scale}", f"{speaking} {scale}"]]),
    dict(name="a story", model="stories260k", language="en", words=english, tokens=2,
         own=["Visual: Once upon a time, there was a 3 year old girl named {word}. She was ", "Mouth: {dimension}: once upon a time, there was a 3 year old {word}. It was "],
         prompts=[["Once upon a time, there was a 3 year old girl named {word}. She was", "by an action of the mouth or throat: once upon a time, there was a 3 year old {word}. It was"]]),
    dict(name="a form that was learnt", model="sensorium-mini-causal", language="en", words=english, tokens=3,
         own=["Visual: how bright is {word} ? answer from 0 to 5 :", "Mouth: how closely does {word} go with eating ? answer from 0 to 5 : "],
         prompts=[["how bright is {word} ? answer from 0 to 5 :", "how closely does {word} go with eating ? answer from 0 to 5 :"]]),
    dict(name="that form in Dutch", model="sensorium-mini-causal", language="nl", words=dutch, tokens=3,
         own=["hoe goed past {word} bij {dimension} ? antwoord van 0 tot 5 :"],
         prompts=[["hoe goed past {word} bij door te zien ? antwoord van 0 tot 5 :", "hoe goed past {word} bij door een handeling van de mond of de keel ? antwoord van 0 tot 5 :"]]),
    dict(name="years", model="sensorium-mini-causal", language="en", words=english, tokens=3,
         own=["{dimension} : {word} 1 , 2 , 3 ,"], prompts=[["by seeing : {word} 1 , 2 , 3 ,", "by an action of the mouth or throat : {word} 1 , 2 , 3 ,"]]),
]


def stories():
    folder = models / "stories260k"
    model = LlamaForCausalLM(AutoConfig.from_pretrained(folder))
    missing, unexpected = model.load_state_dict(load_file(folder / "model.safetensors"), strict=False)
    assert not unexpected and set(missing) <= {"lm_head.weight"}, (missing, unexpected)
    model.tie_weights()
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(folder / "tokenizer.json"), bos_token="<s>", eos_token="</s>", unk_token="<unk>")
    tokenizer.chat_template = template
    return model, tokenizer


def mini():
    folder = public / "models/sensorium-mini-causal"
    return from_onnx(folder), PreTrainedTokenizerFast.from_pretrained(folder)


def digits_of(model, tokenizer):
    digits = {}
    for token in range(model.config.vocab_size):
        text = tokenizer.decode([token]).strip()
        if len(text) == 1 and text.isascii() and text.isdigit() and low <= int(text) <= high:
            digits[token] = int(text)
    return digits


def common(lists):
    length = 0
    while all(length < len(ids) and ids[length] == lists[0][length] for ids in lists):
        length += 1
    return lists[0][:length]


def ask(model, tokenizer, digits, prompt, tokens, chat, system):
    if chat:
        messages = [{"role": "system", "content": system}, {"role": "user", "content": prompt}]
        prompt = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True, enable_thinking=False)
    blank = "" if chat or prompt.endswith("：") else " "

    def encoded(text):
        # The bundled tokenizer would put the end of the text behind it.
        bare = tokenizer.encode(text, add_special_tokens=False)
        return bare if chat else [model.config.bos_token_id, *bare]

    ids = common([encoded(f"{prompt}{blank}{digit}") for digit in (low, high)])
    logs, answer, text, cut = [], [], "", True
    with torch.no_grad():
        for _ in range(tokens):
            logs.append(torch.log_softmax(model(torch.tensor([ids + answer])).logits[0, -1], dim=-1))
            token = int(logs[-1].argmax())
            if token == model.config.eos_token_id:
                cut = False
                break
            answer.append(token)
            text = tokenizer.decode(answer, skip_special_tokens=True, clean_up_tokenization_spaces=False)
            if re.search(r"\S\s*\n", text):
                text, cut = text.split("\n")[0].rstrip(), False
                break
    shares = {token: float(logs[0][token].exp()) for token in digits}
    mass = sum(shares.values())
    return ids, [
        float(f"{sum(digits[token] * share for token, share in shares.items()) / mass:.9g}"), float(f"{mass:.9g}"), text, cut,
        int(text) if re.fullmatch(r"\s*[0-5]\s*", text) and not cut else None,
    ]


loaded = {"stories260k": stories(), "sensorium-mini-causal": mini()}
reference = {"note": "PyTorch float64, from make_elicited.py", "dimensions": ["Visual", "Mouth"], "template": template, "digits": {}, "sets": []}
for name, (model, tokenizer) in loaded.items():
    model.eval().double()
    reference["digits"][name] = digits_of(model, tokenizer)
for one in sets:
    model, tokenizer = loaded[one["model"]]
    asked = [
        [[ask(model, tokenizer, reference["digits"][one["model"]], prompt.replace("{word}", word), one["tokens"], "template" in one, one.get("system", "")) for word in one["words"]] for prompt in wording]
        for wording in one["prompts"]
    ]
    masses = [answer[1] for wording in asked for prompt in wording for _, answer in prompt]
    ratings = sum(answer[4] is not None for wording in asked for prompt in wording for _, answer in prompt)
    print(f"{one['name']}: {len(masses)} prompts, mass {min(masses):.4f} to {max(masses):.4f}, {ratings} greedy ratings, e.g. {asked[0][0][0][1]}")
    reference["sets"].append({
        "own": [], "system": "", **{key: value for key, value in one.items() if key != "template"}, "chat": "template" in one,
        "ids": [[prompt[0][0] for prompt in wording] for wording in asked],
        "answers": [[[answer for _, answer in prompt] for prompt in wording] for wording in asked],
    })
path = pathlib.Path(__file__).with_name("elicited.json")
path.write_text(json.dumps(reference, separators=(",", ":"), ensure_ascii=False) + "\n", encoding="utf-8")
print(path.name, path.stat().st_size, "bytes")

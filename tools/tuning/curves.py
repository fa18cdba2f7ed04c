"""Loss curves of PyTorch + peft over 100 steps, for test/tuning/agreement.test.ts.

    python tools/tuning/curves.py ../shared/models

Needs torch, transformers and peft. Writes test/tuning/references/curves.json: the losses and the norms of the gradients,
nothing else. Texts, targets and first values follow from the rules below, which the test has too.
"""

import json
import math
import pathlib
import sys

import peft
import torch
import transformers
from check import train

STEPS = 100
TEXTS = 40
BATCH = 8
DIMENSIONS = 4
OPTIMISER = {"kind": "adamw", "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "weightDecay": 0.01}


def text(number, vocabulary):
    """2 to 7 tokens."""
    return [3 + (7919 * number + 104729 * at * at + 31 * number * at) % (vocabulary - 3) for at in range(2 + (5 * number) % 6)]


def numbers(place, count, bound):
    """What the parameter at this place of the list starts with."""
    return [bound * math.sin(0.7 + 1.1 * place + 0.9 * at) for at in range(count)]


def batches(vocabulary, ratings):
    for step in range(STEPS):
        chosen = [(BATCH * step + at) % TEXTS for at in range(BATCH)]
        texts = [text(number, vocabulary) for number in chosen]
        longest = max(map(len, texts))
        batch = {"ids": [ids + [0] * (longest - len(ids)) for ids in texts], "mask": [[1] * len(ids) + [0] * (longest - len(ids)) for ids in texts]}
        if ratings:
            # All tokens of a text but its first; some targets are missing.
            batch["weights"] = [float(0 < at < len(ids)) for ids in texts for at in range(longest)]
            batch["targets"] = [None if (number + k) % 7 == 0 else math.sin(1.3 * number + 2.1 * k) for number in chosen for k in range(DIMENSIONS)]
        else:
            batch["causal"] = True
            batch["targets"] = [[row, at, ids[at]] for row, ids in enumerate(texts) for at in range(1, len(ids))]
        yield batch


def curve(model, architecture, modules, *, rank, scale, hidden, vocabulary, schedule, clip, ratings):
    first = {f"{module}.a": numbers(place, hidden * rank, 1 / math.sqrt(hidden)) for place, module in enumerate(modules)}
    if ratings:
        first["rating.weight"] = numbers(len(modules), hidden * DIMENSIONS, 1 / math.sqrt(hidden))
        first["rating.bias"] = [0.0] * DIMENSIONS
    settings = {"optimiser": OPTIMISER, "clip": clip, "schedule": {"steps": STEPS, **schedule}}
    found = train({"class": architecture, "model": model, "modules": modules, "rank": rank, "scale": scale, "first": first, "batches": list(batches(vocabulary, ratings)), "settings": settings})
    return {name: [float(f"{value:.8g}") for value in values] for name, values in found.items()}


def main() -> None:
    models = pathlib.Path(sys.argv[1])
    query_value = [f"encoder.layer.{layer}.attention.self.{part}" for layer in range(4) for part in ("query", "value")]
    llama = [f"model.layers.{layer}.self_attn.{part}_proj" for layer in range(5) for part in "qv"]
    references = {
        "note": f"torch {torch.__version__}, transformers {transformers.__version__}, peft {peft.__version__}, from tools/tuning/curves.py",
        "ratings": curve(models / "random-bert", "BertModel", query_value, rank=8, scale=2, hidden=128, vocabulary=2000, schedule={"decay": "linear", "peak": 0.005, "warmUp": 10}, clip=1, ratings=True),
        "language": curve(models / "stories260k", "LlamaForCausalLM", llama, rank=8, scale=2, hidden=64, vocabulary=512, schedule={"decay": "cosine", "peak": 0.003, "warmUp": 5}, clip=1, ratings=False),
    }
    path = pathlib.Path(__file__).parents[2] / "test/tuning/references/curves.json"
    path.write_text(json.dumps(references, separators=(",", ":")) + "\n")
    for name in ("ratings", "language"):
        print(name, [round(loss, 3) for loss in references[name]["losses"][::9]], [round(norm, 3) for norm in references[name]["norms"][::9]])


if __name__ == "__main__":
    main()

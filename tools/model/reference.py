"""Step 9: what PyTorch computes for a few texts, for the tests of the app.

The weights are read back from the exported ONNX files, so the references belong to those very files. Writes, for each
text, the hidden states of every layer (0 = embeddings, as in transformers): the mean over the text's own tokens in
full, and the first values of every token. And log-probabilities: the encoder's, of each own token when it alone is
masked; the causal model's, of each token given those before it.
"""

import json
from pathlib import Path

import torch
from transformers import PreTrainedTokenizerFast

from export import MODELS
from text import arguments
from weights import from_onnx

FOLDER = Path("test/models")
TEXTS = [
    ("en", "thunder"),
    ("en", "marmalade jar"),
    ("en", "She wraps her cold hands around the warm mug."),
    ("nl", "onweer"),
    ("nl", "zeepbel"),
    ("nl", "Op de markt ruikt het naar versgebakken brood en één rijpe kaas."),
]
SHOWN = 8  # values per token


def rounded(values: torch.Tensor) -> list[float]:
    return [float(f"{value:.7g}") for value in values.tolist()]


def log_probabilities(model, ids: torch.Tensor, own: list[int], mask: int, causal: bool) -> torch.Tensor:
    with torch.no_grad():
        if causal:
            rows = model(input_ids=ids).logits.log_softmax(-1)[0]
            return torch.stack([rows[place - 1, ids[0, place]] for place in own])
        values = []
        for place in own:
            masked = ids.clone()
            masked[0, place] = mask
            values.append(model(input_ids=masked).logits.log_softmax(-1)[0, place, ids[0, place]])
        return torch.stack(values)


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--models", nargs="+", default=["sensorium-mini", "sensorium-mini-causal"])
    options = parser.parse_args()
    for name in options.models:
        folder = MODELS / name
        model = from_onnx(folder)
        causal = model.config.model_type == "llama"
        tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
        entries = []
        for language, text in TEXTS:
            ids = tokenizer(text, return_tensors="pt")["input_ids"]
            own = [i for i, token in enumerate(ids[0].tolist()) if token not in tokenizer.all_special_ids]
            with torch.no_grad():
                states = model(input_ids=ids, output_hidden_states=True).hidden_states
            entries.append({
                "language": language,
                "text": text,
                "tokens": tokenizer.convert_ids_to_tokens(ids[0].tolist()),
                "input_ids": ids[0].tolist(),
                "layers": [{"mean": rounded(state[0, own].mean(0)), "tokens": [rounded(row[:SHOWN]) for row in state[0]]} for state in states],
                "log_probabilities": rounded(log_probabilities(model, ids, own, tokenizer.mask_token_id, causal)),
            })  # fmt: skip
        about = (
            f"PyTorch's values for public/models/{name}. Hidden states, layer 0 = embeddings: 'mean' over the text's own tokens, 'tokens' the first "
            f"{SHOWN} values of every token. 'log_probabilities' of the own tokens: "
            + ("given the tokens before." if causal else "each masked by itself.")
            + " Written by tools/model/reference.py."
        )
        path = FOLDER / f"{name}-reference.json"
        path.write_text(json.dumps({"about": about, "entries": entries}, ensure_ascii=False) + "\n")
        print(f"{path}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()

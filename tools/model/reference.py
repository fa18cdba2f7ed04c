"""Step 7: what PyTorch computes for a few texts, for the tests of the app.

The weights are read back from the exported ONNX file, so the reference belongs to that very file.
Writes the hidden states of every layer (0 = embeddings, as in transformers): the mean over the
text's own tokens in full, and the first values of every token.
"""

import json
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from export import OUT
from text import arguments

REFERENCE = Path("test/models/sensorium-mini-reference.json")
TEXTS = [
    ("en", "thunder"),
    ("en", "marmalade jar"),
    ("en", "She wraps her cold hands around the warm mug."),
    ("nl", "onweer"),
    ("nl", "zeepbel"),
    ("nl", "Op de markt ruikt het naar versgebakken brood en één rijpe kaas."),
]
SHOWN = 8  # values per token


def weights(path: Path) -> dict[str, torch.Tensor]:
    """The state of a BertModel from the graph's initialisers.

    The exporter keeps the names of embeddings, biases and norms, but transposes each dense weight and
    gives it a number; the bias added to its product tells which layer it is.
    """
    graph = onnx.load(path).graph
    tensors = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    users = {name: node for node in graph.node for name in node.input}
    state = {name.removeprefix("model."): value for name, value in tensors.items() if name.startswith("model.")}
    for node in graph.node:
        weight = next((name for name in node.input if name in tensors and not name.startswith("model.")), None)
        if node.op_type != "MatMul" or weight is None:
            continue
        bias = next(name for name in users[node.output[0]].input if name.endswith(".bias"))
        state[bias.removeprefix("model.").removesuffix("bias") + "weight"] = tensors[weight].T
    return {name: torch.from_numpy(np.array(value)) for name, value in state.items()}


def rounded(values: torch.Tensor) -> list:
    return [float(f"{value:.7g}") for value in values.tolist()]


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--model", type=Path, default=OUT)
    parser.add_argument("--out", type=Path, default=REFERENCE)
    options = parser.parse_args()

    config = BertConfig.from_pretrained(options.model, attn_implementation="eager")
    model = BertModel(config, add_pooling_layer=False).eval()
    missing, unexpected = model.load_state_dict(weights(options.model / "onnx" / "model.onnx"), strict=False)
    missing = [name for name in missing if not name.endswith(("position_ids", "token_type_ids"))]
    if missing or unexpected:
        raise SystemExit(f"weights do not match the model: missing {missing}, unexpected {unexpected}")

    tokenizer = PreTrainedTokenizerFast.from_pretrained(options.model)
    entries = []
    for language, text in TEXTS:
        batch = tokenizer(text, return_tensors="pt")
        ids = batch["input_ids"]
        with torch.no_grad():
            states = model(ids, torch.ones_like(ids), torch.zeros_like(ids), output_hidden_states=True).hidden_states
        layers = [{"mean": rounded(state[0, 1:-1].mean(0)), "tokens": [rounded(row[:SHOWN]) for row in state[0]]} for state in states]
        entries.append(
            {
                "language": language,
                "text": text,
                "tokens": tokenizer.convert_ids_to_tokens(ids[0].tolist()),
                "input_ids": ids[0].tolist(),
                "layers": layers,
            }
        )
    about = (
        "PyTorch hidden states of public/models/sensorium-mini, layer 0 = embeddings; 'mean' is over all tokens but"
        f" [CLS] and [SEP], 'tokens' holds the first {SHOWN} values of every token. Written by tools/model/reference.py."
    )
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps({"about": about, "entries": entries}, ensure_ascii=False) + "\n")
    print(f"{options.out}: {options.out.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()

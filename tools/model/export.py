"""Step 5: write the checkpoint in the layout of a model hub, for transformers.js.

OUT/{config.json, tokenizer.json, tokenizer_config.json, special_tokens_map.json, onnx/model.onnx}.
The graph gives last_hidden_state only: the app adds the other layers' outputs to the graph itself.
Ends with a comparison of onnxruntime and PyTorch, and fails where they differ by more than 1e-5.
"""

import json
import shutil
import warnings
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from transformers import BertModel, PreTrainedTokenizerFast

from text import arguments

OUT = Path("public/models/sensorium-mini")
OPSET = 17
SENTENCES = [
    "The smell of fresh bread drifts from the warm kitchen.",
    "Zij hoort de regen op het dak.",
    "velvet",
    "a",
    "'s Ochtends ruikt het huis naar koffie, zegt hij; één kop is genoeg!",
]


class Encoder(torch.nn.Module):
    """Positional inputs and one output, which is what the exporter traces."""

    def __init__(self, model: BertModel):
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask, token_type_ids):
        return self.model(input_ids, attention_mask, token_type_ids).last_hidden_state


def load(folder: Path) -> BertModel:
    return BertModel.from_pretrained(folder, add_pooling_layer=False, attn_implementation="eager").eval()


def write_graph(model: BertModel, path: Path) -> None:
    # Two rows of different length, so that nothing about the mask or the batch is traced as a constant.
    ids = torch.tensor([[2, 50, 60, 70, 3], [2, 80, 3, 0, 0]])
    inputs = (ids, (ids != 0).long(), torch.zeros_like(ids))
    names = ["input_ids", "attention_mask", "token_type_ids"]
    axes = {name: {0: "batch_size", 1: "sequence_length"} for name in [*names, "last_hidden_state"]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Encoder(model), inputs, str(path), input_names=names, output_names=["last_hidden_state"],
            dynamic_axes=axes, opset_version=OPSET, do_constant_folding=True, dynamo=False,
        )  # fmt: skip
    graph = onnx.load(path)
    onnx.checker.check_model(graph, full_check=True)
    for tensor in graph.graph.initializer:
        assert tensor.data_type != onnx.TensorProto.FLOAT or tensor.raw_data, f"not raw data: {tensor.name}"


def largest_difference(model: BertModel, tokenizer, path: Path) -> float:
    """Between onnxruntime and PyTorch, over one padded batch and each text alone."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    differences = []
    for texts in [SENTENCES, *([text] for text in SENTENCES)]:
        batch = tokenizer(texts, padding=True, return_tensors="pt", return_token_type_ids=True)
        with torch.no_grad():
            expected = Encoder(model)(batch["input_ids"], batch["attention_mask"], batch["token_type_ids"]).numpy()
        (actual,) = session.run(None, {key: batch[key].numpy() for key in ("input_ids", "attention_mask", "token_type_ids")})
        real = batch["attention_mask"].numpy().astype(bool)
        differences.append(float(np.abs(actual - expected)[real].max()))
    return max(differences)


def write_settings(model: BertModel, work: Path, out: Path) -> None:
    config = model.config
    keys = [
        "vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "hidden_act",
        "hidden_dropout_prob", "attention_probs_dropout_prob", "max_position_embeddings", "type_vocab_size",
        "initializer_range", "layer_norm_eps", "pad_token_id",
    ]  # fmt: skip
    settings = {"architectures": ["BertModel"], "model_type": "bert", "torch_dtype": "float32"}
    settings |= {key: getattr(config, key) for key in keys} | {"position_embedding_type": "absolute"}
    (out / "config.json").write_text(json.dumps(settings, indent=2) + "\n")

    shutil.copy(work / "tokenizer" / "tokenizer.json", out / "tokenizer.json")
    special = {f"{name}_token": f"[{name.upper()}]" for name in ("pad", "unk", "cls", "sep", "mask")}
    (out / "special_tokens_map.json").write_text(json.dumps(special, indent=2) + "\n")
    tokenizer = {"tokenizer_class": "BertTokenizer", "do_lower_case": True, "strip_accents": True}
    tokenizer |= {"tokenize_chinese_chars": True, "model_max_length": config.max_position_embeddings, **special}
    (out / "tokenizer_config.json").write_text(json.dumps(tokenizer, indent=2) + "\n")


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--name", default="checkpoint", help="folder of the checkpoint under WORK")
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    path = options.out / "onnx" / "model.onnx"
    path.parent.mkdir(parents=True, exist_ok=True)

    model = load(options.work / options.name)
    write_settings(model, options.work, options.out)
    write_graph(model, path)
    tokenizer = PreTrainedTokenizerFast.from_pretrained(options.out)
    difference = largest_difference(model, tokenizer, path)
    print(f"{path}: {path.stat().st_size / 1e6:.2f} MB, largest difference to PyTorch {difference:.1e}")
    if difference > 1e-5:
        raise SystemExit("the exported graph differs from PyTorch")


if __name__ == "__main__":
    main()

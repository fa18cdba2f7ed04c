"""Step 6: write a checkpoint in the layout of a model hub, for transformers.js.

OUT/{config.json, tokenizer.json, tokenizer_config.json, special_tokens_map.json, onnx/model.onnx}.
The graph gives last_hidden_state and logits: the app adds the other layers' outputs to the graph itself, and leaves
out what no wanted output needs. Matrices are stored as float16 and widened by a Cast in the graph: half the download,
and all arithmetic in float32 on any device. Weights are rounded before anything is compared, so the file holds the
model exactly. A weight that a product reads transposed is named PARAMETER.transposed (weights.py reads them back).
Ends with a comparison of onnxruntime and PyTorch, and fails where they differ by more than 2e-5.
"""

import json
import warnings
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from transformers import BertForMaskedLM, LlamaForCausalLM, PreTrainedTokenizerFast

from text import arguments

MODELS = Path("public/models")
OPSET = 17
SENTENCES = [
    "The smell of fresh bread drifts from the warm kitchen.",
    "Zij hoort de regen op het dak.",
    "velvet",
    "a",
    "'s Ochtends ruikt het huis naar koffie, zegt hij; één kop is genoeg!",
]
SPECIAL = {f"{name}_token": f"[{name.upper()}]" for name in ("pad", "unk", "cls", "sep", "mask")}


class Encoder(torch.nn.Module):
    """Positional inputs, which is what the exporter traces."""

    inputs = ("input_ids", "attention_mask", "token_type_ids")

    def __init__(self, model: BertForMaskedLM):
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask, token_type_ids):
        hidden = self.model.bert(input_ids, attention_mask, token_type_ids).last_hidden_state
        return hidden, self.model.cls(hidden)


class Causal(torch.nn.Module):
    """The mask is made here, so that nothing of its size is traced as a constant. Right padding only."""

    inputs = ("input_ids", "attention_mask")

    def __init__(self, model: LlamaForCausalLM):
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask):
        place = torch.arange(input_ids.shape[1], device=input_ids.device)
        seen = (place[None, :] <= place[:, None]) & (attention_mask[:, None, None, :] > 0)
        mask = torch.where(seen, 0.0, -1e9)
        hidden = self.model.model(input_ids, attention_mask=mask, position_ids=place[None, :], use_cache=False).last_hidden_state
        return hidden, self.model.lm_head(hidden)


def load(folder: Path, causal: bool):
    """The checkpoint with its matrices rounded to half precision."""
    kind = LlamaForCausalLM if causal else BertForMaskedLM
    model = kind.from_pretrained(folder, attn_implementation="eager").eval()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim > 1:
                parameter.copy_(parameter.half().float())
    return Causal(model) if causal else Encoder(model)


def trace(wrapped, path: Path) -> onnx.ModelProto:
    # Two rows of different length, so that nothing about the mask or the batch is traced as a constant.
    ids = torch.tensor([[2, 50, 60, 70, 3], [2, 80, 3, 0, 0]])
    given = {"input_ids": ids, "attention_mask": (ids != 0).long(), "token_type_ids": torch.zeros_like(ids)}
    outputs = ["last_hidden_state", "logits"]
    axes = {name: {0: "batch_size", 1: "sequence_length"} for name in [*wrapped.inputs, *outputs]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            wrapped, tuple(given[name] for name in wrapped.inputs), str(path), input_names=list(wrapped.inputs), output_names=outputs,
            dynamic_axes=axes, opset_version=OPSET, do_constant_folding=True, dynamo=False,
        )  # fmt: skip
    return onnx.load(path)


def name_weights(graph: onnx.GraphProto, wrapped) -> None:
    """Gives weights the names of their parameters in PyTorch (transposed ones with an ending), and takes the tied table's second copy out of the file."""
    parameters = {name.removeprefix("model."): p.detach().numpy() for name, p in wrapped.named_parameters() if p.ndim == 2}
    tables = [name for name in parameters if name.endswith(("word_embeddings.weight", "embed_tokens.weight"))]
    table = next(t for t in graph.initializer if t.name.removeprefix("model.") in tables)
    renamed: dict[str, str] = {}
    for tensor in list(graph.initializer):
        tensor_name = tensor.name.removeprefix("model.")
        if len(tensor.dims) != 2 or tensor_name in parameters:
            continue
        value = numpy_helper.to_array(tensor)
        if value.dtype != np.float32:
            continue
        matches = [name for name, p in parameters.items() if p.T.shape == value.shape and np.array_equal(p.T, value)]
        if not matches:
            continue
        if matches[0] in tables:
            turned = f"{matches[0]}.transposed"
            renamed[tensor.name] = turned
            graph.initializer.remove(tensor)
            graph.node.insert(0, helper.make_node("Transpose", [table.name], [turned], name="/transpose_table", perm=[1, 0]))
        else:
            renamed[tensor.name] = f"{matches[0]}.transposed"
    # The rest keeps its name, without the wrapper's.
    for tensor in graph.initializer:
        renamed.setdefault(tensor.name, tensor.name.removeprefix("model."))
        tensor.name = renamed[tensor.name]
    for node in graph.node:
        for position, name in enumerate(node.input):
            node.input[position] = renamed.get(name, name)


def halve(graph: onnx.GraphProto) -> None:
    """Stores every matrix as float16 and widens it with a Cast."""
    casts = []
    for tensor in graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or len(tensor.dims) < 2:
            continue
        wide = tensor.name
        half = numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float16), f"{wide}.half")
        tensor.CopyFrom(half)
        casts.append(helper.make_node("Cast", [half.name], [wide], name=f"/widen/{wide}", to=TensorProto.FLOAT))
    for position, cast in enumerate(casts):
        graph.node.insert(position, cast)


def write_graph(wrapped, path: Path) -> None:
    graph = trace(wrapped, path)
    name_weights(graph.graph, wrapped)
    halve(graph.graph)
    onnx.checker.check_model(graph, full_check=True)
    for tensor in graph.graph.initializer:
        assert tensor.data_type not in (TensorProto.FLOAT, TensorProto.FLOAT16) or tensor.raw_data, f"not raw data: {tensor.name}"
    onnx.save(graph, path)


def largest_difference(wrapped, tokenizer, path: Path) -> float:
    """Between onnxruntime and PyTorch, over one padded batch and each text alone."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    differences = []
    for texts in [SENTENCES, *([text] for text in SENTENCES)]:
        batch = tokenizer(texts, padding=True, return_tensors="pt", return_token_type_ids=True)
        with torch.no_grad():
            expected = wrapped(*(batch[key] for key in wrapped.inputs))
        actual = session.run(None, {key: batch[key].numpy() for key in wrapped.inputs})
        real = batch["attention_mask"].numpy().astype(bool)
        differences += [float(np.abs(a - e.numpy())[real].max()) for a, e in zip(actual, expected)]
    return max(differences)


def write_settings(wrapped, work: Path, out: Path) -> None:
    config = wrapped.model.config
    causal = isinstance(wrapped, Causal)
    shared = ["vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "hidden_act", "max_position_embeddings", "initializer_range", "pad_token_id"]
    own = ["num_key_value_heads", "rms_norm_eps", "attention_bias", "mlp_bias", "tie_word_embeddings", "bos_token_id", "eos_token_id"] if causal else [
        "hidden_dropout_prob", "attention_probs_dropout_prob", "type_vocab_size", "layer_norm_eps",
    ]  # fmt: skip
    settings: dict[str, object] = {"architectures": [type(wrapped.model).__name__], "model_type": config.model_type, "torch_dtype": "float32"}
    settings |= {key: getattr(config, key) for key in [*shared, *own]}
    settings |= {"rope_theta": 10000.0, "head_dim": config.hidden_size // config.num_attention_heads} if causal else {"position_embedding_type": "absolute"}
    (out / "config.json").write_text(json.dumps(settings, indent=2) + "\n")

    rules = json.loads((work / "tokenizer" / "tokenizer.json").read_text())
    if causal:
        # A causal model reads on: texts begin with [CLS] and have no end.
        begin = {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]}
        single = [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}]
        pair = [*single, {"Sequence": {"id": "B", "type_id": 0}}]
        rules["post_processor"] = {"type": "TemplateProcessing", "single": single, "pair": pair, "special_tokens": {"[CLS]": begin}}
    (out / "tokenizer.json").write_text(json.dumps(rules, ensure_ascii=False, separators=(",", ":")) + "\n")
    special = {**SPECIAL, "bos_token": "[CLS]", "eos_token": "[SEP]"} if causal else SPECIAL
    (out / "special_tokens_map.json").write_text(json.dumps(special, indent=2) + "\n")
    kind = {"tokenizer_class": "PreTrainedTokenizerFast"} if causal else {"tokenizer_class": "BertTokenizer", "do_lower_case": True, "strip_accents": True, "tokenize_chinese_chars": True}
    tokenizer = kind | {"model_max_length": config.max_position_embeddings, **special}
    (out / "tokenizer_config.json").write_text(json.dumps(tokenizer, indent=2) + "\n")


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--causal", action="store_true", help="the causal sibling")
    parser.add_argument("--name", help="folder of the checkpoint under WORK")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    out = options.out or MODELS / ("sensorium-mini-causal" if options.causal else "sensorium-mini")
    path = out / "onnx" / "model.onnx"
    path.parent.mkdir(parents=True, exist_ok=True)

    wrapped = load(options.work / (options.name or ("causal" if options.causal else "encoder")), options.causal)
    write_settings(wrapped, options.work, out)
    write_graph(wrapped, path)
    tokenizer = PreTrainedTokenizerFast.from_pretrained(out)
    difference = largest_difference(wrapped, tokenizer, path)
    print(f"{path}: {path.stat().st_size / 1e6:.2f} MB, largest difference to PyTorch {difference:.1e}")
    if difference > 2e-5:
        raise SystemExit("the exported graph differs from PyTorch")


if __name__ == "__main__":
    main()

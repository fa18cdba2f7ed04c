"""Tiny random models of common shapes, with losses and gradients from PyTorch, for test/tuning/shapes.test.ts.

    /path/to/venv/bin/python test/tuning/shapes/make.py

Needs torch, transformers, onnx and onnxscript. Writes one folder per shape beside this script: config.json, model.onnx
(float32, exported as hub exports are: TorchScript for encoders, dynamo for decoders) and reference.json with token
sequences, places to predict, and for the ratings and the language loss its value and its gradient by every adapter
(y = x W + 0.5 (x A) B of rank 2) and by the head (float32, four digits). What adapters and head hold follows from
`numbers`, here and in the test. Weights are random: the models know nothing and come from nowhere.
"""
import json
import math
import pathlib
import sys
import warnings

import onnx
import torch
from transformers import (
    BertConfig, BertForMaskedLM, DistilBertConfig, DistilBertForMaskedLM, GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM,
    Qwen3Config, Qwen3ForCausalLM, RobertaConfig, RobertaForMaskedLM, XLMRobertaConfig, XLMRobertaForMaskedLM,
)

warnings.filterwarnings("ignore")
here = pathlib.Path(__file__).parent
rank, scale, dimensions, vocabulary = 2, 0.5, 3, 40
lengths = (3, 7, 5, 4)
small = {"vocab_size": vocabulary, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 24, "attention_probs_dropout_prob": 0.0, "hidden_dropout_prob": 0.0}
decoder = {"vocab_size": vocabulary, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size": 24, "max_position_embeddings": 32, "head_dim": 4}


def attention(prefix, parts):
    return [f"{prefix}.{layer}.{part}" for layer in (0, 1) for part in parts]


shapes = {
    "minilm": (BertForMaskedLM, BertConfig(**small, max_position_embeddings=32), "eager", False, attention("bert.encoder.layer", ["attention.self.query", "attention.self.value", "attention.output.dense", "intermediate.dense"])),
    "bert-sdpa": (BertForMaskedLM, BertConfig(**small, max_position_embeddings=32), "sdpa", False, attention("bert.encoder.layer", ["attention.self.query", "attention.self.value"])),
    "distilbert": (DistilBertForMaskedLM, DistilBertConfig(vocab_size=vocabulary, dim=16, n_layers=2, n_heads=2, hidden_dim=24, max_position_embeddings=32, dropout=0.0, attention_dropout=0.0), "eager", False, attention("distilbert.transformer.layer", ["attention.q_lin", "attention.v_lin", "ffn.lin2"])),
    "roberta": (RobertaForMaskedLM, RobertaConfig(**small, max_position_embeddings=34, pad_token_id=1), "eager", False, attention("roberta.encoder.layer", ["attention.self.query", "attention.self.value", "output.dense"])),
    "xlm-roberta": (XLMRobertaForMaskedLM, XLMRobertaConfig(**small, max_position_embeddings=34, pad_token_id=1), "sdpa", False, attention("roberta.encoder.layer", ["attention.self.query", "attention.self.value"])),
    "llama-grouped": (LlamaForCausalLM, LlamaConfig(**decoder, tie_word_embeddings=True), "eager", True, attention("model.layers", ["self_attn.q_proj", "self_attn.v_proj", "mlp.down_proj"])),
    "qwen3": (Qwen3ForCausalLM, Qwen3Config(**decoder, tie_word_embeddings=True), "sdpa", True, attention("model.layers", ["self_attn.q_proj", "self_attn.v_proj"])),
    "gpt2": (GPT2LMHeadModel, GPT2Config(vocab_size=vocabulary, n_embd=16, n_layer=2, n_head=2, n_inner=24, n_positions=32, resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0), "eager", True, attention("transformer.h", ["attn.c_attn", "mlp.c_proj"])),
}  # fmt: skip


def numbers(place, *dims):
    """0.3 sin(0.7 + 1.1 place + 0.9 i): what the parameter at this place of the list holds."""
    values = [0.3 * math.sin(0.7 + 1.1 * place + 0.9 * i) for i in range(math.prod(dims))]
    return torch.tensor(values).reshape(dims).requires_grad_()


def digits(tensor):
    return [float(f"{x:.4g}") for x in tensor.flatten().tolist()]


def sizes(module):
    """GPT-2 writes its products as Conv1D, whose weight is inputs x outputs."""
    return (module.in_features, module.out_features) if hasattr(module, "in_features") else tuple(module.weight.shape)


def exported(model):
    """The model as it is exported: the last hidden state beside the logits. A wrapper would put its name before all modules'."""

    class Exported(type(model)):
        def forward(self, input_ids, attention_mask):
            output = super().forward(input_ids=input_ids, attention_mask=attention_mask, output_hidden_states=True)
            return output.hidden_states[-1], output.logits

    copy = Exported(model.config)
    copy.load_state_dict(model.state_dict())
    return copy.eval().requires_grad_(False)


def batch_of(config):
    generator = torch.Generator().manual_seed(20261121)
    sequences = [torch.randint(3, vocabulary, (length,), generator=generator).tolist() for length in lengths]
    longest = max(lengths)
    pad = config.pad_token_id or 0
    ids = torch.tensor([sequence + [pad] * (longest - len(sequence)) for sequence in sequences])
    mask = torch.tensor([[1] * len(sequence) + [0] * (longest - len(sequence)) for sequence in sequences])
    return generator, sequences, ids, mask


def gradients(model, causal, modules, loss):
    generator, sequences, ids, mask = batch_of(model.config)
    found = dict(model.named_modules())
    parameters, hooks = {}, []
    for name in modules:
        inputs, outputs = sizes(found[name])
        a = parameters[f"{name}.a"] = numbers(len(parameters), inputs, rank)
        b = parameters[f"{name}.b"] = numbers(len(parameters), rank, outputs)
        hooks.append(found[name].register_forward_hook(lambda _, x, y, a=a, b=b: y + scale * (x[0] @ a) @ b))
    if loss == "ratings":
        parameters["rating.weight"] = numbers(len(parameters), 16, dimensions)
        parameters["rating.bias"] = numbers(len(parameters), dimensions)
    output = model(input_ids=ids, attention_mask=mask, output_hidden_states=True)
    batch = {}
    if loss == "ratings":
        own = mask.clone()
        own[:, 0] = 0
        pooled = (output.hidden_states[-1] * own[:, :, None]).sum(1) / own.sum(1, keepdim=True)
        targets = torch.randn(len(lengths), dimensions, generator=generator)
        value = ((pooled @ parameters["rating.weight"] + parameters["rating.bias"] - targets) ** 2).mean()
        batch["targets"] = [float(f"{t:.7g}") for t in targets.flatten().tolist()]
    else:
        batch["targets"] = [[text, token, (sequence[token] + (0 if causal else 5)) % vocabulary] for text, sequence in enumerate(sequences) for token in range(1, len(sequence)) if (text + token) % 3]
        rows = torch.log_softmax(output.logits, dim=-1)
        value = -torch.stack([rows[text, token - (1 if causal else 0), id] for text, token, id in batch["targets"]]).mean()
    value.backward()
    for hook in hooks:
        hook.remove()
    return {"loss": float(f"{value.item():.7g}"), **batch, "gradients": {name: digits(parameter.grad) for name, parameter in parameters.items()}}


def write(name):
    kind, config, attn, dynamo, modules = shapes[name]
    torch.manual_seed(7)
    config._attn_implementation = attn
    model = kind(config).eval().requires_grad_(False)
    with torch.no_grad():
        for parameter in model.parameters():
            # Weights of a fresh model are so small that all tokens look alike.
            if parameter.dim() > 1:
                parameter.mul_(8)
    folder = here / name
    folder.mkdir(exist_ok=True)
    _, sequences, ids, mask = batch_of(config)
    axes = {0: "batch_size", 1: "sequence_length"}
    common = {"input_names": ["input_ids", "attention_mask"], "output_names": ["last_hidden_state", "logits"]}
    with torch.no_grad():
        if dynamo:
            dims = {0: torch.export.Dim("batch_size", min=1), 1: torch.export.Dim("sequence_length", min=1, max=31)}
            torch.onnx.export(exported(model), (ids, mask), folder / "model.onnx", dynamo=True, opset_version=18, dynamic_shapes=(dims, dims), external_data=False, **common)
        else:
            torch.onnx.export(exported(model), (ids, mask), folder / "model.onnx", dynamo=False, opset_version=14, dynamic_axes={key: axes for key in ["input_ids", "attention_mask", *common["output_names"]]}, do_constant_folding=True, **common)
    stored = onnx.load(folder / "model.onnx")
    for node in stored.graph.node:
        # Where in the exporter's machine the node was made.
        traces = [entry for entry in node.metadata_props if entry.key.endswith("stack_trace")]
        for entry in traces:
            node.metadata_props.remove(entry)
    onnx.save(stored, folder / "model.onnx")
    described = json.loads(config.to_json_string())
    described["architectures"] = [kind.__name__]
    (folder / "config.json").write_text(json.dumps(described, indent=1) + "\n")
    reference = {
        "note": "PyTorch float32, from make.py", "sequences": sequences, "padding": config.pad_token_id or 0,
        **{loss: gradients(model, dynamo, modules, loss) for loss in ("ratings", "language")},
    }  # fmt: skip
    (folder / "reference.json").write_text(json.dumps(reference, separators=(",", ":")) + "\n")
    print(name, (folder / "model.onnx").stat().st_size, "bytes", {loss: reference[loss]["loss"] for loss in ("ratings", "language")}, flush=True)


for name in sys.argv[1:] or shapes:
    write(name)

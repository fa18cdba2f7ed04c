"""Losses and gradients from PyTorch, for test/tuning/gradient.test.ts.

    /path/to/venv/bin/python test/tuning/references/make_references.py ../shared/models

Needs torch, transformers and onnx. Writes gradients.json beside this script: for some models of ../shared and each loss,
a small batch, the loss, and its gradient by every adapter and the head (float32, four digits). Adapters are
y = x W + 0.5 (x A) B of rank 2. What they and the head hold follows from a formula (see `numbers`), here and in the
test. random-bert/dynamo_external.onnx holds other weights than the model.safetensors beside it; they are read from it.
"""
import ast
import json
import math
import pathlib
import sys

import onnx
import torch
from onnx import numpy_helper
from safetensors.torch import load_file
from transformers import AutoConfig, BertModel, LlamaForCausalLM

models = pathlib.Path(sys.argv[1])
rank, scale, dimensions = 2, 0.5, 3
lengths = (3, 6, 5, 4, 6, 2, 3, 5)


def numbers(place, *dims):
    """0.3 sin(0.7 + 1.1 place + 0.9 i): what the parameter at this place of the list holds."""
    values = [0.3 * math.sin(0.7 + 1.1 * place + 0.9 * i) for i in range(math.prod(dims))]
    return torch.tensor(values).reshape(dims).requires_grad_()


def digits(tensor):
    return [float(f"{x:.4g}") for x in tensor.flatten().tolist()]


def write(model, modules, loss, vocabulary, texts):
    generator = torch.Generator().manual_seed(20260302)
    sequences = [torch.randint(3, vocabulary, (length,), generator=generator).tolist() for length in lengths[:texts]]
    longest = max(map(len, sequences))
    ids = torch.tensor([sequence + [0] * (longest - len(sequence)) for sequence in sequences])
    mask = torch.tensor([[1] * len(sequence) + [0] * (longest - len(sequence)) for sequence in sequences])
    parameters = {}
    hooks = []
    found = dict(model.named_modules())
    for name in modules:
        a = parameters[f"{name}.a"] = numbers(len(parameters), found[name].in_features, rank)
        b = parameters[f"{name}.b"] = numbers(len(parameters), rank, found[name].out_features)
        hooks.append(found[name].register_forward_hook(lambda _, x, y, a=a, b=b: y + scale * (x[0] @ a) @ b))
    batch = {"sequences": sequences}
    outputs = 1 if loss == "choice" else dimensions
    head = "choice.weight" if loss == "choice" else "rating.weight"
    if loss != "language":
        parameters[head] = numbers(len(parameters), model.config.hidden_size, outputs)
    if loss == "ratings":
        parameters["rating.bias"] = numbers(len(parameters), dimensions)
    output = model(input_ids=ids, attention_mask=mask, output_hidden_states=True)
    # Mean over all tokens of a text but the first.
    own = mask.clone()
    own[:, 0] = 0
    pooled = (output.hidden_states[-1] * own[:, :, None]).sum(1) / own.sum(1, keepdim=True)
    if loss == "ratings":
        targets = torch.randn(texts, dimensions, generator=generator)
        known = torch.rand(texts, dimensions, generator=generator) < 0.7
        predictions = pooled @ parameters[head] + parameters["rating.bias"]
        value = ((predictions - targets)[known] ** 2).mean()
        batch["targets"] = [None if not k else float(f"{t:.7g}") for t, k in zip(targets.flatten().tolist(), known.flatten().tolist())]
    elif loss == "choice":
        right = [2, 0][: texts // 4]
        scores = (pooled @ parameters[head]).reshape(-1, 4)
        value = torch.nn.functional.cross_entropy(scores, torch.tensor(right))
        batch["right"] = right
    else:
        # Causal: what the model gives at a token speaks of the next one.
        batch["targets"] = [[text, token, sequence[token]] for text, sequence in enumerate(sequences) for token in range(1, len(sequence)) if (text + token) % 3]
        rows = torch.log_softmax(output.logits, dim=-1)
        value = -torch.stack([rows[text, token - 1, id] for text, token, id in batch["targets"]]).mean()
    value.backward()
    for hook in hooks:
        hook.remove()
    return {"loss": float(f"{value.item():.7g}"), **batch, "gradients": {name: digits(parameter.grad) for name, parameter in parameters.items()}}


def load(model, weights, allowed=()):
    missing, unexpected = model.load_state_dict(weights, strict=False)
    assert not unexpected and all(name.endswith(allowed) for name in missing), (missing, unexpected)
    return model.eval().requires_grad_(False)


bert = AutoConfig.from_pretrained(models / "random-bert")
safetensors = load(BertModel(bert, add_pooling_layer=False), {name.removeprefix("bert."): value for name, value in load_file(models / "random-bert/model.safetensors").items() if "pooler" not in name})

graph = onnx.load(models / "random-bert/dynamo_external.onnx").graph
stored = {tensor.name: torch.tensor(numpy_helper.to_array(tensor)) for tensor in graph.initializer}
fresh = BertModel(bert, add_pooling_layer=False)
# Equal tensors are stored once: in this untrained model all biases are 0 and all norm weights 1.
weights = {name: stored[name] if name in stored else torch.full_like(value, 0.0 if name.endswith("bias") else 1.0) for name, value in fresh.state_dict().items()}
for node in graph.node:
    if node.op_type == "MatMul" and node.input[1] in stored:
        scopes = ast.literal_eval({entry.key: entry.value for entry in node.metadata_props}["pkg.torch.onnx.name_scopes"])
        weights[f"{scopes[-2]}.weight"] = stored[node.input[1]].T
dynamo = load(fresh, weights)

llama = AutoConfig.from_pretrained(models / "random-llama")
random_llama = load(LlamaForCausalLM(llama), load_file(models / "random-llama/model.safetensors"))
config = AutoConfig.from_pretrained(models / "stories260k")
stories = LlamaForCausalLM(config)
load(stories, load_file(models / "stories260k/model.safetensors"), ("lm_head.weight",)).tie_weights()

attention = [f"encoder.layer.{layer}.attention.self.{part}" for layer in (0, 3) for part in ("query", "value")]
references = {
    "note": "PyTorch float32, from make_references.py",
    "bert": write(safetensors, [*attention, "encoder.layer.1.intermediate.dense"], "ratings", bert.vocab_size, 3),
    "bertChoice": write(safetensors, attention[:2], "choice", bert.vocab_size, 8),
    "bertDynamo": write(dynamo, attention, "ratings", bert.vocab_size, 3),
    "llama": write(random_llama, [f"model.layers.{layer}.self_attn.{part}_proj" for layer in (0, 3) for part in "qv"], "ratings", llama.vocab_size, 3),
    "llamaLanguage": write(random_llama, ["model.layers.0.self_attn.k_proj", "model.layers.1.mlp.gate_proj", "model.layers.3.self_attn.v_proj"], "language", llama.vocab_size, 3),
    "storiesLanguage": write(stories, [f"model.layers.{layer}.self_attn.{part}_proj" for layer in (0, 4) for part in "qv"], "language", config.vocab_size, 3),
}
path = pathlib.Path(__file__).with_name("gradients.json")
path.write_text(json.dumps(references, separators=(",", ":")) + "\n")
print(path.name, path.stat().st_size, "bytes", {name: entry["loss"] for name, entry in references.items() if name != "note"})

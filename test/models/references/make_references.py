"""Hidden states and token probabilities from PyTorch, for test/models/{agreement,language}.test.ts.

    /path/to/venv/bin/python test/models/references/make_references.py ../shared/models

Needs torch, transformers and onnx. Writes, beside this script, one small file per model: seeded token sequences and,
for every layer, the mean over the tokens of each sequence (right padded, float32). Layers follow the Hugging Face
convention: 0 is the embeddings, the last one comes after the final norm. For causal models also `next`: the natural
logarithm of the probability of each token but the first, given those before it in its sequence.

stories260k comes with its weights. random-llama/genai_like.onnx and random-bert/dynamo_external.onnx hold other weights
than the model.safetensors beside them (and so than hidden_states.json), so theirs are read from the ONNX files.
"""
import json
import pathlib
import sys

import onnx
import torch
from onnx import numpy_helper
from safetensors.torch import load_file
from transformers import AutoConfig, BertModel, LlamaForCausalLM

models = pathlib.Path(sys.argv[1])
lengths = (2, 4, 5, 8, 13)


def write(name, model, vocabulary):
    model.eval()
    generator = torch.Generator().manual_seed(20260301)
    sequences = [torch.randint(3, vocabulary, (length,), generator=generator).tolist() for length in lengths]
    ids = torch.tensor([sequence + [0] * (max(lengths) - len(sequence)) for sequence in sequences])
    mask = torch.tensor([[1] * len(sequence) + [0] * (max(lengths) - len(sequence)) for sequence in sequences])
    with torch.no_grad():
        output = model(input_ids=ids, attention_mask=mask, output_hidden_states=True)
    states = output.hidden_states
    means = [((state * mask[:, :, None]).sum(1) / mask.sum(1, keepdim=True)).tolist() for state in states]
    means = [[[float(f"{x:.7g}") for x in row] for row in layer] for layer in means]
    reference = {"note": "PyTorch float32, from make_references.py", "sequences": sequences, "means": means}
    if "logits" in output:
        rows = torch.log_softmax(output.logits.double(), dim=-1)
        reference["next"] = [
            [float(f"{rows[text, token - 1, ids[text, token]]:.7g}") for token in range(1, len(sequence))]
            for text, sequence in enumerate(sequences)
        ]
    path = pathlib.Path(__file__).with_name(f"{name}.json")
    path.write_text(json.dumps(reference, separators=(",", ":")) + "\n")
    print(path.name, path.stat().st_size, "bytes", len(means), "hidden states")


def load(model, weights, allowed=()):
    missing, unexpected = model.load_state_dict(weights, strict=False)
    assert not unexpected and set(missing) <= set(allowed), (missing, unexpected)
    return model


def onnx_weights(path):
    graph = onnx.load(path).graph
    return graph, {tensor.name: torch.tensor(numpy_helper.to_array(tensor)) for tensor in graph.initializer}


config = AutoConfig.from_pretrained(models / "stories260k")
stories = load(LlamaForCausalLM(config), load_file(models / "stories260k/model.safetensors"), ["lm_head.weight"])
stories.tie_weights()
write("stories260k", stories, config.vocab_size)

config = AutoConfig.from_pretrained(models / "random-llama")
_, found = onnx_weights(models / "random-llama/genai_like.onnx")
weights = {"model.embed_tokens.weight": found["model.embed_tokens.weight"], "lm_head.weight": found["lm_head.MatMul.weight"].T}
for layer in range(config.num_hidden_layers):
    here = f"model.layers.{layer}."
    for part in "qkvo":
        weights[f"{here}self_attn.{part}_proj.weight"] = found[f"{here}attn.{part}_proj.MatMul.weight"].T
    for part in ("gate", "up", "down"):
        weights[f"{here}mlp.{part}_proj.weight"] = found[f"{here}mlp.{part}_proj.MatMul.weight"].T
    for norm in ("input_layernorm", "post_attention_layernorm"):
        weights[f"{here}{norm}.weight"] = found[f"{here}{norm}.weight"]
(final,) = [name for name in found if "final_norm" in name or name == "model.norm.weight"]
weights["model.norm.weight"] = found[final]
write("genai_like", load(LlamaForCausalLM(config), weights), config.vocab_size)

config = AutoConfig.from_pretrained(models / "random-bert")
graph, found = onnx_weights(models / "random-bert/dynamo_external.onnx")
weights = {name: value for name, value in found.items() if name in BertModel(config, add_pooling_layer=False).state_dict()}
products = [found[name] for node in graph.node if node.op_type == "MatMul" for name in node.input if name in found]
parts = [f"attention.self.{part}" for part in ("query", "key", "value")] + ["attention.output.dense", "intermediate.dense", "output.dense"]
for number, product in enumerate(products):
    weights[f"encoder.layer.{number // 6}.{parts[number % 6]}.weight"] = product.T
# Equal tensors are stored once: in this untrained model all biases are 0 and all norm weights 1.
model = BertModel(config, add_pooling_layer=False)
absent = [name for name in model.state_dict() if name not in weights]
assert all(name.endswith(".bias") or "LayerNorm" in name for name in absent), absent
for name in absent:
    weights[name] = torch.full_like(model.state_dict()[name], 0.0 if name.endswith("bias") else 1.0)
write("dynamo_external", load(model, weights), config.vocab_size)

"""Decoders as onnxruntime-genai's model builder writes them: fused attention, fused residual-and-norm, a cache.

Nodes and names follow what the files of the hub show (onnx-community's Llama, Qwen3 and Gemma 3).
"""
import numpy as np
import torch
from onnx import TensorProto, helper, numpy_helper


class Graph:
    def __init__(self):
        self.nodes, self.weights = [], []

    def weight(self, name, value):
        value = value.detach().numpy() if isinstance(value, torch.Tensor) else np.asarray(value)
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, name, op, inputs, outputs=None, domain="", **attributes):
        outputs = outputs or [f"{name}/output_0"]
        self.nodes.append(helper.make_node(op, inputs, outputs, name=name, domain=domain, **attributes))
        return outputs[0]

    def product(self, name, x, linear):
        y = self.node(f"{name}/MatMul", "MatMul", [x, self.weight(f"{name[1:].replace('/', '.')}.MatMul.weight", linear.weight.T)])
        if linear.bias is None:
            return y
        return self.node(f"{name}/Add", "Add", [y, self.weight(f"{name[1:].replace('/', '.')}.Add.bias", linear.bias)])


def rotations(config, kind, positions=64):
    parameters = config.rope_parameters
    theta = (parameters.get(kind) or parameters)["rope_theta"]
    size = config.head_dim
    angles = torch.outer(torch.arange(positions).float(), theta ** (-torch.arange(0, size, 2).float() / size))
    return angles.cos(), angles.sin()


def genai(model):
    """LlamaForCausalLM, Qwen3ForCausalLM or Gemma3ForCausalLM as a graph with GroupQueryAttention."""
    config, g = model.config, Graph()
    gemma = config.model_type.startswith("gemma")
    more, heads, shared, size = (1.0 if gemma else 0.0), config.num_attention_heads, config.num_key_value_heads, config.head_dim
    epsilon = config.rms_norm_eps

    def norm(name, x, layer, skip=None, last=False):
        weight = g.weight(f"{name[1:].replace('/', '.')}.weight", layer.weight + more)
        if skip is None:
            return g.node(f"{name}/LayerNorm", "SimplifiedLayerNormalization", [x, weight], [f"{name}/output_0"], axis=-1, epsilon=epsilon, stash_type=1), x
        outputs = [f"{name}/output_0", "", "", f"{name}/output_3"]
        g.node(f"{name}/SkipLayerNorm", "SkipSimplifiedLayerNormalization", [x, skip, weight], outputs[:1] if last else outputs, "com.microsoft", epsilon=epsilon)
        return outputs[0], outputs[3]

    def headwise(name, x, layer, count):
        x = g.node(f"{name}/Reshape_1", "Reshape", [x, g.weight(f"{name}/shape_1", np.array([0, -1, size]))])
        x = g.node(f"{name}/SimplifiedLayerNormalization", "SimplifiedLayerNormalization", [x, g.weight(f"{name[1:].replace('/', '.')}.layernorm.weight", layer.weight + more)], axis=-1, epsilon=epsilon, stash_type=1)
        return g.node(f"{name}/Reshape_2", "Reshape", [x, g.weight(f"{name}/shape_2", np.array([0, -1, count * size]))])

    mask = "/model/attn_mask_reformat/attn_mask_subgraph"
    lengths = g.node(f"{mask}/ReduceSum", "ReduceSum", ["attention_mask", g.weight("one_axis", np.array([1]))], keepdims=0)
    lengths = g.node(f"{mask}/Sub", "Sub", [lengths, g.weight("one", np.array(1))])
    lengths = g.node(f"{mask}/Sub/Cast", "Cast", [lengths], to=TensorProto.INT32)
    total = g.node(f"{mask}/Shape", "Shape", ["attention_mask"])
    total = g.node(f"{mask}/Gather", "Gather", [total, "one"], axis=0)
    total = g.node(f"{mask}/Gather/Cast", "Cast", [total], to=TensorProto.INT32)

    kinds = getattr(config, "layer_types", None) or ["full_attention"] * config.num_hidden_layers
    caches = {}
    for kind in sorted(set(kinds)):
        cos, sin = rotations(config, kind)
        suffix = "_local" if kind == "sliding_attention" else ""
        caches[kind] = [g.weight(f"cos_cache{suffix}", cos), g.weight(f"sin_cache{suffix}", sin)]

    body = model.model
    root = g.node("/model/embed_tokens/Gather", "Gather", [g.weight("model.embed_tokens.weight", body.embed_tokens.weight), "input_ids"])
    if gemma:
        root = g.node("/model/embed_tokens/Mul", "Mul", [root, g.weight("embed_scale", np.array(np.sqrt(config.hidden_size), np.float32))])
    skip = None
    for at, layer in enumerate(body.layers):
        here, attention = f"/model/layers.{at}", layer.self_attn
        x, root = norm(f"{here}/input_layernorm", root, layer.input_layernorm, skip)
        q, k, v = (g.product(f"{here}/attn/{part}_proj", x, getattr(attention, f"{part}_proj")) for part in "qkv")
        if hasattr(attention, "q_norm"):
            q, k = headwise(f"{here}/attn/q_norm", q, attention.q_norm, heads), headwise(f"{here}/attn/k_norm", k, attention.k_norm, shared)
        window = config.sliding_window if kinds[at] == "sliding_attention" else -1
        y = g.node(
            f"{here}/attn/GroupQueryAttention", "GroupQueryAttention",
            [q, k, v, f"past_key_values.{at}.key", f"past_key_values.{at}.value", lengths, total, *caches[kinds[at]]],
            [f"{here}/attn/GroupQueryAttention/output_0", f"present.{at}.key", f"present.{at}.value"], "com.microsoft",
            num_heads=heads, kv_num_heads=shared, scale=attention.scaling, local_window_size=window, do_rotary=1, rotary_interleaved=0)
        skip = g.product(f"{here}/attn/o_proj", y, attention.o_proj)
        if gemma:
            skip, _ = norm(f"{here}/post_attention_layernorm", skip, layer.post_attention_layernorm)
            x, root = norm(f"{here}/pre_feedforward_layernorm", root, layer.pre_feedforward_layernorm, skip)
        else:
            x, root = norm(f"{here}/post_attention_layernorm", root, layer.post_attention_layernorm, skip)
        gate, up = (g.product(f"{here}/mlp/{part}_proj", x, getattr(layer.mlp, f"{part}_proj")) for part in ("gate", "up"))
        if gemma:
            gate = g.node(f"{here}/mlp/act_fn/FastGelu", "FastGelu", [gate], domain="com.microsoft")
        else:
            gate = g.node(f"{here}/mlp/act_fn/Mul", "Mul", [gate, g.node(f"{here}/mlp/act_fn/Sigmoid", "Sigmoid", [gate])])
        skip = g.product(f"{here}/mlp/down_proj", g.node(f"{here}/mlp/Mul", "Mul", [gate, up]), layer.mlp.down_proj)
        if gemma:
            skip, _ = norm(f"{here}/post_feedforward_layernorm", skip, layer.post_feedforward_layernorm)
    x, _ = norm(f"/model/layers.{len(body.layers)}/final_norm_layernorm", root, body.norm, skip, last=True)
    g.node("/lm_head/MatMul", "MatMul", [x, g.weight("lm_head.MatMul.weight", model.lm_head.weight.T)], ["logits"])

    def value(name, kind, *dims):
        return helper.make_tensor_value_info(name, kind, dims)

    inputs = [value("input_ids", TensorProto.INT64, "batch_size", "sequence_length"), value("attention_mask", TensorProto.INT64, "batch_size", "total_sequence_length")]
    outputs = [value("logits", TensorProto.FLOAT, "batch_size", "sequence_length", config.vocab_size)]
    for at in range(len(body.layers)):
        for part in ("key", "value"):
            inputs.append(value(f"past_key_values.{at}.{part}", TensorProto.FLOAT, "batch_size", shared, "past_sequence_length", size))
            outputs.append(value(f"present.{at}.{part}", TensorProto.FLOAT, "batch_size", shared, "total_sequence_length", size))
    graph = helper.make_graph(g.nodes, "main_graph", inputs, outputs, g.weights)
    return helper.make_model(graph, producer_name="onnxruntime-genai", ir_version=7, opset_imports=[helper.make_opsetid("", 14), helper.make_opsetid("com.microsoft", 1)])

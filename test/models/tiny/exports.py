"""The kinds of export that the hub has, of one PyTorch model. Every function gives an onnx.ModelProto."""
import copy
import io
import tempfile

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantizationMode, QuantType
from onnxruntime.quantization.matmul_bnb4_quantizer import MatMulBnb4Quantizer
from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer
from onnxruntime.quantization.onnx_quantizer import ONNXQuantizer
from onnxruntime.quantization.registry import IntegerOpsRegistry
from onnxruntime.transformers import float16, optimizer
from onnxruntime.transformers.fusion_options import FusionOptions
from transformers import DynamicCache

batch_sequence = {0: "batch_size", 1: "sequence_length"}


class Wrapped(torch.nn.Module):
    """A model as exporters see it: positional tensors in, a tuple of tensors out."""

    def __init__(self, model, inputs, take):
        super().__init__()
        self.model, self.inputs, self.take = model, inputs, take

    def forward(self, *tensors):
        return self.take(self.model(**dict(zip(self.inputs, tensors)), **({"use_cache": False} if hasattr(self.model, "lm_head") else {})))


class WithPast(torch.nn.Module):
    """A decoder whose cache is an input and an output: optimum's text-generation-with-past. `empty`: without the input."""

    def __init__(self, model, layers, empty=False, keep=False):
        super().__init__()
        self.model, self.layers, self.empty, self.keep = model, layers, empty, keep

    def forward(self, input_ids, attention_mask, position_ids, *rest):
        cache = DynamicCache(config=self.model.config)
        past = [] if self.empty else rest[: 2 * self.layers]
        for layer in range(len(past) // 2):
            cache.update(past[2 * layer], past[2 * layer + 1], layer)
        given = dict(input_ids=input_ids, attention_mask=attention_mask, position_ids=position_ids, past_key_values=cache, use_cache=True)
        if self.keep:
            output = self.model.model(**given)
            logits = self.model.lm_head(output.last_hidden_state[:, -rest[-1] :, :])
        else:
            output = self.model(**given)
            logits = output.logits
        return (logits, *(tensor for layer in output.past_key_values.layers for tensor in (layer.keys, layer.values)))


def example(name, rows=2, columns=5):
    ids = torch.randint(3, 60, (rows, columns), generator=torch.Generator().manual_seed(1))
    if name == "attention_mask":
        ids = torch.ones_like(ids)
        ids[1, columns - 2 :] = 0
    elif name == "token_type_ids":
        ids = torch.zeros_like(ids)
    elif name == "position_ids":
        ids = torch.arange(columns).expand(rows, columns).contiguous()
    return ids


def torchscript(model, inputs, outputs, take, opset=14):
    """The exporter that most files of the hub came from."""
    return traced(Wrapped(model, inputs, take), tuple(map(example, inputs)), inputs, outputs, {name: batch_sequence for name in inputs}, opset)


def traced(module, arguments, inputs, outputs, axes, opset=14):
    buffer = io.BytesIO()
    with torch.no_grad():
        torch.onnx.export(module, arguments, buffer, input_names=list(inputs), output_names=list(outputs), dynamic_axes=axes, opset_version=opset, dynamo=False)
    return onnx.load_from_string(buffer.getvalue())


def dynamo(model, inputs, outputs, take):
    """PyTorch's newer exporter."""
    sizes = {0: torch.export.Dim("batch_size"), 1: torch.export.Dim("sequence_length")}
    program = torch.onnx.export(
        Wrapped(model, inputs, take), tuple(map(example, inputs)), input_names=list(inputs), output_names=list(outputs),
        dynamic_shapes=(tuple(sizes for _ in inputs),), opset_version=18, dynamo=True, verbose=False)
    found = program.model_proto
    # Where each node came from, as source code: half of the file, of which nothing here depends.
    for node in [*found.graph.node, *(node for function in found.functions for node in function.node)]:
        kept = [entry for entry in node.metadata_props if entry.key == "pkg.torch.onnx.name_scopes"]
        del node.metadata_props[:]
        node.metadata_props.extend(kept)
    return found


def with_past(model, layers, heads, head_size, keep=False, empty=False):
    """Logits and the cache: with the cache's tensors as inputs, or (`empty`) as the first step of a text."""
    inputs = ["input_ids", "attention_mask", "position_ids"]
    rows, columns, earlier = 2, 3, 0 if empty else 4
    arguments = [example("input_ids", rows, columns), torch.ones(rows, columns + earlier, dtype=torch.long), example("position_ids", rows, columns) + earlier]
    axes = {name: dict(batch_sequence) for name in inputs}
    axes["attention_mask"][1] = "sequence_length" if empty else "past_sequence_length + sequence_length"
    outputs = ["logits"]
    axes["logits"] = dict(batch_sequence)
    for layer in range(layers):
        for part in ("key", "value"):
            if not empty:
                inputs.append(f"past_key_values.{layer}.{part}")
                arguments.append(torch.randn(rows, heads, earlier, head_size, generator=torch.Generator().manual_seed(layer)))
                axes[inputs[-1]] = {0: "batch_size", 2: "past_sequence_length"}
            outputs.append(f"present.{layer}.{part}")
            axes[outputs[-1]] = {0: "batch_size", 2: "sequence_length" if empty else "past_sequence_length + sequence_length"}
    if keep:
        inputs.append("num_logits_to_keep")
        arguments.append(torch.tensor(1))
    return traced(WithPast(model, layers, empty, keep), tuple(arguments), inputs, outputs, axes)


def merged(first, later):
    """One file for the first step and the later ones: an If on `use_cache_branch`, the weights shared outside it."""
    shared, stored = {}, []

    def branch(model, name):
        graph = copy.deepcopy(model.graph)
        names = {}
        for tensor in graph.initializer:
            key = (tensor.data_type, tuple(tensor.dims), numpy_helper.to_array(tensor).tobytes())
            if key not in shared:
                shared[key] = f"{tensor.name}_merged_{len(shared)}"
                kept = copy.deepcopy(tensor)
                kept.name = shared[key]
                stored.append(kept)
            names[tensor.name] = shared[key]
        for node in graph.node:
            for at, read in enumerate(node.input):
                node.input[at] = names.get(read, read)
        return helper.make_graph(graph.node, name, [], graph.output)

    outputs = [copy.deepcopy(output) for output in later.graph.output]
    choose = helper.make_node("If", ["use_cache_branch"], [output.name for output in outputs], name="optimum::if", then_branch=branch(later, "with_past"), else_branch=branch(first, "no_past"))
    flag = helper.make_tensor_value_info("use_cache_branch", TensorProto.BOOL, [1])
    graph = helper.make_graph([choose], "merged", [*later.graph.input, flag], outputs, stored)
    return helper.make_model(graph, producer_name="optimum-onnx", opset_imports=later.opset_import, ir_version=8)


def slim(model):
    """Constants folded, as onnxslim does before a file goes to the hub."""
    with tempfile.TemporaryDirectory() as folder:
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.optimized_model_filepath = f"{folder}/slim.onnx"
        onnxruntime.InferenceSession(model.SerializeToString(), options)
        found = onnx.load(options.optimized_model_filepath)
    for value in list(found.opset_import):
        if value.domain not in ("", "com.microsoft"):
            found.opset_import.remove(value)
    return found


def half(model):
    """Weights and arithmetic in float16, inputs and outputs as they were."""
    return float16.convert_float_to_float16(copy.deepcopy(model), keep_io_types=True)


def q8(model, signed=True, per_channel=False):
    """Dynamic quantisation to 8 bits, as transformers.js' script does it."""
    quantizer = ONNXQuantizer(
        copy.deepcopy(model), per_channel, False, mode=QuantizationMode.IntegerOps, static=False,
        weight_qType=QuantType.QInt8 if signed else QuantType.QUInt8, activation_qType=QuantType.QUInt8, tensors_range=None,
        nodes_to_quantize=[], nodes_to_exclude=[], op_types_to_quantize=set(IntegerOpsRegistry), extra_options={"EnableSubgraph": True, "MatMulConstBOnly": True})
    quantizer.quantize_model()
    return quantizer.model.model


def q4(model, symmetric=True):
    """Four bits in blocks of 32."""
    quantizer = MatMulNBitsQuantizer(copy.deepcopy(model), block_size=32, is_symmetric=symmetric)
    quantizer.process()
    return quantizer.model.model


def bnb4(model):
    """The four-bit normal floats of bitsandbytes, in blocks of 64."""
    quantizer = MatMulBnb4Quantizer(copy.deepcopy(model), MatMulBnb4Quantizer.NF4, 64)
    quantizer.process()
    return quantizer.model.model


def ort(model, family, heads, d):
    """ONNX Runtime's own fusions for a family of models."""
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/plain.onnx"
        onnx.save(model, path)
        return optimizer.optimize_model(path, model_type=family, num_heads=heads, hidden_size=d, optimization_options=FusionOptions(family), opt_level=0).model


def pooled(model):
    """A sentence encoder's outputs: token_embeddings, and their mean over the mask as sentence_embedding."""
    model = copy.deepcopy(model)
    graph = model.graph
    last = graph.output[0].name
    graph.initializer.append(numpy_helper.from_array(np.array([-1]), "mask_axis"))
    graph.initializer.append(numpy_helper.from_array(np.array([1]), "token_axis"))
    graph.node.extend([
        helper.make_node("Identity", [last], ["token_embeddings"]),
        helper.make_node("Cast", ["attention_mask"], ["mask_float"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["mask_float", "mask_axis"], ["mask_column"]),
        helper.make_node("Mul", [last, "mask_column"], ["masked"]),
        helper.make_node("ReduceSum", ["masked", "token_axis"], ["mask_sum"], keepdims=0),
        helper.make_node("ReduceSum", ["mask_column", "token_axis"], ["mask_count"], keepdims=0),
        helper.make_node("Div", ["mask_sum", "mask_count"], ["mean"]),
        helper.make_node("LpNormalization", ["mean"], ["sentence_embedding"], axis=-1, p=2),
    ])
    del graph.output[:]
    graph.output.append(helper.make_tensor_value_info("token_embeddings", TensorProto.FLOAT, ["batch_size", "sequence_length", None]))
    graph.output.append(helper.make_tensor_value_info("sentence_embedding", TensorProto.FLOAT, ["batch_size", None]))
    return model

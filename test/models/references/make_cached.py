"""stories260k as an export with a key-value cache, for test/models/elicit.test.ts; the shared export has none.

    /path/to/venv/bin/python test/models/references/make_cached.py ../shared/models

Needs torch, transformers, onnx, onnxslim and onnxruntime. Writes stories260k_past.onnx.gz beside this script, as optimum
writes such files (plain attention; GroupQueryAttention takes no heads of 8 numbers). It holds the graph only: weights are
external data that points into ../shared/models/stories260k/model.safetensors, by offset and length, so that nothing of it
is copied.
"""
import gzip
import json
import pathlib
import sys

import numpy as np
from onnx import TensorProto, helper, numpy_helper
from safetensors.torch import load_file
from transformers import AutoConfig, LlamaForCausalLM

here = pathlib.Path(__file__).parent
sys.path.insert(0, str(here.parent / "tiny"))
import exports  # noqa: E402

folder = pathlib.Path(sys.argv[1]) / "stories260k"
model = LlamaForCausalLM(AutoConfig.from_pretrained(folder))
weights = load_file(folder / "model.safetensors")
missing, unexpected = model.load_state_dict(weights, strict=False)
assert not unexpected and set(missing) <= {"lm_head.weight"}, (missing, unexpected)
model.tie_weights()
model.eval()
config = model.config

data = (folder / "model.safetensors").read_bytes()
header = int.from_bytes(data[:8], "little")
places = {name: entry for name, entry in json.loads(data[8 : 8 + header]).items() if name != "__metadata__"}
assert all(entry["dtype"] == "F32" for entry in places.values())


def pointed(graph):
    """The model with every weight of the safetensors file read from there, turned by a node where the graph has it turned."""
    stored = {name: weights[name].numpy() for name in places}
    turns, found = [], 0
    for tensor in graph.graph.initializer:
        array = numpy_helper.to_array(tensor)
        for name, values in stored.items():
            turned = array.ndim == 2 and array.shape == values.T.shape and np.array_equal(array, values.T)
            if array.dtype != np.float32 or not (turned or (array.shape == values.shape and np.array_equal(array, values))):
                continue
            read = tensor.name
            if turned:
                tensor.name = f"{read}_stored"
                turns.append(helper.make_node("Transpose", [tensor.name], [read], name=f"{read}_turned", perm=[1, 0]))
            start, end = places[name]["data_offsets"]
            for field in ("raw_data", "float_data", "dims"):
                tensor.ClearField(field)
            tensor.dims.extend(values.shape)
            tensor.data_location = TensorProto.EXTERNAL
            for key, value in (("location", "model.safetensors"), ("offset", 8 + header + start), ("length", end - start)):
                tensor.external_data.add(key=key, value=str(value))
            found += 1
            break
        else:
            assert array.size <= 4096, (tensor.name, array.shape)
    # Weights come before what reads them.
    nodes = [*turns, *graph.graph.node]
    del graph.graph.node[:]
    graph.graph.node.extend(nodes)
    assert found >= len(stored), (found, len(stored))
    return graph.SerializeToString()


made = exports.slim(exports.with_past(model, config.num_hidden_layers, config.num_key_value_heads, config.head_dim))
path = here / "stories260k_past.onnx.gz"
path.write_bytes(gzip.compress(pointed(made), 9, mtime=0))
print(path.name, path.stat().st_size, "bytes")

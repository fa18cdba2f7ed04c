"""Makes the tiny models beside it: one <architecture>.zip each, see README.md.

    /path/to/venv/bin/python test/models/tiny/make.py [architecture ...]

Needs torch, transformers, onnx, onnxruntime (seen with 2.13, 5.18, 1.23, 1.30). Every export is run by onnxruntime first
and its output compared with PyTorch's. Say in the commit why a file changed: archives are binary.
"""
import io
import json
import logging
import pathlib
import sys
import tempfile
import warnings
import zipfile

import numpy as np
import onnx
import onnxruntime
import torch
from transformers import BertForMaskedLM, DistilBertForMaskedLM, ModernBertForMaskedLM, RobertaForMaskedLM

import exports
from architectures import architectures, build, d, headed, heads, hidden_states, texts
from genai import genai

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)
here = pathlib.Path(__file__).parent

# What each kind of export is made of; every architecture has torchscript and q8.
full = ("bert", "roberta", "modernbert", "albert", "t5", "clip", "gpt2", "llama", "qwen3", "gemma3", "gpt-neox")
fused = {"bert": "bert", "roberta": "bert", "albert": "bert", "distilbert": "bert", "gpt2": "gpt2", "clip": "clip", "t5": "t5"}
four_bits = ("bert", "gpt-neox", "qwen3")
cached = ("gpt2", "llama", "qwen3", "gpt-neox", "phi", "bloom")
branching = ("gpt2", "llama")
fused_cached = ("llama", "qwen3", "gemma3")
sentence = ("bert", "mpnet")
fill_mask = {"bert": BertForMaskedLM, "roberta": RobertaForMaskedLM, "modernbert": ModernBertForMaskedLM, "distilbert": DistilBertForMaskedLM}
# PyTorch's newer exporter computes T5's position bias wrongly.
no_dynamo = ("t5",)
external = ("roberta", "llama")


def exports_of(name, model):
    """(name of the export, model, largest relative error of its output that is normal) of one architecture."""
    architecture = architectures[name]
    output = "logits" if architecture.kind == "decoder" else "last_hidden_state"
    outputs = ["text_embeds", output] if name == "clip" else [output]

    def take(found):
        return tuple(getattr(found, each) for each in outputs)

    traced = exports.torchscript(model, architecture.inputs, outputs, take)
    plain = exports.slim(traced)
    yield "torchscript", traced, 1e-4
    if name in full and name not in no_dynamo:
        yield "dynamo", exports.dynamo(model, architecture.inputs, outputs, take), 1e-4
    yield "q8", exports.q8(plain, signed=name not in ("distilbert", "opt"), per_channel=name in ("roberta", "phi")), 0.5
    if name in full:
        yield "fp16", exports.half(plain), 2e-2
        fours = exports.q4(plain, symmetric=name != "gpt-neox")
        yield "q4", fours, 1
        yield "q4f16", exports.half(fours), 1
    if name in four_bits:
        yield "bnb4", exports.bnb4(plain), 1
    if name in fused:
        yield "ort", exports.ort(traced, fused[name], heads, d), 1e-2
    if name in cached:
        shared, layers = getattr(model.config, "num_key_value_heads", None) or heads, model.config.num_hidden_layers
        size = getattr(model.config, "head_dim", None) or d // heads
        later = exports.with_past(model, layers, shared, size, keep=name == "qwen3")
        yield "past", exports.slim(later), 1e-4
        if name in branching:
            yield "merged", exports.merged(exports.with_past(model, layers, shared, size, empty=True), later), 1e-4
    if name in fused_cached:
        made = genai(model)
        yield "genai", made, 1e-4
        yield "genai_q4f16", exports.half(exports.q4(made)), 1
    if name in sentence:
        yield "sentence", exports.pooled(plain), 1e-4
    if name in fill_mask:
        yield "fill_mask", exports.slim(exports.torchscript(headed(fill_mask[name], model), architecture.inputs, ["logits"], lambda found: found.logits)), None


def run(model, states, ids, mask):
    """The largest relative error of the output at real tokens."""
    session = onnxruntime.InferenceSession(model.SerializeToString())
    feeds = {"input_ids": ids, "attention_mask": mask, "token_type_ids": ids * 0, "position_ids": torch.arange(ids.shape[1]).expand(ids.shape).contiguous()}
    feeds = {key: value.numpy() for key, value in feeds.items()}
    given = {}
    for value in session.get_inputs():
        if value.name.startswith("past"):
            shape = [ids.shape[0] if at == 0 else 0 if at == 2 else size for at, size in enumerate(value.shape)]
            given[value.name] = np.zeros(shape, np.float16 if "16" in value.type else np.float32)
        elif value.name == "use_cache_branch":
            given[value.name] = np.array([False])
        elif value.name == "num_logits_to_keep":
            given[value.name] = np.array(0)
        else:
            given[value.name] = feeds[value.name]
    names = [output.name for output in session.get_outputs()]
    wanted = next(each for each in ("last_hidden_state", "token_embeddings", "logits") if each in names)
    found = torch.tensor(session.run([wanted], given)[0])
    real = mask == 1
    return float((found - states)[real].abs().max() / states[real].abs().max())


def pack(files):
    """A zip in which equal stretches of the files are stored once: files.json gives the ranges of `bytes` that make a file."""
    places, listing, stored = {}, {}, bytearray()
    for path, data in files.items():
        ranges = listing[path] = []
        cuts = sorted({0, len(data), *(cuts_of(data) if path.endswith(".onnx") else ())})
        for start, end in zip(cuts, cuts[1:]):
            piece = data[start:end]
            next_one = sum(ranges[-2:])
            # A short stretch is cheaper stored again than pointed to.
            if piece not in places or (len(piece) < 64 and places[piece] != next_one):
                places[piece] = len(stored)
                stored += piece
            at = places[piece]
            if ranges and next_one == at:
                ranges[-1] += len(piece)
            else:
                ranges += [at, len(piece)]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in (("files.json", json.dumps(listing, separators=(",", ":")).encode()), ("bytes", bytes(stored))):
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED, 9)
    return buffer.getvalue()


# Messages of onnx.proto by the fields that hold further ones; "" marks values, which are not looked into.
messages = {"model": {7: "graph"}, "graph": {1: "node", 5: "tensor"}, "node": {5: "attribute"}, "attribute": {6: "graph"}, "tensor": {9: ""}}


def cuts_of(data):
    """Offsets in an ONNX file where nodes and weights begin and end: exports of one model share most of them."""
    cuts = set()

    def varint(at):
        value = shift = 0
        while True:
            byte = data[at]
            value |= (byte & 127) << shift
            at, shift = at + 1, shift + 7
            if byte < 128:
                return value, at

    def visit(at, end, message):
        while at < end:
            cuts.add(at)
            tag, start = varint(at)
            if tag & 7 == 2:
                length, start = varint(start)
                at = start + length
            elif tag & 7 == 0:
                _, at = varint(start)
            else:
                at = start + (4 if tag & 7 == 5 else 8)
            inner = messages[message].get(tag >> 3)
            if inner == "":
                cuts.update((start, at))
            # Small nodes are shared whole; of large ones, an If, the branches are looked into.
            elif inner and (inner in ("graph", "tensor") or at - start > 2000):
                visit(start, at, inner)

    visit(0, len(data), "model")
    return cuts


def apart(graph, files):
    """The model with its weights in a file beside it, which joins `files`."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "dynamo.onnx"
        onnx.save(graph, path, save_as_external_data=True, location="dynamo.onnx_data", size_threshold=256)
        files["dynamo.onnx_data"] = (path.parent / "dynamo.onnx_data").read_bytes()
        return path.read_bytes()


def make(name):
    model = build(name)
    states, last, replaced = hidden_states(model)
    ids, mask = texts(model)
    model.config.architectures = [type(model).__name__]
    config = model.config.to_dict()
    if name == "clip":
        config = {"architectures": ["CLIPModel"], "model_type": "clip", "text_config": config}
    files = {"config.json": json.dumps(config, indent=1).encode()}
    sequences = [row[: int(length)].tolist() for row, length in zip(ids, mask.sum(1))]
    files["states.json"] = json.dumps({"sequences": sequences, "padding": model.config.pad_token_id or 0, "layers": len(states), "d": d, "lastReplaced": replaced}).encode()
    # Layer, text, token, dimension, of real tokens only.
    files["states.f32"] = torch.stack(states)[:, mask == 1].numpy().tobytes()
    for export, graph, bound in exports_of(name, model):
        error = 0 if bound is None else run(graph, last, ids, mask)
        if bound is not None and not error < bound:
            raise ValueError(f"{name}.{export}: its output is {error:.1e} away from PyTorch's")
        if export == "dynamo" and name in external:
            data = apart(graph, files)
        else:
            data = graph.SerializeToString()
        files[f"{export}.onnx"] = data
        print(f"  {name}.{export}: {len(data)} bytes, {len(graph.graph.node)} nodes, error {error:.1e}", flush=True)
    archive = pack(files)
    (here / f"{name}.zip").write_bytes(archive)
    print(f"{name}.zip: {len(archive)} bytes, {len(files)} files", flush=True)


for each in sys.argv[1:] or architectures:
    make(each)

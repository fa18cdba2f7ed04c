"""Reading a shipped model: the hidden states of every layer and the logits, computed by onnxruntime from the exported
file. The outputs of the inner layers are added to a copy of the graph in memory, as the app does."""

import json
import re
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from transformers import PreTrainedTokenizerFast


def hidden_state_names(graph: onnx.GraphProto, layers: int) -> list[str]:
    """Tensors of layer 0 (embeddings) to the last (after the final norm)."""
    norms = [node.output[0] for node in graph.node if node.op_type == "LayerNormalization"]
    if norms:
        # BERT normalises after the embeddings, after attention and after the feed-forward part; one more in its head.
        return norms[: 2 * layers + 1 : 2]
    # Llama normalises before attention and before the feed-forward part: a norm begins by squaring what it reads.
    read = [node.input[0] for node in graph.node if node.op_type == "Pow"]
    return [*read[: 2 * layers : 2], "last_hidden_state"]


class Model:
    """A folder in hub layout."""

    def __init__(self, folder: Path, threads: int = 1):
        self.config = json.loads((folder / "config.json").read_text())
        self.layers = self.config["num_hidden_layers"]
        self.causal = self.config["model_type"] == "llama"
        self.tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
        self.inputs = ["input_ids", "attention_mask"] if self.causal else ["input_ids", "attention_mask", "token_type_ids"]
        self.tokenizer.model_input_names = ["input_ids", "attention_mask", "token_type_ids"]
        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = threads
        model = onnx.load(folder / "onnx" / "model.onnx")
        self.language_model = onnxruntime.InferenceSession(model.SerializeToString(), settings, providers=["CPUExecutionProvider"])
        names = hidden_state_names(model.graph, self.layers)
        assert len(names) == self.layers + 1, f"{folder}: {len(names)} hidden states, {self.layers} layers"
        del model.graph.output[:]
        model.graph.output.extend(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in names)
        self.states_of = onnxruntime.InferenceSession(model.SerializeToString(), settings, providers=["CPUExecutionProvider"])

    def states(self, batch) -> list[np.ndarray]:
        return self.states_of.run(None, {key: batch[key].astype(np.int64) for key in self.inputs})

    def logits(self, ids: np.ndarray, mask: np.ndarray) -> np.ndarray:
        feeds = {"input_ids": ids.astype(np.int64), "attention_mask": mask.astype(np.int64), "token_type_ids": np.zeros(ids.shape, np.int64)}
        return self.language_model.run(["logits"], {key: feeds[key] for key in self.inputs})[0]

    def words(self, texts: list[str]) -> np.ndarray:
        """Layers x texts x features: each text by itself, mean over its own tokens."""
        vectors = []
        for start in range(0, len(texts), 256):
            batch = self.tokenizer(texts[start : start + 256], padding=True, return_special_tokens_mask=True, return_tensors="np")
            own = (1 - batch["special_tokens_mask"])[..., None]
            vectors.append(np.stack([(state * own).sum(1) / own.sum(1) for state in self.states(batch)]))
        return np.concatenate(vectors, 1)

    def word_in(self, text: str, word: str) -> np.ndarray:
        """Layers x features: a word where it first stands in a text; mean over its tokens."""
        found = re.search(rf"\b{re.escape(word)}\b", text, re.IGNORECASE)
        if not found:
            raise SystemExit(f"{word} does not stand in: {text}")
        at, end_at = found.span()
        batch = self.tokenizer(text, return_offsets_mapping=True, return_special_tokens_mask=True, return_tensors="np")
        spans, special = batch["offset_mapping"][0], batch["special_tokens_mask"][0]
        inside = [i for i, (start, end) in enumerate(spans) if not special[i] and start >= at and end <= end_at]
        return np.stack([state[0, inside].mean(0) for state in self.states(batch)])

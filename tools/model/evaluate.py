"""Step 6: score the exported ONNX file, layer by layer, on the study's test words.

onnxruntime computes everything: the outputs of the inner layers are added to a copy of the graph in
memory, so that the scores belong to the file the app loads and not to a checkpoint beside it.
Prints the table of the model card.
"""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from transformers import PreTrainedTokenizerFast

from export import OUT
from study import Words, centred, probe, rsa
from text import arguments


def all_layers(path: Path) -> onnxruntime.InferenceSession:
    """A session whose outputs are the states of layer 0 (embeddings) to the last, in order."""
    model = onnx.load(path)
    norms = [node.output[0] for node in model.graph.node if node.op_type == "LayerNormalization"]
    # BERT normalises once after the embeddings, then after attention and after the feed-forward part.
    layers = norms[0::2]
    del model.graph.output[:]
    model.graph.output.extend(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in layers)
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(model.SerializeToString(), settings, providers=["CPUExecutionProvider"])


def word_vectors(session: onnxruntime.InferenceSession, tokenizer, texts: list[str]) -> np.ndarray:
    """Layers x words x features: mean over a word's own pieces, the word in isolation."""
    vectors = []
    for start in range(0, len(texts), 256):
        batch = tokenizer(texts[start : start + 256], padding=True, return_special_tokens_mask=True, return_tensors="np")
        states = session.run(
            None, {key: batch[key].astype(np.int64) for key in ("input_ids", "attention_mask", "token_type_ids")}
        )
        own = (1 - batch["special_tokens_mask"])[..., None]
        vectors.append(np.stack([(state * own).sum(1) / own.sum(1) for state in states]))
    return np.concatenate(vectors, 1)


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--model", type=Path, default=OUT)
    options = parser.parse_args()
    session = all_layers(options.model / "onnx" / "model.onnx")
    tokenizer = PreTrainedTokenizerFast.from_pretrained(options.model)
    tokenizer.model_input_names = ["input_ids", "token_type_ids", "attention_mask"]

    train, test = Words(options.study, "train"), Words(options.study, "test")
    vectors = {
        (half, language): word_vectors(session, tokenizer, getattr(words, language))
        for half, words in (("train", train), ("test", test))
        for language in ("english", "dutch")
    }
    print(f"{len(train.english)} training words, {len(test.english)} test words")
    print("| layer | EN RSA | EN RSA centred | EN probe | NL RSA | NL RSA centred | NL probe | EN RSA train | NL RSA train |")
    print("|---|---|---|---|---|---|---|---|---|")
    for layer in range(len(session.get_outputs())):
        scores = []
        for language in ("english", "dutch"):
            ratings = getattr(test, f"{language}_ratings")
            fitted, tested = vectors["train", language][layer], vectors["test", language][layer]
            scores += [rsa(ratings, tested), rsa(ratings, centred(tested))]
            scores.append(probe(fitted, getattr(train, f"{language}_ratings"), tested, ratings))
        scores += [rsa(getattr(train, f"{name}_ratings"), vectors["train", name][layer]) for name in ("english", "dutch")]
        print(f"| {layer} | " + " | ".join(f"{score:.3f}" for score in scores) + " |", flush=True)


if __name__ == "__main__":
    main()

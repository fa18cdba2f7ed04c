"""Step 7: score the exported ONNX files and write the tables of the model cards.

onnxruntime computes everything, so the scores belong to the files the app loads. The layer is chosen on the study's
TRAINING words for each measure; the test words only score it. Replaces what stands between the two markers in
README.md of each model's folder.
"""

import time
from pathlib import Path

import numpy as np

from export import MODELS
from layers import Model
from scores import DRAWS, PROBE_DRAWS, contexts, cross_probe, held_out_texts, perplexity, probe_interval, rsa_interval, similarity, static_vectors
from study import Words, rsa
from text import arguments

BEGIN, END = "<!-- scores: written by tools/model/evaluate.py -->", "<!-- /scores -->"


def table(head: list[str], rows: list[list[object]]) -> str:
    lines = [" | ".join(head), " | ".join("---" for _ in head), *(" | ".join(str(cell) for cell in row) for row in rows)]
    return "\n".join(f"| {line} |" for line in lines)


def shown(value: float, low: float, high: float) -> str:
    return f"{value:.3f} [{low:.3f}, {high:.3f}]"


def study_section(model: Model, study: Path, seed: int) -> tuple[str, int]:
    train, test = Words(study, "train"), Words(study, "test")
    vectors = {
        (half, language): model.words(getattr(words, language))
        for half, words in (("train", train), ("test", test))
        for language in ("english", "dutch")
    }
    layers = range(model.layers + 1)
    chosen: dict[str, int] = {}
    columns: dict[str, list[str]] = {}
    for language, name in (("english", "EN"), ("dutch", "NL")):
        fitted, rated = vectors["train", language], getattr(train, f"{language}_ratings")
        tested, ratings = vectors["test", language], getattr(test, f"{language}_ratings")
        by_rsa = [rsa(rated, fitted[layer]) for layer in layers]
        by_probe = [cross_probe(fitted[layer], rated) for layer in layers]
        chosen[f"{name} RSA"], chosen[f"{name} probe"] = int(np.argmax(by_rsa)), int(np.argmax(by_probe))
        columns[f"{name} RSA"] = [shown(*rsa_interval(ratings, tested[layer], seed)) for layer in layers]
        columns[f"{name} probe"] = [shown(*probe_interval(fitted[layer], rated, tested[layer], ratings, seed)) for layer in layers]
        columns[f"{name} RSA, train"] = [f"{value:.3f}" for value in by_rsa]
        columns[f"{name} probe, train"] = [f"{value:.3f}" for value in by_probe]
    order = ["EN RSA", "EN probe", "NL RSA", "NL probe", "EN RSA, train", "EN probe, train", "NL RSA, train", "NL probe, train"]
    rows = [[layer, *(f"**{columns[c][layer]}**" if chosen.get(c) == layer else columns[c][layer] for c in order)] for layer in layers]
    text = (
        f"Words of the study in isolation, mean over the word's own tokens: {len(test.english)} test words, {len(train.english)} training words. "
        "RSA: Spearman between the cosine dissimilarities of human ratings (z-scored; English 11 dimensions, Dutch 6 senses) and of the layer. "
        "Probe: ridge regression fitted on the training words, mean Spearman over dimensions on the test words. In brackets 95 % intervals from a bootstrap over the test words " f"({DRAWS:,} draws for RSA, {PROBE_DRAWS} for the probe, which stays as fitted). "
        ""
        "Columns named train are of the training words only (the probe in three parts); bold: the layer they choose.\n\n"
    )
    return text + table(["layer", *order], rows), chosen["EN RSA"]


def similarity_section(model: Model, layer: int, norms: Path, glove: Path) -> str:
    static = static_vectors(glove)
    rows = []
    for name, file in (("SimLex-999", "EN-SIMLEX-999.txt"), ("MEN", "EN-MEN-TR-3k.txt")):
        found = similarity(model, layer, norms / file, static)
        rows.append([name, f"{found['all']:.3f} ({found['pairs']})", f"{found['ours']:.3f}", f"{found['theirs']:.3f}", found["covered"]])
    head = ["judgements", "all pairs (n)", "covered pairs", "GloVe-Twitter-25d, the same pairs", "n covered"]
    return f"Spearman between cosine similarity in layer {layer} (the layer chosen for English RSA) and similarity judged by people.\n\n" + table(head, rows)


def context_section(model: Model, chosen: int) -> str:
    rows = []
    for row in contexts(model):
        cells = [row["language"], row["layer"], f"{row['right']} of {row['items']}", f"{row['p']:.1g}"]
        rows.append([f"**{cell}**" for cell in cells] if row["layer"] == chosen else cells)
    return (
        "Ambiguous or modified words in two texts each (`tools/model/contexts.csv`): how often the word's state differs in the sensible direction "
        "(`contexts` in `tools/model/scores.py`); p from a one-sided sign test against one half, not corrected for the number of layers; bold: the layer chosen for English RSA.\n\n" + table(["language", "layer", "sensible", "p"], rows)
    )


def text_section(model: Model, corpora: Path) -> str:
    rows = []
    for language, name in (("en", "English"), ("nl", "Dutch")):
        texts = held_out_texts(corpora, language)
        value, pieces = perplexity(model, texts)
        rows.append([name, len(texts), pieces, f"{value:.1f}"])
    what = "each piece given those before it" if model.causal else "masked pieces (15 %) given the rest of the sentence"
    return f"Perplexity of {what}, on sentences that no step of the training read.\n\n" + table(["text", "sentences", "pieces predicted", "perplexity"], rows)


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--models", nargs="+", default=["sensorium-mini", "sensorium-mini-causal"])
    parser.add_argument("--folder", type=Path, default=MODELS)
    parser.add_argument("--norms", type=Path, default=Path("../shared/norms"))
    parser.add_argument("--glove", type=Path, default=Path("../shared/models/glove_twitter_25d_subset"))
    parser.add_argument("--print", action="store_true", help="print only, leave the cards as they are")
    options = parser.parse_args()
    for name in options.models:
        started = time.time()
        folder = options.folder / name
        model = Model(folder)
        study, layer = study_section(model, options.study, options.seed)
        sections = [study, similarity_section(model, layer, options.norms, options.glove), context_section(model, layer), text_section(model, options.corpora)]
        text = "\n\n".join(sections)
        print(f"{name}, {time.time() - started:.0f} s\n\n{text}\n", flush=True)
        card = folder / "README.md"
        if not options.print:
            before, rest = card.read_text().split(BEGIN)
            card.write_text(f"{before}{BEGIN}\n{text}\n{END}{rest.split(END)[1]}")


if __name__ == "__main__":
    main()

"""The measures of the model cards: the study's (study.py) with bootstrap intervals over words, similarity judgements,
words in context, and how well held-out text is predicted."""

import csv
import json
from pathlib import Path

import numpy as np
from scipy.stats import binomtest, rankdata, spearmanr
from sklearn.model_selection import KFold

from layers import Model
from study import fit_probe, probe
from text import plain, sentences

DRAWS = 1000
PROBE_DRAWS = 200
CONTEXTS = Path(__file__).parent / "contexts.csv"


def interval(values: np.ndarray) -> tuple[float, float]:
    """The middle 95 %."""
    return float(np.percentile(values, 2.5)), float(np.percentile(values, 97.5))


def rank_matrix(vectors: np.ndarray) -> np.ndarray:
    """Centred ranks of the cosine distances of all pairs, as a symmetric matrix; zeros on the diagonal."""
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    upper = np.triu_indices(len(unit), 1)
    ranks = rankdata((1 - unit @ unit.T)[upper])
    matrix = np.zeros((len(unit), len(unit)), np.float32)
    matrix[upper] = (ranks - ranks.mean()) / ranks.std()
    return matrix + matrix.T


def rsa_interval(ratings: np.ndarray, vectors: np.ndarray, seed: int) -> tuple[float, float, float]:
    """RSA and its interval, from a bootstrap over words.

    A draw gives word i a count w_i and pair (i, j) the weight w_i w_j; pairs of a word with itself have no entry.
    Ranks are those of all words: ranking each draw anew changes the bounds by less than .001, see the README.
    """
    human = rank_matrix((ratings - ratings.mean(0)) / ratings.std(0))
    model = rank_matrix(vectors)
    both, human2, model2 = human * model, human**2, model**2
    off = 1 - np.eye(len(human), dtype=np.float32)
    n = len(human)
    rng = np.random.default_rng(seed)
    w = rng.multinomial(n, np.full(n, 1 / n), DRAWS).astype(np.float32)

    def total(matrix: np.ndarray) -> np.ndarray:
        return np.einsum("dn,dn->d", w @ matrix, w).astype(np.float64)

    count, h, m = total(off), total(human), total(model)
    covariance = total(both) / count - h / count * m / count
    spread = np.sqrt((total(human2) / count - (h / count) ** 2) * (total(model2) / count - (m / count) ** 2))
    pairs = n * (n - 1)
    return float(both.sum(dtype=np.float64) / pairs), *interval(covariance / spread)


def probe_interval(train, train_ratings, test, test_ratings, seed: int) -> tuple[float, float, float]:
    """Mean Spearman over dimensions of a ridge probe, with a bootstrap over the test words."""
    predicted = fit_probe(train, train_ratings, test)
    rng = np.random.default_rng(seed)
    dimensions = range(test_ratings.shape[1])

    def score(rows) -> float:
        return float(np.mean([spearmanr(predicted[rows, j], test_ratings[rows, j])[0] for j in dimensions]))

    n = len(test)
    draws = np.array([score(rng.integers(0, n, n)) for _ in range(PROBE_DRAWS)])
    return score(np.arange(n)), *interval(draws)


def cross_probe(vectors: np.ndarray, ratings: np.ndarray) -> float:
    """The probe within the training words (3 parts), by which a layer is chosen."""
    parts = KFold(3, shuffle=True, random_state=0).split(vectors)
    return float(np.mean([probe(vectors[a], ratings[a], vectors[b], ratings[b]) for a, b in parts]))


def judged_pairs(path: Path) -> tuple[list[str], list[str], np.ndarray]:
    """Word pairs with a similarity judged by people: SimLex-999 or MEN."""
    rows = [line.rstrip("\n").split("\t") for line in path.read_text().splitlines()]
    return [plain(row[0]) for row in rows], [plain(row[1]) for row in rows], np.array([float(row[2]) for row in rows])


def cosines(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return (a * b).sum(-1) / np.maximum(np.linalg.norm(a, axis=-1) * np.linalg.norm(b, axis=-1), 1e-9)


def similarity(model: Model, layer: int, path: Path, static: dict[str, np.ndarray]) -> dict[str, float]:
    """Spearman with the judgements over all pairs, and over the pairs whose words the static vectors cover, for both."""
    first, second, judged = judged_pairs(path)
    words = sorted({*first, *second})
    vectors = dict(zip(words, model.words(words)[layer]))
    ours = cosines(np.stack([vectors[w] for w in first]), np.stack([vectors[w] for w in second]))
    covered = np.array([a in static and b in static for a, b in zip(first, second)])
    theirs = cosines(*(np.stack([static[w] for w, c in zip(side, covered) if c]) for side in (first, second)))
    return {
        "pairs": len(judged),
        "all": spearmanr(ours, judged)[0],
        "covered": int(covered.sum()),
        "ours": spearmanr(ours[covered], judged[covered])[0],
        "theirs": spearmanr(theirs, judged[covered])[0],
    }


def static_vectors(folder: Path) -> dict[str, np.ndarray]:
    words = json.loads((folder / "words.json").read_text())
    return dict(zip(words, np.load(folder / "vectors.float32.npy")))


def contexts(model: Model) -> list[dict[str, float | int | str]]:
    """Of words that mean different things in two texts, how often the state differs in the sensible direction.

    An item names a word, two texts and a word near each meaning. It counts as right where the word's state in the
    first text is closer to the first near word, against the second, than its state in the second text is:
    cos(s1, n1) - cos(s1, n2) > cos(s2, n1) - cos(s2, n2). The word has one form in both texts, so a state that knew
    nothing of its text would make both sides equal, which does not count as right.
    """
    with CONTEXTS.open() as file:
        items = list(csv.DictReader(file))
    result = []
    for language in ("en", "nl"):
        mine = [item for item in items if item["language"] == language]
        margins = []
        for item in mine:
            near1, near2 = model.words([item["near_first"], item["near_second"]]).swapaxes(0, 1)
            s1, s2 = model.word_in(item["first"], item["word"]), model.word_in(item["second"], item["word"])
            margins.append(cosines(s1, near1) - cosines(s1, near2) - cosines(s2, near1) + cosines(s2, near2))
        for layer, column in enumerate(np.stack(margins, 1)):
            right = int((column > 1e-6).sum())
            p = binomtest(right, len(column), 0.5, alternative="greater").pvalue
            result.append({"language": language, "layer": layer, "right": right, "items": len(column), "p": p})
    return result


def held_out_texts(corpora: Path, language: str, most: int = 1000, sources: set[str] | None = None) -> list[str]:
    """Held-out sentences of 4 to 60 words, spread evenly over the file, which is ordered by source."""
    found = [text for text in sentences(corpora, language, kept_back=True, sources=sources) if 4 <= len(text.split()) <= 60]
    return [found[i * len(found) // most] for i in range(most)] if len(found) > most else found


def masked_places(model_tokenizer, texts: list[str], seed: int, limit: int = 128):
    """Ids, mask and the places to predict: 15 % of the pieces of each text, at least one."""
    rng = np.random.default_rng(seed)
    batch = model_tokenizer(texts, padding=True, truncation=True, max_length=limit, return_special_tokens_mask=True, return_tensors="np")
    ids, real = batch["input_ids"], batch["special_tokens_mask"] == 0
    chosen = real & (rng.random(ids.shape) < 0.15)
    for row in np.flatnonzero(~chosen.any(1) & real.any(1)):
        chosen[row, rng.choice(np.flatnonzero(real[row]))] = True
    return ids, batch["attention_mask"], chosen


def log_softmax(logits: np.ndarray) -> np.ndarray:
    top = logits - logits.max(-1, keepdims=True)
    return top - np.log(np.exp(top).sum(-1, keepdims=True))


def perplexity(model: Model, texts: list[str], seed: int = 0) -> tuple[float, int]:
    """Of masked pieces given the rest of the text (encoder), or of each piece given those before it (causal)."""
    losses = []
    order = sorted(texts, key=len)
    for start in range(0, len(order), 16):
        ids, mask, chosen = masked_places(model.tokenizer, order[start : start + 16], seed + start)
        if model.causal:
            rows = log_softmax(model.logits(ids, mask)[:, :-1])
            real = mask[:, 1:] > 0
            losses.append(-np.take_along_axis(rows, ids[:, 1:, None], -1)[..., 0][real])
        else:
            masked = np.where(chosen, model.tokenizer.convert_tokens_to_ids("[MASK]"), ids)
            rows = log_softmax(model.logits(masked, mask)[chosen])
            losses.append(-rows[np.arange(len(rows)), ids[chosen]])
    flat = np.concatenate(losses)
    return float(np.exp(flat.mean())), len(flat)

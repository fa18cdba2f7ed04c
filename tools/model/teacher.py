"""Step 3: one English-Dutch space of word vectors, and the starting value of the piece embeddings.

English words keep the vectors of step 2. A Dutch word gets the mean of two: its translations' vectors
(lexicon), and its own Dutch vector rotated into the English space (orthogonal Procrustes over the
lexicon). Piece embeddings are the least-squares solution of "the mean of a word's pieces is its
vector", so the encoder starts near its goal, which a post-norm BERT on a small budget needs.

Writes WORK/teacher.npz: words, target (unit rows), frequency, dutch (bool), pieces.
"""

import time

import numpy as np
import scipy.sparse as sparse
from scipy.sparse.linalg import lsqr
from transformers import PreTrainedTokenizerFast

from study import Words, rsa
from text import arguments, lexicon, plain


def unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


def load(path, dimensions: int, power: float) -> tuple[dict[str, int], np.ndarray, np.ndarray]:
    """Row number by word, unit vectors, counts. The first singular direction is left out: it mostly
    holds how frequent a word is."""
    data = np.load(path)
    kept = slice(1, dimensions + 1)
    vectors = unit(data["left"][:, kept] * data["values"][kept] ** power)
    return {word: i for i, word in enumerate(data["words"].tolist())}, vectors, data["counts"]


def phrase(text: str, rows: dict[str, int], vectors: np.ndarray) -> np.ndarray | None:
    """The vector of a word, or the mean over the words of a phrase; None where one is unknown."""
    if text in rows:
        return vectors[rows[text]]
    parts = [rows.get(part) for part in text.split()]
    if len(parts) < 2 or None in parts:
        return None
    return unit(vectors[parts].mean(0, keepdims=True))[0]


def rotate(english, dutch, pairs) -> np.ndarray:
    """The rotation that brings Dutch vectors onto those of their translations; frequent pairs weigh more."""
    (e_rows, e, e_count), (d_rows, d, d_count) = english, dutch
    both = [(e_rows[a], d_rows[b]) for a, b in pairs if a in e_rows and b in d_rows]
    i, j = np.array(both).T
    weight = np.log1p(np.minimum(e_count[i], d_count[j]))[:, None]
    left, _, right = np.linalg.svd(d[j].T @ (weight * e[i]))
    return left @ right


def dutch_targets(english, dutch, pairs, own_share: float) -> dict[str, np.ndarray]:
    e_rows, e, _ = english
    d_rows, d, _ = dutch
    translated: dict[str, list[np.ndarray]] = {}
    for a, b in pairs:
        vector = phrase(a, e_rows, e)
        if vector is not None:
            translated.setdefault(b, []).append(vector)
    lexical = {word: np.mean(vectors, 0) for word, vectors in translated.items()}
    own = unit(d @ rotate(english, dutch, pairs))
    result = {}
    for word in {**lexical, **d_rows}:
        if word not in lexical:
            result[word] = own[d_rows[word]]
        elif word not in d_rows:
            result[word] = lexical[word]
        else:
            result[word] = (1 - own_share) * unit(lexical[word][None])[0] + own_share * own[d_rows[word]]
    return result


def solve_pieces(encoded: list[list[int]], target: np.ndarray, weight: np.ndarray, size: int, damp: float) -> np.ndarray:
    """Piece vectors whose mean over a word is nearest to the word's vector."""
    root = np.sqrt(weight)
    rows = np.repeat(np.arange(len(encoded)), [len(ids) for ids in encoded])
    share = np.concatenate([np.full(len(ids), r / len(ids)) for ids, r in zip(encoded, root)])
    design = sparse.csr_matrix((share, (rows, np.concatenate(encoded))), shape=(len(encoded), size))
    return np.stack([lsqr(design, root * column, damp=damp, iter_lim=60)[0] for column in target.T], 1)


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--dimensions", type=int, default=96)
    parser.add_argument("--power", type=float, default=1.25, help="power of the singular values")
    parser.add_argument("--own-share", type=float, default=0.4, help="share of a Dutch word's own vector")
    parser.add_argument("--damp", type=float, default=0.3, help="ridge on the piece vectors")
    parser.add_argument("--select", action="store_true", help="print RSA on the training words and stop")
    options = parser.parse_args()
    started = time.time()

    english = load(options.work / "en.svd.npz", options.dimensions, options.power)
    dutch = load(options.work / "nl.svd.npz", options.dimensions, options.power)
    pairs = lexicon(options.corpora)
    if options.select:
        select(Words(options.study, "train"), english, dutch, pairs)
        return

    names = set((options.work / "names.txt").read_text().split("\n"))
    e_rows, vectors, e_count = english
    d_rows, _, d_count = dutch
    entries: list[tuple[str, np.ndarray, int, bool]] = []
    for word, row in e_rows.items():
        if word not in names:
            entries.append((word, vectors[row], int(e_count[row]), False))
    phrases = {a for a, _ in pairs if " " in a}
    for text in sorted(phrases):
        vector = phrase(text, e_rows, vectors)
        if vector is not None:
            entries.append((text, vector, 5, False))
    for word, vector in dutch_targets(english, dutch, pairs, options.own_share).items():
        # A form both languages write alike keeps its English vector.
        if word not in names and word not in e_rows:
            entries.append((word, vector, int(d_count[d_rows[word]]) if word in d_rows else 5, True))

    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(options.work / "tokenizer" / "tokenizer.json"), unk_token="[UNK]")
    texts = [plain(entry[0]) for entry in entries]
    encoded = tokenizer(texts, add_special_tokens=False)["input_ids"]
    target = unit(np.stack([entry[1] for entry in entries])).astype(np.float32)
    frequency = np.array([entry[2] for entry in entries])
    pieces = solve_pieces(encoded, target, np.log1p(frequency), len(tokenizer), options.damp)
    np.savez(
        options.work / "teacher.npz",
        words=np.array(texts),
        target=target,
        frequency=frequency,
        dutch=np.array([entry[3] for entry in entries]),
        pieces=pieces.astype(np.float32),
    )
    print(f"{len(texts)} words, {sum(e[3] for e in entries)} of them Dutch, {time.time() - started:.0f} s")


def select(words: Words, english, dutch, pairs) -> None:
    """What the defaults were chosen from: RSA of the targets on the study's training words."""
    found = [phrase(word, english[0], english[1]) for word in words.english]
    kept = [i for i, vector in enumerate(found) if vector is not None]
    print(f"English: {len(kept)} words, RSA {rsa(words.english_ratings[kept], np.stack([found[i] for i in kept])):.3f}")
    for share in (0.0, 0.3, 0.4, 0.5, 0.7, 1.0):
        targets = dutch_targets(english, dutch, pairs, share)
        kept = [i for i, word in enumerate(words.dutch) if word in targets]
        vectors = np.stack([targets[words.dutch[i]] for i in kept])
        print(f"Dutch, own share {share}: {len(kept)} words, RSA {rsa(words.dutch_ratings[kept], vectors):.3f}")


if __name__ == "__main__":
    main()

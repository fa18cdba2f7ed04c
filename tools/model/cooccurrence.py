"""Step 2: count which words stand near which, weigh by positive pointwise mutual information, and
reduce by singular value decomposition. One run per language; no ratings are used anywhere.

Writes WORK/{en,nl}.svd.npz: words, counts, left singular vectors and singular values.
"""

import time

import numpy as np
import scipy.sparse as sparse
from sklearn.utils.extmath import randomized_svd

from text import arguments, definitions, sentences, words

CHUNK = 4_000_000  # tokens counted at once; bounds memory to about 1.5 GB
FREQUENT = 1e-4  # words above this share of the text are thinned out, as in word2vec
BOUNDARY = -2
OUTSIDE = -1  # a word outside the vocabulary


def read(texts, limit: int) -> tuple[list[str], np.ndarray, np.ndarray, int]:
    """The text as numbers: names by number, flat numbers with BOUNDARY after each sentence, counts, words read."""
    number: dict[str, int] = {}
    flat: list[np.ndarray] = []
    pending: list[int] = []
    total = 0
    for text in texts:
        line = words(text)
        total += len(line)
        pending.extend(number.setdefault(word, len(number)) for word in line)
        pending.append(BOUNDARY)
        if len(pending) > 1_000_000:
            flat.append(np.array(pending, np.int32))
            pending = []
        if total >= limit:
            break
    flat.append(np.array(pending, np.int32))
    ids = np.concatenate(flat)
    return list(number), ids, np.bincount(ids[ids >= 0], minlength=len(number)), total


def rank_by_count(ids: np.ndarray, counts: np.ndarray, size: int, minimum: int) -> tuple[np.ndarray, np.ndarray]:
    """Renumber by falling frequency; the first `size` words with enough occurrences are the vocabulary."""
    order = np.argsort(-counts, kind="stable")
    order = order[: min(size, int((counts >= minimum).sum()))]
    renumber = np.full(len(counts) + 2, OUTSIDE, np.int32)
    renumber[order] = np.arange(len(order))
    renumber[BOUNDARY] = BOUNDARY  # index -2: the last but one slot
    return order, renumber[ids]


def count_pairs(ids: np.ndarray, keep: np.ndarray, contexts: int, window: int, rng: np.random.Generator) -> sparse.csr_matrix:
    """Weighted counts, words x context words: neighbours at distance k count (window - k + 1) / window."""
    size = len(keep)
    total = sparse.csr_matrix((size, contexts), dtype=np.float32)
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        thinned = (chunk >= 0) & (rng.random(len(chunk)) > keep[np.maximum(chunk, 0)])
        chunk = chunk[~thinned & (chunk != OUTSIDE)]  # dropped words leave no gap: the window reaches further
        # A sentence's number tells neighbours across a boundary apart.
        sentence = np.cumsum(chunk == BOUNDARY, dtype=np.int32)[chunk >= 0]
        chunk = chunk[chunk >= 0]
        for distance in range(1, window + 1):
            left, right = chunk[:-distance], chunk[distance:]
            same = sentence[:-distance] == sentence[distance:]
            left, right = left[same], right[same]
            row, column = np.concatenate([left, right]), np.concatenate([right, left])
            inside = column < contexts
            row, column = row[inside], column[inside]
            weight = np.full(len(row), (window - distance + 1) / window, np.float32)
            total += sparse.coo_matrix((weight, (row, column)), shape=total.shape).tocsr()
    return total


def count_definitions(definitions, rank: dict[str, int], keep: np.ndarray, contexts: int, times: float, rng) -> sparse.csr_matrix:
    """Weighted counts of words with the words of their dictionary definitions, wherever these stand in them."""
    row: list[int] = []
    column: list[int] = []
    for word, meaning in definitions:
        entry = rank.get(word)
        if entry is None:
            continue
        for other in sorted(set(meaning)):
            found = rank.get(other)
            if found is None or rng.random() > keep[found]:
                continue
            if found < contexts:
                row.append(entry)
                column.append(found)
            if entry < contexts:
                row.append(found)
                column.append(entry)
    return sparse.coo_matrix((np.full(len(row), times, np.float32), (row, column)), shape=(len(keep), contexts)).tocsr()


def positive_pmi(counts: sparse.csr_matrix, smoothing: float = 0.75) -> sparse.csr_matrix:
    """PPMI with smoothed context shares, which keeps rare contexts from dominating."""
    row_sum = np.asarray(counts.sum(1)).ravel()
    context = np.asarray(counts.sum(0)).ravel() ** smoothing
    context /= context.sum()
    entries = counts.tocoo()
    value = np.log(entries.data / (row_sum[entries.row] * context[entries.col]))
    positive = value > 0
    return sparse.csr_matrix(
        (value[positive].astype(np.float32), (entries.row[positive], entries.col[positive])), shape=counts.shape
    )


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--language", choices=["en", "nl"], required=True)
    parser.add_argument("--words", type=int, default=90_000, help="vocabulary size")
    parser.add_argument("--minimum", type=int, default=4, help="fewest occurrences of a vocabulary word")
    parser.add_argument("--contexts", type=int, default=12_000, help="the most frequent words serve as contexts")
    parser.add_argument("--window", type=int, default=4)
    parser.add_argument("--dimensions", type=int, default=129)
    parser.add_argument("--definitions", type=float, default=10.0, help="how often a dictionary definition counts; English only")
    parser.add_argument("--limit", type=int, default=10**9, help="stop after this many words of text")
    options = parser.parse_args()
    started = time.time()

    def report(text: str) -> None:
        print(f"{options.language}: {text}, {time.time() - started:.0f} s", flush=True)

    names, ids, counts, total = read(sentences(options.corpora, options.language), options.limit)
    order, ids = rank_by_count(ids, counts, options.words, options.minimum)
    report(f"{total / 1e6:.1f} M words, {len(order)} kept")

    share = counts[order] / total
    keep = np.minimum(1, np.sqrt(FREQUENT / share) + FREQUENT / share)
    rng = np.random.default_rng(options.seed)
    contexts = min(options.contexts, len(order))
    pairs = count_pairs(ids, keep, contexts, options.window, rng)
    if options.language == "en" and options.definitions:
        rank = {names[i]: position for position, i in enumerate(order)}
        pairs += count_definitions(definitions(options.corpora), rank, keep, contexts, options.definitions, rng)
    report(f"{pairs.nnz / 1e6:.1f} M different pairs")

    ppmi = positive_pmi(pairs)
    left, values, _ = randomized_svd(ppmi, options.dimensions, n_iter=4, random_state=options.seed)
    np.savez(
        options.work / f"{options.language}.svd.npz",
        words=np.array([names[i] for i in order]),
        counts=counts[order],
        left=left.astype(np.float32),
        values=values.astype(np.float32),
    )
    report(f"{ppmi.nnz / 1e6:.1f} M positive, {options.dimensions} dimensions")


if __name__ == "__main__":
    main()

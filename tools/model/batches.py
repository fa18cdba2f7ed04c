"""Training batches: single words for the distillation; running text and translation pairs for the masked
language modelling, with a meaning in its context for every word the teacher knows."""

from pathlib import Path

import numpy as np
import torch

PAD, CLS, SEP, MASK, FIRST_PIECE = 0, 2, 3, 4, 5
LONGEST_WORD = 8  # pieces; longer words are cut


def unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)


class Teacher:
    """The words of step 3 with their vectors, and how the tokenizer cuts them."""

    def __init__(self, work: Path, tokenizer):
        data = np.load(work / "teacher.npz")
        self.texts = data["words"].tolist()
        self.target = data["target"]
        self.frequency = data["frequency"].astype(np.float64)
        self.pieces = data["pieces"]
        self.encoded = tokenizer(self.texts, add_special_tokens=False)["input_ids"]
        self.continues = np.array([text.startswith("##") for text in tokenizer.convert_ids_to_tokens(range(len(tokenizer)))])
        # A form of both languages is one entry; the English one comes first.
        self.rows: dict[tuple[int, ...], int] = {}
        for row, ids in enumerate(self.encoded):
            self.rows.setdefault(tuple(ids), row)
        # Frequent words say little about their surroundings: smooth inverse frequency (Arora et al. 2017).
        share = self.frequency / self.frequency.sum()
        self.weight = 1e-4 / (1e-4 + share)


class WordBatches:
    """[CLS] word [SEP] with the teacher's vector. Frequent words come more often, but only mildly:
    the study's words are seldom frequent ones."""

    def __init__(self, teacher: Teacher, size: int, seed: int, separator: bool = True):
        encoded = teacher.encoded
        end = int(separator)
        self.lengths = np.array([min(len(ids), LONGEST_WORD) for ids in encoded])
        self.ids = np.full((len(encoded), LONGEST_WORD + 1 + end), PAD, np.int64)
        for row, ids, length in zip(self.ids, encoded, self.lengths):
            row[0], row[1 : length + 1] = CLS, ids[:length]
            if separator:
                row[length + 1] = SEP
        self.end = end
        self.target = torch.from_numpy(teacher.target)
        # Words of one piece are learnt almost at once (the embeddings start from them): the split ones
        # need the practice. A cumulative table makes drawing a few hundred of 120,000 words cheap.
        weight = (teacher.frequency + 1.0) ** 0.3 * np.where(self.lengths > 1, 2.5, 1.0)
        self.cumulative = np.cumsum(weight)
        self.size = size
        self.rng = np.random.default_rng(seed)

    def next(self) -> tuple[list[torch.Tensor], torch.Tensor]:
        """Ids in four parts, from short to long words, so that little padding is computed; targets in their order."""
        rows = np.unique(np.searchsorted(self.cumulative, self.rng.random(self.size) * self.cumulative[-1]))
        rows = rows[np.argsort(self.lengths[rows], kind="stable")]
        parts = np.array_split(rows, 4)
        return [torch.from_numpy(self.ids[part, : self.lengths[part].max() + 1 + self.end]) for part in parts], self.target[rows]


class Meanings:
    """What a word means where it stands: its own vector, moved towards those of the words around it.

    target = unit(own + SHARE * unit(sum of weight * exp(-distance / REACH) * vector)), over the other words of the
    sentence. "Cold" beside "coffee" moves one way, beside "person" another; a word by itself stays its own vector,
    so that states in isolation and in sentences share one space.
    """

    SHARE, REACH = 0.7, 5.0

    def __init__(self, teacher: Teacher):
        self.teacher = teacher

    def words(self, ids: np.ndarray) -> list[tuple[int, int, int, int]]:
        """Words the teacher knows: (first token, one after the last, teacher's row, sentence)."""
        teacher, found = self.teacher, []
        start, sentence = 0, 0
        while start < len(ids):
            if ids[start] < FIRST_PIECE:
                sentence += ids[start] == SEP
                start += 1
                continue
            end = start + 1
            while end < len(ids) and teacher.continues[ids[end]]:
                end += 1
            row = teacher.rows.get(tuple(ids[start:end].tolist()))
            if row is not None:
                found.append((start, end, row, sentence))
            start = end
        return found

    def of(self, ids: np.ndarray) -> tuple[list[tuple[int, int, int, int]], np.ndarray]:
        words = self.words(ids)
        if not words:
            return words, np.zeros((0, self.teacher.target.shape[1]), np.float32)
        rows = np.array([word[2] for word in words])
        sentence = np.array([word[3] for word in words])
        place = np.arange(len(words))
        near = np.exp(-np.abs(place[:, None] - place[None, :]) / self.REACH) * (sentence[:, None] == sentence[None, :])
        np.fill_diagonal(near, 0)
        own = self.teacher.target[rows]
        around = unit((near * self.teacher.weight[rows]) @ own)
        return words, unit(own + self.SHARE * around).astype(np.float32)


class TextBatches:
    """Masked sequences of a fixed length: English and Dutch blocks, and one part of pairs."""

    def __init__(self, work: Path, teacher: Teacher, length: int, size: int, pairs_share: float, meanings: int, mask_share: float, seed: int):
        self.rng = np.random.default_rng(seed)
        self.pieces, self.size, self.pairs_share = len(teacher.pieces), size, pairs_share
        self.meanings, self.meaning_of, self.mask_share = meanings, Meanings(teacher), mask_share
        # Rare words are drawn more often: what a function word means in its context is hardly defined.
        self.draw = np.sqrt(teacher.weight)
        self.blocks = [blocks_of(np.load(work / f"{language}.ids.npy"), length) for language in ("en", "nl")]
        self.pairs, self.pair_types = self._read_pairs(work / "parallel.ids.npy", length)

    def _read_pairs(self, path: Path, length: int) -> tuple[np.ndarray, np.ndarray]:
        """[CLS] first [SEP] second [SEP], in either order, the second with token type 1."""
        ids = np.load(path)
        texts = np.split(ids, np.flatnonzero(ids == SEP) + 1)[:-1]
        rows = np.zeros((len(texts) // 2, length), np.uint16)
        types = np.zeros((len(rows), length), np.uint8)
        filled = 0
        for first, second in zip(texts[::2], texts[1::2]):
            if len(first) + len(second) + 1 > length:
                continue
            if self.rng.random() < 0.5:
                first, second = second, first
            end = 1 + len(first) + len(second)
            rows[filled, :end] = np.concatenate([[CLS], first, second])
            types[filled, 1 + len(first) : end] = 1
            filled += 1
        return rows[:filled], types[:filled]

    def log_frequency(self) -> torch.Tensor:
        """How often each piece stands in the text, as logits of mean 0: where the prediction starts."""
        counts = sum(np.bincount(block.ravel(), minlength=self.pieces) / block.size for block in self.blocks)
        counts[:FIRST_PIECE] = 0
        logits = np.log(counts + 1e-7)
        return torch.from_numpy(logits - logits.mean()).float()

    def next(self):
        """Masked ids, token types, where to predict, what; and of some unmasked words: the sequence, the share of
        each token in the word (a row sums to 1), and the teacher's vector in this context."""
        pairs = int(round(self.size * self.pairs_share))
        parts, types = [], []
        for block in self.blocks:  # half English, half Dutch, though there is more English text
            parts.append(block[self.rng.integers(0, len(block), (self.size - pairs) // 2)])
            types.append(np.zeros(parts[-1].shape, np.uint8))
        chosen = self.rng.integers(0, len(self.pairs), pairs)
        ids = np.concatenate([*parts, self.pairs[chosen]]).astype(np.int64)
        token_types = np.concatenate([*types, self.pair_types[chosen]]).astype(np.int64)

        predicted = (self.rng.random(ids.shape) < self.mask_share) & (ids >= FIRST_PIECE)
        masked = ids.copy()
        fate = self.rng.random(ids.shape)
        masked[predicted & (fate < 0.8)] = MASK
        random_piece = predicted & (fate >= 0.9)
        masked[random_piece] = self.rng.integers(FIRST_PIECE, self.pieces, int(random_piece.sum()))
        where = torch.from_numpy(predicted)
        text = (torch.from_numpy(masked), torch.from_numpy(token_types), where, torch.from_numpy(ids)[where])
        return *text, *self._meanings(ids, predicted)

    def _meanings(self, ids: np.ndarray, predicted: np.ndarray) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        sequence, share, target, chance = [], [], [], []
        for row in range(len(ids)):
            words, vectors = self.meaning_of.of(ids[row])
            for (start, end, entry, _), vector in zip(words, vectors):
                if predicted[row, start:end].any():
                    continue
                sequence.append(row)
                share.append((start, end))
                target.append(vector)
                chance.append(self.draw[entry])
        chance = np.array(chance)
        take = self.rng.choice(len(chance), min(self.meanings, len(chance)), replace=False, p=chance / chance.sum())
        pool = np.zeros((len(take), ids.shape[1]), np.float32)
        for position, i in enumerate(take):
            start, end = share[i]
            pool[position, start:end] = 1 / (end - start)
        return torch.tensor([sequence[i] for i in take]), torch.from_numpy(pool), torch.from_numpy(np.stack([target[i] for i in take]))


def blocks_of(ids: np.ndarray, length: int, separator: bool = True) -> np.ndarray:
    """Running text cut to [CLS] ... [SEP] of one length (without the [SEP] for a causal model)."""
    body = length - 1 - int(separator)
    rows = ids[: len(ids) // body * body].reshape(-1, body)
    rows = np.pad(rows, ((0, 0), (1, int(separator))))
    rows[:, 0] = CLS
    if separator:
        rows[:, -1] = SEP
    return rows

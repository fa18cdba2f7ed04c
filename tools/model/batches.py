"""Training batches: single words for the distillation, running text and translation pairs for the
masked language modelling."""

from pathlib import Path

import numpy as np
import torch

PAD, CLS, SEP, MASK, FIRST_PIECE = 0, 2, 3, 4, 5
LONGEST_WORD = 8  # pieces; longer words are cut


class WordBatches:
    """[CLS] word [SEP] with the teacher's vector. Frequent words come more often, but only mildly:
    the study's words are seldom frequent ones."""

    def __init__(self, work: Path, tokenizer, size: int, seed: int):
        teacher = np.load(work / "teacher.npz")
        encoded = tokenizer(teacher["words"].tolist(), add_special_tokens=False)["input_ids"]
        self.lengths = np.array([min(len(ids), LONGEST_WORD) for ids in encoded])
        self.ids = np.full((len(encoded), LONGEST_WORD + 2), PAD, np.int64)
        for row, ids, length in zip(self.ids, encoded, self.lengths):
            row[0], row[1 : length + 1], row[length + 1] = CLS, ids[:length], SEP
        self.target = torch.from_numpy(teacher["target"])
        # Words of one piece are learnt almost at once (the embeddings start from them): the split ones
        # need the practice. A cumulative table makes drawing a few hundred of 120,000 words cheap.
        weight = (teacher["frequency"] + 1.0) ** 0.3 * np.where(self.lengths > 1, 2.5, 1.0)
        self.cumulative = np.cumsum(weight)
        self.size = size
        self.rng = np.random.default_rng(seed)

    def next(self) -> tuple[list[torch.Tensor], torch.Tensor]:
        """Ids in four parts, from short to long words, so that little padding is computed; targets in their order."""
        rows = np.unique(np.searchsorted(self.cumulative, self.rng.random(self.size) * self.cumulative[-1]))
        rows = rows[np.argsort(self.lengths[rows], kind="stable")]
        parts = np.array_split(rows, 4)
        return [torch.from_numpy(self.ids[part, : self.lengths[part].max() + 2]) for part in parts], self.target[rows]


class TextBatches:
    """Masked sequences of a fixed length: English and Dutch blocks, and one part of pairs."""

    def __init__(self, work: Path, length: int, size: int, pairs_share: float, pieces: int, seed: int):
        self.rng = np.random.default_rng(seed)
        self.pieces, self.size, self.pairs_share = pieces, size, pairs_share
        body = length - 2
        blocks = []
        for language in ("en", "nl"):
            ids = np.load(work / f"{language}.ids.npy")
            rows = ids[: len(ids) // body * body].reshape(-1, body)
            blocks.append(np.pad(rows, ((0, 0), (1, 1)), constant_values=((0, 0), (CLS, SEP))))
        self.blocks = blocks
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

    def next(self) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        """Masked ids, token types, where to predict, and what."""
        pairs = int(round(self.size * self.pairs_share))
        parts, types = [], []
        for block in self.blocks:  # half English, half Dutch, though there is more English text
            parts.append(block[self.rng.integers(0, len(block), (self.size - pairs) // 2)])
            types.append(np.zeros(parts[-1].shape, np.uint8))
        chosen = self.rng.integers(0, len(self.pairs), pairs)
        ids = np.concatenate([*parts, self.pairs[chosen]]).astype(np.int64)
        token_types = np.concatenate([*types, self.pair_types[chosen]]).astype(np.int64)

        predicted = (self.rng.random(ids.shape) < 0.15) & (ids >= FIRST_PIECE)
        masked = ids.copy()
        fate = self.rng.random(ids.shape)
        masked[predicted & (fate < 0.8)] = MASK
        random_piece = predicted & (fate >= 0.9)
        masked[random_piece] = self.rng.integers(FIRST_PIECE, self.pieces, int(random_piece.sum()))
        where = torch.from_numpy(predicted)
        return torch.from_numpy(masked), torch.from_numpy(token_types), where, torch.from_numpy(ids)[where]

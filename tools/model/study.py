"""The study's words and its three measures. Used to choose settings (training words) and to report
(test words); human ratings never enter the training of the model itself.

METHOD.md of the study: z-score each dimension over words, cosine distance between words, Spearman
between the human and the model dissimilarities over all pairs.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import rankdata, spearmanr
from sklearn.linear_model import RidgeCV

from text import plain

ENGLISH = [
    "Auditory", "Gustatory", "Haptic", "Interoceptive", "Olfactory", "Visual",
    "Foot_leg", "Hand_arm", "Head", "Mouth", "Torso",
]  # fmt: skip
DUTCH = ["Horen", "Zien", "Ruiken", "Proeven", "Voelen", "Sensaties"]


class Words:
    """The words of one half of the study and their ratings; words without a rating are left out."""

    def __init__(self, folder: Path, half: str):
        table = pd.read_excel(folder / f"{half}_words.xlsx", keep_default_na=False, na_values=[""])
        columns = [f"{name}.mean" for name in ENGLISH]
        table = table.dropna(subset=[*columns, *DUTCH])
        self.english = [plain(str(word)) for word in table["Word"]]
        self.dutch = [plain(str(word)) for word in table["Woord"]]
        self.english_ratings = table[columns].to_numpy(float)
        self.dutch_ratings = table[DUTCH].to_numpy(float)


def dissimilarities(vectors: np.ndarray) -> np.ndarray:
    """Cosine distances of all pairs, upper triangle."""
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return (1 - unit @ unit.T)[np.triu_indices(len(unit), 1)]


def rsa(ratings: np.ndarray, vectors: np.ndarray) -> float:
    human = (ratings - ratings.mean(0)) / ratings.std(0)
    return float(np.corrcoef(rankdata(dissimilarities(human)), rankdata(dissimilarities(vectors)))[0, 1])


def fit_probe(train: np.ndarray, train_ratings: np.ndarray, test: np.ndarray) -> np.ndarray:
    """Ratings predicted for the test words by ridge regression on the training words."""
    mean, deviation = train.mean(0), train.std(0) + 1e-6
    model = RidgeCV(alphas=10.0 ** np.arange(5)).fit((train - mean) / deviation, train_ratings)
    return model.predict((test - mean) / deviation)


def probe(train: np.ndarray, train_ratings: np.ndarray, test: np.ndarray, test_ratings: np.ndarray) -> float:
    """Mean Spearman over dimensions of the predicted and the given ratings."""
    predicted = fit_probe(train, train_ratings, test)
    return float(np.mean([spearmanr(predicted[:, j], test_ratings[:, j])[0] for j in range(test_ratings.shape[1])]))

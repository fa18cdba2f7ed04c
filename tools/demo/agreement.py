"""Compares the demo ratings with human norms on the words they share; prints a Markdown table.

Per dimension: Spearman's rho with the norms' means, and n. Over all dimensions of a norm: RSA as in the study (z-scores
over words with the population SD, cosine distance, upper triangle, Spearman). Prints numbers only, no rows of a norm.
The demo ratings are never changed by what this says: see docs/demo.md.

    python tools/demo/agreement.py [--norms ../shared/norms] [--demo public/demo/concepts.csv]
"""
import argparse
import unicodedata
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.spatial.distance import pdist
from scipy.stats import spearmanr, zscore

SENSES = ["Auditory", "Gustatory", "Haptic", "Interoceptive", "Olfactory", "Visual"]
EFFECTORS = ["Foot_leg", "Hand_arm", "Head", "Mouth", "Torso"]
DUTCH = {"Horen": "Auditory", "Proeven": "Gustatory", "Voelen": "Haptic", "Sensaties": "Interoceptive", "Ruiken": "Olfactory", "Zien": "Visual"}


def key(word: str) -> str:
    """A word as it is joined: composed, trimmed, lower case."""
    return unicodedata.normalize("NFC", str(word)).strip().lower()


def read_norms(path: Path, word: str, columns: dict[str, str]) -> pd.DataFrame:
    """Norm ratings by word and dimension; of a word that stands twice the first row, as the app does."""
    table = pd.read_csv(path, keep_default_na=False, na_values=[""])
    table.index = [key(w) for w in table[word]]
    table = table.loc[~table.index.duplicated(), list(columns)].rename(columns=columns)
    return table.apply(pd.to_numeric, errors="raise").dropna()


def rdm(ratings: pd.DataFrame) -> np.ndarray:
    """Upper triangle of the cosine distances between z-scored words."""
    return pdist(zscore(ratings.to_numpy(float), axis=0, ddof=0), "cosine")


def agreement(demo: pd.DataFrame, norms: pd.DataFrame, sets: dict[str, list[str]]) -> list[tuple[str, float, int]]:
    """Rows of the table: a dimension or an RSA, its value, and the number of shared words."""
    shared = [word for word in demo.index if word in norms.index]
    ours, theirs = demo.loc[shared], norms.loc[shared]
    rows = [(name, spearmanr(ours[name], theirs[name]).statistic, len(shared)) for name in norms.columns]
    return rows + [(f"RSA, {name}", spearmanr(rdm(ours[columns]), rdm(theirs[columns])).statistic, len(shared)) for name, columns in sets.items()]


def main() -> None:
    root = Path(__file__).resolve().parents[2]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--norms", type=Path, default=root / "../shared/norms")
    parser.add_argument("--demo", type=Path, default=root / "public/demo/concepts.csv")
    options = parser.parse_args()

    demo = pd.read_csv(options.demo, keep_default_na=False)
    ratings = demo[SENSES + EFFECTORS].astype(float)
    english = read_norms(options.norms / "lancaster_union.csv", "Word", {f"{name}.mean": name for name in SENSES + EFFECTORS})
    dutch = read_norms(options.norms / "speed_brysbaert_dutch_subset.csv", "Woord", DUTCH)
    left = agreement(ratings.set_axis([key(w) for w in demo["word"]]), english,
                     {"6 senses": SENSES, "5 effectors": EFFECTORS, "11 dimensions": SENSES + EFFECTORS})
    right = {name: (value, n) for name, value, n in agreement(ratings.set_axis([key(w) for w in demo["dutch"]]), dutch, {"6 senses": SENSES})}

    print("| | English norms | n | Dutch norms | n |\n|---|---|---|---|---|")
    for name, value, n in left:
        other = f"{right[name][0]:.2f} | {right[name][1]}" if name in right else "| "
        print(f"| {name} | {value:.2f} | {n} | {other} |")


if __name__ == "__main__":
    main()

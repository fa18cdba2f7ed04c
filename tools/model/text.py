"""Reading the training text: one place that knows the corpus files and how a line becomes words.

The tokenizer of the model lower-cases and strips accents, so the word counts must do the same:
"één" and "een" are one entry everywhere.
"""

import argparse
import lzma
import re
import unicodedata
import zlib
from pathlib import Path

CORPORA = Path("../shared/corpora")
STUDY = Path("../shared/study")
WORK = Path("/tmp/sensorium-model")

# Inner hyphens and apostrophes stay inside a word ("well-being", "foto's").
WORD = re.compile(r"[a-z]+(?:['-][a-z]+)*")


def arguments(description: str) -> argparse.ArgumentParser:
    """The options every script of this folder shares."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--corpora", type=Path, default=CORPORA, help="folder with the .tsv.xz files")
    parser.add_argument("--study", type=Path, default=STUDY, help="folder with train_words.xlsx and test_words.xlsx")
    parser.add_argument("--work", type=Path, default=WORK, help="folder for intermediate files, outside the repository")
    parser.add_argument("--seed", type=int, default=0)
    return parser


def plain(text: str) -> str:
    """Lower case without accents, as BertNormalizer(lowercase, strip_accents) leaves it."""
    text = text.lower()
    if text.isascii():
        return text
    return "".join(c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c) != "Mn")


def rows(path: Path):
    """Lines of a .tsv.xz file, split at tabs."""
    with lzma.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            yield line.rstrip("\n").split("\t")


def held_out(sentence: str) -> bool:
    """Whether a sentence is kept back from every step of the training: one in 400, by its own bytes."""
    return zlib.crc32(sentence.encode()) % 400 == 0


def sentences(corpora: Path, language: str, kept_back: bool = False, sources: set[str] | None = None):
    """Sentences of one language ("en" or "nl"), without their source tag: those for training, or those held out."""
    for row in rows(corpora / f"{language}.tsv.xz"):
        if len(row) > 1 and (sources is None or row[0] in sources) and held_out(row[1]) == kept_back:
            yield row[1]


def translations(corpora: Path):
    """English-Dutch sentence pairs of which neither side is held out."""
    for row in rows(corpora / "parallel_en_nl.tsv.xz"):
        if len(row) > 1 and not held_out(row[0]) and not held_out(row[1]):
            yield row[0], row[1]


def definitions(corpora: Path):
    """Words and what dictionaries say of them: (normalised word, words of the definition)."""
    for text in sentences(corpora, "en", sources={"wordnet", "wordset", "wikt"}):
        word, colon, meaning = text.partition(":")
        if colon:
            yield plain(word.strip()), words(meaning)


def lexicon(corpora: Path) -> list[tuple[str, str]]:
    """English-Dutch word pairs, normalised as the model reads them."""
    return [(plain(row[0]), plain(row[1])) for row in rows(corpora / "lexicon_en_nl.tsv.xz") if len(row) > 1]


def words(text: str) -> list[str]:
    """The words of a line for counting."""
    return WORD.findall(plain(text))

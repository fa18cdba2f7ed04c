"""Step 1: train the shared English-Dutch WordPiece tokenizer and write the text as token ids.

Writes the tokenizer files of the hub layout to WORK/tokenizer, and WORK/{en,nl,parallel}.ids.npy:
flat uint16 ids in which [SEP] ends every sentence (every pair, for the parallel text).
"""

import random
import re
import string
import time
from collections import Counter

import numpy as np
from tokenizers import BertWordPieceTokenizer
from transformers import BertTokenizerFast

from text import arguments, lexicon, plain, sentences, translations

MAX_POSITIONS = 128
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
CAPITALISED = re.compile(r"[^\W\d_]+")
INNER = string.ascii_lowercase + string.digits
ALPHABET = INNER + string.punctuation + "–—‘’“”„…«»·•°€£½"  # whatever else a text holds is [UNK]
LEMMA_BONUS = 20  # a word outside the lexicon must be this many times as frequent to get its own piece


def count_words(texts: list[str]) -> tuple[Counter, set[str]]:
    """How often each word stands in the text, and which words are names: they stand capitalised inside
    sentences. Names would fill a third of the vocabulary, and hardly any norm holds one."""
    lower, upper = Counter(), Counter()
    for text in texts:
        for word in CAPITALISED.findall(text)[1:]:
            (lower if word[0].islower() else upper)[word] += 1
    counts, capitalised = Counter(), Counter()
    for word, count in lower.items():
        counts[plain(word)] += count
    for word, count in upper.items():
        capitalised[plain(word)] += count
    return counts, {word for word, count in capitalised.items() if count > 2 * counts[word]}


def train_tokenizer(english: list[str], dutch: list[str], lemmas: set[str], size: int, parts: int):
    """A WordPiece vocabulary of whole words, as many as fit, over a small set of word parts.

    A word that is split is the main loss of a small model, so whole words come first: frequent ones,
    and those a dictionary lists before their inflections ("walk" before "walked", which is then
    "walk ##ed"). The parts are trained on the words that remain. Returns the tokenizer and the names.
    """
    score: Counter = Counter()
    names: set[str] = set()
    for texts in (english, dutch):
        counts, capitalised = count_words(texts)
        names |= capitalised
        total = sum(counts.values())
        for word, count in counts.items():
            if word not in capitalised and count >= 3:
                # Shares, not counts: the smaller Dutch text gets its half of the vocabulary.
                score[word] = max(score[word], count / total * (LEMMA_BONUS if word in lemmas else 1))
    names -= set(score)  # a name in one language may be a word in the other
    order = [word for word, _ in score.most_common()]

    # Accents are stripped: Dutch loses little ("één" reads as "een"), and a word no longer depends on
    # how its accents were encoded in the user's file.
    trained = BertWordPieceTokenizer(lowercase=True, strip_accents=True)
    trained.train_from_iterator(
        order[size - parts :], vocab_size=parts, min_frequency=2, limit_alphabet=90, special_tokens=SPECIAL, show_progress=False
    )
    pieces = dict.fromkeys([*SPECIAL, *ALPHABET, *(f"##{c}" for c in INNER), *sorted(trained.get_vocab())])
    for word in order:
        if len(pieces) >= size:
            break
        pieces[word] = None
    vocabulary = {piece: i for i, piece in enumerate(pieces)}
    return BertWordPieceTokenizer(vocab=vocabulary, lowercase=True, strip_accents=True), names


def flat_ids(tokenizer: BertWordPieceTokenizer, texts: list[str], end: int) -> np.ndarray:
    """Ids of all texts in one array; batches keep the memory of the Encoding objects small."""
    parts = []
    for start in range(0, len(texts), 20_000):
        encoded = tokenizer.encode_batch(texts[start : start + 20_000], add_special_tokens=False)
        parts.append(np.fromiter((i for e in encoded for i in (*e.ids, end)), np.uint16))
    return np.concatenate(parts)


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--vocabulary", type=int, default=32_000)
    parser.add_argument("--parts", type=int, default=6_000, help="pieces that are trained as word parts")
    parser.add_argument("--english-ids", type=int, default=1_200_000, help="English sentences kept as ids for masked language modelling")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    started = time.time()
    rng = random.Random(options.seed)

    english = list(sentences(options.corpora, "en"))
    dutch = list(sentences(options.corpora, "nl"))
    lemmas = {word for pair in lexicon(options.corpora) for word in pair}
    tokenizer, names = train_tokenizer(english, dutch, lemmas, options.vocabulary, options.parts)
    (options.work / "names.txt").write_text("\n".join(sorted(names)))
    print(f"{len(names)} names left out; tokenizer: {tokenizer.get_vocab_size()} pieces, {time.time() - started:.0f} s", flush=True)

    folder = options.work / "tokenizer"
    folder.mkdir(exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    BertTokenizerFast(
        tokenizer_file=str(folder / "tokenizer.json"),
        do_lower_case=True,
        strip_accents=True,
        model_max_length=MAX_POSITIONS,
    ).save_pretrained(folder)

    separator = tokenizer.token_to_id("[SEP]")
    english = rng.sample(english, min(len(english), options.english_ids))
    pairs = [text for pair in translations(options.corpora) for text in pair]
    for name, texts in (("en", english), ("nl", dutch), ("parallel", pairs)):
        ids = flat_ids(tokenizer, texts, separator)
        np.save(options.work / f"{name}.ids.npy", ids)
        print(f"{name}: {len(texts)} texts, {len(ids) / 1e6:.1f} M ids, {time.time() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main()

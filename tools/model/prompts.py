"""Prompts with an answer, made from the lexicon, the dictionaries and the teacher's word vectors.

They show the causal model the shapes of what it will be asked in the app, a question with its answer, a choice among
four options and a number from 0 to 5, without a word about senses or bodies: which word is the translation, which word
a definition means, which word is nearest, how closely two words go together. What a prompt of the app asks, it can only
learn by being tuned on it.
"""

from pathlib import Path

import numpy as np

from batches import CLS, PAD, SEP, Teacher
from text import arguments, definitions, lexicon, plain

LETTERS = "abcd"
CHOICE = {"en": "{question} a ) {a} b ) {b} c ) {c} d ) {d} answer :", "nl": "{question} a ) {a} b ) {b} c ) {c} d ) {d} antwoord :"}
OPEN = {"en": "{question} answer :", "nl": "{question} antwoord :"}
NUMBER = {"en": "{question} answer from 0 to 5 :", "nl": "{question} antwoord van 0 tot 5 :"}
TRANSLATE = {
    "en": ["what is {word} in dutch ?", "which dutch word means {word} ?"],
    "nl": ["wat is {word} in het engels ?", "welk engels woord betekent {word} ?"],
}
NEAREST = {"en": ["which is most like {word} ?", "which goes best with {word} ?"], "nl": ["wat lijkt het meest op {word} ?", "wat hoort het best bij {word} ?"]}
CLOSE = {"en": ["how closely does {a} go with {b} ?", "how much is {a} like {b} ?"], "nl": ["hoe sterk hoort {a} bij {b} ?", "hoeveel lijkt {a} op {b} ?"]}
DEFINED = ["which word means : {meaning} ?", "{meaning} : which word is it ?"]


OPEN_SHARE = 0.6  # of the questions that could have options


class Prompts:
    """Draws prompts: the text up to the answer, and the answer (a letter, a digit or a word)."""

    def __init__(self, work: Path, corpora: Path, teacher: Teacher, seed: int):
        self.rng = np.random.default_rng(seed)
        self.teacher = teacher
        data = np.load(work / "teacher.npz")
        words = [(row, text) for row, text in enumerate(teacher.texts) if len(teacher.encoded[row]) <= 2 and " " not in text and teacher.frequency[row] >= 20]
        self.rows = {
            "en": np.array([row for row, _ in words if not data["dutch"][row]]),
            "nl": np.array([row for row, _ in words if data["dutch"][row]]),
        }
        known = {"en": set(self.rows["en"].tolist()), "nl": set(self.rows["nl"].tolist())}
        number = {text: row for row, text in words}
        self.pairs = [(number[a], number[b]) for a, b in lexicon(corpora) if number.get(a) in known["en"] and number.get(b) in known["nl"]]
        self.defined = [
            (number[word], " ".join(meaning[:18])) for word, meaning in definitions(corpora)
            if number.get(word) in known["en"] and 3 <= len(meaning) and plain(word) not in meaning
        ]  # fmt: skip

    def _ask(self, language: str, question: str, right: int, pool: np.ndarray) -> tuple[str, str]:
        """Openly, or with four options of which one is right."""
        if self.rng.random() < OPEN_SHARE:
            return OPEN[language].format(question=question), self.teacher.texts[right]
        others: list[int] = []
        while len(others) < 3:
            other = int(self.rng.choice(pool))
            if other != right and other not in others:
                others.append(other)
        place = int(self.rng.integers(4))
        others.insert(place, right)
        options = [self.teacher.texts[row] for row in others]
        return CHOICE[language].format(question=question, **dict(zip(LETTERS, options))), LETTERS[place]

    def _translation(self, language: str) -> tuple[str, str]:
        english, dutch = self.pairs[self.rng.integers(len(self.pairs))]
        asked, right, other = (english, dutch, "nl") if language == "en" else (dutch, english, "en")
        question = self.rng.choice(TRANSLATE[language]).format(word=self.teacher.texts[asked])
        return self._ask(language, question, right, self.rows[other])

    def _definition(self) -> tuple[str, str]:
        right, meaning = self.defined[self.rng.integers(len(self.defined))]
        return self._ask("en", self.rng.choice(DEFINED).format(meaning=meaning), right, self.rows["en"])

    def _nearest(self, language: str) -> tuple[str, str]:
        pool = self.rows[language]
        asked = int(self.rng.choice(pool))
        rows = self.rng.choice(pool, 400)
        near = self.teacher.target[rows] @ self.teacher.target[asked]
        order = rows[np.argsort(-near)]
        right = int(order[0] if order[0] != asked else order[1])
        question = self.rng.choice(NEAREST[language]).format(word=self.teacher.texts[asked])
        return self._ask(language, question, right, order[100:])

    def _number(self, language: str) -> tuple[str, str]:
        pool = self.rows[language]
        asked = int(self.rng.choice(pool))
        rows = self.rng.choice(pool, 60)
        near = self.teacher.target[rows] @ self.teacher.target[asked]
        # All six answers alike often: pairs are drawn by closeness, most random pairs have nothing in common.
        wanted = self.rng.integers(6)
        row = int(rows[np.argmin(np.abs(near - wanted / 5 * 0.7))])
        answer = int(np.clip(round(float(self.teacher.target[row] @ self.teacher.target[asked]) / 0.7 * 5), 0, 5))
        question = self.rng.choice(CLOSE[language]).format(a=self.teacher.texts[asked], b=self.teacher.texts[row])
        return NUMBER[language].format(question=question), str(answer)

    def draw(self) -> tuple[str, str]:
        language = "en" if self.rng.random() < 0.5 else "nl"
        match int(self.rng.integers(5)):
            case 0:
                return self._translation(language)
            case 1:
                return self._definition()
            case 2 | 3:
                return self._nearest(language)
            case _:
                return self._number(language)


class PromptBatches:
    """Sequences of prompts with their answers: [CLS] prompt answer [SEP] prompt answer [SEP] ... [PAD]."""

    def __init__(self, prompts: Prompts, tokenizer, length: int, size: int):
        self.prompts, self.tokenizer, self.length, self.size = prompts, tokenizer, length, size

    def next(self) -> tuple[np.ndarray, np.ndarray]:
        """Ids, and where the answers stand."""
        ids = np.full((self.size, self.length), PAD, np.int64)
        answers = np.zeros(ids.shape, bool)
        for row in range(self.size):
            ids[row, 0], at = CLS, 1
            while True:
                prompt, answer = self.prompts.draw()
                asked, given = self.tokenizer([prompt, answer], add_special_tokens=False)["input_ids"]
                pieces = [*asked, *given]
                if at + len(pieces) + 1 > self.length:
                    if at > 1:
                        break
                    continue
                ids[row, at : at + len(pieces)] = pieces
                answers[row, at + len(asked) : at + len(pieces)] = True
                at += len(pieces)
                ids[row, at] = SEP
                at += 1
        return ids, answers


if __name__ == "__main__":
    from transformers import PreTrainedTokenizerFast

    options = arguments(__doc__).parse_args()
    loaded = PreTrainedTokenizerFast.from_pretrained(options.work / "tokenizer")
    shown = Prompts(options.work, options.corpora, Teacher(options.work, loaded), options.seed)
    for _ in range(12):
        print(*shown.draw())

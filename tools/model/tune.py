"""Step 8: what low-rank tuning does to the shipped models, with PEFT on the weights of the exported files.

- The encoder is tuned on text of one kind and must predict held-out sentences of that kind better than before.
- The causal model is tuned on one half of the demo words' rating prompts, or of the demo questions, and asked the
  other half. The demo ratings and questions are the project's own (public/demo), no human data.

Writes a table into the cards, between the two markers. A check that the models can be tuned, not a study.
"""

import csv
import math
import time
from pathlib import Path

import numpy as np
import torch
from peft import LoraConfig, get_peft_model
from scipy.stats import spearmanr
from torch.nn import functional as F
from transformers import PreTrainedTokenizerFast

from evaluate import table
from export import MODELS
from prompts import CHOICE, LETTERS, NUMBER, OPEN
from scores import held_out_texts, masked_places
from text import arguments, sentences
from weights import from_onnx

BEGIN, END = "<!-- tuned: written by tools/model/tune.py -->", "<!-- /tuned -->"
DEMO = Path("public/demo")
DIMENSIONS = {
    "Auditory": "by hearing", "Gustatory": "by tasting", "Haptic": "by feeling through touch", "Interoceptive": "by sensations inside the body",
    "Olfactory": "by smelling", "Visual": "by seeing", "Foot_leg": "with the foot or leg", "Hand_arm": "with the hand or arm",
    "Head": "with the head", "Mouth": "with the mouth", "Torso": "with the torso",
}  # fmt: skip


def adapters(model, modules: list[str], rank: int = 8):
    return get_peft_model(model, LoraConfig(r=rank, lora_alpha=2 * rank, target_modules=modules, lora_dropout=0.0))


def optimise(model, losses, steps: int, rate: float) -> None:
    """`losses(step)` gives the loss of a batch."""
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=rate, weight_decay=0.0)
    warm = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda s: min(1.0, (s + 1) / (0.05 * steps)) * (1 - s / steps))
    for step in range(steps):
        loss = losses(step)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_([p for p in model.parameters() if p.requires_grad], 1.0)
        optimizer.step()
        warm.step()


def inner(model):
    """The transformers model inside; PEFT puts its adapters into it. The head is then run only where it is needed."""
    return model.get_base_model() if hasattr(model, "get_base_model") else model


def masked_loss(model, tokenizer, texts: list[str], seed: int) -> torch.Tensor:
    """Cross-entropy of each masked piece."""
    ids, mask, chosen = masked_places(tokenizer, texts, seed)
    shown = torch.from_numpy(np.where(chosen, tokenizer.mask_token_id, ids))
    hidden = inner(model).bert(shown, torch.from_numpy(mask)).last_hidden_state[torch.from_numpy(chosen)]
    return F.cross_entropy(inner(model).cls(hidden), torch.from_numpy(ids[chosen]), reduction="none")


def masked_perplexity(model, tokenizer, texts: list[str]) -> float:
    ordered = sorted(texts, key=len)
    with torch.no_grad():
        losses = [masked_loss(model, tokenizer, ordered[start : start + 32], start) for start in range(0, len(ordered), 32)]
    return math.exp(torch.cat(losses).mean().item())


def tune_on_text(folder: Path, corpora: Path, steps: int, seed: int) -> str:
    tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
    kinds = [("English dictionary definitions", "en", {"wordnet"}), ("Dutch captions of pictures", "nl", {"cocoNL"})]
    tests = [(name, held_out_texts(corpora, language, sources=sources)) for name, language, sources in kinds]
    tests += [(f"{name}, all kinds", held_out_texts(corpora, language, 300)) for name, language in (("English", "en"), ("Dutch", "nl"))]
    rows = [[f"{name} ({len(texts)} sentences)"] for name, texts in tests]
    base = from_onnx(folder)
    for row, (_, texts) in zip(rows, tests):
        row.append(f"{masked_perplexity(base, tokenizer, texts):.1f}")
    for name, language, sources in kinds:
        texts = list(sentences(corpora, language, sources=sources))
        rng = np.random.default_rng(seed)
        model = adapters(from_onnx(folder), ["query", "key", "value", "attention.output.dense", "intermediate.dense", "output.dense"])

        def losses(step: int) -> torch.Tensor:
            return masked_loss(model, tokenizer, [texts[i] for i in rng.integers(0, len(texts), 32)], step).mean()

        optimise(model, losses, steps, 2e-3)
        model.eval()
        for row, (_, tested) in zip(rows, tests):
            row.append(f"{masked_perplexity(model, tokenizer, tested):.1f}")
    head = ["held-out text", "before", *(f"after {steps} steps on {name}" for name, _, _ in kinds)]
    return (
        "Masked-piece perplexity on sentences that no step read, before and after tuning low-rank adapters (rank 8, every projection, 32 sentences a step) on text of one kind.\n\n"
        + table(head, rows)
    )


class Prompted:
    """A causal model asked by prompts: [CLS] prompt, then the answer."""

    def __init__(self, model, tokenizer):
        self.model, self.tokenizer = model, tokenizer

    def answers(self, prompts: list[str], answers: list[str]) -> torch.Tensor:
        """Log-probability of each answer after its prompt, mean over the answer's pieces."""
        asked = self.tokenizer(prompts)["input_ids"]  # begins with [CLS], has no end
        given = self.tokenizer(answers, add_special_tokens=False)["input_ids"]
        longest = max(len(a) + len(g) for a, g in zip(asked, given))
        ids = torch.zeros(len(asked), longest, dtype=torch.long)
        own = torch.zeros(len(asked), longest)
        for row, (a, g) in enumerate(zip(asked, given)):
            ids[row, : len(a) + len(g)] = torch.tensor([*a, *g])
            own[row, len(a) : len(a) + len(g)] = 1 / len(g)
        row, place = own[:, 1:].nonzero(as_tuple=True)  # the state at `place` predicts the piece one to the right
        hidden = inner(self.model).model(ids).last_hidden_state[row, place]
        logs = inner(self.model).lm_head(hidden).log_softmax(-1).gather(-1, ids[row, place + 1][:, None])[:, 0]
        return torch.zeros(len(asked)).index_add(0, row, logs * own[row, place + 1])

    def expected_rating(self, prompts: list[str]) -> np.ndarray:
        """Expected value over the answers 0 to 5."""
        values = []
        with torch.no_grad():
            for start in range(0, len(prompts), 200):
                part = prompts[start : start + 200]
                logs = torch.stack([self.answers(part, [str(digit)] * len(part)) for digit in range(6)], 1)
                values.append((logs.softmax(1) * torch.arange(6)).sum(1))
        return torch.cat(values).numpy()

    def chosen(self, questions: list[tuple[str, list[str], int]]) -> np.ndarray:
        """Whether the most probable option is the right one."""
        with torch.no_grad():
            scores = [self.answers([question] * 4, options) for question, options, _ in questions]
        return np.array([int(score.argmax()) == right for score, (_, _, right) in zip(scores, questions)])


def rating_prompts() -> tuple[list[list[str]], np.ndarray]:
    """Words x dimensions: prompts and ratings."""
    with (DEMO / "concepts.csv").open() as file:
        rows = list(csv.DictReader(file))
    prompts = [[NUMBER["en"].format(question=f"how strongly is {row['word']} experienced {how} ?") for how in DIMENSIONS.values()] for row in rows]
    return prompts, np.array([[float(row[dimension]) for dimension in DIMENSIONS] for row in rows])


def questions(language: str) -> list[tuple[str, list[str], int]]:
    with (DEMO / "questions.csv").open() as file:
        return [
            (OPEN[language].format(question=row[f"{language}_question"]), [row[f"{language}_{letter}"] for letter in "abcd"], "ABCD".index(row["answer"]))
            for row in csv.DictReader(file)
        ]


def lettered(language: str) -> list[tuple[str, list[str], int]]:
    """The same questions with their options in the prompt and a letter as the answer, the study's own form."""
    return [
        (CHOICE[language].format(question=question.rsplit(" ", 2)[0], **dict(zip(LETTERS, options))), list(LETTERS), right)
        for question, options, right in questions(language)
    ]


def tune_on_answers(folder: Path, steps: int, seed: int) -> str:
    tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
    modules = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
    rng = np.random.default_rng(seed)
    prompts, ratings = rating_prompts()
    order = rng.permutation(len(prompts))
    train, test = order[::2], order[1::2]
    asked = {language: questions(language) for language in ("en", "nl")}
    letters = {language: lettered(language) for language in asked}
    picked = rng.permutation(len(asked["en"]))
    shown, kept = picked[::2], picked[1::2]

    def scores(model, form=asked, of=kept) -> list[str]:
        prompted = Prompted(model, tokenizer)
        expected = prompted.expected_rating([p for i in test for p in prompts[i]]).reshape(len(test), -1)
        by_dimension = [spearmanr(expected[:, j], ratings[test][:, j])[0] for j in range(expected.shape[1])]
        right = {language: prompted.chosen([form[language][i] for i in of]).mean() for language in form}
        return [f"{np.mean(by_dimension):.3f}", *(f"{100 * right[language]:.0f} %" for language in form)]

    base = from_onnx(folder)
    rows = [["before", *scores(base)], ["before, all 120 questions", *scores(base, of=picked)], ["before, all 120 questions by letter", *scores(base, letters, picked)]]
    model = adapters(from_onnx(folder), modules)

    def rating_loss(_: int) -> torch.Tensor:
        chosen = [(int(rng.choice(train)), int(rng.integers(len(DIMENSIONS)))) for _ in range(48)]
        return -Prompted(model, tokenizer).answers([prompts[i][j] for i, j in chosen], [str(round(ratings[i, j])) for i, j in chosen]).mean()

    optimise(model, rating_loss, steps, 3e-3)
    rows.append([f"after {steps} steps on ratings of {len(train)} words", *scores(model)])
    def question_loss(_: int) -> torch.Tensor:
        parts = [form["en" if rng.random() < 0.5 else "nl"][int(rng.choice(shown))] for _ in range(12)]
        logs = Prompted(model, tokenizer).answers([q for q, _, _ in parts for _ in range(4)], [option for _, options, _ in parts for option in options])
        return F.cross_entropy(logs.reshape(-1, 4), torch.tensor([right for _, _, right in parts]))

    for form, how in ((asked, "options by their probability"), (letters, "by letter")):
        model = adapters(from_onnx(folder), modules)
        optimise(model, question_loss, steps // 2, 1e-3)
        rows.append([f"after {steps // 2} steps on {len(shown)} questions, both languages, {how}", *scores(model, form)])
    head = ["", "ratings of unseen words, mean Spearman", "unseen questions right, English", "Dutch"]
    return (
        f"Low-rank adapters (rank 8, every projection) tuned on answers to prompts: {len(train)} of the {len(prompts)} demo words, or {len(shown)} of the {len(picked)} demo questions; "
        f"scored on the rest. The rating is the expected value over the answers 0 to 5; of four options the one with the highest mean log-probability is taken, or the most probable letter (chance 25 %; {len(kept)} questions, "
        f"so about ±{100 * 1.96 * math.sqrt(0.25 * 0.75 / len(kept)):.0f} points). Demo ratings and questions are the project's own, not human data.\n\n" + table(head, rows)
    )


def write(card: Path, text: str) -> None:
    before, rest = card.read_text().split(BEGIN)
    card.write_text(f"{before}{BEGIN}\n{text}\n{END}{rest.split(END)[1]}")


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--folder", type=Path, default=MODELS)
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--only", choices=["encoder", "causal"])
    parser.add_argument("--print", action="store_true", help="print only, leave the cards as they are")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    for kind, name, tuned in (
        ("encoder", "sensorium-mini", lambda folder: tune_on_text(folder, options.corpora, options.steps, options.seed)),
        ("causal", "sensorium-mini-causal", lambda folder: tune_on_answers(folder, 2 * options.steps, options.seed)),
    ):
        if options.only not in (None, kind):
            continue
        started = time.time()
        text = tuned(options.folder / name)
        print(f"{name}, {time.time() - started:.0f} s\n\n{text}\n", flush=True)
        if not options.print:
            write(options.folder / name / "README.md", text)


if __name__ == "__main__":
    main()

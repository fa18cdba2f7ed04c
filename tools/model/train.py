"""Step 4: train the encoder. Each step asks three things of it:

- masked language modelling on English, Dutch and pairs of translations (last layer);
- geometry distillation of words in isolation: the cosines between their hidden states (mean over the word's
  pieces, the study's pooling) must equal the cosines between the teacher's word vectors;
- the same of words in those sentences, whose target also leans towards the words around them (batches.Meanings).
  Isolated words and words in sentences share one matrix of cosines, hence one space.

The distillation acts on the upper layers; the embedding layer starts from the teacher and is left to follow.
Only text and the lexicon train the model. RSA on the study's TRAINING words is printed for choosing between
runs; it never enters the loss, and the test words are not read here.
"""

import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from transformers import BertConfig, BertForMaskedLM, PreTrainedTokenizerFast

from batches import CLS, PAD, SEP, Teacher, TextBatches, WordBatches
from study import Words, rsa
from text import arguments

EMBEDDING_SCALE = 0.05  # the tied output layer wants small logits at the start


def starting_table(pieces: np.ndarray, size: int, seed: int) -> np.ndarray:
    """Piece vectors as the first embeddings.

    Singular directions have very different sizes; a random rotation spreads them over the features, so that the
    layer norms do not distort the angles. Pieces no word uses get small noise.
    """
    rng = np.random.default_rng(seed)
    given = min(size, pieces.shape[1])
    rotation, _ = np.linalg.qr(rng.standard_normal((size, size)))
    start = pieces[:, :given] @ rotation[:given]
    start /= start[np.linalg.norm(start, axis=1) > 0].std()
    start += 0.05 * rng.standard_normal(start.shape)
    start *= EMBEDDING_SCALE
    start[PAD] = 0
    return start


def build(pieces: np.ndarray, options) -> BertForMaskedLM:
    """A BERT that starts as nearly the identity on the teacher's piece vectors."""
    config = BertConfig(
        vocab_size=len(pieces),
        hidden_size=options.size,
        num_hidden_layers=options.layers,
        num_attention_heads=options.heads,
        intermediate_size=options.intermediate,
        max_position_embeddings=128,
        hidden_dropout_prob=0.0,  # less than a pass over the text: nothing to overfit
        attention_probs_dropout_prob=0.0,
        pad_token_id=PAD,
        attn_implementation="eager",
    )
    model = BertForMaskedLM(config)
    with torch.no_grad():
        table = model.bert.embeddings
        table.word_embeddings.weight.copy_(torch.from_numpy(starting_table(pieces, options.size, options.seed)))
        table.position_embeddings.weight.normal_(std=0.1 * EMBEDDING_SCALE)
        table.token_type_embeddings.weight.zero_()
        nn.init.eye_(model.cls.predictions.transform.dense.weight)
    return model


def pool(hidden: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
    """Mean over a word's own pieces."""
    own = ((ids != PAD) & (ids != CLS) & (ids != SEP)).unsqueeze(-1)
    return (hidden * own).sum(1) / own.sum(1)


def word_vectors(model, tokenizer, texts: list[str]) -> list[np.ndarray]:
    """Pooled vectors of every layer."""
    batch = tokenizer(texts, padding=True, return_tensors="pt")
    with torch.no_grad():
        states = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"], output_hidden_states=True).hidden_states
    return [pool(state, batch["input_ids"]).float().numpy() for state in states]


def geometry_loss(vectors: torch.Tensor, target: torch.Tensor, alone: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean squared difference of the cosines of all pairs: of the first `alone` rows, which are words in isolation,
    and of all other pairs, in which at least one word stands in a sentence."""
    unit = F.normalize(vectors.float(), dim=1)
    square = (unit @ unit.T - target @ target.T).square()
    isolated = square[:alone, :alone].sum()
    return isolated / alone**2, (square.sum() - isolated) / max(1, len(target) ** 2 - alone**2)


def schedule(optimizer, steps: int, warmup: float = 0.03):
    """Linear warm-up, then linear decay to 2 %."""
    first = max(1.0, warmup * steps)
    return torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min((step + 1) / first, max(0.02, (steps - step) / (steps - first))))


def optimiser(model: nn.Module, table: nn.Parameter, rate: float, table_rate: float):
    """AdamW. The embedding table starts from the teacher and moves more slowly than the rest."""
    rest = [p for p in model.parameters() if p is not table]
    groups = [
        {"params": [table], "weight_decay": 0.0, "lr": table_rate},
        {"params": [p for p in rest if p.ndim > 1], "weight_decay": 0.01, "lr": rate},
        {"params": [p for p in rest if p.ndim == 1], "weight_decay": 0.0, "lr": rate},
    ]
    return torch.optim.AdamW(groups, betas=(0.9, 0.98), fused=True)


class Mean:
    """A running mean of what the losses were."""

    def __init__(self):
        self.values: dict[str, float] = {}

    def add(self, **values: float) -> None:
        for name, value in values.items():
            self.values[name] = 0.98 * self.values.get(name, value) + 0.02 * value

    def __str__(self) -> str:
        return " ".join(f"{name} {value:.4f}" for name, value in self.values.items())


def progress(model, tokenizer, study: Words, words: int | None = 800) -> str:
    """RSA of every layer on (the first) training words; the whole list takes 20 s."""
    kept = slice(0, words)
    english, dutch = word_vectors(model, tokenizer, study.english[kept]), word_vectors(model, tokenizer, study.dutch[kept])
    scores = [(rsa(study.english_ratings[kept], e), rsa(study.dutch_ratings[kept], d)) for e, d in zip(english, dutch)]
    return " ".join(f"{e:.3f}/{d:.3f}" for e, d in scores)


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--heads", type=int, default=4)
    parser.add_argument("--intermediate", type=int, default=512)
    parser.add_argument("--steps", type=int, default=8000)
    parser.add_argument("--stop", type=int, default=10**9, help="end a trial after this many steps of the schedule")
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--table-rate", type=float, default=4e-4)
    parser.add_argument("--word-batch", type=int, default=384)
    parser.add_argument("--text-batch", type=int, default=48)
    parser.add_argument("--text-length", type=int, default=64)
    parser.add_argument("--meanings", type=int, default=320, help="words in sentences drawn for the distillation")
    parser.add_argument("--text-weight", type=float, default=0.2)
    parser.add_argument("--distil-weight", type=float, default=50.0)
    parser.add_argument("--placed-weight", type=float, default=25.0, help="weight of the geometry of words in sentences")
    parser.add_argument("--distil-layers", type=int, nargs="+", default=[2, 3, 4])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--every", type=int, default=500)
    parser.add_argument("--mask-share", type=float, default=0.15, help="share of the pieces to predict")
    parser.add_argument("--start", help="go on from this folder under WORK instead of from the teacher")
    parser.add_argument("--name", default="encoder", help="folder under WORK for the result")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)

    tokenizer = PreTrainedTokenizerFast.from_pretrained(options.work / "tokenizer")
    teacher = Teacher(options.work, tokenizer)
    model = build(teacher.pieces, options)
    word_batches = WordBatches(teacher, options.word_batch, options.seed)
    text_batches = TextBatches(options.work, teacher, options.text_length, options.text_batch, 0.25, options.meanings, options.mask_share, options.seed)
    # Every eighth batch is twice as long and half as wide, so that the later positions are trained too.
    long_batches = TextBatches(options.work, teacher, 2 * options.text_length, options.text_batch // 2, 0.0, options.meanings, options.mask_share, options.seed + 1)
    if options.start:
        model = BertForMaskedLM.from_pretrained(options.work / options.start, attn_implementation="eager")
    else:
        with torch.no_grad():
            model.cls.predictions.bias.copy_(text_batches.log_frequency())
    study = Words(options.study, "train")
    optimizer = optimiser(model, model.bert.embeddings.word_embeddings.weight, options.rate, options.table_rate)
    rates = schedule(optimizer, options.steps)
    mean, started = Mean(), time.time()

    def report(step: int) -> None:
        print(f"{step} {time.time() - started:.0f} s {mean} train words en/nl by layer {progress(model, tokenizer, study)}", flush=True)

    report(0)
    for step in range(1, min(options.steps, options.stop) + 1):
        parts, target = word_batches.next()
        ids, types, where, answer, sequence, share, meaning = (long_batches if step % 8 == 0 else text_batches).next()
        with torch.autocast("cpu", torch.bfloat16):
            alone = [model.bert(part, (part != PAD).long(), output_hidden_states=True).hidden_states for part in parts]
            states = model.bert(ids, (ids != PAD).long(), types, output_hidden_states=True).hidden_states
            logits = model.cls(states[-1][where])
        text = F.cross_entropy(logits.float(), answer)
        targets = torch.cat([target, meaning])
        isolated = placed = torch.zeros(())
        for layer in options.distil_layers:
            vectors = [pool(state[layer], part).float() for state, part in zip(alone, parts)]
            vectors.append(torch.einsum("nt,ntd->nd", share, states[layer][sequence].float()))
            losses = geometry_loss(torch.cat(vectors), targets, len(target))
            isolated = isolated + losses[0] / len(options.distil_layers)
            placed = placed + losses[1] / len(options.distil_layers)
        loss = options.text_weight * text + options.distil_weight * isolated + options.placed_weight * placed
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        rates.step()
        mean.add(text=text.item(), isolated=isolated.item(), placed=placed.item())
        if step % options.every == 0 or step in (options.steps, options.stop):
            report(step)
            model.save_pretrained(options.work / options.name)


if __name__ == "__main__":
    main()

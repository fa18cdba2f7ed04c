"""Step 4: train the encoder. Each step asks two things of it:

- geometry distillation: the cosines between isolated words (hidden state of the last layer, mean over
  the word's pieces, the study's pooling) must equal the cosines between the teacher's word vectors;
- masked language modelling on English, Dutch and pairs of translations, so that words in context
  mean something too. Off by default: the first model was trained without it.

Only text and the lexicon train it. RSA on the study's TRAINING words is printed for choosing between
runs; it never enters the loss, and the test words are not read here.
"""

import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from batches import CLS, PAD, SEP, TextBatches, WordBatches
from study import Words, rsa
from text import arguments

EMBEDDING_SCALE = 0.05  # the tied output layer wants small logits at the start


def build(pieces: np.ndarray, options) -> BertModel:
    """A BERT that starts as nearly the identity on the teacher's piece vectors."""
    config = BertConfig(
        vocab_size=len(pieces),
        hidden_size=pieces.shape[1],
        num_hidden_layers=options.layers,
        num_attention_heads=options.heads,
        intermediate_size=options.intermediate,
        max_position_embeddings=64,
        hidden_dropout_prob=0.0,  # far less than one pass over the text: nothing to overfit
        attention_probs_dropout_prob=0.0,
        pad_token_id=PAD,
        attn_implementation="eager",
    )
    model = BertModel(config, add_pooling_layer=False)
    rng = np.random.default_rng(options.seed)
    # Singular directions have very different sizes; a random rotation spreads them over the features,
    # so that the layer norms do not distort the angles. Pieces no word uses get small noise.
    rotation, _ = np.linalg.qr(rng.standard_normal((pieces.shape[1], pieces.shape[1])))
    start = pieces @ rotation
    start /= start[np.linalg.norm(start, axis=1) > 0].std()
    start += 0.05 * rng.standard_normal(start.shape)
    with torch.no_grad():
        table = model.embeddings
        table.word_embeddings.weight.copy_(torch.from_numpy(start * EMBEDDING_SCALE))
        table.word_embeddings.weight[PAD] = 0
        table.position_embeddings.weight.normal_(std=0.1 * EMBEDDING_SCALE)
        table.token_type_embeddings.weight.zero_()
    return model


class Heads(nn.Module):
    """What only training needs: the prediction of masked pieces. Its output layer is the embedding table."""

    def __init__(self, size: int, pieces: int):
        super().__init__()
        self.transform = nn.Sequential(nn.Linear(size, size), nn.GELU(), nn.LayerNorm(size))
        self.bias = nn.Parameter(torch.zeros(pieces))
        nn.init.eye_(self.transform[0].weight)

    def forward(self, hidden: torch.Tensor, table: torch.Tensor) -> torch.Tensor:
        return F.linear(self.transform(hidden), table, self.bias)


def pool(hidden: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
    """Mean over a word's own pieces."""
    own = ((ids != PAD) & (ids != CLS) & (ids != SEP)).unsqueeze(-1)
    return (hidden * own).sum(1) / own.sum(1)


def word_vectors(model: BertModel, tokenizer, texts: list[str]) -> list[np.ndarray]:
    """Pooled vectors of every layer."""
    batch = tokenizer(texts, padding=True, return_tensors="pt")
    with torch.no_grad():
        states = model(batch["input_ids"], batch["attention_mask"], output_hidden_states=True).hidden_states
    return [pool(state, batch["input_ids"]).numpy() for state in states]


def distillation_loss(model: BertModel, parts: list[torch.Tensor], target: torch.Tensor) -> torch.Tensor:
    pooled = [pool(model(ids, (ids != PAD).long()).last_hidden_state, ids) for ids in parts]
    vectors = F.normalize(torch.cat(pooled), dim=1)
    difference = vectors @ vectors.T - target @ target.T
    return difference.square().mean()


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--heads", type=int, default=3)
    parser.add_argument("--intermediate", type=int, default=384)
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--rate", type=float, default=5e-4)
    parser.add_argument("--word-batch", type=int, default=384)
    parser.add_argument("--text-batch", type=int, default=16)
    parser.add_argument("--text-length", type=int, default=48)
    parser.add_argument("--text-weight", type=float, default=0.0, help="weight of the masked language modelling; 0.05 is a start")
    parser.add_argument("--distil-weight", type=float, default=50.0)
    parser.add_argument("--name", default="checkpoint", help="folder under WORK for the result")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)

    tokenizer = PreTrainedTokenizerFast.from_pretrained(options.work / "tokenizer")
    pieces = np.load(options.work / "teacher.npz")["pieces"]
    model = build(pieces, options)
    heads = Heads(model.config.hidden_size, len(pieces))
    word_batches = WordBatches(options.work, tokenizer, options.word_batch, options.seed)
    text_batches = None
    if options.text_weight:
        text_batches = TextBatches(options.work, options.text_length, options.text_batch, 0.25, len(pieces), options.seed)
    study = Words(options.study, "train")

    parameters = [*model.named_parameters(), *heads.named_parameters()]
    optimizer = torch.optim.AdamW(
        [
            {"params": [p for _, p in parameters if p.ndim > 1], "weight_decay": 0.01},
            {"params": [p for _, p in parameters if p.ndim == 1], "weight_decay": 0.0},
        ],
        lr=options.rate,
        betas=(0.9, 0.98),
        fused=True,
    )
    warmup = 0.04 * options.steps
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / warmup, max(0.02, (options.steps - step) / (options.steps - warmup)))
    )

    def report(step: int, distil: float, text: float) -> None:
        english, dutch = word_vectors(model, tokenizer, study.english), word_vectors(model, tokenizer, study.dutch)
        ends = [(rsa(study.english_ratings, english[i]), rsa(study.dutch_ratings, dutch[i])) for i in (0, -1)]
        scores = " ".join(f"{e:.3f}/{d:.3f}" for e, d in ends)
        print(f"{step} {time.time() - started:.0f} s distil {distil:.5f} text {text:.3f} train words en/nl, first and last layer {scores}", flush=True)

    started = time.time()
    report(0, float("nan"), float("nan"))
    mean_distil = mean_text = None
    for step in range(1, options.steps + 1):
        distil = distillation_loss(model, *word_batches.next())
        loss = options.distil_weight * distil
        text = torch.zeros(())
        if text_batches:
            ids, types, where, answer = text_batches.next()
            hidden = model(ids, (ids != PAD).long(), types).last_hidden_state[where]
            text = F.cross_entropy(heads(hidden, model.embeddings.word_embeddings.weight), answer)
            loss = loss + options.text_weight * text
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_([p for _, p in parameters], 1.0)
        optimizer.step()
        schedule.step()
        smooth = 0.99 if mean_distil is not None else 0.0
        mean_distil = smooth * (mean_distil or 0) + (1 - smooth) * distil.item()
        mean_text = smooth * (mean_text or 0) + (1 - smooth) * text.item()
        if step % 1000 == 0 or step == options.steps:
            report(step, mean_distil, mean_text)
            model.save_pretrained(options.work / options.name)


if __name__ == "__main__":
    main()

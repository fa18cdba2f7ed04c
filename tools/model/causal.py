"""Step 5: train the causal sibling, a Llama of a few features that shares the encoder's tokenizer.

Three things, as for the encoder: the next piece of running text and of prompts with answers (prompts.py), and the
geometry of words in isolation (hidden state of the middle layers, mean over the word's pieces).
"""

import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from batches import CLS, PAD, SEP, Teacher, WordBatches, blocks_of
from prompts import PromptBatches, Prompts
from study import Words
from text import arguments
from train import EMBEDDING_SCALE, Mean, geometry_loss, optimiser, pool, progress, schedule, starting_table


def build(pieces: np.ndarray, options) -> LlamaForCausalLM:
    config = LlamaConfig(
        vocab_size=len(pieces),
        hidden_size=options.size,
        num_hidden_layers=options.layers,
        num_attention_heads=options.heads,
        num_key_value_heads=options.heads,
        intermediate_size=options.intermediate,
        max_position_embeddings=128,
        rms_norm_eps=1e-6,
        tie_word_embeddings=True,
        bos_token_id=CLS,
        eos_token_id=SEP,
        pad_token_id=PAD,
        attn_implementation="eager",
    )
    model = LlamaForCausalLM(config)
    with torch.no_grad():
        # Larger than the encoder's: what the blocks add must not drown the word.
        model.model.embed_tokens.weight.copy_(torch.from_numpy(starting_table(pieces, options.size, options.seed) / EMBEDDING_SCALE * 0.1))
    return model


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--layers", type=int, default=5)
    parser.add_argument("--heads", type=int, default=4)
    parser.add_argument("--intermediate", type=int, default=176)
    parser.add_argument("--steps", type=int, default=8000)
    parser.add_argument("--stop", type=int, default=10**9, help="end a trial after this many steps of the schedule")
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--table-rate", type=float, default=1e-3)
    parser.add_argument("--text-batch", type=int, default=24)
    parser.add_argument("--prompt-batch", type=int, default=10)
    parser.add_argument("--length", type=int, default=96)
    parser.add_argument("--predicted", type=int, default=900, help="positions of the text whose next piece is predicted")
    parser.add_argument("--word-batch", type=int, default=192)
    parser.add_argument("--distil-weight", type=float, default=25.0)
    parser.add_argument("--distil-layers", type=int, nargs="+", default=[2, 3])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--every", type=int, default=500)
    parser.add_argument("--start", help="go on from this folder under WORK instead of from the teacher")
    parser.add_argument("--name", default="causal", help="folder under WORK for the result")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    rng = np.random.default_rng(options.seed)

    tokenizer = PreTrainedTokenizerFast.from_pretrained(options.work / "tokenizer")
    teacher = Teacher(options.work, tokenizer)
    model = LlamaForCausalLM.from_pretrained(options.work / options.start, attn_implementation="eager") if options.start else build(teacher.pieces, options)
    blocks = [blocks_of(np.load(options.work / f"{language}.ids.npy"), options.length, separator=False) for language in ("en", "nl")]
    prompts = PromptBatches(Prompts(options.work, options.corpora, teacher, options.seed), tokenizer, options.length, options.prompt_batch)
    word_batches = WordBatches(teacher, options.word_batch, options.seed, separator=False)
    study = Words(options.study, "train")
    optimizer = optimiser(model, model.model.embed_tokens.weight, options.rate, options.table_rate)
    rates = schedule(optimizer, options.steps)
    mean, started = Mean(), time.time()

    def report(step: int) -> None:
        print(f"{step} {time.time() - started:.0f} s {mean} train words en/nl by layer {progress(model, tokenizer, study)}", flush=True)

    report(0)
    for step in range(1, min(options.steps, options.stop) + 1):
        text = np.concatenate([block[rng.integers(0, len(block), options.text_batch // 2)] for block in blocks]).astype(np.int64)
        asked, answers = prompts.next()
        ids = torch.from_numpy(np.concatenate([text, asked]))
        # The piece to predict stands one to the right.
        follows = np.flatnonzero(np.concatenate([text, np.where(asked == PAD, -1, asked)])[:, 1:].ravel() >= 0)
        places = np.full(ids.shape, False)
        places[:, :-1].flat[rng.choice(follows, options.predicted, replace=False)] = True
        answered = np.zeros(ids.shape, bool)
        answered[len(text) :, :-1] = answers[:, 1:]
        places |= answered
        where, is_answer = torch.from_numpy(places), torch.from_numpy(answered[places])
        following = torch.roll(ids, -1, 1)[where]
        parts, target = word_batches.next()
        with torch.autocast("cpu", torch.bfloat16):
            hidden = model.model(ids).last_hidden_state
            logits = model.lm_head(hidden[where])
            alone = [model.model(part, (part != PAD).long(), output_hidden_states=True).hidden_states for part in parts]
        losses = F.cross_entropy(logits.float(), following, reduction="none")
        running, answer = losses[~is_answer].mean(), losses[is_answer].mean()
        isolated = torch.zeros(())
        for layer in options.distil_layers:
            vectors = torch.cat([pool(state[layer], part).float() for state, part in zip(alone, parts)])
            isolated = isolated + geometry_loss(vectors, target, len(target))[0] / len(options.distil_layers)
        loss = running + 0.3 * answer + options.distil_weight * isolated
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        rates.step()
        mean.add(text=running.item(), answer=answer.item(), isolated=isolated.item())
        if step % options.every == 0 or step in (options.steps, options.stop):
            report(step)
            model.save_pretrained(options.work / options.name)


if __name__ == "__main__":
    main()

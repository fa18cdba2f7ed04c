"""Tiny models of real architectures with random weights: what make.py exports. d = 32, two or three blocks.

Matrices have about nine distinct values, so that the files shrink; norms get uneven weights and biases, so that no two
hidden states resemble each other by accident.
"""
import dataclasses

import torch
import transformers as t

vocabulary = 64
d = 32
heads = 4

common = dict(vocab_size=vocabulary, hidden_size=d, num_attention_heads=heads, intermediate_size=32, attn_implementation="eager")
encoder = common | dict(max_position_embeddings=24, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
decoder = common | dict(max_position_embeddings=32, bos_token_id=1, eos_token_id=2, pad_token_id=0)
grouped = decoder | dict(num_key_value_heads=2, head_dim=8)
# GroupQueryAttention wants heads of 16 numbers; as in Qwen3 they are wider together than the residual stream.
wide = grouped | dict(head_dim=16)


@dataclasses.dataclass
class Architecture:
    """One architecture: `kind` is "encoder" (last_hidden_state), "decoder" (logits) or "text" (the text half of CLIP)."""

    kind: str
    make: object
    inputs: tuple = ("input_ids", "attention_mask")


with_types = ("input_ids", "attention_mask", "token_type_ids")


def albert():
    return t.AlbertModel(t.AlbertConfig(**encoder, num_hidden_layers=3, embedding_size=16), add_pooling_layer=False)


def modernbert():
    return t.ModernBertModel(t.ModernBertConfig(**common, num_hidden_layers=3, max_position_embeddings=32, local_attention=8, global_attn_every_n_layers=3, pad_token_id=0, bos_token_id=1, eos_token_id=2, cls_token_id=1, sep_token_id=2))


def deberta():
    return t.DebertaV2Model(t.DebertaV2Config(**encoder, num_hidden_layers=2, relative_attention=True, position_buckets=8, norm_rel_ebd="layer_norm", share_att_key=True, pos_att_type=["p2c", "c2p"], position_biased_input=False, type_vocab_size=0))


def distilbert():
    return t.DistilBertModel(t.DistilBertConfig(vocab_size=vocabulary, dim=d, n_heads=heads, n_layers=2, hidden_dim=32, max_position_embeddings=24, attn_implementation="eager"))


def t5():
    return t.T5EncoderModel(t.T5Config(vocab_size=vocabulary, d_model=d, d_kv=8, d_ff=32, num_layers=2, num_heads=heads, relative_attention_num_buckets=8, relative_attention_max_distance=16, attn_implementation="eager"))


def clip():
    return t.CLIPTextModelWithProjection(t.CLIPTextConfig(**common, num_hidden_layers=2, max_position_embeddings=24, projection_dim=16, bos_token_id=62, eos_token_id=63, pad_token_id=63))


def gpt2():
    return t.GPT2LMHeadModel(t.GPT2Config(vocab_size=vocabulary, n_embd=d, n_head=heads, n_layer=3, n_inner=32, n_positions=32, attn_implementation="eager", bos_token_id=1, eos_token_id=2))


def gemma3():
    return t.Gemma3ForCausalLM(t.Gemma3TextConfig(**(wide | dict(num_key_value_heads=1)), num_hidden_layers=2, sliding_window=6, layer_types=["sliding_attention", "full_attention"], query_pre_attn_scalar=16))


architectures = {
    "bert": Architecture("encoder", lambda: t.BertModel(t.BertConfig(**encoder, num_hidden_layers=3), add_pooling_layer=False), with_types),
    "roberta": Architecture("encoder", lambda: t.RobertaModel(t.RobertaConfig(**encoder, num_hidden_layers=2, type_vocab_size=1, pad_token_id=1), add_pooling_layer=False)),
    "distilbert": Architecture("encoder", distilbert),
    "modernbert": Architecture("encoder", modernbert),
    "albert": Architecture("encoder", albert, with_types),
    "mpnet": Architecture("encoder", lambda: t.MPNetModel(t.MPNetConfig(**encoder, num_hidden_layers=2), add_pooling_layer=False)),
    "deberta-v2": Architecture("encoder", deberta),
    "electra": Architecture("encoder", lambda: t.ElectraModel(t.ElectraConfig(**encoder, num_hidden_layers=2, embedding_size=16)), with_types),
    "t5": Architecture("encoder", t5),
    "clip": Architecture("text", clip),
    "gpt2": Architecture("decoder", gpt2),
    "gpt-neox": Architecture("decoder", lambda: t.GPTNeoXForCausalLM(t.GPTNeoXConfig(**decoder, num_hidden_layers=2, use_parallel_residual=True))),
    "phi": Architecture("decoder", lambda: t.PhiForCausalLM(t.PhiConfig(**decoder, num_hidden_layers=2, partial_rotary_factor=0.5))),
    "falcon": Architecture("decoder", lambda: t.FalconForCausalLM(t.FalconConfig(vocab_size=vocabulary, hidden_size=d, num_attention_heads=heads, num_hidden_layers=2, ffn_hidden_size=32, parallel_attn=True, multi_query=True, bias=False, alibi=False, new_decoder_architecture=False, attn_implementation="eager", bos_token_id=1, eos_token_id=2))),
    "opt": Architecture("decoder", lambda: t.OPTForCausalLM(t.OPTConfig(vocab_size=vocabulary, hidden_size=d, word_embed_proj_dim=d, num_attention_heads=heads, num_hidden_layers=2, ffn_dim=32, max_position_embeddings=32, attn_implementation="eager", bos_token_id=1, eos_token_id=2, pad_token_id=0))),
    "bloom": Architecture("decoder", lambda: t.BloomForCausalLM(t.BloomConfig(vocab_size=vocabulary, hidden_size=d, n_layer=2, n_head=heads, attn_implementation="eager", bos_token_id=1, eos_token_id=2, pad_token_id=0))),
    "llama": Architecture("decoder", lambda: t.LlamaForCausalLM(t.LlamaConfig(**wide, num_hidden_layers=3))),
    "qwen3": Architecture("decoder", lambda: t.Qwen3ForCausalLM(t.Qwen3Config(**wide, num_hidden_layers=2))),
    "gemma3": Architecture("decoder", gemma3),
}


def build(name):
    """The model with its weights, the same ones every time."""
    torch.manual_seed(0)
    return fill(architectures[name].make(), name)


def headed(kind, model):
    """The model with a masked-LM head, as another class has it."""
    found = fill(kind(model.config), kind.__name__)
    found.base_model.load_state_dict(model.state_dict(), strict=False)
    return found


def fill(model, name):
    model.float().eval()
    generator = torch.Generator().manual_seed(sum(map(ord, name)))
    with torch.no_grad():
        for key, value in model.named_parameters():
            noise = torch.randn(value.shape, generator=generator)
            if value.dim() >= 2:
                step = 27 / 64 if "embed" in key or "wte" in key or "wpe" in key or "shared" in key else 9 / 64
                value.copy_((noise * 1.4).round() * step)
            elif "norm" in key.lower() or "ln_" in key or key.endswith("LayerNorm.weight"):
                # Gemma's norms add one to their weights.
                centre = 0.0 if key.endswith("bias") or name == "gemma3" else 1.0
                value.copy_(centre + (noise * 0.2 * 32).round() / 32)
            else:
                value.copy_((noise * 0.1 * 32).round() / 32)
    return model


def texts(model):
    """Three texts of 7, 3 and 5 tokens, right padded: ids and mask."""
    generator = torch.Generator().manual_seed(7)
    lengths = (7, 3, 5)
    padding = model.config.pad_token_id or 0
    ids = torch.full((3, 7), padding)
    mask = torch.zeros((3, 7), dtype=torch.long)
    for row, length in enumerate(lengths):
        ids[row, :length] = torch.randint(3, vocabulary - 2, (length,), generator=generator)
        mask[row, :length] = 1
    if model.config.model_type.startswith("clip"):
        for row, length in enumerate(lengths):
            ids[row, length - 1] = 63
    return ids, mask


def hidden_states(model):
    """PyTorch's states, 0 = embeddings, the last one after the final norm, and the last output: lists of tensors."""
    ids, mask = texts(model)
    with torch.no_grad():
        output = model(input_ids=ids, attention_mask=mask, output_hidden_states=True)
    states = list(output.hidden_states)
    last = getattr(output, "last_hidden_state", None)
    # Some classes list the last block's result before the final norm.
    note = last is not None and not torch.equal(states[-1], last)
    if note:
        states[-1] = last
    return states, (last if last is not None else output.logits), note

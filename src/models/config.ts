/** What we read from a model's config.json, under the names that different architectures give the same thing. */
import * as v from 'valibot';
import { Problem } from '../base/problem.ts';
import type { Watch } from '../base/progress.ts';
import type { ModelFiles } from './files.ts';

export interface ModelConfig {
  /** "BertModel", "LlamaForCausalLM"; the model type where no class is named. */
  readonly architecture: string;
  readonly hiddenSize: number;
  /** Blocks; null where the file does not say. */
  readonly layers: number | null;
  /** Longest input in tokens, special ones included; what it was trained on where nothing else limits it. */
  readonly contextLength: number;
  /** 0 where the file does not say. */
  readonly vocabularySize: number;
  readonly tiedEmbeddings: boolean;
  /** For empty key-value caches whose sizes the graph does not state; null where the file does not say. */
  readonly keyValueHeads: number | null;
  readonly headSize: number | null;
  /** Whether a decoder reads what an encoder made of the text: the encoder is the part that is met. */
  readonly encoderDecoder: boolean;
  /** Whether there is an image model beside the text model. */
  readonly towers: boolean;
}

const count = v.nullish(v.pipe(v.number(), v.integer(), v.minValue(0)));
const flag = v.nullish(v.boolean());
const schema = v.looseObject({
  model_type: v.nullish(v.string()),
  architectures: v.nullish(v.array(v.string())),
  is_encoder_decoder: flag,
  hidden_size: count, n_embd: count, n_embed: count, d_model: count, dim: count, emb_dim: count,
  encoder_layers: count, num_hidden_layers: count, n_layer: count, n_layers: count, num_layers: count,
  max_position_embeddings: count, n_positions: count, n_ctx: count, max_seq_len: count, seq_length: count,
  encoder_attention_heads: count, num_attention_heads: count, n_head: count, n_heads: count, num_heads: count,
  num_key_value_heads: count, num_kv_heads: count, multi_query: flag, new_decoder_architecture: flag, head_dim: count, d_kv: count,
  vocab_size: count,
  tie_word_embeddings: flag,
});

/** Model types whose first positions are kept for padding: their tables are longer than their texts by two. */
const paddedPositions = new Set(['roberta', 'xlm-roberta', 'camembert', 'xlm-roberta-xl', 'roberta-prelayernorm', 'mpnet', 'longformer', 'data2vec-text', 'ibert', 'luke', 'xmod']);

/**
 * Without a table of positions a model has no longest input: distances (T5, XLNet) and slopes (BLOOM, MPT) go on. Most of
 * them were trained on at most this many tokens, and nobody has checked what they make of more.
 */
const trainedTokens = 512;

/** Parts of a configuration that speak of the text model, where others speak of images or of a decoder. */
const textParts = ['text_config', 'language_config', 'llm_config', 'encoder'];

/**
 * What newer files leave out of `text_config` because it is the class's default (transformers, configuration_*.py of the
 * type); a file of its own always says it.
 */
const defaults: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  clip_text_model: { hidden_size: 512, num_hidden_layers: 12, num_attention_heads: 8, max_position_embeddings: 77, vocab_size: 49_408 },
  siglip_text_model: { hidden_size: 768, num_hidden_layers: 12, num_attention_heads: 12, max_position_embeddings: 64, vocab_size: 32_000 },
  gemma3_text: { hidden_size: 2304, num_hidden_layers: 26, num_attention_heads: 8, num_key_value_heads: 4, head_dim: 256, max_position_embeddings: 131_072, vocab_size: 262_208 },
  falcon: { max_position_embeddings: 2048 },
};

/** Parses a JSON file of the model. Throws Problem `model-file-unreadable`. */
export function parseModelJson(bytes: Uint8Array, path: string, id: string): Record<string, unknown> {
  let data: unknown;
  try {
    data = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw unreadable(path, id, `it is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (data === null || typeof data !== 'object' || Array.isArray(data)) throw unreadable(path, id, 'it holds no JSON object');
  return data as Record<string, unknown>;
}

/** Says what is wrong with a file that came whole. */
export function unreadable(path: string, id: string, what: string): Problem {
  return new Problem({
    code: 'model-file-unreadable',
    place: `model ${id}, ${path}`,
    what,
    fix: 'Download the file again (a model of the hub: remove it in Storage, then run its cell); if it stays like this, the model is not one that transformers.js can load.',
  });
}

/** Reads config.json. Throws Problem `model-file-missing` or `model-file-unreadable` with the value that is wrong. */
export async function readConfig(files: ModelFiles, watch?: Watch): Promise<ModelConfig> {
  const path = 'config.json';
  const data = parseModelJson(await files.read(path, watch), path, files.id);
  const merged = textPart(data);
  const parsed = v.safeParse(schema, merged);
  if (!parsed.success) {
    const issue = parsed.issues[0];
    throw unreadable(path, files.id, `${v.getDotPath(issue) ?? 'it'} is ${issue.received}, not ${issue.expected ?? 'usable'}`);
  }
  const config = parsed.output;
  const hiddenSize = config.hidden_size ?? config.n_embd ?? config.n_embed ?? config.d_model ?? config.dim ?? config.emb_dim;
  if (!hiddenSize) throw unreadable(path, files.id, 'it does not say the hidden size (hidden_size, n_embd, d_model or dim)');
  const encoderDecoder = config.is_encoder_decoder ?? false;
  // Of an encoder-decoder the encoder is met, whose sizes may be others than the decoder's.
  const layers = (encoderDecoder ? config.encoder_layers : null) ?? config.num_hidden_layers ?? config.n_layer ?? config.n_layers ?? config.num_layers ?? null;
  const heads = (encoderDecoder ? config.encoder_attention_heads : null) ?? config.num_attention_heads ?? config.n_head ?? config.n_heads ?? config.num_heads;
  const positions = config.max_position_embeddings || config.n_positions || config.n_ctx || config.max_seq_len || config.seq_length || trainedTokens;
  const oneKeyHead = config.multi_query === true && config.new_decoder_architecture !== true;
  return {
    architecture: config.architectures?.[0] ?? config.model_type ?? 'unknown',
    hiddenSize,
    layers,
    contextLength: paddedPositions.has(config.model_type ?? '') ? positions - 2 : positions,
    vocabularySize: config.vocab_size ?? 0,
    tiedEmbeddings: config.tie_word_embeddings ?? true,
    keyValueHeads: oneKeyHead ? 1 : (config.num_key_value_heads ?? config.num_kv_heads ?? heads ?? null),
    headSize: config.head_dim ?? config.d_kv ?? (heads ? Math.floor(hiddenSize / heads) : null),
    encoderDecoder,
    towers: isObject(data['text_config']) && isObject(data['vision_config']),
  };
}

/** The settings of the text model: its own part over the whole, over its type's defaults. Null says nothing. */
function textPart(data: Record<string, unknown>): Record<string, unknown> {
  const merged = withoutNulls(data);
  const nested = textParts.map((name) => data[name]).find(isObject);
  if (nested) Object.assign(merged, withoutNulls(nested));
  const own = defaults[String(merged['model_type'] ?? '')] ?? {};
  return { ...own, ...merged };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function withoutNulls(data: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(data).filter(([, value]) => value !== null));
}

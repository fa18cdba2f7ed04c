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
  /** Longest input in tokens. */
  readonly contextLength: number;
  /** 0 where the file does not say. */
  readonly vocabularySize: number;
  readonly tiedEmbeddings: boolean;
  /** For empty key-value caches whose sizes the graph does not state; null where the file does not say. */
  readonly keyValueHeads: number | null;
  readonly headSize: number | null;
}

const count = v.nullish(v.pipe(v.number(), v.integer(), v.minValue(0)));
const schema = v.looseObject({
  model_type: v.nullish(v.string()),
  architectures: v.nullish(v.array(v.string())),
  hidden_size: count, n_embd: count, d_model: count, dim: count,
  num_hidden_layers: count, n_layer: count, n_layers: count, num_layers: count,
  max_position_embeddings: count, n_positions: count, n_ctx: count, max_seq_len: count,
  num_attention_heads: count, n_head: count, n_heads: count, num_key_value_heads: count, head_dim: count,
  vocab_size: count,
  tie_word_embeddings: v.nullish(v.boolean()),
});

/** Positions that RoBERTa and its kin keep for padding. */
const paddedPositions = new Set(['roberta', 'xlm-roberta', 'camembert', 'xlm-roberta-xl', 'roberta-prelayernorm']);

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

export function unreadable(path: string, id: string, what: string): Problem {
  return new Problem({
    code: 'model-file-unreadable',
    place: `model ${id}, ${path}`,
    what,
    fix: 'Download the file again; if it stays like this, the model is not one that transformers.js can load.',
  });
}

/** Reads config.json. Throws Problem `model-file-missing` or `model-file-unreadable` with the value that is wrong. */
export async function readConfig(files: ModelFiles, watch?: Watch): Promise<ModelConfig> {
  const path = 'config.json';
  const data = parseModelJson(await files.read(path, watch), path, files.id);
  // Multimodal models keep the language model's part apart.
  const nested = data['text_config'];
  const merged = typeof nested === 'object' && nested !== null ? { ...data, ...nested } : data;
  const parsed = v.safeParse(schema, merged);
  if (!parsed.success) {
    const issue = parsed.issues[0];
    throw unreadable(path, files.id, `${v.getDotPath(issue) ?? 'it'} is ${issue.received}, not ${issue.expected ?? 'usable'}`);
  }
  const config = parsed.output;
  const hiddenSize = config.hidden_size ?? config.n_embd ?? config.d_model ?? config.dim;
  if (!hiddenSize) throw unreadable(path, files.id, 'it does not say the hidden size (hidden_size, n_embd, d_model or dim)');
  const heads = config.num_attention_heads ?? config.n_head ?? config.n_heads;
  const positions = config.max_position_embeddings ?? config.n_positions ?? config.n_ctx ?? config.max_seq_len ?? 512;
  return {
    architecture: config.architectures?.[0] ?? config.model_type ?? 'unknown',
    hiddenSize,
    layers: config.num_hidden_layers ?? config.n_layer ?? config.n_layers ?? config.num_layers ?? null,
    contextLength: paddedPositions.has(config.model_type ?? '') ? positions - 2 : positions,
    vocabularySize: config.vocab_size ?? 0,
    tiedEmbeddings: config.tie_word_embeddings ?? true,
    keyValueHeads: config.num_key_value_heads ?? heads ?? null,
    headSize: config.head_dim ?? (heads ? Math.floor(hiddenSize / heads) : null),
  };
}

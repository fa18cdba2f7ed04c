/** Empty key-value caches: how large a cache of no tokens is, also where the graph only names its sizes. */
import type { ModelConfig } from './config.ts';
import type { OnnxValue } from './onnx/index.ts';

/** Whether an input is what earlier tokens left behind. */
export function isCache(name: string): boolean {
  return /^past_|^cache_|^key_cache|^value_cache|^past\./.test(name);
}

/** What a size of a cache stands for. */
type Meaning = 'batch' | 'heads' | 'batch and heads' | 'tokens' | 'head size';

/** By rank: [batch, heads, tokens, head size]; batch and heads in one; key and value in one, as with one head for all queries. */
const usual: Readonly<Record<number, readonly Meaning[]>> = {
  4: ['batch', 'heads', 'tokens', 'head size'],
  3: ['batch and heads', 'tokens', 'head size'],
  5: ['heads', 'batch', 'heads', 'tokens', 'head size'],
};

function meaningOf(dim: string): Meaning | null {
  // Exporters number the sizes that nobody named: "past_key_values_0_dim_1".
  if (/(dim|axis)_?\d+$/.test(dim)) return null;
  if (/past|seq|total|cache|kv_len|length/.test(dim)) return 'tokens';
  const batch = /batch/.test(dim);
  const heads = /head/.test(dim);
  if (batch && heads) return 'batch and heads';
  if (batch) return 'batch';
  if (/head_?(size|dim)|dim|embed|hidden/.test(dim)) return 'head size';
  return heads ? 'heads' : null;
}

/**
 * The sizes of a cache of no tokens. Sizes that the graph states are taken; of named ones the name is believed, then the
 * place; the configuration says how large they are.
 *
 * A cache without a size for tokens is a state of fixed length (the last inputs of a convolution): zeros are what it
 * holds before the first token.
 * @param batch texts.
 */
export function cacheSizes(name: string, stated: OnnxValue['dims'], config: Pick<ModelConfig, 'keyValueHeads' | 'headSize'>, batch: number): number[] {
  const heads = config.keyValueHeads ?? 1;
  // Keys and values of one head side by side.
  const headSize = (config.headSize ?? 1) * (name.endsWith('key_value') ? 2 : 1);
  const dims = stated ?? ['', '', '', ''];
  const order = usual[dims.length] ?? [];
  const named = dims.map((dim) => (typeof dim === 'string' ? meaningOf(dim) : null));
  // Keys of BLOOM lie the other way round: [batch and heads, head size, tokens].
  const turned = dims.length === 3 && named[2] === 'tokens';
  const takenBySize = named.includes('tokens');
  return dims.map((dim, place) => {
    if (typeof dim === 'number') return dim;
    const byPlace = turned && place === 1 ? 'head size' : order[place];
    // Only one size counts tokens: where its name tells which, its usual place is free.
    const meaning = named[place] ?? (byPlace === 'tokens' && takenBySize ? undefined : byPlace);
    switch (meaning) {
      case 'batch': return batch;
      case 'heads': return heads;
      case 'batch and heads': return batch * heads;
      case 'tokens': return 0;
      case 'head size': return headSize;
      case undefined: return 0;
      default: throw new Error(`unknown size of the cache ${name}: ${String(meaning satisfies never)}`);
    }
  });
}

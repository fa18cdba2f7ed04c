/** What a graph asks to be fed, filled in for a right-padded batch of token ids. */
import type { Tensor } from 'onnxruntime-web/webgpu';
import { Problem } from '../base/problem.ts';
import type { ModelConfig } from './config.ts';
import type { OnnxIndex, OnnxValue } from './onnx/index.ts';
import type { Ort } from './runtime.ts';

/** A batch of token ids: batch x tokens, row-major, right padded. */
export interface TokenBatch {
  readonly batch: number;
  readonly tokens: number;
  readonly ids: readonly (readonly number[])[];
  readonly padding: number;
}

/** TensorProto.DataType to the runtime's names, for inputs. */
const inputTypes: Readonly<Record<number, 'int64' | 'int32' | 'float32' | 'float16' | 'bool'>> = { 1: 'float32', 6: 'int32', 7: 'int64', 9: 'bool', 10: 'float16' };

/** Checks that every input is one we can fill. Throws Problem `input-unknown` naming the one that is not. */
export function checkInputs(index: OnnxIndex): void {
  for (const input of index.inputs) {
    const known = ['input_ids', 'attention_mask', 'token_type_ids', 'position_ids', 'use_cache_branch', 'num_logits_to_keep'].includes(input.name) || input.name.startsWith('past_');
    if (known && inputTypes[input.dtype]) continue;
    throw new Problem({
      code: 'input-unknown',
      place: index.file,
      what: `the graph asks for the input ${input.name}, which is not known for a text model`,
      fix: 'Use a text encoder or decoder exported for feature extraction or text generation.',
    });
  }
}

/**
 * The tensors for one batch. Positions count from 0 at each text's first token, key-value caches are empty, and logits
 * are kept at all positions, which `num_logits_to_keep` calls 0.
 */
export function makeFeeds(ort: Ort, index: OnnxIndex, config: ModelConfig, batch: TokenBatch): Record<string, Tensor> {
  const feeds: Record<string, Tensor> = {};
  const grid = (input: OnnxValue, value: (row: number, column: number) => number): Tensor => {
    const { batch: rows, tokens: columns } = batch;
    const dims = [rows, columns];
    const at = (place: number): number => value(Math.floor(place / columns), place % columns);
    if (input.dtype === 7) return new ort.Tensor('int64', BigInt64Array.from({ length: rows * columns }, (_, place) => BigInt(at(place))), dims);
    if (input.dtype === 6) return new ort.Tensor('int32', Int32Array.from({ length: rows * columns }, (_, place) => at(place)), dims);
    if (input.dtype === 9) return new ort.Tensor('bool', Uint8Array.from({ length: rows * columns }, (_, place) => at(place)), dims);
    return new ort.Tensor('float32', Float32Array.from({ length: rows * columns }, (_, place) => at(place)), dims);
  };
  for (const input of index.inputs) {
    if (input.name === 'input_ids') feeds[input.name] = grid(input, (row, column) => batch.ids[row]![column] ?? batch.padding);
    else if (input.name === 'attention_mask') feeds[input.name] = grid(input, (row, column) => (column < batch.ids[row]!.length ? 1 : 0));
    else if (input.name === 'token_type_ids') feeds[input.name] = grid(input, () => 0);
    else if (input.name === 'position_ids') feeds[input.name] = grid(input, (row, column) => Math.min(column, batch.ids[row]!.length - 1));
    else if (input.name === 'use_cache_branch') feeds[input.name] = new ort.Tensor('bool', [false], [1]);
    else if (input.name === 'num_logits_to_keep') feeds[input.name] = new ort.Tensor('int64', BigInt64Array.from([0n]), []);
    else feeds[input.name] = emptyCache(ort, input, config, batch.batch);
  }
  return feeds;
}

/** A cache of no tokens: [batch, key-value heads, 0, head size], with the sizes the graph states. */
function emptyCache(ort: Ort, input: OnnxValue, config: ModelConfig, batch: number): Tensor {
  const stated = input.dims ?? ['batch', config.keyValueHeads ?? 1, 'past', config.headSize ?? 1];
  const usual = [batch, config.keyValueHeads ?? 1, 0, config.headSize ?? 1];
  const dims = stated.map((dim, position) => {
    if (typeof dim === 'number') return dim;
    if (position === 0) return batch;
    if (/past|seq/.test(dim)) return 0;
    return stated.length === 4 ? usual[position]! : 0;
  });
  const size = dims.reduce((product, dim) => product * dim, 1);
  const type = inputTypes[input.dtype]!;
  if (type === 'float16') return new ort.Tensor('float16', new Uint16Array(size), dims);
  return new ort.Tensor('float32', new Float32Array(size), dims);
}

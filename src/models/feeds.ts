/** What a graph asks to be fed, filled in for a right-padded batch of token ids. */
import type { Tensor } from 'onnxruntime-web/webgpu';
import { Problem } from '../base/problem.ts';
import { cacheSizes, isCache } from './caches.ts';
import type { ModelConfig } from './config.ts';
import type { OnnxIndex } from './onnx/index.ts';
import type { Ort } from './runtime.ts';

/** A batch of token ids: batch x tokens, row-major, right padded. */
export interface TokenBatch {
  readonly batch: number;
  readonly tokens: number;
  readonly ids: readonly (readonly number[])[];
  readonly padding: number;
}

/** TensorProto.DataType to the runtime's names, for inputs. */
const inputTypes: ReadonlyMap<number, 'int64' | 'int32' | 'float32' | 'float16' | 'bool'> = new Map([[1, 'float32'], [6, 'int32'], [7, 'int64'], [9, 'bool'], [10, 'float16']]);

/** 1 in IEEE 754 binary16. */
const halfOne = 0x3c00;

/** Inputs of a grid of one number per token, and what stands there. */
const grids: Readonly<Record<string, (batch: TokenBatch, row: number, column: number) => number>> = {
  input_ids: ({ ids, padding }, row, column) => ids[row]![column] ?? padding,
  attention_mask: ({ ids }, row, column) => (column < ids[row]!.length ? 1 : 0),
  token_type_ids: () => 0,
  position_ids: ({ ids }, row, column) => Math.min(column, ids[row]!.length - 1),
};

/** Single numbers, or one per text or token, that decoders ask for besides. */
const counters: Readonly<Record<string, (batch: TokenBatch) => { readonly values: readonly number[]; readonly dims: readonly number[] }>> = {
  use_cache_branch: () => ({ values: [0], dims: [1] }),
  // 0 keeps the logits of all tokens.
  num_logits_to_keep: () => ({ values: [0], dims: [] }),
  logits_to_keep: () => ({ values: [0], dims: [] }),
  past_sequence_length: () => ({ values: [0], dims: [] }),
  total_sequence_length: ({ tokens }) => ({ values: [tokens], dims: [] }),
  // Of each text the last place that holds a token.
  seqlens_k: ({ ids }) => ({ values: ids.map((row) => row.length - 1), dims: [ids.length] }),
  cache_position: ({ tokens }) => ({ values: [...Array(tokens).keys()], dims: [tokens] }),
};

/** Inputs of other kinds of model: what the model is, and what to use instead. */
const foreign: readonly (readonly [name: RegExp, what: string, fix: string])[] = [
  [/^encoder_|^decoder_/, 'the file is the decoder of an encoder-decoder model, which reads what the encoder made', 'Use the model\'s encoder: onnx/encoder_model.onnx.'],
  [/^inputs_embeds$/, 'the file starts from embeddings that another file (embed_tokens) makes of the tokens', 'Use an export of the model that reads input_ids.'],
  [/^pixel_values|^image_/, 'the file holds an image model as well', 'Use the text model by itself: onnx/text_model.onnx.'],
  [/^input_features$|^input_values$|^audio_/, 'the model reads sound', 'Use a text encoder or decoder.'],
];

/** Checks that every input is one we can fill. Throws Problem `input-unknown` naming the one that is not. */
export function checkInputs(index: OnnxIndex): void {
  for (const { name, dtype } of index.inputs) {
    const known = name in grids || name in counters || isCache(name);
    if (known && inputTypes.has(dtype)) continue;
    const [, what, fix] = foreign.find(([pattern]) => pattern.test(name)) ?? [];
    throw new Problem({
      code: 'input-unknown',
      place: index.file,
      what: `the graph asks for the input ${name}${known ? ` in the type ${dtype} of ONNX, which cannot be fed` : `, ${what ? `and so ${what}` : 'which is not known for a text model'}`}`,
      fix: fix ?? 'Use a text encoder or decoder exported for feature extraction or text generation.',
    });
  }
}

/**
 * The tensors for one batch. Positions count from 0 at each text's first token, key-value caches are empty, and logits
 * are kept at all positions.
 */
export function makeFeeds(ort: Ort, index: OnnxIndex, config: ModelConfig, batch: TokenBatch): Record<string, Tensor> {
  const { batch: rows, tokens: columns } = batch;
  const feeds: Record<string, Tensor> = {};
  for (const { name, dtype, dims } of index.inputs) {
    const grid = grids[name];
    const counter = counters[name];
    if (grid) {
      const values = Array.from({ length: rows * columns }, (_, place) => grid(batch, Math.floor(place / columns), place % columns));
      // Positions of models for images too: the same ones along time, height and width.
      const copies = dims?.length === 3 && typeof dims[0] === 'number' ? dims[0] : 0;
      feeds[name] = copies > 0 ? makeTensor(ort, dtype, Array.from({ length: copies }, () => values).flat(), [copies, rows, columns]) : makeTensor(ort, dtype, values, [rows, columns]);
    } else if (counter) {
      const { values, dims: usual } = counter(batch);
      // One number is a scalar or a list of one, as the graph has it.
      feeds[name] = makeTensor(ort, dtype, values, values.length === 1 && dims ? dims.map(() => 1) : usual);
    } else {
      const sizes = cacheSizes(name, dims, config, rows);
      feeds[name] = makeTensor(ort, dtype, Array.from({ length: sizes.reduce((product, size) => product * size, 1) }, () => 0), sizes);
    }
  }
  return feeds;
}

function makeTensor(ort: Ort, dtype: number, values: readonly number[], dims: readonly number[]): Tensor {
  const type = inputTypes.get(dtype) ?? 'float32';
  switch (type) {
    case 'int64': return new ort.Tensor(type, BigInt64Array.from(values, BigInt), dims);
    case 'int32': return new ort.Tensor(type, Int32Array.from(values), dims);
    case 'bool': return new ort.Tensor(type, Uint8Array.from(values), dims);
    // Half precision as bits: only 0 and 1 are fed.
    case 'float16': return new ort.Tensor(type, Uint16Array.from(values, (value) => value * halfOne), dims);
    case 'float32': return new ort.Tensor(type, Float32Array.from(values), dims);
    default: throw new Error(`unknown type of input ${String(type satisfies never)}`);
  }
}

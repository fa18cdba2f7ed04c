/** What graphs are fed besides tokens: empty caches of any make, counters, and which inputs are refused. */
import { expect, test } from 'vitest';
import { cacheSizes } from '../../src/models/caches.ts';
import { checkInputs, makeFeeds } from '../../src/models/feeds.ts';
import { localFiles, type ModelFiles } from '../../src/models/files.ts';
import { inspectModel } from '../../src/models/inspect.ts';
import { readConfig } from '../../src/models/config.ts';
import { indexOnnx, type OnnxIndex } from '../../src/models/onnx/index.ts';
import { loadRuntime } from '../../src/models/runtime.ts';
import { openSession } from '../../src/models/session.ts';
import { tinyOnnx, type TinyInput } from './tiny-onnx.ts';

const sizes = { keyValueHeads: 3, headSize: 16 };

test('a cache of no tokens has the sizes that the graph states, and those of the configuration where it only names them', () => {
  const of = (dims: readonly (number | string)[] | null, name = 'past_key_values.0.key'): number[] => cacheSizes(name, dims, sizes, 5);
  expect(of(['batch_size', 2, 'past_sequence_length', 64])).toEqual([5, 2, 0, 64]);
  expect(of(['batch_size', 'num_heads', 'past_sequence_length', 'head_dim'])).toEqual([5, 3, 0, 16]);
  expect(of(['', '', '', ''])).toEqual([5, 3, 0, 16]);
  expect(of(null)).toEqual([5, 3, 0, 16]);
  // Tokens before heads, and sizes that an exporter numbered because nobody named them.
  expect(of(['batch_size', 'past_sequence_length', 'num_heads', 'head_dim'])).toEqual([5, 0, 3, 16]);
  expect(of(['past_key_values_0_key_dim_0', 3, 'past_key_values_0_key_dim_2', 16])).toEqual([5, 3, 0, 16]);
  // BLOOM: batch and heads in one, keys turned.
  expect(of(['batch_size x num_heads', 16, 'past_sequence_length'])).toEqual([15, 16, 0]);
  expect(of(['batch_size x num_heads', 'past_sequence_length', 16])).toEqual([15, 0, 16]);
  // One key and one value for all queries, side by side.
  expect(of(['batch_size', 'past_sequence_length', 'head_dim'], 'past_key_values.0.key_value')).toEqual([5, 0, 32]);
  // The last inputs of a convolution: as long as ever, and zeros before the first token.
  expect(of(['batch_size', 64, 3], 'past_conv.0')).toEqual([5, 64, 3]);
});

/** A model whose hidden state is the shape of its cache: word vectors of zeros, plus that. */
function shapeModel(cache: TinyInput): ModelFiles {
  const bytes = tinyOnnx({
    nodes: [
      { op: 'Gather', inputs: ['table', 'input_ids'], outputs: ['vectors'] },
      { op: 'Shape', inputs: [cache.name], outputs: ['sizes'] },
      { op: 'Cast', inputs: ['sizes'], outputs: ['numbers'], attributes: { to: 1 } },
      { op: 'Add', inputs: ['vectors', 'numbers'], outputs: ['summed'] },
      { op: 'Cast', inputs: ['total_sequence_length'], outputs: ['total'], attributes: { to: 1 } },
      { op: 'Cast', inputs: ['attention_mask'], outputs: ['mask'], attributes: { to: 1 } },
      { op: 'ReduceMax', inputs: ['mask'], outputs: ['most'], attributes: { keepdims: 0 } },
      { op: 'Mul', inputs: ['total', 'most'], outputs: ['all'] },
      { op: 'Add', inputs: ['summed', 'all'], outputs: ['last_hidden_state'] },
    ],
    initialisers: { table: { dims: [3, 4], values: new Float32Array(12) } },
    inputs: [{ name: 'input_ids', dtype: 6, dims: ['b', 's'] }, { name: 'attention_mask', dtype: 10, dims: ['b', 'total'] }, { name: 'total_sequence_length', dtype: 6, dims: [] }, cache],
    output: 'last_hidden_state',
  });
  const config = { model_type: 'shapes', hidden_size: 4, num_hidden_layers: 1, num_attention_heads: 2, num_key_value_heads: 1, head_dim: 7 };
  return localFiles('shapes', new Map([['config.json', new Blob([JSON.stringify(config)])], ['model.onnx', new Blob([bytes])]]));
}

test('ids in 32 bits, a mask and a cache in half precision are fed in their types', async () => {
  const files = shapeModel({ name: 'past_key_values.0.key', dtype: 10, dims: ['batch_size', 'num_heads', 'past_sequence_length', 'head_dim'] });
  const session = await openSession(await inspectModel(files, { dtype: 'fp32' }), files, { device: 'wasm' });
  const [last] = await session.states({ batch: 2, tokens: 3, ids: [[1, 2, 1], [2]], padding: 0 });
  await session.dispose();
  // Batch 2, 1 head, no tokens, 7 numbers; each plus the 3 tokens of the batch.
  expect([...last!.subarray(0, 4)]).toEqual([5, 4, 3, 10]);
});

function reading(...inputs: readonly (string | TinyInput)[]): OnnxIndex {
  return indexOnnx(tinyOnnx({ nodes: [{ op: 'Identity', inputs: ['input_ids'], outputs: ['logits'] }], inputs, output: 'logits' }), 'tiny.onnx');
}

test('positions, counters and caches of one run agree with its texts', async () => {
  const config = await readConfig(shapeModel({ name: 'past_key_values.0.key', dtype: 1, dims: ['', '', '', ''] }));
  const index = reading('input_ids', { name: 'position_ids', dtype: 7, dims: [3, 'b', 's'] }, { name: 'seqlens_k', dtype: 6, dims: ['b'] }, { name: 'num_logits_to_keep', dtype: 7, dims: [1] }, { name: 'cache_position', dtype: 7, dims: ['s'] });
  const feeds = makeFeeds(await loadRuntime(), index, config, { batch: 2, tokens: 3, ids: [[5, 6, 7], [8]], padding: 9 });
  const numbers = Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, [tensor.dims.join(' x '), ...[...(tensor.data as BigInt64Array)].map(Number)]]));
  expect(numbers).toEqual({
    input_ids: ['2 x 3', 5, 6, 7, 8, 9, 9],
    position_ids: ['3 x 2 x 3', ...[0, 1, 2].flatMap(() => [0, 1, 2, 0, 0, 0])],
    seqlens_k: ['2', 2, 0],
    num_logits_to_keep: ['1', 0],
    cache_position: ['3', 0, 1, 2],
  });
});

test('inputs that no text gives are refused with what the model is and what to use', () => {
  const fix = (...inputs: readonly string[]): string => {
    try {
      checkInputs(reading('input_ids', ...inputs));
    } catch (error) {
      return String(error);
    }
    return '';
  };
  expect(fix('attention_mask', 'token_type_ids', 'position_ids')).toBe('');
  expect(fix('encoder_hidden_states')).toMatch(/asks for the input encoder_hidden_states.*decoder of an encoder-decoder.*onnx\/encoder_model\.onnx/);
  expect(fix('inputs_embeds')).toMatch(/embed_tokens.*reads input_ids/);
  expect(fix('pixel_values')).toMatch(/image model.*onnx\/text_model\.onnx/);
  expect(fix('bbox')).toMatch(/asks for the input bbox, which is not known for a text model/);
});

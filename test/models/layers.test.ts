/** The layer finder on every export at hand, and where it must own up to doubt. */
import { expect, test } from 'vitest';
import { findHiddenStates } from '../../src/models/onnx/blocks.ts';
import { indexOnnx } from '../../src/models/onnx/index.ts';
import { inspectModel } from '../../src/models/inspect.ts';
import { localFiles } from '../../src/models/files.ts';
import { openSession } from '../../src/models/session.ts';
import { sharedBytes, testWithShared } from '../shared.ts';
import { tinyOnnx } from './tiny-onnx.ts';

const torchscript = ['/embeddings/LayerNorm/Add_1_output_0', ...[0, 1, 2].map((k) => `/encoder/layer.${k}/output/LayerNorm/Add_1_output_0`), 'last_hidden_state'];
const fused = ['EmbedLayerNormalization_0_output', ...torchscript.slice(1)];
const found: Readonly<Record<string, readonly string[]>> = {
  'random-bert/torchscript_opset14': torchscript,
  'random-bert/torchscript_opset17': torchscript.map((name) => name.replace('Add_1_output_0', 'LayerNormalization_output_0')),
  'random-bert/dynamo_external': ['layer_norm', 'layer_norm_2', 'layer_norm_4', 'layer_norm_6', 'last_hidden_state'],
  'random-bert/q8': torchscript,
  'random-bert/q4': torchscript,
  'random-bert/ort_optimised': torchscript,
  'random-bert/fused_attention': fused,
  'random-bert/fused_mha': fused,
  'random-llama/dynamo': ['embedding', 'add_397', 'add_697', 'add_997', 'mul_1250'],
  'random-llama/genai_like': ['/model/embed_tokens/Gather/output_0', ...[1, 2, 3].map((k) => `/model/layers.${k}/input_layernorm/output_3`), '/model/layers.4/final_norm_layernorm/output_0'],
  'stories260k/onnx/model': ['Gather_14', 'Add_71', 'Add_128', 'Add_185', 'Add_242', 'last_hidden_state'],
};

for (const [path, hiddenStates] of Object.entries(found)) {
  testWithShared(`the hidden states of ${path} are found, whatever they are called`, async () => {
    const index = indexOnnx(await sharedBytes(`models/${path}.onnx`), path);
    expect(findHiddenStates(index, hiddenStates.length - 1)).toEqual({ hiddenStates, layers: hiddenStates.length - 1, notes: [] });
  });
}

testWithShared('nodes in an order that breaks the specification are sorted first', async () => {
  const index = indexOnnx(await sharedBytes('models/random-bert/torchscript_opset14.onnx'), 'bert');
  expect(findHiddenStates({ ...index, nodes: index.nodes.toReversed() }, 4).hiddenStates).toEqual(torchscript);
});

testWithShared('a count of blocks that config.json contradicts leaves the last hidden state only, and says so', async () => {
  const index = indexOnnx(await sharedBytes('models/random-bert/torchscript_opset14.onnx'), 'bert');
  expect(findHiddenStates(index, 6)).toEqual({
    hiddenStates: ['last_hidden_state'],
    layers: 4,
    notes: ['Only the last hidden state (last_hidden_state) is offered: the graph shows 4 blocks but config.json says 6.'],
  });
  const llama = indexOnnx(await sharedBytes('models/random-llama/dynamo.onnx'), 'llama');
  expect(findHiddenStates(llama, 5).hiddenStates).toEqual(['mul_1250']);
});

testWithShared('without a count in config.json the blocks of the graph are believed, with a note', async () => {
  const index = indexOnnx(await sharedBytes('models/random-llama/dynamo.onnx'), 'llama');
  expect(findHiddenStates(index, null)).toMatchObject({ layers: 4, notes: ['config.json does not say how many layers there are; the graph shows 4'] });
});

/** Word vectors and a matrix product: a model, but no transformer. */
const bagOfWords = {
  nodes: [
    { op: 'Gather', inputs: ['table', 'input_ids'], outputs: ['vectors'] },
    { op: 'MatMul', inputs: ['vectors', 'matrix'], outputs: ['mixed'] },
    { op: 'Identity', inputs: ['mixed'], outputs: ['last_hidden_state'] },
  ],
  initialisers: { table: { dims: [3, 2], values: Float32Array.of(1, 2, 3, 4, 5, 6) }, matrix: { dims: [2, 2], values: Float32Array.of(0, 1, 1, 0) } },
  inputs: ['input_ids'],
  output: 'last_hidden_state',
};
const config = new Blob([JSON.stringify({ model_type: 'bag', hidden_size: 2, num_hidden_layers: 1, vocab_size: 3 })]);

test('a model without attention offers its last hidden state and says why', async () => {
  const files = localFiles('bag', new Map([['config.json', config], ['onnx/model.onnx', new Blob([tinyOnnx(bagOfWords)])]]));
  const value = await inspectModel(files, { dtype: 'fp32' });
  expect(value).toMatchObject({ hiddenStates: ['last_hidden_state'], parameters: 10, architecture: 'bag', hiddenSize: 2 });
  expect(value.notes.join()).toContain('no attention was found');
  const session = await openSession(value, files, { device: 'wasm' });
  const [last, ...others] = await session.states({ batch: 1, tokens: 2, ids: [[2, 0]], padding: 0 });
  await session.dispose();
  expect(others).toEqual([]);
  expect([...last!]).toEqual([6, 5, 2, 1]);
});

test('a text in which no token counts has no vector: NaN, not zeros', async () => {
  const files = localFiles('bag', new Map([['config.json', config], ['onnx/model.onnx', new Blob([tinyOnnx(bagOfWords)])]]));
  const session = await openSession(await inspectModel(files, { dtype: 'fp32' }), files, { device: 'wasm' });
  const [last] = await session.pooled({ batch: 2, tokens: 2, ids: [[2, 0], [1, 1]], padding: 0 }, Float32Array.of(0, 0, 1, 1));
  await session.dispose();
  expect([...last!]).toEqual([NaN, NaN, 4, 3]);
});

test('a model whose hidden states cannot be found is refused with a way out', async () => {
  const nameless = { ...bagOfWords, nodes: [...bagOfWords.nodes.slice(0, 2), { op: 'ReduceMean', inputs: ['mixed'], outputs: ['scores'] }], output: 'scores' };
  const files = localFiles('bag', new Map([['config.json', config], ['model.onnx', new Blob([tinyOnnx(nameless)])]]));
  await expect(inspectModel(files, { dtype: 'fp32' })).rejects.toThrow(/hidden states could not be found.*no attention.*no output is named last_hidden_state.*feature extraction/);
});

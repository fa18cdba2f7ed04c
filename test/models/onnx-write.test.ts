/** Nodes, attributes, constants and inputs: written, and read back from the bytes. */
import { expect, test } from 'vitest';
import { readAttributes, readScope, type Attributes } from '../../src/models/onnx/attributes.ts';
import { indexOnnx, type OnnxIndex } from '../../src/models/onnx/index.ts';
import { withOutputs } from '../../src/models/onnx/patch.ts';
import { externalRange, withWeights } from '../../src/models/onnx/weights.ts';
import { constantField, inputField, nodeField, type NewNode } from '../../src/models/onnx/write.ts';
import { sharedBytes, testWithShared } from '../shared.ts';
import { tinyOnnx } from './tiny-onnx.ts';

const attributes: Attributes = {
  axis: { type: 'int', value: -1 },
  far: { type: 'int', value: 2 ** 40 },
  low: { type: 'int', value: -(2 ** 40) },
  epsilon: { type: 'float', value: 0.25 },
  approximate: { type: 'text', value: 'tanh' },
  axes: { type: 'ints', value: [0, -2, 300] },
  none: { type: 'ints', value: [] },
  scales: { type: 'floats', value: [0.5, -1.5] },
};

function base(): OnnxIndex {
  return indexOnnx(tinyOnnx({
    nodes: [{ op: 'Cast', inputs: ['input_ids'], outputs: ['numbers'], attributes: { to: 1 } }, { op: 'Identity', inputs: ['numbers'], outputs: ['out'] }],
    inputs: ['input_ids'], output: 'out',
  }), 'tiny');
}

const added: NewNode = { name: 'new', op: 'Made', domain: 'com.microsoft', inputs: ['numbers', '', 'two'], outputs: ['made', 'second'], attributes };

test('what is added to a graph is read back as it was written, integers of either sign included', () => {
  const index = base();
  const declared = new Map([
    ['two', constantField('two', [2], BigInt64Array.of(-3n, 2n ** 40n))],
    ['half', constantField('half', [], Float32Array.of(0.5))],
    ['given', inputField('given', 1, ['texts', 3])],
  ]);
  const useless: NewNode = { ...added, name: 'useless', inputs: ['half'], outputs: ['unread'] };
  const reading: NewNode = { name: '', op: 'Add', domain: '', inputs: ['made', 'given'], outputs: ['sum'], attributes: {} };
  const bytes = withOutputs(index, ['sum', 'second'], { nodes: [added, useless, reading], replaced: new Set(), declared });
  const read = indexOnnx(bytes, 'read');
  const { name, op, domain, inputs, outputs } = read.nodes.find((node) => node.name === 'new')!;
  expect({ name, op, domain, inputs, outputs }).toEqual({ name: 'new', op: 'Made', domain: 'com.microsoft', inputs: ['numbers', '', 'two'], outputs: ['made', 'second'] });
  expect(readAttributes(read, read.nodes.find((node) => node.name === 'new')!)).toEqual(attributes);
  // Neither the node that nothing reads nor the constant that only it reads, nor the old output's node.
  expect(read.nodes.map((node) => node.op)).toEqual(['Cast', 'Made', 'Add']);
  expect([...read.initialisers.keys()]).toEqual(['two']);
  const [start, end] = read.initialisers.get('two')!.data!;
  expect([...new BigInt64Array(bytes.slice(start, end).buffer)]).toEqual([-3n, 2n ** 40n]);
  expect(read.inputs.find((input) => input.name === 'given')).toMatchObject({ dtype: 1, dims: ['texts', 3] });
  expect(read.outputs.map((output) => output.name)).toEqual(['sum', 'second']);
});

test('a node whose place a new one takes is left out, and nothing else', () => {
  const index = base();
  const [cast] = index.nodes;
  const copy: NewNode = { name: '', op: 'Cast', domain: '', inputs: ['input_ids'], outputs: ['numbers'], attributes: readAttributes(index, cast!) };
  const read = indexOnnx(withOutputs(index, ['out'], { nodes: [copy], replaced: new Set([cast!]), declared: new Map() }), 'read');
  expect(read.nodes.map(({ op, outputs }) => [op, ...outputs])).toEqual([['Identity', 'out'], ['Cast', 'numbers']]);
  expect(readAttributes(read, read.nodes[1]!)).toEqual({ to: { type: 'int', value: 1 } });
  expect(() => withOutputs(index, ['out', 'nowhere'])).toThrow('the graph has no tensor nowhere');
  expect(nodeField(copy).length).toBeGreaterThan(0);
});

test('weights are written over their own bytes, in copies: of the file, and of the one beside it', () => {
  const index = indexOnnx(tinyOnnx({
    nodes: [{ op: 'Gather', inputs: ['table', 'input_ids'], outputs: ['out'] }],
    initialisers: { table: { dims: [2, 1], values: Float32Array.of(1, 2) } }, inputs: ['input_ids'], output: 'out',
  }), 'tiny');
  const table = index.initialisers.get('table')!;
  const bytesOf = (...values: readonly number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);
  const { bytes } = withWeights(index, [], [{ initialiser: table, values: bytesOf(3, 4) }]);
  expect([...new Float32Array(bytes.slice(...table.data!).buffer)]).toEqual([3, 4]);
  expect([...new Float32Array(index.bytes.slice(...table.data!).buffer)]).toEqual([1, 2]);
  expect(bytes.length).toBe(index.bytes.length);
  expect(() => withWeights(index, [], [{ initialiser: table, values: bytesOf(3) }])).toThrow('the weight table holds 8 bytes, not 4');
});

testWithShared('a weight beside the file is written there, at its offset, and nothing else changes', async () => {
  const index = indexOnnx(await sharedBytes('models/random-bert/dynamo_external.onnx'), 'bert');
  const beside = { path: 'model.onnx.data', data: await sharedBytes('models/random-bert/model.onnx.data') };
  const initialiser = index.initialisers.get('embeddings.token_type_embeddings.weight')!;
  const values = new Uint8Array(4 * 2 * 128).fill(7);
  const { bytes, external: [written] } = withWeights(index, [beside], [{ initialiser, values }]);
  expect(bytes).toBe(index.bytes);
  const [start, end] = externalRange(index, initialiser, beside.data.length)!;
  expect(written!.data.subarray(start, end).every((byte) => byte === 7)).toBe(true);
  expect(beside.data.subarray(start, end).every((byte) => byte === 7)).toBe(false);
  expect(written!.data.findIndex((byte, at) => byte !== beside.data[at])).toBeGreaterThanOrEqual(start);
  expect(written!.data.subarray(end).every((byte, at) => byte === beside.data[end + at])).toBe(true);
  expect(() => withWeights(index, [], [{ initialiser, values }])).toThrow('is in model.onnx.data, which is not there');
});

testWithShared('attributes of real exports are read, and the modules that the newer exporter notes', async () => {
  const script = indexOnnx(await sharedBytes('models/random-bert/torchscript_opset17.onnx'), 'script');
  const norm = script.nodes.find(({ op }) => op === 'LayerNormalization')!;
  expect(readAttributes(script, norm)).toMatchObject({ axis: { type: 'int', value: -1 }, epsilon: { type: 'float', value: Math.fround(1e-12) } });
  expect(readScope(script, norm)).toBe('');
  const dynamo = indexOnnx(await sharedBytes('models/random-llama/dynamo.onnx'), 'dynamo');
  const products = dynamo.nodes.filter(({ op }) => op === 'MatMul').map((node) => readScope(dynamo, node));
  expect(products).toContain('model.layers.3.self_attn.q_proj');
  expect(products).toContain('lm_head');
});

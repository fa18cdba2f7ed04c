/** Weights stored as float16 and cast to float32: found, counted, run and shown as what they are. */
import { render } from 'lit';
import { expect, test } from 'vitest';
import type { ModelValue } from '../../src/data/values.ts';
import { openCompute, type Compute } from '../../src/gpu/compute.ts';
import { view } from '../../src/kinds/model/view.ts';
import { localFiles, type ModelFiles } from '../../src/models/files.ts';
import { openGraph } from '../../src/models/graph.ts';
import { inspectModel } from '../../src/models/inspect.ts';
import { findHiddenStates } from '../../src/models/onnx/blocks.ts';
import { indexOnnx } from '../../src/models/onnx/index.ts';
import { countParameters } from '../../src/models/onnx/parameters.ts';
import { elementTypes, weightsByTensor } from '../../src/models/onnx/precision.ts';
import { openSession } from '../../src/models/session.ts';
import { relativeError } from './support.ts';
import { tinyOnnx } from './tiny-onnx.ts';
import { d, tinyTransformer, transformerConfig, transformerWeights, vocabulary, type TransformerShape } from './tiny-transformer.ts';

const both = ['last_hidden_state', 'logits'] as const;
const batch = { batch: 2, tokens: 5, ids: [[2, 9, 17, 33, 3], [2, 5, 5, 39, 3]], padding: 0 };

function filesOf(bytes: Uint8Array<ArrayBuffer>, config: object = transformerConfig): ModelFiles {
  return localFiles('tiny', new Map([['config.json', new Blob([JSON.stringify(config)])], ['onnx/model.onnx', new Blob([bytes])]]));
}

async function inspected(shape: TransformerShape): Promise<{ files: ModelFiles; value: ModelValue }> {
  const files = filesOf(tinyTransformer(shape));
  return { files, value: await inspectModel(files, { dtype: 'fp32' }) };
}

async function statesOf(shape: TransformerShape, compute: Compute | null = null): Promise<Float32Array[]> {
  const { files, value } = await inspected(shape);
  const session = await openSession(value, files, { device: compute ? 'webgpu' : 'wasm', compute });
  const states = await session.states(batch);
  await session.dispose();
  return states;
}

/** A device as most phones have it: without arithmetic in half precision. */
async function withoutHalf(): Promise<{ compute: Compute; close: () => void }> {
  const fresh = await navigator.gpu.requestAdapter();
  const device = await fresh!.requestDevice();
  expect(device.features.has('shader-f16')).toBe(false);
  const compute = await openCompute({ device });
  return { compute, close: () => { compute.dispose(); device.destroy(); } };
}

test('the hidden states are found through the casts, with either output or both', () => {
  for (const outputs of [both, ['last_hidden_state'], ['logits']] as const) {
    for (const weights of ['full', 'cast'] as const) {
      const index = indexOnnx(tinyTransformer({ weights, outputs }), 'tiny');
      expect(findHiddenStates(index, 2), `${weights}, ${outputs.join()}`).toEqual({ hiddenStates: ['0.in', '1.in', 'last_hidden_state'], layers: 2, notes: [] });
    }
  }
});

test('parameters are counted behind casts as in full, the tied table once', () => {
  const expected = Object.values(transformerWeights()).reduce((sum, { values }) => sum + values.length, 0);
  for (const weights of ['full', 'cast'] as const) {
    const index = indexOnnx(tinyTransformer({ weights, outputs: both }), 'tiny');
    expect(countParameters(index, { hiddenSize: d, vocabularySize: vocabulary, tied: true })).toBe(expected);
  }
});

test('a table that is cast and only looked up, such as rotary angles, is still no parameter', () => {
  const index = indexOnnx(tinyOnnx({
    nodes: [
      { op: 'Cast', inputs: ['table half'], outputs: ['table'], attributes: { to: 1 } },
      { op: 'Cast', inputs: ['angles half'], outputs: ['angles'], attributes: { to: 1 } },
      { op: 'Gather', inputs: ['table', 'input_ids'], outputs: ['vectors'] },
      { op: 'Gather', inputs: ['angles', 'input_ids'], outputs: ['turned'] },
      { op: 'Concat', inputs: ['vectors', 'turned'], outputs: ['last_hidden_state'], attributes: { axis: 2 } },
    ],
    initialisers: { 'table half': { dims: [4, 6], values: new Float16Array(24) }, 'angles half': { dims: [4, 3], values: new Float16Array(12) } },
    inputs: ['input_ids'],
    output: 'last_hidden_state',
  }), 'tiny');
  expect(countParameters(index, { hiddenSize: 6, vocabularySize: 4, tied: false })).toBe(24);
  expect(weightsByTensor(index).get('angles')).toMatchObject({ name: 'angles half', dtype: 10, dims: [4, 3] });
});

test('the type of every tensor is followed from its producer', () => {
  const types = elementTypes(indexOnnx(tinyTransformer({ weights: 'cast', outputs: both }), 'tiny'));
  for (const [name, type] of Object.entries({ 'table.half': 10, table: 1, '0.in': 1, '1.shares': 1, 'last_hidden_state': 1, 'head.product': 1, input_ids: 7 })) expect(types.get(name), name).toBe(type);
  const half = elementTypes(indexOnnx(halfThroughout, 'half'));
  for (const [name, type] of Object.entries({ vectors: 10, large: 9, kept: 10, last_hidden_state: 10 })) expect(half.get(name), name).toBe(type);
});

/** Arithmetic in half precision from the table to the states. */
const halfThroughout = tinyOnnx({
  nodes: [
    { op: 'Gather', inputs: ['table', 'input_ids'], outputs: ['vectors'] },
    { op: 'Greater', inputs: ['vectors', 'zero'], outputs: ['large'] },
    { op: 'Where', inputs: ['large', 'vectors', 'zero'], outputs: ['kept'] },
    { op: 'Identity', inputs: ['kept'], outputs: ['last_hidden_state'] },
  ],
  initialisers: { table: { dims: [4, 2], values: Float16Array.of(0.1, 2, -3, 4, 5.5, -6, 1e-7, 65_504) }, zero: { dims: [1], values: Float16Array.of(0) } },
  inputs: ['input_ids'],
  output: 'last_hidden_state',
  outputType: 10,
});

test('cast weights give exactly the states of weights that were rounded beforehand, and nearly those in full', async () => {
  const cast = await statesOf({ weights: 'cast', outputs: both });
  expect(cast).toHaveLength(3);
  expect(cast).toEqual(await statesOf({ weights: 'rounded', outputs: both }));
  const full = await statesOf({ weights: 'full', outputs: both });
  full.forEach((layer, k) => {
    // float16 keeps 11 bits; a few products add up.
    expect(relativeError(cast[k]!, layer)).toBeLessThan(20 * 2 ** -11);
    expect(relativeError(cast[k]!, layer)).toBeGreaterThan(0);
  });
});

test('a GPU without arithmetic in half precision runs cast weights, and the states stay on it', async () => {
  const { compute, close } = await withoutHalf();
  const { files, value } = await inspected({ weights: 'cast', outputs: both });
  const expected = await statesOf({ weights: 'cast', outputs: both });
  // The label says which export it is, not how its states are computed.
  const labelled: ModelValue = { ...value, dtype: 'fp16' };
  const graph = await openGraph(labelled, files, { device: 'webgpu', compute }, () => ({ names: value.hiddenStates }));
  expect(await graph.run(batch, async ({ location, type }) => `${type} in ${location}`)).toEqual(Array.from({ length: 3 }, () => 'float32 in gpu-buffer'));
  await graph.dispose();
  const session = await openSession(labelled, files, { device: 'webgpu', compute });
  const weights = new Float32Array(10).fill(1);
  const pooled = await session.pooled(batch, weights);
  const states = await session.states(batch);
  await session.dispose();
  states.forEach((layer, k) => expect(relativeError(layer, expected[k]!)).toBeLessThan(1e-5));
  pooled.forEach((layer, k) => {
    const mean = Float64Array.from({ length: 2 * d }, (_, at) => [0, 1, 2, 3, 4].reduce((sum, token) => sum + expected[k]![(Math.floor(at / d) * 5 + token) * d + (at % d)]! / 5, 0));
    expect(relativeError(layer, mean)).toBeLessThan(1e-5);
  });
  compute.gpu!.check();
  close();
});

const halfText = { batch: 1, tokens: 4, ids: [[0, 1, 2, 3]], padding: 0 };
const halfStates = [new Float16Array([0.1])[0]!, 2, 0, 4, 5.5, 0, new Float16Array([1e-7])[0]!, 65_504];

async function inspectedHalf(): Promise<{ files: ModelFiles; value: ModelValue }> {
  const files = filesOf(halfThroughout, { model_type: 'bag', hidden_size: 2, vocab_size: 4 });
  return { files, value: await inspectModel(files, { dtype: 'fp32' }) };
}

test('states computed in half precision are widened', async () => {
  const { files, value } = await inspectedHalf();
  expect(value.precision).toBeUndefined();
  const session = await openSession(value, files, { device: 'wasm' });
  expect((await session.states(halfText)).map((layer) => [...layer])).toEqual([halfStates]);
  await session.dispose();
});

const adapter = await navigator.gpu.requestAdapter();
const gpuHasHalf = adapter?.features.has('shader-f16') === true;

test.skipIf(!gpuHasHalf)('states computed in half precision on a GPU (skipped where it has no shader-f16) are widened', async () => {
  const { files, value } = await inspectedHalf();
  const compute = await openCompute();
  const session = await openSession(value, files, { device: 'webgpu', compute });
  expect((await session.states(halfText)).map((layer) => [...layer])).toEqual([halfStates]);
  expect([...(await session.pooled(halfText, Float32Array.of(0, 0, 1, 0)))[0]!]).toEqual([5.5, 0]);
  await session.dispose();
  compute.dispose();
});

test('what only outputs that are not asked for need is not computed', async () => {
  // The head looks up what is not there: only a run that leaves it out succeeds.
  const files = filesOf(tinyOnnx({
    nodes: [
      { op: 'Gather', inputs: ['table', 'input_ids'], outputs: ['last_hidden_state'] },
      { op: 'Add', inputs: ['input_ids', 'far'], outputs: ['beyond'] },
      { op: 'Gather', inputs: ['table', 'beyond'], outputs: ['logits'] },
    ],
    initialisers: { table: { dims: [3, 2], values: Float32Array.of(1, 2, 3, 4, 5, 6) }, far: { dims: [1], values: BigInt64Array.of(1000n) } },
    inputs: ['input_ids'],
    output: ['last_hidden_state', 'logits'],
  }), { model_type: 'bag', hidden_size: 2 });
  const value = await inspectModel(files, { dtype: 'fp32' });
  const text = { batch: 1, tokens: 2, ids: [[2, 0]], padding: 0 };
  const alone = await openGraph(value, files, { device: 'wasm' }, () => ({ names: ['last_hidden_state'] }));
  expect(alone.outputs).toEqual(['last_hidden_state']);
  expect(await alone.run(text, async (tensor) => [...(tensor.data as Float32Array)])).toEqual([[5, 6, 1, 2]]);
  await alone.dispose();
  const whole = await openGraph(value, files, { device: 'wasm' }, () => ({ names: ['last_hidden_state', 'logits'] }));
  await expect(whole.run(text, async () => null)).rejects.toThrow(/indices element out of data bounds/);
  await whole.dispose();
});

test('the card says how weights are stored and computed where the two differ', async () => {
  const shown = async (weights: TransformerShape['weights']): Promise<string> => {
    const { value } = await inspected({ weights, outputs: both });
    expect(value.notes).toEqual([]);
    const place = document.createElement('div');
    render((view as (value: ModelValue) => unknown)(value), place);
    return place.textContent.replaceAll(/\s+/g, ' ');
  };
  expect(await shown('cast')).toContain('precisionweights stored as float16, computed as float32');
  expect(await shown('full')).toContain('precisionfp32');
});

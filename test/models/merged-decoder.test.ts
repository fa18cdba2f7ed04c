/** Decoders with and without a cache in one file are met as the one without. */
import { expect, test } from 'vitest';
import { sha256 } from '../../src/base/hash.ts';
import { localFiles, type ModelFiles } from '../../src/models/files.ts';
import { readModel } from '../../src/models/graph.ts';
import { inspectModel } from '../../src/models/inspect.ts';
import { openLanguageModel } from '../../src/models/language.ts';
import { attentionNodes } from '../../src/models/onnx/attention.ts';
import { withoutCacheBranch } from '../../src/models/onnx/branches.ts';
import { findHiddenStates } from '../../src/models/onnx/blocks.ts';
import { indexOnnx } from '../../src/models/onnx/index.ts';
import { countParameters } from '../../src/models/onnx/parameters.ts';
import { openSession } from '../../src/models/session.ts';
import { tinyOnnx } from './tiny-onnx.ts';
import { d, mergedTransformer, tinyTransformer, transformerConfig, vocabulary } from './tiny-transformer.ts';

const batch = { batch: 2, tokens: 3, ids: [[1, 2, 3], [30, 7, 7]], padding: 0 };

function folder(path: string, bytes: Uint8Array<ArrayBuffer>): ModelFiles {
  return localFiles('tiny', new Map([['config.json', new Blob([JSON.stringify(transformerConfig)])], [path, new Blob([bytes])]]));
}

test('the branch without a cache takes the place of the If, with the weights inside it and without the cache\'s inputs', () => {
  const merged = indexOnnx(mergedTransformer(), 'merged');
  expect(merged.nodes.map(({ op }) => op)).toEqual(['If']);
  const plain = withoutCacheBranch(merged);
  expect(plain.nodes.some(({ op }) => op === 'If')).toBe(false);
  expect(plain.inputs.map(({ name }) => name)).toEqual(['input_ids']);
  expect(plain.outputs.map(({ name }) => name)).toEqual(['logits', 'present.0.key']);
  const whole = indexOnnx(tinyTransformer({ weights: 'full', outputs: ['logits'] }), 'whole');
  const hints = { hiddenSize: d, vocabularySize: vocabulary, tied: true };
  expect(countParameters(plain, hints)).toBe(countParameters(whole, hints));
  expect(findHiddenStates(plain, 2, d)).toEqual({ hiddenStates: ['0.in', '1.in', 'last_hidden_state'], layers: 2, notes: [] });
  // The file that was handed in stays as it was.
  expect(merged.bytes).toEqual(mergedTransformer());
  expect(withoutCacheBranch(whole)).toBe(whole);
});

test('a merged decoder gives the hidden states and the probabilities of the plain model; its revision is its file\'s hash', async () => {
  const merged = folder('onnx/decoder_model_merged.onnx', mergedTransformer());
  const plain = folder('onnx/model.onnx', tinyTransformer({ weights: 'full', outputs: ['logits'] }));
  const values = [await inspectModel(merged, { dtype: 'fp32' }), await inspectModel(plain, { dtype: 'fp32' })] as const;
  expect(values[0]).toMatchObject({ onnxFile: 'onnx/decoder_model_merged.onnx', revision: await sha256(mergedTransformer()), bytes: mergedTransformer().length, notes: [] });
  // What is held while it is opened is one copy, without the branch that reads a cache.
  const { onnx } = await readModel(values[0], merged, {});
  expect(Object.keys(onnx)).toEqual(['path', 'index', 'external']);
  expect(onnx.index.bytes.buffer.byteLength).toBeLessThan(mergedTransformer().length);
  const [states, probabilities] = [[], []] as [Float32Array[][], Float32Array[][]];
  for (const [value, files] of [[values[0], merged], [values[1], plain]] as const) {
    const session = await openSession(value, files, { device: 'wasm' });
    states.push(await session.states(batch));
    await session.dispose();
    const model = await openLanguageModel(value, files, { device: 'wasm' });
    probabilities.push(await model.logProbabilities(batch, [{ text: 1, token: 2 }]));
    await model.dispose();
  }
  expect(states[0]).toHaveLength(3);
  expect(states[0]).toEqual(states[1]);
  expect(probabilities[0]).toEqual(probabilities[1]);
});

test('the condition may come through a Not; an If on anything else stays', () => {
  const branch = (op: string): { nodes: { op: string; inputs: string[]; outputs: string[] }[]; outputs: string[] } => ({ nodes: [{ op, inputs: ['numbers'], outputs: [`by ${op}`] }], outputs: [`by ${op}`] });
  const model = (condition: readonly string[]): Uint8Array<ArrayBuffer> => tinyOnnx({
    nodes: [
      { op: 'Cast', inputs: ['input_ids'], outputs: ['numbers'], attributes: { to: 1 } },
      { op: 'Not', inputs: ['use_cache_branch'], outputs: ['fresh'] },
      { op: 'If', inputs: condition, outputs: ['y'], graphs: { then_branch: branch('Exp'), else_branch: branch('Neg') } },
    ],
    inputs: ['input_ids', { name: 'use_cache_branch', dtype: 9, dims: [1] }, { name: 'other', dtype: 9, dims: [1] }],
    output: 'y',
  });
  const ops = (condition: string): string[] => withoutCacheBranch(indexOnnx(model([condition]), 'tiny')).nodes.map(({ op }) => op);
  expect(ops('fresh')).toEqual(['Cast', 'Not', 'Exp', 'Identity']);
  expect(ops('use_cache_branch')).toEqual(['Cast', 'Not', 'Neg', 'Identity']);
  expect(ops('other')).toEqual(['Cast', 'Not', 'If']);
});

test('a damaged graph that goes round in a circle is read all the same', () => {
  const branch = { nodes: [{ op: 'Neg', inputs: ['numbers'], outputs: ['negated'] }], outputs: ['negated'] };
  const { nodes } = withoutCacheBranch(indexOnnx(tinyOnnx({
    nodes: [
      { op: 'Cast', inputs: ['input_ids'], outputs: ['numbers'], attributes: { to: 1 } },
      { op: 'Identity', inputs: ['b'], outputs: ['a'] },
      { op: 'Identity', inputs: ['a'], outputs: ['b'] },
      { op: 'If', inputs: ['a'], outputs: ['y'], graphs: { then_branch: branch, else_branch: branch } },
      { op: 'Softmax', inputs: ['d'], outputs: ['c'] },
      { op: 'Transpose', inputs: ['c'], outputs: ['d'] },
      { op: 'Transpose', inputs: ['d'], outputs: ['d'] },
    ],
    inputs: ['input_ids'],
    output: 'y',
  }), 'circle'));
  expect(nodes.map(({ op }) => op)).toContain('If');
  expect(Array.from(attentionNodes(nodes), ({ op }) => op)).toEqual(['Softmax']);
});

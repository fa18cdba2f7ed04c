/** Numbers that overflow inside a model stop the run and say so: they never pass for an answer, or for a missing value. */
import { expect, test } from 'vitest';
import { openModel } from '../../src/models/activations.ts';
import { localFiles, type ModelFiles } from '../../src/models/files.ts';
import { inspectModel } from '../../src/models/inspect.ts';
import { openLanguageModel } from '../../src/models/language.ts';
import { openCausalModel } from '../../src/models/prefix.ts';
import { likelihoods } from '../../src/models/score/likelihood.ts';
import { sharedBytes, testWithShared } from '../shared.ts';
import { tinyOnnx } from './tiny-onnx.ts';

/** A token's state is its row of a table, its logits the products with all rows, so that a large row gives infinity. */
function model(vocabulary: number, valueOf: (id: number) => number): Uint8Array<ArrayBuffer> {
  return tinyOnnx({
    nodes: [
      { op: 'Gather', inputs: ['table', 'input_ids'], outputs: ['embedded'] }, { op: 'Mul', inputs: ['embedded', 'scale'], outputs: ['last_hidden_state'] },
      { op: 'Transpose', inputs: ['table'], outputs: ['tableT'], attributes: { perm: [1, 0] } }, { op: 'MatMul', inputs: ['embedded', 'tableT'], outputs: ['logits'] },
    ],
    initialisers: { table: { dims: [vocabulary, 2], values: Float32Array.from({ length: 2 * vocabulary }, (_, at) => valueOf(at >> 1)) }, scale: { dims: [], values: Float32Array.of(1e20) } },
    inputs: ['input_ids'],
    output: ['last_hidden_state', 'logits'],
  });
}

const filesOf = (bytes: Uint8Array<ArrayBuffer>, more: readonly (readonly [string, Blob])[] = []): ModelFiles =>
  localFiles('large', new Map([['config.json', new Blob([JSON.stringify({ architectures: ['LlamaForCausalLM'], hidden_size: 2, vocab_size: 8 })])], ['onnx/model.onnx', new Blob([bytes])], ...more]));

test('logits that are no numbers are refused, by the model and its file; a token that is ruled out is no such number', async () => {
  // 1e20 squared is beyond float32; 0 times infinity is no number.
  const files = filesOf(model(8, (id) => (id === 7 ? 1e20 : id === 6 ? 0 : id === 5 ? -Infinity : 0.1 * (id + 1))));
  const value = await inspectModel(files, { dtype: 'fp32' });
  const causal = await openCausalModel(value, files, { device: 'wasm' });
  const read = (id: number) => causal.read(null, [[1, id]], [{ text: 0, at: 1 }]);
  await expect(read(7)).rejects.toThrow(/^model large, onnx\/model\.onnx: its logits are no finite numbers but Infinity: .* Choose a file of the model with another dtype, such as fp32/);
  await expect(read(6)).rejects.toThrow('its logits are no finite numbers but NaN');
  const { logs: [row] } = await read(1);
  expect(row![5]).toBe(-Infinity);
  expect(row!.reduce((sum, log) => sum + Math.exp(log), 0)).toBeCloseTo(1, 6);
  expect((await likelihoods(causal, [{ ids: [1, 2], start: 1, group: 0 }]))[0]).toBeCloseTo(row![2]!, 6);
  await expect(likelihoods(causal, [{ ids: [1, 5], start: 1, group: 0 }])).rejects.toThrow('token 5, which one of the texts has, is given the probability 0');
  await expect(likelihoods(causal, [{ ids: [1, 6, 2], start: 1, group: 0 }])).rejects.toThrow('no finite numbers');
  await causal.dispose();
  const language = await openLanguageModel(value, files, { device: 'wasm' });
  const batch = { batch: 1, tokens: 2, ids: [[1, 7]], padding: 0 };
  await expect(language.logProbabilities(batch, [{ text: 0, token: 2 }])).rejects.toThrow('no finite numbers');
  await expect(language.logProbabilitiesOf(batch, [{ text: 0, token: 2, ids: [3] }])).rejects.toThrow('no finite numbers');
  await language.dispose();
});

testWithShared('hidden states that are no numbers are refused, by the word and the layer', async () => {
  const tokenizer = await Promise.all(['tokenizer.json', 'tokenizer_config.json'].map(async (path) => [path, new Blob([await sharedBytes(`models/stories260k/${path}`)])] as const));
  const files = filesOf(model(512, (id) => (id > 400 ? 1e20 : 0.1)), tokenizer);
  const open = await openModel(await inspectModel(files, { dtype: 'fp32' }), files, { device: 'wasm' });
  const states = (words: readonly string[]) => open.hiddenStates(words, { templates: ['{word}'], pooling: 'mean' });
  const fine = 'the';
  const [layer] = (await states([fine])).layers;
  expect(layer!.data.every(Number.isFinite)).toBe(true);
  await expect(states([fine, 'zebra'])).rejects.toThrow(/of model large: the hidden state of "zebra" is no finite number but Infinity: /);
  await open.dispose();
});

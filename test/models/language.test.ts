/** Probabilities of tokens, against PyTorch's, against the formula, and computed for the places asked for only. */
import { expect, test } from 'vitest';
import type { ModelValue } from '../../src/data/values.ts';
import { openCompute } from '../../src/gpu/compute.ts';
import { localFiles, type ModelFiles } from '../../src/models/files.ts';
import { inspectModel } from '../../src/models/inspect.ts';
import { objectiveOf, openLanguageModel, type LanguageModel, type LanguageOptions, type TokenTarget } from '../../src/models/language.ts';
import { indexOnnx } from '../../src/models/onnx/index.ts';
import { headProduct } from '../../src/models/onnx/rows.ts';
import { openSession } from '../../src/models/session.ts';
import { loadTokenizer } from '../../src/models/tokens.ts';
import { sharedBytes, testWithShared } from '../shared.ts';
import genaiLlama from './references/genai_like.json';
import stories from './references/stories260k.json';
import { inspectShared, relativeError, sharedFolderFiles } from './support.ts';
import { tinyOnnx, type TinyNode } from './tiny-onnx.ts';
import { d, tinyTransformer, transformerConfig, transformerWeights, vocabulary } from './tiny-transformer.ts';

/** ln p by the formula, in double precision. */
function logSoftmax(logits: ArrayLike<number>): number[] {
  const values = Array.from(logits);
  const largest = Math.max(...values);
  const sum = values.reduce((total, value) => total + Math.exp(value - largest), 0);
  return values.map((value) => value - largest - Math.log(sum));
}

function total(logProbabilities: Float32Array): number {
  return logProbabilities.reduce((sum, value) => sum + Math.exp(value), 0);
}

/** Every token but the first of each sequence, given those before it. */
async function nextOf(model: LanguageModel, sequences: readonly (readonly number[])[]): Promise<number[][]> {
  const targets = sequences.flatMap((sequence, text) => sequence.slice(1).map((id, at): TokenTarget => ({ text, token: at + 1, ids: [id] })));
  const found = await model.logProbabilitiesOf({ batch: sequences.length, tokens: Math.max(...sequences.map(({ length }) => length)), ids: sequences, padding: 0 }, targets);
  return sequences.map((_, text) => targets.flatMap((target, at) => (target.text === text ? [...found[at]!] : [])));
}

const causal = [
  ['stories260k', 'onnx/model.onnx', stories],
  ['random-llama', 'genai_like.onnx', genaiLlama],
] as const;

for (const [folder, file, { sequences, next }] of causal) {
  testWithShared(`next-token probabilities of ${folder}/${file} agree with PyTorch, padded or not`, async () => {
    const { files, value } = await inspectShared(folder, file);
    const model = await openLanguageModel(value, files, { device: 'wasm' });
    expect(model.objective).toBe('causal');
    const together = await nextOf(model, sequences);
    expect(relativeError(together.flat(), next.flat())).toBeLessThan(1e-5);
    for (const [text, sequence] of sequences.entries()) expect(relativeError((await nextOf(model, [sequence])).flat(), next[text]!)).toBeLessThan(1e-5);
    await model.dispose();
  });
}

testWithShared('a causal model says what follows a text, and it is the product of the last state and the embeddings', async () => {
  const files = await sharedFolderFiles('stories260k', ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'onnx/model.onnx']);
  const value = await inspectModel(files, { dtype: 'fp32' });
  const tokenizer = await loadTokenizer(files);
  const texts = ['Once upon a', 'Once upon a time, there was a little'];
  const ids = texts.map((text) => tokenizer.encode(text));
  const batch = { batch: 2, tokens: ids[1]!.length, ids, padding: tokenizer.padding };
  const model = await openLanguageModel(value, files, { device: 'wasm' });
  const rows = await model.logProbabilities(batch, ids.map(({ length }, text) => ({ text, token: length })));
  // The stories begin like this: the model knows how it goes on.
  const [time] = tokenizer.encode('a time').slice(-1);
  expect(Math.exp(rows[0]![time!]!)).toBeGreaterThan(0.9);
  const session = await openSession(value, files, { device: 'wasm' });
  const last = (await session.states(batch)).at(-1)!;
  const index = indexOnnx(await files.read('onnx/model.onnx'), 'stories');
  const [start, end] = index.initialisers.get('emb')!.data!;
  const embeddings = new Float32Array(index.bytes.slice(start, end).buffer);
  for (const [text, row] of rows.entries()) {
    const state = last.subarray((text * batch.tokens + ids[text]!.length - 1) * 64, (text * batch.tokens + ids[text]!.length) * 64);
    const logits = Array.from({ length: 512 }, (_, id) => state.reduce((sum, number, column) => sum + number * embeddings[id * 64 + column]!, 0));
    expect(row).toHaveLength(512);
    expect(total(row)).toBeCloseTo(1, 5);
    expect(relativeError(row, logSoftmax(logits))).toBeLessThan(1e-5);
  }
  await Promise.all([model.dispose(), session.dispose()]);
});

async function tiny(bytes: Uint8Array<ArrayBuffer>, config: object = transformerConfig): Promise<{ files: ModelFiles; value: ModelValue }> {
  const files = localFiles('tiny', new Map([['config.json', new Blob([JSON.stringify(config)])], ['onnx/model.onnx', new Blob([bytes])]]));
  return { files, value: await inspectModel(files, { dtype: 'fp32' }) };
}

const texts = { batch: 2, tokens: 4, ids: [[2, 9, 4, 3], [2, 4, 31, 3]], padding: 0 };
const masks = [{ text: 1, token: 1 }, { text: 0, token: 2 }];

/** What the head makes of a last hidden state, written out: dense, relu, norm, table, bias; weights as float16 holds them. */
function headByHand(state: ArrayLike<number>): number[] {
  const weights = transformerWeights();
  const half = (name: string): Float16Array => new Float16Array(weights[name]!.values);
  const dense = half('head.dense');
  const table = half('table');
  const hidden = Array.from({ length: d }, (_, to) => Math.max(0, Array.from(state).reduce((sum, number, from) => sum + number * dense[from * d + to]!, 0)));
  const mean = hidden.reduce((sum, number) => sum + number / d, 0);
  const variance = hidden.reduce((sum, number) => sum + (number - mean) ** 2 / d, 0);
  const normed = hidden.map((number, k) => ((number - mean) / Math.sqrt(variance + 1e-5)) * weights['head.norm.weight']!.values[k]!);
  return Array.from({ length: vocabulary }, (_, id) => normed.reduce((sum, number, k) => sum + number * table[id * d + k]!, weights['head.bias']!.values[id]!));
}

test('a masked model gives the token at the place itself, from a tied table of cast weights, on either backend', async () => {
  const { files, value } = await tiny(tinyTransformer({ weights: 'cast', outputs: ['last_hidden_state', 'logits'] }));
  const session = await openSession(value, files, { device: 'wasm' });
  const last = (await session.states(texts)).at(-1)!;
  await session.dispose();
  const compute = await openCompute();
  for (const options of [{ device: 'wasm' }, { device: 'webgpu', compute }] as const satisfies readonly LanguageOptions[]) {
    const model = await openLanguageModel(value, files, options);
    expect(model).toMatchObject({ objective: 'masked', backend: options.device });
    const rows = await model.logProbabilities(texts, masks);
    expect(rows).toHaveLength(2);
    for (const [at, { text, token }] of masks.entries()) {
      const expected = logSoftmax(headByHand(last.subarray((text * 4 + token) * d, (text * 4 + token + 1) * d)));
      expect(relativeError(rows[at]!, expected), `${options.device}, place ${at}`).toBeLessThan(1e-5);
      expect(total(rows[at]!)).toBeCloseTo(1, 5);
    }
    const chosen = await model.logProbabilitiesOf(texts, [{ ...masks[1]!, ids: [30, 0, 30] }]);
    expect(chosen.map((row) => [...row])).toEqual([[rows[1]![30], rows[1]![0], rows[1]![30]]]);
    expect(await model.logProbabilities(texts, [])).toEqual([]);
    await model.dispose();
  }
  compute.gpu!.check();
  compute.dispose();
});

/** Logits by a product of two numbers per token, at these nodes after the table. */
function lookup(nodes: readonly TinyNode[]): Uint8Array<ArrayBuffer> {
  return tinyOnnx({
    nodes: [{ op: 'Gather', inputs: ['table', 'input_ids'], outputs: ['last_hidden_state'] }, ...nodes],
    initialisers: { table: { dims: [3, 2], values: Float32Array.of(1, 0, 0, 1, 1, 1) }, head: { dims: [2, 3], values: Float32Array.of(1, 2, 3, 4, 5, 6) }, bias: { dims: [3], values: Float32Array.of(0, 0, 1) } },
    inputs: ['input_ids'],
    output: ['last_hidden_state', 'logits'],
  });
}
const bag = { architectures: ['BertForMaskedLM'], hidden_size: 2 };
const product: TinyNode = { op: 'MatMul', inputs: ['last_hidden_state', 'head'], outputs: ['product'] };

test('the head is computed at the places only where its graph allows it, and gives the same either way', async () => {
  const biased = lookup([product, { op: 'Add', inputs: ['bias', 'product'], outputs: ['logits'] }]);
  // A Softmax over the tokens before the logits: rows depend on each other.
  const entangled = lookup([product, { op: 'Softmax', inputs: ['product'], outputs: ['shares'], attributes: { axis: 1 } }, { op: 'Add', inputs: ['shares', 'bias'], outputs: ['logits'] }]);
  expect(headProduct(indexOnnx(biased, 'biased'), 'logits')).toMatchObject({ op: 'MatMul', outputs: ['product'] });
  expect(headProduct(indexOnnx(entangled, 'entangled'), 'logits')).toBeNull();
  const batch = { batch: 2, tokens: 2, ids: [[0, 1], [2, 2]], padding: 0 };
  const places = [{ text: 1, token: 0 }, { text: 0, token: 1 }];
  const products = [[5, 7, 9], [4, 5, 6]] as const;
  const rowsOf = async (bytes: Uint8Array<ArrayBuffer>): Promise<Float32Array[]> => {
    const { files, value } = await tiny(bytes, bag);
    const model = await openLanguageModel(value, files, { device: 'wasm' });
    const rows = await model.logProbabilities(batch, places);
    await model.dispose();
    return rows;
  };
  const plain = await rowsOf(biased);
  products.forEach(([a, b, c], at) => expect(relativeError(plain[at]!, logSoftmax([a, b, c + 1]))).toBeLessThan(1e-6));
  // Shares between equal tokens are a half; between [1, 2, 3] and [4, 5, 6] the second has 1 / (1 + e^-3).
  const second = 1 / (1 + Math.exp(-3));
  const shares = await rowsOf(entangled);
  [0.5, second].forEach((share, at) => expect(relativeError(shares[at]!, logSoftmax([share, share, share + 1]))).toBeLessThan(1e-6));
});

testWithShared('the product of every real head is found, its states and not its table selected', async () => {
  for (const [path, states] of [['stories260k/onnx/model', 'Mul_311'], ['random-llama/dynamo', 'mul_1250'], ['random-llama/genai_like', '/model/layers.4/final_norm_layernorm/output_0']] as const) {
    expect(headProduct(indexOnnx(await sharedBytes(`models/${path}.onnx`), path), 'logits')?.inputs[0], path).toBe(states);
  }
});

test('places without a prediction are refused: padding, beyond the end, the first token of a causal model', async () => {
  const { files, value } = await tiny(lookup([{ ...product, outputs: ['logits'] }]), bag);
  const batch = { batch: 2, tokens: 3, ids: [[0, 1], [2, 2, 0]], padding: 0 };
  const masked = await openLanguageModel(value, files, { device: 'wasm' });
  await expect(masked.logProbabilities(batch, [{ text: 0, token: 2 }])).rejects.toThrow('text 0 has 2 tokens; a masked model says nothing about place 2');
  await expect(masked.logProbabilities(batch, [{ text: 2, token: 0 }])).rejects.toThrow('text 2 has 0 tokens');
  await expect(masked.logProbabilitiesOf(batch, [{ text: 0, token: 0, ids: [3] }])).rejects.toThrow('token 3 is not in the vocabulary of 3');
  const next = await openLanguageModel(value, files, { device: 'wasm', objective: 'causal' });
  await expect(next.logProbabilities(batch, [{ text: 0, token: 0 }])).rejects.toThrow('a causal model says nothing about place 0');
  // The token after the text, given [1, 1] at its end, or [0, 1].
  const rows = await next.logProbabilities(batch, [{ text: 1, token: 2 }, { text: 0, token: 2 }]);
  expect(relativeError(rows[0]!, logSoftmax([5, 7, 9]))).toBeLessThan(1e-6);
  expect(relativeError(rows[1]!, logSoftmax([4, 5, 6]))).toBeLessThan(1e-6);
  await Promise.all([masked.dispose(), next.dispose()]);
});

test('an export without logits, or of unknown purpose, is refused with a way out', async () => {
  const encoder = await tiny(tinyTransformer({ weights: 'full', outputs: ['last_hidden_state'] }));
  await expect(openLanguageModel(encoder.value, encoder.files, { device: 'wasm' })).rejects.toThrow(
    'model tiny, onnx/model.onnx: it gives last_hidden_state and no logits, so it cannot say how probable a token is. Choose an export for masked language modelling (fill-mask) or text generation.',
  );
  const objectives = { BertForMaskedLM: 'masked', BertModel: 'masked', DistilBertForMaskedLM: 'masked', BertLMHeadModel: 'causal', LlamaForCausalLM: 'causal', GPT2LMHeadModel: 'causal', llama: 'causal' } as const;
  for (const [architecture, objective] of Object.entries(objectives)) expect(objectiveOf({ architecture, id: 'm' }), architecture).toBe(objective);
  expect(() => objectiveOf({ architecture: 'T5ForConditionalGeneration', id: 'm' })).toThrow('its class is T5ForConditionalGeneration, which does not tell');
});

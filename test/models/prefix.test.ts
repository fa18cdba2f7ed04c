/** Texts that begin alike: the beginning read once gives what reading every text whole gives, whatever the export. */
import { expect, test } from 'vitest';
import { PhiloxStream } from '../../src/gpu/philox.ts';
import { openCompute } from '../../src/gpu/compute.ts';
import { localFiles, type ModelFiles } from '../../src/models/files.ts';
import { inspectModel } from '../../src/models/inspect.ts';
import { openLanguageModel } from '../../src/models/language.ts';
import { commonBeginning, eachPlace, openCausalModel, requireCausal, type AskedText, type CausalModel } from '../../src/models/prefix.ts';
import type { ModelValue } from '../../src/data/values.ts';
import { testWithShared } from '../shared.ts';
import { inspectShared, relativeError } from './support.ts';
import { loadTiny } from './tiny/loadTiny.ts';
import { decoderConfig, decoderVocabulary, tinyDecoder } from './tiny-decoder.ts';

async function decoder(): Promise<{ files: ModelFiles; value: ModelValue }> {
  const files = localFiles('tiny', new Map([['config.json', new Blob([JSON.stringify(decoderConfig)])], ['onnx/model.onnx', new Blob([tinyDecoder()])]]));
  return { files, value: await inspectModel(files, { dtype: 'fp32' }) };
}

/** Two groups with beginnings of 24 and 9 tokens, and a text of its own; ends of one to four tokens. */
function texts(vocabulary: number): AskedText[] {
  const stream = new PhiloxStream(3);
  const draw = (length: number): number[] => Array.from({ length }, () => 3 + Math.floor(stream.uniform() * (vocabulary - 3)));
  const [long, short] = [draw(24), draw(9)];
  const asked = [[long, 0], [short, 1]].flatMap(([beginning, group]) => [1, 3, 2, 4, 3, 1].map((length, k): AskedText => {
    const ids = [...(beginning as number[]), 3 + k, ...draw(length - 1)];
    return { ids, group: group as number, places: [ids.length - length + 1, ids.length].filter((place, at, all) => at === 0 || place !== all[0]) };
  }));
  return [...asked, { ids: draw(7), places: [2, 7], group: 2 }];
}

async function rowsOf(model: CausalModel, asked: readonly AskedText[], options = {}): Promise<Map<string, Float32Array>> {
  const rows = new Map<string, Float32Array>();
  await eachPlace(model, asked, (text, place, logs) => { rows.set(`${text} ${place}`, logs.slice()); }, options);
  return rows;
}

/** Every row agrees, and all that were asked for are there. */
function expectAlike(found: Map<string, Float32Array>, expected: Map<string, Float32Array>, asked: readonly AskedText[]): void {
  expect(found.size).toBe(asked.reduce((sum, { places }) => sum + places.length, 0));
  for (const [key, row] of expected) expect(relativeError(found.get(key)!, row), key).toBeLessThan(1e-5);
}

test('a beginning read once gives the probabilities of texts read whole, on either backend and in small batches', async () => {
  const { files, value } = await decoder();
  const asked = texts(decoderVocabulary);
  const plain = await openLanguageModel(value, files, { device: 'wasm' });
  const expected = new Map<string, Float32Array>();
  for (const [text, { ids, places }] of asked.entries()) {
    const rows = await plain.logProbabilities({ batch: 1, tokens: ids.length, ids: [ids], padding: 0 }, places.map((token) => ({ text: 0, token })));
    places.forEach((place, k) => expected.set(`${text} ${place}`, rows[k]!));
  }
  await plain.dispose();
  const whole = await openCausalModel(value, files, { device: 'wasm', cache: false });
  expect(whole.cached).toBe(false);
  expectAlike(await rowsOf(whole, asked), expected, asked);
  await whole.dispose();
  const model = await openCausalModel(value, files, { device: 'wasm' });
  expect(model).toMatchObject({ cached: true, backend: 'wasm' });
  expectAlike(await rowsOf(model, asked), expected, asked);
  expectAlike(await rowsOf(model, asked, { batchTokens: 5, cacheBytes: 1 }), expected, asked);
  expectAlike(await rowsOf(model, asked, { logitBytes: 3 * 4 * decoderVocabulary }), expected, asked);
  await model.dispose();
  // The cache stays on the device and is repeated there.
  const compute = await openCompute();
  const onGpu = await openCausalModel(value, files, { device: 'webgpu', compute });
  expect(onGpu).toMatchObject({ cached: true, backend: 'webgpu' });
  const few = asked.slice(0, 6).map((text) => ({ ...text, places: [text.ids.length] }));
  for (const [key, row] of await rowsOf(onGpu, few)) expect(relativeError(row, expected.get(key)!), `webgpu ${key}`).toBeLessThan(1e-5);
  await onGpu.dispose();
  compute.gpu!.check();
  compute.dispose();
});

testWithShared('attention that reads one token at a time behind a cache gives the same', async () => {
  const { files, value } = await inspectShared('random-llama', 'genai_like.onnx');
  const asked = texts(512);
  const whole = await openCausalModel(value, files, { device: 'wasm', cache: false });
  const model = await openCausalModel(value, files, { device: 'wasm' });
  expect([whole.cached, model.cached]).toEqual([false, true]);
  expectAlike(await rowsOf(model, asked), await rowsOf(whole, asked), asked);
  // Going on step by step: what has been read is kept, for some of the texts, in another order.
  const first = await model.read(null, [[5, 7, 9], [6, 8, 10]], [{ text: 0, at: 2 }], true);
  const turned = first.context!.pick([1, 0, 1]);
  const second = await model.read(turned, [[11, 12], [13, 14], [15, 16]], [{ text: 0, at: 1 }], true);
  const third = await model.read(second.context!, [[17], [18], [19]], [0, 1, 2].map((text) => ({ text, at: 0 })));
  const read = await whole.read(null, [[6, 8, 10, 11, 12, 17], [5, 7, 9, 13, 14, 18], [6, 8, 10, 15, 16, 19]], [0, 1, 2].map((text) => ({ text, at: 5 })));
  third.logs.forEach((row, text) => expect(relativeError(row, read.logs[text]!)).toBeLessThan(1e-5));
  for (const context of [first.context, turned, second.context]) context!.dispose();
  await Promise.all([model.dispose(), whole.dispose()]);
});

const real = [
  ['llama', 'past', true], ['llama', 'genai_q4f16', true], ['llama', 'merged', false], ['qwen3', 'past', true], ['gpt2', 'past', true], ['gemma3', 'genai', true],
] as const;

test('exports as the hub has them, made of real architectures, give the same either way', async () => {
  for (const [name, made, cached] of real) {
    const files = (await loadTiny(name)).folder(`${made}.onnx`);
    const value = await inspectModel(files, { dtype: 'fp32', onnxFile: `${made}.onnx` });
    const whole = await openCausalModel(value, files, { device: 'wasm', cache: false });
    const model = await openCausalModel(value, files, { device: 'wasm' });
    expect(model.cached, `${name}, ${made}`).toBe(cached);
    const asked = texts(60).slice(0, 6);
    const [expected, found] = [await rowsOf(whole, asked), await rowsOf(model, asked)];
    const largest = Math.max(...[...expected].map(([key, row]) => relativeError(found.get(key)!, row)));
    // Half-precision keys and values are rounded when they are kept.
    expect(largest, `${name}, ${made}`).toBeLessThan(made.endsWith('f16') ? 2e-3 : 1e-5);
    await Promise.all([whole.dispose(), model.dispose()]);
  }
});

test('the common beginning leaves each text the token before its first place; what cannot be asked is refused', async () => {
  const [a, b] = [{ ids: [1, 2, 3, 4], places: [4], group: 0 }, { ids: [1, 2, 3, 5], places: [3], group: 0 }];
  expect([commonBeginning([a]), commonBeginning([a, b]), commonBeginning([a, { ...b, ids: [1, 9, 3] }])]).toEqual([3, 2, 1]);
  const { files, value } = await decoder();
  const model = await openCausalModel(value, files, { device: 'wasm' });
  await expect(rowsOf(model, [{ ids: [3], places: [2], group: 0 }])).rejects.toThrow('text 0 has 1 tokens; places are 2');
  await expect(model.read(null, [[3]], [{ text: 0, at: 1 }])).rejects.toThrow('text 0 has 1 new tokens');
  const controller = new AbortController();
  controller.abort();
  await expect(eachPlace(model, [a], () => undefined, {}, { signal: controller.signal })).rejects.toThrow('abort');
  await model.dispose();
  expect(() => requireCausal({ architecture: 'BertForMaskedLM', id: 'b', label: 'Bert' })).toThrow('model Bert: BertForMaskedLM fills in masked tokens and does not continue a text, so it cannot answer. Choose a causal model');
});

/** Training steps: where adapters go, what a step costs the runtime's memory, both backends, and what is refused. */
import { expect, test } from 'vitest';
import { openCompute } from '../../src/gpu/compute.ts';
import { PhiloxStream } from '../../src/gpu/philox.ts';
import { bundledFiles, localFiles, type ModelFiles } from '../../src/models/files.ts';
import { inspectModel, readOnnx } from '../../src/models/inspect.ts';
import type { ModelValue } from '../../src/data/values.ts';
import { mergeAdapters } from '../../src/tuning/files/merge.ts';
import { openTrainingStep, type StepBatch, type TrainingOptions } from '../../src/tuning/step.ts';
import { inspectShared, relativeError } from '../models/support.ts';
import { tinyOnnx } from '../models/tiny-onnx.ts';
import { d, tinyTransformer, transformerConfig } from '../models/tiny-transformer.ts';
import { long, testWithShared } from '../shared.ts';

/** The runtime's memory: it is made before the runtime is loaded, which these tests do. */
const memories: WebAssembly.Memory[] = [];
WebAssembly.Memory = class extends WebAssembly.Memory {
  constructor(descriptor: WebAssembly.MemoryDescriptor) {
    super(descriptor);
    memories.push(this);
  }
};

async function tiny(bytes: Uint8Array<ArrayBuffer> = tinyTransformer({ weights: 'cast', outputs: ['last_hidden_state', 'logits'] }), config: object = transformerConfig): Promise<{ files: ModelFiles; value: ModelValue }> {
  const files = localFiles('tiny', new Map([['config.json', new Blob([JSON.stringify(config)])], ['onnx/model.onnx', new Blob([bytes])]]));
  return { files, value: await inspectModel(files, { dtype: 'fp32' }) };
}

/** Texts of one length: the tiny transformer has no mask. */
function tokensOf(batch: number, tokens: number) {
  return { batch, tokens, ids: Array.from({ length: batch }, (_, text) => Array.from({ length: tokens }, (__, token) => (7 * text + 3 * token) % 40)), padding: 0 };
}

function ratingsOf(texts: number, length: number, dimensions: number): Extract<StepBatch, { type: 'ratings' }> {
  return {
    type: 'ratings', tokens: tokensOf(texts, length), weights: new Float32Array(texts * length).fill(1),
    targets: Float32Array.from({ length: texts * dimensions }, (_, at) => Math.sin(at)),
  };
}

const places = { type: 'language', tokens: tokensOf(3, 4), targets: [{ text: 0, token: 1, id: 5 }, { text: 2, token: 3, id: 30 }, { text: 2, token: 0, id: 2 }] } as const satisfies StepBatch;
const usual: TrainingOptions = { device: 'wasm', aim: { type: 'ratings', dimensions: 2 }, rank: 2, scale: 0.5, seed: 5 };

/** B starts at zero; this moves it. */
function stir(step: { readonly parameters: readonly { readonly values: Float32Array }[] }): void {
  for (const [place, { values }] of step.parameters.entries()) values.forEach((value, at) => (values[at] = value + 0.3 * Math.sin(place + at)));
}

test('without names of modules the products of a block are named by their order, and queries and values get adapters', async () => {
  const { files, value } = await tiny();
  const step = await openTrainingStep(value, files, usual);
  expect(step.sites.map(({ module, layer, inputs, outputs }) => [module, layer, inputs, outputs])).toEqual([0, 1].flatMap((layer) => [[`layers.${layer}.query`, layer, d, d], [`layers.${layer}.value`, layer, d, d]]));
  expect(step.notes).toHaveLength(1);
  expect(step.parameters.map(({ name, dims }) => [name, ...dims])).toEqual([
    ...['0.query', '0.value', '1.query', '1.value'].flatMap((part) => [[`layers.${part}.a`, d, 2], [`layers.${part}.b`, 2, d]]), ['rating.weight', d, 2], ['rating.bias', 2],
  ]);
  // B is zero, so A has no influence yet; the seed decides the rest.
  const { gradients } = await step.run(ratingsOf(2, 3, 2));
  expect(gradients['layers.0.query.a']!.every((value_) => value_ === 0)).toBe(true);
  expect(gradients['layers.0.query.b']!.some((value_) => value_ !== 0)).toBe(true);
  const [again, other] = await Promise.all([5, 6].map((seed) => openTrainingStep(value, files, { ...usual, seed })));
  expect(again!.tensors).toEqual(step.tensors);
  expect(other!.tensors['layers.0.query.a']).not.toEqual(step.tensors['layers.0.query.a']);
  await Promise.all([step.dispose(), again!.dispose(), other!.dispose()]);
});

test('hundreds of steps bring the loss down, and the runtime\'s memory stays as large as it was', async () => {
  const { files, value } = await tiny();
  const step = await openTrainingStep(value, files, { ...usual, dropout: 0.1 });
  // About 180 kB go in at each step, most of them masks of dropout.
  const random = ratingsOf(64, 16, 2);
  const batch = { ...random, targets: random.targets.map((target) => target + 2) };
  const losses: number[] = [];
  const learn = async (steps: number): Promise<void> => {
    for (let at = 0; at < steps; at++) {
      const { loss, gradients } = await step.run(batch, new PhiloxStream(3, losses.length));
      losses.push(loss);
      for (const { name, values } of step.parameters) values.forEach((number, i) => (values[i] = number - 0.1 * gradients[name]![i]!));
    }
  };
  await learn(40);
  const sizes = memories.map(({ buffer }) => buffer.byteLength);
  // What 360 steps are fed would not fit.
  expect(Math.max(...sizes)).toBeLessThan(360 * 180e3);
  expect(Math.max(...sizes)).toBeGreaterThan(2 ** 20);
  await learn(360);
  expect(memories.map(({ buffer }) => buffer.byteLength)).toEqual(sizes);
  expect(losses.at(-1)!).toBeLessThan(0.5 * losses[0]!);
  await step.dispose();
});

test(`both backends give the same gradients, for tokens${long ? ' and for ratings' : ''}`, async () => {
  const { files, value } = await tiny();
  const compute = await openCompute();
  const cases = [[places, { type: 'language' }], [ratingsOf(3, 4, 2), { type: 'ratings', dimensions: 2 }]] as const;
  for (const [batch, aim] of long ? cases : cases.slice(0, 1)) {
    const results = [];
    for (const options of [{ device: 'wasm' }, { device: 'webgpu', compute }] as const) {
      const step = await openTrainingStep(value, files, { ...usual, ...options, aim });
      expect(step.backend).toBe(options.device);
      stir(step);
      results.push(await step.run(batch));
      await step.dispose();
    }
    const [cpu, gpu] = results;
    expect(gpu!.loss).toBeCloseTo(cpu!.loss, 5);
    for (const [name, values] of Object.entries(cpu!.gradients)) expect(relativeError(gpu!.gradients[name]!, values), `${aim.type}, ${name}`).toBeLessThan(1e-4);
  }
  compute.gpu!.check();
  compute.dispose();
});

test('predictions are those of the adapters merged into the weights', async () => {
  const { files, value } = await tiny(tinyTransformer({ weights: 'full', outputs: ['last_hidden_state', 'logits'] }));
  const step = await openTrainingStep(value, files, { ...usual, aim: { type: 'language' } });
  const before = await step.predict(places);
  stir(step);
  const after = await step.predict(places);
  expect(after.loss).toBeCloseTo((await step.run(places)).loss, 5);
  expect(-after.predictions.reduce((sum, each) => sum + each, 0) / 3).toBeCloseTo(after.loss, 5);
  expect(Math.abs(after.loss - before.loss)).toBeGreaterThan(1e-3);
  const { bytes } = mergeAdapters(await readOnnx(files, value.onnxFile), step.adapters());
  const merged = await tiny(bytes);
  const plain = await openTrainingStep(merged.value, merged.files, { ...usual, aim: { type: 'language' } });
  expect(relativeError((await plain.predict(places)).predictions, after.predictions)).toBeLessThan(1e-5);
  await Promise.all([step.dispose(), plain.dispose()]);
});

test('a weight that two layers share has one adapter, whose gradient is the sum over both', async () => {
  const bytes = tinyOnnx({
    nodes: [
      { op: 'Gather', inputs: ['table', 'input_ids'], outputs: ['first'] },
      { op: 'MatMul', inputs: ['first', 'shared.layers.0.query.weight'], outputs: ['p'] }, { op: 'Softmax', inputs: ['p'], outputs: ['second'] },
      { op: 'MatMul', inputs: ['second', 'shared.layers.0.query.weight'], outputs: ['q'] }, { op: 'Softmax', inputs: ['q'], outputs: ['last_hidden_state'] },
    ],
    initialisers: { table: { dims: [40, 2], values: Float32Array.from({ length: 80 }, (_, at) => Math.cos(at)) }, 'shared.layers.0.query.weight': { dims: [2, 2], values: Float32Array.of(1, -0.5, 0.2, 0.7) } },
    inputs: ['input_ids'], output: 'last_hidden_state',
  });
  const { files, value } = await tiny(bytes, { architectures: ['BertModel'], hidden_size: 2 });
  const step = await openTrainingStep(value, files, usual);
  expect(step.sites.map(({ module }) => module)).toEqual(['shared.layers.0.query']);
  stir(step);
  const batch = ratingsOf(3, 2, 2);
  const { gradients } = await step.run(batch);
  for (const { name, values } of step.parameters) {
    const numeric = [];
    for (const [at, number] of values.entries()) {
      const [up, down] = [number + 1e-2, number - 1e-2];
      values[at] = up;
      const above = (await step.run(batch)).loss;
      values[at] = down;
      numeric.push((above - (await step.run(batch)).loss) / 2e-2);
      values[at] = number;
    }
    expect(relativeError(gradients[name]!, numeric), name).toBeLessThan(5e-3);
  }
  await step.dispose();
});

test('dropout hits the adapters only, by the stream that is given; predictions are without it', async () => {
  const { files, value } = await tiny();
  const [dropping, plain] = [await openTrainingStep(value, files, { ...usual, dropout: 0.5 }), await openTrainingStep(value, files, usual)];
  const batch = ratingsOf(4, 5, 2);
  const lossOf = async (stream: number): Promise<number> => (await dropping.run(batch, new PhiloxStream(1, stream))).loss;
  // With B at zero the adapters say nothing, whatever is dropped.
  const { loss } = await plain.run(batch);
  expect(await lossOf(0)).toBeCloseTo(loss, 6);
  stir(dropping);
  expect(await lossOf(0)).toBe(await lossOf(0));
  expect(Math.abs((await lossOf(1)) - (await lossOf(0)))).toBeGreaterThan(1e-6);
  stir(plain);
  expect((await dropping.predict(batch)).loss).toBeCloseTo((await plain.run(batch)).loss, 5);
  await expect(dropping.run(batch)).rejects.toThrow('dropout needs a stream');
  await Promise.all([dropping.dispose(), plain.dispose()]);
});

test('two steps for two aims can train the same arrays', async () => {
  const { files, value } = await tiny();
  const ratings = await openTrainingStep(value, files, usual);
  const language = await openTrainingStep(value, files, { ...usual, aim: { type: 'language' }, parameters: ratings.tensors });
  expect(language.parameters.every(({ name, values }) => ratings.tensors[name] === values)).toBe(true);
  await expect(openTrainingStep(value, files, { ...usual, rank: 3, parameters: ratings.tensors })).rejects.toThrow('layers.0.query.a has 16 numbers, not 8 x 3');
  await Promise.all([ratings.dispose(), language.dispose()]);
});

test('batches that do not fit, and settings that make no sense, are refused', async () => {
  const { files, value } = await tiny();
  const step = await openTrainingStep(value, files, usual);
  const batch = ratingsOf(2, 3, 2);
  await expect(step.run(places)).rejects.toThrow('a batch of language cannot train ratings');
  await expect(step.run({ ...batch, targets: new Float32Array(3) })).rejects.toThrow('3 targets for 2 texts');
  await expect(step.run({ ...batch, weights: new Float32Array(5) })).rejects.toThrow('5 weights for 2 x 3 tokens');
  await expect(step.run({ ...batch, targets: new Float32Array(4).fill(NaN) })).rejects.toThrow('nothing of the batch has a known target');
  const unrated = await step.predict({ ...batch, targets: new Float32Array(4).fill(NaN) });
  expect(unrated.loss).toBeNaN();
  expect(unrated.predictions.every(Number.isFinite)).toBe(true);
  const language = await openTrainingStep(value, files, { ...usual, aim: { type: 'language' } });
  await expect(language.run({ ...places, targets: [places.targets[0], places.targets[0]] })).rejects.toThrow('place 1 of text 0 is asked for twice');
  await expect(language.run({ ...places, targets: [{ text: 0, token: 4, id: 1 }] })).rejects.toThrow('text 0 has 4 tokens; a masked model says nothing about place 4');
  const choice = await openTrainingStep(value, files, { ...usual, aim: { type: 'choice', options: 2, layer: 1 } });
  expect(choice.sites.map(({ layer }) => layer)).toEqual([0, 0]);
  const { tokens, weights } = ratingsOf(4, 3, 1);
  await expect(choice.run({ type: 'choice', tokens, weights, right: [1] })).rejects.toThrow('1 right options for 4 texts');
  await expect(choice.run({ type: 'choice', tokens, weights, right: [1, 2] })).rejects.toThrow('the right option is 2, not one of 0 to 1');
  const { loss } = await choice.run({ type: 'choice', tokens, weights, right: [1, 0] });
  const { predictions } = await choice.predict({ type: 'choice', tokens, weights, right: [1, 0] });
  expect(-(predictions[1]! + predictions[2]!) / 2).toBeCloseTo(loss, 5);
  await Promise.all([step.dispose(), language.dispose(), choice.dispose()]);
  const open = (options: Partial<TrainingOptions>) => openTrainingStep(value, files, { ...usual, ...options });
  await expect(open({ rank: 0 })).rejects.toThrow('the rank is 0');
  await expect(open({ scale: 0 })).rejects.toThrow('the scale of the adapters is 0');
  await expect(open({ dropout: 1 })).rejects.toThrow('the dropout is 1');
  await expect(open({ aim: { type: 'ratings', dimensions: 1, layer: 3 } })).rejects.toThrow('the layer to pool is 3. Choose one of 1 to 2.');
  await expect(open({ choose: () => false })).rejects.toThrow('none of its matrix products is chosen to carry an adapter. Choose some of layers.0.query, layers.0.key, layers.0.value, layers.0.output, layers.0.up, layers.0.down, layers.1.query');
});

test('the bundled model can be trained: queries and values of every block, named, and a step down the gradient lowers the loss', async () => {
  const files = bundledFiles(new URL('/', location.href).href, 'sensorium-mini');
  const value = await inspectModel(files, { dtype: 'fp32' });
  const step = await openTrainingStep(value, files, { ...usual, rank: 4 });
  const layers = value.hiddenStates.length - 1;
  expect(step.sites.map(({ module, layer }) => [layer, module.slice(module.lastIndexOf('.') + 1)])).toEqual(Array.from({ length: layers }, (_, layer) => [[layer, 'query'], [layer, 'value']]).flat());
  expect(step.notes).toEqual([]);
  stir(step);
  const batch = ratingsOf(8, 6, 2);
  const { loss, gradients } = await step.run(batch);
  const squared = Object.values(gradients).reduce((sum, values) => sum + values.reduce((all, number) => all + number ** 2, 0), 0);
  // A step so short that the loss falls by a thousandth of itself, if the gradient is right.
  const rate = (1e-3 * loss) / squared;
  for (const { name, values } of step.parameters) values.forEach((number, at) => (values[at] = number - rate * gradients[name]![at]!));
  expect((loss - (await step.run(batch)).loss) / loss / 1e-3).toBeCloseTo(1, 1);
  await step.dispose();
});

const bertModules = [0, 1, 2, 3].flatMap((layer) => ['query', 'value'].map((part) => `encoder.layer.${layer}.attention.self.${part}`));
const llamaModules = [0, 1, 2, 3].flatMap((layer) => ['q_proj', 'v_proj'].map((part) => `model.layers.${layer}.self_attn.${part}`));

for (const [folder, file, others, expected] of [
  ['random-bert', 'torchscript_opset14.onnx', [], bertModules],
  ['random-bert', 'ort_optimised.onnx', [], bertModules],
  ['random-bert', 'dynamo_external.onnx', ['model.onnx.data'], bertModules],
  ['random-llama', 'dynamo.onnx', [], llamaModules],
  ['stories260k', 'onnx/model.onnx', [], [...llamaModules, 'model.layers.4.self_attn.q_proj', 'model.layers.4.self_attn.v_proj']],
] as const) {
  testWithShared(`the modules of ${folder}/${file} are found by their names in PyTorch`, async () => {
    const { files, value } = await inspectShared(folder, file, others);
    const step = await openTrainingStep(value, files, usual);
    expect(step.sites.map(({ module }) => module).toSorted()).toEqual(expected.toSorted());
    expect(step.sites.every(({ module, layer }) => module.includes(`.${layer}.`))).toBe(true);
    expect(step.notes).toEqual([]);
    await step.dispose();
  });
}

testWithShared('fused attention and quantised products are refused by name, with what to choose instead', async () => {
  for (const [folder, file, dtype, words] of [
    ['random-bert', 'fused_mha.onnx', 'fp32', /node Attention_3: gradients must pass through it, but its operator MultiHeadAttention of com.microsoft has no rule for them. Choose an export whose attention is written in plain operators/],
    ['random-llama', 'genai_like.onnx', 'fp32', /operator GroupQueryAttention of com.microsoft has no rule/],
    ['random-bert', 'q4.onnx', 'q4', /none of its matrix products is chosen to carry an adapter. Choose an fp32 export/],
    ['random-bert', 'q8.onnx', 'q8', /none of its matrix products is chosen to carry an adapter. Choose an fp32 export/],
  ] as const) {
    const { files, value } = await inspectShared(folder, file, [], dtype);
    await expect(openTrainingStep(value, files, usual), file).rejects.toThrow(words);
  }
});

testWithShared('behind the last fused attention, fused norms and activations give the gradients of the plain graph', async () => {
  const choose = ({ module }: { readonly module: string }): boolean => /layer\.3\.(attention\.output|intermediate|output)\.dense$/.test(module);
  const batch = ratingsOf(3, 4, 2);
  const results = [];
  for (const file of ['torchscript_opset17.onnx', 'fused_mha.onnx', 'fused_attention.onnx']) {
    const { files, value } = await inspectShared('random-bert', file);
    const step = await openTrainingStep(value, files, { ...usual, choose });
    expect(step.sites).toHaveLength(3);
    stir(step);
    results.push(await step.run(batch));
    await step.dispose();
  }
  const [plain, ...fused] = results;
  for (const { gradients } of fused) for (const [name, values] of Object.entries(plain!.gradients)) expect(relativeError(gradients[name]!, values), name).toBeLessThan(1e-4);
});

/**
 * Training and tuned models against PyTorch and peft, asked while the test runs; skipped where there is no Python for it
 * (see test/python.ts).
 */
import { commands } from 'vitest/browser';
import { describe, expect, test } from 'vitest';
import { loadDemo } from '../../src/data/demo.ts';
import { ratingsOf } from '../../src/data/ratings.ts';
import { textsOf } from '../../src/data/table.ts';
import type { TuningCard } from '../../src/data/tuned.ts';
import type { ModelValue } from '../../src/data/values.ts';
import { adapterZip } from '../../src/kinds/finetune/adapter-zip.ts';
import type { TokenBatch } from '../../src/models/feeds.ts';
import { bundledFiles, type ModelFiles } from '../../src/models/files.ts';
import { inspectModel } from '../../src/models/inspect.ts';
import { openSession } from '../../src/models/session.ts';
import { loadTokenizer } from '../../src/models/tokens.ts';
import { openTrainingStep, type StepBatch, type TrainingAim, type TrainingStep } from '../../src/tuning/step.ts';
import { ratingTask } from '../../src/tuning/tasks/rating.ts';
import { textTask } from '../../src/tuning/tasks/text.ts';
import type { Part } from '../../src/tuning/trainer.ts';
import { tunedFiles, tunedModel } from '../../src/tuning/tuned.ts';
import { inspectShared, sharedFolderFiles } from '../models/support.ts';
import { sharedFolder } from '../shared.ts';
import { expectSameCurve, followed, optimiser, steps, type Curve, type Run } from './agreement-curves.ts';

const reason = await commands.whyNoPython();

interface Texts {
  readonly ids: readonly (readonly number[])[];
  readonly mask: readonly (readonly number[])[];
}

function textsFor({ ids, tokens, padding }: TokenBatch): Texts {
  const filled = (row: readonly number[], value: (at: number) => number): number[] => Array.from({ length: tokens }, (_, at) => value(at));
  return { ids: ids.map((row) => filled(row, (at) => row[at] ?? padding)), mask: ids.map((row) => filled(row, (at) => Number(at < row.length))) };
}

/** A batch as Python reads it. */
function plain(batch: StepBatch, causal: boolean): object {
  switch (batch.type) {
    case 'ratings': return { ...textsFor(batch.tokens), weights: [...batch.weights], targets: [...batch.targets].map((target) => (Number.isNaN(target) ? null : target)) };
    case 'language': return { ...textsFor(batch.tokens), causal, targets: batch.targets.map(({ text, token, id }) => [text, token, id]) };
    case 'choice': case 'options': throw new Error('no reference for questions');
    default: throw new Error(`unknown batch ${String(batch satisfies never)}`);
  }
}

interface Trial {
  readonly value: ModelValue;
  readonly files: ModelFiles;
  /** Class and folder of the model in PyTorch. */
  readonly architecture: string;
  readonly folder: string;
  readonly aim: TrainingAim;
  readonly batch: Part['task']['batch'];
  readonly run: Run;
}

/** Trains here and in Python, from the same first values on the same batches. */
async function trainTwice({ value, files, architecture, folder, aim, batch, run }: Trial): Promise<{ step: TrainingStep; actual: Curve; expected: Curve }> {
  const [rank, scale] = [8, 2];
  const step = await openTrainingStep(value, files, { device: 'wasm', aim, rank, scale, seed: 3 });
  const first = Object.fromEntries(step.parameters.filter(({ name }) => !name.endsWith('.b')).map(({ name, values }) => [name, [...values]]));
  const batches = Array.from({ length: steps }, (_, index) => plain(batch(index), aim.type === 'language' && aim.objective === 'causal'));
  const modules = step.sites.map(({ module }) => module);
  const asked = commands.askPython({ task: 'train', class: architecture, model: folder, modules, rank, scale, first, batches, settings: { optimiser, clip: run.clip, schedule: run.schedule } });
  const actual = await followed(step, batch, run);
  return { step, actual, expected: (await asked) as Curve };
}

describe.skipIf(reason !== null)(`with Python (${reason ?? 'found'})`, () => {
  test('ratings of words: the bundled model follows PyTorch and peft for 100 steps, and its states then agree three ways', { timeout: 600_000 }, async () => {
    const files = bundledFiles(new URL('/', location.href).href, 'sensorium-mini');
    const value = await inspectModel(files, { dtype: 'fp32' });
    const table = await loadDemo('/');
    const words = textsOf(table, 'word', '');
    const rows = words.map((_, row) => row);
    const ratings = ratingsOf(table, rows, '*', 'illustrative', '');
    const task = ratingTask(
      { words, ratings, train: rows.slice(0, 200) },
      { name: 'rating', seed: 3, batchSize: 8, contextLength: value.contextLength, dimensions: ratings.dimensions, scaling: 'zscore', templates: ['{word}', 'the {word} here'], pooling: 'mean' }, await loadTokenizer(files),
    );
    const model = { value, files, architecture: 'BertForMaskedLM', folder: await commands.torchFolder('sensorium-mini') };
    const { step, actual, expected } = await trainTwice({ ...model, aim: { type: 'ratings', dimensions: ratings.dimensions.length }, batch: task.batch, run: { schedule: { decay: 'linear', peak: 0.005, warmUp: 10, steps }, clip: 1 } });
    expect(expected.losses).toHaveLength(steps);
    expectSameCurve(actual, expected, 0.8);
    // Words that were not trained on, in both contexts.
    await expectSameStates({ ...model, step, batch: task.evaluation(rows.slice(200, 206))[0]! });
    await step.dispose();
  });

  test.skipIf(!sharedFolder)('text: a decoder follows PyTorch and peft for 100 steps (skipped without ../shared)', { timeout: 600_000 }, async () => {
    const files = await sharedFolderFiles('stories260k', ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'onnx/model.onnx']);
    const value = await inspectModel(files, { dtype: 'fp32' });
    const things = ['dog', 'bird', 'tree', 'girl', 'boy', 'ball', 'house', 'cat'];
    const sentences = things.flatMap((one) => things.map((other) => `The ${one} said to the ${other}: I like your big red ${one}.`));
    const task = textTask(sentences, sentences.map((_, row) => row), { name: 'text', seed: 2, batchSize: 8, contextLength: value.contextLength, objective: 'causal', vocabulary: 512 }, await loadTokenizer(files));
    const { step, actual, expected } = await trainTwice({
      value, files, architecture: 'LlamaForCausalLM', folder: `${sharedFolder}/models/stories260k`, aim: { type: 'language', objective: 'causal' }, batch: task.batch, run: { schedule: { decay: 'cosine', peak: 0.003, warmUp: 5, steps }, clip: 1 },
    });
    expect(expected.losses).toHaveLength(steps);
    expectSameCurve(actual, expected, 0.5);
    await step.dispose();
  });

  test.skipIf(!sharedFolder)('a random encoder, tuned hard in a few steps: its states agree three ways (skipped without ../shared)', { timeout: 600_000 }, async () => {
    const { files, value } = await inspectShared('random-bert', 'torchscript_opset14.onnx');
    const step = await openTrainingStep(value, files, { device: 'wasm', aim: { type: 'ratings', dimensions: 2 }, rank: 4, scale: 3, seed: 8, choose: ({ layer }) => layer !== null });
    expect(step.sites).toHaveLength(24);
    const ids = [[2, 45, 1200, 7, 999, 3], [2, 17, 64, 3], [2, 800, 3]];
    const batch = { type: 'ratings', tokens: { batch: 3, tokens: 6, ids, padding: 0 }, weights: Float32Array.from(ids.flatMap((text) => [0, 1, 2, 3, 4, 5].map((at) => Number(at > 0 && at < text.length - 1)))), targets: Float32Array.of(1, -1, 2, 0, -2, 1) } as const;
    for (let at = 0; at < 12; at++) {
      const { gradients } = await step.run(batch);
      for (const { name, values } of step.parameters) values.forEach((number, i) => (values[i] = number - 0.05 * Math.sign(gradients[name]![i]!)));
    }
    await expectSameStates({ value, files, step, batch, architecture: 'BertModel', folder: `${sharedFolder}/models/random-bert` });
    await step.dispose();
  });
});

const bareCard: TuningCard = { base: '', seed: 3, settings: {}, parameters: 0, history: [], validation: [], parts: [], steps, keptStep: steps, stoppedEarly: false, device: 'wasm', seconds: 0 };

interface ThreeWays {
  readonly value: ModelValue;
  readonly files: ModelFiles;
  readonly step: TrainingStep;
  readonly batch: Extract<StepBatch, { type: 'ratings' }>;
  readonly architecture: string;
  readonly folder: string;
}

/** Pooled states of layer `layer` out of the trainer's own graph, whose adapters are branches: a head that hands them on. */
async function statesOfTrainer({ value, files, step, batch }: ThreeWays, layer: number): Promise<Float32Array> {
  const d = value.hiddenSize;
  const identity = Float32Array.from({ length: d * d }, (_, at) => Number(at % (d + 1) === 0));
  const { rank, scale } = step.adapters()[0]!;
  const tuned = new Set(step.sites.map(({ module }) => module));
  const reader = await openTrainingStep(value, files, {
    device: 'wasm', choose: ({ module }) => tuned.has(module), aim: { type: 'ratings', dimensions: d, layer }, rank, scale, seed: 0, parameters: { ...step.tensors, 'rating.weight': identity, 'rating.bias': new Float32Array(d) },
  });
  const { predictions } = await reader.predict({ ...batch, targets: new Float32Array(batch.tokens.batch * d).fill(NaN) });
  await reader.dispose();
  return predictions;
}

/** Per layer the states of each text, pooled. */
async function statesMerged(value: ModelValue, files: ModelFiles, { tokens, weights }: ThreeWays['batch']): Promise<Float32Array[]> {
  const session = await openSession(value, tunedFiles(value, files), { device: 'wasm' });
  const states = await session.pooled(tokens, weights);
  await session.dispose();
  return states;
}

/** The same from the zip that the app gives, in peft on the PyTorch model. */
async function statesInPeft(tuned: ModelValue, { batch: { tokens, weights }, architecture, folder }: ThreeWays): Promise<Float32Array[]> {
  type States = readonly (readonly (readonly (readonly number[])[])[])[];
  const task = { task: 'states', class: architecture, model: folder, adapter: 'adapter.zip', ...textsFor(tokens) };
  const { states, changed } = (await commands.askPython(task, { 'adapter.zip': base64(await adapterZip(tuned)) })) as { states: States; changed: readonly string[] };
  expect(changed).toHaveLength(tuned.tuned!.rounds[0]!.adapters.length);
  return states.map((texts) => Float32Array.from(texts.flatMap((text, row) => {
    const own = weights.subarray(row * tokens.tokens, (row + 1) * tokens.tokens);
    const sum = own.reduce((total, weight) => total + weight, 0);
    return text[0]!.map((_, i) => text.reduce((total, token, at) => total + own[at]! * token[i]!, 0) / sum);
  })));
}

function base64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}

const largest = (a: Float32Array, b: Float32Array): number => {
  expect(a).toHaveLength(b.length);
  return a.reduce((most, value, at) => Math.max(most, Math.abs(value - b[at]!)), 0);
};

/** Within 1e-4: merged into the ONNX file and exported to peft in every layer, in the trainer in two of them. */
async function expectSameStates(ways: ThreeWays): Promise<void> {
  const { value, files, step, batch } = ways;
  const tuned = await tunedModel(value, { adapters: step.adapters(), heads: [], card: bareCard }, 'tuned');
  const base = await statesMerged(value, files, batch);
  const merged = await statesMerged(tuned, files, batch);
  const inPeft = await statesInPeft(tuned, ways);
  expect([merged.length, inPeft.length]).toEqual([base.length, base.length]);
  for (let layer = 0; layer < base.length; layer++) {
    expect(largest(merged[layer]!, inPeft[layer]!), `layer ${layer}, merged and peft`).toBeLessThan(1e-4);
    if (layer !== 2 && layer !== base.length - 1) continue;
    const inTrainer = await statesOfTrainer(ways, layer);
    expect(largest(inTrainer, merged[layer]!), `layer ${layer}, trainer and merged`).toBeLessThan(1e-4);
    expect(largest(inTrainer, inPeft[layer]!), `layer ${layer}, trainer and peft`).toBeLessThan(1e-4);
    // Agreement says something: tuning moved these states.
    expect(largest(merged[layer]!, base[layer]!), `layer ${layer}, tuned and not`).toBeGreaterThan(0.05);
  }
}

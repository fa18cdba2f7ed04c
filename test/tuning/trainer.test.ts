/** The training loop: on the bundled model and the demo words, and where exact numbers are wanted on a parabola. */
import { expect, test } from 'vitest';
import { suspension } from '../../src/base/problem.ts';
import { loadDemo } from '../../src/data/demo.ts';
import { ratingsOf } from '../../src/data/ratings.ts';
import { textsOf } from '../../src/data/table.ts';
import type { Tuning, TuningCard } from '../../src/data/tuned.ts';
import { bundledFiles, localFiles } from '../../src/models/files.ts';
import { inspectModel } from '../../src/models/inspect.ts';
import { openSession } from '../../src/models/session.ts';
import { loadTokenizer } from '../../src/models/tokens.ts';
import { parseCheckpoint, serialiseCheckpoint, type Checkpoint } from '../../src/tuning/checkpoint.ts';
import { defaultOptimiser } from '../../src/tuning/optimiser.ts';
import { splitWords } from '../../src/tuning/split.ts';
import { openTrainingStep, type TrainingStep } from '../../src/tuning/step.ts';
import { planMixture } from '../../src/tuning/tasks/mixture.ts';
import { ratingTask } from '../../src/tuning/tasks/rating.ts';
import { train, type Part, type TrainSettings } from '../../src/tuning/trainer.ts';
import { tunedFiles, tunedModel } from '../../src/tuning/tuned.ts';

const files = bundledFiles(new URL('/', location.href).href, 'sensorium-mini');
const value = await inspectModel(files, { dtype: 'fp32' });
const tokeniser = await loadTokenizer(files);
const table = await loadDemo('/');
const words = textsOf(table, 'word', '');
const ratings = ratingsOf(table, words.map((_, row) => row), '*', 'illustrative', '');
const { sides } = splitWords({ words, translations: { nl: textsOf(table, 'dutch', '') }, split: [] }, { validation: 0.1, test: 0.2, seed: 1 }, '');
const rowsOn = (side: string): number[] => sides.flatMap((own, row) => (own === side ? [row] : []));
const dimensions = ['Auditory', 'Gustatory', 'Visual', 'Hand_arm'];
const task = ratingTask(
  { words, ratings, train: rowsOn('train') },
  { name: 'rating', seed: 3, batchSize: 12, contextLength: value.contextLength, dimensions, scaling: 'zscore', templates: ['{word}'], pooling: 'mean' }, tokeniser,
);
const validation = task.evaluation(rowsOn('validation'));
const settings = (steps: number, change: Partial<TrainSettings> = {}): TrainSettings => ({
  run: 'this', seed: 3, plan: planMixture([{ steps, shares: { rating: 1 } }], ['rating'], ''),
  schedule: { decay: 'linear', peak: 0.02, warmUp: 2, steps }, optimiser: defaultOptimiser, clip: 1,
  stopping: { patience: null, improvement: 0 }, evaluateEvery: 4, ...change,
});
const open = (): Promise<TrainingStep> => openTrainingStep(value, files, { device: 'wasm', aim: { type: 'ratings', dimensions: dimensions.length }, rank: 4, scale: 2, dropout: 0.1, seed: 5 });

test('a run learns, keeps its best weights, and resumes bit-equal from a checkpoint in another session', { timeout: 300_000 }, async () => {
  const step = await open();
  const labels: string[] = [];
  const checkpoints: Checkpoint[] = [];
  const parts: Part[] = [{ task, step, validation }];
  const every = { checkpointEvery: 5 };
  const whole = await train(settings(12, every), parts, { progress: ({ label }) => labels.push(label), checkpoint: (one) => void checkpoints.push(one) });
  expect(whole).toMatchObject({ stoppedEarly: false, end: { step: 12, taken: { rating: 12 } } });
  expect(whole.end.validation.map((point) => point.step)).toEqual([0, 4, 8, 12]);
  const best = Math.min(...whole.end.validation.map(({ loss }) => loss));
  expect(best).toBeLessThan(whole.end.validation[0]!.loss);
  expect(whole.end.validation.find(({ loss }) => loss === best)?.step).toBe(whole.keptStep);
  expect(step.tensors).toEqual(whole.end.stopping.weights);
  // A slow machine tells of validation as well.
  const ofSteps = labels.filter((label) => !label.includes(', batch '));
  expect(ofSteps).toHaveLength(12);
  expect(ofSteps[6]).toMatch(/^step 7 of 12, loss [\d.]+, validation [\d.]+, [\d.]+ steps\/s, [\d.]+ m?s left$/);
  expect(checkpoints.map((one) => one.step)).toEqual([5, 10]);
  await step.dispose();

  const second = await open();
  const resumed = await train(settings(12), [{ task, step: second, validation }], {}, parseCheckpoint(serialiseCheckpoint(checkpoints[0]!), 'this'));
  expect(serialiseCheckpoint(resumed.end)).toEqual(serialiseCheckpoint(whole.end));
  expect(second.tensors).toEqual(step.tensors);
  await expect(train(settings(12, { run: 'another' }), [{ task, step: second, validation }], {}, checkpoints[0]!)).rejects.toThrow('the checkpoint is of the run this, not another');

  // Cancelled between two steps.
  const controller = new AbortController();
  const done: number[] = [];
  await expect(train(settings(12), [{ task, step: second, validation: [] }], {
    signal: controller.signal,
    progress: (progress) => {
      done.push(progress.done);
      if (progress.done === 3) controller.abort();
    },
  })).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
  expect(done).toEqual([1, 2, 3]);
  await second.dispose();
});

const card: TuningCard = {
  base: value.label, parts: [], seed: 3, settings: {}, parameters: 0, history: [], validation: [], steps: 8, keptStep: 8, stoppedEarly: false, device: 'wasm', seconds: 0,
};

test('a tuned model is plain data, is opened as any other, and gives what the trainer gave; the base stays as it is', { timeout: 300_000 }, async () => {
  const step = await open();
  await train(settings(8), [{ task, step, validation: [] }]);
  const [batch] = task.evaluation(rowsOn('test'));
  const { predictions } = await step.predict(batch!);
  const [weight, bias] = [step.tensors['rating.weight']!.slice(), step.tensors['rating.bias']!.slice()];
  const tuning: Tuning = { adapters: step.adapters(), heads: [{ task: 'rating', weight, bias, scales: [] }], card };
  const tuned = structuredClone(await tunedModel(value, tuning, 'tuned'));
  await step.dispose();
  expect(tuned).toMatchObject({ label: 'tuned', id: value.id, tuned: { base: { label: value.label, revision: value.revision } } });
  expect(tuned.revision).not.toBe(value.revision);
  expect((await tunedModel(value, { ...tuning, card: { ...card, seconds: 9 } }, 'other label')).revision).toBe(tuned.revision);
  expect((await tunedModel(value, { ...tuning, adapters: tuning.adapters.slice(1) }, 'tuned')).revision).not.toBe(tuned.revision);

  const pooled = async (model: typeof value): Promise<Float32Array> => {
    const session = await openSession(model, tunedFiles(model, files), { device: 'wasm' });
    const states = (await session.pooled(batch!.tokens, batch!.weights)).at(-1)!;
    await session.dispose();
    return states;
  };
  const before = await pooled(value);
  const states = await pooled(tuned);
  const [d, k] = [value.hiddenSize, dimensions.length];
  predictions.forEach((prediction, at) => {
    let sum = bias[at % k]!;
    for (let i = 0; i < d; i++) sum += states[Math.floor(at / k) * d + i]! * weight[i * k + (at % k)]!;
    expect(Math.abs(sum - prediction)).toBeLessThan(1e-4);
  });
  expect(Math.max(...states.map((state, at) => Math.abs(state - before[at]!)))).toBeGreaterThan(0.01);
  expect(await pooled(value)).toEqual(before);

  // Tuned again: both tunings are in it. Taking the first one back gives the base's states.
  const back = { ...tuning, adapters: tuning.adapters.map((adapter) => ({ ...adapter, scale: -adapter.scale })) };
  const twice = await pooled(await tunedModel(tuned, back, 'twice'));
  expect(Math.max(...twice.map((state, at) => Math.abs(state - before[at]!)))).toBeLessThan(1e-4);

  // The adapters belong to the file that they were trained on.
  const other = localFiles('other', new Map([['config.json', new Blob([await files.read('config.json')])], ['onnx/model.onnx', new Blob([await files.read('onnx/model.onnx'), new Uint8Array([10, 0])])]]));
  await expect(openSession(tuned, tunedFiles(tuned, other), { device: 'wasm' })).rejects.toThrow(/its files are of revision/);
});

/** Loss (w - goal)^2 over one number w, shared by all parts, plus its own h^2: a real objective whose every number is known. */
function parabola(name: string, shared: Float32Array, goal: (batch: number) => number): Part {
  const own = new Float32Array([1]);
  const loss = (at: number): number => (shared[0]! - goal(at)) ** 2 + own[0]! ** 2;
  const batch = (index: number): ReturnType<Part['task']['batch']> => ({ type: 'choice', tokens: { batch: 1, tokens: 1, ids: [[index]], padding: 0 }, weights: new Float32Array([1]), right: [0], source: [index] });
  return {
    task: { name, batch },
    step: {
      tensors: { w: shared, [`${name}.h`]: own },
      run: async ({ tokens }) => ({ loss: loss(tokens.ids[0]![0]!), gradients: { w: Float32Array.of(2 * (shared[0]! - goal(tokens.ids[0]![0]!))), [`${name}.h`]: Float32Array.of(2 * own[0]!) } }),
      predict: async ({ tokens }) => ({ loss: loss(tokens.ids[0]![0]!), predictions: new Float32Array() }),
    },
    validation: [batch(0)],
  };
}

test('training stops early where validation gets worse, and the best weights are kept', async () => {
  // Validated on batch 0, whose goal is near; the others pull beyond it.
  const part = parabola('near', new Float32Array(1), (batch) => (batch === 0 ? 0.25 : 5));
  const steps = 100;
  const { end, keptStep, stoppedEarly } = await train({
    ...settings(steps), plan: planMixture([{ steps, shares: { near: 1 } }], ['near'], ''), schedule: { decay: 'constant', peak: 0.1, warmUp: 0, steps }, clip: null,
    stopping: { patience: 3, improvement: 0 }, evaluateEvery: 1,
  }, [part]);
  expect(stoppedEarly).toBe(true);
  expect(end.step).toBe(keptStep + 3);
  const losses = end.validation.map(({ loss }) => loss);
  expect(losses[keptStep]).toBe(Math.min(...losses));
  expect(part.step.tensors).toEqual(end.stopping.weights);
  expect(part.step.tensors['w']).not.toEqual(end.parameters['w']);
});

test('in a mixture each head counts its own steps as torch.optim does, and shared weights count all', async () => {
  const shared = new Float32Array(1);
  const parts = [parabola('a', shared, () => 1), parabola('b', shared, () => 1)];
  const steps = 4;
  const rate = 0.01;
  await train({
    ...settings(steps), plan: planMixture([{ steps: 3, shares: { a: 1 } }, { steps: 1, shares: { b: 1 } }], ['a', 'b'], ''), schedule: { decay: 'constant', peak: rate, warmUp: 0, steps }, clip: null,
  }, parts.map((part) => ({ ...part, validation: [] })));
  // Adam's first step is the rate itself, whenever it comes.
  expect(parts[1]!.step.tensors['b.h']![0]).toBeCloseTo(1 - rate, 6);
  // And while the gradient hardly changes, so is every further one.
  expect(parts[0]!.step.tensors['a.h']![0]).toBeCloseTo(1 - 3 * rate, 3);
  expect(shared[0]).toBeCloseTo(4 * rate, 3);
  const strangers = [parabola('a', new Float32Array(1), () => 1), parabola('b', new Float32Array(1), () => 1)];
  await expect(train({ ...settings(steps), plan: planMixture([{ steps, shares: { a: 1, b: 1 } }], ['a', 'b'], '') }, strangers)).rejects.toThrow('two steps train w, each in an array of its own');
});

test('a cancel stops a long validation within it, a suspension after it, and what is kept then has its loss', async () => {
  const part = parabola('slow', new Float32Array(1), () => 1);
  const batches = Array.from({ length: 40 }, () => part.validation[0]!);
  let validated = 0;
  /** As long as a forward pass on wasm, in which no message arrives. */
  const predict: typeof part.step.predict = async (batch) => {
    const until = performance.now() + 30;
    while (performance.now() < until);
    validated++;
    return part.step.predict(batch);
  };
  const slow: Part = { ...part, step: { ...part.step, predict }, validation: batches };
  const steps = 4;
  const run: TrainSettings = { ...settings(steps), plan: planMixture([{ steps, shares: { slow: 1 } }], ['slow'], ''), schedule: { decay: 'constant', peak: 0.1, warmUp: 0, steps }, clip: null, evaluateEvery: 4 };
  const labels: string[] = [];
  const cancelled = new AbortController();
  setTimeout(() => cancelled.abort(), 700);
  await expect(train(run, [slow], { signal: cancelled.signal, progress: ({ label }) => labels.push(label) })).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
  expect(validated).toBeLessThan(40);
  expect(labels[0]).toMatch(/^step 0 of 4, validation, batch \d+ of 40$/);

  const paused = new AbortController();
  const kept: Checkpoint[] = [];
  validated = 0;
  setTimeout(() => paused.abort(suspension()), 100);
  await expect(train(run, [slow], { signal: paused.signal, checkpoint: (one) => void kept.push(one) })).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
  expect(validated).toBe(40);
  expect(kept).toMatchObject([{ step: 0, validation: [{ step: 0, loss: 2 }] }]);
});

test('a suspension waits for the session that an evaluation first opens; a cancel does not', { timeout: 120_000 }, async () => {
  const [batch] = validation;
  const outcome = async (reason?: DOMException): Promise<string> => {
    const controller = new AbortController();
    const step = await openTrainingStep(value, files, { device: 'wasm', aim: { type: 'ratings', dimensions: dimensions.length }, rank: 2, scale: 2, seed: 5 }, { signal: controller.signal });
    controller.abort(reason);
    try {
      return await step.predict(batch!).then(({ loss }) => (loss > 0 ? 'evaluated' : 'without loss'), (error: Error) => error.name);
    } finally {
      await step.dispose();
    }
  };
  expect(await outcome(suspension())).toBe('evaluated');
  expect(await outcome()).toBe('AbortError');
});

/** The parts of fine-tuning together, on the bundled model and the demo words: split, task, step, optimiser, checkpoint, files. */
import { expect, test } from 'vitest';
import { loadDemo } from '../../src/data/demo.ts';
import { ratingsOf } from '../../src/data/ratings.ts';
import { textsOf } from '../../src/data/table.ts';
import { bundledFiles, localFiles } from '../../src/models/files.ts';
import { inspectModel, readOnnx } from '../../src/models/inspect.ts';
import { openSession } from '../../src/models/session.ts';
import { loadTokenizer } from '../../src/models/tokens.ts';
import { parseCheckpoint, serialiseCheckpoint, type Checkpoint } from '../../src/tuning/checkpoint.ts';
import { clipGradients } from '../../src/tuning/clip.ts';
import { mergeAdapters } from '../../src/tuning/files/merge.ts';
import { readPeft, writePeft } from '../../src/tuning/files/peft.ts';
import { defaultOptimiser, optimise, startOptimiser, type Tensors } from '../../src/tuning/optimiser.ts';
import { rateAt, type Schedule } from '../../src/tuning/schedule.ts';
import { splitWords } from '../../src/tuning/split.ts';
import { openTrainingStep, type TrainingStep } from '../../src/tuning/step.ts';
import { startStopping } from '../../src/tuning/stopping.ts';
import { ratingTask } from '../../src/tuning/tasks/rating.ts';

const base = new URL('/', location.href).href;
const files = bundledFiles(base, 'sensorium-mini');
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
const steps = 12;
const schedule: Schedule = { decay: 'linear', peak: 0.02, warmUp: 2, steps };

const open = (parameters?: Tensors): Promise<TrainingStep> =>
  openTrainingStep(value, files, { device: 'wasm', aim: { type: 'ratings', dimensions: dimensions.length }, rank: 4, scale: 2, seed: 5, ...(parameters ? { parameters } : {}) });

function begin(step: TrainingStep): Checkpoint {
  return { run: 'this', seed: 3, step: 0, parameters: step.tensors, optimiser: startOptimiser(step.tensors), taken: { rating: 0 }, stopping: startStopping, history: [], validation: [] };
}

async function train(step: TrainingStep, from: Checkpoint, until: number): Promise<Checkpoint> {
  let run = from;
  while (run.step < until) {
    const { loss, gradients } = await step.run(task.batch(run.taken['rating']!));
    const norm = clipGradients(gradients, 1);
    const rate = rateAt(schedule, run.step);
    const optimiser = optimise(defaultOptimiser, rate, run.optimiser, step.tensors, gradients);
    run = { ...run, step: run.step + 1, optimiser, taken: { rating: run.taken['rating']! + 1 }, history: [...run.history, { step: run.step + 1, task: 'rating', loss, norm, rate }] };
  }
  return run;
}

/** Mean loss on the validation words, by the number of words. */
async function validation(step: TrainingStep): Promise<number> {
  let [sum, count] = [0, 0];
  for (const batch of task.evaluation(rowsOn('validation'))) {
    sum += (await step.predict(batch)).loss * batch.source.length;
    count += batch.source.length;
  }
  return sum / count;
}

test('a short run learns, resumes bit-equal, and its adapters give the same predictions in the trainer, merged, and read back', { timeout: 300_000 }, async () => {
  const step = await open();
  const before = await validation(step);
  const whole = await train(step, begin(step), steps);
  const after = await validation(step);
  expect(after).toBeLessThan(before);
  expect(after).toBeLessThan(0.9);

  // Interrupted: another session that knows nothing but the bytes of the checkpoint.
  const first = await open();
  const bytes = serialiseCheckpoint(await train(first, begin(first), 5));
  await first.dispose();
  const resumed = parseCheckpoint(bytes, 'this');
  const second = await open(resumed.parameters);
  const end = await train(second, resumed, steps);
  await second.dispose();
  expect(serialiseCheckpoint(end)).toEqual(serialiseCheckpoint(whole));

  // Merged into the file that inference uses, and opened as any other model.
  const onnx = await readOnnx(files, value.onnxFile);
  const [batch] = task.evaluation(rowsOn('test'));
  const { predictions } = await step.predict(batch!);
  const fromFiles = readPeft(writePeft(step.adapters(), { base: value.id }), step.sites).adapters;
  for (const adapters of [step.adapters(), fromFiles]) {
    const merged = mergeAdapters(onnx, adapters, { half: 'widen' });
    const folder = localFiles('merged', new Map([['config.json', new Blob([await files.read('config.json')])], ['onnx/model.onnx', new Blob([merged.bytes])]]));
    const session = await openSession(await inspectModel(folder, { dtype: 'fp32' }), folder, { device: 'wasm' });
    const pooled = (await session.pooled(batch!.tokens, batch!.weights)).at(-1)!;
    await session.dispose();
    const [weight, bias] = [step.tensors['rating.weight']!, step.tensors['rating.bias']!];
    const d = value.hiddenSize;
    const k = dimensions.length;
    predictions.forEach((prediction, at) => {
      let sum = bias[at % k]!;
      for (let i = 0; i < d; i++) sum += pooled[Math.floor(at / k) * d + i]! * weight[i * k + (at % k)]!;
      expect(Math.abs(sum - prediction)).toBeLessThan(1e-4);
    });
  }
  // The adapters, not the head alone, were trained.
  expect(Math.max(...mergeAdapters(onnx, step.adapters()).weights.map(({ change }) => change))).toBeGreaterThan(0.01);
  await step.dispose();
});

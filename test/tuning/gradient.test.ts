/** Losses and gradients of adapters and heads, against PyTorch's. */
import { expect } from 'vitest';
import type { AdapterSite } from '../../src/tuning/adapter.ts';
import { openTrainingStep, type StepBatch, type TrainingAim, type TrainingStep } from '../../src/tuning/step.ts';
import { inspectShared } from '../models/support.ts';
import { testWithShared } from '../shared.ts';
import references from './references/gradients.json';

type Reference = {
  readonly loss: number;
  readonly sequences: readonly (readonly number[])[];
  readonly gradients: Readonly<Record<string, readonly number[]>>;
  /** Ratings, or text, token and id of each place. */
  readonly targets?: readonly (number | null | readonly number[])[];
  readonly right?: readonly number[];
};

/** What make_references.py puts into the parameter at this place of its list. */
function numbers(place: number, length: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => 0.3 * Math.sin(0.7 + 1.1 * place + 0.9 * i));
}

function batchOf({ sequences, targets = [], right }: Reference): StepBatch {
  const length = Math.max(...sequences.map((sequence) => sequence.length));
  const tokens = { batch: sequences.length, tokens: length, ids: sequences, padding: 0 };
  const weights = Float32Array.from(sequences.flatMap((sequence) => Array.from({ length }, (_, token) => (token > 0 && token < sequence.length ? 1 : 0))));
  if (right) return { type: 'choice', tokens, weights, right };
  const places = targets.filter((target) => target !== null && typeof target !== 'number');
  if (places.length > 0) return { type: 'language', tokens, targets: places.map(([text, token, id]) => ({ text: text!, token: token!, id: id! })) };
  return { type: 'ratings', tokens, weights, targets: Float32Array.from(targets, (target) => (typeof target === 'number' ? target : NaN)) };
}

/** Norm of the difference over the norm of what is expected. */
function distance(actual: Float32Array, expected: readonly number[]): number {
  expect(actual).toHaveLength(expected.length);
  const difference = Math.hypot(...expected.map((value, at) => value - actual[at]!));
  return difference / Math.hypot(...expected);
}

const cases: readonly (readonly [string, string, readonly string[], Reference])[] = [
  ['random-bert', 'torchscript_opset14.onnx', [], references.bert],
  ['random-bert', 'torchscript_opset17.onnx', [], references.bert],
  ['random-bert', 'ort_optimised.onnx', [], references.bert],
  ['random-bert', 'torchscript_opset17.onnx', [], references.bertChoice],
  ['random-bert', 'dynamo_external.onnx', ['model.onnx.data'], references.bertDynamo],
  ['random-llama', 'dynamo.onnx', [], references.llama],
  ['random-llama', 'dynamo.onnx', [], references.llamaLanguage],
  ['stories260k', 'onnx/model.onnx', [], references.storiesLanguage],
];

for (const [folder, file, others, reference] of cases) {
  const batch = batchOf(reference);
  testWithShared(`gradients of ${folder}/${file} for ${batch.type} agree with PyTorch to 1e-3`, async () => {
    const step = await open(folder, file, others, reference);
    expect(step.parameters.map(({ name }) => name).toSorted()).toEqual(Object.keys(reference.gradients).toSorted());
    Object.keys(reference.gradients).forEach((name, place) => step.tensors[name]!.set(numbers(place, step.tensors[name]!.length)));
    const { loss, gradients } = await step.run(batch);
    expect(Math.abs(loss - reference.loss) / reference.loss).toBeLessThan(1e-5);
    for (const [name, expected] of Object.entries(reference.gradients)) expect(distance(gradients[name]!, expected), name).toBeLessThan(1e-3);
    expect((await step.predict(batch)).loss).toBeCloseTo(loss, 5);
    await step.dispose();
  });
}

async function open(folder: string, file: string, others: readonly string[], reference: Reference): Promise<TrainingStep> {
  const { files, value } = await inspectShared(folder, file, others);
  const aims: Record<StepBatch['type'], TrainingAim> = { ratings: { type: 'ratings', dimensions: 3 }, language: { type: 'language' }, choice: { type: 'choice', options: 4 }, options: { type: 'options', options: 4 } };
  const choose = ({ module }: AdapterSite): boolean => `${module}.a` in reference.gradients;
  return openTrainingStep(value, files, { device: 'wasm', aim: aims[batchOf(reference).type], rank: 2, scale: 0.5, choose, seed: 1 });
}

/**
 * Training the shapes of models that a reader may bring, against PyTorch: tiny models with random weights, exported as the
 * hub's are (shapes/make.py). Each is inspected, trained and read like any other model.
 */
import { expect, test } from 'vitest';
import { localFiles } from '../../src/models/files.ts';
import { inspectModel } from '../../src/models/inspect.ts';
import { openTrainingStep, type StepBatch, type TrainingStep } from '../../src/tuning/step.ts';

interface Loss<Target> {
  readonly loss: number;
  readonly targets: readonly Target[];
  readonly gradients: Readonly<Record<string, readonly number[]>>;
}

interface Reference {
  readonly sequences: readonly (readonly number[])[];
  readonly padding: number;
  readonly ratings: Loss<number>;
  readonly language: Loss<readonly [text: number, token: number, id: number]>;
}

const files = import.meta.glob<string>('./shapes/*/{model.onnx,config.json,reference.json}', { query: '?url', import: 'default', eager: true });

/** What make.py puts into the parameter at this place of its list. */
function numbers(place: number, length: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => 0.3 * Math.sin(0.7 + 1.1 * place + 0.9 * i));
}

async function bytesOf(shape: string, file: string): Promise<Blob> {
  const response = await fetch(files[`./shapes/${shape}/${file}`]!);
  if (!response.ok) throw new Error(`${shape}/${file}: ${response.status}`);
  return response.blob();
}

function batchOf({ sequences, padding, ratings, language }: Reference, loss: 'ratings' | 'language'): StepBatch {
  const length = Math.max(...sequences.map((sequence) => sequence.length));
  const tokens = { batch: sequences.length, tokens: length, ids: sequences, padding };
  if (loss === 'language') return { type: 'language', tokens, targets: language.targets.map(([text, token, id]) => ({ text, token, id })) };
  const weights = Float32Array.from(sequences.flatMap((sequence) => Array.from({ length }, (_, token) => (token > 0 && token < sequence.length ? 1 : 0))));
  return { type: 'ratings', tokens, weights, targets: Float32Array.from(ratings.targets) };
}

async function open(shape: string, reference: Reference, loss: 'ratings' | 'language'): Promise<TrainingStep> {
  const folder = localFiles(shape, new Map([['config.json', await bytesOf(shape, 'config.json')], ['model.onnx', await bytesOf(shape, 'model.onnx')]]));
  const value = await inspectModel(folder, { dtype: 'fp32', onnxFile: 'model.onnx' });
  expect(value.hiddenStates, 'embeddings and two blocks').toHaveLength(3);
  return openTrainingStep(value, folder, {
    device: 'wasm', rank: 2, scale: 0.5, seed: 1,
    aim: loss === 'ratings' ? { type: 'ratings', dimensions: 3 } : { type: 'language' },
    choose: ({ module }) => `${module}.a` in reference[loss].gradients,
  });
}

const shapes = [...new Set(Object.keys(files).map((path) => path.split('/')[2]!))];

test('there are eight shapes', () => expect(shapes).toHaveLength(8));

for (const shape of shapes) {
  for (const loss of ['ratings', 'language'] as const) {
    test(`gradients of a ${shape} model for ${loss} agree with PyTorch to 1e-3`, async () => {
      const reference = JSON.parse(await (await bytesOf(shape, 'reference.json')).text()) as Reference;
      const step = await open(shape, reference, loss);
      const expected = Object.entries(reference[loss].gradients);
      expect(step.parameters.map(({ name }) => name).toSorted()).toEqual(expected.map(([name]) => name).toSorted());
      expected.forEach(([name], place) => step.tensors[name]!.set(numbers(place, step.tensors[name]!.length)));
      const result = await step.run(batchOf(reference, loss));
      expect(Math.abs(result.loss - reference[loss].loss) / reference[loss].loss).toBeLessThan(1e-5);
      for (const [name, gradient] of expected) {
        const difference = Math.hypot(...gradient.map((value, at) => value - result.gradients[name]![at]!));
        expect(difference / Math.hypot(...gradient), name).toBeLessThan(1e-3);
      }
      await step.dispose();
    });
  }
}

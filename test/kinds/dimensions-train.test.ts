/** A probe that learns from the ratings of some words and predicts others. */
import { expect, test } from 'vitest';
import { run } from '../../src/kinds/dimensions/run.ts';
import { fields } from '../../src/kinds/dimensions/schema.ts';
import type { DimensionsValue, RepresentationValue } from '../../src/data/values.ts';
import { contextOf, paramsOf } from './context.ts';

const representation = (label: string, words: readonly string[], d: number, numbers: (word: number, column: number) => number, dimensions: readonly string[] = []): RepresentationValue => ({
  type: 'representation', label, words, language: 'en', categories: [], split: [], dimensions, origin: 'model', dropped: [],
  layers: [{ name: label, index: 0, d, data: Float64Array.from({ length: words.length * d }, (_, at) => numbers(Math.floor(at / d), at % d)) }],
});
const named = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, k) => `word${from + k}`);
/** States of word w: no two columns alike; ratings are a weighted sum of them. */
const state = (w: number, k: number): number => Math.sin((w + 1) * (k + 1) * 1.7) + Math.cos(w * w + k);
const rating = (w: number, column: number): number => 2 + (column === 0 ? state(w, 0) - state(w, 2) : 0.5 * state(w, 1));
const dimensions = ['Auditory', 'Visual'];

const states = representation('states', named(0, 90), 3, state);
const reference = representation('test', named(60, 90), 2, (w, k) => rating(w + 60, k), dimensions);
const taught = representation('training', named(0, 60), 2, rating, dimensions);

async function probe(inputs: Record<string, RepresentationValue>, more: Record<string, unknown> = {}): Promise<{ value: DimensionsValue; warnings: readonly string[] }> {
  const context = contextOf('p', { inputs: { reference, states, ...inputs } });
  return { value: await run(paramsOf(fields, { reference: 'reference', candidates: ['states'], train: 'taught', tests: 'none', ...more }), context), warnings: context.warnings };
}

test('what is a weighted sum of the states is learnt from training words, and told of others', async () => {
  for (const penalty of ['gcv', 'nested']) {
    const { value } = await probe({ taught }, { penalty, control: true });
    expect(value.rows.map(({ dimension, n, method, rhoWithin }) => [dimension, n, method, rhoWithin])).toEqual([['Auditory', 30, 'probe', null], ['Visual', 30, 'probe', null]]);
    for (const { rho, r2, controlRho } of value.rows) {
      expect(rho).toBeGreaterThan(0.999);
      expect(r2!).toBeGreaterThan(0.999);
      expect(Math.abs(controlRho!)).toBeLessThan(0.9);
    }
    expect(value.training).toEqual({ label: 'training', fewest: 60, most: 60 });
  }
});

test('words to be predicted are never trained on, whatever their case: wrong ratings of them do no harm', async () => {
  const poisoned = representation('training', [...named(0, 60), ...named(60, 90).map((word) => word.toUpperCase())], 2, (w, k) => (w < 60 ? rating(w, k) : -100 * rating(w, k)), dimensions);
  const [clean, leaky] = [await probe({ taught }), await probe({ taught: poisoned })];
  expect(leaky.value.rows).toEqual(clean.value.rows);
  expect(leaky.value.training!.most).toBe(60);
  expect(leaky.warnings).toContain('30 words of training are among the words to predict, and were not trained on.');
});

test('training ratings need the dimensions, words of their own and states; settings without effect are told', async () => {
  await expect(probe({ taught: representation('training', named(0, 60), 1, rating, ['Auditory']) })).rejects.toThrow('training has no ratings of Visual');
  await expect(probe({ taught: reference })).rejects.toThrow(/0 words of test can be trained on; 30 are among those to predict/);
  await expect(probe({ taught: states })).rejects.toThrow(expect.objectContaining({ code: 'not-ratings' }));
  expect((await probe({ taught }, { foldings: 3 })).warnings).toContain('foldings is 3: a probe trained on training needs no folds, and is made once.');
});

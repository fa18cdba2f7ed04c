/** The `words` kind on small made-up ratings. */
import { expect, test } from 'vitest';
import { fields } from '../../src/kinds/words/schema.ts';
import { run } from '../../src/kinds/words/run.ts';
import { Bench, put } from '../reference/study.ts';
import { ratings, states, uniforms, wordList } from '../rsa/helpers.ts';

const n = 30;
const words = wordList(n);
const names = ['Visual', 'Haptic', 'Head'];
const values = uniforms(n * 3, 1).map((value) => value * 5);
const human = ratings('human', words, names, values, { origin: 'human' });
/** Off by a constant for every word, and off by more for later words. */
const shifted = ratings('shifted', words, names, values.map((value) => value + 1));
const drifting = ratings('drifting', words, names, values.map((value, k) => value + Math.floor(k / 3) / 10));

function bench(cells: Parameters<typeof put>[1] = {}): Bench {
  const made = new Bench();
  put(made, { human, shifted, drifting, ...cells });
  return made;
}

test('similarity, scale use and movers come from the raw ratings', async () => {
  const value = await bench().run('words', fields, run, { reference: 'human', candidates: ['shifted', 'drifting'], sets: ['sensory', 'all'], movers: 2 });
  expect(value.similarities.map(({ candidate, set, n: count }) => [candidate, set, count])).toEqual([
    ['shifted', 'sensory', n], ['drifting', 'sensory', n], ['shifted', 'all', n], ['drifting', 'all', n],
  ]);
  expect(value.similarities[0]!.mean).toBeCloseTo(1 / (1 + Math.sqrt(2)), 12);
  expect(value.similarities[2]!.mean).toBeCloseTo(1 / (1 + Math.sqrt(3)), 12);
  expect(value.scaleUse[1]!.mean - value.scaleUse[0]!.mean).toBeCloseTo(1, 12);
  expect(value.movers).toHaveLength(1);
  expect(value.movers[0]!.gains.map(({ word }) => word)).toEqual(['w0', 'w1']);
  expect(value.movers[0]!.losses.map(({ word }) => word)).toEqual(['w29', 'w28']);
  expect(value.movers[0]!.gains[0]).toMatchObject({ to: 1 });
  expect(value.rankCorrelations.map(({ a, b, set }) => [a, b, set])).toEqual([['shifted', 'drifting', 'sensory'], ['shifted', 'drifting', 'all']]);
});

test('words that a model did not answer are left out of every comparison of that set', async () => {
  const gap = ratings('gap', words, names, values.map((value, k) => (k === 5 ? NaN : value)));
  const value = await bench({ gap }).run('words', fields, run, { reference: 'human', candidates: ['shifted', 'gap'], sets: ['sensory', 'all'] });
  expect(value.similarities.map(({ n: count }) => count)).toEqual([n, n, n - 1, n - 1]);
  expect(value.words).not.toContain('w1');
  expect(value.dropped).toEqual([{ reason: 'empty Head in gap', words: ['w1'] }]);
});

test('hidden states have no ratings to compare', async () => {
  const hidden = states('hidden', words, 2, [new Float32Array(2 * n)]);
  await expect(bench({ hidden }).run('words', fields, run, { reference: 'human', candidates: ['hidden'] })).rejects.toThrow(/hidden has no named dimensions/);
});

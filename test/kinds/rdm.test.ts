/** The `rdm` kind on small made-up representations. */
import { describe, expect, test } from 'vitest';
import type { RepresentationValue } from '../../src/data/values.ts';
import { metrics } from '../../src/gpu/metric.ts';
import { fields } from '../../src/kinds/rdm/schema.ts';
import { run } from '../../src/kinds/rdm/run.ts';
import { fields as geometryFields } from '../../src/kinds/geometry/schema.ts';
import { run as runGeometry } from '../../src/kinds/geometry/run.ts';
import { fields as rsaFields } from '../../src/kinds/rsa/schema.ts';
import { run as runRsa } from '../../src/kinds/rsa/run.ts';
import { Bench, put } from '../reference/study.ts';
import { normals, ratings, states, wordList } from '../rsa/helpers.ts';

const words = wordList(4);
const human = ratings('human', words, ['Visual', 'Head'], Float64Array.of(0, 0, 3, 4, 0, 1, 3, 0), { categories: ['b', 'a', 'b', 'a'] });

function bench(cells: Parameters<typeof put>[1]): Bench {
  const made = new Bench();
  put(made, cells);
  return made;
}

test('distances are condensed, and words of a category lie together', async () => {
  const value = await bench({ human }).run('map', fields, run, { of: 'human', metric: 'euclidean', standardise: 'none' });
  expect([...value.layers[0]!.distances]).toEqual([5, 1, 3, Math.sqrt(18), 4, Math.sqrt(10)]);
  expect(value).toMatchObject({ label: 'human', words, orderedBy: 'category', standardise: 'none', undefinedPairs: [0], dropped: [] });
  expect([...value.order]).toEqual([0, 2, 1, 3]);
});

test('auto z-scores ratings and leaves hidden states', async () => {
  const hidden = states('hidden', words, 3, [Float32Array.from(normals(12, 1)), Float32Array.from(normals(12, 2))]);
  const made = bench({ human, hidden });
  expect((await made.run('map', fields, run, { of: 'human' })).standardise).toBe('zscore');
  const value = await made.run('map', fields, run, { of: 'hidden' });
  expect(value).toMatchObject({ standardise: 'none', orderedBy: 'clustering' });
  expect(value.layers.map(({ name, index, distances }) => [name, index, distances.length])).toEqual([['embeddings', 0, 6], ['layer 1', 1, 6]]);
  expect([...value.order].sort()).toEqual([0, 1, 2, 3]);
});

test('a set keeps its dimensions only; a set without any is a problem', async () => {
  const made = bench({ human });
  const value = await made.run('map', fields, run, { of: 'human', set: 'motor', metric: 'euclidean', standardise: 'none' });
  expect([...value.layers[0]!.distances]).toEqual([4, 1, 0, 3, 4, 1]);
  put(made, { sight: ratings('sight', words, ['Visual'], new Float64Array(4)) });
  await expect(made.run('map', fields, run, { of: 'sight', set: 'motor' })).rejects.toThrow(/sight has no dimension of the set motor; it has Visual/);
});

test('words with an empty cell are left out, undefined pairs stay and are counted', async () => {
  const gaps = ratings('gaps', words, ['Visual', 'Head'], Float64Array.of(0, 0, NaN, 4, 0, 1, 3, 0));
  const made = bench({ gaps });
  const value = await made.run('map', fields, run, { of: 'gaps', standardise: 'none', order: 'source' });
  expect(value.words).toEqual(['w0', 'w2', 'w3']);
  expect(value.dropped).toEqual([{ reason: 'empty Visual in gaps', words: ['w1'] }]);
  expect([...value.layers[0]!.distances]).toEqual([NaN, NaN, 1]);
  expect(value.undefinedPairs).toEqual([2]);
  expect(made.warnings).toEqual([expect.stringContaining('2 pairs have no cosine distance')]);
});

test('ordering by category without categories falls back to clustering, and says so', async () => {
  const plain = { ...human, categories: [] };
  const made = bench({ plain });
  expect((await made.run('map', fields, run, { of: 'plain', order: 'category' })).orderedBy).toBe('clustering');
  expect(made.warnings).toEqual(['the words have no categories, so they are ordered by clustering.']);
});

test('every dissimilarity draws, and the value says how it was made', async () => {
  const made = bench({ human: ratings('human', words, ['Visual', 'Head', 'Torso'], normals(12, 5)) });
  for (const metric of metrics.filter((one) => one !== 'crossnobis')) {
    const value = await made.run('map', fields, run, { of: 'human', metric, removeMean: true, perChannel: true });
    expect(value).toMatchObject({ metric, removeMean: true, perChannel: true, missing: 'drop', shrinkage: 'schaefer-strimmer', perMeasurement: false, undefinedPairs: [0] });
    expect(value.layers[0]!.distances.every((distance) => distance >= 0)).toBe(true);
  }
});

test('a single dimension is a set of its own, under distances that one number has', async () => {
  const made = bench({ human });
  const value = await made.run('map', fields, run, { of: 'human', set: 'Head', metric: 'euclidean', standardise: 'none' });
  expect([...value.layers[0]!.distances]).toEqual([4, 1, 0, 3, 4, 1]);
  expect(value.set).toBe('Head');
  await expect(made.run('map', fields, run, { of: 'human', set: 'Head' })).rejects.toThrow(/human has head alone here, and one number has no direction/);
});

test('pairwise keeps words with empty cells and says over how little their distances are', async () => {
  const gaps = ratings('gaps', words, ['Visual', 'Head', 'Torso'], Float64Array.of(0, 0, 1, NaN, 4, 1, 0, NaN, 2, 3, 0, 3));
  const made = bench({ gaps });
  const value = await made.run('map', fields, run, { of: 'gaps', metric: 'euclidean', standardise: 'none', missing: 'pairwise', order: 'source' });
  expect(value.words).toEqual(words);
  expect(value).toMatchObject({ missing: 'pairwise', dropped: [], undefinedPairs: [0] });
  expect(value.layers[0]!.distances[1]).toBeCloseTo(Math.sqrt(1.5), 6);
  expect(made.warnings).toEqual(['gaps: 5 of 6 distances are over the dimensions that both words have, at least 1 of 3.']);
  const angles = await made.run('map', fields, run, { of: 'gaps', metric: 'cosine', standardise: 'none', missing: 'pairwise', order: 'source' });
  expect(angles.undefinedPairs).toEqual([1]);
  expect(made.warnings.at(-1)).toContain('too few dimensions in common; they are drawn as gaps');
});

test('ratings keep the digits of their distances, so that a geometry cell ranks them as an rsa cell does', async () => {
  const many = wordList(40);
  // The second half of the words has the directions of the first: their distances are equal but for rounding.
  const doubled = (seed: number): Float64Array => normals(20 * 3, seed).reduce((all, value, k) => { all[k] = value; all[60 + k] = 1.1 * value; return all; }, new Float64Array(120));
  const names = ['Visual', 'Head', 'Torso'];
  const made = bench({ human: ratings('human', many, names, doubled(1)), model: ratings('model', many, names, doubled(2)) });
  const rsa = await made.run('gap', rsaFields, runRsa, { reference: 'human', candidates: ['model'], sets: ['all'], standardise: 'none', permutations: 0, bootstrap: 0 });
  for (const of of ['human', 'model']) await made.run(`${of}_rdm`, fields, run, { of, standardise: 'none' });
  const geometry = await made.run('map', geometryFields, runGeometry, { of: ['human_rdm', 'model_rdm', 'human_rdm'], show: 'rdms', method: 'classical' });
  expect(geometry.secondOrder!.dissimilarity[0]).toBeCloseTo(1 - rsa.rows[0]!.value, 12);
});

test('what was done about missing cells is stored, not what was asked for', async () => {
  const full = ratings('human', words, ['Visual', 'Head', 'Torso'], normals(12, 5));
  const hidden = states('hidden', words, 3, [Float32Array.from(normals(12, 1))]);
  const made = bench({ full, hidden });
  const missing = async (of: string, metric: string): Promise<unknown> => (await made.run('map', fields, run, { of, metric, missing: 'pairwise' })).missing;
  expect([await missing('full', 'euclidean'), await missing('full', 'mahalanobis'), await missing('hidden', 'euclidean')]).toEqual(['pairwise', 'drop', 'drop']);
});

describe('crossnobis', () => {
  const some = wordList(16);
  const d = 6;
  /** Words whose patterns are nothing but noise in both templates. */
  const noise = (seed: number): Float32Array => Float32Array.from(normals(16 * d, seed));
  const measured = (seed: number): RepresentationValue => {
    const measurements = [noise(seed), noise(seed + 1)];
    const data = measurements[0]!.map((value, k) => (value + measurements[1]![k]!) / 2);
    return { ...states('hidden', some, d, [data]), layers: [{ name: 'layer 1', index: 1, d, data, measurements }], measuredBy: { by: 'template', names: ['{word}', 'the {word}'] } };
  };

  test('distances below 0 are kept, clustered and counted as distances', async () => {
    const value = await bench({ hidden: measured(1) }).run('map', fields, run, { of: 'hidden', metric: 'crossnobis', shrinkage: 'diagonal' });
    expect(Math.min(...value.layers[0]!.distances)).toBeLessThan(0);
    expect(value.undefinedPairs).toEqual([0]);
    expect([...value.order].sort((a, b) => a - b)).toEqual(some.map((_, at) => at));
  });

  test('an rsa cell compares them with mean ratings, and says that those are not cross-validated', async () => {
    const made = bench({ human: ratings('human', some, ['Visual', 'Head', 'Torso'], normals(48, 9)), hidden: measured(1) });
    const { rows } = await made.run('gap', rsaFields, runRsa, { reference: 'human', candidates: ['hidden'], metric: 'crossnobis', permutations: 20, bootstrap: 20 });
    expect(rows).toHaveLength(1);
    expect(Math.abs(rows[0]!.value)).toBeLessThan(0.6);
    expect(rows[0]).toMatchObject({ n: 16, pairs: 120 });
    expect(made.warnings.join()).toContain('human: measured once, so its distances are squared Euclidean, not cross-validated.');
  });

  test('what was measured once has none', async () => {
    const one = states('hidden', words, 3, [Float32Array.from(normals(12, 1))]);
    const made = bench({ human, one });
    await expect(made.run('map', fields, run, { of: 'human', metric: 'crossnobis' })).rejects.toThrow(
      'nothing here was measured more than once. Name a column pattern for each rater in raters of a ratings cell, or choose metric: sqeuclidean, which takes one measurement.');
    await expect(made.run('map', fields, run, { of: 'one', metric: 'crossnobis' })).rejects.toThrow(
      'nothing here was measured more than once. Give an activations cell two templates or more and switch keepTemplates on there, or choose metric: sqeuclidean, which takes one measurement.');
  });

  test('a layer that templates only shift is left out where there are others, in rsa cells as well, and stays where nothing is whitened', async () => {
    const made = measured(5);
    const [data, shift] = [noise(3), normals(d, 8)];
    const still = { name: 'embeddings', index: 0, d, data, measurements: [data, data.map((value, k) => value + shift[k % d]!)] };
    const hidden: RepresentationValue = { ...made, layers: [still, ...made.layers] };
    const cells = bench({ human: ratings('human', some, ['Visual', 'Head', 'Torso'], normals(48, 9)), hidden });
    for (const metric of ['crossnobis', 'mahalanobis']) {
      expect((await cells.run('map', fields, run, { of: 'hidden', metric })).layers.map(({ index }) => index)).toEqual([1]);
      const { rows } = await cells.run('gap', rsaFields, runRsa, { reference: 'human', candidates: ['hidden'], metric, permutations: 0, bootstrap: 0 });
      expect(new Set(rows.map(({ layerIndex }) => layerIndex))).toEqual(new Set([1]));
    }
    expect(cells.warnings).toContain('hidden, embeddings is the same under every template, but for what a template adds to all words alike: there is no noise to divide by, and the layer is left out.');
    expect((await cells.run('map', fields, run, { of: 'hidden', metric: 'crossnobis', shrinkage: 'none' })).layers).toHaveLength(2);
  });

  test('templates that change nothing leave no noise to divide by, and the cell says which layer', async () => {
    const data = noise(3);
    const still: RepresentationValue = { ...measured(3), layers: [{ name: 'embeddings', index: 0, d, data, measurements: [data, data] }] };
    await expect(bench({ still }).run('map', fields, run, { of: 'still', metric: 'crossnobis' })).rejects.toThrow(/hidden, embeddings: column 1 of 6 does not vary/);
  });
});

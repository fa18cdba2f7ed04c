/** Blocks on their way to distances: who stays, what is standardised, what the reader is told. */
import { describe, expect, test } from 'vitest';
import type { Layer } from '../../../src/data/values.ts';
import type { Alignment, Block } from '../../../src/rsa/align.ts';
import { plainTreatment, prepareBlocks, requireRows } from '../../../src/rsa/distances/prepare.ts';
import { rdmsOf } from '../../../src/rsa/distances/rdm.ts';
import { largestDifference, normals, wordList } from '../helpers.ts';

const names = ['Auditory', 'Visual', 'Head', 'Torso'];

function rated(data: readonly number[], of = 0, measurements?: readonly Float64Array[]): Block {
  const layer: Layer = { name: 'ratings', index: 0, d: 4, data: Float64Array.from(data), ...(measurements ? { measurements } : {}) };
  return { of, label: 'human', layer, columns: [0, 1, 2, 3], names };
}

function aligned(n: number, blocks = 1): Alignment {
  const every = Uint32Array.from({ length: n }, (_, row) => row);
  return { words: wordList(n), rows: Array.from({ length: blocks }, () => every), dropped: [] };
}

const euclidean = plainTreatment('euclidean', 'none', 'none');
const noCompute = (): never => { throw new Error('ratings stay on the CPU'); };

describe('empty cells', () => {
  const gappy = [
    1, 2, 3, 4,
    NaN, 2, 5, 4,
    1, NaN, NaN, 0,
    0, 0, 0, 1,
  ];

  test('dropped: words with any are left out, and nothing is said about pairs', async () => {
    const { alignment, layers, notes } = await prepareBlocks([rated(gappy)], aligned(4), euclidean);
    expect(alignment.words).toEqual(['w0', 'w3']);
    expect(alignment.dropped).toEqual([{ reason: 'empty Auditory in human', words: ['w1'] }, { reason: 'empty Visual in human', words: ['w2'] }]);
    expect(layers[0]!.n).toBe(2);
    expect(notes).toEqual([]);
  });

  test('pairwise: distances over what both have, scaled up as scikit-learn’s nan_euclidean_distances; the run tells how many', async () => {
    const treatment = { ...euclidean, missing: 'pairwise' as const };
    const { alignment, layers, notes } = await prepareBlocks([rated(gappy)], aligned(4), treatment);
    expect(alignment.words).toHaveLength(4);
    expect(notes).toEqual(['human: 5 of 6 distances are over the dimensions that both words have, at least 1 of 4.']);
    const [found] = await rdmsOf(noCompute, layers, treatment, {});
    // By hand: w0-w1 over 3 of 4, w0-w2 over 2, w0-w3 over 4, w1-w2 over Torso alone, w1-w3 over 3, w2-w3 over 2.
    const expected = [(4 / 3) * 4, 2 * 16, 1 + 4 + 9 + 9, 4 * 16, (4 / 3) * (4 + 25 + 9), 2 * (1 + 1)].map(Math.sqrt);
    expect(largestDifference(found!, expected)).toBeLessThan(1e-15 * 16);
  });

  test.each([
    ['manhattan', [(4 / 3) * 2, 2 * 4]],
    ['chebyshev', [2, 4]],
    ['minkowski3', [Math.cbrt((4 / 3) * 8), Math.cbrt(2 * 64)]],
    ['sqeuclidean', [(4 / 3) * 4, 2 * 16]],
    ['cosine', [1 - (4 + 15 + 16) / (Math.sqrt(29) * Math.sqrt(45)), 1 - 1 / Math.sqrt(17)]],
  ] as const)('pairwise %s by hand', async (metric, expected) => {
    const treatment = { ...plainTreatment(metric, 'none', 'none'), missing: 'pairwise' as const };
    const { layers } = await prepareBlocks([rated(gappy.slice(0, 8))], aligned(2), treatment);
    const [first] = await rdmsOf(noCompute, layers, treatment, {});
    expect(first![0]).toBeCloseTo(expected[0], 14);
    const { layers: others } = await prepareBlocks([rated([...gappy.slice(0, 4), ...gappy.slice(8, 12)])], aligned(2), treatment);
    const [second] = await rdmsOf(noCompute, others, treatment, {});
    expect(second![0]).toBeCloseTo(expected[1], 14);
  });

  test.each(['correlation', 'spearman'] as const)('pairwise %s is that of the common dimensions', async (metric) => {
    const treatment = { ...plainTreatment(metric, 'none', 'none'), missing: 'pairwise' as const };
    const { layers } = await prepareBlocks([rated([1, 2, 5, 4, NaN, 2, 3, 9])], aligned(2), treatment);
    const [found] = await rdmsOf(noCompute, layers, treatment, {});
    // (2, 5, 4) and (2, 3, 9): r = (11/3) / sqrt(14/3 * 86/3) by hand; ranks (1, 3, 2) and (1, 2, 3).
    expect(found![0]).toBeCloseTo(metric === 'spearman' ? 0.5 : 1 - 11 / 3 / Math.sqrt((14 / 3) * (86 / 3)), 12);
  });

  test('complete pairs keep the distance that they have when others are dropped', async () => {
    const values = Array.from(normals(40, 1));
    values[5] = NaN;
    const treatment = { ...plainTreatment('cosine', 'none', 'none'), missing: 'pairwise' as const };
    const [all] = await rdmsOf(noCompute, (await prepareBlocks([rated(values)], aligned(10), treatment)).layers, treatment, {});
    const kept = await prepareBlocks([rated(values)], aligned(10), { ...treatment, missing: 'drop' });
    const [dropped] = await rdmsOf(noCompute, kept.layers, treatment, {});
    expect(kept.alignment.words).toHaveLength(9);
    // Pairs of w0 with w2 ... w9 stand behind the pair w0-w1, of w2 behind those of w1.
    expect(all!.slice(1, 9)).toEqual(dropped!.slice(0, 8));
    expect(all!.slice(17)).toEqual(dropped!.slice(8));
  });

  test('words that have too little in common are left out one by one, the worst first', async () => {
    // w0 and w1 share Torso, w0 and w2 Visual, w1 and w2 nothing: of the two, equal in this, the first goes. Angles need
    // two dimensions: w2 has four bad pairs and goes first, and then w0 and w1 still share too little.
    const sparse = [1, 2, NaN, 4, NaN, NaN, 5, 4, NaN, 3, NaN, NaN, 2, 1, 3, 1, 4, 1, 1, 2];
    const distances = await prepareBlocks([rated(sparse)], aligned(5), { ...euclidean, missing: 'pairwise' });
    expect(distances.alignment.words).toEqual(['w0', 'w2', 'w3', 'w4']);
    expect(distances.alignment.dropped).toEqual([{ reason: 'too few dimensions for a euclidean distance to every other word in human', words: ['w1'] }]);
    const angles = await prepareBlocks([rated(sparse)], aligned(5), { ...plainTreatment('cosine', 'none', 'none'), missing: 'pairwise' });
    expect(angles.alignment.words).toEqual(['w1', 'w3', 'w4']);
  });

  test('two numbers always correlate 1 or -1, so correlation and spearman ask for three in common, and cosine for two', async () => {
    const two = [1, 2, 3, 5, NaN, NaN, 4, 1, 2, 2, 1, 5, 3, 9, 1, 2];
    for (const [metric, left] of [['cosine', ['w0', 'w1', 'w2', 'w3']], ['correlation', ['w0', 'w2', 'w3']], ['spearman', ['w0', 'w2', 'w3']]] as const) {
      expect((await prepareBlocks([rated(two)], aligned(4), { ...plainTreatment(metric, 'none', 'none'), missing: 'pairwise' })).alignment.words).toEqual(left);
    }
  });

  test('a word that is constant on what it shares with others has no direction there, whatever its mean is rounded to', async () => {
    const still = [0.1, 0.1, 0.1, 4, 1, 2, 3, NaN, 2, 5, 1, 3, 4, 1, 2, 2];
    const correlated = await prepareBlocks([rated(still)], aligned(4), { ...plainTreatment('correlation', 'none', 'none'), missing: 'pairwise' });
    expect(correlated.alignment.words).toEqual(['w1', 'w2', 'w3']);
    expect((await prepareBlocks([rated(still)], aligned(4), { ...plainTreatment('cosine', 'none', 'none'), missing: 'pairwise' })).alignment.words).toHaveLength(4);
  });

  test('thousands of words with empty cells take a moment, in which a cancel is heard', async () => {
    const many = Array.from(normals(4000 * 4, 6), (value, k) => (k % 9 === 0 ? NaN : value));
    const spearman = { ...plainTreatment('spearman', 'none', 'none'), missing: 'pairwise' as const };
    const started = performance.now();
    expect((await prepareBlocks([rated(many)], aligned(4000), spearman)).alignment.words.length).toBeGreaterThan(1000);
    expect(performance.now() - started).toBeLessThan(5000);
    const controller = new AbortController();
    const watch = { signal: controller.signal, progress: () => { controller.abort(); } };
    await expect(prepareBlocks([rated(many)], aligned(4000), spearman, '', watch)).rejects.toThrow(/abort/i);
  });

  test('whitened distances need complete words, and say that they drop', async () => {
    const { alignment, notes } = await prepareBlocks([rated(gappy)], aligned(4), { ...plainTreatment('mahalanobis', 'none', 'none'), missing: 'pairwise' });
    expect(alignment.words).toEqual(['w0', 'w3']);
    expect(notes).toContain('mahalanobis distances need complete words, so those with empty cells are dropped.');
  });
});

describe('a single dimension', () => {
  const one: Block = { ...rated([1, 2, 3, 4, 5, 6, 7, 8]), columns: [1] };

  test.each(['cosine', 'correlation', 'spearman'] as const)('has no direction: %s is refused with a way out', async (metric) => {
    await expect(prepareBlocks([one], aligned(2), plainTreatment(metric, 'zscore', 'none'), 'cell gap')).rejects.toThrow(
      `cell gap: metric is ${metric}, but human has visual alone here, and one number has no direction. Choose metric: euclidean for single dimensions.`);
  });

  test('is its own mean, so that there is none to remove', async () => {
    await expect(prepareBlocks([one], aligned(2), { ...euclidean, removeMean: true })).rejects.toThrow(/removeMean is on, but human has visual alone here/);
  });

  test('has the absolute difference as its distance', async () => {
    const [found] = await rdmsOf(noCompute, (await prepareBlocks([one], aligned(2), euclidean)).layers, euclidean, {});
    expect([...found!]).toEqual([4]);
  });
});

describe('measurements', () => {
  const [a, b] = [normals(40, 2), normals(40, 3)];
  const mean = a.map((value, k) => (value + b[k]!) / 2);
  const twice = rated(Array.from(mean), 0, [a, b]);
  const crossnobis = plainTreatment('crossnobis', 'zscore', 'none');

  test('are scaled as their mean is, so that standardised they still have the standardised mean', async () => {
    const [rows] = (await prepareBlocks([twice], aligned(10), crossnobis)).layers;
    const [first, second] = rows!.measurements!;
    expect(largestDifference(rows!.data, first!.map((value, k) => (value + second![k]!) / 2))).toBeLessThan(1e-14);
  });

  test('are read by whitened distances only', async () => {
    expect((await prepareBlocks([twice], aligned(10), plainTreatment('cosine', 'zscore', 'none'))).layers[0]!.measurements).toEqual([]);
  });

  test('crossnobis is refused where nothing was measured twice; beside what was, mean ratings get squared Euclidean distances and the run says so', async () => {
    const once = rated(Array.from(mean), 1);
    await expect(prepareBlocks([once], aligned(10, 2), crossnobis)).rejects.toThrow(/nothing here was measured more than once/);
    const { layers, notes } = await prepareBlocks([once, twice], aligned(10, 2), crossnobis);
    expect(notes).toEqual(['human: measured once, so its distances are squared Euclidean, not cross-validated.']);
    const [found] = await rdmsOf(noCompute, layers, crossnobis, {});
    expect(found).toEqual((await rdmsOf(noCompute, layers, plainTreatment('sqeuclidean', 'zscore', 'none'), {}))[0]);
  });

  test('a word that lacks one of them is left out of crossnobis', async () => {
    const gap = Float64Array.from(b);
    gap[7] = NaN;
    const { alignment } = await prepareBlocks([rated(Array.from(mean), 0, [a, gap])], aligned(10), crossnobis);
    expect(alignment.dropped).toEqual([{ reason: 'empty Torso in measurement 2 of human', words: ['w1'] }]);
  });

  test('of many words that do not fit together are refused before they are copied', () => {
    const states: Block = { of: 0, label: 'bert', columns: null, names: [], layer: { name: 'layer 1', index: 1, d: 768, data: new Float32Array(0), measurements: Array.from({ length: 10 }, () => new Float32Array(0)) } };
    const layers = Array.from({ length: 13 }, () => states);
    expect(() => { requireRows(5000, layers, crossnobis, 'cell gap'); }).toThrow(
      'cell gap: crossnobis reads 143 matrices of 5000 words, measurements and their means, which need 2.2 GB. Draw a sample in the stimuli cell, choose fewer layers, or keep fewer templates apart.');
    expect(() => { requireRows(5000, layers, plainTreatment('cosine', 'none', 'none'), 'cell gap'); }).not.toThrow();
  });

  test('mahalanobis says where it had no noise to divide by', async () => {
    expect((await prepareBlocks([rated(Array.from(mean))], aligned(10), plainTreatment('mahalanobis', 'none', 'none'))).notes)
      .toEqual(['human: measured once, so mahalanobis divides by the covariance of the words around their mean, not by noise.']);
    expect((await prepareBlocks([twice], aligned(10), plainTreatment('mahalanobis', 'none', 'none'))).notes).toEqual([]);
  });
});

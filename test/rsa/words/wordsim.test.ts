import { expect, test } from 'vitest';
import { rdmCpu } from '../../../src/gpu/cpu/rdm.ts';
import { pairIndex } from '../../../src/gpu/condensed.ts';
import { spearman } from '../../../src/rsa/comparators/correlate.ts';
import { doubledRanks } from '../../../src/rsa/comparators/ranks.ts';
import { pairedT, rowCorrelations, rowRanks, wordSimilarities, zscoredSimilarities } from '../../../src/rsa/words/wordsim.ts';
import { largestDifference, normals, uniforms } from '../helpers.ts';

test('similarity is 1 for equal ratings and 1 / (1 + distance) otherwise', () => {
  expect([...wordSimilarities(Float64Array.of(1, 2, 0, 0), Float64Array.of(1, 2, 3, 4), 2, 2)]).toEqual([1, 1 / 6]);
});

test('z-scored similarity does not mind how the scale is used', () => {
  const human = uniforms(40, 1);
  const shifted = human.map((value) => 3 + value / 2);
  expect(largestDifference(zscoredSimilarities(human, shifted, 20, 2), new Float64Array(20).fill(1))).toBeLessThan(1e-12);
});

test('per-word RSA is the rank correlation of a word’s rows without the word itself', () => {
  const n = 25;
  const [a, b] = [1, 2].map((seed) => rdmCpu(uniforms(n * 3, seed).map((value) => Math.round(value * 4)), n, 3, 'euclidean'));
  const row = (rdm: Float64Array, i: number): Float64Array =>
    Float64Array.from([...Array(n).keys()].filter((j) => j !== i), (j) => rdm[pairIndex(n, i, j)]!);
  const found = rowCorrelations(rowRanks(doubledRanks(a!), n), rowRanks(doubledRanks(b!), n), n);
  expect(largestDifference(found, Float64Array.from({ length: n }, (_, i) => spearman(row(a!, i), row(b!, i))))).toBeLessThan(1e-12);
});

test('the paired t is the mean difference over its standard error', () => {
  expect(pairedT(Float64Array.of(2, 4, 6), Float64Array.of(1, 2, 3))).toBeCloseTo(2 / (1 / Math.sqrt(3)), 12);
  const a = normals(50, 1);
  expect(pairedT(a, a.map((value) => value + 1))).toBeLessThan(-1e6);
});

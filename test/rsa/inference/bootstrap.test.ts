import { expect, test } from 'vitest';
import { rdmCpu } from '../../../src/gpu/cpu/rdm.ts';
import { bootstrapCorrelations, drawWeights, WeightedCorrelation } from '../../../src/rsa/inference/bootstrap.ts';
import { pearson } from '../../../src/rsa/comparators/correlate.ts';
import { normals } from '../helpers.ts';

const n = 24;
const features = normals(n * 5, 1);
const reference = rdmCpu(features, n, 5, 'euclidean');
const candidates = [2, 3].map((seed) => rdmCpu(normals(n * 5, seed).map((value, k) => value + features[k]!), n, 5, 'euclidean'));

/** The correlation over pairs of drawn words, copies of one word never paired with each other. */
function explicit(weights: Uint32Array, candidate: Float64Array): number {
  const drawn = [...weights].flatMap((weight, word) => Array<number>(weight).fill(word));
  const x: number[] = [];
  const y: number[] = [];
  for (let a = 0; a < drawn.length; a++) {
    for (let b = a + 1; b < drawn.length; b++) {
      const [i, j] = [drawn[a]!, drawn[b]!];
      if (i === j) continue;
      const pair = i * n - (i * (i + 1)) / 2 + j - i - 1;
      x.push(reference[pair]!);
      y.push(candidate[pair]!);
    }
  }
  return pearson(Float64Array.from(x), Float64Array.from(y));
}

test('weights equal explicit resampling with same-word pairs left out', () => {
  const weigher = new WeightedCorrelation(n, reference, candidates);
  const weights = new Uint32Array(n);
  for (let draw = 0; draw < 20; draw++) {
    drawWeights(5, draw, weights);
    weigher.correlate(weights).forEach((value, c) => expect(value).toBeCloseTo(explicit(weights, candidates[c]!), 10));
  }
});

test('equal weights give the correlation itself', () => {
  const weigher = new WeightedCorrelation(n, reference, candidates);
  expect(weigher.correlate(new Float64Array(n).fill(1))[0]).toBeCloseTo(pearson(reference, candidates[0]!), 12);
});

test('a resample draws n words, and the same seed draws the same ones', () => {
  const weights = drawWeights(9, 4, new Uint32Array(100));
  expect(weights.reduce((sum, weight) => sum + weight, 0)).toBe(100);
  expect([...drawWeights(9, 4, new Uint32Array(100))]).toEqual([...weights]);
  expect([...drawWeights(9, 5, new Uint32Array(100))]).not.toEqual([...weights]);
});

test('candidates share their resamples: one alone gets the same values as among others', async () => {
  const input = { n, reference, draws: 50, seed: 3 };
  const [first] = await bootstrapCorrelations({ ...input, candidates: [candidates[0]!] });
  const [, second] = await bootstrapCorrelations({ ...input, candidates: [candidates[1]!, candidates[0]!] });
  expect([...second!]).toEqual([...first!]);
});

test('too few different words give no value rather than a wrong one', () => {
  const weights = new Uint32Array(n);
  weights[3] = n - 2;
  weights[4] = 2;
  expect(new WeightedCorrelation(n, reference, candidates).correlate(weights)).toEqual([NaN, NaN]);
});

test('cancelling stops it', async () => {
  const abort = new AbortController();
  const watch = { signal: abort.signal, progress: () => abort.abort() };
  await expect(bootstrapCorrelations({ n, reference, candidates, draws: 1_000_000, seed: 1 }, watch)).rejects.toThrow(/abort/i);
});

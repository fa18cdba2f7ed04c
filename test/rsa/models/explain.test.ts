/** Regression of RDMs, its permutation test and bootstrap, and weighted RSA on held-out words. */
import { afterEach, expect, test, vi } from 'vitest';
import type { Progress } from '../../../src/base/progress.ts';
import { pairCount, pairIndex } from '../../../src/gpu/condensed.ts';
import { openCompute } from '../../../src/gpu/compute.ts';
import { permutation } from '../../../src/gpu/permutation.ts';
import { drawWeights } from '../../../src/rsa/inference/bootstrap.ts';
import { pearson, standardised } from '../../../src/rsa/comparators/correlate.ts';
import { explain } from '../../../src/rsa/models/explain.ts';
import { bootstrapRegression } from '../../../src/rsa/models/explain-bootstrap.ts';
import { leastSquares } from '../../../src/rsa/numbers/linear.ts';
import { momentsWithout, pairMoments, WeightedMoments } from '../../../src/rsa/models/pair-products.ts';
import { findCollinear, regress } from '../../../src/rsa/models/partial.ts';
import { partialTest } from '../../../src/rsa/models/partial-test.ts';
import { partition } from '../../../src/rsa/models/partition.ts';
import { runFolds, wordFolds } from '../../../src/rsa/models/weighted-folds.ts';
import { normals } from '../helpers.ts';

afterEach(() => { vi.restoreAllMocks(); });

/** Absolute differences of one random feature: an RDM that words' features make. */
function featureRdm(n: number, seed: number): Float64Array<ArrayBuffer> {
  const feature = normals(n, seed);
  const out = new Float64Array(pairCount(n));
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) out[pairIndex(n, i, j)] = Math.abs(feature[i]! - feature[j]!);
  return out;
}

const sum = (...terms: readonly (readonly [number, Float64Array])[]): Float64Array<ArrayBuffer> =>
  Float64Array.from(terms[0]![1], (_, k) => terms.reduce((total, [weight, values]) => total + weight * values[k]!, 0));

/** What is left of y once the columns and a constant have explained what they can, by plain least squares. */
function residuals(y: Float64Array, columns: readonly Float64Array[]): Float64Array<ArrayBuffer> {
  const all = [new Float64Array(y.length).fill(1), ...columns];
  const dot = (a: Float64Array, b: Float64Array): number => a.reduce((total, value, k) => total + value * b[k]!, 0);
  const weights = leastSquares(Float64Array.from(all.flatMap((a) => all.map((b) => dot(a, b)))), all.map((a) => dot(a, y)), all.length)!;
  return y.map((value, k) => value - all.reduce((total, column, c) => total + weights[c]! * column[k]!, 0)) as Float64Array<ArrayBuffer>;
}

const n = 16;
const [a, b, c, noise] = [1, 2, 3, 4].map((seed) => featureRdm(n, seed)) as [Float64Array<ArrayBuffer>, Float64Array<ArrayBuffer>, Float64Array<ArrayBuffer>, Float64Array<ArrayBuffer>];
const mixed = sum([1, b], [0.6, a]);
const reference = sum([1, a], [0.5, c], [0.7, noise]);
const columns = [reference, a, mixed, c];

test('a partial correlation is the correlation of what the other predictors leave of both, a semipartial one of what they leave of one', async () => {
  const found = regress((await pairMoments(columns)).correlations, 4)!;
  [a, mixed, c].forEach((own, k) => {
    const others = [a, mixed, c].filter((_, other) => other !== k);
    expect(found.partial[k]).toBeCloseTo(pearson(residuals(reference, others), residuals(own, others)), 12);
    expect(found.semipartial[k]).toBeCloseTo(pearson(reference, residuals(own, others)), 12);
  });
  const left = residuals(reference, [a, mixed, c]);
  expect(found.r2).toBeCloseTo(1 - (pearson(left, reference) * Math.sqrt(left.reduce((s, v) => s + v * v, 0) / residuals(reference, []).reduce((s, v) => s + v * v, 0))), 12);
});

test('the terms of a partition sum to R², the subsets of one are the squared correlations, and unique parts are first among the terms', async () => {
  const { correlations } = await pairMoments(columns);
  const { r2, unique, alone, subsets, terms } = partition(correlations, 4, [[1], [2, 3]]);
  expect(terms.map(({ groups }) => groups)).toEqual([[0], [1], [0, 1]]);
  expect(terms.reduce((total, { value }) => total + value, 0)).toBeCloseTo(r2, 12);
  expect(terms[0]!.value).toBeCloseTo(unique[0]!, 12);
  expect(alone[0]).toBeCloseTo(pearson(reference, a) ** 2, 12);
  expect(subsets[2]!.r2).toBe(r2);
});

test('a predictor that helps only by what it takes out of another has a negative shared part', async () => {
  const y = featureRdm(60, 9);
  const error = featureRdm(60, 2);
  const noisy = sum([1, y], [1, error]);
  const { terms } = partition((await pairMoments([y, noisy, error])).correlations, 3, [[1], [2]]);
  const shared = terms.find(({ groups }) => groups.length === 2)!;
  expect(Math.abs(pearson(y, error))).toBeLessThan(0.1);
  expect(shared.value).toBeLessThan(-0.1);
});

test('a predictor that others add up to is found with them, whether exactly or nearly', async () => {
  const exact = await pairMoments([reference, a, b, c, sum([2, a], [1, c])]);
  expect(findCollinear(exact.correlations, 5)).toMatchObject({ others: expect.any(Array) as number[] });
  const found = findCollinear(exact.correlations, 5)!;
  expect([found.predictor, ...found.others].sort()).toEqual([0, 2, 3]);
  const nearly = await pairMoments([reference, a, b, sum([1, a], [0.005, c])]);
  expect(findCollinear(nearly.correlations, 4)).toMatchObject({ others: [expect.any(Number) as number] });
  expect(findCollinear((await pairMoments(columns)).correlations, 4)).toBeNull();
});

test('moments under weights are those of the explicit resample, without pairs of a word and its copy', async () => {
  const weigher = new WeightedMoments(n, columns.map((column) => standardised(column)));
  const weights = new Uint32Array(n);
  for (let draw = 0; draw < 5; draw++) {
    drawWeights(3, draw, weights);
    const drawn = [...weights].flatMap((weight, word) => Array<number>(weight).fill(word));
    const at = drawn.flatMap((i, x) => drawn.slice(x + 1).flatMap((j) => (i === j ? [] : [pairIndex(n, i, j)])));
    const explicit = await pairMoments(columns.map((column) => Float64Array.from(at, (pair) => column[pair]!)));
    weigher.moments(weights).correlations.forEach((value, k) => expect(value).toBeCloseTo(explicit.correlations[k]!, 6));
  }
});

test('moments without a word are those of the pairs among the others', async () => {
  const without = await momentsWithout(n, columns.map((column) => standardised(column)));
  for (const word of [0, 7, n - 1]) {
    const at = Array.from({ length: n }, (_, i) => i).filter((i) => i !== word).flatMap((i, x, all) => all.slice(x + 1).map((j) => pairIndex(n, i, j)));
    const explicit = await pairMoments(columns.map((column) => Float64Array.from(at, (pair) => column[pair]!)));
    without(word).correlations.forEach((value, k) => expect(value).toBeCloseTo(explicit.correlations[k]!, 6));
  }
});

test('a bootstrap of the regression gives the regression of each resample and without each word, NaN where there is none', async () => {
  const { partial, semipartial, unique, r2 } = await bootstrapRegression({ n, columns, groups: [[1], [2, 3]], draws: 6, seed: 3 });
  const scaled = columns.map((column) => standardised(column));
  const last = regress(new WeightedMoments(n, scaled).moments(drawWeights(3, 5, new Uint32Array(n))).correlations, 4)!;
  expect([partial[1]!.draws[5], r2.draws[5]]).toEqual([last.partial[1], Math.sqrt(last.r2)]);
  expect(unique[0]!.draws[5]).toBeCloseTo(Math.abs(last.semipartial[0]!), 10);
  const third = regress((await momentsWithout(n, scaled))(2).correlations, 4)!;
  expect([partial[2]!.without[2], semipartial[2]!.without[2]]).toEqual([third.partial[2], third.semipartial[2]]);
  const few = await bootstrapRegression({ n: 3, columns: [[1, 2, 3], [1, 3, 2]].map((values) => Float64Array.from(values)), groups: [[1]], draws: 20, seed: 1 });
  expect(few.r2.draws.some(Number.isNaN)).toBe(true);
});

/** A condensed RDM with its words in another order. */
function shuffled(values: Float64Array, order: ArrayLike<number>): Float64Array<ArrayBuffer> {
  const out = new Float64Array(values.length);
  for (let i = 0; i < order.length; i++) for (let j = i + 1; j < order.length; j++) out[pairIndex(order.length, i, j)] = values[pairIndex(order.length, order[i]!, order[j]!)]!;
  return out;
}

/** Sum of products per word, over their SD. */
function studentised(x: Float64Array, y: Float64Array, words: number): number {
  const shares = Array.from({ length: words }, (_, i) => Array.from({ length: words }, (__, j) => (i === j ? 0 : x[pairIndex(words, i, j)]! * y[pairIndex(words, i, j)]!)).reduce((s, v) => s + v, 0));
  const total = shares.reduce((s, v) => s + v, 0);
  return total / Math.sqrt(shares.reduce((s, v) => s + (v - total / words) ** 2, 0));
}

const evidence = { greater: (value: number) => value, 'two-sided': Math.abs, less: (value: number) => -value } as const;
const alternatives = ['greater', 'two-sided', 'less'] as const;

/** p of the first predictor's partial correlation and of each simple one, from these orders of the words, the given one first. */
function explicitP(all: readonly Float64Array[], words: number, orders: readonly ArrayLike<number>[], alternative: (typeof alternatives)[number]): { simple: number[]; partial: number[] } {
  const [y, ...predictors] = all as [Float64Array, ...Float64Array[]];
  const share = (values: readonly number[]): number => {
    const out = values.map(evidence[alternative]);
    return out.filter((value) => value >= out[0]! - 1e-6).length / out.length;
  };
  const partial = predictors.map((own, k) => {
    const others = predictors.filter((_, other) => other !== k);
    const [left, without] = [residuals(y, others), residuals(own, others)];
    return share(orders.map((order) => studentised(shuffled(left, order), without, words)));
  });
  return { simple: predictors.map((own) => share(orders.map((order) => pearson(shuffled(y, order), own)))), partial };
}

test('the permutation test of a partial correlation is the explicit one: residuals shuffled by words, each order on its own scale', async () => {
  const permutations = 60;
  const orders = Array.from({ length: permutations }, (_, index) => permutation(n, index, 5));
  for (const alternative of alternatives) {
    const found = await partialTest(openCompute, { n, columns, moments: await pairMoments(columns), scale: 'values', permutations, alternative, seed: 5 });
    expect(found).toEqual({ ...explicitP(columns, n, orders, alternative), exact: false, permutations });
  }
});

test('where there are no more orders of the words than permutations asked for, each is taken once', async () => {
  const words = 5;
  const all = [41, 42, 43].map((seed) => featureRdm(words, seed));
  const orders = ordersOf([...Array(words).keys()]);
  expect(orders).toHaveLength(120);
  for (const alternative of alternatives) {
    const found = await partialTest(openCompute, { n: words, columns: all, moments: await pairMoments(all), scale: 'values', permutations: 1000, alternative, seed: 1 });
    expect(found).toEqual({ ...explicitP(all, words, orders, alternative), exact: true, permutations: 120 });
  }
  const { exact, permutations } = await partialTest(openCompute, { n: words, columns: all, moments: await pairMoments(all), scale: 'values', permutations: 119, seed: 1 });
  expect([exact, permutations]).toEqual([false, 119]);
});

/** Every order of some words, the given one first. */
function ordersOf(words: readonly number[]): number[][] {
  return words.length < 2 ? [[...words]] : words.flatMap((first) => ordersOf(words.filter((word) => word !== first)).map((rest) => [first, ...rest]));
}

test('a test of partial correlations that would take hours is refused before it is made', async () => {
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => (now += 60_000));
  const long = partialTest(openCompute, { n, columns, moments: await pairMoments(columns), scale: 'values', permutations: 10_000, seed: 5, place: 'cell why' });
  await expect(long).rejects.toThrow(/cell why: 10000 permutations would take about \d+ hours.*fewer words/);
});

test('ranking one RDM after another can be cancelled between them', async () => {
  const abort = new AbortController();
  const steps: string[] = [];
  const predictors = [a, mixed, c].map((distances, k) => ({ name: `${k}`, group: `${k}`, control: false, layer: '', layerIndex: 0, distances }));
  const watch = {
    signal: abort.signal,
    progress: ({ label, done, total }: Progress): void => {
      steps.push(`${label} ${done}/${total}`);
      if (done === 1) abort.abort();
    },
  };
  const running = explain(
    { set: 'all', n, reference, referenceName: 'norms', predictors },
    { scale: 'ranks', comparator: 'spearman', permutations: 0, alternative: 'greater', bootstrap: 0, interval: 'corrected', level: 0.95, folds: 0, seed: 1 },
    { compute: openCompute, watch, warn: () => undefined, place: 'cell why' },
  );
  await expect(running).rejects.toThrow(/abort/i);
  expect(steps).toEqual(['all: ranks 0/4', 'all: ranks 1/4']);
});

/** Shares of made-up studies in which p of the first predictor, alone and beyond the others, is at most .05. */
async function found(studies: number, words: number, make: (study: number) => Float64Array[]): Promise<{ alone: number; beyond: number }> {
  let [alone, beyond] = [0, 0];
  for (let study = 0; study < studies; study++) {
    const all = make(study);
    const { simple, partial } = await partialTest(openCompute, { n: words, columns: all, moments: await pairMoments(all), scale: 'values', permutations: 100, seed: study });
    if (simple[0]! <= 0.05) alone++;
    if (partial[0]! <= 0.05) beyond++;
  }
  return { alone: alone / studies, beyond: beyond / studies };
}

/** Three Monte Carlo errors of a rate of 5 %. */
const error = (studies: number): number => 3 * Math.sqrt((0.05 * 0.95) / studies);

test('a predictor that only shares the control’s part is significant alone and, 5 % of the time, beyond it', async () => {
  const { alone, beyond } = await found(200, 20, (study) => {
    const [control, own, other] = [0, 1, 2].map((k) => featureRdm(20, 1000 + 3 * study + k)) as [Float64Array, Float64Array, Float64Array];
    return [sum([1, control], [0.5, other]), sum([1, control], [0.5, own]), control];
  });
  expect(alone).toBeGreaterThan(0.9);
  expect(Math.abs(beyond - 0.05)).toBeLessThan(error(200));
});

test('words that lie far from all others in both RDMs, without a correlation, do not make the test find one', async () => {
  const words = 24;
  const { alone, beyond } = await found(300, words, (study) => {
    const far = normals(words, 5000 + study).map((value) => Math.exp(0.5 * value));
    const pull = (seed: number): Float64Array => {
      const values = normals(pairCount(words), seed);
      for (let i = 0; i < words; i++) for (let j = i + 1; j < words; j++) values[pairIndex(words, i, j)]! *= far[i]! * far[j]!;
      return values;
    };
    return [pull(6000 + 3 * study), pull(6001 + 3 * study), pull(6002 + 3 * study)];
  });
  // The plain statistic, of which `alone` tells, finds twice as much as it should.
  expect(alone).toBeGreaterThan(0.09);
  expect(Math.abs(beyond - 0.05)).toBeLessThan(error(300));
});

test('every word is held out once, and no pair is both fitted and tried', () => {
  const folds = wordFolds(23, 4, 7);
  expect(folds.map(({ test: held }) => held.length).sort()).toEqual([5, 6, 6, 6]);
  expect(folds.flatMap(({ test: held }) => [...held]).sort((x, y) => x - y)).toEqual(Array.from({ length: 23 }, (_, i) => i));
  for (const { train, test: held } of folds) expect(new Set([...train, ...held]).size).toBe(23);
  expect(wordFolds(23, 4, 7)).toEqual(folds);
  expect(wordFolds(23, 4, 8)).not.toEqual(folds);
});

test('on held-out words the right mixture beats every single predictor, and useless ones get next to no weight', async () => {
  const words = 60;
  const parts = [11, 12, 13].map((seed) => featureRdm(words, seed)) as [Float64Array<ArrayBuffer>, Float64Array<ArrayBuffer>, Float64Array<ArrayBuffer>];
  const target = sum([2, parts[0]], [1, parts[1]]);
  for (const comparator of ['spearman', 'pearson', 'cosine', 'whitened-pearson'] as const) {
    const results = await runFolds({ comparator, reference: target, predictors: parts, n: words, neighbours: [[0, 1], [1, 2]] }, wordFolds(words, 4, 1));
    for (const { schemes, single, weights, selected } of results) {
      expect(schemes.weighted).toBeGreaterThan(Math.max(...single));
      expect(schemes.weighted).toBeGreaterThan(schemes.equal);
      expect(schemes.interpolated).toBeCloseTo(schemes.weighted, 1);
      expect(selected).toBe(0);
      expect(schemes.selected).toBe(single[0]);
      expect(weights[2]! / weights[0]!).toBeLessThan(0.1);
      // Sums of distances are found exactly; of ranks they are near it.
      expect(weights[0]! / weights[1]!).toBeCloseTo(2, comparator === 'spearman' ? 0 : 6);
    }
  }
});

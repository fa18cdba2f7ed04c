import { expect, test } from 'vitest';
import { spearman } from '../../../src/rsa/comparators/correlate.ts';
import { shuffledTargets } from '../../../src/rsa/dimensions/folds.ts';
import { heldOutPredictions, heldOutR2, penaltyGrid, probe, type Probed, type ProbeOptions, shuffledFolds } from '../../../src/rsa/dimensions/probe.ts';
import { spearmanWithin } from '../../../src/rsa/dimensions/within-folds.ts';
import { solveTridiagonal, traceOfInverse, Tridiagonal } from '../../../src/rsa/numbers/tridiagonal.ts';
import { largestDifference, normals } from '../helpers.ts';

test('the tridiagonal form solves the system it came from', async () => {
  const size = 30;
  const x = normals(size * 40, 1);
  const matrix = new Float64Array(size * size);
  for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) for (let k = 0; k < 40; k++) matrix[i * size + j]! += x[i * 40 + k]! * x[j * 40 + k]!;
  const right = normals(size, 2);
  const system = await Tridiagonal.of(matrix.slice(), size);
  const solve = (b: Float64Array): Float64Array => system.rotateBack(solveTridiagonal(system, 0.7, system.rotate(b)));
  const solution = solve(right);
  const product = right.map((_, i) => 0.7 * solution[i]! + solution.reduce((sum, value, j) => sum + matrix[i * size + j]! * value, 0));
  expect(largestDifference(product, right)).toBeLessThan(1e-9);
  let trace = 0;
  for (let i = 0; i < size; i++) trace += solve(Float64Array.from({ length: size }, (_, j) => Number(i === j)))[i]!;
  expect(traceOfInverse(system, 0.7)).toBeCloseTo(trace, 9);
});

test('folds are nearly equal, cover every word, and depend on the seed alone', () => {
  const folds = shuffledFolds(103, 5, 1);
  const sizes = [0, 1, 2, 3, 4].map((fold) => folds.filter((value) => value === fold).length);
  expect(sizes.toSorted()).toEqual([20, 20, 21, 21, 21]);
  expect(shuffledFolds(103, 5, 1)).toEqual(folds);
  expect(shuffledFolds(103, 5, 2)).not.toEqual(folds);
});

test('a rating that is linear in the features is found again, one that is noise is not', async () => {
  const [n, d] = [300, 40];
  const features = normals(n * d, 1);
  const linear = normals(n, 2).map((noise, i) => 0.3 * noise + features[i * d]! - features[i * d + 3]!);
  const predictions = await heldOutPredictions({ n, d, features, targets: [linear, normals(n, 3)], folds: shuffledFolds(n, 5, 1) });
  expect(spearman(linear, predictions[0]!)).toBeGreaterThan(0.9);
  expect(Math.abs(spearman(normals(n, 3), predictions[1]!))).toBeLessThan(0.2);
});

test('more features than words: the penalty keeps the probe from fitting noise', async () => {
  const [n, d] = [80, 300];
  const features = normals(n * d, 1);
  const signal = normals(n, 2);
  // Ten features share the signal, so that a small readout can find it.
  for (let i = 0; i < n; i++) for (let k = 0; k < 100; k++) features[i * d + k]! += signal[i]!;
  const predictions = await heldOutPredictions({ n, d, features, targets: [signal, normals(n, 5)], folds: shuffledFolds(n, 5, 1) });
  expect(spearman(signal, predictions[0]!)).toBeGreaterThan(0.8);
  expect(Math.abs(spearman(normals(n, 5), predictions[1]!))).toBeLessThan(0.35);
});

test('a word’s own rating never reaches its prediction', async () => {
  const [n, d] = [60, 8];
  const features = normals(n * d, 1);
  const target = normals(n, 2);
  const folds = shuffledFolds(n, 4, 1);
  const changed = target.map((value, i) => (folds[i] === 2 ? value + 100 : value));
  const [before] = await heldOutPredictions({ n, d, features, targets: [target], folds });
  const [after] = await heldOutPredictions({ n, d, features, targets: [changed], folds });
  const own = (values: Float64Array | undefined): Float64Array => values!.filter((_, i) => folds[i] === 2);
  expect(own(after)).toEqual(own(before));
});

test('the nested choice takes no part in the held-out words, and chooses about as well as the best single penalty', async () => {
  const [n, d] = [90, 40];
  const features = normals(n * d, 11);
  const target = normals(n, 12).map((noise, i) => 2 * noise + features[i * d]! + features[i * d + 1]! - features[i * d + 2]!);
  const folds = shuffledFolds(n, 5, 1);
  const choice = { nested: 5, seed: 1, folding: 0 };
  const run = (values: Float64Array, options: ProbeOptions) => probe({ n, d, features, targets: [values], folds }, {}, options);
  const nested = await run(target, { choice });
  const single = await Promise.all(penaltyGrid.map((penalty) => run(target, { penalties: [penalty] })));
  const best = Math.max(...single.map(({ predictions }) => heldOutR2(target, predictions[0]!)));
  expect(heldOutR2(target, nested.predictions[0]!)).toBeGreaterThan(best - 0.08);
  expect(nested.chosen[0]).toHaveLength(5);
  expect(await run(target, { choice })).toEqual(nested);
  // Other ratings of the words of fold 2 change nothing about how fold 2 is predicted, nor which penalty it takes.
  const changed = await run(target.map((value, i) => (folds[i] === 2 ? -value : value)), { choice });
  expect(changed.chosen[0]![2]).toBe(nested.chosen[0]![2]);
  const own = ({ predictions }: Probed): Float64Array => predictions[0]!.filter((_, i) => folds[i] === 2);
  expect(own(changed)).toEqual(own(nested));
});

test('noise takes the largest penalties, a noiseless readout the smallest', async () => {
  const [n, d] = [120, 6];
  const features = normals(n * d, 21);
  const exact = Float64Array.from({ length: n }, (_, i) => features[i * d]! + 2 * features[i * d + 4]!);
  for (const choice of ['gcv', { nested: 4, seed: 3, folding: 0 }] as const) {
    const { chosen } = await probe({ n, d, features, targets: [exact, normals(n, 22)], folds: shuffledFolds(n, 4, 1) }, {}, { choice });
    expect(chosen[0]).toEqual([0, 0, 0, 0]);
    for (const one of chosen[1]!) expect(one).toBeGreaterThan(9);
  }
});

test('each partition of a seed is another one; shuffled ratings keep their values and how dimensions go together', () => {
  const partitions = [0, 1, 2].map((folding) => shuffledFolds(50, 5, 7, folding).join());
  expect(new Set(partitions).size).toBe(3);
  expect(partitions[0]).toBe(shuffledFolds(50, 5, 7).join());
  const [a, b] = [normals(40, 1), normals(40, 2)];
  const [first, second] = shuffledTargets([a, b], 5) as [Float64Array, Float64Array];
  expect(first.toSorted()).toEqual(a.toSorted());
  expect(first).not.toEqual(a);
  expect(spearman(first, second)).toBeCloseTo(spearman(a, b), 12);
});

test('held-out R² is 1 for the ratings themselves, 0 for their mean, below 0 for worse', () => {
  const target = Float64Array.of(1, 2, 3, 4);
  expect([target, target.map(() => 2.5), Float64Array.of(4, 3, 2, 1)].map((predictions) => heldOutR2(target, predictions))).toEqual([1, 0, -3]);
  expect(heldOutR2(Float64Array.of(2, 2), Float64Array.of(2, 2))).toBeNaN();
});

test('predictions of nothing but the folds’ intercepts are pooled to a negative rho; within folds there is none, and with noise it is near 0', () => {
  const [n, count] = [100, 5];
  const folds = shuffledFolds(n, count, 3);
  const pooled: number[] = [];
  const within: number[] = [];
  for (let run = 0; run < 60; run++) {
    const target = normals(n, 200 + run);
    const intercept = Float64Array.from({ length: count }, (_, fold) => {
      const train = target.filter((__, i) => folds[i] !== fold);
      return train.reduce((sum, value) => sum + value, 0) / train.length;
    });
    const bare = target.map((_, i) => intercept[folds[i]!]!);
    expect(spearmanWithin(target, bare, folds)).toEqual({ rho: NaN, constant: count });
    pooled.push(spearman(target, bare));
    const noise = normals(n, 400 + run);
    within.push(spearmanWithin(target, bare.map((value, i) => value + 0.01 * noise[i]!), folds).rho);
  }
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  expect(mean(pooled)).toBeCloseTo(-Math.sqrt((count - 1) / (n - 1)), 1);
  expect(mean(pooled)).toBeLessThan(-0.13);
  // Standard error about .013.
  expect(Math.abs(mean(within))).toBeLessThan(0.05);
});

test('rho within folds weighs folds by their words', () => {
  const folds = Uint8Array.of(0, 0, 0, 0, 1, 1);
  expect(spearmanWithin(Float64Array.of(1, 2, 3, 4, 5, 6), Float64Array.of(1, 2, 3, 4, 9, 8), folds)).toEqual({ rho: (4 - 2) / 6, constant: 0 });
  expect(spearmanWithin(Float64Array.of(1, 2, 3, 4, 5, 5), Float64Array.of(1, 2, 3, 4, 9, 8), folds)).toEqual({ rho: 1, constant: 1 });
});

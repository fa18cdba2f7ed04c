import { expect, test } from 'vitest';
import { spearman } from '../../src/rsa/correlate.ts';
import { heldOutPredictions, shuffledFolds } from '../../src/rsa/probe.ts';
import { solveTridiagonal, traceOfInverse, Tridiagonal } from '../../src/rsa/tridiagonal.ts';
import { largestDifference, normals } from './helpers.ts';

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

/** Small dense systems and non-negative least squares. */
import { expect, test } from 'vitest';
import { cholesky, inverseCholesky, leastSquares, solveCholesky } from '../../../src/rsa/numbers/linear.ts';
import { nonNegative } from '../../../src/rsa/numbers/nnls.ts';
import { largestDifference, normals } from '../helpers.ts';

/** X'X and X'y of rows x columns numbers. */
function products(x: Float64Array, y: Float64Array, columns: number): { gram: Float64Array; right: Float64Array } {
  const rows = y.length;
  const sum = (term: (row: number) => number): number => Array.from({ length: rows }, (_, row) => term(row)).reduce((a, b) => a + b, 0);
  return {
    gram: Float64Array.from({ length: columns ** 2 }, (_, k) => sum((row) => x[row * columns + Math.floor(k / columns)]! * x[row * columns + (k % columns)]!)),
    right: Float64Array.from({ length: columns }, (_, k) => sum((row) => x[row * columns + k]! * y[row]!)),
  };
}

const factorOf = (matrix: Float64Array, size: number): Float64Array => {
  const factored = cholesky(matrix, size);
  if (!('factor' in factored)) throw new Error(`column ${factored.dependent} depends on earlier ones`);
  return factored.factor;
};

test('a factor times its transpose is the matrix, and the inverse times the matrix is one', () => {
  const { gram } = products(normals(40 * 6, 1), normals(40, 2), 6);
  const factor = factorOf(gram, 6);
  const inverse = inverseCholesky(factor, 6);
  const times = (a: (i: number, k: number) => number, b: (k: number, j: number) => number): number[] =>
    Array.from({ length: 36 }, (_, at) => Array.from({ length: 6 }, (__, k) => a(Math.floor(at / 6), k) * b(k, at % 6)).reduce((x, y) => x + y, 0));
  expect(largestDifference(times((i, k) => factor[i * 6 + k]!, (k, j) => factor[j * 6 + k]!), gram)).toBeLessThan(1e-12);
  expect(largestDifference(times((i, k) => inverse[i * 6 + k]!, (k, j) => gram[k * 6 + j]!), [0, 1, 2, 3, 4, 5].flatMap((i) => [0, 1, 2, 3, 4, 5].map((j) => Number(i === j))))).toBeLessThan(1e-12);
  const x = normals(6, 3);
  expect(largestDifference(solveCholesky(factor, 6, times((i, k) => gram[i * 6 + k]!, (k) => x[k]!).filter((_, at) => at % 6 === 0)), x)).toBeLessThan(1e-12);
});

test('a column that is the sum of earlier ones is named, not divided by', () => {
  const x = normals(30 * 3, 4);
  const y = normals(30, 5);
  for (let row = 0; row < 30; row++) x[row * 3 + 2] = x[row * 3]! - 2 * x[row * 3 + 1]!;
  const { gram, right } = products(x, y, 3);
  expect(cholesky(gram, 3)).toEqual({ dependent: 2 });
  expect(leastSquares(gram, right, 3)).toBeNull();
  expect(cholesky(Float64Array.of(NaN), 1)).toEqual({ dependent: 0 });
});

test('non-negative weights are those of least squares where these are all above zero', () => {
  const x = normals(50 * 4, 6);
  const y = Float64Array.from({ length: 50 }, (_, row) => [1, 2, 0.5, 3].reduce((sum, b, k) => sum + b * x[row * 4 + k]!, normals(50, 7)[row]!));
  const { gram, right } = products(x, y, 4);
  expect(largestDifference(nonNegative(gram, right, 4), leastSquares(gram, right, 4)!)).toBeLessThan(1e-12);
});

/** Weights above zero have no gradient left, those at zero none that points upwards (Karush, Kuhn and Tucker). */
function slack(gram: Float64Array, right: Float64Array, weights: Float64Array): number {
  return Math.max(...Array.from(weights, (weight, k) => {
    const gradient = right[k]! - Array.from(weights, (other, j) => gram[k * weights.length + j]! * other).reduce((a, b) => a + b, 0);
    return weight > 0 ? Math.abs(gradient) : Math.max(0, gradient);
  }));
}

test('non-negative weights meet the conditions of the best ones, over many random problems', () => {
  for (let seed = 10; seed < 60; seed++) {
    const { gram, right } = products(normals(20 * 7, seed), normals(20, seed + 100), 7);
    const weights = nonNegative(gram, right, 7);
    expect(Math.min(...weights)).toBeGreaterThanOrEqual(0);
    expect(slack(gram, right, weights)).toBeLessThan(1e-10);
  }
});

test('a column twice, a column of zeros and a y that all columns oppose are no trouble', () => {
  const x = normals(20 * 4, 8);
  for (let row = 0; row < 20; row++) [x[row * 4 + 1], x[row * 4 + 3]] = [x[row * 4]!, 0];
  const y = Float64Array.from({ length: 20 }, (_, row) => x[row * 4]! + 0.1 * x[row * 4 + 2]!);
  const { gram, right } = products(x, y, 4);
  const weights = nonNegative(gram, right, 4);
  expect(weights[0]! + weights[1]!).toBeCloseTo(1, 12);
  expect(slack(gram, right, weights)).toBeLessThan(1e-10);
  expect([...nonNegative(Float64Array.of(2, 0, 0, 3), [-1, -4], 2)]).toEqual([0, 0]);
});

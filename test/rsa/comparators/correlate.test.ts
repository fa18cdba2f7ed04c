import { expect, test } from 'vitest';
import { pearson, percentileInterval, quantile, spearman, standardised } from '../../../src/rsa/comparators/correlate.ts';
import { WeightedSpearman } from '../../../src/rsa/dimensions/weighted-spearman.ts';
import { normals, uniforms } from '../helpers.ts';

test('correlation is 1 for a rising line, -1 for a falling one, undefined for a constant', () => {
  const x = Float64Array.of(1, 2, 3, 4);
  expect(pearson(x, x.map((value) => 3 * value - 7))).toBeCloseTo(1, 15);
  expect(pearson(x, x.map((value) => -value))).toBeCloseTo(-1, 15);
  expect(pearson(x, new Float64Array(4).fill(2))).toBeNaN();
  expect(() => pearson(x, new Float64Array(3))).toThrow('lists of 4 and 3');
});

test('rank correlation does not change under a rising transformation', () => {
  const x = normals(500, 1);
  const y = normals(500, 2).map((value, k) => value + x[k]!);
  expect(spearman(x.map(Math.exp), y)).toBe(spearman(x, y));
});

test('standardised values have mean 0 and SD 1, and their mean product is the correlation', () => {
  const x = normals(1000, 1);
  const y = normals(1000, 2).map((value, k) => value + x[k]!);
  const [a, b] = [standardised(x), standardised(y)];
  expect(a.reduce((sum, value) => sum + value, 0) / 1000).toBeCloseTo(0, 6);
  expect(a.reduce((sum, value, k) => sum + value * b[k]!, 0) / 1000).toBeCloseTo(pearson(x, y), 6);
  expect([...standardised(new Float64Array(3).fill(5))]).toEqual([0, 0, 0]);
});

test('quantiles interpolate as numpy does', () => {
  expect(quantile(Float64Array.of(1, 2, 3, 10), 0.5)).toBe(2.5);
  expect(quantile(Float64Array.of(1, 2, 3, 10), 0.9)).toBeCloseTo(7.9, 12);
  expect(percentileInterval(Float64Array.of(3, NaN, 1, 2, 5, 4), 0.5)).toEqual([2, 4]);
  expect(percentileInterval(Float64Array.of(NaN), 0.95)).toBeNull();
});

test('a weighted rank correlation equals the one of the words drawn', () => {
  const n = 60;
  const x = uniforms(n, 1).map((value) => Math.round(value * 10));
  const y = uniforms(n, 2).map((value, k) => Math.round(value * 5 + x[k]! / 3));
  const weights = uniforms(n, 3).map((value) => Math.floor(value * 4));
  const repeated = (values: Float64Array): Float64Array => Float64Array.from([...values].flatMap((value, k) => Array<number>(weights[k]!).fill(value)));
  expect(new WeightedSpearman(x, y).correlate(weights)).toBeCloseTo(spearman(repeated(x), repeated(y)), 12);
});

import { expect, test } from 'vitest';
import { bothRanks, centredRanks, doubledRanks, roundingTies, sortedOrder } from '../../../src/rsa/comparators/ranks.ts';
import { normals } from '../helpers.ts';

test('ranks are average ranks, doubled', () => {
  expect([...doubledRanks(Float64Array.of(3, 1, 1, 2))]).toEqual([8, 3, 3, 6]);
  expect([...doubledRanks(Float32Array.of(3, 1, 1, 2))]).toEqual([8, 3, 3, 6]);
  expect([...doubledRanks(new Float64Array(0))]).toEqual([]);
});

test('negative numbers, zeros of both signs and infinities take their places', () => {
  const values = [0, -0, -1.5, Infinity, 1e-300, -Infinity, 2];
  expect([...doubledRanks(Float64Array.from(values))]).toEqual([7, 7, 4, 14, 10, 2, 12]);
  expect([...sortedOrder(Float32Array.of(0.5, -2, -0.25, 7))]).toEqual([1, 2, 0, 3]);
});

test('the order is that of a comparison sort, on numbers that use all bits', () => {
  const values = normals(20_000, 3).map((value) => value ** 5);
  const expected = [...values.keys()].sort((a, b) => values[a]! - values[b]!);
  expect([...sortedOrder(values)]).toEqual(expected);
  const single = Float32Array.from(values);
  expect([...sortedOrder(single)]).toEqual([...single.keys()].sort((a, b) => single[a]! - single[b]!));
});

test('only equal numbers tie, unless a tolerance joins those that rounding split', () => {
  const values = Float64Array.of(0.1 + 0.2, 0.3, 1);
  expect([...doubledRanks(values)]).toEqual([4, 2, 6]);
  expect([...doubledRanks(values, roundingTies)]).toEqual([3, 3, 6]);
  expect([...doubledRanks(Float32Array.of(0.3, 0.30000004, 1))]).toEqual([2, 4, 6]);
  expect(bothRanks(values)).toEqual({ exact: Uint32Array.of(4, 2, 6), tied: Uint32Array.of(3, 3, 6) });
  expect(bothRanks(Float64Array.of(1, 1, 2)).tied).toBeNull();
});

test('a tie is no wider than the tolerance, however many numbers it strings together', () => {
  expect([...doubledRanks(Float64Array.of(1, 1.6, 2), 0.35)]).toEqual([3, 3, 6]);
});

test('crowded and lopsided values are sorted too', () => {
  const many = normals(5000, 2);
  const shapes = {
    'one far value': many.map((value, k) => (k === 7 ? 1e300 : value)),
    'nearly all alike': many.map((value, k) => (k % 50 ? 0 : value)),
    'rounding around zero': many.map((value) => (value > 0 ? value : Math.round(value * 2) * 1e-16)),
    'the whole range': many.map((value, k) => (k % 2 ? Number.MAX_VALUE : -Number.MAX_VALUE) * Math.abs(value / 10)),
  };
  for (const values of Object.values(shapes)) {
    expect([...sortedOrder(values)]).toEqual([...values.keys()].sort((a, b) => values[a]! - values[b]!));
  }
});

test('NaN has no rank', () => {
  expect(() => doubledRanks(Float64Array.of(1, NaN))).toThrow('value 1 is NaN');
});

test('centred ranks sum to zero, and those of 256 words fit 16 bits', () => {
  const ranks = centredRanks(doubledRanks(normals((256 * 255) / 2, 1)));
  expect(ranks.reduce((sum, rank) => sum + rank, 0)).toBe(0);
  expect(Math.max(...ranks)).toBeLessThanOrEqual(32_767);
  expect(Math.min(...ranks)).toBeGreaterThanOrEqual(-32_768);
});

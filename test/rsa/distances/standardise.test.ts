import { expect, test } from 'vitest';
import { pairwiseSum, standardiseColumns } from '../../../src/rsa/distances/standardise.ts';

const data = Float64Array.of(1, 10, 7, 2, 10, NaN, 3, 10, 9);

test('z-scores use the population SD, column by column', () => {
  const { data: out } = standardiseColumns(data, 3, 3, 'zscore');
  expect(out[0]).toBeCloseTo(-Math.sqrt(1.5), 14);
  expect(out[3]).toBe(0);
  expect(out[6]).toBeCloseTo(Math.sqrt(1.5), 14);
});

test('a missing value stays missing and does not count', () => {
  const { data: out } = standardiseColumns(data, 3, 3, 'zscore');
  expect([out[2], out[5], out[8]]).toEqual([-1, NaN, 1]);
});

test('a column without variation becomes zeros and is named, even where its mean would be rounded', () => {
  const { data: out, constant } = standardiseColumns(data, 3, 3, 'zscore');
  expect([out[1], out[4], out[7]]).toEqual([0, 0, 0]);
  expect(constant).toEqual([1]);
  expect(standardiseColumns(new Float64Array(3).fill(0.1), 3, 1, 'zscore')).toEqual({ data: new Float64Array(3), constant: [0] });
});

test('centring leaves the spread; none leaves everything; the input is never touched', () => {
  expect([...standardiseColumns(data, 3, 3, 'centre').data]).toEqual([-1, 0, -1, 0, 0, NaN, 1, 0, 1]);
  expect([...standardiseColumns(data, 3, 3, 'none').data]).toEqual([...data]);
  expect(data[0]).toBe(1);
});

test('sums by halves are right for every length, and keep digits that running sums lose', () => {
  for (const count of [0, 1, 7, 8, 9, 127, 128, 129, 1000]) {
    expect(pairwiseSum(Float64Array.from({ length: count }, (_, k) => k + 1), 0, count)).toBe((count * (count + 1)) / 2);
  }
  const tenths = new Float64Array(1_000_000).fill(0.1);
  expect(Math.abs(pairwiseSum(tenths, 0, tenths.length) - 100_000)).toBeLessThan(1e-9);
  expect(Math.abs(tenths.reduce((sum, value) => sum + value, 0) - 100_000)).toBeGreaterThan(1e-7);
});

import { expect, test } from 'vitest';
import { type DependentTest, dependentTest, mengInterval } from '../../../src/rsa/dimensions/dependent.ts';
import { fisherInterval } from '../../../src/rsa/dimensions/fisher.ts';
import { spearman } from '../../../src/rsa/comparators/correlate.ts';
import { normals } from '../helpers.ts';

const tests: readonly DependentTest[] = ['steiger', 'dunn-clark', 'meng', 'williams', 'hotelling'];

test('swapping the candidates turns the sign and keeps p', () => {
  for (const one of tests) {
    const forth = dependentTest(one, { a: 0.5, b: 0.3, ab: 0.6, n: 100 });
    const back = dependentTest(one, { a: 0.3, b: 0.5, ab: 0.6, n: 100 });
    expect(forth.statistic).toBeGreaterThan(0);
    expect(back.statistic).toBeCloseTo(-forth.statistic, 12);
    expect(back.p).toBeCloseTo(forth.p, 12);
  }
});

test('what cannot be tested has no number: three words, a perfect correlation, correlations that exclude each other', () => {
  for (const one of tests) {
    expect(dependentTest(one, { a: 0.5, b: 0.3, ab: 0.6, n: 3 }).p).toBeNaN();
    expect(dependentTest(one, { a: 1, b: 0.3, ab: 0.3, n: 50 }).p).toBeNaN();
    expect(dependentTest(one, { a: NaN, b: 0.3, ab: 0.3, n: 50 }).p).toBeNaN();
    expect(dependentTest(one, { a: 0.9, b: -0.9, ab: 0.9, n: 50 }).p).toBeNaN();
    // A candidate and its copy.
    expect(dependentTest(one, { a: 0.4, b: 0.4, ab: 1, n: 50 })).toMatchObject({ statistic: 0, p: 1 });
  }
  expect([fisherInterval(NaN, 50, 0.95, 'fisher'), fisherInterval(0.5, 3, 0.95, 'fisher')]).toEqual([null, null]);
});

test('z tests of equal rank correlations are wrong about five times in a hundred', () => {
  const [n, runs] = [60, 600];
  const draws = normals(n * runs * 3, 4);
  const wrong: Record<string, number> = {};
  for (let run = 0; run < runs; run++) {
    const take = (side: number): Float64Array => Float64Array.from({ length: n }, (_, i) => draws[(run * n + i) * 3 + side]!);
    const reference = take(0);
    // Both candidates share the same signal and have noise of their own.
    const [a, b] = [1, 2].map((side) => take(side).map((noise, i) => noise + 0.7 * reference[i]!)) as [Float64Array, Float64Array];
    const all = { a: spearman(reference, a), b: spearman(reference, b), ab: spearman(a, b), n };
    for (const one of tests) wrong[one] = (wrong[one] ?? 0) + Number(dependentTest(one, all).p < 0.05);
    wrong['meng interval'] = (wrong['meng interval'] ?? 0) + Number(mengInterval(all, 0.95).every((end) => end > 0) || mengInterval(all, 0.95).every((end) => end < 0));
  }
  // 600 runs: 5 % plus or minus 3.5 standard errors of 0.9 %.
  for (const [one, count] of Object.entries(wrong)) expect(Math.abs(count / runs - 0.05), one).toBeLessThan(0.032);
});

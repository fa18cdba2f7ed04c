import { expect, test } from 'vitest';
import { pearson, spearman } from '../../../src/rsa/comparators/correlate.ts';
import { doubledRanks } from '../../../src/rsa/comparators/ranks.ts';
import { dependentTest } from '../../../src/rsa/dimensions/dependent.ts';
import { jackknifeTest, leaveOneOut } from '../../../src/rsa/dimensions/jackknife.ts';
import { normals, uniforms } from '../helpers.ts';

const without = (values: Float64Array, left: number): Float64Array => values.filter((_, k) => k !== left);

test('Spearman without each word is that of the other words, ranked anew, with ties and without', () => {
  const n = 40;
  for (const levels of [2, 6, 1e9]) {
    const [x, y] = [1, 2].map((seed) => uniforms(n, seed).map((value, k) => Math.floor(levels * (0.5 * value + 0.5 * uniforms(n, 3)[k]!)))) as [Float64Array, Float64Array];
    const each = leaveOneOut(doubledRanks(x), doubledRanks(y));
    expect(each).toHaveLength(n);
    each.forEach((rho, left) => { expect(rho).toBeCloseTo(spearman(without(x, left), without(y, left)), 13); });
  }
});

test('without its one odd word a side is constant and has no correlation', () => {
  const x = doubledRanks(Float64Array.of(0, 0, 0, 4, 0));
  const y = doubledRanks(Float64Array.of(1, 2, 3, 4, 5));
  expect([...leaveOneOut(x, y)].map(Number.isNaN)).toEqual([false, false, false, true, false]);
});

test('equal candidates have t = 0; swapping candidates turns the sign; no test with three words or without a correlation', () => {
  const [x, a, b] = [1, 2, 3].map((seed) => doubledRanks(normals(50, seed))) as [Uint32Array, Uint32Array, Uint32Array];
  const [ofA, ofB] = [leaveOneOut(x, a), leaveOneOut(x, b)];
  const difference = pearson(x, a) - pearson(x, b);
  expect(jackknifeTest(0, ofA, ofA)).toEqual({ statistic: 0, df: 49, p: 1 });
  const [forth, back] = [jackknifeTest(difference, ofA, ofB), jackknifeTest(-difference, ofB, ofA)];
  expect(Math.sign(forth.statistic)).toBe(Math.sign(difference));
  expect(back.statistic).toBeCloseTo(-forth.statistic, 12);
  expect(jackknifeTest(0.1, ofA.slice(0, 3), ofB.slice(0, 3)).p).toBeNaN();
  expect(jackknifeTest(0.1, ofA, ofB.map((rho, k) => (k === 4 ? NaN : rho))).p).toBeNaN();
});

test('for normal data with low correlations the jackknife’s error is about the one that Steiger’s formula gives', () => {
  const n = 2000;
  const reference = normals(n, 1);
  const [a, b] = [2, 3].map((seed) => normals(n, seed).map((noise, i) => noise + 0.3 * reference[i]!)) as [Float64Array, Float64Array];
  const [x, ranksA, ranksB] = [reference, a, b].map((values) => doubledRanks(values)) as [Uint32Array, Uint32Array, Uint32Array];
  const all = { a: pearson(x, ranksA), b: pearson(x, ranksB), ab: pearson(ranksA, ranksB), n };
  const ours = jackknifeTest(all.a - all.b, leaveOneOut(x, ranksA), leaveOneOut(x, ranksB));
  expect(ours.statistic / dependentTest('steiger', all).statistic).toBeCloseTo(1, 1);
});

test('with tied ratings and high correlations the jackknife keeps its level, and Steiger’s test does not', () => {
  const [n, runs] = [200, 800];
  // Skewed answers from 0 to 5, as people give them.
  const rating = (value: number): number => Math.max(0, Math.min(5, Math.round(Math.exp(0.9 * value) - 0.6)));
  const draws = normals(n * runs * 3, 5);
  const found = { jackknife: 0, steiger: 0 };
  let rho = 0;
  for (let run = 0; run < runs; run++) {
    const take = (side: number): Float64Array => Float64Array.from({ length: n }, (_, i) => draws[(run * n + i) * 3 + side]!);
    const truth = take(0);
    const x = doubledRanks(truth.map(rating));
    const [a, b] = [1, 2].map((side) => doubledRanks(take(side).map((noise, i) => rating((truth[i]! + 0.4 * noise) / Math.hypot(1, 0.4))))) as [Uint32Array, Uint32Array];
    const all = { a: pearson(x, a), b: pearson(x, b), ab: pearson(a, b), n };
    rho += all.a / runs;
    found.jackknife += Number(jackknifeTest(all.a - all.b, leaveOneOut(x, a), leaveOneOut(x, b)).p < 0.05) / runs;
    found.steiger += Number(dependentTest('steiger', all).p < 0.05) / runs;
  }
  expect(rho).toBeCloseTo(0.85, 1);
  // 800 runs: the standard error of 5 % is 0.8 %.
  expect(found.jackknife).toBeLessThan(0.07);
  expect(found.jackknife).toBeGreaterThan(0.02);
  expect(found.steiger).toBeGreaterThan(0.09);
});

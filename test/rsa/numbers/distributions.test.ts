/** Normal, t and F against values of 20 digits (mpmath's error function and incomplete beta function). */
import { expect, test } from 'vitest';
import { normalCdf, normalQuantile, normalTwoSided, normalUpper, studentCdf, studentQuantile, studentTwoSided } from '../../../src/rsa/numbers/distributions.ts';

/** |a - b| / |b|. */
const relative = (a: number, b: number): number => (a === b ? 0 : Math.abs(a - b) / Math.abs(b));

test('the normal tail keeps its digits from z = -38 to 37.5', () => {
  const known: [number, number][] = [
    [-38, 1], [-8, 0.9999999999999993], [-1.25, 0.8943502263331448], [-0.3, 0.6179114221889527], [0, 0.5],
    [0.1, 0.460172162722971], [0.6, 0.2742531177500736], [0.7, 0.24196365222307303], [1.959963984540054, 0.025000000000000012],
    [3, 0.0013498980316300946], [5, 2.866515718791939e-7], [5.7, 5.990371401063528e-9], [8, 6.220960574271784e-16],
    [20, 2.7536241186062337e-89], [30, 4.906713927148187e-198], [37.5, 4.605353009581955e-308],
  ];
  for (const [z, p] of known) {
    expect(relative(normalUpper(z), p), `P(Z > ${z})`).toBeLessThan(2e-15);
    expect(normalCdf(-z)).toBe(normalUpper(z));
  }
  expect([normalUpper(50), normalCdf(50), normalUpper(-Infinity), normalUpper(NaN)]).toEqual([0, 1, 1, NaN]);
  expect([normalTwoSided(0), normalTwoSided(-1.959963984540054)]).toEqual([1, 2 * normalUpper(1.959963984540054)]);
});

test('the normal quantile undoes the distribution', () => {
  for (const p of [1e-300, 1e-50, 1e-9, 0.001, 0.025, 0.3, 0.49999]) {
    expect(relative(normalCdf(normalQuantile(p)), p), `p = ${p}`).toBeLessThan(5e-13);
  }
  expect(relative(normalQuantile(0.975), 1.959963984540054)).toBeLessThan(1e-15);
  expect(normalQuantile(0.25)).toBe(-normalQuantile(0.75));
  expect([normalQuantile(0), normalQuantile(0.5), normalQuantile(1), normalQuantile(1.1)]).toEqual([-Infinity, 0, Infinity, NaN]);
});

test('two-sided p of Student’s t keeps its digits, with 1 to 123 456 degrees of freedom', () => {
  const known: [number, number, number][] = [
    [0, 3, 1], [0.01, 3, 0.992649111412852], [1, 3, 0.39100221895577064], [3.2, 3, 0.049331842962696215],
    [12, 3, 0.0012450158007893367], [100, 3, 2.204521923184911e-6], [0.5, 1, 0.7048327646991335], [1e10, 1, 6.366197723675813e-11],
    [0.3, 97, 0.7648191126071145], [2.529778924948089, 97, 0.013024211665587126], [10, 97, 1.3406866323609972e-16],
    [30, 97, 7.094202901773706e-51], [0.001, 1569, 0.9992022426947628], [1.96, 1569, 0.050172562978328755],
    [-30.961728094581, 1569, 1.1266391571085714e-164], [40, 1569, 8.808307153867553e-242], [2, 39_704, 0.04550706316247477],
    [8, 123456.5, 1.2548741688169667e-15],
  ];
  for (const [t, df, p] of known) expect(relative(studentTwoSided(t, df), p), `t = ${t}, df = ${df}`).toBeLessThan(1e-12);
  expect(studentCdf(-2.5, 97)).toBe(studentTwoSided(2.5, 97) / 2);
  expect(studentCdf(2.5, 97)).toBe(1 - studentTwoSided(2.5, 97) / 2);
  expect([studentTwoSided(Infinity, 3), studentTwoSided(NaN, 3), studentTwoSided(1, 0)]).toEqual([0, NaN, NaN]);
});

test('Student’s quantile undoes the distribution, and is the normal one for many degrees of freedom', () => {
  for (const df of [1, 3, 97, 1569]) {
    for (const p of [1e-100, 1e-6, 0.025, 0.2, 0.4999]) expect(relative(studentCdf(studentQuantile(p, df), df), p), `p = ${p}, df = ${df}`).toBeLessThan(1e-12);
  }
  // tan(0.4 pi), the Cauchy distribution's.
  expect(relative(studentQuantile(0.9, 1), Math.tan(0.4 * Math.PI))).toBeLessThan(1e-13);
  expect(studentQuantile(0.975, 1e9)).toBeCloseTo(1.959963984540054, 8);
  expect([studentQuantile(0, 5), studentQuantile(0.5, 5), studentQuantile(1, 5)]).toEqual([-Infinity, 0, Infinity]);
});

import { expect, test } from 'vitest';
import { leafOrder, optimalLeafOrder } from '../../../src/rsa/geometry/cluster.ts';
import { cluster, copheneticDistances, type Linkage } from '../../../src/rsa/geometry/linkage.ts';
import { pearson } from '../../../src/rsa/comparators/correlate.ts';
import { rdmCpu } from '../../../src/gpu/cpu/rdm.ts';
import { pairIndex } from '../../../src/gpu/condensed.ts';
import { normals, uniforms } from '../helpers.ts';

const linkages: readonly Linkage[] = ['single', 'complete', 'average', 'ward'];

/** Distance of two clusters by the linkage's own definition, from the points. */
function apart(linkage: Linkage, points: Float64Array, d: number, one: readonly number[], other: readonly number[]): number {
  const gap = (x: readonly number[] | Float64Array, y: readonly number[] | Float64Array): number => Math.sqrt(Array.from(x).reduce((sum, value, k) => sum + (value - y[k]!) ** 2, 0));
  const point = (i: number): Float64Array => points.subarray(i * d, (i + 1) * d);
  const gaps = one.flatMap((i) => other.map((j) => gap(point(i), point(j))));
  const centre = (words: readonly number[]): number[] => Array.from({ length: d }, (_, k) => words.reduce((sum, i) => sum + point(i)[k]!, 0) / words.length);
  switch (linkage) {
    case 'single': return Math.min(...gaps);
    case 'complete': return Math.max(...gaps);
    case 'average': return gaps.reduce((sum, value) => sum + value, 0) / gaps.length;
    case 'ward': return Math.sqrt((2 * one.length * other.length) / (one.length + other.length)) * gap(centre(one), centre(other));
    default: return linkage satisfies never;
  }
}

test.each(linkages)('%s: every merge joins the two clusters that are nearest by definition', async (linkage) => {
  const [n, d] = [24, 3];
  const points = normals(n * d, 4);
  const merges = await cluster(linkage, rdmCpu(points, n, d, 'euclidean'), n);
  const open = new Map<number, number[]>(Array.from({ length: n }, (_, i) => [i, [i]]));
  merges.forEach(({ a, b, height, size }, k) => {
    const all = [...open.values()];
    const least = Math.min(...all.flatMap((one, at) => all.slice(at + 1).map((other) => apart(linkage, points, d, one, other))));
    expect(height).toBeCloseTo(least, 10);
    const both = [...open.get(a)!, ...open.get(b)!];
    expect(apart(linkage, points, d, open.get(a)!, open.get(b)!)).toBeCloseTo(height, 10);
    expect(size).toBe(both.length);
    open.delete(a);
    open.delete(b);
    open.set(n + k, both);
  });
  expect(open.size).toBe(1);
});

test('a tree keeps ultrametric distances exactly, and never lets a pair meet in two places', async () => {
  // Two groups of two, 1 apart inside and 5 apart between.
  const distances = Float64Array.of(1, 5, 5, 5, 5, 1);
  for (const linkage of ['single', 'complete', 'average'] as const) {
    expect([...copheneticDistances(await cluster(linkage, distances, 4), 4)]).toEqual([...distances]);
  }
  const noisy = uniforms(45, 3);
  const cophenetic = copheneticDistances(await cluster('average', noisy, 10), 10);
  for (let i = 0; i < 10; i++) for (let j = 0; j < i; j++) for (let k = 0; k < j; k++) {
    const sides = [cophenetic[pairIndex(10, i, j)]!, cophenetic[pairIndex(10, i, k)]!, cophenetic[pairIndex(10, j, k)]!].sort((a, b) => a - b);
    expect(sides[1]).toBe(sides[2]);
  }
  expect(pearson(cophenetic, noisy)).toBeLessThan(1);
});

test('turned for near neighbours, a tree is still the same tree and no turn of its branches is shorter', async () => {
  const n = 8;
  const distances = uniforms(28, 9);
  const length = (order: ArrayLike<number>): number => Array.from({ length: n - 1 }, (_, k) => distances[pairIndex(n, order[k]!, order[k + 1]!)]!).reduce((sum, value) => sum + value, 0);
  for (const linkage of linkages) {
    const merges = await cluster(linkage, distances, n);
    // All 2^7 ways to exchange branches.
    const all = Array.from({ length: 1 << (n - 1) }, (_, turns) => leafOrder(merges.map((merge, k) => ((turns >> k) & 1 ? { ...merge, a: merge.b, b: merge.a } : merge)), n));
    const best = optimalLeafOrder(merges, distances, n);
    expect(all.map((order) => order.join())).toContain(best.join());
    expect(length(best)).toBeCloseTo(Math.min(...all.map(length)), 12);
  }
});

test('an optimal order of 300 words takes well under five seconds', async () => {
  const n = 300;
  const distances = rdmCpu(normals(n * 4, 2), n, 4, 'euclidean');
  const merges = await cluster('average', distances, n);
  const started = performance.now();
  expect(new Set(optimalLeafOrder(merges, distances, n)).size).toBe(n);
  expect(performance.now() - started).toBeLessThan(5000);
});

import { expect, test } from 'vitest';
import { averageLinkage, categoryOrder, leafOrder } from '../../../src/rsa/geometry/cluster.ts';
import { normals } from '../helpers.ts';
import { rdmCpu } from '../../../src/gpu/cpu/rdm.ts';

test('words of two far groups come out group by group', async () => {
  const positions = Float64Array.of(0, 100, 1, 101, 2, 103);
  const merges = await averageLinkage(rdmCpu(positions, 6, 1, 'euclidean'), 6);
  expect([...leafOrder(merges, 6)].map((word) => word % 2)).toEqual([0, 0, 0, 1, 1, 1]);
  const heights = merges.map(({ height }) => height);
  expect(heights).toEqual(heights.toSorted((a, b) => a - b));
  expect(merges[4]!.height).toBeCloseTo(304 / 3 - 1, 4);
});

test('the order is a permutation, also with undefined distances and with one word', async () => {
  const distances = rdmCpu(normals(300, 1), 100, 3, 'cosine');
  distances[7] = NaN;
  const order = leafOrder(await averageLinkage(distances, 100), 100);
  expect([...order].sort((a, b) => a - b)).toEqual([...Array(100).keys()]);
  expect([...leafOrder(await averageLinkage(new Float64Array(0), 1), 1)]).toEqual([0]);
});

test('categories keep the order of their first word', () => {
  expect([...categoryOrder(['b', 'a', 'b', '', 'a'])]).toEqual([0, 2, 1, 4, 3]);
});

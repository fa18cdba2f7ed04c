import { expect, test } from 'vitest';
import { rdmCpu } from '../../../src/gpu/cpu/rdm.ts';
import { compare } from '../../../src/rsa/comparators/compare.ts';
import { secondOrder } from '../../../src/rsa/geometry/second-order.ts';
import { completeRows, subRdm } from '../../../src/rsa/geometry/sub-rdm.ts';
import { normals, uniforms } from '../helpers.ts';

test('an RDM of RDMs is 1 minus the comparator, whichever it is', async () => {
  const n = 9;
  const rdms = [1, 2, 3].map((seed) => uniforms(36, seed));
  for (const comparator of ['spearman', 'rho-a', 'pearson', 'tau-a', 'whitened-cosine'] as const) {
    const found = await secondOrder(rdms, n, comparator);
    expect(found).toHaveLength(3);
    [[0, 1], [0, 2], [1, 2]].forEach(([a, b], pair) => expect(found[pair]).toBeCloseTo(1 - compare(comparator, rdms[a!]!, rdms[b!]!, n), 14));
  }
});

test('an RDM and itself, or what only stretches it, are nothing apart', async () => {
  const rdm = uniforms(45, 4);
  expect([...(await secondOrder([rdm, rdm, rdm.map((value) => value ** 3)], 10, 'spearman'))]).toEqual([0, 0, 0]);
});

test('a constant RDM is no distance from others', async () => {
  const found = await secondOrder([uniforms(10, 1), new Float64Array(10).fill(2), uniforms(10, 3)], 5, 'pearson');
  expect([...found].map(Number.isNaN)).toEqual([true, false, true]);
});

test('the RDM of some words is that of their rows', () => {
  const rows = [7, 2, 5];
  const data = normals(10 * 3, 6);
  const part = Float64Array.from(rows.flatMap((row) => [...data.subarray(row * 3, row * 3 + 3)]));
  expect([...subRdm(rdmCpu(data, 10, 3, 'euclidean'), 10, rows)]).toEqual([...rdmCpu(part, 3, 3, 'euclidean')]);
});

test('of undefined pairs only the words go that are the reason', () => {
  const data = normals(6 * 2, 9);
  data.fill(0, 4, 6);
  data.fill(0, 10, 12);
  expect(completeRows([rdmCpu(data, 6, 2, 'cosine')], 6)).toEqual({ kept: Uint32Array.of(0, 1, 3, 4), lost: Uint32Array.of(2, 5) });
  const whole = uniforms(15, 2);
  expect([...completeRows([whole, whole], 6).lost]).toEqual([]);
  // A gap in either of two RDMs counts; of two words that only lack each other the later one goes.
  const gap = whole.slice();
  gap[0] = NaN;
  expect([...completeRows([whole, gap], 6).lost]).toEqual([1]);
});

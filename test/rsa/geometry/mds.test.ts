import { expect, test } from 'vitest';
import { rdmCpu } from '../../../src/gpu/cpu/rdm.ts';
import { Disparities, isotonic } from '../../../src/rsa/geometry/isotonic.ts';
import { classicalMds, eigenvalueShares, pointDistances } from '../../../src/rsa/geometry/mds.ts';
import { smacof } from '../../../src/rsa/geometry/smacof.ts';
import { largestDifference, normals, uniforms } from '../helpers.ts';

const metric = { ties: null, tolerance: 1e-12, steps: 2000 } as const;
const order = { ties: 'primary', tolerance: 1e-9, steps: 5000 } as const;

test('points of a plane are found again: their distances exactly, the rest of the spectrum zero', async () => {
  const n = 40;
  const distances = rdmCpu(normals(n * 2, 3), n, 2, 'euclidean') as Float64Array;
  const found = await classicalMds(distances, n, 2);
  expect(largestDifference(pointDistances(found), distances)).toBeLessThan(1e-12);
  const { shares, negative } = eigenvalueShares(found.eigenvalues, 2);
  expect(shares[0]! + shares[1]!).toBeCloseTo(1, 12);
  expect(negative).toBeLessThan(1e-13);
  for (let k = 0; k < 2; k++) {
    const axis = Array.from({ length: n }, (_, i) => found.coordinates[i * 2 + k]!);
    expect(Math.max(...axis)).toBe(Math.max(...axis.map(Math.abs)));
    expect(axis.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 11);
  }
});

test('words on a line leave the second axis at zero', async () => {
  const found = await classicalMds(Float64Array.of(1, 2, 3, 1, 2, 1), 4, 2);
  expect([0, 1, 2, 3].map((i) => Math.abs(found.coordinates[2 * i + 1]!))).toEqual([0, 0, 0, 0]);
  expect(found.coordinates[0]! - found.coordinates[6]!).toBeCloseTo(3, 12);
});

test('majorisation only ever lowers the stress, below that of classical MDS', async () => {
  const n = 30;
  const distances = rdmCpu(normals(n * 6, 5), n, 6, 'euclidean') as Float64Array;
  const start = await classicalMds(distances, n, 2);
  let before = Infinity;
  for (const steps of [0, 1, 2, 5, 20, 200]) {
    const { stress1, raw } = await smacof(distances, start, { ...metric, tolerance: 0, steps });
    expect(stress1).toBeLessThan(before);
    expect(Math.sqrt(raw / distances.reduce((sum, value) => sum + value * value, 0))).toBeCloseTo(stress1, 12);
    before = stress1;
  }
  expect((await smacof(distances, start, metric)).converged).toBe(true);
});

test('non-metric scaling knows the order only: any monotone transformation gives the same map, and points of a plane no stress', async () => {
  const n = 25;
  const distances = rdmCpu(uniforms(n * 2, 8), n, 2, 'euclidean') as Float64Array;
  const start = await classicalMds(distances, n, 2);
  const bent = distances.map((value) => Math.exp(3 * value) - 1);
  const [plain, other] = [await smacof(distances, start, order), await smacof(bent, start, order)];
  expect(largestDifference(plain.coordinates, other.coordinates)).toBeLessThan(1e-12);
  expect(plain.stress1).toBeLessThan(1e-10);
  const far = await smacof(bent, await classicalMds(bent, n, 2), order);
  expect(far.stress1).toBeLessThan(0.01);
});

test('disparities rise with the dissimilarities and are the nearest that do', () => {
  // Solved by hand: 3 and 1 pool to 2, then 5 and 4 to 4.5.
  expect([...isotonic(Float64Array.of(3, 1, 2, 5, 4, 6))]).toEqual([2, 2, 2, 4.5, 4.5, 6]);
  expect([...isotonic(Float64Array.of(4, 1), Float64Array.of(1, 2))]).toEqual([2, 2]);
  const values = normals(200, 6);
  const fitted = isotonic(values);
  expect([...fitted]).toEqual([...fitted].sort((a, b) => a - b));
  // Least squares under the order: the residual is orthogonal to the fit, and every head of the list has residuals of at least 0 in sum.
  let [inner, head] = [0, 0];
  fitted.forEach((value, k) => {
    inner += (values[k]! - value) * value;
    head += values[k]! - value;
    expect(head).toBeGreaterThan(-1e-12);
  });
  expect(inner).toBeCloseTo(0, 10);
});

test('equal dissimilarities: the primary treatment leaves their distances free, the secondary makes them one', () => {
  const dissimilarities = Float64Array.of(2, 1, 2, 3);
  const distances = Float64Array.of(5, 1, 3, 6);
  expect([...new Disparities(dissimilarities, 'primary').of(distances)]).toEqual([5, 1, 3, 6]);
  expect([...new Disparities(dissimilarities, 'secondary').of(distances)]).toEqual([4, 1, 4, 6]);
});

test('words without any distance between them give a map without stress', async () => {
  const start = await classicalMds(new Float64Array(6), 4, 2);
  expect((await smacof(new Float64Array(6), start, metric)).stress1).toBe(0);
  expect((await smacof(new Float64Array(6), start, order)).stress1).toBe(0);
});

test('a long map is cancelled between two steps', async () => {
  const n = 300;
  const distances = rdmCpu(normals(n * 9, 5), n, 9, 'euclidean') as Float64Array;
  const controller = new AbortController();
  const running = smacof(distances, await classicalMds(distances, n, 2), { ...metric, tolerance: 0, steps: 1e6 }, { signal: controller.signal });
  setTimeout(() => controller.abort(), 50);
  await expect(running).rejects.toThrow(/abort/);
});

/** Distances in WebAssembly against the twin: the same float64 differences, added in another order. */
import { describe, expect, test } from 'vitest';
import { openCompute, type Compute } from '../../src/gpu/compute.ts';
import { computeRdms } from '../../src/gpu/rdm.ts';
import { rdmFitsWasm } from '../../src/gpu/wasm/rdm.ts';
import { bothBackends, normals, worstRelative } from './compute.ts';

const backends = bothBackends();
const open = (): Promise<Compute> => openCompute({ backend: 'wasm' });
const metrics = ['cosine', 'correlation', 'euclidean', 'sqeuclidean'] as const;
/** Half a unit in the last place of float32: both round the same number, or neighbours of it. */
const rounding = 1.2e-7;

describe.each(metrics)('%s', (metric) => {
  test.each([[1, 3], [2, 1], [3, 2], [5, 4], [31, 7], [32, 8], [33, 5], [65, 48], [130, 33]])('%i words of %i numbers: the twin to a unit in the last place', async (n, d) => {
    const layers = [1, 2].map((seed) => normals(seed)(n * d));
    const wasm = await computeRdms(await open(), layers, { n, d }, metric);
    const twin = await computeRdms(backends.cpu, layers, { n, d }, metric);
    expect(wasm.backend).toBe(n === 1 ? 'cpu' : 'wasm');
    layers.forEach((_, layer) => expect(worstRelative(wasm.distances[layer]!, twin.distances[layer]!)).toBeLessThanOrEqual(rounding));
    expect([wasm.refinedPairs, wasm.undefinedPairs]).toEqual([twin.refinedPairs, twin.undefinedPairs]);
  });

  test('zero, constant, infinite and NaN rows, equal rows, large and small values', async () => {
    const [n, d] = [40, 6];
    const data = normals(3)(n * d);
    data.fill(0, 0, d);
    data.fill(2, d, 2 * d);
    data[2 * d] = Infinity;
    data[3 * d + 5] = NaN;
    data.copyWithin(5 * d, 4 * d, 5 * d);
    for (let k = 0; k < d; k++) {
      data[6 * d + k]! *= 1e15;
      data[7 * d + k]! *= 1e-15;
    }
    const wasm = await computeRdms(await open(), [data], { n, d }, metric);
    const twin = await computeRdms(backends.cpu, [data], { n, d }, metric);
    expect(worstRelative(wasm.distances[0]!, twin.distances[0]!, 1e-15)).toBeLessThanOrEqual(rounding);
    expect(wasm.undefinedPairs).toEqual(twin.undefinedPairs);
    // Rows 4 and 5 are equal.
    expect(wasm.distances[0]![4 * n - 10 + 0]).toBe(0);
  });

  test('near-duplicates keep their digits', async () => {
    const [n, d] = [12, 64];
    const first = normals(5)(d);
    const noise = normals(6)(n * d);
    const data = Float32Array.from({ length: n * d }, (_, at) => first[at % d]! + 1e-4 * noise[at]!);
    const wasm = await computeRdms(await open(), [data], { n, d }, metric);
    const twin = await computeRdms(backends.cpu, [data], { n, d }, metric);
    expect(worstRelative(wasm.distances[0]!, twin.distances[0]!)).toBeLessThanOrEqual(rounding);
  });
});

test('a smaller layer after a larger one meets none of its numbers', async () => {
  const compute = await open();
  await computeRdms(compute, [normals(1)(100 * 20).fill(1e9)], { n: 100, d: 20 }, 'euclidean');
  const data = normals(2)(9 * 3);
  const { distances } = await computeRdms(compute, [data], { n: 9, d: 3 }, 'euclidean');
  expect(worstRelative(distances[0]!, (await computeRdms(backends.cpu, [data], { n: 9, d: 3 }, 'euclidean')).distances[0]!)).toBeLessThanOrEqual(rounding);
});

test('metrics without squares, and rows without room, are the twin’s', async () => {
  const compute = await open();
  expect((await computeRdms(compute, [normals(1)(30)], { n: 10, d: 3 }, 'manhattan')).backend).toBe('cpu');
  expect([rdmFitsWasm(20_000, 1024), rdmFitsWasm(40_000, 8192)]).toEqual([true, false]);
});

test('cancel stops in the middle, and progress reaches the end', async () => {
  const [n, d] = [1200, 256];
  const data = normals(1)(n * d);
  const controller = new AbortController();
  const compute = await open();
  await expect(computeRdms(compute, [data, data, data], { n, d }, 'cosine', { signal: controller.signal, progress: () => controller.abort() })).rejects.toMatchObject({ name: 'AbortError' });
  const seen: number[] = [];
  await computeRdms(compute, [data, data], { n, d }, 'cosine', { progress: ({ done, total }) => seen.push(done / total) });
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
  expect(seen.at(-1)).toBe(1);
});

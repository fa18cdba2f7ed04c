import { describe, expect, test } from 'vitest';
import { isDirect, type GramMetric, type KernelMetric } from '../../src/gpu/metric.ts';
import type { Compute } from '../../src/gpu/compute.ts';
import { openCompute } from '../../src/gpu/compute.ts';
import { rdmCpu } from '../../src/gpu/cpu/rdm.ts';
import { computeRdms } from '../../src/gpu/rdm.ts';
import { bothBackends, normals, worstRelative } from './compute.ts';

const gram: readonly GramMetric[] = ['cosine', 'correlation', 'euclidean', 'sqeuclidean'];
const metrics: readonly KernelMetric[] = [...gram, 'manhattan', 'chebyshev', 'minkowski3'];
const pairsOf = (n: number): number => (n * (n - 1)) / 2;
/** The float32 bound that computeRdms states. */
const bound = 2e-5;
const backends = bothBackends();

describe('definitions', () => {
  // Rows (3, 4), (4, 3), (-3, -4): by hand.
  const rows = new Float64Array([3, 4, 4, 3, -3, -4]);
  test.each([
    ['cosine', [1 - 24 / 25, 2, 1 + 24 / 25]],
    ['euclidean', [Math.SQRT2, 10, Math.sqrt(98)]],
    ['sqeuclidean', [2, 100, 98]],
    ['correlation', [2, 2, 0]],
    ['manhattan', [2, 14, 14]],
    ['chebyshev', [1, 8, 7]],
    ['minkowski3', [Math.cbrt(2), Math.cbrt(6 ** 3 + 8 ** 3), Math.cbrt(2 * 7 ** 3)]],
  ] as const)('%s of three rows', (metric, expected) => {
    const actual = rdmCpu(rows, 3, 2, metric);
    expect(actual).toBeInstanceOf(Float64Array);
    expect(worstRelative(actual, expected, 1)).toBeLessThan(1e-15);
  });
});

describe('kernel and twin agree', () => {
  for (const metric of metrics) {
    test(`${metric}, sizes that do not fill tiles`, async () => {
      for (const n of [1, 2, 3, 63, 64, 65, 130]) {
        for (const d of [1, 3, 5, 17, 128]) {
          const draw = normals(n * 1000 + d);
          const layers = [draw(n * d), draw(n * d)];
          const { distances, undefinedPairs, backend } = await computeRdms(backends.webgpu, layers, { n, d }, metric);
          expect(backend).toBe(n === 1 ? 'cpu' : 'webgpu');
          layers.forEach((layer, index) => {
            const twin = rdmCpu(Float64Array.from(layer), n, d, metric);
            // One or two columns have angles of 0 and 180 degrees only (or none): zero up to rounding.
            const floor = d < 3 || (d === 3 && metric === 'correlation') ? 1e-2 : 0;
            expect(worstRelative(distances[index]!, twin, floor)).toBeLessThan(bound);
            expect(undefinedPairs[index]).toBe(twin.filter((value) => Number.isNaN(value)).length);
          });
        }
      }
    });
  }

  test('a large common mean costs no digits', async () => {
    const [n, d] = [100, 64];
    const draw = normals(3);
    const mean = draw(d);
    const layer = draw(n * d).map((value, at) => value + 100 * mean[at % d]!);
    for (const metric of metrics) {
      const twin = rdmCpu(Float64Array.from(layer), n, d, metric);
      const { distances, refinedPairs } = await computeRdms(backends.webgpu, [layer], { n, d }, metric);
      expect(worstRelative(distances[0]!, twin)).toBeLessThan(bound);
      expect(refinedPairs).toEqual([isDirect(metric) ? pairsOf(n) : 0]);
    }
  });

  test.each([1e18, 1e-18, 1e30, 1e-30])('values around %f stay in range', async (scale) => {
    const [n, d] = [70, 33];
    const layer = normals(5)(n * d).map((value) => value * scale);
    for (const metric of metrics) {
      const twin = Float32Array.from(rdmCpu(Float64Array.from(layer), n, d, metric));
      const { distances } = await computeRdms(backends.webgpu, [layer], { n, d }, metric);
      // Squares of 1e30 and of 1e-30 are outside float32 whoever computes them.
      expect(worstRelative(distances[0]!, twin, 1e-37)).toBeLessThan(bound);
    }
  });

  test('rows of very different size keep their angles', async () => {
    const [n, d] = [40, 20];
    const layer = normals(6)(n * d).map((value, at) => value * 10 ** ((Math.floor(at / d) % 13) * 4 - 24));
    for (const metric of ['cosine', 'correlation'] as const) {
      const twin = rdmCpu(Float64Array.from(layer), n, d, metric);
      const { distances } = await computeRdms(backends.webgpu, [layer], { n, d }, metric);
      expect(worstRelative(distances[0]!, twin)).toBeLessThan(bound);
    }
  });
});

test('whole numbers give Manhattan and Chebyshev distances without any error, and ties stay ties', async () => {
  const [n, d] = [67, 11];
  const layer = normals(12)(n * d).map((value) => Math.round(2 * value));
  for (const metric of ['manhattan', 'chebyshev'] as const) {
    for (const compute of [backends.webgpu, backends.cpu]) {
      const { distances } = await computeRdms(compute, [layer], { n, d }, metric);
      expect(distances[0]).toEqual(rdmCpu(layer, n, d, metric));
    }
  }
});

describe('rows without distances', () => {
  test('zero, constant, NaN and infinite rows give NaN, are counted, and leave the others alone', async () => {
    const [n, d] = [70, 6];
    const layer = normals(7)(n * d);
    layer.fill(0, 0, d);
    layer.fill(0.1, 5 * d, 6 * d);
    layer[65 * d + 2] = NaN;
    layer[66 * d] = Infinity;
    for (const metric of metrics) {
      const lost = metric === 'cosine' ? 3 : metric === 'correlation' ? 4 : 2;
      const missing = (n * (n - 1)) / 2 - ((n - lost) * (n - lost - 1)) / 2;
      for (const compute of [backends.webgpu, backends.cpu]) {
        const { distances, undefinedPairs } = await computeRdms(compute, [layer], { n, d }, metric);
        expect(undefinedPairs).toEqual([missing]);
        expect(distances[0]!.filter((value) => Number.isNaN(value)).length).toBe(missing);
        expect(worstRelative(distances[0]!, rdmCpu(layer, n, d, metric))).toBeLessThan(bound);
      }
    }
  });

  test('all rows undefined gives all NaN', async () => {
    const { distances } = await computeRdms(backends.webgpu, [new Float32Array(12)], { n: 4, d: 3 }, 'cosine');
    expect([...distances[0]!].every((value) => Number.isNaN(value))).toBe(true);
  });
});

describe('near-duplicates', () => {
  /** n unrelated rows, each followed by a copy that moved by `separation` of its length in a random direction. */
  function doubled(n: number, d: number, separation: number, stretch = 1): Float32Array<ArrayBuffer> {
    const draw = normals(8);
    const layer = new Float32Array(2 * n * d);
    for (let i = 0; i < n; i++) {
      const row = draw(d);
      const step = draw(d);
      layer.set(row, 2 * i * d);
      layer.set(row.map((value, k) => stretch * (value + separation * step[k]!)), (2 * i + 1) * d);
    }
    return layer;
  }

  test.each([0.1, 1e-2, 1e-3, 1e-4, 1e-5])('at separation %f they keep a relative error of 5e-6, and are counted', async (separation) => {
    const [n, d] = [40, 96];
    const layer = doubled(n, d, separation);
    for (const metric of metrics) {
      const twin = rdmCpu(Float64Array.from(layer), 2 * n, d, metric);
      const { distances, refinedPairs } = await computeRdms(backends.webgpu, [layer], { n: 2 * n, d }, metric);
      expect(worstRelative(distances[0]!, twin)).toBeLessThan(5e-6);
      // Steps of 0.1 are on both sides of the threshold (a hundredth of the spread, squared: 0.14).
      const [fewest, most] = isDirect(metric) ? [pairsOf(2 * n), pairsOf(2 * n)] : [separation < 0.1 ? n : 1, n];
      expect(refinedPairs[0]).toBeLessThanOrEqual(most);
      expect(refinedPairs[0]).toBeGreaterThanOrEqual(fewest);
    }
  });

  test('a stretched near-duplicate keeps its angle to the precision that float32 rows allow', async () => {
    const [n, d] = [40, 96];
    for (const [separation, allowed] of [[1e-2, 5e-6], [1e-3, 5e-5]] as const) {
      const layer = doubled(n, d, separation, 3);
      for (const metric of ['cosine', 'correlation'] as const) {
        const twin = rdmCpu(Float64Array.from(layer), 2 * n, d, metric);
        const { distances } = await computeRdms(backends.webgpu, [layer], { n: 2 * n, d }, metric);
        expect(worstRelative(distances[0]!, twin)).toBeLessThan(allowed);
      }
    }
  });

  test('exact duplicates are at distance 0', async () => {
    const layer = doubled(33, 50, 0);
    for (const metric of metrics) {
      for (const compute of [backends.webgpu, backends.cpu]) {
        const { distances } = await computeRdms(compute, [layer], { n: 66, d: 50 }, metric);
        expect(distances[0]!.filter((value) => value === 0).length).toBe(33);
      }
    }
  });

  test('where most pairs are near-duplicates the direct kernel takes the layer, beside ordinary ones', async () => {
    // One far outlier: all the others are close to each other, measured by their distance from the mean row.
    const [n, d] = [90, 24];
    const draw = normals(9);
    const base = draw(d);
    const crowded = draw(n * d).map((value, at) => base[at % d]! + 1e-3 * value);
    crowded.set(base.map((value, k) => (k % 2 === 0 ? -30 : 20) * value), 0);
    const ordinary = draw(n * d);
    for (const metric of metrics) {
      const { distances, refinedPairs } = await computeRdms(backends.webgpu, [ordinary, crowded], { n, d }, metric);
      expect(refinedPairs).toEqual([isDirect(metric) ? pairsOf(n) : 0, pairsOf(n)]);
      expect(worstRelative(distances[0]!, rdmCpu(Float64Array.from(ordinary), n, d, metric))).toBeLessThan(bound);
      expect(worstRelative(distances[1]!, rdmCpu(Float64Array.from(crowded), n, d, metric))).toBeLessThan(bound);
    }
  });
});

test('thirteen layers come back in order, with progress up to the end', async () => {
  const [n, d] = [150, 40];
  const draw = normals(10);
  const layers = Array.from({ length: 13 }, () => draw(n * d));
  const seen: number[] = [];
  const { distances } = await computeRdms(backends.webgpu, layers, { n, d }, 'cosine', {
    progress: ({ done, total }) => seen.push(done / total),
  });
  layers.forEach((layer, index) => {
    expect(worstRelative(distances[index]!, rdmCpu(layer, n, d, 'cosine'))).toBeLessThan(bound);
  });
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
  expect(seen.at(-1)).toBe(1);
});

test('the variant for real GPUs, which stages panels in workgroup memory, gives the same bits', async () => {
  const { gpu, description } = backends.webgpu;
  const staged: Compute = {
    gpu, description, backendFor: () => 'webgpu', measure: () => Promise.resolve(), variantOf: () => 'staged', dispose: () => undefined,
  };
  for (const [n, d] of [[2, 1], [65, 17], [130, 128]] as const) {
    const layers = [normals(n)(n * d), normals(d)(n * d)];
    for (const metric of gram) {
      const { distances } = await computeRdms(staged, layers, { n, d }, metric);
      expect(distances).toEqual((await computeRdms(backends.webgpu, layers, { n, d }, metric)).distances);
    }
  }
});

test('layers that do not fit the device together go in batches; one that does not fit alone goes to the CPU', async () => {
  const compute = await openCompute({ backend: 'webgpu' });
  const { device } = compute.gpu!;
  // Room for two layers of 100 x 20 (two tiles of 64 rows, 24 columns).
  const limits = { maxBufferSize: 2 ** 20, maxStorageBufferBindingSize: 50_000, maxComputeWorkgroupsPerDimension: 65_535 };
  Object.defineProperty(device, 'limits', { value: limits });
  const [n, d] = [100, 20];
  const layers = Array.from({ length: 5 }, (_, layer) => normals(layer)(n * d));
  const seen: number[] = [];
  const { distances, refinedPairs } = await computeRdms(compute, layers, { n, d }, 'cosine', { progress: ({ done, total }) => seen.push(done / total) });
  layers.forEach((layer, index) => expect(worstRelative(distances[index]!, rdmCpu(layer, n, d, 'cosine'))).toBeLessThan(bound));
  expect(refinedPairs.length).toBe(5);
  expect(seen.length).toBeGreaterThanOrEqual(3);
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
  expect(seen.at(-1)).toBe(1);
  const large = normals(9)(200 * 100);
  const alone = await computeRdms(compute, [large], { n: 200, d: 100 }, 'euclidean');
  expect(alone.backend).toBe('wasm');
  expect(alone.distances[0]).toEqual(rdmCpu(large, 200, 100, 'euclidean'));
  compute.dispose();
});

test('a layer of the wrong length is refused', async () => {
  await expect(computeRdms(backends.cpu, [new Float32Array(7)], { n: 2, d: 3 }, 'cosine')).rejects.toThrow('7 values');
});

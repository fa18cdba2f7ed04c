/** The RDMs of scipy and rsatoolbox: the twin to float64, the kernel to float32. */
import { expect } from 'vitest';
import type { GramMetric } from '../../src/gpu/metric.ts';
import { rdmCpu } from '../../src/gpu/cpu/rdm.ts';
import { computeRdms } from '../../src/gpu/rdm.ts';
import { sharedJson, testWithShared } from '../shared.ts';
import { bothBackends, worstRelative } from './compute.ts';

interface Reference {
  readonly n: number;
  readonly d: number;
  readonly rdms: Readonly<Record<string, readonly (number | null)[]>>;
  readonly f32_error_guidance: { readonly direct_difference_f32: { readonly max_abs_err_over_max: number } };
}

const metrics: readonly GramMetric[] = ['cosine', 'correlation', 'euclidean', 'sqeuclidean'];
const backends = bothBackends();

async function matrix(name: string): Promise<Float64Array> {
  const { matrices } = await sharedJson<{ matrices: Record<string, { data: number[][] }> }>('reference/activations.json');
  return Float64Array.from(matrices[name]!.data.flat());
}

const asNumbers = (values: readonly (number | null)[]) => values.map((value) => value ?? NaN);

for (const name of ['A', 'B', 'C']) {
  testWithShared(`matrix ${name}: scipy's four metrics`, async () => {
    const { n, d, rdms } = await sharedJson<Reference>(`reference/rdm_${name}.json`);
    const data = await matrix(name);
    for (const metric of metrics) {
      const expected = asNumbers(rdms[`scipy_${metric}`]!);
      const twin = rdmCpu(data, n, d, metric);
      // scipy's angular metrics subtract from 1 and so keep 1e-16 absolutely; their duplicates are not quite 0.
      expect(worstRelative(twin, expected, 1e-3)).toBeLessThan(2e-12);
      // The kernel gets the matrix rounded to float32: against the twin of the same numbers it keeps its own bound,
      // against scipy the error that the reference states for float32 (times 4: largest over a few formulations).
      const single = Float32Array.from(data);
      const { distances } = await computeRdms(backends.webgpu, [single], { n, d }, metric);
      expect(worstRelative(distances[0]!, rdmCpu(Float64Array.from(single), n, d, metric))).toBeLessThan(2e-5);
      const largest = Math.max(...expected);
      const overLargest = Math.max(...expected.map((value, pair) => Math.abs(value - distances[0]![pair]!))) / largest;
      expect(overLargest).toBeLessThan(1e-6);
    }
  });

  testWithShared(`matrix ${name}: rsatoolbox, whose Euclidean distance is squared and divided by the columns`, async () => {
    const { n, d, rdms } = await sharedJson<Reference>(`reference/rdm_${name}.json`);
    const data = await matrix(name);
    const perColumn = rdmCpu(data, n, d, 'sqeuclidean').map((value) => value / d);
    expect(worstRelative(perColumn, asNumbers(rdms['rsatoolbox_euclidean']!), 1e-3)).toBeLessThan(2e-10);
    expect(worstRelative(rdmCpu(data, n, d, 'correlation'), asNumbers(rdms['rsatoolbox_correlation']!), 1e-3)).toBeLessThan(2e-12);
  });
}

testWithShared('degenerate rows: undefined where scipy is, duplicates at 0, no cancellation beside a row at 1e6', async () => {
  const reference = await sharedJson<{ X: number[][]; scipy_correlation: (number | null)[]; scipy_cosine: (number | null)[]; scipy_sqeuclidean: number[] }>('reference/rdm_degenerate.json');
  const data = Float64Array.from(reference.X.flat());
  const [n, d] = [6, 4];
  for (const metric of ['correlation', 'cosine', 'sqeuclidean'] as const) {
    const expected = asNumbers(reference[`scipy_${metric}`]);
    expect(worstRelative(rdmCpu(data, n, d, metric), expected, 1)).toBeLessThan(1e-15 * 4);
    const { distances, undefinedPairs } = await computeRdms(backends.webgpu, [Float32Array.from(data)], { n, d }, metric);
    expect(worstRelative(distances[0]!, expected, 1e-3)).toBeLessThan(2e-5);
    expect(undefinedPairs[0]).toBe(expected.filter((value) => Number.isNaN(value)).length);
  }
});

/** Dissimilarities against scipy and rsatoolbox, and clustering against scipy (../shared/reference). */
import { expect } from 'vitest';
import { rdmCpu } from '../../src/gpu/cpu/rdm.ts';
import { openCompute } from '../../src/gpu/compute.ts';
import type { KernelMetric } from '../../src/gpu/metric.ts';
import { computeRdms } from '../../src/gpu/rdm.ts';
import type { Metric, Standardise } from '../../src/data/values.ts';
import { averageLinkage, leafOrder } from '../../src/rsa/geometry/cluster.ts';
import { cholesky, inverseCholesky } from '../../src/rsa/numbers/linear.ts';
import { noiseFactor, whitenRows } from '../../src/rsa/distances/noise.ts';
import { prepareLayer, ratingsRdm, rdmsOf, undefinedRows } from '../../src/rsa/distances/rdm.ts';
import { plainTreatment } from '../../src/rsa/distances/treatment.ts';
import { condense, largestDifference } from '../rsa/helpers.ts';
import { sharedJson, testWithShared } from '../shared.ts';
import { agree } from './agree.ts';

type Square = readonly (readonly number[])[];
interface Matrix { readonly n: number; readonly d: number; readonly data: Square }
interface Reference { readonly rdms: Readonly<Record<string, readonly number[]>>; readonly precision: Square }

interface Case {
  /** Key in the reference. */
  readonly theirs: string;
  readonly metric: Metric;
  readonly columns?: Standardise;
  readonly perChannel?: boolean;
  readonly removeMean?: boolean;
}

const cases: readonly Case[] = [
  { theirs: 'scipy_cosine', metric: 'cosine' },
  { theirs: 'scipy_correlation', metric: 'correlation' },
  { theirs: 'rsatoolbox_correlation', metric: 'correlation' },
  { theirs: 'spearman_1_minus_rho', metric: 'spearman' },
  { theirs: 'scipy_euclidean', metric: 'euclidean' },
  { theirs: 'scipy_sqeuclidean', metric: 'sqeuclidean' },
  { theirs: 'rsatoolbox_euclidean', metric: 'sqeuclidean', perChannel: true },
  { theirs: 'rsatoolbox_euclidean_remove_mean', metric: 'sqeuclidean', perChannel: true, removeMean: true },
  { theirs: 'scipy_cityblock', metric: 'manhattan' },
  { theirs: 'scipy_chebyshev', metric: 'chebyshev' },
  { theirs: 'minkowski3', metric: 'minkowski3' },
  { theirs: 'cosine_after_column_centering', metric: 'cosine', columns: 'centre' },
  { theirs: 'correlation_after_column_centering', metric: 'correlation', columns: 'centre' },
  { theirs: 'sqeuclidean_after_column_zscore_ddof0', metric: 'sqeuclidean', columns: 'zscore' },
];

const read = async (): Promise<[string, Matrix, Reference][]> => {
  const { matrices } = await sharedJson<{ matrices: Readonly<Record<string, Matrix>> }>('reference/activations.json');
  return Promise.all(['A', 'B', 'C'].map(async (name): Promise<[string, Matrix, Reference]> => [`rdm_${name}.json`, matrices[name]!, await sharedJson(`reference/rdm_${name}.json`)]));
};
const noCompute = (): never => { throw new Error('float64 rows stay on the CPU'); };

testWithShared('dissimilarities of float64 rows are those of scipy and rsatoolbox, whatever is done to rows and columns first', async () => {
  for (const [file, { n, d, data }, { rdms }] of await read()) {
    for (const { theirs, metric, columns = 'none', perChannel = false, removeMean = false } of cases) {
      const rows = prepareLayer(Float64Array.from(data.flat()), n, d, columns);
      const [found] = await rdmsOf(noCompute, [rows], { ...plainTreatment(metric, columns, columns), perChannel, removeMean }, {});
      await agree(file, `${metric}: ${theirs}`, found!, rdms[theirs]!, { within: 1e-9 });
    }
  }
});

testWithShared('Mahalanobis distances by a given precision are scipy’s, and rsatoolbox’s are their squares per channel', async () => {
  for (const [file, { n, d, data }, { rdms, precision }] of await read()) {
    const factored = cholesky(Float64Array.from(precision.flat()), d);
    if (!('factor' in factored)) throw new Error('the reference’s precision has no inverse');
    const factor = noiseFactor(inverseCholesky(factored.factor, d), d, 'full', '');
    const rows = prepareLayer(await whitenRows(factor, Float64Array.from(data.flat()), n, d), n, d, 'none');
    const found = await ratingsRdm(rows, 'euclidean', {});
    await agree(file, 'mahalanobis: scipy_mahalanobis', found, rdms['scipy_mahalanobis']!, { within: 1e-9 });
    await agree(file, 'mahalanobis: rsatoolbox_mahalanobis, squared per channel', found.map((value) => value ** 2 / d), rdms['rsatoolbox_mahalanobis']!, { within: 1e-9 });
  }
});

/** Largest distance as the unit: float32 rows are good to some 1e-7 of it. */
const ofLargest = (distances: ArrayLike<number>, unit: number): number[] => Array.from(distances, (value) => value / unit);

testWithShared('the float32 kernel keeps near float64, as the reference says float32 can', async () => {
  const compute = await openCompute({ backend: 'webgpu' });
  const names = { cosine: 'scipy_cosine', correlation: 'scipy_correlation', euclidean: 'scipy_euclidean', sqeuclidean: 'scipy_sqeuclidean', manhattan: 'scipy_cityblock', chebyshev: 'scipy_chebyshev', minkowski3: 'minkowski3' } as const satisfies Record<KernelMetric, string>;
  for (const [file, { n, d, data }, { rdms }] of await read()) {
    const single = Float32Array.from(data.flat());
    for (const [metric, theirs] of Object.entries(names) as [KernelMetric, string][]) {
      const expected = rdms[theirs]!;
      const unit = Math.max(...expected);
      const { distances } = await computeRdms(compute, [single], { n, d }, metric);
      const because = 'float32 rows and kernel; of the largest distance';
      await agree(file, `${metric}: float32 kernel`, ofLargest(distances[0]!, unit), ofLargest(expected, unit), { within: 1e-6, because });
      await agree(file, `${metric}: float32 rows, twin`, ofLargest(rdmCpu(single, n, d, metric), unit), ofLargest(expected, unit), { within: 1e-6, because });
      expect(distances[0]!.every((value) => value >= 0), 'no distance is negative').toBe(true);
    }
  }
  compute.dispose();
});

testWithShared('rows without a distance are the ones scipy gives NaN for, and a common shift cancels no digits', async () => {
  const degenerate = await sharedJson<{ X: Square } & Readonly<Record<string, readonly (number | null)[]>>>('reference/rdm_degenerate.json');
  const [n, d] = [degenerate.X.length, degenerate.X[0]!.length];
  const rows = prepareLayer(Float64Array.from(degenerate.X.flat()), n, d, 'none');
  // Where peers differ we follow scipy: rsatoolbox calls the distance of a row to its copy exactly 0, scipy 2e-16, and
  // rsatoolbox's Gram matrix may round where scipy and we take differences.
  for (const [theirs, metric] of [['scipy_cosine', 'cosine'], ['scipy_correlation', 'correlation'], ['rsatoolbox_correlation', 'correlation'], ['scipy_sqeuclidean', 'sqeuclidean']] as const) {
    await agree('rdm_degenerate.json', `${metric}: ${theirs}`, await ratingsRdm(rows, metric, {}), degenerate[theirs]!, { within: 1e-9 });
  }
  const perChannel = (await ratingsRdm(rows, 'sqeuclidean', {})).map((value) => value / d);
  await agree('rdm_degenerate.json', 'sqeuclidean: rsatoolbox_euclidean', perChannel, degenerate['rsatoolbox_euclidean']!, { within: 1e-9 });
  for (const metric of ['cosine', 'correlation', 'spearman'] as const) {
    expect([...undefinedRows(rows, metric)].map(Boolean)).toEqual(degenerate.X.map((row) => row.every((value) => value === (metric === 'cosine' ? 0 : row[0]))));
  }
});

interface ClusterCase { readonly D: readonly (readonly number[])[]; readonly linkage: { readonly average: readonly (readonly [number, number, number, number])[] }; readonly leaf_order_average: readonly number[] }

testWithShared('average linkage and the order of its leaves are scipy’s', async () => {
  const { cases } = await sharedJson<{ cases: readonly ClusterCase[] }>('reference/mds_cluster.json');
  for (const { D, linkage, leaf_order_average: order } of cases) {
    const merges = await averageLinkage(condense(D), D.length);
    expect(merges.map(({ a, b }) => [a, b])).toEqual(linkage.average.map(([a, b]) => [a, b]));
    expect(largestDifference(merges.map(({ height }) => height), linkage.average.map(([, , height]) => height))).toBeLessThan(1e-6);
    expect([...leafOrder(merges, D.length)]).toEqual(order);
  }
});

/** RDMs against scipy and rsatoolbox, and clustering against scipy (../shared/reference). */
import { expect } from 'vitest';
import { rdmCpu } from '../../src/gpu/cpu/rdm.ts';
import type { Standardise } from '../../src/data/values.ts';
import type { GramMetric } from '../../src/gpu/metric.ts';
import { averageLinkage, leafOrder } from '../../src/rsa/cluster.ts';
import { prepareLayer, ratingsRdm, undefinedRows } from '../../src/rsa/rdm.ts';
import { condense, largestDifference } from '../rsa/helpers.ts';
import { sharedJson, testWithShared } from '../shared.ts';

interface Matrix { readonly n: number; readonly d: number; readonly data: readonly (readonly number[])[] }

const treatments: readonly (readonly [name: string, metric: GramMetric, how: Standardise])[] = [
  ['scipy_cosine', 'cosine', 'none'],
  ['scipy_correlation', 'correlation', 'none'],
  ['rsatoolbox_correlation', 'correlation', 'none'],
  ['scipy_euclidean', 'euclidean', 'none'],
  ['scipy_sqeuclidean', 'sqeuclidean', 'none'],
  ['cosine_after_column_centering', 'cosine', 'centre'],
  ['correlation_after_column_centering', 'correlation', 'centre'],
  ['sqeuclidean_after_column_zscore_ddof0', 'sqeuclidean', 'zscore'],
];

testWithShared('RDMs of float64 rows are scipy’s to 1e-9, whatever is done to the columns first', async () => {
  const { matrices } = await sharedJson<{ matrices: Readonly<Record<string, Matrix>> }>('reference/activations.json');
  for (const [name, { n, d, data }] of Object.entries(matrices)) {
    const { rdms } = await sharedJson<{ rdms: Readonly<Record<string, readonly number[]>> }>(`reference/rdm_${name}.json`);
    for (const [reference, metric, how] of treatments) {
      const found = await ratingsRdm(prepareLayer(Float64Array.from(data.flat()), n, d, how), metric, {});
      expect(largestDifference(found, rdms[reference]!), `${name} ${reference}`).toBeLessThan(1e-9);
    }
    // rsatoolbox's Euclidean distance is squared and divided by the number of columns.
    const squared = rdmCpu(Float64Array.from(data.flat()), n, d, 'sqeuclidean').map((value) => value / d);
    expect(largestDifference(squared, rdms['rsatoolbox_euclidean']!)).toBeLessThan(1e-9);
  }
});

testWithShared('rows without a distance are the ones scipy gives NaN for', async () => {
  const degenerate = await sharedJson<{ X: readonly (readonly number[])[]; scipy_cosine: readonly (number | null)[]; rsatoolbox_correlation: readonly (number | null)[] }>('reference/rdm_degenerate.json');
  const [n, d] = [degenerate.X.length, degenerate.X[0]!.length];
  const rows = prepareLayer(Float64Array.from(degenerate.X.flat()), n, d, 'none');
  for (const [metric, expected] of [['cosine', degenerate.scipy_cosine], ['correlation', degenerate.rsatoolbox_correlation]] as const) {
    const found = await ratingsRdm(rows, metric, {});
    expect([...found].map(Number.isNaN)).toEqual(expected.map((value) => value === null));
    const defined = expected.flatMap((value, k) => (value === null ? [] : [Math.abs(found[k]! - value)]));
    expect(Math.max(...defined)).toBeLessThan(1e-9);
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

/**
 * Distances of words with empty ratings: each over the dimensions that both words have (pairwise deletion). Sums of
 * differences are scaled up by d / d_common, as scikit-learn's nan_euclidean_distances does; Chebyshev's largest
 * difference and the angular metrics are taken as they come. Pairs of complete words keep the distance they have anyway.
 */
import type { Watch } from '../../base/progress.ts';
import { pairIndex } from '../../gpu/condensed.ts';
import { Breather, pause } from '../../gpu/pause.ts';
import type { KernelMetric } from '../../gpu/metric.ts';
import { pearson } from '../comparators/correlate.ts';
import { doubledRanks } from '../comparators/ranks.ts';

/** What pairwise deletion computes. */
export type PairwiseMetric = KernelMetric | 'spearman';

interface Matrix {
  readonly n: number;
  readonly d: number;
  readonly data: Float32Array | Float64Array;
}

export function hasGaps(data: Float32Array | Float64Array): boolean {
  return data.some((value) => Number.isNaN(value));
}

/** 1 for each row with an empty cell. */
function gappyRows({ n, d, data }: Matrix): Uint8Array {
  return Uint8Array.from({ length: n }, (_, i) => (hasGaps(data.subarray(i * d, (i + 1) * d)) ? 1 : 0));
}

/**
 * The distance of rows i and j over the columns that both have.
 *
 * @returns NaN with fewer than two common columns (angular metrics), with none, or where it does not exist for what is common
 */
function pairwiseDistance({ d, data }: Matrix, i: number, j: number, metric: PairwiseMetric, x: Float64Array, y: Float64Array): number {
  let common = 0;
  for (let k = 0; k < d; k++) {
    const [a, b] = [data[i * d + k]!, data[j * d + k]!];
    if (Number.isNaN(a) || Number.isNaN(b)) continue;
    x[common] = a;
    y[common++] = b;
  }
  if (common === 0) return NaN;
  let [sum, largest, cubes] = [0, 0, 0];
  let squares = 0;
  for (let k = 0; k < common; k++) {
    const e = Math.abs(x[k]! - y[k]!);
    sum += e;
    squares += e * e;
    cubes += e * e * e;
    if (e > largest) largest = e;
  }
  const scale = d / common;
  switch (metric) {
    case 'euclidean':
      return Math.sqrt(squares * scale);
    case 'sqeuclidean':
      return squares * scale;
    case 'manhattan':
      return sum * scale;
    case 'chebyshev':
      return largest;
    case 'minkowski3':
      return Math.cbrt(cubes * scale);
    case 'cosine':
      return common < 2 ? NaN : 1 - cosineOf(x.subarray(0, common), y.subarray(0, common));
    case 'correlation':
      return common < 2 ? NaN : 1 - pearson(x.subarray(0, common), y.subarray(0, common));
    case 'spearman':
      return common < 2 ? NaN : 1 - pearson(doubledRanks(x.subarray(0, common)), doubledRanks(y.subarray(0, common)));
    default:
      return metric satisfies never;
  }
}

function cosineOf(x: Float64Array, y: Float64Array): number {
  let [xx, yy, xy] = [0, 0, 0];
  for (let k = 0; k < x.length; k++) {
    xx += x[k]! ** 2;
    yy += y[k]! ** 2;
    xy += x[k]! * y[k]!;
  }
  return Math.max(-1, Math.min(1, xy / (Math.sqrt(xx) * Math.sqrt(yy))));
}

/** Fills in the distances of every pair with an empty cell, in place; those of complete rows stay. */
export async function fillPairwise(out: Float64Array, rows: Matrix, metric: PairwiseMetric, watch: Watch = {}): Promise<void> {
  const { n, d } = rows;
  const gappy = gappyRows(rows);
  const [x, y] = [new Float64Array(d), new Float64Array(d)];
  const breather = new Breather();
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      if (gappy[i]! + gappy[j]! > 0) out[pairIndex(n, i, j)] = pairwiseDistance(rows, i, j, metric, x, y);
    }
    if (!breather.due()) continue;
    watch.progress?.({ label: 'distances', done: i + 1, total: n });
    await pause();
    watch.signal?.throwIfAborted();
  }
}

/**
 * The words to leave out so that every pair has a distance: one by one the word with most pairs that have none (of equals
 * the first).
 *
 * @param undefinedRows 1 for rows that have no distance to any other; those without an empty cell are left out anyway
 * @returns 1 for each word to leave out
 */
export function withoutDistance(rows: Matrix, metric: PairwiseMetric, undefinedRows: Uint8Array): Uint8Array {
  const { n, d } = rows;
  const gappy = gappyRows(rows);
  const out = undefinedRows.map((flag, i) => flag * (1 - gappy[i]!));
  const [x, y] = [new Float64Array(d), new Float64Array(d)];
  const partners: Set<number>[] = Array.from({ length: n }, () => new Set());
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      if (!(gappy[i] || gappy[j]) || out[i] || out[j] || !Number.isNaN(pairwiseDistance(rows, i, j, metric, x, y))) continue;
      partners[i]!.add(j);
      partners[j]!.add(i);
    }
  }
  for (;;) {
    let worst = 0;
    for (let i = 1; i < n; i++) if (partners[i]!.size > partners[worst]!.size) worst = i;
    if (n === 0 || partners[worst]!.size === 0) return out;
    out[worst] = 1;
    for (const other of partners[worst]!) partners[other]!.delete(worst);
    partners[worst]!.clear();
  }
}

export interface PairwiseCount {
  /** Pairs with a distance over fewer than all columns. */
  readonly pairs: number;
  /** Fewest columns that any pair has in common. */
  readonly fewest: number;
}

/** How many pairs are taken over some columns only, and over how few at least. */
export function countPairwise({ n, d, data }: Matrix): PairwiseCount {
  const gappy = gappyRows({ n, d, data });
  let [pairs, fewest] = [0, d];
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      if (!(gappy[i] || gappy[j])) continue;
      let common = 0;
      for (let k = 0; k < d; k++) if (!Number.isNaN(data[i * d + k]! + data[j * d + k]!)) common++;
      pairs++;
      fewest = Math.min(fewest, common);
    }
  }
  return { pairs, fewest };
}

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

/** Fewest columns that two rows must have in common: two numbers always correlate 1 or -1. */
const fewestCommon: Readonly<Record<PairwiseMetric, number>> = {
  cosine: 2, correlation: 3, spearman: 3, euclidean: 1, sqeuclidean: 1, manhattan: 1, chebyshev: 1, minkowski3: 1,
};

/** What rows i and j have in the columns that both have, into x and y; how many those are. */
function takeCommon({ d, data }: Matrix, i: number, j: number, x: Float64Array, y: Float64Array): number {
  let common = 0;
  for (let k = 0; k < d; k++) {
    const [a, b] = [data[i * d + k]!, data[j * d + k]!];
    if (Number.isNaN(a) || Number.isNaN(b)) continue;
    x[common] = a;
    y[common++] = b;
  }
  return common;
}

/** Whether two lists have no distance: too short, not finite, all zero (cosine) or constant (correlation, spearman). */
function lacksDistance(x: Float64Array, y: Float64Array, common: number, metric: PairwiseMetric): boolean {
  if (common < fewestCommon[metric]) return true;
  let [zeroX, zeroY, stillX, stillY] = [true, true, true, true];
  for (let k = 0; k < common; k++) {
    if (!Number.isFinite(x[k]!) || !Number.isFinite(y[k]!)) return true;
    if (x[k] !== 0) zeroX = false;
    if (y[k] !== 0) zeroY = false;
    if (x[k] !== x[0]) stillX = false;
    if (y[k] !== y[0]) stillY = false;
  }
  switch (metric) {
    case 'cosine':
      return zeroX || zeroY;
    case 'correlation':
    case 'spearman':
      return stillX || stillY;
    default:
      return false;
  }
}

/**
 * The distance of rows i and j over the columns that both have.
 *
 * @returns NaN where there is none: with fewer than 3 common columns under correlation and spearman, 2 under cosine, 1 under
 *   others, or where what is common has no direction
 */
function pairwiseDistance(rows: Matrix, i: number, j: number, metric: PairwiseMetric, x: Float64Array, y: Float64Array): number {
  const common = takeCommon(rows, i, j, x, y);
  if (lacksDistance(x, y, common, metric)) return NaN;
  let [sum, largest, cubes] = [0, 0, 0];
  let squares = 0;
  for (let k = 0; k < common; k++) {
    const e = Math.abs(x[k]! - y[k]!);
    sum += e;
    squares += e * e;
    cubes += e * e * e;
    if (e > largest) largest = e;
  }
  const scale = rows.d / common;
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
      return 1 - cosineOf(x.subarray(0, common), y.subarray(0, common));
    case 'correlation':
      return 1 - pearson(x.subarray(0, common), y.subarray(0, common));
    case 'spearman':
      return 1 - pearson(doubledRanks(x.subarray(0, common)), doubledRanks(y.subarray(0, common)));
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
export async function withoutDistance(rows: Matrix, metric: PairwiseMetric, undefinedRows: Uint8Array, watch: Watch = {}): Promise<Uint8Array> {
  const { n, d } = rows;
  const gappy = gappyRows(rows);
  const out = undefinedRows.map((flag, i) => flag * (1 - gappy[i]!));
  const [x, y] = [new Float64Array(d), new Float64Array(d)];
  const lacks = (i: number, j: number): boolean => (gappy[i] === 1 || gappy[j] === 1) && lacksDistance(x, y, takeCommon(rows, i, j, x, y), metric);
  const lacking = new Uint32Array(n);
  await everyRow(n, watch, (i) => {
    for (let j = i + 1; j < n; j++) {
      if (out[i] || out[j] || !lacks(i, j)) continue;
      lacking[i]!++;
      lacking[j]!++;
    }
  });
  const breather = new Breather();
  for (;;) {
    let worst = 0;
    for (let i = 1; i < n; i++) if (lacking[i]! > lacking[worst]!) worst = i;
    if (n === 0 || lacking[worst] === 0) return out;
    out[worst] = 1;
    lacking[worst] = 0;
    for (let j = 0; j < n; j++) if (lacking[j]! > 0 && lacks(worst, j)) lacking[j]!--;
    if (!breather.due()) continue;
    await pause();
    watch.signal?.throwIfAborted();
  }
}

export interface PairwiseCount {
  /** Pairs with a distance over fewer than all columns. */
  readonly pairs: number;
  /** Fewest columns that any pair has in common. */
  readonly fewest: number;
}

/** How many pairs are taken over some columns only, and over how few at least. */
export async function countPairwise(rows: Matrix, watch: Watch = {}): Promise<PairwiseCount> {
  const { n, d, data } = rows;
  const gappy = gappyRows(rows);
  let [pairs, fewest] = [0, d];
  await everyRow(n, watch, (i) => {
    for (let j = i + 1; j < n; j++) {
      if (!(gappy[i] || gappy[j])) continue;
      let common = 0;
      for (let k = 0; k < d; k++) if (!Number.isNaN(data[i * d + k]! + data[j * d + k]!)) common++;
      pairs++;
      fewest = Math.min(fewest, common);
    }
  });
  return { pairs, fewest };
}

/** Looks at one row after the other, heeding a cancel between them. */
async function everyRow(n: number, watch: Watch, look: (i: number) => void): Promise<void> {
  const breather = new Breather();
  for (let i = 0; i < n; i++) {
    look(i);
    if (!breather.due()) continue;
    watch.progress?.({ label: 'pairs with empty cells', done: i + 1, total: n });
    await pause();
    watch.signal?.throwIfAborted();
  }
}

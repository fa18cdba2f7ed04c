/**
 * The twin of shaders/rdm.wgsl and of shaders/rdm_direct.wgsl: distances between rows in float64, by difference and
 * never by Gram matrix, so that near-duplicates keep their digits.
 */
import { isDirect, type DirectMetric, type KernelMetric } from '../metric.ts';
import { pairCount } from '../condensed.ts';

/** Rows ready for {@link distancesOfRow}. */
export interface PreparedRows {
  readonly n: number;
  readonly d: number;
  readonly metric: KernelMetric;
  /** n x d, float64: unit rows for cosine, centred unit rows for correlation, the data itself otherwise. */
  readonly rows: Float64Array;
  /** 1 for rows that have no distance to any other: NaN or infinite, zero under cosine, constant under correlation. */
  readonly undefinedRows: Uint8Array;
  /** Length of each row, for correlation after centring; 0 for the metrics that do not ask. */
  readonly lengths: Float64Array;
  /** Mean of each row for correlation, else 0. */
  readonly means: Float64Array;
}

/** Subtracts the row's mean in place and returns it; a constant row becomes exactly zero. */
function centreRow(row: Float64Array): number {
  const first = row[0]!;
  if (row.every((value) => value === first)) {
    row.fill(0);
    return first;
  }
  let sum = 0;
  for (const value of row) sum += value;
  const mean = sum / row.length;
  for (let k = 0; k < row.length; k++) row[k]! -= mean;
  return mean;
}

/** Scales the row to length 1 in place; returns its length before, 0 for a zero row, which stays as it is. */
function normaliseRow(row: Float64Array): number {
  let largest = 0;
  for (const value of row) largest = Math.max(largest, Math.abs(value));
  if (largest === 0) return 0;
  // Dividing by the largest first keeps the squares of 1e200 and of 1e-200 in range.
  let sum = 0;
  for (let k = 0; k < row.length; k++) {
    const value = row[k]! / largest;
    row[k] = value;
    sum += value * value;
  }
  const norm = Math.sqrt(sum);
  for (let k = 0; k < row.length; k++) row[k]! /= norm;
  return norm * largest;
}

/** Centres and normalises what the metric asks for, in float64, and finds the rows without distances. */
export function prepareRows(data: Float32Array | Float64Array, n: number, d: number, metric: KernelMetric): PreparedRows {
  const rows = Float64Array.from(data.subarray(0, n * d));
  const undefinedRows = new Uint8Array(n);
  const lengths = new Float64Array(n);
  const means = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const row = rows.subarray(i * d, (i + 1) * d);
    let defined = row.every((value) => Number.isFinite(value));
    if (defined && (metric === 'cosine' || metric === 'correlation')) {
      if (metric === 'correlation') means[i] = centreRow(row);
      lengths[i] = normaliseRow(row);
      defined = lengths[i]! > 0;
    }
    if (defined) continue;
    row.fill(0);
    undefinedRows[i] = 1;
  }
  return { n, d, metric, rows, undefinedRows, lengths, means };
}

/** How many of the n(n-1)/2 pairs touch an undefined row. */
export function countUndefinedPairs(undefinedRows: Uint8Array): number {
  let defined = 0;
  for (const flag of undefinedRows) defined += 1 - flag;
  return pairCount(undefinedRows.length) - pairCount(defined);
}

/** The distance of rows i and j from their squared difference; not for metrics without one. */
export function distanceOf({ metric, undefinedRows }: PreparedRows, squared: number, i: number, j: number): number {
  if (undefinedRows[i]! + undefinedRows[j]! > 0) return NaN;
  // For unit rows |a - b|^2 = 2 - 2 a.b, so half of it is 1 - cos, without the cancellation.
  if (metric === 'euclidean') return Math.sqrt(squared);
  return metric === 'sqeuclidean' ? squared : squared / 2;
}

/** Writes the distances of row i to rows i+1..n-1, starting at its place in the condensed `out`. */
export function distancesOfRow(prepared: PreparedRows, i: number, out: Float32Array | Float64Array): void {
  const { n, d, metric, rows, undefinedRows } = prepared;
  const finish = (squared: number, j: number): number => distanceOf(prepared, squared, i, j);
  if (isDirect(metric)) {
    const at = i * n - (i * (i + 1)) / 2;
    for (let j = i + 1; j < n; j++) out[at + j - i - 1] = undefinedRows[i]! + undefinedRows[j]! > 0 ? NaN : directDistance(rows, i * d, j * d, d, metric);
    return;
  }
  const a = i * d;
  let at = i * n - (i * (i + 1)) / 2;
  let j = i + 1;
  // Four columns at a time: four independent sums hide the latency of the addition.
  for (; j + 3 < n; j += 4) {
    const b0 = j * d;
    const b1 = b0 + d;
    const b2 = b1 + d;
    const b3 = b2 + d;
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    for (let k = 0; k < d; k++) {
      const x = rows[a + k]!;
      const e0 = x - rows[b0 + k]!;
      const e1 = x - rows[b1 + k]!;
      const e2 = x - rows[b2 + k]!;
      const e3 = x - rows[b3 + k]!;
      s0 += e0 * e0;
      s1 += e1 * e1;
      s2 += e2 * e2;
      s3 += e3 * e3;
    }
    out[at++] = finish(s0, j);
    out[at++] = finish(s1, j + 1);
    out[at++] = finish(s2, j + 2);
    out[at++] = finish(s3, j + 3);
  }
  for (; j < n; j++) {
    const b = j * d;
    let s = 0;
    for (let k = 0; k < d; k++) {
      const e = rows[a + k]! - rows[b + k]!;
      s += e * e;
    }
    out[at++] = finish(s, j);
  }
}

function directDistance(rows: Float64Array, a: number, b: number, d: number, metric: DirectMetric): number {
  let value = 0;
  switch (metric) {
    case 'manhattan':
      for (let k = 0; k < d; k++) value += Math.abs(rows[a + k]! - rows[b + k]!);
      return value;
    case 'chebyshev':
      for (let k = 0; k < d; k++) {
        const e = Math.abs(rows[a + k]! - rows[b + k]!);
        if (e > value) value = e;
      }
      return value;
    case 'minkowski3':
      for (let k = 0; k < d; k++) {
        const e = Math.abs(rows[a + k]! - rows[b + k]!);
        value += e * e * e;
      }
      return value > 1e-280 && value < Infinity ? Math.cbrt(value) : scaledMinkowski3(rows, a, b, d);
    default:
      return metric satisfies never;
  }
}

/** The same where cubes leave float64: differences over the largest of them first. */
function scaledMinkowski3(rows: Float64Array, a: number, b: number, d: number): number {
  const largest = directDistance(rows, a, b, d, 'chebyshev');
  if (largest === 0) return 0;
  let sum = 0;
  for (let k = 0; k < d; k++) sum += (Math.abs(rows[a + k]! - rows[b + k]!) / largest) ** 3;
  return largest * Math.cbrt(sum);
}

/**
 * Distances between the rows of an n x d matrix, scipy's conventions: cosine = 1 - cos, correlation = 1 - Pearson's r
 * of the rows, euclidean not squared, manhattan = sum, chebyshev = largest, minkowski3 = cube root of the sum of cubes of
 * the absolute differences; nothing divided by d.
 *
 * @param data row-major, n x d. Float64 in gives float64 out.
 * @returns condensed, n(n-1)/2; NaN where a row is not finite, is zero (cosine) or constant (correlation)
 */
export function rdmCpu(data: Float64Array, n: number, d: number, metric: KernelMetric): Float64Array<ArrayBuffer>;
export function rdmCpu(data: Float32Array, n: number, d: number, metric: KernelMetric): Float32Array<ArrayBuffer>;
export function rdmCpu(data: Float32Array | Float64Array, n: number, d: number, metric: KernelMetric): Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;
export function rdmCpu(data: Float32Array | Float64Array, n: number, d: number, metric: KernelMetric): Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer> {
  const out = data instanceof Float64Array ? new Float64Array(pairCount(n)) : new Float32Array(pairCount(n));
  const prepared = prepareRows(data, n, d, metric);
  for (let i = 0; i + 1 < n; i++) distancesOfRow(prepared, i, out);
  return out;
}

/** Columns over words: centred, or z-scored with the population SD as in the study (arXiv:2603.03313). */
import type { Standardise } from '../../data/values.ts';

/** A matrix whose columns were treated, and the columns that could not be scaled. */
export interface StandardisedColumns {
  /** n x d, row-major. */
  readonly data: Float64Array<ArrayBuffer>;
  /** Columns with the same value in every row: no SD to divide by, they become zeros. Empty unless z-scored. */
  readonly constant: readonly number[];
}

/**
 * Treats each column over the n rows. Missing values (NaN) stay missing and count neither in the mean nor in the SD.
 *
 * @param data n x d, row-major; not changed
 */
export function standardiseColumns(data: Float32Array | Float64Array, n: number, d: number, how: Standardise): StandardisedColumns {
  const scaling = columnScaling(Float64Array.from(data.subarray(0, n * d)), n, d, how);
  return { data: scaleColumns(data, n, d, scaling), constant: scaling.constant };
}

/** What is subtracted from each column, and what it is divided by then. */
export interface ColumnScaling {
  readonly shift: Float64Array;
  readonly divisor: Float64Array;
  readonly constant: readonly number[];
}

/** The scaling that {@link standardiseColumns} applies, for treating other measurements of the same words alike. */
export function columnScaling(data: Float64Array, n: number, d: number, how: Standardise): ColumnScaling {
  const [shift, divisor] = [new Float64Array(d), new Float64Array(d).fill(1)];
  const constant: number[] = [];
  if (how === 'none') return { shift, divisor, constant };
  for (let column = 0; column < d; column++) {
    const { mean, sd } = columnMoments(data, n, d, column);
    if (how === 'zscore' && sd === 0) constant.push(column);
    shift[column] = mean;
    // A constant column is all zeros once centred.
    if (how === 'zscore' && sd !== 0) divisor[column] = sd;
  }
  return { shift, divisor, constant };
}

/** Dividing, not multiplying by 1 / sd: to the last digit as numpy does. */
export function scaleColumns(data: Float32Array | Float64Array, n: number, d: number, { shift, divisor }: ColumnScaling): Float64Array<ArrayBuffer> {
  const out = Float64Array.from(data.subarray(0, n * d));
  for (let column = 0; column < d; column++) {
    for (let k = column; k < n * d; k += d) out[k] = (out[k]! - shift[column]!) / divisor[column]!;
  }
  return out;
}

/** Mean and population SD of one column over its values that are there; an SD of exactly 0 means a constant column. */
export function columnMoments(data: Float64Array, n: number, d: number, column: number): { mean: number; sd: number } {
  const values = new Float64Array(n);
  let count = 0;
  for (let k = column; k < n * d; k += d) if (!Number.isNaN(data[k]!)) values[count++] = data[k]!;
  // The mean of equal values can miss them by a rounding, so a constant column is told by its values.
  const first = values[0]!;
  if (count === 0 || values.subarray(0, count).every((value) => value === first)) return { mean: count ? first : NaN, sd: 0 };
  const mean = pairwiseSum(values, 0, count) / count;
  for (let k = 0; k < count; k++) values[k] = (values[k]! - mean) * (values[k]! - mean);
  return { mean, sd: Math.sqrt(pairwiseSum(values, 0, count) / count) };
}

/**
 * Sum by halves, in numpy's order (blocks of at most 128, eight running sums each): its rounding error grows with the
 * logarithm of the count, and means come out to the last digit as they do in Python.
 */
export function pairwiseSum(values: Float64Array, from: number, count: number): number {
  if (count > 128) {
    const half = Math.floor(count / 2) - (Math.floor(count / 2) % 8);
    return pairwiseSum(values, from, half) + pairwiseSum(values, from + half, count - half);
  }
  const end = from + count;
  let sum = 0;
  let k = from;
  if (count >= 8) {
    const sums = values.slice(from, from + 8);
    for (k = from + 8; k + 8 <= end; k += 8) for (let lane = 0; lane < 8; lane++) sums[lane]! += values[k + lane]!;
    const [a, b, c, d, e, f, g, h] = sums as unknown as [number, number, number, number, number, number, number, number];
    sum = ((a + b) + (c + d)) + ((e + f) + (g + h));
  }
  for (; k < end; k++) sum += values[k]!;
  return sum;
}

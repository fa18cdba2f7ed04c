/** Columns over words: centred, or z-scored with the population SD as in the study (arXiv:2603.03313). */
import type { Standardise } from '../data/values.ts';

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
  const out = Float64Array.from(data.subarray(0, n * d));
  const constant: number[] = [];
  if (how === 'none') return { data: out, constant };
  for (let column = 0; column < d; column++) {
    const { mean, sd } = columnMoments(out, n, d, column);
    if (how === 'zscore' && sd === 0) constant.push(column);
    const scale = how === 'centre' ? 1 : sd === 0 ? 0 : 1 / sd;
    for (let k = column; k < n * d; k += d) out[k] = (out[k]! - mean) * scale;
  }
  return { data: out, constant };
}

/** Mean and population SD of one column over its values that are there; an SD of exactly 0 means a constant column. */
export function columnMoments(data: Float64Array, n: number, d: number, column: number): { mean: number; sd: number } {
  let count = 0;
  let sum = 0;
  let low = Infinity;
  let high = -Infinity;
  for (let k = column; k < n * d; k += d) {
    const value = data[k]!;
    if (Number.isNaN(value)) continue;
    count++;
    sum += value;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  // The mean of equal values can miss them by a rounding, so a constant column is told by its range.
  if (count === 0 || low === high) return { mean: count ? low : NaN, sd: 0 };
  const mean = sum / count;
  let squares = 0;
  for (let k = column; k < n * d; k += d) {
    const difference = data[k]! - mean;
    if (!Number.isNaN(difference)) squares += difference * difference;
  }
  return { mean, sd: Math.sqrt(squares / count) };
}

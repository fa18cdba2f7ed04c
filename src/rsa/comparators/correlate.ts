/** Correlation of two lists of numbers: of ratings over words, or of RDMs over pairs of words. */
import { doubledRanks } from './ranks.ts';

/** Any list of numbers these functions read. */
export type Numbers = Float32Array | Float64Array | Uint32Array | Int32Array;

/** Mean in float64. */
export function mean(values: Numbers): number {
  let sum = 0;
  for (let k = 0; k < values.length; k++) sum += values[k]!;
  return sum / values.length;
}

/** Sum of products, in float64; y has at least as many values as x. */
export function dot(x: Numbers, y: Numbers): number {
  let sum = 0;
  for (let k = 0; k < x.length; k++) sum += x[k]! * y[k]!;
  return sum;
}

/** Deviations from the mean. */
export function deviations(values: Numbers): Float64Array<ArrayBuffer> {
  const centre = mean(values);
  // A loop: from() with a function takes twenty times as long, seconds for millions of pairs.
  const out = new Float64Array(values.length);
  for (let k = 0; k < out.length; k++) out[k] = values[k]! - centre;
  return out;
}

/** Variance with one less than the count below; NaN for fewer than two values. */
export function sampleVariance(values: Numbers): number {
  if (values.length < 2) return NaN;
  const centre = mean(values);
  let squares = 0;
  for (let k = 0; k < values.length; k++) squares += (values[k]! - centre) ** 2;
  return squares / (values.length - 1);
}

/**
 * x.y / (|x| |y|), nothing centred; or x'Wy / sqrt(x'Wx y'Wy) where Wx and Wy are given.
 *
 * @returns NaN where either has no length
 */
export function cosine(x: Numbers, y: Numbers, wx = x, wy = y): number {
  const norm = Math.sqrt(dot(x, wx) * dot(y, wy));
  return norm > 0 ? dot(x, wy) / norm : NaN;
}

/**
 * Pearson's r, in two passes in float64.
 *
 * @returns -1 to 1; NaN when either list is constant or they have fewer than two values
 */
export function pearson(x: Numbers, y: Numbers): number {
  if (x.length !== y.length) throw new RangeError(`lists of ${x.length} and ${y.length} values cannot be correlated`);
  const meanX = mean(x);
  const meanY = mean(y);
  let xx = 0;
  let yy = 0;
  let xy = 0;
  for (let k = 0; k < x.length; k++) {
    const a = x[k]! - meanX;
    const b = y[k]! - meanY;
    xx += a * a;
    yy += b * b;
    xy += a * b;
  }
  if (!(xx > 0 && yy > 0)) return NaN;
  return Math.max(-1, Math.min(1, xy / Math.sqrt(xx * yy)));
}

/** Spearman's rho: Pearson's r of the average ranks; ties as in ranks.ts. NaN as for {@link pearson}. */
export function spearman(x: Float32Array | Float64Array, y: Float32Array | Float64Array): number {
  return pearson(doubledRanks(x), doubledRanks(y));
}

/**
 * Mean 0 and population SD 1, rounded to float32: what permutations and resamples multiply. The mean of the products
 * of two of these is their Pearson correlation. A constant list becomes zeros.
 */
export function standardised(values: Numbers): Float32Array<ArrayBuffer> {
  const centre = mean(values);
  let squares = 0;
  for (let k = 0; k < values.length; k++) {
    const difference = values[k]! - centre;
    squares += difference * difference;
  }
  const scale = squares > 0 ? 1 / Math.sqrt(squares / values.length) : 0;
  const out = new Float32Array(values.length);
  for (let k = 0; k < values.length; k++) out[k] = (values[k]! - centre) * scale;
  return out;
}

/** Quantile by linear interpolation (numpy's default) of values in ascending order. */
export function quantile(sorted: Float64Array, share: number): number {
  if (!sorted.length) return NaN;
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (high - low) * (at - below);
}

/** The percentile interval of a level, for example 0.95; resamples without a value (NaN) are left out. Null if all are. */
export function percentileInterval(values: Float64Array, level: number): readonly [number, number] | null {
  const sorted = values.filter((value) => Number.isFinite(value)).sort();
  if (!sorted.length) return null;
  return [quantile(sorted, (1 - level) / 2), quantile(sorted, (1 + level) / 2)];
}

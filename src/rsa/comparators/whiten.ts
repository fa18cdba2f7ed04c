/**
 * The inverse covariance of distances, where all words are measured with the same independent noise (Diedrichsen et al.
 * 2021, "Comparing representational geometries using whitened unbiased-distance-matrix similarity"). Distances that share
 * a word covary; V = (C C') squared entry by entry, C the pairwise contrasts. V is never built: x' V^-1 y is, up to a
 * constant that cosines do not see, the inner product of the double-centred squares -1/2 J D J.
 */
import { type Numbers } from './correlate.ts';

/**
 * V^-1 y, up to a positive constant: the entries above the diagonal of J Y J, J = I - 1/n.
 *
 * @param y condensed, n(n-1)/2 values
 * @param n words, at least 3
 */
export function whiten(y: Numbers, n: number): Float64Array<ArrayBuffer> {
  return withoutMeans(y, n, n, n * n);
}

/**
 * Double centring that knows of no diagonal (Székely & Rizzo 2014, "Partial distance correlation with methods for
 * dissimilarities"): each word's own share of its distances is taken out, and every row sums to zero. The inner product of
 * two squared Euclidean RDMs treated so is, but for a constant, the unbiased HSIC of the linear kernels.
 *
 * @param y condensed, n(n-1)/2 values
 * @param n words, at least 3
 */
export function doubleCentred(y: Numbers, n: number): Float64Array<ArrayBuffer> {
  return withoutMeans(y, n, n - 2, (n - 1) * (n - 2));
}

/** y_ij minus the sums of rows i and j, divided by `rows`, plus the sum of all, divided by `all`. */
function withoutMeans(y: Numbers, n: number, rows: number, all: number): Float64Array<ArrayBuffer> {
  const sums = new Float64Array(n);
  for (let i = 0, pair = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++, pair++) {
      sums[i]! += y[pair]!;
      sums[j]! += y[pair]!;
    }
  }
  let total = 0;
  for (const sum of sums) total += sum;
  const grand = total / all;
  const out = new Float64Array(y.length);
  for (let i = 0, pair = 0; i < n; i++) for (let j = i + 1; j < n; j++, pair++) out[pair] = y[pair]! - sums[i]! / rows - sums[j]! / rows + grand;
  return out;
}
